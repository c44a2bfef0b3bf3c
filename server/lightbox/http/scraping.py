"""`/metrics` on an address of its own, for Prometheus: whoever can reach that address can read it."""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from typing import Any, cast
from urllib.parse import urlsplit

from lightbox.http.listening import in_url
from lightbox.http.routes import LOOPBACK

MOST_AT_ONCE = 8
"""How many are answered at once; further ones are turned away."""
SILENT_SECONDS = 5.0
"""How long one that is being answered may be silent."""
_CONTENT_TYPE = "text/plain; version=1.0.0; charset=utf-8"
_LOOK_SECONDS = 0.1


@contextmanager
def scraped(listener: socket.socket, exposition: Callable[[], bytes]) -> Generator[None]:
    """Answer at `/metrics` in threads of its own, until the block ends.

    It is not the server for MCP, whose limits and logs are its own, and it serves beside stdio too.

    Args:
        listener: Where; closed in the end.
        exposition: Gives the metrics in the text format of Prometheus. Called on any thread.
    """
    host, port = listener.getsockname()[:2]
    server = _Server(listener, exposition, only_loopback=ip_address(host).is_loopback)
    threading.Thread(target=server.serve_forever, args=(_LOOK_SECONDS,), name="lightbox-metrics", daemon=True).start()
    print(f"Lightbox shows its metrics at http://{in_url(host)}:{port}/metrics", file=sys.stderr, flush=True)  # noqa: T201 - as the server says where it is
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


class _Server(ThreadingHTTPServer):
    """Answers a few at once."""

    daemon_threads = True

    def __init__(self, listener: socket.socket, exposition: Callable[[], bytes], *, only_loopback: bool) -> None:
        super().__init__(listener.getsockname()[:2], _Answering, bind_and_activate=False)
        self.socket.close()
        self.socket = listener
        self.exposition = exposition
        self.only_loopback = only_loopback
        self._room = threading.BoundedSemaphore(MOST_AT_ONCE)

    def process_request(self, request: Any, client_address: Any) -> None:
        if self._room.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._room.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Leave whoever broke off alone."""


class _Answering(BaseHTTPRequestHandler):
    """Answers one request."""

    timeout = SILENT_SECONDS

    def do_GET(self) -> None:
        """Give the metrics."""
        server = cast("_Server", self.server)
        # On loopback, nobody but a browser that was led here under a foreign name calls it by another.
        if server.only_loopback and urlsplit(f"//{self.headers.get('Host', '')}").hostname not in LOOPBACK:
            self._give(HTTPStatus.MISDIRECTED_REQUEST, b"This is not the name of this server.\n")
        elif self.path.partition("?")[0] != "/metrics":
            self._give(HTTPStatus.NOT_FOUND, b"The metrics are at /metrics.\n")
        else:
            self._give(HTTPStatus.OK, server.exposition())

    def version_string(self) -> str:
        """Say no more than what this is."""
        return "lightbox"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        """Say nothing: it is asked every few seconds."""

    def _give(self, status: HTTPStatus, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", _CONTENT_TYPE)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
