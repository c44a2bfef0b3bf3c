"""What the server answers over HTTP beside the protocol: how it is, and full pictures behind sealed links."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from mcp.server.transport_security import TransportSecuritySettings
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from lightbox import __version__
from lightbox.errors import LightboxError
from lightbox.http.limits import AGAIN_SECONDS
from lightbox.http.links import Links
from lightbox.http.listening import in_url
from lightbox.http.readiness import Readiness
from lightbox.untrusted import plain_lines

if TYPE_CHECKING:
    from mcp.server.mcpserver import MCPServer

    from lightbox.tools.tool import Opening

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
    """Add `/health` and `/ready`, and `/images/{handle}` for whoever has a link."""
    redaction = opening.redaction
    readiness = Readiness(opening)

    async def health(_: Request) -> Response:
        return JSONResponse({"status": "ok", "name": server.name, "version": __version__})

    async def ready(_: Request) -> Response:
        faults = await readiness.faults()
        if faults:
            again = {"Retry-After": str(AGAIN_SECONDS)}
            return JSONResponse({"status": "not ready", "faults": faults}, HTTPStatus.SERVICE_UNAVAILABLE, again)
        return JSONResponse({"status": "ready"})

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
    server.custom_route("/ready", methods=["GET"])(ready)
    server.custom_route("/images/{handle}", methods=["GET"])(image)
