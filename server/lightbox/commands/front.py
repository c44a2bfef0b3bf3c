"""Answers the first questions of a client over stdio while the server is still being imported.

An editor waits for the list of tools, and importing the protocol's SDK takes half a second. What the SDK answered to a
handshake and to the lists that do not change is kept on disk, and the next start gives it at once, in the same bytes.
The SDK stays the one that knows: whatever is asked in other words, by another release or under other settings is left
to it, and what it answers is kept for the next time. Nothing is imported here that takes a while.
"""

from __future__ import annotations

import hashlib
import importlib.util
import io
import json
import os
import re
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from platformdirs import user_cache_path

from lightbox import __version__
from lightbox.commands.ending import Input
from lightbox.configuration import APPLICATION, configuration_path, default_file

HANDSHAKE = "initialize"
KEPT = frozenset({HANDSHAKE, "server/discover", "tools/list", "prompts/list", "resources/templates/list"})
"""The requests whose answers depend on the release and the settings alone."""
MOST_KEPT = 64
MOST_BYTES = 1_000_000
MOST_FILES = 8
LONGEST_LINE = 64 * 1024
"""The longest question that is looked at, in bytes: pictures that travel in arguments are nothing for here."""
SWITCH_SECONDS = 0.0005
"""How soon an import lets a question be answered; Python's own 5 ms would be felt."""
_SETTINGS = ("LIGHTBOX_", "DASHSCOPE_", "OPENAI_", "OPENROUTER_")
_KEY = "_API_KEY"
_PRICES = "LIGHTBOX_PRICES"
_PRICES_IN_FILE = re.compile(rb"""^\s*prices\s*=\s*["']([^"'\n]+)["']""", re.MULTILINE)
_FROM = re.compile(rb"effective_from\s*=\s*(\d{4}-\d\d-\d\d)")
_CODE = (".py", ".toml", ".html", ".css", ".js", ".svg")
"""What answers are made from; the address of the gallery's page tells what that holds."""
_OPENING = '{"jsonrpc":"2.0","id":'
_PLAIN_ID = re.compile(r'[0-9]{1,15}|"[A-Za-z0-9_.:-]{1,64}"')


class Front:
    """Stands between a client and the server: `hear` takes what the client says, `Wire` what the server answers.

    Args:
        stamp: What the answers depend on; another one has answers of its own.
        folder: Where they are kept.
        wire: The client's end, to which answers are written.
    """

    def __init__(self, stamp: str, folder: Path, wire: int) -> None:
        self.keeps = False
        self._file = folder / f"first-answers-{stamp}.json"
        self._wire = wire
        self._answers = _read(self._file)
        self._writing = threading.Lock()
        self._line = bytearray()
        self._era = ""
        self._asked: dict[str, str] = {}
        self._answered: set[str] = set()

    def hear(self, piece: bytes) -> bytes:
        """Answer what is known; give what the server is to hear: all the rest, and the handshake, which it needs.

        A line that is not whole waits for its end; an empty piece is the end of everything.
        """
        self._line += piece
        whole = self._line.rfind(b"\n", len(self._line) - len(piece)) + 1 if piece else len(self._line)
        lines = bytes(self._line[:whole]).splitlines(keepends=True)
        del self._line[:whole]
        return b"".join(line for line in lines if not self._handled(line))

    def tell(self, data: bytes) -> None:
        """Pass lines of the server on, without those that were given already."""
        if self._answered or (self.keeps and self._asked):
            data = b"".join(line for line in data.splitlines(keepends=True) if self._new(line))
        self._write(data)

    def _handled(self, line: bytes) -> bool:
        asked = _request(line)
        if asked is None:
            return False
        ident, method = json.dumps(asked["id"]), asked["method"]
        told = json.dumps(asked.get("params"), sort_keys=True)
        if method == HANDSHAKE:
            self._era = told
        key = hashlib.sha256(f"{self._era}\n{method}\n{told}".encode()).hexdigest()
        answer = self._answers.get(key)
        if answer is None:
            self._asked[ident] = key
            return False
        if method == HANDSHAKE:
            self._answered.add(ident)
        self._write(f"{_OPENING}{ident}{answer}\n".encode())
        return method != HANDSHAKE

    def _new(self, line: bytes) -> bool:
        if not line.startswith(_OPENING.encode()):
            return True
        ident, _, _ = line.decode().removeprefix(_OPENING).partition(",")
        if ident in self._answered:
            self._answered.discard(ident)
            return False
        if key := self._asked.pop(ident, None):
            self._keep(key, line.decode().removeprefix(f"{_OPENING}{ident}").rstrip("\n"))
        return True

    def _keep(self, key: str, answer: str) -> None:
        if not self.keeps or not answer.startswith(',"result":') or len(self._answers) >= MOST_KEPT:
            return
        self._answers[key] = answer
        with suppress(OSError):  # the next start is a little slower, and nothing else
            _write(self._file, self._answers)

    def _write(self, data: bytes) -> None:
        with self._writing:
            view = memoryview(data)
            while view:
                view = view[os.write(self._wire, view) :]


