"""Running the sandbox: beside the caller, in a thread and a loop of its own, or by itself."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import socket
import sys
import threading
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import anyio
import anyio.to_thread
import uvicorn
from platformdirs import user_cache_path

from .api import MAX_BODY_BYTES, sandbox_app
from .dialects import OPENROUTER_PREFIX
from .faults import HEADER, MODEL_PREFIX
from .whereabouts import Whereabouts, is_loopback

if TYPE_CHECKING:
    from .library import Progress

HIGHEST_PORT: Final = 65_535
LOOPBACK: Final = "127.0.0.1"
THREAD_NAME: Final = "lightbox-sandbox"
KEY: Final = "sandbox"
"""A key for those clients that want one; the sandbox takes any but `wrong`."""

START_SECONDS: Final = 10.0
CACHE_FOLDER: Final = "sandbox"
BAR_WIDTH: Final = 30


class NotStarted(Exception):
    """The sandbox can't listen where it was told to, or there is no such folder; the message says what to do."""


class PortTaken(NotStarted):
    """Somebody else listens there; another port may be free."""


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A running sandbox: the base URL for clients, and where it listens."""

    base_url: str
    host: str
    port: int


@asynccontextmanager
async def running_sandbox(
    *, state_dir: Path, library: Path | None = None, port: int = 0, host: str = LOOPBACK
) -> AsyncGenerator[Sandbox]:
    """Run a sandbox until the block ends. Nothing in it, painting neither, stalls the caller's event loop.

    Args:
        state_dir: Its painted pictures are kept below this folder.
        library: A folder of pictures to search, its own painted ones where None. It is indexed while the sandbox runs.
        port: Where to listen; 0 takes a free port.
        host: An address of this machine's loopback interface.

    Raises:
        NotStarted: The port is taken, the address is not on loopback, or there is no such folder.
    """
    _look_for(library)
    if not is_loopback(host):
        raise NotStarted(f"The sandbox listens on loopback only, not on {host}: use {LOOPBACK}.")
    listener = _listen(host, port)
    server = _server(listener, state_dir / CACHE_FOLDER, library)
    thread = threading.Thread(target=server.run, args=([listener],), name=THREAD_NAME, daemon=True)
    thread.start()
    try:
        if not await anyio.to_thread.run_sync(server.ready.wait, START_SECONDS):
            raise NotStarted("The sandbox did not start; the log says why.")
        yield _sandbox(listener, host)
    finally:
        server.should_exit = True
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(thread.join)


def serve(
    port: int,
    library: Path | None,
    *,
    host: str = LOOPBACK,
    announce: Callable[[Sandbox], None] | None = None,
) -> None:
    """Run a sandbox by itself until it is interrupted; says on stderr where it is and how to use it.

    Args:
        port: Where to listen; 0 takes a free port.
        library: A folder of pictures to search, its own painted ones where None.
        host: Where to listen; on anything but loopback, others can use it too.
        announce: Told where the sandbox is, once it listens, instead of stderr.

    Raises:
        NotStarted: The port is taken, the address is not this machine's, or there is no such folder.
    """
    _look_for(library)
    listener = _listen(host, port)
    progress = None if announce else _show_progress
    server = _server(listener, user_cache_path("lightbox") / CACHE_FOLDER, library, progress)
    sandbox = _sandbox(listener, host)
    if announce is None:
        sys.stderr.write("\n".join((*exposure(sandbox, library), _greeting(sandbox.base_url), "")))
        sys.stderr.flush()
    else:
        announce(sandbox)
    with contextlib.suppress(KeyboardInterrupt):
        server.run([listener])


def exposure(sandbox: Sandbox, library: Path | None) -> list[str]:
    """Say what it means that others than this machine can use a sandbox; nothing where they can't."""
    if is_loopback(sandbox.host):
        return []
    shown = f"the pictures in {library}" if library else "its own painted pictures"
    told = (
        f"It listens on {sandbox.host}: whoever reaches this machine at port {sandbox.port} can use it. It checks no "
        f"key, shows {shown} and what was asked of it to all, and takes any amount of work. For a test network only; "
        f"`--host {LOOPBACK}` keeps it to this machine."
    )
    return [told]


