"""What the server answers over HTTP beside the protocol: how it is, and full pictures behind sealed links."""

from __future__ import annotations

import logging
import socket
from collections.abc import Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from mcp.server.transport_security import TransportSecuritySettings
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response, StreamingResponse

from lightbox import __version__
from lightbox.errors import BadInput, FetchFailed, LightboxError
from lightbox.http.limits import AGAIN_SECONDS
from lightbox.http.links import Links
from lightbox.http.listening import in_url
from lightbox.http.readiness import Readiness
from lightbox.images.files import recognisable_name
from lightbox.images.sniff import EXTENSIONS, UNKNOWN_TYPE
from lightbox.untrusted import plain_lines

if TYPE_CHECKING:
    from mcp.server.mcpserver import MCPServer

    from lightbox.images.picture import Picture
    from lightbox.tools.parts import PictureParts
    from lightbox.tools.tool import Opening

logger = logging.getLogger(__name__)

REDIRECTED_SECONDS = 60
"""For how long an address at the object store is good: a download that has begun by then goes on."""

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
        try:
            parts = await opening.open_pictures()  # which brings the key that all servers of one database share
            link = links.opened(handle, request.query_params.get("token", ""))
            if link is None:
                return _told("This link is not valid, or has expired: ask the tool for a new one.", 403)
            return await _sent(parts, await parts.pictures.known(link.owner, handle), link.seconds)
        except (BadInput, FetchFailed) as error:
            return _told(redaction.strike_out(plain_lines(str(error))), 404)
        except LightboxError as error:
            logger.warning("a picture could not be sent: %s", error)
            return _told(redaction.strike_out(plain_lines(str(error))), 503)

    server.custom_route("/health", methods=["GET"])(health)
    server.custom_route("/ready", methods=["GET"])(ready)
    server.custom_route("/images/{handle}", methods=["GET"])(image)


async def _sent(parts: PictureParts, picture: Picture, seconds: int) -> Response:
    """Send a picture as a file to save, or whoever asks for it to the object store, which does the same."""
    headers = {
        "Cache-Control": f"private, max-age={seconds}",
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",  # a picture may be SVG
        "X-Content-Type-Options": "nosniff",
    }
    address = await parts.pictures.address(picture, max(1, min(seconds, REDIRECTED_SECONDS)))
    if address is not None:
        return RedirectResponse(address, 307, headers | {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"})
    pieces = await parts.pictures.stream(picture)
    if pieces is None:
        picture, data = await parts.open_picture(picture)
        return Response(data, media_type=picture.mime_type, headers=headers | _attachment(picture))
    headers |= _attachment(picture) | {"Content-Length": str(picture.byte_count)}
    return StreamingResponse(pieces, media_type=picture.mime_type, headers=headers)


def _attachment(picture: Picture) -> dict[str, str]:
    """Say that a picture is a file to save, and its name: plain, and as it reads for those who know RFC 6266."""
    kind = picture.mime_type or UNKNOWN_TYPE
    name = recognisable_name(picture.prompt or "", picture.handle, kind, picture.created_at)
    plain = f"{picture.handle}{EXTENSIONS.get(kind, '')}"
    return {"Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"}


def _told(text: str, status: int) -> Response:
    return PlainTextResponse(text, status, {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"})
