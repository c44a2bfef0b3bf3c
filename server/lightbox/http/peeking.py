"""Looking at a short body before it is answered."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

from starlette.datastructures import Headers

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Scope


async def peek(scope: Scope, receive: Receive, most_bytes: int) -> tuple[bytes, Receive]:
    """Give what was posted, where that is short, and what gives it once more to whoever answers.

    Args:
        scope: The request.
        receive: Gives what is posted.
        most_bytes: The longest body that is looked at; of a longer one, or one of unknown length, nothing is read.
    """
    if scope["type"] != "http" or scope["method"] != "POST":
        return b"", receive
    length = Headers(scope=scope).get("content-length", "")
    if not (length.isdecimal() and len(length) <= len(str(most_bytes)) and int(length) <= most_bytes):
        return b"", receive
    messages: list[Message] = []
    body = b""
    while len(body) <= most_bytes:
        message = await receive()
        messages.append(message)
        body += message.get("body", b"")
        if message["type"] != "http.request" or not message.get("more_body"):
            break

    async def again() -> Message:
        return messages.pop(0) if messages else await receive()

    return body, again


def parameters_of(body: bytes, method: str) -> dict[str, Any] | None:
    """Give the parameters of a message, if a body is one of this method; None of all others."""
    if method.encode() not in body:
        return None
    with suppress(ValueError, RecursionError):
        message = json.loads(body)
        if isinstance(message, dict):
            told = cast("dict[str, Any]", message)
            parameters = told.get("params")
            if told.get("method") == method and isinstance(parameters, dict):
                return cast("dict[str, Any]", parameters)
    return None
