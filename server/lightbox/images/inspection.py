"""What a server must know of a picture's bytes before anything is decoded: type, size, hash, and whether it is one."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from lightbox.errors import BadPicture
from lightbox.images.sniff import TYPE_NAMES, UNKNOWN_TYPE, Sniffed, describe_bytes, sniff

MAX_PIXELS = 80_000_000
"""The most px that are ever decoded: 80 megapixels are 320 MB of memory."""


@dataclass(frozen=True, slots=True)
class Inspected:
    """What the bytes of a picture tell without being decoded; sizes in px, as shown."""

    mime_type: str
    width: int | None
    height: int | None
    byte_count: int
    sha256: str


def inspect_bytes(data: bytes, name: str, *, max_bytes: int | None = None, max_pixels: int = MAX_PIXELS) -> Inspected:
    """Check and hash a picture's bytes; `name` is what a user calls it.

    Raises:
        BadPicture: They are no picture, or too much of one.
    """
    if max_bytes is not None and len(data) > max_bytes:
        raise too_many_bytes(name, max_bytes)
    told = check_bytes(data, name, max_pixels=max_pixels)
    return Inspected(told.mime_type, told.width, told.height, len(data), sha256(data).hexdigest())


def inspect_made(data: bytes) -> Inspected:
    """Hash what a model made, and tell what can be told: it was paid for, so nothing about it is refused."""
    told = sniff(data) or Sniffed(UNKNOWN_TYPE)
    return Inspected(told.mime_type, told.width, told.height, len(data), sha256(data).hexdigest())


def check_bytes(data: bytes, name: str, *, max_pixels: int = MAX_PIXELS) -> Sniffed:
    """Make sure that bytes are a picture of px, and not of too many.

    Raises:
        BadPicture: They are not; the text says what they are.
    """
    told = sniff(data)
    if told is None:
        raise BadPicture(
            f"{name} is no picture: it is {describe_bytes(data)}. Pass a PNG, JPEG, WebP, GIF, BMP or TIFF."
        )
    if told.mime_type == "image/svg+xml":
        raise BadPicture(f"{name} is an SVG drawing, which has no px: pass it as a PNG.")
    if told.width is None or told.height is None:
        if told.mime_type != "image/heic":  # its size may be out of sight, and services read it all the same
            kind = TYPE_NAMES[told.mime_type]
            raise BadPicture(f"{name} is a broken {kind}: its size can't be read. Pass a copy that opens elsewhere.")
    elif told.width * told.height > max_pixels:
        raise BadPicture(
            f"{name} is {told.width}x{told.height} px ({told.width * told.height / 1e6:.0f} megapixels): "
            f"at most {max_pixels / 1e6:.0f} megapixels are opened. Pass a smaller copy."
        )
    return told


def too_many_bytes(name: str, max_bytes: int) -> BadPicture:
    """Say that a picture is above the bound in bytes."""
    return BadPicture(f"{name} is larger than {max_bytes / 1e6:.0f} MB: pass a smaller copy.")
