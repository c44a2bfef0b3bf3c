"""Keys in files of their own and in the wrong place, who can read what is kept, and what callers elsewhere are told."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from mcp import MCPError
from pydantic import SecretStr

from lightbox.commands.doctor import examine
from lightbox.errors import SettingsError
from lightbox.settings import load
from lightbox.untrusted import KeyFilter, Redaction, without_shapes

if TYPE_CHECKING:
    from tests.conftest import Ask, Connect, MakeSettings, Mode, Transport

KEY = "sk-a-very-secret-key-0123456789"
INVALID_PARAMS = -32602
NAMES = ("DASHSCOPE_API_KEY", "OPENAI_API_KEY")
only_posix = pytest.mark.skipif(os.name != "posix", reason="rights are those of POSIX")


@pytest.fixture(autouse=True)
def no_file_of_the_person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "key"
    path.write_text(f"  {KEY}\r\n")
    return path


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("prefix", ["", "LIGHTBOX_"])
def test_a_key_is_read_from_the_file_that_a_variable_names(
    monkeypatch: pytest.MonkeyPatch, key_file: Path, name: str, prefix: str
) -> None:
    monkeypatch.setenv(f"{prefix}{name}_FILE", str(key_file))
    settings = load()
    assert getattr(settings, name.lower()) == SecretStr(KEY)
    assert settings.keys == (KEY,)


def test_a_key_is_read_from_the_file_that_the_settings_file_names(tmp_path: Path, key_file: Path) -> None:
    file = tmp_path / "lightbox.toml"
    file.write_text(f'openai_api_key_file = "{key_file}"\n')
    assert load(file).openai_api_key == SecretStr(KEY)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("what", "says"), [("missing", "not a file"), ("folder", "not a file"), ("empty", "is empty")])
def test_a_file_without_a_key_is_named_with_its_setting(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, what: str, says: str
) -> None:
    path = tmp_path / what
    if what == "folder":
        path.mkdir()
    elif what == "empty":
        path.write_text(" \n")
    monkeypatch.setenv(f"{name}_FILE", str(path))
    with pytest.raises(SettingsError, match=says) as caught:
        load()
    assert f"{name}_FILE" in str(caught.value)
    assert str(path) in str(caught.value)


@only_posix
def test_a_pipe_in_the_place_of_a_key_file_holds_nothing_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    monkeypatch.setenv("OPENAI_API_KEY_FILE", str(tmp_path / "pipe"))
    with pytest.raises(SettingsError, match="not a file"):
        load()


def test_a_key_that_is_given_twice_is_an_error(monkeypatch: pytest.MonkeyPatch, key_file: Path) -> None:
    monkeypatch.setenv("OPENAI_API_KEY_FILE", str(key_file))
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with pytest.raises(SettingsError, match="OPENAI_API_KEY_FILE and OPENAI_API_KEY are both set"):
        load()


@pytest.mark.parametrize(
    "name", ["BUDGET", "CONFIRM_ABOVE", "WAIT_SECONDS", "PROVIDER", "LOG_LEVEL", "KEEP_DAYS", "CACHE_BYTES"]
)
def test_a_key_in_the_wrong_place_is_not_repeated(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(f"LIGHTBOX_{name}", KEY)
    with pytest.raises(SettingsError) as caught:
        load()
    assert f"LIGHTBOX_{name}" in str(caught.value)
    assert "very-secret" not in str(caught.value)


def test_a_key_in_the_place_of_its_file_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY_FILE", KEY)
    with pytest.raises(SettingsError, match="OPENAI_API_KEY_FILE") as caught:
        load()
    assert "very-secret" not in str(caught.value)


@only_posix
async def test_the_state_folder_and_what_lies_in_it_are_its_owners_alone(
    connect: Connect, ask: Ask, settings: MakeSettings
) -> None:
    made = settings(provider="sandbox")
    async with connect(made, "http") as client:
        answer = await ask(client, "generate_image", prompt="a red fox", size="1024x640", quality="low")
        await ask(client, "search_images", query="boats", count=2)
    assert not answer.failed, answer.text
    assert stat.S_IMODE(made.state_dir.stat().st_mode) == 0o700
    assert stat.S_IMODE((made.state_dir / "lightbox.sqlite3").stat().st_mode) == 0o600  # the key of links is in it
    for name in ("partials", "pictures", "sandbox"):
        folder = made.state_dir / name
        assert not folder.exists() or stat.S_IMODE(folder.stat().st_mode) == 0o700, name


@only_posix
async def test_doctor_names_a_state_folder_that_others_can_look_into(settings: MakeSettings) -> None:
    made = settings(provider="sandbox")
    made.state_dir.mkdir(mode=0o755)
    made.state_dir.chmod(0o755)
    told = [str(finding) for finding in await examine(made)]
    assert any("FIX" in line and f"chmod -R go-rwx {made.state_dir}" in line for line in told)
    made.state_dir.chmod(0o700)
    assert not any("go-rwx" in str(finding) for finding in await examine(made))


@only_posix
@pytest.mark.parametrize(
    ("text", "mode", "warned"),
    [
        (f'openai_api_key = "{KEY}"\n', 0o644, True),
        (f'openai_api_key = "{KEY}"\n', 0o600, False),
        ("wait_seconds = 5\n", 0o644, False),
    ],
)
async def test_doctor_warns_of_a_settings_file_with_a_key_that_others_can_read(
    tmp_path: Path, settings: MakeSettings, text: str, mode: int, *, warned: bool
) -> None:
    file = tmp_path / "config" / "lightbox" / "lightbox.toml"
    file.parent.mkdir(parents=True)
    file.write_text(text)
    file.chmod(mode)
    told = [str(finding) for finding in await examine(settings(provider="sandbox"))]
    assert any("chmod 600" in line for line in told) is warned
    assert not any(KEY in line for line in told)


def test_paths_are_replaced_by_what_they_are_for_callers_elsewhere() -> None:
    state = Path("/srv/light box/state")
    redaction = Redaction(
        [KEY], {"state folder": state, "image folder": Path("/srv/pictures"), "home folder": Path("/")}
    )
    assert redaction.strike_out(f"The image folder /srv/pictures can't be written: {KEY}") == (
        "The image folder can't be written: [key]"
    )
    assert redaction.strike_out(f"kept in {state}.") == "kept in the state folder."
    assert (
        redaction.strike_out("saved as /srv/pictures/2026/fox.png, but") == "saved as fox.png in the image folder, but"
    )
    assert redaction.strike_out("/srv/pictures-of-others/x.png") == "/srv/pictures-of-others/x.png"


@pytest.mark.parametrize("missing", ["image folder", "nothing"])
async def test_no_answer_over_http_shows_a_path_of_the_server(
    connect: Connect, ask: Ask, settings: MakeSettings, tmp_path: Path, missing: str
) -> None:
    made = settings(provider="sandbox", read_dirs=(tmp_path / "readable",))
    if missing == "image folder":
        made.image_dir.write_text("a file stands in its place")
    texts: list[str] = []
    async with connect(made, "http") as client:
        calls: list[tuple[str, dict[str, Any]]] = [
            ("generate_image", {"prompt": "a red fox", "size": "1024x640", "quality": "low"}),
            ("view_images", {"images": ["/etc/passwd"]}),
            ("view_images", {"images": ["~/fox.png"]}),
            ("search_images", {"query": "boats", "count": 2}),
            ("get_spending", {}),
        ]
        for tool, arguments in calls:
            answer = await ask(client, tool, **arguments)
            texts += [answer.text, str(answer.result.structured_content)]
            if tool == "generate_image":
                job = "job_" + answer.text.rpartition("job_")[2][:12]
                texts.append((await ask(client, "get_job", job_id=job)).text)
                texts.append(str(await client.read_resource(f"lightbox://jobs/{job}")))
    shown = "\n".join(texts)
    assert str(tmp_path) not in shown, shown
    assert str(Path.home()) + "/" not in shown


@pytest.mark.parametrize("transport", ["memory", "http"])
@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_an_unknown_prompt_is_an_invalid_parameter_in_both_eras(
    connect: Connect, settings: MakeSettings, transport: Transport, mode: Mode
) -> None:
    async with connect(settings(provider="sandbox"), transport, mode) as client:
        with pytest.raises(MCPError) as caught:
            await client.get_prompt("no such prompt")
    assert caught.value.error.code == INVALID_PARAMS


@pytest.mark.parametrize("told", ["banana", "99999999", "", "-1", "8 0", "\N{SUPERSCRIPT TWO}", "65536"])
async def test_nonsense_in_the_sandboxs_port_file_is_passed_over(
    connect: Connect, ask: Ask, settings: MakeSettings, told: str
) -> None:
    made = settings(provider="sandbox")
    folder = made.state_dir / "sandbox"
    folder.mkdir(parents=True)
    (folder / "port").write_text(told, "utf-8")
    async with connect(made) as client:
        answer = await ask(client, "search_images", query="boats", count=1)
    assert not answer.failed, answer.text
    assert (folder / "port").read_text().isdigit()


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_a_terminal_without_our_letters_is_shown_others(tmp_path: Path, encoding: str) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LIGHTBOX_")}
    environment |= {
        "PYTHONIOENCODING": encoding,
        "PYTHONUTF8": "1",
        "LIGHTBOX_STATE_DIR": str(tmp_path / "state"),
        "LIGHTBOX_IMAGE_DIR": str(tmp_path / "images"),
        "LIGHTBOX_PROVIDER": "sandbox",
    }
    done = subprocess.run(
        [sys.executable, "-m", "lightbox", "call", "search_images", "query=→ 猫", "count=1"],
        capture_output=True,
        timeout=120,
        check=False,
        env=environment,
        cwd=tmp_path,
    )
    printed = done.stdout.decode(encoding) + done.stderr.decode(encoding, "replace")
    assert done.returncode == 0, printed
    assert "Traceback" not in printed


@pytest.mark.parametrize("key", ["x", "sandbox", "lightbox", "not-needed", "Placeholder"])
def test_a_word_in_the_place_of_a_key_is_not_struck_out_of_what_is_said(key: str) -> None:
    said = f"The {key} was asked to answer 500; {key}."
    assert Redaction([key]).strike_out(said) == said
    assert KeyFilter([key]).strike_out(said) == said


@pytest.mark.parametrize("key", ["hunter-two-times", "correct horse", "a1b2c3d4"])
def test_a_key_that_somebody_thought_of_is_struck_out(key: str) -> None:
    assert key not in Redaction([key]).strike_out(f"Incorrect API key provided: {key}.")


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("Missing bearer authentication in header", "Missing bearer authentication in header"),
        (
            "use Bearer auth (i.e. Authorization: Bearer YOUR_KEY)",
            "use Bearer auth (i.e. Authorization: Bearer YOUR_KEY)",
        ),
        ("Authorization: Bearer abc1", "Authorization: [key]"),
        ("Authorization: Bearer abc.def", "Authorization: [key]"),
        ("bearer abcdefghijklmnopqrst", "[key]"),
    ],
)
def test_a_word_after_bearer_is_told_from_a_token(said: str, shown: str) -> None:
    assert without_shapes(said) == shown
