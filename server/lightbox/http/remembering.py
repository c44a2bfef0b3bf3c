"""Clients of the 2025 protocol that show MCP Apps, over HTTP without sessions: they say so once, in `initialize`.

What they said travels with them, sealed into the id of a session that nobody keeps: any replica can open it.
"""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import anyio
from mcp.server.request_state import InvalidRequestState
from mcp.types import INVALID_REQUEST
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, Response

from lightbox.errors import LightboxError
from lightbox.http.callers import owner_of
from lightbox.http.peeking import parameters_of, peek
from lightbox.tools.gallery_host import declares_apps

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from lightbox.http.sealing import Seal

MOST_BYTES = 16_384
"""The longest body that is looked at, in bytes: a client that introduces itself needs a few hundred."""
MOST_SECONDS = 5.0
"""How long a client that introduces itself waits for the key of the seal; without it, it is answered as any other."""

_HEADER = "mcp-session-id"
_PREFIX = "apps."
"""How such an id begins: those of sessions that are kept are hexadecimal."""
_KIND = "apps"
_KEY = "lightbox.shows_apps"


class Remembering:
    """Gives such clients an id that says so, and takes it for what it says.

    Args:
        app: Answers every request, and sees no such id. Whoever calls has been checked by then.
        seal: What the ids are sealed with.
        unlock: Brings the key of the seal.
    """

    def __init__(self, app: ASGIApp, seal: Seal, unlock: Callable[[], Awaitable[object]]) -> None:
        self._application = app
        self._seal = seal
        self._unlock = unlock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        named = Headers(scope=scope).get(_HEADER)
        if named is None:
            await self._first(scope, receive, send)
        elif named.startswith(_PREFIX):
            await self._later(scope, receive, send, named.removeprefix(_PREFIX))
        else:
            await self._application(scope, receive, send)

    async def _first(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a client that has no session; one that introduces itself is perhaps given an id."""
        body, receive = await peek(scope, receive, MOST_BYTES)
        able = (parameters_of(body, "initialize") or {}).get("capabilities")
        sealed = await self._sealed(owner_of(scope)) if declares_apps(able) else None

        async def with_id(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == HTTPStatus.OK:
                MutableHeaders(scope=message).setdefault(
                    _HEADER, f"{_PREFIX}{sealed}"
                )  # or it is given one that is kept
            await send(message)

        await self._application(scope, receive, with_id if sealed else send)

    async def _later(self, scope: Scope, receive: Receive, send: Send, sealed: str) -> None:
        """Answer a client that was given an id."""
        if not await self._opens(sealed, owner_of(scope)):
            await _not_found()(scope, receive, send)
        elif scope["method"] == "DELETE":  # nothing is kept
            await Response(status_code=HTTPStatus.NO_CONTENT)(scope, receive, send)
        elif scope["method"] == "GET":  # nothing is said of itself, so no stream has to be held open for it
            await Response(status_code=HTTPStatus.METHOD_NOT_ALLOWED, headers={"Allow": "POST, DELETE"})(
                scope, receive, send
            )
        else:
            headers = [pair for pair in scope["headers"] if pair[0] != _HEADER.encode()]
            await self._application({**scope, "headers": headers, _KEY: True}, receive, send)

    async def _sealed(self, owner: str) -> str | None:
        with anyio.move_on_after(MOST_SECONDS):
            try:
                await self._unlock()
                return self._seal.seal(json.dumps([_KIND, owner]).encode())
            except LightboxError:
                return None
        return None

    async def _opens(self, sealed: str, owner: str) -> bool:
        with anyio.move_on_after(MOST_SECONDS):
            try:
                await self._unlock()
                return json.loads(self._seal.unseal(sealed)) == [_KIND, owner]
            except (LightboxError, InvalidRequestState, ValueError):
                return False
        return False


def shows_apps(scope: Mapping[str, Any]) -> bool:
    """Tell whether whoever makes a request was given such an id."""
    return bool(scope.get(_KEY))


def _not_found() -> Response:
    """Say that there is no such session: by the protocol, the client then introduces itself again."""
    error = {"code": INVALID_REQUEST, "message": "Session not found"}
    return JSONResponse({"jsonrpc": "2.0", "id": None, "error": error}, HTTPStatus.NOT_FOUND)
