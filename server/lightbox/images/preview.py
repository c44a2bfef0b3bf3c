"""Previews, and renditions that fit a wire or a service. Imports Pillow; `rendering` is the async door."""

from __future__ import annotations

from collections.abc import Collection
from math import sqrt

from lightbox.images.decode import decode, is_upright, opened, shown_size
from lightbox.images.encode import FINE, encode, encode_within
from lightbox.images.rendition import MAX_INLINE_SIDE, Rendition
from lightbox.images.sniff import sniff

_LOSSY = frozenset({"image/jpeg", "image/webp", "image/avif"})
_SMOOTH = 0.05  # bytes per px that the smoothest picture takes
_LOSSLESS_SHARE = 1 / 8  # of the bytes of a lossless picture that a lossy one takes
MAX_SENT_SIDE = 8000
"""The longest side in px that any service reads."""

_URI_HEAD = 64  # characters kept free for data:image/…;base64,


def preview(data: bytes, *, max_side: int = 768, max_bytes: int | None = None) -> Rendition:
    """Make a small version for showing inline: upright, in sRGB, transparency kept, the smallest good encoding.

    Decoded once; shrinks step by step until it is at most `max_bytes`; never enlarged, never above 2,000 px a side.

    Raises:
        BadPicture: The bytes can't be decoded, have too many px, or don't fit however small.
    """
    image = decode(data, min(max_side, MAX_INLINE_SIDE))
    return encode(image) if max_bytes is None else encode_within(image, max_bytes)


def fit(data: bytes, *, max_bytes: int, max_side: int = 8000) -> Rendition:
    """Give the largest rendition within the bounds: the true bytes where they fit.

    Raises:
        BadPicture: As `preview`.
    """
    told = sniff(data)
    if told and told.width and told.height and len(data) <= max_bytes and max(told.width, told.height) <= max_side:
        return Rendition(data, told.mime_type, told.width, told.height)
    return encode_within(decode(data, min(max_side, _promising_side(data, max_bytes))), max_bytes, FINE)


def for_sending(
    data: bytes,
    *,
    max_base64_bytes: int,
    formats: Collection[str],
    seen_size: tuple[int, int] | None = None,
) -> Rendition:
    """Prepare a picture for a service: the true bytes where the service takes them, else re-encoded and shrunk.

    Args:
        data: The picture.
        max_base64_bytes: The most characters that its base64 may have.
        formats: The types that the service takes, e.g. `{"image/png", "image/jpeg"}`.
        seen_size: The width and height in px at which the model looks; more is not sent. `None`: as large as fits.

    Raises:
        BadPicture: As `preview`.
    """
    max_bytes = (max_base64_bytes - _URI_HEAD) // 4 * 3
    told = sniff(data)
    if told and told.mime_type in formats and len(data) <= max_bytes and not told.animated:
        if told.mime_type == "image/heic":  # not opened here; the service can
            return Rendition(data, told.mime_type, told.width or 0, told.height or 0)
        size = shown_size(data)
        if _is_plain(data) and (seen_size is None or max(size) <= max(seen_size)):
            return Rendition(data, told.mime_type, *size)
    side = min(max(seen_size or (MAX_SENT_SIDE,)), _promising_side(data, max_bytes))
    return encode_within(decode(data, side), max_bytes, FINE, formats)


def _is_plain(data: bytes) -> bool:
    """Tell whether any service reads the picture as a person sees it: upright, 8 bits, no CMYK."""
    with opened(data) as image:
        return is_upright(image) and image.mode in {"RGB", "RGBA", "L", "LA", "P", "1"}


def _promising_side(data: bytes, max_bytes: int) -> int:
    """Guess the longest side in px that may fit, so that no time is spent on encoding what can't."""
    width, height = shown_size(data)
    told = sniff(data)
    share = 1.0 if told and told.mime_type in _LOSSY else _LOSSLESS_SHARE
    density = max(_SMOOTH, share * len(data) / (width * height))
    return max(1, int(max(width, height) * min(1.0, sqrt(1.2 * max_bytes / density / (width * height)))))
