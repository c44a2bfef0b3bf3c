"""What is said to whoever asks for too much: why, and when to come again."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

REFUSED = -32010
"""The code of our refusals as JSON-RPC errors, from the range that is left to servers."""


class Refusal(Exception):
    """Ends a request before it is worked on; the person, or the client's model, reads why.

    Args:
        status: The HTTP status.
        message: What is wrong, and what to do.
        again: After how many seconds the same request may be let through; None where it never is.
        request_id: The JSON-RPC request's, where it was read.
    """

    def __init__(
        self, status: HTTPStatus, message: str, again: int | None = None, request_id: str | int | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.again = again
        self.request_id = request_id

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request with it."""
        await Response(self.body(), self.status, self.headers, "application/json")(scope, receive, send)

    @property
    def headers(self) -> dict[str, str]:
        """The headers that tell machines when to come again."""
        return {"Cache-Control": "no-store"} | ({} if self.again is None else {"Retry-After": str(self.again)})

    def body(self) -> bytes:
        """Write it as a JSON-RPC error, which MCP clients show, and people can read."""
        error: dict[str, Any] = {"code": REFUSED, "message": self.message}
        if self.again is not None:
            error["data"] = {"retryAfterSeconds": self.again}
        return json.dumps({"jsonrpc": "2.0", "id": self.request_id, "error": error}).encode()

    def raw(self) -> bytes:
        """Write the whole answer for a connection that has no request; it is closed with it."""
        body = self.body()
        headers = {
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
            "Connection": "close",
            **self.headers,
        }
        lines = [f"HTTP/1.1 {self.status.value} {self.status.phrase}", *(f"{k}: {v}" for k, v in headers.items())]
        return "\r\n".join([*lines, "", ""]).encode() + body
