"""The command, as a person types it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from forking import warm_start
from issuing import RESOURCE, running_issuer
from lightbox import __version__, cli
from lightbox.commands.serve import address as read_address
from lightbox.errors import BadInput, SettingsError
from lightbox.http.entries import token_hash
from lightbox.http.listening import listen

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import HTTPProcess, LetIn, MakeSettings
    from lightbox.settings import Settings

KEY = "sk-openai-of-a-test"
COMMANDS = {
    *("find", "similar", "make", "edit", "show", "describe", "list", "save", "transform", "tools", "call"),
    "gallery",
    *("serve", "demo", "sandbox", "token", "doctor", "spending", "config", "docs", "state"),
}


@dataclass(frozen=True)
class Done:
    """What a command said, and its exit code."""

    code: int
    out: str
    err: str


class Run:
    """Runs the command in a process of its own, with settings as its environment."""

    def __init__(self, settings: Settings, environment: Callable[[Settings], dict[str, str]]) -> None:
        self.settings = settings
        self._environment = environment(settings)

    def __call__(self, *arguments: str, **variables: str) -> Done:
        done = subprocess.run(
            [*warm_start(), *arguments],
            check=False,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=90,
            env=self._environment | variables,
            cwd=self.settings.state_dir.parent,
        )
        return Done(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def lightbox(settings: MakeSettings, environment: Callable[[Settings], dict[str, str]]) -> Run:
    return Run(settings(), environment)


def test_it_tells_its_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--version"]) == cli.main(["-V"]) == 0

    assert capsys.readouterr().out == f"lightbox {__version__}\n" * 2


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--help"]) == 0

    shown = capsys.readouterr().out
    named = set(re.findall(r"^│ ([a-z]+) ", shown, re.MULTILINE))
    assert named == COMMANDS


@pytest.mark.parametrize("arguments", [["paint"], ["--nonsense"], ["call"], ["sandbox", "--port", "many"]])
def test_wrong_usage_ends_with_2_and_says_how(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(arguments) == 2

    told = capsys.readouterr()
    assert told.err.startswith("lightbox: ")
    assert "usage: lightbox" in told.err
    assert told.out == ""


@pytest.mark.parametrize(
    ("typed", "meant"), [("fnd", "'find'"), ("trasform", "'transform'"), ("make --siez", "--size")]
)
def test_a_name_that_is_nearly_right_is_asked_back(typed: str, meant: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(typed.split()) == 2

    assert f"Did you mean {meant}?" in capsys.readouterr().err.splitlines()[0]


def test_a_foreseen_failure_ends_with_1_and_one_line(lightbox: Run) -> None:
    done = lightbox("doctor", LIGHTBOX_WAIT_SECOND="5")

    assert done.code == 1
    wrong = "LIGHTBOX_WAIT_SECOND is not a setting of Lightbox"
    assert done.err == f"lightbox: {wrong}. Did you mean LIGHTBOX_WAIT_SECONDS?\n"


@pytest.mark.parametrize("place", [0, 1, 2, 3])
def test_the_file_with_settings_may_be_named_anywhere(lightbox: Run, place: int) -> None:
    file = lightbox.settings.state_dir.parent / "mine.toml"
    file.write_text('budget = ["a lot"]')
    typed = ["spending", "all", "--format=json"]

    named = lightbox(*typed[:place], "--config", str(file), *typed[place:])
    joined = lightbox(*typed[:place], f"--config={file}", *typed[place:])

    assert (named.code, named.out) == (joined.code, joined.out) == (1, "")
    assert "a lot" in named.err
    assert named.err == joined.err


def test_a_server_over_stdio_finds_the_file_with_settings_too(lightbox: Run) -> None:
    missing = str(lightbox.settings.state_dir / "none.toml")

    for typed in (["--config", missing], ["serve", f"--config={missing}"]):
        done = lightbox(*typed)
        assert (done.code, done.out) == (1, "")
        assert f"settings file {missing} can't be read" in done.err


def test_a_server_over_stdio_needs_nothing_that_only_people_need(lightbox: Run) -> None:
    program = (
        "import sys; from lightbox import cli; cli._serve_over_stdio = lambda file: 0\n"
        "assert cli.main(['serve']) == 0\n"
        "print({'typer', 'rich', 'argparse', 'pydantic', 'mcp'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True, timeout=60)

    assert done.stdout == "set()\n", lightbox.settings


def test_a_wrong_setting_keeps_the_server_from_starting_and_stdout_stays_empty(lightbox: Run) -> None:
    for arguments in ((), ("serve",), ("serve", "--http", "127.0.0.1:0")):
        done = lightbox(*arguments, LIGHTBOX_BUDGET="a lot")
        assert done.code == 1
        assert done.out == ""
        assert "LIGHTBOX_BUDGET" in done.err
        assert "Traceback" not in done.err


@pytest.mark.slow
def test_a_call_prints_the_text_and_where_the_preview_is(lightbox: Run) -> None:
    done = lightbox("call", "generate_image", "prompt=a red fox", "size=256x256", "model=nobody-knows-it")

    assert done.code == 0, done.err
    assert done.out.startswith("Made 1 picture (openai, nobody-knows-it).")
    [preview] = [line.removeprefix("preview: ") for line in done.out.splitlines() if "lightbox-preview" in line]
    assert (lightbox.settings.state_dir / preview).is_file()
    assert "sent to openai" in done.err


@pytest.mark.slow
def test_values_of_a_call_may_be_json_and_errors_go_to_stderr(lightbox: Run) -> None:
    good = lightbox("call", "search_images", "query=a fox", "count=1", "check=false")
    bad = lightbox("call", "search_images", "query=a fox", "count=many")

    assert good.code == 0
    assert "[unchecked]" in good.out
    assert bad.code == 1
    assert bad.out == ""
    assert "count 'many'" in bad.err


def test_an_argument_without_a_value_and_a_tool_that_is_none_are_named(lightbox: Run) -> None:
    assert "'query': write key=value" in lightbox("call", "search_images", "query").err
    unknown = lightbox("call", "paint_image", "prompt=a")
    assert unknown.code == 1
    assert "paint_image" in unknown.err
    assert "generate_image" in unknown.err
    assert "Traceback" not in unknown.err


@pytest.mark.slow
def test_spending_shows_what_calls_did_cost(lightbox: Run) -> None:
    lightbox("call", "generate_image", "prompt=a fox", "size=1024x1024", "quality=low")
    table, form = lightbox("spending"), lightbox("spending", "all", "--json")
    comma = lightbox("spending", "today", "--csv")

    assert "generate_image" in table.out
    assert "total USD" in table.out
    assert json.loads(form.out)["rows"][0]["tool"] == "generate_image"
    assert comma.out.splitlines()[0].startswith("day,tool,provider,model")


def test_spending_without_any_says_so_and_a_wrong_period_is_named(lightbox: Run) -> None:
    assert lightbox("spending").out == "Nothing was spent in this period.\n"
    assert "period 'decade': it is one of hour, today" in lightbox("spending", "decade").err


@pytest.mark.slow
def test_the_doctor_finds_everything_well_and_bills_nothing(lightbox: Run, upstream: Any) -> None:
    done = lightbox("doctor")

    assert "the key works" in done.out
    assert str(lightbox.settings.image_dir) in done.out
    assert KEY not in done.out + done.err
    assert upstream.paid == 0


@pytest.mark.slow
def test_the_doctor_says_who_may_call_over_http_and_no_secret(lightbox: Run, let_in: LetIn) -> None:
    with running_issuer() as issuer:
        issuer.rotate("ec-1")
        known = {
            "LIGHTBOX_TOKENS": str(let_in("alice", "bob")),
            "LIGHTBOX_OAUTH_ISSUER": issuer.url,
            "LIGHTBOX_PUBLIC_URL": RESOURCE,
        }
        done = lightbox("doctor", **known)
        issuer.status = 500
        down = lightbox("doctor", **known)

    assert "ok   tokens: 2 callers in" in done.out
    assert f"ok   issuer: {issuer.url} can be reached; keys: 1" in done.out
    assert f"ok   public URL: {RESOURCE}" in done.out
    assert "FIX  callers: " in down.out
    assert "publishes no metadata" in down.out
    assert token_hash("alice")[:8] not in done.out


def test_the_doctor_names_a_wrong_key_and_a_folder_that_can_not_be_written(lightbox: Run) -> None:
    blocked = lightbox.settings.state_dir.parent / "a-file"
    blocked.touch()
    done = lightbox("doctor", OPENAI_API_KEY="wrong", LIGHTBOX_IMAGE_DIR=str(blocked / "pictures"))

    assert done.code == 1
    fixes = [line for line in done.out.splitlines() if line.startswith("FIX")]
    assert any("openai" in line for line in fixes)
    assert any("LIGHTBOX_IMAGE_DIR" in line for line in fixes)


def test_a_key_inside_an_address_is_not_shown_by_the_doctor(lightbox: Run) -> None:
    base = lightbox.settings.openai_base_url
    done = lightbox("doctor", OPENAI_BASE_URL=f"{base}?subscription-key=hidden-in-here")

    assert "hidden-in-here" not in done.out + done.err


def test_config_lists_the_clients_and_prints_what_to_paste(lightbox: Run) -> None:
    assert "claude-desktop" in lightbox("config").out
    printed = lightbox("config", "claude-desktop")
    assert "mcpServers" in printed.out
    assert lightbox("config", "nonsense").code == 1


@pytest.mark.slow
def test_serving_over_http_says_where_once_it_can_be_reached(settings: MakeSettings, http_process: HTTPProcess) -> None:
    with http_process(settings()) as url:
        assert httpx2.get(f"{url}/health", trust_env=False).json()["status"] == "ok"


def test_a_taken_port_is_named() -> None:
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SettingsError, match=f"can't listen on 127.0.0.1:{port} .*--http"):
            listen("127.0.0.1", port)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:9000", ("127.0.0.1", 9000)),
        ("localhost", ("localhost", 8000)),
        ("9000", ("127.0.0.1", 9000)),
        (":9000", ("127.0.0.1", 9000)),
        ("0.0.0.0:80", ("0.0.0.0", 80)),  # noqa: S104 - read, not bound
        ("[::1]:9000", ("::1", 9000)),
        ("[::1]", ("::1", 8000)),
        ("pictures.example.com:443", ("pictures.example.com", 443)),
    ],
)
def test_an_address_to_serve_at(text: str, address: tuple[str, int]) -> None:
    assert read_address(text) == address


@pytest.mark.parametrize("text", ["host:port", "host:99999", "http://host:80", "::1:9000", "a b", "[::1"])
def test_an_address_that_is_none_is_named(text: str) -> None:
    with pytest.raises(BadInput, match="write HOST:PORT"):
        read_address(text)


@pytest.mark.slow
def test_nothing_but_protocol_is_on_stdout(
    settings: MakeSettings, environment: Callable[[Settings], dict[str, str]]
) -> None:
    made = settings(log_level="DEBUG")
    hello = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "initialize",
        "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}},
    }
    done = subprocess.run(
        [sys.executable, "-m", "lightbox"],
        check=False,
        capture_output=True,
        text=True,
        input=json.dumps(hello) + "\n",
        timeout=60,
        env=environment(made),
    )

    assert done.returncode == 0
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == [1]
    assert "DEBUG" in done.stderr
