"""What is to be done to a picture: cut, turned, scaled, padded, encoded anew. Read from words, checked, and measured.

`transforming` does it. All figures are px of the picture as shown, that is upright.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from math import ceil, floor

from PIL import ImageColor

from lightbox.errors import BadInput, BadPicture
from lightbox.images.inspection import MAX_PIXELS
from lightbox.vocabulary import Fit, Flip, SavedFormat

MAX_SIDE = 8192
"""The longest side in px to which a picture is brought."""
MIME_TYPES: dict[str, str] = {name: f"image/{name}" for name in ("png", "jpeg", "webp", "avif", "gif", "tiff")}
"""The types that are written here, by the words that users have for them."""
SEES_THROUGH = frozenset({"png", "webp", "avif", "gif", "tiff"})
"""The formats that hold transparency."""
LOSSY = frozenset({"jpeg", "webp", "avif"})
"""The formats whose quality can be chosen."""
CLEAR = (0, 0, 0, 0)
"""The colour `transparent`."""

_TURNS = frozenset({0, 90, 180, 270})
_SHAPE = re.compile(r"([1-9]\d{0,3}):([1-9]\d{0,3})")
_SIZE = re.compile(r"(\d{0,12})x(\d{0,12})")
_LENGTH = re.compile(r"(\d{1,9}(?:\.\d{1,4})?)\s*(%|px)?")
_LONGEST_COLOUR = 40
_BEST = 100
_MOST_KILOBYTES = 1e6
_LONGEST_SHOWN = 40

Box = tuple[int, int, int, int]
"""Left, upper, right and lower edge in px."""
Colour = tuple[int, int, int, int]
"""Red, green, blue and opacity, 0 to 255, in sRGB."""


@dataclass(frozen=True, slots=True)
class Length:
    """A distance along a side: px, or percents of that side."""

    value: float
    percent: bool = False

    def of(self, side: int) -> float:
        """Give it in px, not yet rounded."""
        return self.value * side / 100 if self.percent else self.value


@dataclass(frozen=True, slots=True)
class Cut:
    """Which part of a picture to keep: a rectangle (left, upper, width, height), or the largest one of a shape.

    `told` is how the user wrote it, for messages.
    """

    told: str
    rectangle: tuple[Length, Length, Length, Length] | None = None
    shape: tuple[int, int] | None = None

    def box(self, width: int, height: int) -> Box:
        """Give the part of a picture of this size.

        Raises:
            BadPicture: It reaches beyond the picture, or there is nothing of it.
        """
        if self.shape is not None:
            return shape_box(width, height, *self.shape)
        left, upper, across, down = self.rectangle or _NOTHING
        x, y = left.of(width), upper.of(height)
        box = round(x), round(y), round(x + across.of(width)), round(y + down.of(height))
        if box[0] >= box[2] or box[1] >= box[3] or box[2] > width or box[3] > height:
            raise BadPicture(
                f"crop {self.told} is {_place(box)} and the picture {width}x{height} px: it must lie inside, with at "
                f"least one px (try crop={_inside(box, width, height)}, which is x,y,width,height)."
            )
        return box


@dataclass(frozen=True, slots=True, kw_only=True)
class Transformation:
    """Everything that is to be done to a picture, in this order: cut, rotated, flipped, brought to size, encoded.

    Attributes:
        crop: Which part of it to keep.
        rotate: Degrees clockwise: 0, 90, 180 or 270.
        flip: `horizontal` swaps left and right, `vertical` top and bottom.
        size: Width and height in px; a side that is None follows the other.
        shape: Instead of `size`, a ratio to which it is cut, or padded.
        fit: How it gets into its size.
        format: The type to write; None keeps that of the picture where it can be written.
        quality: 0 to 100 where the format is lossy; None: as the picture was, or so that no loss is seen.
        max_bytes: The most that the file may take.
        background: The colour of padding, and of what was transparent; None: white, or transparent where it can be.
        strip: Leave everything out but the px, which are in sRGB then.
        still: Refuse what moves, rather than to take its first frame.
    """

    crop: Cut | None = None
    rotate: int = 0
    flip: Flip | None = None
    size: tuple[int | None, int | None] | None = None
    shape: tuple[int, int] | None = None
    fit: Fit = "contain"
    format: SavedFormat | None = None
    quality: int | None = None
    max_bytes: int | None = None
    background: Colour | None = None
    strip: bool = False
    still: bool = False

    def largest(self, width: int, height: int) -> int:
        """Give the most px, width times height, that it has to hold on the way, of a picture of this size."""
        across, down = self.size or (None, None)
        return max(width * height, (across or width) * (down or height))


def read(
    *,
    crop: str | None = None,
    rotate: int | None = None,
    flip: Flip | None = None,
    size: str | None = None,
    fit: Fit = "contain",
    format: SavedFormat | None = None,  # noqa: A002 - the tool's own word
    compression: int | None = None,
    max_kilobytes: float | None = None,
    background: str | None = None,
    strip: bool = False,
) -> Transformation:
    """Read what a user wants done.

    Raises:
        BadInput: Something is not valid, or does not go together, or nothing is to be done; the text says what does.
    """
    wanted = Transformation(
        crop=read_crop(crop) if crop else None,
        rotate=_turn(rotate or 0),
        flip=flip,
        fit=fit,
        format=format,
        quality=_quality(compression),
        max_bytes=_bytes(max_kilobytes),
        background=read_colour(background) if background else None,
        strip=strip,
    )
    if size:
        sides, shape = read_size(size)
        wanted = replace(wanted, size=sides, shape=shape)
    _check(wanted, size)
    return wanted


def to_exactly(width: int, height: int, quality: int | None = None) -> Transformation:
    """Give what brings a still picture to exactly this size: scaled where it must be, then cut around the centre."""
    return Transformation(size=(width, height), fit="cover", quality=quality, still=True)


def read_crop(text: str) -> Cut:
    """Read `x,y,width,height` in px or percents, `square`, or a ratio such as `16:9`.

    Raises:
        BadInput: It is none of these.
    """
    words = text.strip().lower()
    if words == "square":
        return Cut("square", shape=(1, 1))
    if ratio := _SHAPE.fullmatch(words):
        return Cut(words, shape=(int(ratio[1]), int(ratio[2])))
    lengths = [_LENGTH.fullmatch(part.strip()) for part in words.split(",")]
    given = [Length(float(each[1]), each[2] == "%") for each in lengths if each]
    if len(given) != len(lengths) or len(given) != 4:  # noqa: PLR2004 - x, y, width, height
        raise BadInput(
            f"crop {shown(text)} can't be read: write x,y,width,height in px or percents (0,0,800,600 or "
            "10%,10%,80%,80%), square, or a ratio such as 16:9."
        )
    return Cut(words, rectangle=(given[0], given[1], given[2], given[3]))


def read_size(text: str) -> tuple[tuple[int | None, int | None] | None, tuple[int, int] | None]:
    """Read `WIDTHxHEIGHT` in px, of which one may be left out, or a ratio such as `16:9`: gives the one or the other.

    Raises:
        BadInput: It is neither, or larger than what is made here.
    """
    words = text.strip().lower()
    if ratio := _SHAPE.fullmatch(words):
        return None, (int(ratio[1]), int(ratio[2]))
    sides = _SIZE.fullmatch(words)
    if sides is None or not any(sides.groups()):
        raise BadInput(
            f"size {shown(text)} can't be read: write WIDTHxHEIGHT in px (1920x1080; 800x keeps the shape), or a ratio "
            "such as 16:9."
        )
    width, height = (int(side) if side else None for side in sides.groups())
    if width == 0 or height == 0:
        raise BadInput(f"size {shown(text)} has no px: write WIDTHxHEIGHT, such as 1920x1080.")
    check_size(width, height, text)
    return (width, height), None


def check_size(width: int | None, height: int | None, told: str) -> None:
    """Make sure that a size is not too large to be made here.

    Raises:
        BadInput: It is; the text gives one of like shape that is not.
    """
    across, down = width or 1, height or 1
    if max(across, down) <= MAX_SIDE and across * down <= MAX_PIXELS:
        return
    scale = min(MAX_SIDE / max(across, down), (MAX_PIXELS / (across * down)) ** 0.5)
    near = f"{max(1, floor(across * scale)) if width else ''}x{max(1, floor(down * scale)) if height else ''}"
    raise BadInput(
        f"size {shown(told)} is too large: a picture is brought to at most {MAX_SIDE:,} px a side and "
        f"{MAX_PIXELS / 1e6:.0f} megapixels (try {near})."
    )


def read_colour(text: str) -> Colour:
    """Read a CSS colour: a name, `#rrggbb` (or `#rgb`, `#rrggbbaa`), `rgb(…)`, `hsl(…)`, or `transparent`.

    Raises:
        BadInput: It is none of these.
    """
    words = text.strip().lower()
    if words == "transparent":
        return CLEAR
    try:
        red, green, blue, *opacity = ImageColor.getrgb(words[:_LONGEST_COLOUR])
    except ValueError as error:
        raise BadInput(
            f"background {shown(text)} is no colour that is known: write a CSS name (white, navy), #rrggbb, or "
            "transparent."
        ) from error
    red, green, blue, alpha = (min(255, max(0, part)) for part in (red, green, blue, *(opacity or (255,))))
    return red, green, blue, alpha


def shape_box(width: int, height: int, across: int, down: int) -> Box:
    """Give the largest part of a shape around the centre of a picture, to the nearest px."""
    if width * down > height * across:
        return centred(width, height, max(1, round(height * across / down)), height)
    return centred(width, height, width, max(1, round(width * down / across)))


def padded_size(width: int, height: int, across: int, down: int) -> tuple[int, int]:
    """Give the smallest size of a shape that a picture goes into whole."""
    if width * down > height * across:
        return width, ceil(width * down / across)
    return ceil(height * across / down), height


def centred(width: int, height: int, across: int, down: int) -> Box:
    """Give the place of a part of this size in the middle."""
    left, upper = (width - across) // 2, (height - down) // 2
    return left, upper, left + across, upper + down


def shown(text: str) -> str:
    """Repeat what a user wrote, cut where it is long."""
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"


_NOTHING = (Length(0), Length(0), Length(0), Length(0))


def _turn(degrees: int) -> int:
    if degrees not in _TURNS:
        raise BadInput(f"rotate {degrees} is not valid: pass 90, 180 or 270, degrees clockwise.")
    return degrees


def _quality(compression: int | None) -> int | None:
    if compression is not None and not 0 <= compression <= _BEST:
        near = min(max(compression, 0), _BEST)
        raise BadInput(f"compression {compression} is out of range: 0 to {_BEST}, the best (try {near}).")
    return compression


def _bytes(kilobytes: float | None) -> int | None:
    if kilobytes is not None and not 0 < kilobytes < _MOST_KILOBYTES:
        raise BadInput(f"max_kilobytes {kilobytes:g} is out of range: pass kilobytes of 1,000 bytes, such as 200.")
    return None if kilobytes is None else int(kilobytes * 1000)


def _check(wanted: Transformation, size: str | None) -> None:
    """Find what does not go together, before any picture is touched."""
    if wanted == Transformation(fit=wanted.fit):
        raise BadInput(
            "Nothing is to be done: pass at least one of size, crop, rotate, flip, format, compression, max_kilobytes, "
            "background or metadata=strip."
        )
    if wanted.fit != "contain" and size is None:
        raise BadInput(f"fit {wanted.fit} needs a size: pass one, such as size=1920x1080.")
    if wanted.fit == "stretch" and (wanted.size is None or None in wanted.size):
        raise BadInput(f"fit stretch needs both sides, and size is {shown(size or '')}: pass a size such as 1920x1080.")
    if wanted.format is None:
        return
    if wanted.background is not None and wanted.background[3] < 255 and wanted.format not in SEES_THROUGH:  # noqa: PLR2004 - opaque
        raise BadInput(
            f"background transparent does not work with format {wanted.format}: use png or webp, or a colour."
        )
    if wanted.quality is not None and wanted.format not in LOSSY:
        raise BadInput(
            f"compression {wanted.quality} has no effect on {wanted.format}: use jpeg, webp or avif, or leave it out."
        )


def _place(box: Box) -> str:
    left, upper, right, lower = box
    return f"{right - left}x{lower - upper} px from {left},{upper}"


def _inside(box: Box, width: int, height: int) -> str:
    """Give what of a rectangle lies inside, as a user would write it."""
    left, upper = min(box[0], width - 1), min(box[1], height - 1)
    right, lower = min(max(box[2], left + 1), width), min(max(box[3], upper + 1), height)
    return f"{left},{upper},{right - left},{lower - upper}"
