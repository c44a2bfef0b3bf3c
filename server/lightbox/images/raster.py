"""Bytes turned into px, as a person would see them, and px into bytes: previews, and renditions that fit.

Px are upright, in sRGB, of the first frame, in 8 bits; the encoding is quick, and looks good. Imports Pillow;
`rendering` is the async door.
"""

from __future__ import annotations

import struct
from collections.abc import Collection, Generator
from contextlib import contextmanager
from io import BytesIO
from math import sqrt
from typing import Any, cast

from PIL import Image, ImageCms, ImageFile

from lightbox.errors import BadPicture
from lightbox.images.inspection import MAX_PIXELS, check_bytes, check_structure
from lightbox.images.rendition import MAX_INLINE_SIDE, Rendition
from lightbox.images.sniff import TYPE_NAMES, sniff

_DECODERS = {
    "image/png": ["PNG"],
    "image/jpeg": ["JPEG", "MPO"],
    "image/webp": ["WEBP"],
    "image/gif": ["GIF"],
    "image/bmp": ["BMP"],
    "image/tiff": ["TIFF"],
    "image/avif": ["AVIF"],
}
ORIENTATION = 274
_SIDEWAYS = 5  # from here on, an orientation swaps width and height (EXIF 2.32, 4.6.4)
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_PIECE = 1_000_000
"""In pieces of how many bytes a decoder is fed. After each it waits for its turn among the threads: with Pillow's own
64 KB, decoders side by side keep each other waiting."""
_SIXTEEN_BITS = 65535
_EIGHT_BITS = 255
SRGB = ImageCms.ImageCmsProfile(cast("Any", ImageCms).createProfile("sRGB"))  # untyped in Pillow
_ALPHA_MODES = frozenset({"RGBA", "LA", "PA", "La", "RGBa"})


def decode(
    data: bytes,
    side: int | None = None,
    name: str = "The picture",
    *,
    size: tuple[int, int] | None = None,
    checked: bool = False,
) -> Image.Image:
    """Decode a picture in mode RGB or RGBA, no larger than `side` px; never enlarged, transparency kept.

    Args:
        data: The picture.
        side: The longest side in px; `None`: as large as it is.
        name: What a user calls it.
        size: Instead of `side`, exactly this width and height in px, as shown.
        checked: Its parts were walked a moment ago, by `is_plain`.

    Raises:
        BadPicture: It is no picture, has too many px, is broken, or of a type that can't be decoded here.
    """
    with opened(data, name, checked=checked) as image:
        roughly = fitted(image.size, max(size) if size else side)
        image.draft(image.mode, roughly)  # a JPEG is decoded at a half or less where that will do
        cast("ImageFile.ImageFile", image).decodermaxblock = _PIECE
        image.load()
        profile, orientation = image.info.get("icc_profile"), image.getexif().get(ORIENTATION, 1)
        pixels = eight_bits(image)
        target = fitted(pixels.size, side)  # of what was loaded: Pillow turns a TIFF upright while it loads
        if size is not None:
            target = (size[1], size[0]) if orientation >= _SIDEWAYS else size
        if pixels.size != target:
            pixels = resized(pixels, target)
        elif pixels is image:  # which ends with its file
            pixels = image.copy()
        pixels = upright(in_srgb(pixels, profile), orientation)
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
        return (height, width) if image.getexif().get(ORIENTATION, 1) >= _SIDEWAYS else (width, height)


def is_upright(image: Image.Image) -> bool:
    """Tell whether an opened picture is stored as it is to be shown."""
    return image.getexif().get(ORIENTATION, 1) == 1


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
def opened(data: bytes, name: str = "The picture", *, checked: bool = False) -> Generator[Image.Image]:
    """Open a picture with the one decoder for its type, its header read and its bounds checked.

    Its parts are not walked again where they are `checked`.

    Raises:
        BadPicture: As `decode`, also for what fails in the block.
    """
    told = check_bytes(data, name)
    mime_type, kind = told.mime_type, TYPE_NAMES[told.mime_type]
    if mime_type not in _DECODERS:
        raise BadPicture(f"{name} is a {kind}, which can't be opened here: pass it as PNG or JPEG.")
    if not checked:
        check_structure(data, told, name)
    try:
        with Image.open(BytesIO(data), formats=_DECODERS[mime_type]) as image:
            if image.width * image.height > MAX_PIXELS:
                raise BadPicture(f"{name} is {image.width}x{image.height} px: pass a smaller copy.")
            yield image
    except BROKEN as error:
        raise BadPicture(f"{name} is a broken {kind} ({_reason(error)}): pass a copy that opens elsewhere.") from error