class _Server(uvicorn.Server):
    """A server that says when it is ready, and ends at once."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for task in self.server_state.tasks:
            task.cancel()  # an endless stream would be waited for
        await super().shutdown(sockets)


def _server(
    listener: socket.socket, cache_dir: Path, library: Path | None, progress: Progress | None = None
) -> _Server:
    host, port = listener.getsockname()[:2]
    url = f"http://{_in_url(_reached_at(host))}:{port}"
    app = sandbox_app(Whereabouts(url, url, exposed=not is_loopback(host)), cache_dir, library, progress)
    config = uvicorn.Config(
        app,
        log_config=None,
        log_level=None,
        access_log=False,
        ws=_websocket if find_spec("websockets") else "none",  # pyright: ignore[reportArgumentType] - called like a class
        ws_max_size=MAX_BODY_BYTES,
        lifespan="on",
        timeout_graceful_shutdown=1,
    )
    _quieten()
    return _Server(config)


def _websocket(*arguments: Any, **options: Any) -> asyncio.Protocol:
    """Speak WebSocket. Its library takes as long to import as all the rest: that is done when the first one comes."""
    from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol  # noqa: PLC0415

    return WebSocketsSansIOProtocol(*arguments, **options)


def _look_for(library: Path | None) -> None:
    if library is not None and not library.is_dir():
        raise NotStarted(f"The pictures to search should be in {library}: there is no such folder.")


def _listen(host: str, port: int) -> socket.socket:
    if not 0 <= port <= HIGHEST_PORT:
        raise NotStarted(f"The sandbox can't listen at port {port}: ports run from 0 (any free one) to {HIGHEST_PORT}.")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named, for asyncio switches Nagle's algorithm off for TCP alone: every answer would wait 40 ms for it.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
            raise NotStarted(
                f"The sandbox can't listen on {host}: this machine has no such address. Use {LOOPBACK}, or 0.0.0.0 for "
                "all that it has."
            ) from error
        raise PortTaken(
            f"The sandbox can't listen on {host}:{port}: {error.strerror}. Take another port, or 0 for any free one."
        ) from error
    listener.listen()
    return listener


def _sandbox(listener: socket.socket, host: str) -> Sandbox:
    port: int = listener.getsockname()[1]
    return Sandbox(base_url=f"http://{_in_url(_reached_at(host))}:{port}/v1", host=host, port=port)


def _reached_at(host: str) -> str:
    """Give the host at which this machine reaches what listens on `host`: all of its addresses are no address."""
    return {"0.0.0.0": LOOPBACK, "::": "::1", "": LOOPBACK}.get(host, host)  # noqa: S104 - it is replaced


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def dashscope_url(base_url: str) -> str:
    """Give the base URL for DashScope's clients."""
    return base_url.removesuffix("/v1") + "/compatible-mode/v1"


def openrouter_url(base_url: str) -> str:
    """Give the base URL for OpenRouter's clients."""
    return base_url.removesuffix("/v1") + OPENROUTER_PREFIX


def _greeting(base_url: str) -> str:
    return (
        f"The Lightbox sandbox answers at {base_url} (Ctrl+C ends it).\n"
        "Point any client of the Responses API at it; every key but `wrong` will do:\n"
        f"  export OPENAI_BASE_URL={base_url} OPENAI_API_KEY={KEY}\n"
        f"  export DASHSCOPE_BASE_URL={dashscope_url(base_url)} DASHSCOPE_API_KEY={KEY}\n"
        f"  export OPENROUTER_BASE_URL={openrouter_url(base_url)} OPENROUTER_API_KEY={KEY}\n"
        f"A fault: header `{HEADER}: status=429;retry_after=1`, or model `{MODEL_PREFIX}status=429`.\n"
        f"What was asked: {base_url.removesuffix('/v1')}/sandbox/requests"
    )


def _show_progress(done: int, total: int) -> None:
    """Draw a bar on stderr; whoever reads stderr from a file gets one line."""
    if sys.stderr.isatty():
        filled = round(BAR_WIDTH * done / max(1, total))
        bar = "#" * filled + "." * (BAR_WIDTH - filled)
        sys.stderr.write(f"\rIndexing your pictures [{bar}] {done:,} of {total:,}" + ("\n" if done >= total else ""))
    elif done >= total:
        sys.stderr.write(f"Indexed {total:,} new or changed pictures.\n")
    sys.stderr.flush()


class _Deliberate(logging.Filter):
    """Keeps the log quiet about answers that were left unfinished on purpose: by a fault, or by the sandbox's end."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.threadName not in {THREAD_NAME, threading.main_thread().name}:
            return True
        ended = record.exc_info is not None and isinstance(record.exc_info[1], asyncio.CancelledError)
        return not ended and "returned without completing response" not in record.getMessage()


_DELIBERATE: Final = _Deliberate()


def _quieten() -> None:
    """Add the filter, once: another sandbox in this process finds it there."""
    logging.getLogger("uvicorn.error").addFilter(_DELIBERATE)
