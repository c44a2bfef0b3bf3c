"""What a picture is, told from its bytes before anything is decoded: its type, its size in px, whether it is one.

The type never comes from a name or a header: a picture labelled wrongly has ended people's sessions.
Layouts: PNG (W3C), JPEG (ITU T.81), GIF89a, WebP (RFC 9649), BMP (Windows DIB), TIFF 6.0, HEIF and AVIF (ISO 23008-12).
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

Answer = TypeVar("Answer")

UNKNOWN_TYPE = "application/octet-stream"
"""The type of what a model made and nobody here knows."""

TYPE_NAMES = {
    "image/png": "PNG",
    "image/jpeg": "JPEG",
    "image/webp": "WebP",
    "image/gif": "GIF",
    "image/bmp": "BMP",
    "image/tiff": "TIFF",
    "image/heic": "HEIC",
    "image/avif": "AVIF",
    "image/svg+xml": "SVG",
    UNKNOWN_TYPE: "unknown file",
}
"""What people call each type that `sniff` tells."""

EXTENSIONS = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/webp": ".webp",
    "image/gif": ".gif",
    "image/bmp": ".bmp",
    "image/tiff": ".tif",
    "image/heic": ".heic",
    "image/avif": ".avif",
    "image/svg+xml": ".svg",
    UNKNOWN_TYPE: ".bin",
}
"""What a file of each type ends in."""


@dataclass(frozen=True, slots=True)
class Sniffed:
    """What the first bytes of a picture tell.

    Attributes:
        mime_type: e.g. `image/png`.
        width: In px as shown, that is with the EXIF rotation of a JPEG or TIFF; `None` where the bytes don't tell.
        height: Likewise.
        animated: Whether there is more than one frame, as far as the bytes at hand tell.
    """

    mime_type: str
    width: int | None = None
    height: int | None = None
    animated: bool = False


def sniff(data: bytes) -> Sniffed | None:
    """Tell type and size of a picture from its first kilobytes (or all of it); `None` for what is no picture."""
    head = data[:_HEAD_BYTES]
    mime_type = next((mime_type for signature, mime_type in _SIGNATURES if signature.match(head)), None)
    if mime_type is None:
        return None
    width, height = _told(_SIZES.get(mime_type), data) or (None, None)
    return Sniffed(mime_type, width or None, height or None, bool(_told(_ANIMATED.get(mime_type), data)))


def describe_bytes(data: bytes) -> str:
    """Say what bytes are that are no picture, e.g. `an HTML page`; for error messages."""
    start = data[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    for prefixes, name in _STRANGERS:
        if start.startswith(prefixes):
            return name
    if not data:
        return "empty"
    return "in no picture format that is known here" if any(byte in _CONTROLS for byte in data[:512]) else "plain text"


def _told(read: Callable[[bytes], Answer] | None, data: bytes) -> Answer | None:
    """Read what the bytes at hand tell; `None` where they are cut off before it."""
    if read is None:
        return None
    try:
        return read(data)
    except (struct.error, IndexError):
        return None


_HEAD_BYTES = 16 * 1024
"""In how many bytes a signature is looked for: before an SVG's first element there may be words."""

_SIGNATURES = [
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "image/png"),
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg"),
    (re.compile(rb"GIF8[79]a"), "image/gif"),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), "image/webp"),
    (re.compile(rb"BM.{4}\0\0\0\0.{4}[\x0c-\x7c]\0\0\0", re.DOTALL), "image/bmp"),
    (re.compile(rb"II(?:\x2a\0|\x2b\0\x08\0)|MM(?:\0\x2a|\0\x2b\0\x08)"), "image/tiff"),
    (re.compile(rb"....ftyp(?:avi[fs]|mi[fa]1.{4}(?:.{4}){0,6}?avi[fs])", re.DOTALL), "image/avif"),
    (re.compile(rb"....ftyp(?:hei[cxms]|he[vx][cxms]|mif1|msf1)", re.DOTALL), "image/heic"),
    (
        re.compile(
            # Possessive and atomic: bytes from anywhere must not send the match back over what it has passed.
            rb"(?:\xef\xbb\xbf)?\s*+(?:<\?xml[^>]*+>\s*+)?(?:(?><!--.*?-->)\s*+)*+"
            rb"(?:<!DOCTYPE\s++svg[^>\[]*+(?:(?>\[.*?\])\s*+)?>\s*+(?:(?><!--.*?-->)\s*+)*+)?<svg[\s>]",
            re.DOTALL | re.IGNORECASE,
        ),
        "image/svg+xml",
    ),
]

