"""Pillow operations whose published types are too loose for strict checking, and the few that we use everywhere."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from PIL import Image

Size = tuple[int, int]
Box = tuple[float, float, float, float]
Colour = tuple[int, int, int]


def resized(
    image: Image.Image, size: Size, resample: Image.Resampling = Image.Resampling.BICUBIC, box: Box | None = None
) -> Image.Image:
    """Scale a picture, or the part of it in `box`, to a size in px."""
    return image.resize(size, resample, box)  # pyright: ignore[reportUnknownMemberType] - Pillow names numpy, which we don't install


def curve(image: Image.Image, change: Callable[[int], float]) -> Image.Image:
    """Send every channel of an 8-bit picture through a curve from 0..255 to 0..255."""
    table = [max(0, min(255, round(change(value)))) for value in range(256)]
    return image.point(table * len(image.getbands()))  # pyright: ignore[reportUnknownMemberType] - as above


@lru_cache(maxsize=128)
def _shares(percent: int) -> list[int]:
    return [value * percent // 100 for value in range(256)]


def dimmed(mask: Image.Image, share: float) -> Image.Image:
    """Weaken a mask; `share` 1 leaves it as it is."""
    return mask.point(_shares(round(100 * share)))  # pyright: ignore[reportUnknownMemberType] - as above


def cover(image: Image.Image, size: Size) -> Image.Image:
    """Scale and crop a picture about its middle so that it fills a size in px."""
    if image.size == size:
        return image
    scale = max(size[0] / image.width, size[1] / image.height)
    # Dividing back may end a rounding above the side that decided, and Pillow takes no box beyond the picture.
    width, height = min(size[0] / scale, image.width), min(size[1] / scale, image.height)
    left, top = (image.width - width) / 2, (image.height - height) / 2
    return resized(image, size, Image.Resampling.LANCZOS, (left, top, left + width, top + height))
