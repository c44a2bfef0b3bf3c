"""Which server works on a job, and whether it still lives: a process is known by its number and its start."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path

_living: set[str] = set()
_ENDED = {"Z", "X"}  # what the first of these fields says of a process that does no more
_START_TIME = 19  # of the fields of /proc/PID/stat that follow the process's name (proc_pid_stat(5), 22)


@contextmanager
def living_server() -> Generator[str]:
    """Name a server so that no other, on any machine, has the same name, while it lives: `host:pid:start.random`."""
    name = f"{_host()}:{os.getpid()}:{_start(os.getpid()) or ''}.{secrets.token_hex(4)}"
    _living.add(name)
    try:
        yield name
    finally:
        _living.discard(name)


def lives(server: str) -> bool | None:
    """Tell whether a server lives; None where that can't be known from here.

    A server of this process that is not among the living is gone. A process of its number that began at another time
    is another one.
    """
    rest, _, told = server.rpartition(":")
    host, _, pid = rest.rpartition(":")
    start, _, _ = told.rpartition(".")
    if not pid.isdecimal() or host != _host() or not _same_machine(start):
        return None
    if int(pid) == os.getpid():
        return server in _living
    if _is_gone(int(pid)):
        return False
    now = _start(int(pid))
    return now == start if now and start else None


def _host() -> str:
    return socket.gethostname()[:64]


def _same_machine(start: str) -> bool:
    """Whether a process that began so can be asked from here: one in another container has numbers of its own."""
    here = _numbering()
    there = start.split("-")[1:-1]
    return not (here and there) or there == [here]


def _numbering() -> str:
    """Give what tells one space of process numbers from others on this machine; nothing where there is but one."""
    with suppress(OSError):
        return str(Path("/proc/self/ns/pid").stat().st_ino)
    return ""


def _start(pid: int) -> str | None:
    """Give what tells a process from others of its number: the machine's start, its container, and its own start."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii")
        return f"{boot[:8]}-{_numbering()}-{_facts(pid)[_START_TIME]}"
    except (OSError, IndexError):
        return _start_by_ps(pid) if os.name == "posix" and not Path("/proc/self").exists() else None


def _facts(pid: int) -> list[str]:
    """Give the fields of /proc/PID/stat that follow the process's name."""
    return Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()


def _start_by_ps(pid: int) -> str | None:
    """Ask where there is no /proc, as on macOS."""
    command = ["/bin/ps", "-o", "lstart=", "-p", str(pid)]
    try:
        told = subprocess.run(command, capture_output=True, timeout=2, check=True)  # noqa: S603 - a number of ours
    except (OSError, subprocess.SubprocessError):
        return None
    return sha256(told.stdout).hexdigest()[:12]


def _is_gone(pid: int) -> bool:
    """Whether a process has ended; one that has, and whose parent has not asked yet how, is still listed."""
    with suppress(OSError, IndexError):
        return _facts(pid)[0] in _ENDED
    if sys.platform == "win32":  # which ends a process that is sent signal 0
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
