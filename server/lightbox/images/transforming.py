"""Pictures cut, turned, scaled and padded, as a `Transformation` says: decoded, worked on and encoded in one go.

Px stay in the colours that they have, with their profile, where what is written can hold that; CMYK too. Imports
Pillow; `rendering` is the async door.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from io import BytesIO

from PIL import Image, ImageCms

from lightbox.errors import BadInput, BadPicture
from lightbox.images.raster import ORIENTATION, SRGB, eight_bits, in_srgb, opened, upright
from lightbox.images.rendition import Rendition
from lightbox.images.sniff import sniff
from lightbox.images.transform import (
    CLEAR,
    LOSSY,
    MIME_TYPES,
    SEES_THROUGH,
    Colour,
    Transformation,
    centred,
    check_size,
    padded_size,
    shape_box,
)
from lightbox.images.transform_metadata import Metadata, read_metadata
from lightbox.images.transform_output import encoded

_WHITE = (255, 255, 255, 255)
_OPAQUE = 255
_DEEP = "I;16"
_DEEPER = 257  # 16 bits of white by 8 bits of white
_HOLDS_DEEP = frozenset({"png", "tiff"})
_HOLDS_INKS = frozenset({"jpeg", "tiff"})  # CMYK
_HOLDS_GREY_PROFILE = frozenset({"png", "jpeg", "tiff"})
_PARTS = {"GIF": "frames", "WEBP": "frames", "PNG": "frames", "AVIF": "frames", "TIFF": "pages"}
"""What files of several pictures hold; what a JPEG has besides (MPO) is a depth map or the like."""
_BLUR = 1e-9  # how far a figure may be off by computing alone
_ROTATED = {90: Image.Transpose.ROTATE_270, 180: Image.Transpose.ROTATE_180, 270: Image.Transpose.ROTATE_90}
_FLIPPED = {"horizontal": Image.Transpose.FLIP_LEFT_RIGHT, "vertical": Image.Transpose.FLIP_TOP_BOTTOM}
_FORMATS = {mime_type: name for name, mime_type in MIME_TYPES.items()}


@dataclass(frozen=True, slots=True)
class Canvas:
    """A picture at work: its px, the profile that says what their colours are, and what is to be written of it."""

    pixels: Image.Image
    profile: bytes | None
    metadata: Metadata
    notes: list[str] = field(default_factory=list[str])


def transform(data: bytes, wanted: Transformation) -> Rendition:
    """Do to a picture what is wanted; what a user should know of it is in the rendition's `notes`.

    Raises:
        BadPicture: It can't be decoded, or what is wanted can't be done to it; the text says what can.
    """
    canvas = _decoded(data, wanted)
    name = _written_format(data, wanted, canvas)
    canvas = _in_working_colours(canvas, name, wanted)
    pixels = canvas.pixels
    if wanted.crop is not None:
        pixels = pixels.crop(wanted.crop.box(*pixels.size))
    if wanted.rotate:
        pixels = pixels.transpose(_ROTATED[wanted.rotate])
    if wanted.flip is not None:
        pixels = pixels.transpose(_FLIPPED[wanted.flip])
    pixels = _brought_to_size(replace(canvas, pixels=pixels), name, wanted)
    pixels = _flattened(replace(canvas, pixels=pixels), name, wanted)
    return encoded(pixels, name, wanted, canvas.profile, canvas.metadata, tuple(canvas.notes))


def _decoded(data: bytes, wanted: Transformation) -> Canvas:
    """Decode the first frame, upright, in a mode that can be worked in: L, RGB, RGBA, CMYK, or I;16."""
    with opened(data) as image:
        frames, parts = getattr(image, "n_frames", 1), _PARTS.get(image.format or "")
        if parts == "frames" and frames > 1 and wanted.still:
            raise BadPicture(f"The picture is an animation of {frames} frames.")
        image.load()
        profile, orientation = image.info.get("icc_profile"), image.getexif().get(ORIENTATION, 1)
        metadata = Metadata() if wanted.strip else read_metadata(image)
        notes = ["its metadata are damaged and were left out"] if metadata.damaged else []
        pixels, profile = _workable(image, profile)
        pixels = upright(pixels.copy() if pixels is image else pixels, orientation)
    if parts and frames > 1:
        notes.append(f"the first of its {frames} {parts} was taken: the others are left out")
    if data[:8] == _PNG and data[24] == 16 and pixels.mode != _DEEP:  # noqa: PLR2004 - bits of a channel
        notes.append("its 16 bits per channel became 8")
    return Canvas(pixels, profile, metadata, notes)


_PNG = b"\x89PNG\r\n\x1a\n"


def _workable(image: Image.Image, profile: bytes | None) -> tuple[Image.Image, bytes | None]:
    """Bring any mode to one that is worked in, and give the profile that still holds."""
    if image.mode.startswith("I;16"):
        return (image if image.mode == _DEEP else image.convert("I").convert(_DEEP)), profile
    if image.mode in {"LA", "La"}:
        grey = image.convert("LA")
        pixels = in_srgb(grey.getchannel("L"), profile)
        pixels.putalpha(grey.getchannel("A"))
        return pixels, None
    return eight_bits(image), profile


def _written_format(data: bytes, wanted: Transformation, canvas: Canvas) -> str:
    """Choose the format: the one that is wanted, else the picture's own where it can hold what comes out.

    Raises:
        BadPicture: A compression is wanted that this format has not.
    """
    if wanted.format is not None:
        return wanted.format
    told = sniff(data)
    name = _FORMATS.get(told.mime_type if told else "", "png")
    if wanted.background is not None and wanted.background[3] < _OPAQUE and name not in SEES_THROUGH:
        canvas.notes.append(f"saved as png, for {name} holds no transparency")
        return "png"
    if wanted.quality is not None and name not in LOSSY:
        raise BadPicture(f"compression {wanted.quality} has no effect on {name}: pass format=jpeg or webp, too.")
    return name


def _in_working_colours(canvas: Canvas, name: str, wanted: Transformation) -> Canvas:
    """Bring the px to sRGB where their own colours can't be written, or are not to be."""
    pixels, profile, notes = canvas.pixels, canvas.profile, canvas.notes
    coloured = wanted.background is not None and len(set(wanted.background[:3])) > 1
    if pixels.mode == _DEEP:
        if name in _HOLDS_DEEP and not coloured and not (wanted.strip and profile) and _is_opaque(wanted):
            return canvas
        notes.append("its 16 bits per channel became 8")
        pixels = eight_bits(pixels)
    match pixels.mode:
        case "CMYK":
            holds = name in _HOLDS_INKS and not wanted.strip and _is_opaque(wanted)
            if not holds:
                notes.append("its print colours (CMYK) became sRGB")
        case "L":
            holds = (profile is None or name in _HOLDS_GREY_PROFILE) and not coloured and _is_opaque(wanted)
            holds = holds and not (wanted.strip and profile)
        case _:
            holds = profile is None or (name != "gif" and not wanted.strip)
    if holds:
        return replace(canvas, pixels=pixels)
    return replace(canvas, pixels=in_srgb(pixels, profile), profile=None)


