"""What a picture is, from its bytes."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from lightbox.images.sniff import EXTENSIONS, TYPE_NAMES, Sniffed, describe_bytes, sniff

if TYPE_CHECKING:
    from tests.images.conftest import Painter


@pytest.mark.parametrize(
    ("kind", "options", "mime_type"),
    [
        ("PNG", {}, "image/png"),
        ("JPEG", {}, "image/jpeg"),
        ("JPEG", {"progressive": True}, "image/jpeg"),
        ("JPEG", {"exif": b"Exif\0\0" + bytes(40_000), "icc_profile": bytes(60_000)}, "image/jpeg"),
        ("WEBP", {}, "image/webp"),
        ("WEBP", {"lossless": True}, "image/webp"),
        ("WEBP", {"exif": b"Exif\0\0II*\0"}, "image/webp"),
        ("GIF", {}, "image/gif"),
        ("BMP", {}, "image/bmp"),
        ("TIFF", {}, "image/tiff"),
        ("TIFF", {"compression": "tiff_lzw"}, "image/tiff"),
        ("AVIF", {}, "image/avif"),
    ],
)
def test_type_and_size_come_from_the_bytes(
    painted: Painter, kind: str, options: dict[str, Any], mime_type: str
) -> None:
    assert sniff(painted(kind, (161, 97), **options)) == Sniffed(mime_type, 161, 97)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "AVIF"])
def test_the_first_kilobyte_of_a_plain_picture_tells_its_size(painted: Painter, kind: str) -> None:
    told = sniff(painted(kind, (1610, 970))[:1024])
    assert told is not None
    assert (told.width, told.height) == (1610, 970)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "TIFF", "AVIF"])
def test_a_type_is_told_even_where_the_size_is_cut_off(painted: Painter, kind: str) -> None:
    told = sniff(painted(kind)[:16])
    assert told is not None
    assert (TYPE_NAMES[told.mime_type].upper(), told.width) == (kind, None) or kind == "GIF"


@pytest.mark.parametrize("kind", ["PNG", "GIF", "WEBP"])
def test_an_animated_picture_is_told_from_a_still_one(painted: Painter, kind: str) -> None:
    frames = [Image.new("RGB", (40, 30), colour) for colour in ("red", "green", "blue")]
    buffer = BytesIO()
    frames[0].save(buffer, kind, save_all=True, append_images=frames[1:])
    animated, still = sniff(buffer.getvalue()), sniff(painted(kind))
    assert animated is not None
    assert animated.animated
    assert still is not None
    assert not still.animated


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
@pytest.mark.parametrize(("orientation", "size"), [(1, (160, 90)), (3, (160, 90)), (6, (90, 160)), (8, (90, 160))])
def test_the_size_is_that_of_the_picture_as_shown(
    painted: Painter, kind: str, orientation: int, size: tuple[int, int]
) -> None:
    exif = Image.Exif()
    exif[274] = orientation
    told = sniff(painted(kind, (160, 90), exif=exif))
    assert told is not None
    assert (told.width, told.height) == size


@pytest.mark.parametrize(
    ("data", "mime_type"),
    [
        (b'<?xml version="1.0"?>\n<!-- drawn -->\n<svg width="3">', "image/svg+xml"),
        (b"\xef\xbb\xbf  <SVG xmlns='http://www.w3.org/2000/svg'>", "image/svg+xml"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0\0\0\x14ispe\0\0\0\0\0\0\x0f\xc0\0\0\x0b\xd0", "image/heic"),
    ],
)
def test_types_that_pillow_does_not_open_are_told_too(data: bytes, mime_type: str) -> None:
    told = sniff(data)
    assert told is not None
    assert told.mime_type == mime_type
    if mime_type == "image/heic":
        assert (told.width, told.height) == (4032, 3024)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"", "empty"),
        (b"\n <!DOCTYPE html><html><svg>", "an HTML page"),
        (b'{"error": "forbidden"}', "JSON or text like it"),
        (b"%PDF-1.7 ...", "a PDF document"),
        (b"Access denied", "plain text"),
        (b"PK\x03\x04....", "a ZIP archive"),
        (b"\0\0\0\x20ftypisom....", "a video"),
        (b"\x1b\x00\x01\x02", "in no picture format that is known here"),
        (b"BM is how this text begins", "plain text"),
        ("Füchse".encode(), "plain text"),
    ],
)
def test_what_is_no_picture_is_named(data: bytes, name: str) -> None:
    assert sniff(data) is None
    assert describe_bytes(data) == name


def test_every_type_has_a_name_and_an_extension() -> None:
    assert set(TYPE_NAMES) == set(EXTENSIONS)


@given(
    st.sampled_from([b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF89a", b"RIFF....WEBP", b"II*\0", b"MM\0*", b""]),
    st.binary(max_size=300),
)
def test_no_bytes_make_it_fail(start: bytes, rest: bytes) -> None:
    sniff(start + rest)
    describe_bytes(rest)
