"""The gallery in the browser: one page, and what it asks, for the one person on this machine."""

from __future__ import annotations

import secrets
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from lightbox.http.exchange import Exchanges
from lightbox.http.page_calls import PageCalls, page_calls
from lightbox.http.visiting import Visiting, hardened
from lightbox.views.page import browser_page

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping
    from typing import Any

    from mcp.server.mcpserver import MCPServer

    from lightbox.http.limits import Limits
    from lightbox.http.visiting import Keys

_JSON = "application/json"


def gallery_app(server: MCPServer[Any], keys: Keys, limits: Limits) -> Starlette:
    """Make the application: `/`, which is the page, and `/rpc`, by which it asks the server.

    Args:
        server: The server of the person's own settings; it is connected to for as long as the application lives.
        keys: What lets the person's browser in.
        limits: How much it may send.
    """

    @asynccontextmanager
    async def living(_: Starlette) -> AsyncGenerator[Mapping[str, PageCalls]]:
        async with page_calls(server) as calls:
            yield {"calls": calls}

    application = Starlette(
        routes=[Route("/", _page, methods=["GET"]), Route("/rpc", _rpc, methods=["POST"])], lifespan=living
    )
    application.add_middleware(Visiting, keys=keys, limits=limits)
    application.add_middleware(Exchanges, limits=limits)
    return application


async def _page(_: Request) -> Response:
    """Give the page; only what it holds itself may run in it, and it reaches this server alone."""
    nonce = secrets.token_urlsafe(16)
    policy = (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; img-src 'self' data: blob:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return hardened(HTMLResponse(browser_page(nonce)), **{"Content-Security-Policy": policy})


async def _rpc(request: Request) -> Response:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _JSON:
        return hardened(JSONResponse({"error": {"code": -32600, "message": f"A request is {_JSON}."}}, 415))
    calls: PageCalls = request.state.calls
    return hardened(JSONResponse(await calls.reply(await request.body())))
