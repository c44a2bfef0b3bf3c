"""Px turned into bytes: previews, and renditions that fit a wire or a service.

Always the smallest encoding that looks good. Imports Pillow; `rendering` is the async door.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from io import BytesIO
from math import sqrt

from PIL import Image

from lightbox.errors import BadPicture
from lightbox.images.decode import decode, fitted, is_upright, opened, resized, shown_size
from lightbox.images.picture import MAX_INLINE_SIDE, Rendition
from lightbox.images.sniff import sniff

GOOD = 80
"""A quality at which the eye sees no loss in a preview."""

FINE = 92
"""A quality for what a model looks at or works on."""

INLINE_TYPES = frozenset({"image/jpeg", "image/webp", "image/png"})
SMALLEST_SIDE = 32
_FEW_COLOURS = 2048
_LARGE = 2_500_000  # px from which the smallest file takes too long to be looked for
_LARGE_AND_FINE = 1_000_000
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
        seen_size: The width and height in px at which the model looks: what is larger on either side is sent in exactly
            this size. `None`: as large as fits.

    Raises:
        BadPicture: As `preview`.
    """
    max_bytes = (max_base64_bytes - _URI_HEAD) // 4 * 3
    size, told = shown_size(data), sniff(data)
    fits = seen_size is None or (size[0] <= seen_size[0] and size[1] <= seen_size[1])
    taken = told is not None and told.mime_type in formats and len(data) <= max_bytes and not told.animated
    if told and taken and fits and _is_plain(data):
        return Rendition(data, told.mime_type, *size)
    target = size if fits or seen_size is None else seen_size
    target = fitted(target, min(MAX_SENT_SIDE, _promising_side(data, max_bytes)))
    return encode_within(decode(data, size=target), max_bytes, FINE, formats)


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
