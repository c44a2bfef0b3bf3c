"""The token file: what `lightbox token` does to it, what is said of a wrong one, how a running server follows it."""

from __future__ import annotations

import logging
import re
import stat
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import anyio
import httpx2
import pytest
from pydantic import SecretStr

from lightbox import cli
from lightbox.errors import SettingsError
from lightbox.http.entries import Entry, token_hash
from lightbox.http.token_file import CHECK_SECONDS, TokenFile
from lightbox.tools.table import TOOLS
from lightbox.untrusted import KeyFilter, Redaction

if TYPE_CHECKING:
    from conftest import Ask, Connect, LetIn, MakeSettings, ServeHTTP, Upstream

TOKEN = re.compile(r"lbx_[\w-]{43}\n")
HASH = token_hash("a token")
SMALL = {"prompt": "a fox", "model": "gpt-image-2", "size": "1024x640", "quality": "low"}
WRONG_KEY = "wrong"
"""What the sandbox takes for a key that is not right."""

Typed: TypeAlias = Callable[..., tuple[int, str, str]]
"""Types `lightbox token …`; gives the exit code and what was said."""


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def pass_by(self) -> None:
        self.now += CHECK_SECONDS


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "etc" / "tokens.toml"
    monkeypatch.setenv("LIGHTBOX_TOKENS", str(path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return path


@pytest.fixture
def typed(file: Path, capsys: pytest.CaptureFixture[str]) -> Typed:
    def run(*arguments: str) -> tuple[int, str, str]:
        assert file
        code = cli.main(["token", *arguments])
        out, err = capsys.readouterr()
        return code, out, err

    return run


def test_a_token_is_shown_once_and_its_hash_is_kept(file: Path, typed: Typed) -> None:
    code, token, told = typed("add", "alice", "--budget", "5 USD/day, 2 CNY/hour", "--tools", "search_images")
    [row] = tomllib.loads(file.read_text())["caller"]

    assert code == 0
    assert TOKEN.fullmatch(token)
    assert "alice" in told
    assert token.strip() not in told + file.read_text()
    assert row["sha256"] == token_hash(token.strip())
    assert (row["budget"], row["tools"]) == (["5 USD/day", "2 CNY/hour"], ["search_images"])
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["tokens.toml"]


def test_a_caller_is_renewed_and_removed_and_the_rest_of_the_file_stays(file: Path, typed: Typed) -> None:
    _, first, _ = typed("add", "alice")
    typed("add", "bob")
    file.write_text(file.read_text().replace('name = "bob"', '# from the second floor\nname = "bob"  # since spring'))
    file.chmod(0o640)
    _, second, _ = typed("renew", "alice")
    _, listed, _ = typed("list")
    code, out, _ = typed("remove", "alice")
    text = file.read_text()

    assert first != second
    assert token_hash(second.strip()) not in text
    assert (code, out) == (0, "")
    assert '# from the second floor\nname = "bob"  # since spring' in text
    assert "alice" not in text
    assert [line.split()[0] for line in listed.splitlines()] == ["name", "alice", "bob"]
    assert HASH[:8] not in listed
    assert stat.S_IMODE(file.stat().st_mode) == 0o640


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["add", "Alice"], "lightbox token renew Alice"),
        (["add", "two words"], "'two words' is not valid"),
        (["add", "x" * 41], "at most 40 letters"),
        (["add", "bob", "--budget", "5 dollars"], "write an amount per hour, day or month"),
        (["add", "bob", "--tools", "paint"], "there is no tool 'paint'"),
        (["renew", "bob"], "'bob' is not in"),
        (["remove", "bob"], "which names alice"),
    ],
)
def test_what_can_not_be_done_is_said_and_changes_nothing(
    file: Path, typed: Typed, arguments: list[str], told: str
) -> None:
    typed("add", "alice")
    before = file.read_bytes()
    code, out, err = typed(*arguments)

    assert (code, out) == (1, "")
    assert told in err
    assert file.read_bytes() == before