def _is_opaque(wanted: Transformation) -> bool:
    """Tell whether nothing translucent is to be put around the picture."""
    return wanted.background is None or wanted.background[3] == _OPAQUE


def _brought_to_size(canvas: Canvas, name: str, wanted: Transformation) -> Image.Image:
    pixels = canvas.pixels
    if wanted.shape is not None:
        if wanted.fit == "pad":
            return _padded(canvas, _bounded(padded_size(*pixels.size, *wanted.shape)), name, wanted)
        return pixels.crop(shape_box(*pixels.size, *wanted.shape))
    if wanted.size is None:
        return pixels
    size = _bounded(_completed(wanted.size, *pixels.size))
    enlarged = _scale(pixels.size, size, wanted)
    if enlarged > 1:
        canvas.notes.append(f"enlarged {enlarged:.3g} times, which adds no detail")
    if wanted.fit == "cover":
        return covering(pixels, size)
    if wanted.fit == "stretch":
        return scaled(pixels, size)
    inside = scaled(pixels, contained(pixels.size, size))
    return inside if wanted.fit == "contain" else _padded(replace(canvas, pixels=inside), size, name, wanted)


def _completed(size: tuple[int | None, int | None], width: int, height: int) -> tuple[int, int]:
    """Fill a side in that follows the other."""
    across, down = size
    if across is None:
        across = max(1, round((down or height) * width / height))
    return across, max(1, round(across * height / width)) if down is None else down


def _bounded(size: tuple[int, int]) -> tuple[int, int]:
    """Make sure that a size which came of the picture's own shape is not too large.

    Raises:
        BadPicture: It is.
    """
    try:
        check_size(*size, f"{size[0]}x{size[1]}")
    except BadInput as error:
        raise BadPicture(str(error)) from error
    return size


