"""Serving HTTP: a listener that is bound before the server is made, and a word when it is open."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import replace
from ipaddress import IPv6Address
from types import FrameType
from typing import TYPE_CHECKING

import uvicorn
from anyio.to_thread import run_sync

from lightbox.errors import SettingsError
from lightbox.http.inbound import Inbound

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.types import ASGIApp

    from lightbox.http.limits import Limits


LAST_ANSWERS_SECONDS = 2
"""How long calls that are under way may go on when the process is told to end; their jobs are in the journal."""

MOST_WAITING = 2_048
"""How many connections wait to be accepted."""
MOST_ACCEPTED = 128
"""How many connections are accepted in one go; for a moment, they are open beside as many as may be."""


class Configuration(uvicorn.Config):
    """What uvicorn serves an application with, and within which limits.

    Attributes:
        limits: The limits.
        lingering: The connections that were refused, and are about to be closed.
    """

    def __init__(self, application: ASGIApp, limits: Limits, *, log_level: str | None = None) -> None:
        connections = min(limits.connections, _most_connections())
        super().__init__(
            application,
            http=Inbound,
            h11_max_incomplete_event_size=limits.header_bytes,
            log_level=log_level and log_level.lower(),
            log_config=None,
            ws="none",
            backlog=max(1, min(MOST_ACCEPTED, connections // 4)),
            timeout_keep_alive=limits.idle_seconds,
            timeout_graceful_shutdown=LAST_ANSWERS_SECONDS,
        )
        self.limits = replace(limits, connections=connections)
        self.lingering: set[Inbound] = set()


def listen(host: str, port: int, setting: str = "--http") -> socket.socket:
    """Bind the address that stands in `setting`; port 0 takes any that is free.

    Raises:
        SettingsError: The port is taken, or the address is none of this machine's.
    """
    family = socket.AF_INET6 if in_url(host) != host else socket.AF_INET
    # Named as TCP, for only of such sockets asyncio switches off Nagle's delay of 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":  # elsewhere the option would let others take the port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen()
    except OSError as error:
        listener.close()
        reason = error.strerror or str(error)
        raise SettingsError(
            f"Lightbox can't listen on {in_url(host)}:{port} ({reason}): choose another address with {setting}."
        ) from error
    return listener


def _most_connections() -> int:
    """Give half of the files that this process may open: the other half is for its own work."""
    try:
        import resource  # noqa: PLC0415 - Windows has none
    except ImportError:
        return sys.maxsize
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return sys.maxsize if soft == resource.RLIM_INFINITY else soft // 2


def serve(
    application: Starlette,
    listener: socket.socket,
    *,
    limits: Limits,
    log_level: str,
    on_open: Callable[[str], None] | None = None,
    on_signal: Callable[[], None] = lambda: None,
    on_end: Callable[[], None] = lambda: None,
) -> None:
    """Answer requests until the process is told to end.

    `on_open` is told the server's address, e.g. `http://127.0.0.1:8000`, once it can be reached; without it, that is
    said on stderr. `on_signal` is called when it is told to end, `on_end` on another thread once the last answer has
    left: after that, the signal ends the process.
    """
    config = Configuration(application, limits, log_level=log_level)
    _Server(config, on_open or _say_where, on_signal, on_end).run(sockets=[listener])


class _Server(uvicorn.Server):
    """Says where it is once it can be reached, and ends at the first signal."""

    def __init__(
        self,
        config: uvicorn.Config,
        on_open: Callable[[str], None],
        on_signal: Callable[[], None],
        on_end: Callable[[], None],
    ) -> None:
        super().__init__(config)
        self._on_open = on_open
        self._on_signal = on_signal
        self._on_end = on_end

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        if hasattr(signal, "SIGHUP") and threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGHUP, self.handle_exit)  # a terminal that is closed
        with super().capture_signals():
            yield

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._on_signal()
        super().handle_exit(sig, frame)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for listener in sockets or ():
            listener.listen(MOST_WAITING)  # asyncio has made the queue as short as what it accepts in one go
            host, port = listener.getsockname()[:2]
            self._on_open(f"http://{in_url(host)}:{port}")

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await super().shutdown(sockets)
        await run_sync(self._on_end)


def _say_where(origin: str) -> None:
    print(f"Lightbox serves MCP at {origin}/mcp", file=sys.stderr, flush=True)  # noqa: T201 - logs are for faults


def in_url(host: str) -> str:
    """Write a host as it stands in a URL and in the Host header: an IPv6 address in brackets, e.g. `[::1]`."""
    with suppress(ValueError):
        IPv6Address(host)
        return f"[{host}]"
    return host
