"""Px turned into bytes: the smallest encoding that looks good, and small enough. Imports Pillow."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from io import BytesIO
from math import sqrt

from PIL import Image

from lightbox.errors import BadPicture
from lightbox.images.decode import resized
from lightbox.images.rendition import Rendition

GOOD = 80
"""A quality at which the eye sees no loss in a preview."""

FINE = 92
"""A quality for what a model looks at or works on."""

INLINE_TYPES = frozenset({"image/jpeg", "image/webp", "image/png"})
SMALLEST_SIDE = 32
_FEW_COLOURS = 2048
_LARGE = 2_500_000  # px from which the smallest file takes too long to be looked for
_LARGE_AND_FINE = 1_000_000


def encode(image: Image.Image, quality: int = GOOD, formats: Collection[str] = INLINE_TYPES) -> Rendition:
    """Encode as the smallest of the types that suit the picture: drawings as PNG too, transparency never as JPEG."""
    renditions = [_encoded(image, mime_type, quality) for mime_type in _candidates(image, quality, formats)]
    return min(renditions, key=lambda rendition: len(rendition.data))


def encode_within(
    image: Image.Image, max_bytes: int, quality: int = GOOD, formats: Collection[str] = INLINE_TYPES
) -> Rendition:
    """Encode in at most so many bytes, first at a lower quality, then ever smaller.

    Raises:
        BadPicture: It does not fit however small.
    """
    smaller, used = image, quality
    while True:
        rendition = encode(smaller, used, formats)
        if len(rendition.data) <= max_bytes:
            return rendition
        if used == quality and len(rendition.data) < 2 * max_bytes:
            used = quality - 15
            continue
        step = min(0.85, 0.95 * sqrt(max_bytes / len(rendition.data)))
        size = round(smaller.width * step), round(smaller.height * step)
        if max(size) < SMALLEST_SIDE:
            raise BadPicture(f"The picture does not fit into {max_bytes:,} bytes, however small.")
        smaller = resized(image, (max(1, size[0]), max(1, size[1])))


def _candidates(image: Image.Image, quality: int, formats: Collection[str]) -> Iterator[str]:
    """Name the types worth trying, so that hardly any is tried in vain."""
    suits = [mime_type for mime_type in ("image/webp", "image/jpeg", "image/png") if mime_type in formats]
    if image.mode == "RGBA":
        lossy = [mime_type for mime_type in suits if mime_type == "image/webp"]
    else:
        large = _is_large(image, quality) and "image/jpeg" in suits
        lossy = [
            mime_type for mime_type in suits if mime_type == "image/jpeg" or (mime_type == "image/webp" and not large)
        ]
    yield from lossy
    if "image/png" in suits and (not lossy or image.getcolors(_FEW_COLOURS) is not None):
        yield "image/png"
    elif not lossy:  # transparency, and nothing but JPEG
        yield from suits[:1]


def _encoded(image: Image.Image, mime_type: str, quality: int) -> Rendition:
    buffer = BytesIO()
    match mime_type:
        case "image/jpeg":
            small = not _is_large(image, quality)  # of a large one, the last few percent take seconds
            _flat(image).save(buffer, "JPEG", quality=quality, optimize=small, progressive=small)
        case "image/webp":
            image.save(buffer, "WEBP", quality=quality, method=2)  # a third of the time of 4, and 3 % more bytes
        case _:
            image.save(buffer, "PNG")
    return Rendition(buffer.getvalue(), mime_type, image.width, image.height)


def _is_large(image: Image.Image, quality: int) -> bool:
    return image.width * image.height > (_LARGE if quality <= GOOD else _LARGE_AND_FINE)


def _flat(image: Image.Image) -> Image.Image:
    """Put a transparent picture on white."""
    if image.mode != "RGBA":
        return image
    ground = Image.new("RGB", image.size, "white")
    ground.paste(image, mask=image.getchannel("A"))
    return ground