def test_without_a_file_the_command_names_the_setting(monkeypatch: pytest.MonkeyPatch, typed: Typed) -> None:
    monkeypatch.delenv("LIGHTBOX_TOKENS")
    code, _, err = typed("list")

    assert code == 1
    assert "LIGHTBOX_TOKENS is not set" in err


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("caller = 3", "[[caller]]"),
        ("[caller.alice]\n", "[[caller]]"),
        ("[[callers]]\n", "'callers'"),
        ("[[caller]\n", "is not TOML"),
        ("[[caller]]\n", "a name is missing"),
        ('[[caller]]\nname = "alice"\n', "sha256 is not the SHA-256 of a token"),
        ('[[caller]]\nname = "alice"\nsha256 = "lbx_the-token-itself-0123456789"\n', "never the token itself"),
        (f'[[caller]]\nname = "alice"\nsha256 = "{HASH.upper()}"\n', "sha256 is not"),
        (f'[[caller]]\nname = "a/b"\nsha256 = "{HASH}"\n', "'a/b' is not valid"),
        (f'[[caller]]\nname = "a"\nsha256 = "{HASH}"\nbudjet = "1 USD/day"\n', "did you mean budget?"),
        (f'[[caller]]\nname = "a"\nsha256 = "{HASH}"\nbudget = 5\n', "budget is a list of texts"),
        (f'[[caller]]\nname = "a"\nsha256 = "{HASH}"\nbudget = "5"\n', "The budget '5' is not valid"),
        (f'[[caller]]\nname = "a"\nsha256 = "{HASH}"\ntools = ["look"]\n', "there is no tool 'look'"),
        (f'[[caller]]\nname = "a"\nsha256 = "{HASH}"\nopenai_api_key_file = "gone"\n', "openai_api_key_file"),
        (f'[[caller]]\nname = "a"\nsha256 = "{HASH}"\n[[caller]]\nname = "b"\nsha256 = "{HASH}"\n', "another caller's"),
        (
            f'[[caller]]\nname = "a"\nsha256 = "{HASH}"\n[[caller]]\nname = "A"\nsha256 = "{token_hash("b")}"\n',
            "'A' is given twice",
        ),
    ],
)
def test_a_wrong_file_is_an_error_at_the_start_that_names_place_and_remedy(
    file: Path, settings: MakeSettings, text: str, told: str
) -> None:
    file.parent.mkdir()
    file.write_text(text)
    file.chmod(0o600)
    with pytest.raises(SettingsError) as error:
        TokenFile(file, settings())

    assert told in str(error.value)
    assert str(file) in str(error.value)
    assert "the-token-itself" not in str(error.value)


def test_a_file_that_is_not_there_names_the_command_that_makes_it(file: Path, settings: MakeSettings) -> None:
    with pytest.raises(SettingsError, match="lightbox token add NAME makes it"):
        TokenFile(file, settings())


def test_others_may_not_write_the_file_and_reading_it_is_warned_of(
    let_in: LetIn, settings: MakeSettings, caplog: pytest.LogCaptureFixture
) -> None:
    path = let_in("alice")
    path.chmod(0o644)
    TokenFile(path, settings())
    warned = caplog.text
    path.chmod(0o620)

    assert f"chmod 600 {path}" in warned
    with pytest.raises(SettingsError, match="let anyone in"):
        TokenFile(path, settings())


async def test_a_file_that_becomes_wrong_or_goes_leaves_the_last_good_one_in_force_and_is_told_of_once(
    let_in: LetIn, settings: MakeSettings, caplog: pytest.LogCaptureFixture
) -> None:
    clock, path = Clock(), let_in("alice")
    known = TokenFile(path, settings(), clock)
    found: list[Entry | None] = []
    for damage in (lambda: path.write_text("[[caller"), path.unlink):
        damage()
        for _ in range(3):
            clock.pass_by()
            found.append(await known.find("alice"))
    let_in("bob")
    clock.pass_by()

    assert await known.find("bob")
    assert await known.find("alice") is None
    assert all(found)
    assert caplog.text.count("what it said before still holds") == 2