def _scale(before: tuple[int, int], after: tuple[int, int], wanted: Transformation) -> float:
    """Give by how much a picture grows at most."""
    wider, taller = after[0] / before[0], after[1] / before[1]
    return max(wider, taller) if wanted.fit in {"cover", "stretch"} else min(wider, taller)


def contained(size: tuple[int, int], bounds: tuple[int, int]) -> tuple[int, int]:
    """Give the largest size of a picture's shape within bounds, to the nearest px."""
    scale = min(bounds[0] / size[0], bounds[1] / size[1])
    return min(bounds[0], max(1, round(size[0] * scale))), min(bounds[1], max(1, round(size[1] * scale)))


def covering(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Scale a picture so that it just fills a size, and cut off what is over, evenly."""
    scale = max(size[0] / image.width, size[1] / image.height)
    if abs(scale - 1) < _BLUR:
        return image.crop(centred(*image.size, *size))
    across, down = min(size[0] / scale, image.width), min(size[1] / scale, image.height)
    left, upper = (image.width - across) / 2, (image.height - down) / 2
    right, lower = min(left + across, image.width), min(upper + down, image.height)
    return scaled(image, size, (left, upper, right, lower))


def scaled(
    image: Image.Image, size: tuple[int, int], box: tuple[float, float, float, float] | None = None
) -> Image.Image:
    """Resize well; colours count as much as they are seen, so that what is transparent darkens no edge.

    Lanczos is the sharpest, but at the edge of what is transparent it overshoots into a bright seam.
    """
    if image.size == size and box is None:
        return image
    how = Image.Resampling.LANCZOS
    if image.mode == "RGBA":
        smaller = size[0] <= image.width and size[1] <= image.height
        how = Image.Resampling.HAMMING if smaller else Image.Resampling.BILINEAR
    resize = partial(image.resize, size, how)  # pyright: ignore[reportUnknownArgumentType, reportUnknownMemberType, reportUnknownVariableType] - Pillow's types name numpy's
    return resize(box=box)


def _padded(canvas: Canvas, size: tuple[int, int], name: str, wanted: Transformation) -> Image.Image:
    """Put a picture in the middle of a larger ground; what is transparent in it stays so for now."""
    pixels, colour = canvas.pixels, wanted.background
    if colour is None:
        colour = CLEAR if pixels.mode == "RGBA" and name in SEES_THROUGH else _WHITE
    if colour[3] < _OPAQUE and pixels.mode != "RGBA":
        pixels = pixels.convert("RGBA")
    ground = Image.new(pixels.mode, size, ink(colour, pixels.mode, canvas.profile))
    ground.paste(pixels, centred(*size, *pixels.size))
    return ground


def _flattened(canvas: Canvas, name: str, wanted: Transformation) -> Image.Image:
    """Put what is transparent onto the background, where one is wanted or the format can't do without."""
    pixels, colour = canvas.pixels, wanted.background
    if pixels.mode != "RGBA":
        return pixels
    if pixels.getchannel("A").getextrema() == (_OPAQUE, _OPAQUE):
        return pixels.convert("RGB")
    if colour is None and name not in SEES_THROUGH:
        canvas.notes.append("what was transparent is white now: background chooses another colour")
        colour = _WHITE
    if colour is None or colour[3] == 0:
        return pixels
    ground = Image.new("RGBA", pixels.size, ink(colour, "RGBA", canvas.profile))
    whole = Image.alpha_composite(ground, pixels)
    return whole.convert("RGB") if colour[3] == _OPAQUE else whole


def ink(colour: Colour, mode: str, profile: bytes | None) -> int | tuple[int, ...]:
    """Give a colour of sRGB as px of a mode hold it, in the colours of a profile."""
    base = {"RGBA": "RGB", _DEEP: "L"}.get(mode, mode)
    swatch: Image.Image = Image.new("RGB", (1, 1), colour[:3])
    converted = None
    if profile is not None:
        with suppress(ImageCms.PyCMSError, OSError):  # a profile that is damaged says nothing
            target = ImageCms.ImageCmsProfile(BytesIO(profile))
            converted = ImageCms.profileToProfile(swatch, SRGB, target, outputMode=base)
    value = (converted or swatch.convert(base)).getpixel((0, 0))
    if isinstance(value, tuple):
        return (*value, colour[3]) if mode == "RGBA" else value
    level = int(value or 0)
    return level * _DEEPER if mode == _DEEP else level
