"""What the tests of pictures share: painted pictures, a host on loopback, a store."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageOps

from lightbox.images.content_folder import FolderContent
from lightbox.images.fetch import Fetcher
from lightbox.images.store import PictureStore
from lightbox.state.database import Database
from lightbox.state.engines import open_database

Painter = Callable[..., bytes]


@pytest.fixture(scope="session")
def painted() -> Painter:
    """Paint a picture: red on the left, blue on the right, a white spot at the top left."""

    def paint(kind: str = "PNG", size: tuple[int, int] = (160, 120), mode: str = "RGB", **options: Any) -> bytes:
        image = Image.new("RGB", size, "red")
        draw = ImageDraw.Draw(image)
        draw.rectangle((size[0] // 2, 0, size[0], size[1]), fill="blue")
        draw.rectangle((0, 0, size[0] // 8, size[1] // 8), fill="white")
        buffer = BytesIO()
        image.convert(mode).save(buffer, kind, **options)
        return buffer.getvalue()

    return paint


@pytest.fixture(scope="session")
def photo() -> bytes:
    """A JPEG with the grain of a photograph."""
    return _grainy(1600, 1200)


@pytest.fixture(scope="session")
def large_photo() -> bytes:
    """A JPEG of 12 megapixels."""
    return _grainy(4000, 3000)


def _grainy(width: int, height: int) -> bytes:
    grain = ImageOps.scale(Image.effect_noise((width // 4, height // 4), 90), 4)
    buffer = BytesIO()
    Image.merge("RGB", (grain, grain.transpose(Image.Transpose.ROTATE_180), grain)).save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


@dataclass
class Page:
    """What a host answers for a path; with a `gate`, only once that is set."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict[str, str])
    ranges: bool = False
    refuses_parts: bool = False
    length: bool = True
    gate: threading.Event | None = None


@dataclass
class Host:
    """A web host on loopback, and what it was asked for."""

    port: int
    pages: dict[str, Page] = field(default_factory=dict[str, Page])
    asked: list[str] = field(default_factory=list[str])
    heads: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    sent: int = 0
    connections: int = 0

    @property
    def pair(self) -> str:
        return f"127.0.0.1:{self.port}"

    def serve(self, path: str, body: bytes = b"", **page: Any) -> str:
        self.pages[path] = Page(body, **page)
        return f"http://{self.pair}{path}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    host: Host

    def handle(self) -> None:
        self.host.connections += 1
        with suppress(OSError):  # a client that has seen enough hangs up
            super().handle()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        pass

    def do_GET(self) -> None:
        self.host.asked.append(self.path)
        self.host.heads.append({name.lower(): value for name, value in self.headers.items()})
        page = self.host.pages.get(self.path, Page(b"no such page", 404))
        if page.gate is not None:
            page.gate.wait(30)
        body, status, headers = page.body, page.status, dict(page.headers)
        wanted = self.headers.get("Range")
        if page.refuses_parts and wanted:
            body, status = b"", 416
        if page.ranges and wanted:
            first, last = (int(number) for number in wanted.removeprefix("bytes=").split("-"))
            headers["Content-Range"] = f"bytes {first}-{min(last, len(body) - 1)}/{len(body)}"
            body, status = body[first : last + 1], 206
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if page.length:
            self.send_header("Content-Length", str(len(body)))
        else:
            self.send_header("Connection", "close")
            self.close_connection = True
        self.end_headers()
        for start in range(0, len(body), 65536):
            self.host.sent += self.wfile.write(body[start : start + 65536])


@pytest.fixture
def host() -> Iterator[Host]:
    handler = type("Handler", (_Handler,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    host = Host(server.server_port)
    handler.host = host  # pyright: ignore[reportAttributeAccessIssue] - a class made for this host
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield host
    for page in host.pages.values():
        if page.gate is not None:
            page.gate.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
async def fetcher(host: Host) -> AsyncIterator[Fetcher]:
    async with Fetcher(allow=[host.pair]) as fetcher:
        yield fetcher


StoreMaker = Callable[..., PictureStore]


@pytest.fixture
async def database(tmp_path: Path, state_url: str | None) -> AsyncIterator[Database]:
    """The state database that the stores of a test share, through a door of its own."""
    database = open_database(tmp_path / "state", state_url)
    yield database
    await database.close()


@pytest.fixture
async def make_store(tmp_path: Path, fetcher: Fetcher, state_url: str | None) -> AsyncIterator[StoreMaker]:
    """Make stores that share one state folder, as servers do; each with a connection of its own."""
    databases: list[Database] = []

    def make(**options: Any) -> PictureStore:
        databases.append(open_database(tmp_path / "state", state_url))
        settings: dict[str, Any] = {
            "image_dir": tmp_path / "images",
            "content": (folder := FolderContent(tmp_path / "state")),
            "spare": folder,
            "fetcher": fetcher,
            "read_dirs": [tmp_path / "given"],
        }
        (tmp_path / "given").mkdir(exist_ok=True)
        return PictureStore(databases[-1], **(settings | options))

    yield make
    for database in databases:
        await database.close()


@pytest.fixture
def store(make_store: StoreMaker) -> PictureStore:
    return make_store()
