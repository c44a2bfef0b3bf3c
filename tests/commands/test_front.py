"""The first questions of a client over stdio: answered at once, as the SDK answered them before."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Generator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import pytest

from lightbox.commands.front import MOST_KEPT, Front, stamp
from lightbox.settings import Settings, environment_name

if TYPE_CHECKING:
    from tests.conftest import MakeSettings

META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": {"name": "tests", "version": "1"},
    "io.modelcontextprotocol/clientCapabilities": {},
}
HELLO = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "tests", "version": "1"}}
ERAS: dict[str, list[dict[str, Any]]] = {
    "2025": [
        {"id": 1, "method": "initialize", "params": HELLO},
        {"method": "notifications/initialized"},
        {"id": 2, "method": "tools/list"},
        {"id": "three", "method": "resources/templates/list"},
        {"id": 4, "method": "resources/list"},
        {"id": 5, "method": "prompts/list"},
    ],
    "2026": [
        {"id": 1, "method": "server/discover", "params": {"_meta": META}},
        {"id": 2, "method": "tools/list", "params": {"_meta": META}},
        {"id": "three", "method": "resources/templates/list", "params": {"_meta": META}},
        {"id": 4, "method": "resources/list", "params": {"_meta": META}},
        {"id": 5, "method": "prompts/list", "params": {"_meta": META}},
    ],
}
PATIENCE = 60

Serve = Callable[..., list[bytes]]


@pytest.fixture
def variables(settings: MakeSettings, environment: Callable[[Settings], dict[str, str]]) -> dict[str, str]:
    return environment(settings())


@pytest.fixture
def serve(variables: dict[str, str], tmp_path: Path) -> Serve:
    """Start a server, say something to it, and give the lines of its answers, in the order of their ids."""

    def serve(asked: list[dict[str, Any]], **more: str) -> list[bytes]:
        said = "".join(json.dumps({"jsonrpc": "2.0"} | each) + "\n" for each in asked)
        with subprocess.Popen(
            [sys.executable, "-m", "lightbox"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=variables | more,
            cwd=tmp_path,
        ) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(said.encode())
            process.stdin.flush()
            lines = [process.stdout.readline() for each in asked if "id" in each]
            rest, errors = process.communicate(timeout=PATIENCE)
        assert (rest, errors) == (b"", b"")
        return sorted(lines, key=lambda line: str(json.loads(line)["id"]))

    return serve


def kept(variables: dict[str, str]) -> list[Path]:
    return sorted(Path(variables["HOME"]).glob(".cache/lightbox/first-answers-*.json"))


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="caches are elsewhere")
@pytest.mark.parametrize("era", ERAS)
def test_a_later_start_answers_byte_for_byte_as_the_sdk_does(serve: Serve, variables: dict[str, str], era: str) -> None:
    first = serve(ERAS[era])
    [file] = kept(variables)
    second = serve(ERAS[era])
    marked = file.read_text("utf-8").replace("Find pictures on the web by words", "Find pictures, said the front")
    file.write_text(marked, "utf-8")
    third = serve(ERAS[era])
    without = serve(ERAS[era], LIGHTBOX_QUICK_START="false")

    assert second == first
    assert without == first
    assert sum(b"said the front" in line for line in third) == 1, "it was not the front that answered"
    assert kept(variables) == [file]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="caches are elsewhere")
def test_what_was_kept_is_put_aside_when_it_is_damaged_or_a_setting_has_changed(
    serve: Serve, variables: dict[str, str]
) -> None:
    first = serve(ERAS["2026"])
    [file] = kept(variables)
    file.write_text("{", "utf-8")
    assert serve(ERAS["2026"]) == first
    file.write_text(file.read_text("utf-8").replace("Find pictures on the web", "Find nothing"), "utf-8")

    alone = serve(ERAS["2026"], LIGHTBOX_PROVIDER="sandbox", OPENAI_API_KEY="", DASHSCOPE_API_KEY="")

    assert not any(b"Find nothing" in line for line in alone)
    assert len(kept(variables)) == 2


@dataclass(frozen=True)
class Said:
    """A front, and what its client was told."""

    front: Front
    file: Path
    wire: BinaryIO

    @property
    def lines(self) -> list[bytes]:
        return Path(self.wire.name).read_bytes().splitlines()


Start = Callable[[], Said]


@pytest.fixture
def start(tmp_path: Path) -> Generator[Start]:
    """Start one after the other, each with what those before have kept."""
    with ExitStack() as closing:

        def start() -> Said:
            wire = closing.enter_context((tmp_path / "wire").open("w+b", buffering=0))
            front = Front("a", tmp_path, wire.fileno())
            front.keeps = True
            return Said(front, tmp_path / "first-answers-a.json", wire)

        yield start


def line(**fields: Any) -> bytes:
    return json.dumps({"jsonrpc": "2.0"} | fields, separators=(",", ":")).encode() + b"\n"


LIST = line(id=7, method="tools/list")


def test_a_question_that_was_answered_once_never_reaches_the_server_again(start: Start) -> None:
    said = start()
    assert said.front.hear(LIST) == LIST
    said.front.tell(line(id=7, result={"tools": []}))
    later = start()

    assert later.front.hear(LIST.replace(b"7", b'"x"')) == b""
    assert later.lines == [b'{"jsonrpc":"2.0","id":"x","result":{"tools":[]}}']


def test_the_handshake_reaches_the_server_whose_answer_to_it_is_dropped(start: Start) -> None:
    hello, answer = line(id=1, method="initialize", params=HELLO), line(id=1, result={"capabilities": {}})
    said = start()
    assert said.front.hear(hello) == hello
    said.front.tell(answer)
    later = start()

    assert later.front.hear(hello) == hello
    later.front.tell(answer + line(id=2, result={}))
    later.front.tell(line(id=1, result={"late": True}))
    assert later.lines == [answer.strip(), line(id=2, result={}).strip(), line(id=1, result={"late": True}).strip()]


def test_a_list_is_kept_for_its_handshake_and_its_words_alone(start: Start) -> None:
    said = start()
    said.front.hear(line(id=1, method="initialize", params=HELLO) + LIST)
    said.front.tell(line(id=1, result={}) + line(id=7, result={"tools": []}))

    assert start().front.hear(LIST) == LIST
    other = line(id=1, method="initialize", params=HELLO | {"protocolVersion": "2024-11-05"}) + LIST
    assert start().front.hear(other) == other
    worded = line(id=1, method="initialize", params=HELLO), line(id=7, method="tools/list", params={"cursor": "x"})
    assert start().front.hear(b"".join(worded)) == b"".join(worded)


def test_lines_may_come_in_pieces_and_without_an_end(start: Start) -> None:
    call = line(id=9, method="tools/call", params={"name": "get_spending", "arguments": {"why": "tools/list"}})
    said = start()
    heard = [said.front.hear(bytes([letter])) for letter in LIST + call + b"no JSON\n\n[" + LIST.strip()]
    heard.append(said.front.hear(b""))

    assert b"".join(heard) == LIST + call + b"no JSON\n\n[" + LIST.strip()
    assert len([piece for piece in heard if piece]) == 5


@pytest.mark.parametrize(
    "odd",
    [
        line(id="é", method="tools/list"),
        line(id='a"b', method="tools/list"),
        line(id=True, method="tools/list"),
        line(id=1.5, method="tools/list"),
        line(id=None, method="tools/list"),
        line(method="tools/list"),
        b'{"method":"tools/list","id":1' + b"0" * 5_000 + b"}\n",
        b'{"method":"tools/list","id":7,"params":' + b"[" * 30_000 + b"\n",
        b'["tools/list"]\n',
        line(id=7, method="tools/list", params={"much": "x" * 100_000}),
    ],
    ids=lambda said: said[:40].decode(errors="replace"),
)
def test_what_is_asked_oddly_is_left_to_the_server(start: Start, odd: bytes) -> None:
    said = start()
    assert said.front.hear(odd) == odd
    said.front.tell(line(id=7, result={}))

    assert start().front.hear(odd) == odd
    assert not said.file.exists()


def test_an_error_is_not_kept_and_no_more_than_some_answers_are(start: Start) -> None:
    said = start()
    said.front.hear(LIST)
    said.front.tell(line(id=7, error={"code": -32600, "message": "No."}))
    for number in range(MOST_KEPT + 5):
        said.front.hear(line(id=7, method="tools/list", params={"cursor": str(number)}))
        said.front.tell(line(id=7, result={}))

    assert len(json.loads(said.file.read_text("utf-8"))) == MOST_KEPT
    assert start().front.hear(LIST) == LIST


def test_the_stamp_counts_every_setting_that_the_environment_may_hold(tmp_path: Path) -> None:
    file = tmp_path / "lightbox.toml"
    for field in Settings.model_fields:
        assert stamp(file, {environment_name(field): "x"}) != stamp(file, {}), field


def test_the_stamp_counts_whether_there_is_a_key_and_never_the_key(tmp_path: Path) -> None:
    file = tmp_path / "lightbox.toml"
    bare = stamp(file, {})

    assert stamp(file, {"PATH": "/bin", "OPENAI_API_KEY_": "x"} | {"LANG": "C"}) != bare
    assert stamp(file, {"PATH": "/bin"}) == bare
    assert stamp(file, {"OPENAI_API_KEY": "one"}) == stamp(file, {"OPENAI_API_KEY": "another"})
    assert stamp(file, {"OPENAI_API_KEY": " "}) != stamp(file, {"OPENAI_API_KEY": "another"})
    assert stamp(file, {"LIGHTBOX_BUDGET": "1 USD/day"}) != bare
    file.write_text("check = false")
    written = stamp(file, {})
    assert written != bare
    key = tmp_path / "key"
    key.write_text("sk-1")
    assert stamp(file, {"OPENAI_API_KEY_FILE": str(key)}) != stamp(file, {"OPENAI_API_KEY_FILE": str(tmp_path / "no")})


def test_the_stamp_counts_the_prices_that_tools_tell_and_which_of_them_have_begun(tmp_path: Path) -> None:
    file, prices = tmp_path / "lightbox.toml", tmp_path / "prices.toml"
    named = {"LIGHTBOX_PRICES": str(prices)}
    absent = stamp(file, named)
    prices.write_text("effective_from = 2026-01-01")
    begun = stamp(file, named)
    prices.write_text("effective_from = 2027-01-01")
    file.write_text(f"prices = '{prices}'")
    by_file = stamp(file, {})
    prices.write_text("effective_from = 2027-01-02")

    assert len({absent, begun, by_file, stamp(file, {})}) == 4