_STRANGERS: list[tuple[tuple[bytes, ...], str]] = [
    ((b"<!doctype html", b"<html", b"<head", b"<body"), "an HTML page"),
    ((b"<?xml",), "XML"),
    ((b"{", b"["), "JSON or text like it"),
    ((b"%pdf",), "a PDF document"),
    ((b"pk\x03\x04",), "a ZIP archive"),
    ((b"\x1f\x8b",), "a gzip archive"),
    ((b"\x00\x00\x00\x18ftyp", b"\x00\x00\x00\x1cftyp", b"\x00\x00\x00\x20ftyp", b"\x1a\x45\xdf\xa3"), "a video"),
    ((b"id3", b"riff", b"oggs"), "sound or video"),
    ((b"8bps",), "a Photoshop document"),
    ((b"\x7felf", b"mz"), "a program"),
]
_CONTROLS = frozenset(range(32)) - {9, 10, 12, 13, 27}

_MOST_STEPS = 50_000
"""How many segments, chunks, blocks or tags are walked: bytes from anywhere may be nothing but their beginnings."""


def _png_size(data: bytes) -> tuple[int, int]:
    return struct.unpack_from(">II", data, 16)


def _png_animated(data: bytes) -> bool:
    place = 8
    for _ in range(_MOST_STEPS):
        length, kind = struct.unpack_from(">I4s", data, place)
        if kind in {b"acTL", b"IDAT"}:
            return kind == b"acTL"
        place += 12 + length
    return False


_SIZE_MARKERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_BARE_MARKERS = frozenset({0x01, *range(0xD0, 0xD9)})
_JPEG_SCAN = 0xDA
_PADDING = re.compile(rb"\xff+")


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    """Walk the segments to the start of frame: metadata and thumbnails before it can be long."""
    place = 2
    sideways: bool | None = None
    for _ in range(_MOST_STEPS):
        if data[place] != 0xFF:  # noqa: PLR2004 - every marker begins with FF
            return None
        marker = data[place + 1]
        if marker == 0xFF:  # noqa: PLR2004 - FF again is padding, of which there may be megabytes
            padding = _PADDING.match(data, place)
            place = padding.end() - 1 if padding else place + 1
            continue
        if marker in _BARE_MARKERS:
            place += 2
            continue
        if marker in _SIZE_MARKERS:
            height, width = struct.unpack_from(">HH", data, place + 5)
            return (height, width) if sideways else (width, height)
        if marker == _JPEG_SCAN:
            return None
        (length,) = struct.unpack_from(">H", data, place + 2)
        if sideways is None and data[place + 4 : place + 10] == b"Exif\0\0":
            tags = _told(_tiff_tags, data[place + 10 : place + 2 + length]) or {}
            sideways = tags.get(_ORIENTATION, 1) >= _SIDEWAYS
        place += 2 + length
    return None


def _gif_size(data: bytes) -> tuple[int, int]:
    return struct.unpack_from("<HH", data, 6)


