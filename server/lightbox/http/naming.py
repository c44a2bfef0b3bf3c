"""Only requests that name this server are answered, whatever they ask for.

A browser that was led here under a foreign name (DNS rebinding) would let a page of that name read what is answered.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from mcp.server.transport_security import TransportSecurityMiddleware
from starlette.requests import Request

from lightbox.http.listening import in_url
from lightbox.http.refusal import Refusal

if TYPE_CHECKING:
    from mcp.server.transport_security import TransportSecuritySettings
    from starlette.types import ASGIApp, Receive, Scope, Send

WELL_KNOWN = "/.well-known/"
"""What is public by its standard: pages of any origin may read it."""

WRONG_HOST = Refusal(
    HTTPStatus.MISDIRECTED_REQUEST,
    "This server is not known by the name in the request's Host header. Call it by its own address, or have whoever "
    "runs it add the name to LIGHTBOX_HTTP_HOSTS.",
)
WRONG_ORIGIN = Refusal(
    HTTPStatus.FORBIDDEN,
    "Pages of the site in the request's Origin header may not call this server. Whoever runs it can add the site's "
    "host to LIGHTBOX_HTTP_HOSTS.",
)


class NameCheck:
    """Refuses requests that name another host, or come from another site's page.

    Args:
        app: Answers the others.
        security: The names under which this server is called. The very address that a request came to is one, too, as
            probes use it: no page has a name that is an address.
    """

    def __init__(self, app: ASGIApp, security: TransportSecuritySettings) -> None:
        self._application = app
        self._check = TransportSecurityMiddleware(security)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or say why not."""
        application = self._application
        if scope["type"] == "http":
            application = await self._refused(scope) or application
        await application(scope, receive, send)

    async def _refused(self, scope: Scope) -> Refusal | None:
        request = Request(_by_name(scope))
        refused = await self._check.validate_request(request)
        if refused is None:
            return None
        return WRONG_ORIGIN if refused.status_code == HTTPStatus.FORBIDDEN else WRONG_HOST


def _by_name(scope: Scope) -> Scope:
    """Give the request with what does not matter taken out of it."""
    server = scope.get("server")
    own = {in_url(server[0]).encode(), f"{in_url(server[0])}:{server[1]}".encode()} if server else set[bytes]()
    open_to_all = scope["path"].startswith(WELL_KNOWN)
    headers = [
        (name, b"localhost" if name == b"host" and value in own else value)
        for name, value in scope["headers"]
        if not (name == b"origin" and open_to_all)
    ]
    return {**scope, "headers": headers}
