"""A service that is never what one waits for: every POST is answered at once with the same prepared stream.

Run as a program it takes the file of the stream, and prints its origin.
"""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path

_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


class Answering(asyncio.Protocol):
    """One connection, which is kept open from request to request."""

    def __init__(self, answer: bytes) -> None:
        self._answer = answer
        self._kept = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._kept += data
        while (end := self._kept.find(b"\r\n\r\n")) >= 0:
            length = _LENGTH.search(self._kept, 0, end)
            whole = end + 4 + (int(length[1]) if length else 0)
            if len(self._kept) < whole:
                return
            self._kept = self._kept[whole:]
            assert self._transport is not None
            self._transport.write(self._answer)


async def serve(stream: bytes) -> None:
    head = f"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: {len(stream)}\r\n\r\n"
    answer = head.encode() + stream
    server = await asyncio.get_running_loop().create_server(lambda: Answering(answer), "127.0.0.1", 0, backlog=256)
    host, port = server.sockets[0].getsockname()
    sys.stdout.write(f"http://{host}:{port}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]).read_bytes()))
