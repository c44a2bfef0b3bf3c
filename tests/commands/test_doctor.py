"""`lightbox doctor`, as a person or a script runs it."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from forking import warm_start
from lightbox.commands.key_checks import key_doubt, key_problem
from lightbox.commands.machine_checks import LEAST_FREE_BYTES, room
from lightbox.commands.variable_checks import variable_problem
from lightbox.providers.dashscope import DASHSCOPE_URL, region_doubt
from lightbox.providers.roster import configured
from lightbox.settings import load
from terminal import in_terminal

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import MakeSettings, Upstream

    from lightbox.settings import Settings

SECRET = "very-secret-part"  # noqa: S105 - what must not be shown


class Doctor:
    """Runs the command in a process, in a home and a project folder of the test's own."""

    def __init__(self, settings: Settings, environment: Callable[[Settings], dict[str, str]]) -> None:
        self.environment = environment(settings)
        self.home = Path(self.environment["HOME"])
        self.project = settings.state_dir.parent / "project"
        self.project.mkdir()

    def run(self, *options: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*warm_start(), "doctor", *options],
            check=False,
            capture_output=True,
            text=True,
            timeout=90,
            env=self.environment | variables,
            cwd=self.project,
        )

    def findings(self, **variables: str) -> dict[str, dict[str, str]]:
        done = self.run("--json", **variables)
        document = json.loads(done.stdout)
        assert document["ok"] is (done.returncode == 0)
        assert [count for count in Counter(row["what"] for row in document["findings"]).values() if count > 1] == []
        return {row["what"]: row for row in document["findings"]}

    def has(self, path: str, text: str) -> Path:
        """Put a file into the home folder."""
        file = self.home / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
        return file


@pytest.fixture
def doctor(settings: MakeSettings, environment: Callable[[Settings], dict[str, str]]) -> Doctor:
    return Doctor(settings(), environment)


def test_it_tells_versions_protocols_folders_and_the_room_in_them(doctor: Doctor) -> None:
    found = doctor.findings()
    assert all(name in found["versions"]["text"] for name in ("Lightbox", "Python 3.", "mcp 2.", "Pillow"))
    assert "2026-07-28 (without)" in found["protocol"]["text"]
    assert "free" in found["image folder"]["text"]
    assert found["clients"]["verdict"] == "note"
    assert {row["verdict"] for row in found.values()} <= {"ok", "note"}


def test_a_service_has_one_verdict_and_who_needs_it_is_not_called_well(doctor: Doctor) -> None:
    wrong = doctor.findings(LIGHTBOX_OPENAI_IMAGE_MODEL="no-such-model")
    assert wrong["openai"]["verdict"] == "fix"
    assert "the key works" in wrong["openai"]["text"]
    assert "no-such-model is not one of the models" in wrong["openai"]["text"]
    assert wrong["generate"] == {
        "what": "generate",
        "verdict": "note",
        "text": "by openai, once what is wrong with it is fixed",
    }
    assert wrong["search"]["verdict"] == "ok"


def test_behind_a_gateway_it_names_the_region_or_the_setting_that_it_lacks(doctor: Doctor) -> None:
    lacking = doctor.findings()["dashscope"]
    assert lacking["verdict"] == "note"
    assert "set DASHSCOPE_REGION to the region behind it (international, mainland, us, eu, jp)" in lacking["text"]
    told = doctor.findings(DASHSCOPE_REGION="beijing")["dashscope"]
    assert told["verdict"] == "ok"
    assert ", region mainland; " in told["text"]


def test_a_region_that_the_address_contradicts_is_said_not_to_be_used() -> None:
    settings = load(dashscope_api_key=SECRET, dashscope_region="mainland", dashscope_base_url=DASHSCOPE_URL)
    endpoint = configured(settings)["dashscope"]
    assert endpoint.region == "international"
    doubt = region_doubt(settings, endpoint)
    assert doubt == "DASHSCOPE_REGION=mainland is not used: the address is in international"


@pytest.mark.parametrize(
    ("key", "told"),
    [
        (f'"sk-{SECRET}"', "is in quotation marks"),
        (f"Bearer sk-{SECRET}", "begins with “Bearer”"),
        (f"sk-{SECRET} and-more", "has white space in it"),
    ],
)
def test_a_key_that_can_not_be_one_is_explained_and_not_shown(doctor: Doctor, key: str, told: str) -> None:
    done = doctor.run(OPENAI_API_KEY=key, OPENAI_BASE_URL="http://127.0.0.1:9/v1")
    assert done.returncode == 1
    assert told in done.stdout
    assert SECRET not in done.stdout + done.stderr


