"""Bytes turned into px, as a person would see them: upright, in sRGB, first frame, 8 bits. Imports Pillow."""

from __future__ import annotations

import struct
from collections.abc import Generator
from contextlib import contextmanager
from io import BytesIO
from typing import Any, cast

from PIL import Image, ImageCms, ImageOps

from lightbox.errors import BadPicture
from lightbox.images.sniff import MAX_PIXELS, TYPE_NAMES, check_bytes

_DECODERS = {
    "image/png": ["PNG"],
    "image/jpeg": ["JPEG", "MPO"],
    "image/webp": ["WEBP"],
    "image/gif": ["GIF"],
    "image/bmp": ["BMP"],
    "image/tiff": ["TIFF"],
    "image/avif": ["AVIF"],
}
_ORIENTATION = 274
_SIDEWAYS = 5  # from here on, an orientation swaps width and height (EXIF 2.32, 4.6.4)
_SIXTEEN_BITS = 65535
_EIGHT_BITS = 255
_SRGB = ImageCms.ImageCmsProfile(cast("Any", ImageCms).createProfile("sRGB"))  # untyped in Pillow
_ALPHA_MODES = frozenset({"RGBA", "LA", "PA", "La", "RGBa"})


def decode(
    data: bytes, side: int | None = None, name: str = "The picture", *, size: tuple[int, int] | None = None
) -> Image.Image:
    """Decode a picture in mode RGB or RGBA, no larger than `side` px; never enlarged, transparency kept.

    Args:
        data: The picture.
        side: The longest side in px; `None`: as large as it is.
        name: What a user calls it.
        size: Instead of `side`, exactly this width and height in px, as shown.

    Raises:
        BadPicture: It is no picture, has too many px, is broken, or of a type that can't be decoded here.
    """
    with opened(data, name) as image:
        roughly = fitted(image.size, max(size) if size else side)
        image.draft(image.mode, roughly)  # a JPEG is decoded at a half or less where that will do
        image.load()
        profile, orientation = image.info.get("icc_profile"), image.getexif().get(_ORIENTATION, 1)
        pixels = _eight_bits(image)
        target = fitted(pixels.size, side)  # of what was loaded: Pillow turns a TIFF upright while it loads
        if size is not None:
            target = (size[1], size[0]) if orientation >= _SIDEWAYS else size
        if pixels.size != target:
            pixels = resized(pixels, target)
        pixels = _upright(_in_srgb(pixels, profile), orientation)
        if pixels.mode == "RGBA" and pixels.getchannel("A").getextrema() == (255, 255):
            pixels = pixels.convert("RGB")
        return pixels


def shown_size(data: bytes, name: str = "The picture") -> tuple[int, int]:
    """Give width and height in px as shown, that is upright, without decoding.

    Raises:
        BadPicture: As `decode`.
    """
    with opened(data, name) as image:
        width, height = image.size
        return (height, width) if image.getexif().get(_ORIENTATION, 1) >= _SIDEWAYS else (width, height)


def is_upright(image: Image.Image) -> bool:
    """Tell whether an opened picture is stored as it is to be shown."""
    return image.getexif().get(_ORIENTATION, 1) == 1


def fitted(size: tuple[int, int], side: int | None) -> tuple[int, int]:
    """Scale a size down, aspect kept, so that its longest side is at most `side` px; `None`: any."""
    width, height = size
    if side is None or max(size) <= side:
        return size
    scale = side / max(size)
    return max(1, round(width * scale)), max(1, round(height * scale))


def resized(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Resize well and fast; the alpha channel is taken into account."""
    lanczos = Image.Resampling.LANCZOS
    # Pillow's types name numpy's, which is not installed.
    return image.resize(size, lanczos, reducing_gap=2.0)  # pyright: ignore[reportUnknownMemberType] - likewise


@contextmanager
def opened(data: bytes, name: str = "The picture") -> Generator[Image.Image]:
    """Open a picture with the one decoder for its type, its header read and its bounds checked.

    Raises:
        BadPicture: As `decode`, also for what fails in the block.
    """
    mime_type = check_bytes(data, name).mime_type
    kind = TYPE_NAMES[mime_type]
    if mime_type not in _DECODERS:
        raise BadPicture(f"{name} is a {kind}, which can't be opened here: pass it as PNG or JPEG.")
    try:
        with Image.open(BytesIO(data), formats=_DECODERS[mime_type]) as image:
            if image.width * image.height > MAX_PIXELS:
                raise BadPicture(f"{name} is {image.width}x{image.height} px: pass a smaller copy.")
            yield image
    except _BROKEN as error:
        raise BadPicture(f"{name} is a broken {kind} ({_reason(error)}): pass a copy that opens elsewhere.") from error


# What decoders raise for damaged files, besides their own classes.
_BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    LookupError,
    TypeError,
    ArithmeticError,
    EOFError,
    struct.error,
    Image.DecompressionBombError,
    UserWarning,  # where warnings are errors
    Image.DecompressionBombWarning,
)


def _reason(error: BaseException) -> str:
    text = str(error)
    return "cut off" if "truncated" in text or isinstance(error, EOFError) else "damaged"


def _eight_bits(image: Image.Image) -> Image.Image:
    """Bring any mode to RGB, RGBA, or to L and CMYK, whose profiles are still needed."""
    if image.mode in _ALPHA_MODES or "transparency" in image.info:
        return image.convert("RGBA")
    if image.mode.startswith("I;16"):
        return _scaled(image.convert("I"), 1 / 257, 0.5)
    if image.mode in {"I", "F"}:
        return _stretched(image)
    return image.convert(image.mode if image.mode in {"RGB", "L", "CMYK"} else "RGB")


def _stretched(image: Image.Image) -> Image.Image:
    """Map 32-bit values to 8 bits: 16-bit ones by their range, others from their darkest to their brightest."""
    low, high = cast("tuple[float, float]", image.getextrema())  # one channel, one pair
    if image.mode == "I" and low >= 0 and high <= _SIXTEEN_BITS:
        low, high = 0, _SIXTEEN_BITS if high > _EIGHT_BITS else _EIGHT_BITS
    scale = _EIGHT_BITS / (high - low) if high > low else 0.0
    return _scaled(image.convert("F"), scale, -low * scale)


def _scaled(image: Image.Image, scale: float, offset: float) -> Image.Image:
    scaled = image.point(lambda value: value * scale + offset)  # pyright: ignore[reportUnknownMemberType] - as above
    return scaled.convert("L")


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    mode = "RGBA" if image.mode == "RGBA" else "RGB"
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(BytesIO(profile))
            if image.mode == "CMYK" or not ImageCms.getProfileDescription(source).startswith("sRGB"):
                return ImageCms.profileToProfile(image, source, _SRGB, outputMode=mode) or image.convert(mode)
        except (ImageCms.PyCMSError, OSError):
            pass  # a profile that is damaged, or made for another mode, says nothing
    return image.convert(mode)


def _upright(image: Image.Image, orientation: int) -> Image.Image:
    image.getexif()[_ORIENTATION] = orientation
    return ImageOps.exif_transpose(image)
