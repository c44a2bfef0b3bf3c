"""Which server works on a job, and whether it still lives."""

from __future__ import annotations

import os
import secrets
import socket
import sys
from collections.abc import Generator
from contextlib import contextmanager

_living: set[str] = set()


@contextmanager
def living_server() -> Generator[str]:
    """Name a server so that no other, on any machine, has the same name, while it lives: `host:pid:random`."""
    name = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
    _living.add(name)
    try:
        yield name
    finally:
        _living.discard(name)


def lives(server: str) -> bool | None:
    """Tell whether a server lives; None where that can't be known from here.

    A server of this process that is not among the living is gone, also where its process number was used again.
    """
    host, _, rest = server.rpartition(":")[0].rpartition(":")
    if not (pid := rest).isdecimal():
        return None  # named by a version that names servers otherwise
    if int(pid) == os.getpid() and host == socket.gethostname():
        return server in _living
    if host != socket.gethostname() or sys.platform == "win32":  # Windows ends a process that is sent signal 0
        return None
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
