"""Cancellations by clients of the 2025 protocol: over HTTP without sessions they would reach no call."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

from starlette.datastructures import Headers

from lightbox.http.callers import owner_of

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BYTES = 4_096
"""The longest body that is looked at: a cancellation is a few dozen bytes."""

_METHOD = "notifications/cancelled"

Cancel = Callable[[str, str], None]
"""Cancels the call that a caller made under a request id."""


class Cancelling:
    """Looks at what is posted, and passes cancellations on to the calls that they mean.

    Args:
        app: Answers every request, cancellations too.
        cancel: Cancels a call by its owner and request id.
    """

    def __init__(self, app: ASGIApp, cancel: Cancel) -> None:
        self._application = app
        self._cancel = cancel

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] == "http" and scope["method"] == "POST":
            headers = Headers(scope=scope)
            length = headers.get("content-length", "")
            if length.isdecimal() and len(length) <= len(str(MOST_BYTES)) and int(length) <= MOST_BYTES:
                receive = await self._look(headers, receive)
        await self._application(scope, receive, send)

    async def _look(self, headers: Headers, receive: Receive) -> Receive:
        """Read a short body, act on it where it is a cancellation, and give it to whoever reads on."""
        messages: list[Message] = []
        body = b""
        while len(body) <= MOST_BYTES:
            message = await receive()
            messages.append(message)
            body += message.get("body", b"")
            if message["type"] != "http.request" or not message.get("more_body"):
                break
        named = cancelled_request(body)
        if named is not None:
            self._cancel(owner_of(headers.get("authorization")), named)

        async def again() -> Message:
            return messages.pop(0) if messages else await receive()

        return again


def cancelled_request(body: bytes) -> str | None:
    """Give the id of the request that a body cancels; None where it is no cancellation."""
    if _METHOD.encode() not in body:
        return None
    with suppress(ValueError, RecursionError):
        message = json.loads(body)
        if isinstance(message, dict):
            told = cast("dict[str, Any]", message)
            parameters = told.get("params")
            if told.get("method") == _METHOD and isinstance(parameters, dict):
                named = cast("dict[str, Any]", parameters).get("requestId")
                return str(named) if isinstance(named, str | int) else None
    return None
