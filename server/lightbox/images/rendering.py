"""Pictures made to fit, off the event loop: the async door to `preview`, `sending`, `mask` and `sheet`.

Pillow is imported by the first call, in its thread.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

MAX_INLINE_SIDE = 2000
"""The longest side in px of anything that is put inline: some clients end the session above it."""


@dataclass(frozen=True, slots=True)
class Rendition:
    """A picture encoded for a purpose; sizes in px."""

    data: bytes = field(repr=False)
    mime_type: str
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One picture of a contact sheet; `problem` says in a few words why there is no `data`."""

    handle: str
    data: bytes | None = field(default=None, repr=False)
    title: str | None = None
    width: int | None = None
    height: int | None = None
    problem: str | None = None


async def preview(data: bytes, *, max_side: int = 768, max_bytes: int | None = None) -> Rendition:
    """Make a small version for showing inline: upright, in sRGB, transparency kept, the smallest good encoding.

    Shrinks step by step until it is at most `max_bytes`; never enlarges; never above 2,000 px a side.

    Raises:
        BadPicture: The bytes can't be decoded, have too many px, or don't fit however small.
    """
    raise NotImplementedError


async def fit(data: bytes, *, max_bytes: int, max_side: int = 8000) -> Rendition:
    """Give the largest rendition within the bounds: the true bytes where they fit.

    Raises:
        BadPicture: As `preview`.
    """
    raise NotImplementedError


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
        max_base64_bytes: The most characters that its base64 may have.
        formats: The types that the service takes, e.g. `{"image/png", "image/jpeg"}`.
        seen_size: The width and height in px at which the model looks; more is not sent. `None`: as large as fits.

    Raises:
        BadPicture: As `preview`.
    """
    raise NotImplementedError


async def check_mask(image: bytes, mask: bytes) -> Rendition:
    """Give the mask as services want it: a PNG as large as the image, transparent where the image is to change.

    A mask without transparency is read as black and white: white is to change.

    Raises:
        BadPicture: It has another size, or nothing in it is to change.
    """
    raise NotImplementedError


async def contact_sheet(tiles: Sequence[Tile], *, max_side: int = 1600, max_bytes: int | None = None) -> Rendition:
    """Put up to 24 pictures into one, numbered from 1, with handle, title and size under each.

    A tile that has no data, or whose data can't be decoded, is grey and says why.
    """
    raise NotImplementedError
