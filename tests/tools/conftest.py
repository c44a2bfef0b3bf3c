"""Pictures to pass to tools: one of each kind that people have."""

from __future__ import annotations

import base64
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw

SIZE = (320, 240)
SIDEWAYS = 6
ORIENTATION = 274
KINDS = ("png", "rotated jpeg", "cmyk jpeg", "palette png", "16-bit png", "animated gif", "webp", "bmp", "tiff", "avif")
MIME_TYPES = {
    "png": "image/png",
    "rotated jpeg": "image/jpeg",
    "cmyk jpeg": "image/jpeg",
    "palette png": "image/png",
    "16-bit png": "image/png",
    "animated gif": "image/gif",
    "webp": "image/webp",
    "bmp": "image/bmp",
    "tiff": "image/tiff",
    "avif": "image/avif",
}

Paint = Callable[..., bytes]
DataURI = Callable[[bytes], str]


def painted(colours: tuple[str, str] = ("red", "blue"), size: tuple[int, int] = SIZE) -> Image.Image:
    """Paint the left half in one colour and the right half in another."""
    image = Image.new("RGB", size, colours[0])
    ImageDraw.Draw(image).rectangle((size[0] // 2, 0, size[0], size[1]), fill=colours[1])
    return image


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    output = BytesIO()
    image.save(output, kind, **options)
    return output.getvalue()


def of_kind(kind: str) -> bytes:
    """Encode the same picture, red on the left and blue on the right as a person sees it, in one of the kinds."""
    image = painted()
    match kind:
        case "rotated jpeg":
            exif = Image.Exif()
            exif[ORIENTATION] = SIDEWAYS
            return encoded(image.transpose(Image.Transpose.ROTATE_90), "JPEG", exif=exif, quality=95)
        case "cmyk jpeg":
            return encoded(image.convert("CMYK"), "JPEG", quality=95)
        case "palette png":
            return encoded(image.convert("P", palette=Image.Palette.ADAPTIVE, colors=8), "PNG")
        case "16-bit png":
            deep = Image.new("I;16", SIZE)
            row = b"".join((65_535 * x // SIZE[0]).to_bytes(2, "little") for x in range(SIZE[0]))
            deep.frombytes(row * SIZE[1])
            return encoded(deep, "PNG")
        case "animated gif":
            others = [painted(("green", "white")), painted(("black", "white"))]
            return encoded(image, "GIF", save_all=True, append_images=others, duration=100)
        case _:
            return encoded(image, kind.upper())


@pytest.fixture(scope="session")
def paint() -> Paint:
    """Paint a PNG of two colours, e.g. `paint("red", "blue")`."""

    def paint(left: str = "red", right: str = "blue", size: tuple[int, int] = SIZE, kind: str = "PNG") -> bytes:
        return encoded(painted((left, right), size), kind)

    return paint


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def odd(kind: str) -> bytes:
    """One picture of each kind."""
    return of_kind(kind)


@pytest.fixture
def mime_type(kind: str) -> str:
    return MIME_TYPES[kind]


@pytest.fixture(scope="session")
def data_uri() -> DataURI:
    def data_uri(data: bytes) -> str:
        return f"data:image/png;base64,{base64.b64encode(data).decode()}"

    return data_uri


@pytest.fixture
def photo(tmp_path: Path, paint: Paint) -> Path:
    """A picture in a file of the test's own folder: white on black, so that it will do as a mask."""
    path = tmp_path / "given" / "a photo.png"
    path.parent.mkdir()
    path.write_bytes(paint("white", "black"))
    return path
