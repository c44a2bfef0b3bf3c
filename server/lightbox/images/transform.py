"""What is to be done to a picture: cut, turned, scaled, padded, encoded anew; measured, and not yet done.

`transform_words` reads it from what users write, `transforming` does it. All figures are px of the picture as shown,
that is upright. Imports no Pillow.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

from lightbox.errors import BadInput, BadPicture
from lightbox.images.area import Box, Length
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

_LONGEST_SHOWN = 40
_NEARLY = 0.99
_BLUR = 1e-9  # how far a figure may be off by computing alone

Colour = tuple[int, int, int, int]
"""Red, green, blue and opacity, 0 to 255, in sRGB."""


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
        x, y = left.on(width), upper.on(height)
        box = round(x), round(y), round(x + across.on(width)), round(y + down.on(height))
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


def to_exactly(came: tuple[int, int] | None, exact: tuple[int, int], quality: int | None = None) -> Transformation:
    """Give what brings a still picture of some size to exactly another: scaled where it must be, cut round its centre.

    What would be scaled by less than a hundredth is cut alone, and stays as sharp as it is.
    """
    if came is None or not _is_cut_alone(came, exact):
        return Transformation(size=exact, fit="cover", quality=quality, still=True)
    left, upper, right, lower = centred(*came, *exact)
    rectangle = _px(left), _px(upper), _px(right - left), _px(lower - upper)
    return Transformation(crop=Cut(f"{exact[0]}x{exact[1]}", rectangle), quality=quality, still=True)


def exactly_told(came: tuple[int, int], exact: tuple[int, int]) -> str:
    """Say what that does, e.g. `cut to 1920x1080`."""
    scale = max(exact[0] / came[0], exact[1] / came[1])
    cut, scaled = "cut", ""
    if not _is_cut_alone(came, exact):
        whole = all(abs(side * scale - other) < _BLUR * other for side, other in zip(came, exact, strict=True))
        cut = "" if whole else "cut"
        scaled = f"enlarged {scale:.3g} times" if scale > 1 else "scaled down"
    return f"{' and '.join(filter(None, (scaled, cut)))} to {exact[0]}x{exact[1]}"


def _is_cut_alone(came: tuple[int, int], exact: tuple[int, int]) -> bool:
    return _NEARLY <= max(exact[0] / came[0], exact[1] / came[1]) <= 1


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


def _px(value: int) -> Length:
    return Length(Fraction(value), is_share=False)


_NOTHING = (_px(0), _px(0), _px(0), _px(0))


def _place(box: Box) -> str:
    left, upper, right, lower = box
    return f"{right - left}x{lower - upper} px from {left},{upper}"


def _inside(box: Box, width: int, height: int) -> str:
    """Give what of a rectangle lies inside, as a user would write it."""
    left, upper = min(box[0], width - 1), min(box[1], height - 1)
    right, lower = min(max(box[2], left + 1), width), min(max(box[3], upper + 1), height)
    return f"{left},{upper},{right - left},{lower - upper}"
