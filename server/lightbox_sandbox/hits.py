"""The pictures that searches find, served over HTTP: sound ones, and those that a fault has spoilt."""

from __future__ import annotations

import html
import struct
import zlib
from collections.abc import AsyncIterator
from typing import Final
from urllib.parse import quote

import anyio
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from .delivery import HEADERS
from .studio import Studio
from .whereabouts import HERE

PRIVATE_ADDRESS: Final = "http://169.254.169.254/latest/meta-data/"
HUGE_BYTES: Final = 200 * 1024 * 1024
CHUNK: Final = 64 * 1024
BOMB_SIDE: Final = 30_000
SLOW_SECONDS: Final = 600
JPEG_START: Final = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00"


class Hits:
    """The routes of the pictures."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio

    def routes(self) -> list[Route]:
        """Give the routes."""
        return [
            Route("/pictures/{key:path}", self.picture),
            Route("/thumbnails/{key:path}", self.thumbnail),
            Route("/pages/{key:path}", self.page),
            Route("/faulty/{fault}/{key:path}", self.faulty),
        ]

    async def picture(self, request: Request) -> Response:
        """Give a picture as it is."""
        return await self._file(request.path_params["key"])

    async def thumbnail(self, request: Request) -> Response:
        """Give a picture in small."""
        return await self._file(request.path_params["key"], thumbnail=True)

    async def page(self, request: Request) -> Response:
        """Give the page on which a picture would have been found."""
        key = request.path_params["key"]
        try:
            entry = await self._studio.entry(key)
        except KeyError:
            return _not_found()
        title, address = html.escape(entry.title), f"/pictures/{html.escape(quote(key))}"
        return HTMLResponse(
            f'<!doctype html><html><head><meta charset="utf-8"><title>{title}</title>'
            f'<meta property="og:title" content="{title}">'
            f'<meta property="og:image" content="{HERE.get().url}{address}">'
            f'<meta property="og:image:type" content="{entry.mime_type}">'
            f'<meta property="og:image:width" content="{entry.width}">'
            f'<meta property="og:image:height" content="{entry.height}"></head><body><h1>{title}</h1>'
            f'<img src="{address}" alt="{title}" width="{entry.width}" height="{entry.height}">'
            f"<p>{entry.width}x{entry.height} px, {entry.mime_type}. A page of the Lightbox sandbox.</p></body></html>",
            headers=HEADERS,
        )

    async def faulty(self, request: Request) -> Response:
        """Give a picture with the fault that stands in its address."""
        fault, key = request.path_params["fault"], request.path_params["key"]
        if fault == "redirected":
            return RedirectResponse(request.url.replace(path=f"/pictures/{key}"), status_code=302, headers=HEADERS)
        if fault == "private":
            return RedirectResponse(PRIVATE_ADDRESS, status_code=302, headers=HEADERS)
        if fault == "mislabelled":
            return await self._file(key, media_type="image/bmp")
        made = {
            "not_an_image": lambda: Response("<html>Please log in</html>", headers=HEADERS, media_type="image/jpeg"),
            "huge": lambda: _streamed(_huge(), "image/jpeg", HUGE_BYTES),
            "slow": lambda: _streamed(_slow(), "image/jpeg", SLOW_SECONDS),
            "bomb": lambda: Response(png_bytes(BOMB_SIDE), headers=HEADERS, media_type="image/png"),
            "tiny": lambda: Response(png_bytes(1), headers=HEADERS, media_type="image/png"),
        }.get(fault, _not_found)
        return made()

    async def _file(self, key: str, *, thumbnail: bool = False, media_type: str | None = None) -> Response:
        try:
            data, found_type = await self._studio.file(key, thumbnail=thumbnail)
        except KeyError:
            return _not_found()
        return Response(data, headers=HEADERS, media_type=media_type or found_type)


def png_bytes(side: int) -> bytes:
    """Make a small PNG that says it is a square of `side` px; above 1 px it is a lie, told to decoders."""
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(b"\x00\x80")), (b"IEND", b""))
    body = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body


def _not_found() -> Response:
    return PlainTextResponse("Not found", status_code=404, headers=HEADERS)


def _streamed(chunks: AsyncIterator[bytes], media_type: str, length: int) -> Response:
    return StreamingResponse(chunks, headers=HEADERS | {"content-length": str(length)}, media_type=media_type)


async def _huge() -> AsyncIterator[bytes]:
    yield JPEG_START.ljust(CHUNK, b"\x00")
    for _ in range(HUGE_BYTES // CHUNK - 1):
        yield bytes(CHUNK)


async def _slow() -> AsyncIterator[bytes]:
    for second in range(SLOW_SECONDS):
        yield JPEG_START[second : second + 1] or b"\x00"
        await anyio.sleep(1)