class Wire(io.RawIOBase):
    """The standard output as the protocol's SDK writes to it."""

    def __init__(self, front: Front) -> None:
        self._front = front

    def writable(self) -> bool:
        """It is written to."""
        return True

    def write(self, data: Any, /) -> int:
        """Write whole lines."""
        self._front.tell(bytes(data))
        return len(data)


class _Aside(io.TextIOWrapper):
    """What stands for `sys.stdout`: the SDK takes the wire behind it, and what others print goes to stderr."""

    def __init__(self, wire: Wire) -> None:
        super().__init__(io.FileIO(os.dup(2), "wb"), encoding="utf-8", errors="replace", write_through=True)
        self._wire = wire

    @property
    def buffer(self) -> Any:
        """Give the wire."""
        return self._wire


def open_front(file: Path | None) -> Front:
    """Take over standard input and output, before a server over stdio is imported."""
    wire = os.dup(1)
    os.dup2(2, 1)
    front = Front(stamp(file, os.environ), user_cache_path(APPLICATION, appauthor=False), wire)
    sys.stdout = _Aside(Wire(front))
    sys.setswitchinterval(SWITCH_SECONDS)
    Input(front.hear)
    return front


def stamp(file: Path | None, environment: Mapping[str, str]) -> str:
    """Sum up all that the answers depend on: this release, what it is installed with, and the settings.

    Of keys it counts whether there are any, of files when they were written, and of prices, which tools tell, which
    have begun.
    """
    told = hashlib.sha256()
    settings, files = _settings(environment), _files(file, environment)
    for part in (__version__, sys.version, sys.prefix, *settings, *files, *_prices(file, environment), *_code()):
        told.update(f"{part}\0".encode())
    return told.hexdigest()[:24]


def _settings(environment: Mapping[str, str]) -> Iterator[str]:
    for name in sorted(environment):
        if name.upper().startswith(_SETTINGS):
            value = environment[name]
            yield f"{name}={bool(value.strip()) if name.upper().endswith(_KEY) else value}"


def _files(file: Path | None, environment: Mapping[str, str]) -> Iterator[str]:
    named = [value for name, value in sorted(environment.items()) if name.upper().endswith(f"{_KEY}_FILE")]
    for path in (file or default_file(), *map(Path, named)):
        with suppress(OSError):
            found = path.stat()
            yield f"{path} {found.st_mtime_ns} {found.st_size} {found.st_ino}"


def _prices(file: Path | None, environment: Mapping[str, str]) -> Iterator[str]:
    """Give the state of each price list: those that are shipped, and the person's own."""
    today = time.strftime("%Y-%m-%d", time.gmtime()).encode()
    named = environment.get(_PRICES)
    with suppress(OSError):
        if not named and (found := _PRICES_IN_FILE.search((file or default_file()).read_bytes())):
            named = found[1].decode(errors="replace")
    own = [Path(named)] if named else []
    for path in (*sorted(configuration_path("models").glob("*.toml")), *own):
        with suppress(OSError, RuntimeError):  # no such file, or no such home folder
            held = path.expanduser().read_bytes()
            begun = max((day for day in _FROM.findall(held) if day <= today), default=b"")
            yield f"{path} {hashlib.sha256(held).hexdigest()} {begun.decode()}"


def _code() -> Iterator[str]:
    package = Path(__file__).parent.parent
    for folder, _, names in os.walk(package):
        for name in names:
            if name.endswith(_CODE):
                found = os.stat(f"{folder}/{name}")  # noqa: PTH116 - hundreds of them, before anything is imported
                yield f"{folder}/{name} {found.st_mtime_ns} {found.st_size}"
    spec = importlib.util.find_spec("mcp")
    for place in spec.submodule_search_locations or () if spec else ():
        yield from sorted(name for name in os.listdir(Path(place).parent) if name.endswith(".dist-info"))  # noqa: PTH208 - names alone


def _request(line: bytes) -> dict[str, Any] | None:
    """Give the request of a line, if it is one whose answer is kept, under an id that is written in one way only."""
    if len(line) > LONGEST_LINE or not any(f'"{method}"'.encode() in line for method in KEPT):
        return None
    try:
        asked = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(asked, dict) or asked.get("method") not in KEPT:  # pyright: ignore[reportUnknownMemberType] - what a client sent
        return None
    return asked if _PLAIN_ID.fullmatch(json.dumps(asked.get("id"))) else None  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType] - likewise


def _read(file: Path) -> dict[str, str]:
    with suppress(OSError, ValueError):
        if file.stat().st_size <= MOST_BYTES:
            kept = json.loads(file.read_text("utf-8"))
            if isinstance(kept, dict) and all(isinstance(answer, str) for answer in kept.values()):  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType] - a file
                return kept  # pyright: ignore[reportUnknownVariableType] - likewise
    return {}


def _write(file: Path, answers: Mapping[str, str]) -> None:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = file.with_suffix(f".{os.getpid()}")
    made.write_text(json.dumps(answers), "utf-8")
    made.replace(file)
    others = sorted(file.parent.glob("first-answers-*"), key=lambda each: each.stat().st_mtime)
    for old in others[:-MOST_FILES]:
        old.unlink(missing_ok=True)
