"""What the tests of endurance share: servers that are quickly started and killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest

if TYPE_CHECKING:
    from lightbox.settings import Settings

PROGRAM = Path(__file__).with_name("forking_server.py")


@dataclass(eq=False)
class Server:
    """A server in a process of its own, until it is killed."""

    pid: int
    origin: str
    alive: bool = True

    def kill(self) -> None:
        self.alive = False
        os.kill(self.pid, signal.SIGKILL)


@dataclass(eq=False)
class Crew:
    """Starts servers that share their settings; those that were not killed end with it."""

    settings: Settings
    program: subprocess.Popen[str]
    servers: list[Server] = field(default_factory=list[Server])

    @property
    def living(self) -> list[Server]:
        return [server for server in self.servers if server.alive]

    def start(self, **more: str) -> Server:
        """Start one more, with `more` in its environment."""
        assert self.program.stdin
        assert self.program.stdout
        self.program.stdin.write(f"{json.dumps(more)}\n")
        self.program.stdin.flush()
        pid, origin = self.program.stdout.readline().split(" ")
        assert origin.strip(), "a server did not start"
        self.servers.append(Server(int(pid), origin.strip()))
        return self.servers[-1]

    def processes(self) -> list[int]:
        """Give every process that was started from here, by whomever, and still runs, but the first."""
        session = self.program.pid
        return [process for process in _processes() if process != session and _session(process) == session]


class MakeCrew(Protocol):
    """Gives a crew whose servers have these settings, and `more` in their environment."""

    def __call__(self, settings: Settings, **more: str) -> AbstractContextManager[Crew]: ...


@pytest.fixture
def crew_of(environment: Callable[[Settings], dict[str, str]]) -> MakeCrew:
    @contextmanager
    def make(settings: Settings, **more: str) -> Generator[Crew]:
        with _forking(environment(settings) | more) as process:
            crew = Crew(settings, process)
            try:
                yield crew
            finally:
                for server in crew.living:
                    server.kill()

    return make


@contextmanager
def _forking(environment: dict[str, str]) -> Generator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, str(PROGRAM)],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        yield process
        assert process.stdin
        process.stdin.close()


def _processes() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal()]


def _session(process: int) -> int | None:
    try:
        return os.getsid(process)
    except ProcessLookupError:
        return None
