"""Looking at a short body before it is answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