async def test_a_running_server_lets_in_whoever_is_added_and_out_whoever_is_removed(
    settings: MakeSettings, serve_http: ServeHTTP, let_in: LetIn, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    made = settings(tokens=let_in("alice"))
    async with serve_http(made) as url, httpx2.AsyncClient(trust_env=False) as web:

        async def status(token: str) -> int:
            asked = await web.post(f"{url}/mcp", headers={"Authorization": f"Bearer {token}"}, json={})
            return asked.status_code

        async def until(token: str, *, let: bool) -> None:
            with anyio.fail_after(10):
                while (await status(token) != 401) is not let:  # noqa: ASYNC110 - nobody tells of it
                    await anyio.sleep(0.05)

        before = [await status(token) for token in ("alice", "bob", "?", "x" * 20_000)]
        let_in("bob")
        await until("bob", let=True)
        await until("alice", let=False)
        nobody = await web.post(f"{url}/mcp", json={})

    assert before[0] != 401
    assert before[1:] == [401, 401, 401]
    assert "resource_metadata" not in nobody.headers["www-authenticate"]  # there is nowhere to send them
    assert token_hash("alice") not in caplog.text


@pytest.mark.usefixtures("either_database")
async def test_a_caller_has_the_tools_and_the_budget_that_the_file_gives_it(
    connect: Connect, ask: Ask, settings: MakeSettings, serve_http: ServeHTTP, let_in: LetIn, upstream: Upstream
) -> None:
    tokens = let_in(
        "alice",
        "bob",
        "carol",
        alice='tools = ["search_images", "get_spending"]',
        bob='budget = ["0.001 USD/day"]',
    )
    made = settings(tokens=tokens, budget=("9 USD/day", "9 CNY/day"))
    async with serve_http(made) as url:
        async with connect(made, "http", url=url, token="alice") as alice:  # noqa: S106 - a name
            hers = [tool.name for tool in (await alice.list_tools()).tools]
            refused = await ask(alice, "generate_image", **SMALL)
            odd = await ask(alice, "paint_image")
        async with connect(made, "http", url=url, token="bob") as bob:  # noqa: S106 - likewise
            too_much = await ask(bob, "generate_image", **SMALL)
            his = await ask(bob, "get_spending")
        sent_by_then = upstream.paid
        async with connect(made, "http", "legacy", url=url, token="carol") as carol:  # noqa: S106 - likewise
            all_of_them = (await carol.list_tools()).tools
            painted = await ask(carol, "generate_image", **SMALL)

    assert hers == ["search_images", "get_spending"]
    assert refused.failed
    assert "is not one of your tools" in refused.text
    assert "There is no tool" in odd.text
    assert too_much.failed
    assert "0.001 USD/day" in too_much.text
    assert "raise the budget of bob in LIGHTBOX_TOKENS" in too_much.text
    assert "budget: 0.001 USD/day" in his.text
    assert sent_by_then == 0
    assert len(all_of_them) == len(TOOLS)
    assert not painted.failed


async def test_a_caller_s_own_key_pays_for_its_calls_alone_and_is_never_shown(
    connect: Connect,
    ask: Ask,
    settings: MakeSettings,
    serve_http: ServeHTTP,
    let_in: LetIn,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The service turns the server's key away, or the caller's: so one sees with which of them it was asked."""
    (tmp_path / "good").write_text("sk-of-alice-alone-0123456789\n")
    (tmp_path / "bad").write_text(WRONG_KEY)
    tokens = let_in(
        "alice", "bob", "carol", alice='openai_api_key_file = "good"', carol='dashscope_api_key_file = "bad"'
    )
    made = settings(tokens=tokens, openai_api_key=SecretStr(WRONG_KEY))
    async with serve_http(made) as url:
        async with connect(made, "http", url=url, token="alice") as alice:  # noqa: S106 - a name
            hers = await ask(alice, "generate_image", **SMALL)
        async with connect(made, "http", url=url, token="bob") as bob:  # noqa: S106 - likewise
            his = await ask(bob, "generate_image", **SMALL)
            found = await ask(bob, "search_images", query="a fox", provider="dashscope")
        async with connect(made, "http", url=url, token="carol") as carol:  # noqa: S106 - likewise
            not_found = await ask(carol, "search_images", query="a fox", provider="dashscope")

    assert not hers.failed, hers.text
    assert his.failed
    assert "key" in his.text
    assert not found.failed
    assert not_found.failed
    state = b"".join(path.read_bytes() for path in made.state_dir.rglob("*") if path.is_file())
    assert b"sk-of-alice-alone" not in state
    assert "sk-of-alice-alone" not in caplog.text


async def test_keys_that_callers_brought_are_struck_out_as_soon_as_the_file_names_them(
    settings: MakeSettings, let_in: LetIn, tmp_path: Path
) -> None:
    clock = Clock()
    known = TokenFile(let_in("alice"), settings(), clock)
    redaction, logged = Redaction((), more=known.secrets), KeyFilter((), more=known.secrets)
    for number in (1, 2):  # the key's own file is followed too
        (tmp_path / "hers").write_text(f"key-of-alice-{number}\n")
        let_in("alice", alice='openai_api_key_file = "hers"')
        clock.pass_by()
        assert await known.find("alice")

    for shown in (redaction.strike_out("key-of-alice-1 key-of-alice-2"), logged.strike_out("key-of-alice-1")):
        assert "key-of-alice" not in shown


async def test_a_service_that_only_a_caller_has_a_key_for_serves_that_caller(
    connect: Connect, settings: MakeSettings, serve_http: ServeHTTP, let_in: LetIn, tmp_path: Path
) -> None:
    (tmp_path / "hers").write_text("sk-of-alice-alone-0123456789\n")
    tokens = let_in("alice", "bob", alice='dashscope_api_key_file = "hers"')
    made = settings(tokens=tokens, dashscope_api_key=None)
    names: list[set[str]] = []
    async with serve_http(made) as url:
        for token in ("alice", "bob"):
            async with connect(made, "http", url=url, token=token) as client:
                names.append({tool.name for tool in (await client.list_tools()).tools})

    assert names[0] - names[1] == {"find_similar_images"}