def test_a_refused_key_of_another_service_is_said_to_belong_in_its_own_setting(
    doctor: Doctor, upstream: Upstream
) -> None:
    httpx2.put(f"{upstream.origin}/sandbox/fault", json={"fault": "status=401"}, trust_env=False).raise_for_status()
    found = doctor.findings(OPENAI_API_KEY=f"sk-or-v1-{SECRET}")["openai"]
    assert found["verdict"] == "fix"
    assert "It begins with sk-or-, as keys of OpenRouter do: set it as OPENROUTER_API_KEY" in found["text"]
    assert SECRET not in found["text"]


def test_what_is_asked_before_a_call_can_be_read(doctor: Doctor) -> None:
    off = doctor.findings()["confirmation"]["text"]
    on = doctor.findings(LIGHTBOX_CONFIRM_ABOVE="0.50 USD")["confirmation"]["text"]
    assert off == "not set: nobody is asked before a call (LIGHTBOX_CONFIRM_ABOVE='0.50 USD' would ask)"
    assert on == (
        "you are asked before any call that may cost more than 0.5 USD; a client that can't ask is refused it"
    )


def test_it_says_how_each_client_starts_lightbox(doctor: Doctor) -> None:
    here = json.dumps(["-m", "lightbox", f"--token={SECRET}"])
    doctor.has(
        ".cursor/mcp.json", f'{{"mcpServers": {{"lightbox": {{"command": "{sys.executable}", "args": {here}}}}}}}'
    )
    doctor.has(
        ".codex/config.toml", f'[mcp_servers.eyes]\ncommand = "{sys.executable}"\nargs = {here}\nenabled = false\n'
    )
    url = "https://user:pass@pictures.example.com:8443/mcp?token=abc"
    doctor.has(".kiro/settings/mcp.json", f'{{"mcpServers": {{"lightbox": {{"url": "{url}"}}, "other": {{}}}}}}')
    found = doctor.findings()
    assert found["Cursor"]["text"].startswith(f"starts `{sys.executable} -m lightbox …`")
    assert "under the name 'eyes'; switched off there" in found["Codex"]["text"]
    assert SECRET not in json.dumps(found)
    assert found["Kiro"]["text"].startswith("connects to https://pictures.example.com:8443/mcp; ")
    assert {found[name]["verdict"] for name in ("Cursor", "Codex", "Kiro")} == {"ok"}


def test_what_keeps_a_client_from_starting_it_is_named_with_the_fix(doctor: Doctor) -> None:
    gone = {"command": "/gone/bin/python", "args": ["-m", "lightbox", f"--token={SECRET}"]}
    settings = {"OPENAI_API_KEY": f"'sk-{SECRET}'", "LIGHTBOX_WAIT_SECOND": "5", "LIGHTBOX_BUDGET": "much"}
    path = doctor.has(".cursor/mcp.json", json.dumps({"mcpServers": {"lightbox": gone | {"env": settings}}}))
    doctor.has(".gemini/settings.json", '{"mcpServers": {"lightbox": {"command": "no-such-program"}}}')
    doctor.has(".qwen/settings.json", '{"mcpServers": {"lightbox": ')
    doctor.has(".kimi/mcp.json", "not JSON, and no word of ours")
    found = doctor.findings()
    for part in (
        "It starts /gone/bin/python, which is not there any more: `lightbox config cursor --write` puts it right.",
        "OPENAI_API_KEY is in quotation marks",
        "LIGHTBOX_WAIT_SECOND is no setting of Lightbox. Did you mean LIGHTBOX_WAIT_SECONDS?",
        "The budget 'much' is not valid",
        str(path),
    ):
        assert part in found["Cursor"]["text"]
    assert "no-such-program, which is not found on this machine" in found["Gemini CLI"]["text"]
    assert "can't be read" in found["Qwen Code"]["text"]
    assert [found[name]["verdict"] for name in ("Cursor", "Gemini CLI", "Qwen Code", "Kimi CLI")] == [
        *["fix"] * 3,
        "note",
    ]
    assert SECRET not in json.dumps(found)


def test_a_key_in_a_file_that_a_team_shares_is_warned_of(doctor: Doctor) -> None:
    entry = {"command": sys.executable, "args": ["-m", "lightbox"], "env": {"OPENAI_API_KEY": f"sk-{SECRET}"}}
    (doctor.project / ".mcp.json").write_text(json.dumps({"mcpServers": {"lightbox": entry}}), "utf-8")
    entry["env"] = {"OPENAI_API_KEY": "${OPENAI_API_KEY:-}"}
    (doctor.project / "opencode.json").write_text(json.dumps({"mcp": {"servers": {"lightbox": entry}}}), "utf-8")
    found = doctor.findings()
    assert "stands in a file that a team shares" in found["Claude Code, this project"]["text"]
    assert "its path is of this machine alone" in found["opencode, this project"]["text"]
    assert SECRET not in json.dumps(found)


