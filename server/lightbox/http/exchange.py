"""One request and its answer on their way: how much is read of the one, and how the other is sent."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, cast

import anyio

from lightbox.http.inbound import CONNECTION, WRITE_BYTES
from lightbox.http.limits import AGAIN_SECONDS, Limits
from lightbox.http.refusal import Refusal
from lightbox.http.upload import Upload

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from lightbox.http.inbound import Inbound

PICTURES_PATH = "/images/"

_KEY = "lightbox.exchange"


@dataclass
class Exchange:
    """What is known of a request while it is answered.

    Attributes:
        upload: Its body; no more is read of it than a stranger may send, until somebody who is known is behind it.
        begun: Whether an answer is on its way.
        sent: Whether all of it has left this process.
    """

    upload: Upload
    begun: bool = False
    sent: bool = False
    _end: anyio.Event = field(default_factory=anyio.Event)

    async def has_left(self) -> bool:
        """Wait for the end; tell whether the whole answer has left this process."""
        await self._end.wait()
        return self.sent

    def end(self) -> None:
        """Say that nothing more is sent."""
        self._end.set()

    @staticmethod
    def of(scope: Scope) -> Exchange:
        """Give the exchange that a request belongs to."""
        return cast("Exchange", scope[_KEY])


class Exchanges:
    """Stands around an application: bounds what it reads of a request, and how fast it can be made to answer.

    Args:
        app: Answers.
        limits: The limits.
    """

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        self._application = app
        self._limits = limits
        self._pictures = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        exchange = scope[_KEY] = Exchange(Upload(scope, receive, self._limits))
        whole = False

        async def in_pieces(message: Message) -> None:
            """Send a piece when the one before it is on its way: whoever does not read keeps little waiting."""
            nonlocal whole
            exchange.begun = True
            body = memoryview(message.get("body", b""))
            if len(body) <= WRITE_BYTES:
                await send(message)
            else:
                for start in range(0, len(body), WRITE_BYTES):
                    more = message.get("more_body", False) or start + WRITE_BYTES < len(body)
                    piece = bytes(body[start : start + WRITE_BYTES])
                    await send({"type": "http.response.body", "body": piece, "more_body": more})
            whole = message["type"] == "http.response.body" and not message.get("more_body", False)

        try:
            with self._picture(scope):
                await self._application(scope, exchange.upload.receive, in_pieces)
        except Refusal as refusal:
            if exchange.begun:
                raise
            await refusal(scope, receive, send)
        finally:
            with anyio.CancelScope(shield=True):
                connection: Inbound | None = scope.get("state", {}).get(CONNECTION)
                exchange.sent = whole and (connection is None or await connection.written())
            exchange.end()

    @contextmanager
    def _picture(self, scope: Scope) -> Generator[None]:
        """Count a picture that is fetched: each is whole in memory until its client has read it."""
        one = int(scope["path"].startswith(PICTURES_PATH))
        if one and self._pictures >= self._limits.pictures:
            raise Refusal(
                HTTPStatus.SERVICE_UNAVAILABLE,
                f"{self._limits.pictures} pictures are being fetched, as many as Lightbox gives at once. Try again in "
                f"{AGAIN_SECONDS} seconds.",
                AGAIN_SECONDS,
            )
        self._pictures += one
        try:
            yield
        finally:
            self._pictures -= one
