"""The body of a request, as it is read: never more of it than is wanted, and only while it keeps coming."""

from __future__ import annotations

import time
from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING

import anyio
from starlette.datastructures import Headers

from lightbox.http.limits import MIB, Limits, Patience
from lightbox.http.refusal import Refusal

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Scope


class Upload:
    """The body of one request.

    Attributes:
        declared: Its length in bytes, as its client says; 0 where it does not.
        most: Its largest length in bytes.
        ahead: Its beginning, read before anybody asked for it.
        complete: Whether all of it has come.
        take: Takes room for bytes that were not declared.
    """

    def __init__(self, scope: Scope, receive: Receive, limits: Limits) -> None:
        length = Headers(scope=scope).get("content-length", "")
        self.declared = int(length) if length.isdecimal() else 0
        self.most = limits.stranger_bytes
        self.ahead = b""
        self.complete: bool = False
        self.take: Callable[[int], None] = lambda _: None
        self._receive = receive
        self._free = max(self.declared, limits.stranger_bytes)
        self._read = 0
        self._waiting: Message | None = None
        self._patience = Patience(limits.body_seconds, limits.bytes_per_second)

    def check_length(self) -> None:
        """Refuse a body that says that it is too large."""
        if max(self.declared, self._read) > self.most:
            size = f"{self.most // MIB} MiB" if self.most >= MIB else f"{self.most // 1024} kB"
            raise Refusal(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                f"The request is larger than {size}, the most that is read. Send smaller pictures, or their URLs.",
            )

    async def begin(self, size: int) -> None:
        """Read all of a body of up to `size` bytes, or as much of a larger one."""
        if self.declared > size:
            return
        pieces: list[bytes] = []
        while not self.complete and self._waiting is None and self._read <= size:
            message = await self._next()
            if message["type"] != "http.request":
                self._waiting = message
            else:
                pieces.append(message.get("body", b""))
        self.ahead = b"".join(pieces)

    async def discard(self) -> None:
        """Read what is left, and keep nothing of it."""
        while not self.complete and (await self._next())["type"] == "http.request":
            pass

    async def receive(self) -> Message:
        """Give the next piece, as an application asks for it."""
        if self.ahead:
            ahead, self.ahead = self.ahead, b""
            return {"type": "http.request", "body": ahead, "more_body": not self.complete}
        if self._waiting is not None:
            return self._waiting
        return await self._next()

    async def _next(self) -> Message:
        if self.complete:
            return await self._receive()
        began = time.monotonic()
        message: Message | None = None
        with anyio.move_on_after(max(0.0, self._patience.left)):
            message = await self._receive()
        if message is None:
            raise Refusal(
                HTTPStatus.REQUEST_TIMEOUT, "The request's body did not come in time. Send the request again.", 0
            )
        size = len(message.get("body", b""))
        self._patience.spend(time.monotonic() - began, size)
        self._read += size
        self.check_length()
        if self._read > self._free:
            self.take(size)
        self.complete = message["type"] == "http.request" and not message.get("more_body", False)
        return message
