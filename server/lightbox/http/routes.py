"""What the server answers over HTTP beside the protocol: its health, and full pictures behind sealed links."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from mcp.server.transport_security import TransportSecuritySettings
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from lightbox import __version__
from lightbox.errors import LightboxError
from lightbox.http.links import Links
from lightbox.http.listening import in_url
from lightbox.untrusted import plain_lines

if TYPE_CHECKING:
    from mcp.server.mcpserver import MCPServer

    from lightbox.tools.tool import Opening

MAX_REQUEST_BYTES = 48 * 1024 * 1024
"""Largest request in bytes: twice a picture of 20 MB as a data URI, or a picture and a mask."""

LOOPBACK = ("127.0.0.1", "localhost", "::1")
ANYWHERE = ("0.0.0.0", "::")  # noqa: S104 - recognised, not bound


def transport_security(host: str, port: int, names: Sequence[str]) -> TransportSecuritySettings:
    """Let requests through that name this server: by its host, by loopback, or by a name from HTTP_HOSTS.

    A browser that was led here under a foreign name (DNS rebinding) names that one.
    """
    own = [in_url(name) for name in (*LOOPBACK, *names, socket.gethostname() if host in ANYWHERE else host)]
    hosts = [form for name in own for form in (name, f"{name}:{port}", f"{name}:*")]
    origins = [f"{scheme}://{form}" for scheme in ("http", "https") for form in hosts]
    return TransportSecuritySettings(enable_dns_rebinding_protection=True, allowed_hosts=hosts, allowed_origins=origins)


def add_routes(server: MCPServer[Any], opening: Opening, links: Links) -> None:
    """Add `/health`, and `/images/{handle}` for whoever has a link."""
    redaction = opening.redaction

    async def health(_: Request) -> Response:
        return JSONResponse({"status": "ok", "name": server.name, "version": __version__})

    async def image(request: Request) -> Response:
        handle: str = request.path_params["handle"]
        owner = links.owner(handle, request.query_params.get("token", ""))
        if owner is None:
            return PlainTextResponse("This link is not valid, or has expired: ask the tool for a new one.", 403)
        parts = await opening.open()
        try:
            picture, data = await parts.open_picture(await parts.pictures.known(owner, handle))
        except LightboxError as error:
            return PlainTextResponse(redaction.strike_out(plain_lines(str(error))), 404)
        headers = {
            "Cache-Control": "private, max-age=3600",
            "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",  # a picture may be SVG
            "X-Content-Type-Options": "nosniff",
        }
        return Response(data, media_type=picture.mime_type, headers=headers)

    server.custom_route("/health", methods=["GET"])(health)
    server.custom_route("/images/{handle}", methods=["GET"])(image)