def test_what_config_writes_is_well(doctor: Doctor) -> None:
    for client in ("cursor", "codex", "goose", "opencode", "zed", "vscode"):
        command = [*warm_start(), "config", client, "--write"]
        subprocess.run(command, check=True, capture_output=True, env=doctor.environment, cwd=doctor.project)
    assert tomllib.loads((doctor.home / ".codex" / "config.toml").read_text("utf-8"))
    found = doctor.findings()
    assert [found[name]["verdict"] for name in ("Cursor", "Codex", "Goose", "opencode", "Zed", "VS Code")] == ["ok"] * 6


def test_in_a_pipe_each_finding_is_one_line_and_the_end_counts_them(doctor: Doctor) -> None:
    done = doctor.run(OPENAI_API_KEY="wrong")
    *lines, last = done.stdout.splitlines()
    assert all(line[:5] in ("ok   ", "FIX  ", "note ") for line in lines)
    assert last == "1 thing has to be fixed."


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals of this kind")
@pytest.mark.parametrize("columns", [80, 60])
def test_in_a_terminal_no_line_is_wider_than_it_but_for_paths(doctor: Doctor, columns: int) -> None:
    code, shown = in_terminal([*warm_start(), "doctor"], columns, doctor.environment, doctor.project)
    assert code == 0
    wide = [line for line in shown.splitlines() if len(line) > columns]
    assert [line for line in wide if len(line.split()) > 1] == []
    assert "\nok   protocol: MCP 2024-11-05 to" in shown
    assert "Nothing has to be fixed." in shown


@pytest.mark.parametrize(
    ("key", "host", "told"),
    [
        ("sk-or-v1-x", "api.openai.com", "a key of OpenRouter"),
        ("sk-ant-x", "api.openai.com", "a key of Anthropic"),
        ("AIzaX", "api.openai.com", "a key of Google"),
        ("abc", "api.openai.com", "does not begin with sk-"),
        ("sk-proj-x", "dashscope-intl.aliyuncs.com", "a key of OpenAI"),
        ("sk-proj-x", "api.openai.com", None),
        ("sk-x", "dashscope.aliyuncs.com", None),
        ("anything", "gateway.example.com", None),
        ("  sk-x \n", "api.openai.com", None),
    ],
)
def test_whose_key_it_is_can_be_seen_where_its_service_is_known(key: str, host: str, told: str | None) -> None:
    found = key_doubt("OPENAI_API_KEY", key, host)
    assert found is None if told is None else told in (found or "")


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("“sk-x”", "quotation marks"),
        ("sk-x'", "quotation marks"),
        ("OPENAI_API_KEY=sk-x", "a name and “=”"),
        ("your-api-key", "an example"),
        ("sk-xxxx", "an example"),
        ("<key>", "an example"),
        (" sk-real\n", None),
        ("sandbox", None),
    ],
)
def test_what_is_no_key_is_seen_by_its_look(key: str, told: str | None) -> None:
    found = key_problem("KEY", key)
    assert found is None if told is None else told in (found or "")


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("LIGHTBOX_WAIT_SECONDS", "40", None),
        ("LIGHTBOX_WAIT_SECONDS", "soon", "LIGHTBOX_WAIT_SECONDS 'soon'"),
        ("LIGHTBOX_PROVIDER", "openapi", "'dashscope', 'openai'"),
        ("LIGHTBOX_QUICK_START", "false", None),
        ("LIGHTBOX_BUDGET", "5 USD/day, 2 CNY/hour", None),
        ("LIGHTBOX_CONFIRM_ABOVE", "a lot", "'a lot' is not an amount"),
        ("LIGHTBOX_READ_DIRS", "/a:/b", None),
        ("LIGHTBOX_OPENAI_API_KEY", "sk-secret", None),
        ("LIGHTBOX_IMAGES", "x", "no setting of Lightbox"),
        ("LIGHTBOX_IMAGE_DIR", "", None),
        ("PATH", "/bin", None),
    ],
)
def test_a_variable_for_another_program_is_judged_as_ours_would_be(name: str, value: str, told: str | None) -> None:
    found = variable_problem(name, value)
    assert found is None if told is None else told in (found or "")


@pytest.mark.parametrize(
    ("free", "good", "told"), [(12_300_000_000, True, "12.3 GB"), (LEAST_FREE_BYTES - 1, False, "200 MB")]
)
def test_a_disk_that_is_almost_full_has_to_be_seen_to(free: int, told: str, *, good: bool) -> None:
    found: tuple[Any, str] = room(free, Path("/pictures"), "LIGHTBOX_IMAGE_DIR")
    assert found[0] is good
    assert told in found[1]
