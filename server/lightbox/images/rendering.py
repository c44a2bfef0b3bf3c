"""Pictures made to fit, off the event loop: the async door to `preview`, `mask` and `contact_sheet`.

Pillow is imported by the first call, in its thread. As many pictures are decoded at once as there are processors: each
may take some hundred megabytes.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Sequence
from importlib import import_module
from typing import Any

from anyio import CapacityLimiter
from anyio.lowlevel import RunVar
from anyio.to_thread import run_sync

from lightbox.images.rendition import MAX_INLINE_SIDE, Rendition, Tile

__all__ = ["MAX_INLINE_SIDE", "Rendition", "Tile", "check_mask", "contact_sheet", "fit", "for_sending", "preview"]

_decoders: RunVar[CapacityLimiter] = RunVar("lightbox_decoders")


async def preview(data: bytes, *, max_side: int = 768, max_bytes: int | None = None) -> Rendition:
    """Make a small version for showing inline: upright, in sRGB, transparency kept, the smallest good encoding.

    Shrinks step by step until it is at most `max_bytes`; never enlarges; never above 2,000 px a side.

    Raises:
        BadPicture: The bytes can't be decoded, have too many px, or don't fit however small.
    """
    return await _rendered("raster", "preview", data, max_side=max_side, max_bytes=max_bytes)


async def fit(data: bytes, *, max_bytes: int, max_side: int = 8000) -> Rendition:
    """Give the largest rendition within the bounds: the true bytes where they fit.

    Raises:
        BadPicture: As `preview`.
    """
    return await _rendered("raster", "fit", data, max_bytes=max_bytes, max_side=max_side)


async def for_sending(
    data: bytes,
    *,
    max_base64_bytes: int,
    formats: Collection[str],
    seen_size: tuple[int, int] | None = None,
) -> Rendition:
    """Prepare a picture for a service: the true bytes where the service takes them, else re-encoded and shrunk.

    Args:
        data: The picture.
        max_base64_bytes: The most characters that its data URI may have.
        formats: The types that the service takes, e.g. `{"image/png", "image/jpeg"}`.
        seen_size: The width and height in px at which the model looks: what is larger on either side is sent in exactly
            this size. `None`: as large as fits.

    Raises:
        BadPicture: As `preview`.
    """
    return await _rendered(
        "raster", "for_sending", data, max_base64_bytes=max_base64_bytes, formats=formats, seen_size=seen_size
    )


async def check_mask(image: bytes, mask: bytes, sent_size: tuple[int, int] | None = None) -> Rendition:
    """Give the mask as services want it: a PNG as large as the image, transparent where the image is to change.

    A mask without transparency is read as black and white: white is to change. Where the image is sent smaller than it
    is, `sent_size` (width and height in px) makes the mask follow.

    Raises:
        BadPicture: It has another size, or nothing in it is to change.
    """
    return await _rendered("mask", "check_mask", image, mask, sent_size)


async def contact_sheet(tiles: Sequence[Tile], *, max_side: int = 1600, max_bytes: int | None = None) -> Rendition:
    """Put up to 24 pictures into one, numbered from 1, with handle, title and size under each.

    A tile that has no data, or whose data can't be decoded, is grey and says why.
    """
    return await _rendered("contact_sheet", "contact_sheet", tiles, max_side=max_side, max_bytes=max_bytes)


async def _rendered(module: str, name: str, *arguments: Any, **options: Any) -> Rendition:
    def render() -> Rendition:
        function: Callable[..., Rendition] = getattr(import_module(f"lightbox.images.{module}"), name)
        return function(*arguments, **options)

    try:
        limiter = _decoders.get()
    except LookupError:
        limiter = CapacityLimiter(os.cpu_count() or 1)
        _decoders.set(limiter)
    return await run_sync(render, limiter=limiter)
