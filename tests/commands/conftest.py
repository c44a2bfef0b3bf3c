"""The command as a person types it: in a process of its own, with a terminal or without."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from forking import warm_start

if TYPE_CHECKING:
    from tests.conftest import MakeSettings

    from lightbox.settings import Settings

PATIENCE = 60
GRAPHICS = re.compile(rb"\x1b_G.*?\x1b\\|\x1b\]1337;.*?\x07|\x1bP.*?\x1b\\", re.DOTALL)
CONTROLS = re.compile(rb"\x1b\[[0-9;?>]*[A-Za-z]|\x1b[78]|\x1b\]8;[^\x1b]*\x1b\\|\r")
ASKED = b"\x1b[c"
"""The question that every terminal answers."""
READ_AT_THE_START = frozenset({"LC_ALL", "LANG", "PYTHONUTF8", "PYTHONIOENCODING"})
"""Variables that Python itself reads, once: with one of them, a command is started anew."""


@dataclass(frozen=True)
class Done:
    """What a command said, and its exit code."""

    code: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        return self.out.decode()


class Typed(Protocol):
    """Types `lightbox …` where there is no terminal."""

    folder: Path
    settings: Settings
    environment: dict[str, str]

    def __call__(self, *arguments: str, given: bytes = b"", variables: Mapping[str, str] = {}) -> Done: ...


@dataclass
class _Typed:
    settings: Settings
    environment: dict[str, str]
    folder: Path

    def __call__(self, *arguments: str, given: bytes = b"", variables: Mapping[str, str] = {}) -> Done:
        start = (sys.executable, "-m", "lightbox") if READ_AT_THE_START & variables.keys() else warm_start()
        done = subprocess.run(
            [*start, *arguments],
            check=False,
            capture_output=True,
            input=given,
            timeout=PATIENCE,
            env=self.environment | dict(variables),
            cwd=self.folder,
        )
        return Done(done.returncode, done.stdout, done.stderr.decode())


@pytest.fixture
def typed(settings: MakeSettings, environment: Callable[[Settings], dict[str, str]], tmp_path: Path) -> Typed:
    made = settings()
    folder = tmp_path / "here"
    folder.mkdir()
    return _Typed(made, environment(made), folder)


@dataclass
class Session:
    """A command in a terminal: what it wrote there, and its exit code once it has ended."""

    code: int | None = None
    written: bytes = field(default=b"", repr=False)

    @property
    def text(self) -> str:
        """What a person reads, without what moves the cursor, colours, or draws."""
        return CONTROLS.sub(b"", GRAPHICS.sub(b"", self.written)).decode()

    @property
    def drawn(self) -> list[bytes]:
        """What was drawn: each piece of each picture."""
        return [piece for piece in GRAPHICS.findall(self.written) if b"a=q" not in piece]


class InTerminal(Protocol):
    """Types `lightbox …` in a terminal that answers a question about itself with `answer`.

    `said` tells what the person types when it is asked, by what they are asked; `\\x03` is Ctrl-C.
    """

    folder: Path

    def __call__(
        self,
        *arguments: str,
        answer: bytes = b"\x1b[?62;22c",
        said: Mapping[str, str] = {},
        columns: int = 80,
        variables: Mapping[str, str] = {},
    ) -> Session: ...


@dataclass
class _InTerminal:
    environment: dict[str, str]
    folder: Path

    def __call__(
        self,
        *arguments: str,
        answer: bytes = b"\x1b[?62;22c",
        said: Mapping[str, str] = {},
        columns: int = 80,
        variables: Mapping[str, str] = {},
    ) -> Session:
        pexpect: Any = pytest.importorskip("pexpect", reason="there are no such terminals on Windows")
        program, *begun = warm_start()
        child = pexpect.spawn(
            program,
            [*begun, *arguments],
            env=self.environment | {"TERM": "xterm-256color", "LANG": "C.UTF-8"} | dict(variables),
            cwd=str(self.folder),
            dimensions=(40, columns),
            timeout=PATIENCE,
        )
        session = Session()
        waiting: dict[bytes, bytes] = {ASKED: answer} | {words.encode(): what.encode() for words, what in said.items()}
        while True:
            heard: int = child.expect_exact([pexpect.EOF, *waiting])
            session.written += child.before + (child.after if heard else b"")
            if not heard:
                break
            words = list(waiting)[heard - 1]
            child.send(waiting.pop(words))
        child.close()
        session.code = child.exitstatus
        return session


@pytest.fixture
def in_terminal(
    settings: MakeSettings, environment: Callable[[Settings], dict[str, str]], tmp_path: Path
) -> InTerminal:
    folder = tmp_path / "here"
    folder.mkdir(exist_ok=True)
    return _InTerminal(environment(settings()), folder)