BROKEN = (
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
"""What decoders, and encoders, raise for damaged files, besides their own classes."""


def _reason(error: BaseException) -> str:
    text = str(error)
    return "cut off" if "truncated" in text or isinstance(error, EOFError) else "damaged"


def eight_bits(image: Image.Image) -> Image.Image:
    """Bring any mode to RGB, RGBA, or to L and CMYK, whose profiles are still needed."""
    if image.mode in _ALPHA_MODES or "transparency" in image.info:
        return image.convert("RGBA")
    if image.mode.startswith("I;16"):
        return _scaled(image.convert("I"), 1 / 257, 0.5)
    if image.mode in {"I", "F"}:
        return _stretched(image)
    return image if image.mode in {"RGB", "L", "CMYK"} else image.convert("RGB")


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


def in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Bring L, RGB, RGBA or CMYK to RGB or RGBA in sRGB; a profile that is damaged counts as none."""
    mode = "RGBA" if image.mode == "RGBA" else "RGB"
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(BytesIO(profile))
            if image.mode == "CMYK" or not ImageCms.getProfileDescription(source).startswith("sRGB"):
                return ImageCms.profileToProfile(image, source, SRGB, outputMode=mode) or image.convert(mode)
        except (ImageCms.PyCMSError, OSError):
            pass  # a profile that is damaged, or made for another mode, says nothing
    return image.convert(mode)


def upright(image: Image.Image, orientation: int) -> Image.Image:
    """Turn px as an EXIF orientation says that they are to be shown."""
    turn = _TURNS.get(orientation)
    return image if turn is None else image.transpose(turn)


GOOD = 80
"""A quality at which the eye sees no loss in a preview."""

FINE = 92
"""A quality for what a model looks at or works on."""

INLINE_TYPES = frozenset({"image/jpeg", "image/webp", "image/png"})
SMALLEST_SIDE = 32
_FEW_COLOURS = 2048
_LARGE = 2_500_000  # px from which WebP takes too long to be tried
_LARGE_AND_FINE = 1_000_000
_LOSSY = frozenset({"image/jpeg", "image/webp", "image/avif"})
_SMOOTH = 0.05  # bytes per px that the smoothest picture takes
_LOSSLESS_SHARE = 1 / 8  # of the bytes of a lossless picture that a lossy one takes
MAX_SENT_SIDE = 8000
"""The longest side in px that any service reads."""

_URI_HEAD = 64  # characters kept free for data:image/…;base64,


def preview(data: bytes, *, max_side: int = 768, max_bytes: int | None = None) -> Rendition:
    """Make a small version for showing inline: upright, in sRGB, transparency kept, quickly encoded.

    Decoded once; shrinks step by step until it is at most `max_bytes`; never enlarged, never above 2,000 px a side.

    Raises:
        BadPicture: The bytes can't be decoded, have too many px, or don't fit however small.
    """
    image = decode(data, min(max_side, MAX_INLINE_SIDE))
    return encode(image) if max_bytes is None else encode_within(image, max_bytes)


def thumbnail(data: bytes, *, max_side: int) -> Rendition:
    """Make a small version that loses nothing, quickly: what a contact sheet is put together from.

    Raises:
        BadPicture: As `decode`.
    """
    image, buffer = decode(data, max_side), BytesIO()
    image.save(buffer, "PNG", compress_level=1)
    return Rendition(buffer.getvalue(), "image/png", image.width, image.height)


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
    """Encode as the type that suits the picture's kind: photographs as JPEG, transparency as WebP, drawings as PNG.

    A picture of few colours may be either: it is encoded both ways, and the smaller is given. JPEG is written in a
    tenth of the time of WebP, in twice its bytes.
    """
    renditions = [_encoded(image, mime_type, quality) for mime_type in _types(image, formats)]
    return min(renditions, key=lambda rendition: len(rendition.data))


def encode_within(
    image: Image.Image, max_bytes: int, quality: int = GOOD, formats: Collection[str] = INLINE_TYPES
) -> Rendition:
    """Encode in at most so many bytes: first as WebP, then at a lower quality, then ever smaller.

    Raises:
        BadPicture: It does not fit however small.
    """
    smaller, used, tried = image, quality, formats
    while True:
        rendition = encode(smaller, used, tried)
        if len(rendition.data) <= max_bytes:
            return rendition
        if rendition.mime_type == "image/jpeg" and "image/webp" in formats and not _is_large(smaller, used):
            tried = frozenset({"image/webp"})
            continue
        if used == quality and len(rendition.data) < 2 * max_bytes:
            used = quality - 15
            continue
        step = min(0.85, 0.95 * sqrt(max_bytes / len(rendition.data)))
        size = round(smaller.width * step), round(smaller.height * step)
        if max(size) < SMALLEST_SIDE:
            raise BadPicture(f"The picture does not fit into {max_bytes:,} bytes, however small.")
        smaller = resized(image, (max(1, size[0]), max(1, size[1])))


def _types(image: Image.Image, formats: Collection[str]) -> tuple[str, ...]:
    """Name the types to encode as; the last resort, for transparency where only JPEG is taken, is JPEG on white."""
    suits = ("image/webp",) if image.mode == "RGBA" else ("image/jpeg", "image/webp")
    lossy = [mime_type for mime_type in suits if mime_type in formats][:1]
    drawing = "image/png" in formats and (not lossy or image.getcolors(_FEW_COLOURS) is not None)
    return (*lossy, *(["image/png"] if drawing else ())) or tuple(formats)[:1]


def _encoded(image: Image.Image, mime_type: str, quality: int) -> Rendition:
    buffer = BytesIO()
    match mime_type:
        case "image/jpeg":
            _flat(image).save(buffer, "JPEG", quality=quality)
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
