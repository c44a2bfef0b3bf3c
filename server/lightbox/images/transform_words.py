"""What a user wants done to pictures, read from the words of `transform_image`, and checked before one is touched."""

from __future__ import annotations

import re
from dataclasses import replace

from PIL import ImageColor

from lightbox.errors import BadInput
from lightbox.images.area import length
from lightbox.images.transform import CLEAR, LOSSY, SEES_THROUGH, Colour, Cut, Transformation, check_size, shown
from lightbox.vocabulary import Fit, Flip, SavedFormat, parse_ratio

_TURNS = frozenset({0, 90, 180, 270})
_SIZE = re.compile(r"(\d{0,12})x(\d{0,12})")
_LENGTH = re.compile(r"(\d{1,9}(?:\.\d{1,4})?)\s*(%|px)?")
_LONGEST_COLOUR = 40
_BEST = 100
_MOST_KILOBYTES = 1e6
_OPAQUE = 255


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


def read_crop(text: str) -> Cut:
    """Read `x,y,width,height` in px or percents, `square`, or a ratio such as `16:9`.

    Raises:
        BadInput: It is none of these.
    """
    words = text.strip().lower()
    if words == "square":
        return Cut("square", shape=(1, 1))
    if ratio := parse_ratio(words):
        return Cut(words, shape=ratio)
    lengths = [_LENGTH.fullmatch(part.strip()) for part in words.split(",")]
    given = [length(each[1], is_share=each[2] == "%") for each in lengths if each]
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
    if ratio := parse_ratio(words):
        return None, ratio
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
    if wanted.background is not None and wanted.background[3] < _OPAQUE and wanted.format not in SEES_THROUGH:
        raise BadInput(
            f"background transparent does not work with format {wanted.format}: use png or webp, or a colour."
        )
    if wanted.quality is not None and wanted.format not in LOSSY:
        raise BadInput(
            f"compression {wanted.quality} has no effect on {wanted.format}: use jpeg, webp or avif, or leave it out."
        )