def _gif_animated(data: bytes) -> bool:
    """Walk the blocks to a second image."""
    place = 13 + _gif_colours(data[10])
    images = 0
    inside = False  # the blocks of an image or of an extension
    for _ in range(_MOST_STEPS):
        if inside:
            inside = data[place] != 0
            place += 1 + data[place]
            continue
        if data[place] == ord(";"):
            return False
        inside = True
        if data[place] == ord(","):
            images += 1
            if images > 1:
                return True
            place += 11 + _gif_colours(data[place + 9])
        else:
            place += 2
    return True  # as far as anyone will look


def _gif_colours(flags: int) -> int:
    """Give the bytes of a colour table, from the flags before it."""
    return 3 << ((flags & 0x07) + 1) if flags & 0x80 else 0


def _webp_size(data: bytes) -> tuple[int, int] | None:
    match data[12:16]:
        case b"VP8X":
            return 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")
        case b"VP8L":
            (bits,) = struct.unpack_from("<I", data, 21)
            return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
        case b"VP8 ":
            width, height = struct.unpack_from("<HH", data, 26)
            return width & 0x3FFF, height & 0x3FFF
        case _:
            return None


def _webp_animated(data: bytes) -> bool:
    return data[12:16] == b"VP8X" and bool(data[20] & 0x02)


def _bmp_size(data: bytes) -> tuple[int, int]:
    (header,) = struct.unpack_from("<I", data, 14)
    if header == 12:  # noqa: PLR2004 - the oldest header, with 16-bit sides
        return struct.unpack_from("<HH", data, 18)
    width, height = struct.unpack_from("<ii", data, 18)
    return abs(width), abs(height)  # a negative height means that the first row is on top


_WIDTH, _HEIGHT, _ORIENTATION = 256, 257, 274
_SHORT = 3
_MOST_TAGS = 4096
_SIDEWAYS = 5  # from here on, an orientation swaps width and height (EXIF 2.32, 4.6.4)


def _tiff_size(data: bytes) -> tuple[int, int] | None:
    """Read the first directory, which may lie at the end of the file; BigTIFF is left to the decoder."""
    if data[2:4] not in {b"\x2a\0", b"\0\x2a"}:
        return None
    tags = _tiff_tags(data)
    if _WIDTH not in tags or _HEIGHT not in tags:
        return None
    width, height = tags[_WIDTH], tags[_HEIGHT]
    return (height, width) if tags.get(_ORIENTATION, 1) >= _SIDEWAYS else (width, height)


def _tiff_tags(data: bytes) -> dict[int, int]:
    """Read the whole numbers of the first directory: that of a TIFF, or of the EXIF data that other types carry."""
    order = "<" if data[:2] == b"II" else ">"
    (place,) = struct.unpack_from(order + "I", data, 4)
    (entries,) = struct.unpack_from(order + "H", data, place)
    tags: dict[int, int] = {}
    for entry in range(place + 2, place + 2 + 12 * min(entries, _MOST_TAGS), 12):
        tag, kind = struct.unpack_from(order + "HH", data, entry)
        (tags[tag],) = struct.unpack_from(order + ("H" if kind == _SHORT else "I"), data, entry + 8)
    return tags


_EXTENT = re.compile(rb"ispe\0\0\0\0(........)", re.DOTALL)


def _heif_size(data: bytes) -> tuple[int, int] | None:
    """Take the largest spatial extent: the others belong to thumbnails and tiles."""
    extents = [struct.unpack(">II", extent) for extent in _EXTENT.findall(data[:65536])]
    return max(extents, key=lambda extent: extent[0] * extent[1], default=None)


_SIZES: dict[str, Callable[[bytes], tuple[int, int] | None]] = {
    "image/png": _png_size,
    "image/jpeg": _jpeg_size,
    "image/gif": _gif_size,
    "image/webp": _webp_size,
    "image/bmp": _bmp_size,
    "image/tiff": _tiff_size,
    "image/avif": _heif_size,
    "image/heic": _heif_size,
}
_ANIMATED: dict[str, Callable[[bytes], bool]] = {
    "image/png": _png_animated,
    "image/gif": _gif_animated,
    "image/webp": _webp_animated,
}
