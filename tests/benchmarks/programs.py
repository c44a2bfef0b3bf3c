"""Programs that benchmarks start: servers over stdio, spoken to in bare lines; floors; and what a process holds.

Each is a process of its own, so that nothing which looks at the tests slows it down.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import IO, Any

import pytest

HERE = Path(__file__).parent
MORE = int(os.environ.get("BENCH_ROUNDS", "1"))
"""How many times as many rounds are made as usual."""
LIGHTBOX = ("-m", "lightbox")
BARE = (str(HERE / "bare_server.py"),)
PATIENCE = 60

_TOLD = ("clear_refs", "schedstat")

needs_proc = pytest.mark.skipif(
    not all(Path(f"/proc/self/{name}").is_file() for name in _TOLD),
    reason="this system does not tell what a process holds and waits for",
)


def rounds(few: int) -> range:
    """Give the numbers of so many rounds, or of more where a person wants more."""
    return range(few * MORE)


def compact(value: Any) -> str:
    """Write JSON as it goes over the wire."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


@contextmanager
def process(
    *arguments: str, env: Mapping[str, str], cwd: Path | None = None, stderr: IO[bytes] | None = None
) -> Generator[subprocess.Popen[bytes]]:
    """Run Python with pipes to and from it; its input ends with the block, and so does the process."""
    with subprocess.Popen(
        [sys.executable, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=stderr,
        env=env,
        cwd=cwd,
    ) as running:
        try:
            yield running
        except BaseException:
            running.kill()
            raise
        _input(running).close()
        try:
            running.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            running.kill()
            raise


@contextmanager
def program(name: str, *arguments: str) -> Generator[str]:
    """Run one of the programs beside this file that serve over HTTP; gives the origin that it prints."""
    with process(str(HERE / name), *arguments, env=_with_tests()) as running:
        yield _output(running).readline().decode().strip()
        running.terminate()


def answers_of(name: str, *arguments: str) -> Any:
    """Run one of the programs beside this file to its end, and give the JSON that it prints."""
    command = [sys.executable, str(HERE / name), *arguments]
    return json.loads(subprocess.run(command, check=True, capture_output=True, env=_with_tests()).stdout)


@dataclass(frozen=True)
class Asked:
    """A program that answers each line with one of JSON."""

    running: subprocess.Popen[bytes]

    def ask(self, *words: Any) -> Any:
        _input(self.running).write(json.dumps(words).encode() + b"\n")
        _input(self.running).flush()
        return json.loads(_output(self.running).readline())


@contextmanager
def asked(name: str, *arguments: str) -> Generator[Asked]:
    """Run one of the programs beside this file that answer lines."""
    with process(str(HERE / name), *arguments, env=_with_tests()) as running:
        yield Asked(running)


@dataclass(frozen=True)
class Era:
    """How a client of one protocol says who it is: once in a handshake, or with every request."""

    hello: str
    about: Mapping[str, Any]
    each: Mapping[str, Any]


_META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": {"name": "bench", "version": "1"},
    "io.modelcontextprotocol/clientCapabilities": {},
}
_HELLO = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "bench", "version": "1"}}
ERAS = {
    "2025": Era("initialize", _HELLO, {}),
    "2026": Era("server/discover", {"_meta": _META}, {"_meta": _META}),
}


@dataclass(frozen=True)
class Spoken:
    """A server over stdio, and the lightest client that there can be."""

    running: subprocess.Popen[bytes]
    era: Era
    _numbers: count[int] = field(default_factory=lambda: count(1))

    def greet(self) -> dict[str, Any]:
        """Open as clients of this era do; give what the server says of itself."""
        told = self.ask(self.era.hello, self.era.about)
        if self.era.hello == "initialize":
            self._say({"method": "notifications/initialized"})
        return told

    def ask(self, method: str, more: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Give the result of a request."""
        number = next(self._numbers)
        self._say({"id": number, "method": method, "params": {**self.era.each, **(more or {})}})
        while True:
            told = json.loads(_output(self.running).readline())
            if told.get("id") == number:
                return told["result"]

    def call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """Give what a tool answers."""
        result = self.ask("tools/call", {"name": tool, "arguments": arguments})
        assert not result.get("isError"), result
        return result

    def _say(self, message: Mapping[str, Any]) -> None:
        _input(self.running).write(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")
        _input(self.running).flush()


@contextmanager
def spoken(
    arguments: Sequence[str],
    environment: Mapping[str, str],
    cwd: Path,
    era: str = "2025",
    stderr: IO[bytes] | None = None,
) -> Generator[Spoken]:
    """Run a server over stdio."""
    with process(*arguments, env=environment, cwd=cwd, stderr=stderr) as running:
        yield Spoken(running, ERAS[era])


@dataclass(frozen=True)
class Memory:
    """The memory of a process in bytes, as Linux tells it."""

    process: int

    @property
    def held(self) -> int:
        return self._told("VmRSS")

    @property
    def peak(self) -> int:
        """The most that was held since `forget_peak`."""
        return self._told("VmHWM")

    def forget_peak(self) -> None:
        Path(f"/proc/{self.process}/clear_refs").write_text("5")

    def _told(self, name: str) -> int:
        told = dict(line.split(":", 1) for line in Path(f"/proc/{self.process}/status").read_text().splitlines())
        return int(told[name].split()[0]) * 1024


def children() -> set[int]:
    """Give the processes that were started from here and still run, where the system tells; each thread has its own."""
    found: set[int] = set()
    for thread in Path("/proc/self/task").glob("*"):
        with suppress(OSError):  # a thread that has ended meanwhile
            found |= set(map(int, (thread / "children").read_text().split()))
    return found


def _with_tests() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(HERE.parent)}


def _input(running: subprocess.Popen[bytes]) -> IO[bytes]:
    assert running.stdin is not None
    return running.stdin


def _output(running: subprocess.Popen[bytes]) -> IO[bytes]:
    assert running.stdout is not None
    return running.stdout
