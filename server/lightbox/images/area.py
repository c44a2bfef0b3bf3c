"""The area of an edit: where a picture may change, in words or figures, e.g. `left third` or `120,80,400,300`.

Reading is apart from measuring: an area is read before anything is known of the picture, and laid on it as soon as its
size in px is. Nothing here touches px.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TypeAlias

from lightbox.errors import BadInput

Box: TypeAlias = tuple[int, int, int, int]
"""Left, top, right and bottom in px; right and bottom are the first column and row that are not in it."""

MOST_FEATHER = 200
"""The most px over which an edge may fade."""
FORMS = (
    "`left third`, `top half`, `right two thirds`, `bottom 30%`, `top left quarter`, `centre`, `120,80,400,300` "
    "(x, y, width, height in px) or `10%,20%,50%,30%`; several joined by `;`; `outside` before them for all the rest; "
    "`feather 12` behind them for edges that fade over 12 px"
)

_SHOWN = 60  # characters of a wrong area that are repeated
_NUMBER = r"[+-]?\d{1,9}(?:\.\d{1,6})?"
_FIGURES = re.compile(rf"({_NUMBER}) ?(px|%)?(?: ?, ?(?={_NUMBER})|$)")
_FEATHER = re.compile(rf"[ ,;]*feather(?:ed)?(?: by)?(?: ?[:=])? ?({_NUMBER}) ?(?:px|pixels?)?$")
_OUTSIDE = re.compile(
    r"(?:outside(?: of)?|(?:all|everything|anything) (?:but|except|outside(?: of)?)|except|not)\b:? ?"
)
_PERCENT = re.compile(r"(\d{1,3}(?:\.\d{1,6})?) ?%$")
_RATIO = re.compile(r"(\d{1,2})/(\d{1,2})$")

_HORIZONTAL = {"left": "left", "right": "right"}
_VERTICAL = {"top": "top", "upper": "top", "bottom": "bottom", "lower": "bottom"}
_CENTRE = frozenset({"centre", "center", "middle"})
_UNSAID = frozenset({"the", "a", "an", "of", "on", "in", "at", "side", "part", "area", "region", "picture", "image"})
"""Words that change nothing: `the left third of the picture`."""
_TIMES = {"one": 1, "two": 2, "three": 3, "four": 4}
_PARTS = {
    **dict.fromkeys(("half", "halves"), 2),
    **dict.fromkeys(("third", "thirds"), 3),
    **dict.fromkeys(("quarter", "quarters", "corner"), 4),
    **dict.fromkeys(("fifth", "fifths"), 5),
}
_WHOLE = frozenset({"all", "everything", "whole", "everywhere", "entire", "full", "anywhere"})
_HALF, _QUARTER = Fraction(1, 2), Fraction(1, 4)


@dataclass(frozen=True, slots=True)
class Length:
    """A length along one side: in px, or as a share of the side."""

    value: Fraction
    is_share: bool

    def on(self, side: int) -> Fraction:
        """Give it in px of a side of so many px."""
        return self.value * side if self.is_share else self.value


def length(written: str, *, is_share: bool) -> Length:
    """Read a figure in px, or in percents of the side."""
    return Length(Fraction(written) / (100 if is_share else 1), is_share)


@dataclass(frozen=True, slots=True)
class Rectangle:
    """One part of an area, as it was written."""

    written: str
    x: Length
    y: Length
    width: Length
    height: Length

    def on(self, width: int, height: int) -> Box:
        """Give it in px of a picture of that size.

        Raises:
            BadInput: It is empty, or not wholly inside; the text shows what would be.
        """
        x, y, across, down = self.x.on(width), self.y.on(height), self.width.on(width), self.height.on(height)
        box = round(x), round(y), round(x + across), round(y + down)
        if across <= 0 or down <= 0 or box[0] == box[2] or box[1] == box[3]:
            raise BadInput(
                f"area “{self.written}” is empty: its width and height (the last two of four figures) are at least "
                f"1 px of the picture's {width}x{height} px. Nothing was sent."
            )
        inside = max(0, box[0]), max(0, box[1]), min(width, box[2]), min(height, box[3])
        if inside == box:
            return box
        if inside[0] >= inside[2] or inside[1] >= inside[3]:
            what, fix = "outside", f"x is below {width} and y below {height}"
        else:
            what, fix = "partly outside", f"the part inside is `{_text(inside)}`"
        raise BadInput(
            f"area “{self.written}” is {what} the picture, which is {width}x{height} px: {fix}. Nothing was sent."
        )


@dataclass(frozen=True, slots=True)
class LaidArea:
    """An area on a picture of known size, in px; as text, it is an area in figures again.

    Attributes:
        width: Of the picture.
        height: Likewise.
        boxes: What is marked.
        outside: Whether all but the boxes may change.
        feather: Over how many px, inside of what may change, the edges fade.
    """

    width: int
    height: int
    boxes: tuple[Box, ...]
    outside: bool = False
    feather: int = 0

    def __str__(self) -> str:
        before = "outside " if self.outside else ""
        behind = f" feather {self.feather}" if self.feather else ""
        return f"{before}{'; '.join(map(_text, self.boxes))}{behind}"

    def scaled(self, width: int, height: int) -> LaidArea:
        """Give the same area on the same picture in another size; what it marks never vanishes."""
        if (width, height) == (self.width, self.height):
            return self
        across, down = Fraction(width, self.width), Fraction(height, self.height)
        return replace(
            self,
            width=width,
            height=height,
            boxes=tuple(_scaled(box, across, down) for box in self.boxes),
            feather=max(1, round(self.feather * min(across, down))) if self.feather else 0,
        )


@dataclass(frozen=True, slots=True)
class Area:
    """An area as it was written, which may be laid on any picture."""

    rectangles: tuple[Rectangle, ...]
    outside: bool = False
    feather: int = 0

    def on(self, width: int, height: int) -> LaidArea:
        """Lay it on a picture of that size in px.

        Raises:
            BadInput: It is empty, or reaches beyond the picture.
        """
        boxes = tuple(rectangle.on(width, height) for rectangle in self.rectangles)
        if self.outside and (0, 0, width, height) in boxes:
            raise BadInput("area leaves nothing that may change: all of the picture is left out. Nothing was sent.")
        return LaidArea(width, height, boxes, self.outside, self.feather)


def read_area(text: str) -> Area:
    """Read an area, e.g. `read_area("left third feather 12")`.

    Raises:
        BadInput: Some of it is not understood; the text names it and shows right forms.
    """
    # Of “½” it makes a 1, a slash of its own kind, and a 2.
    normal = unicodedata.normalize("NFKC", text).replace("\N{FRACTION SLASH}", "/")
    plain = " ".join(normal.casefold().strip(" \t\n`'\"“”.;").split())
    feather, found = 0, _FEATHER.search(plain)
    if found:
        feather, plain = _feather(found[1]), plain[: found.start()]
    outside = _OUTSIDE.match(plain)
    if outside:
        plain = plain[outside.end() :]
    parts = [part.strip() for part in plain.split(";")]
    return Area(tuple(_rectangle(part) for part in parts), outside is not None, feather)


def _feather(written: str) -> int:
    px = round(Fraction(written))
    if not 0 <= px <= MOST_FEATHER:
        raise BadInput(f"area: feather {written} is out of range: write 0 to {MOST_FEATHER} px. Nothing was sent.")
    return px


def _rectangle(part: str) -> Rectangle:
    if not part:
        raise BadInput(f"area names no place: write {FORMS}. Nothing was sent.")
    lengths = _figures(part)
    if lengths is None:
        return _in_words(part)
    if len(lengths) != 4:  # noqa: PLR2004 - x, y, width and height
        raise _unread(part, f"has {len(lengths)} figure{'' if len(lengths) == 1 else 's'}, not four")
    return Rectangle(part, *lengths)


def _figures(part: str) -> list[Length] | None:
    """Read figures with commas between them; None where the part is not made of figures alone."""
    lengths: list[Length] = []
    place = 0
    while place < len(part):
        found = _FIGURES.match(part, place)
        if found is None:
            return None
        is_share = found[2] == "%"
        lengths.append(length(found[1], is_share=is_share))
        place = found.end()
    return lengths


def _in_words(part: str) -> Rectangle:
    """Read a place in words: a side or a corner with how much of it, or the centre."""
    words = [word for word in re.split(r"[ \-_]+", part.replace(" %", "%")) if word not in _UNSAID]
    across = {_HORIZONTAL[word] for word in words if word in _HORIZONTAL}
    down = {_VERTICAL[word] for word in words if word in _VERTICAL}
    centre = any(word in _CENTRE for word in words)
    of_it = [word for word in words if word not in _HORIZONTAL and word not in _VERTICAL and word not in _CENTRE]
    for word in of_it:
        if not (word in _TIMES or word in _PARTS or _PERCENT.match(word) or _RATIO.match(word)):
            raise _unknown_word(part, word)
    if len(across) > 1 or len(down) > 1 or bool(across or down) == centre:
        raise _unread(part, "is not one place")
    share, in_words = _share(part, of_it)
    if (across and down) or centre:
        return _corner_or_centre(part, across, down, share, in_words=in_words)
    return _side(part, (across or down).pop(), _HALF if share is None else share)


def _share(part: str, words: list[str]) -> tuple[Fraction | None, bool]:
    """Give what share is meant, and whether it was written in words or as a ratio; None where none is said."""
    match words:
        case []:
            return None, False
        case [word] if found := _PERCENT.match(word):
            share, in_words = Fraction(found[1]) / 100, False
        case [word] if (found := _RATIO.match(word)) and int(found[2]):
            share, in_words = Fraction(int(found[1]), int(found[2])), True
        case [word] if word in _PARTS:
            share, in_words = Fraction(1, _PARTS[word]), True
        case [times, word] if times in _TIMES and word in _PARTS:
            share, in_words = Fraction(_TIMES[times], _PARTS[word]), True
        case _:
            raise _unread(part, "does not say how much of a side")
    if not 0 < share < 1:
        raise _unread(part, "does not say a part of the picture")
    return share, in_words


def _side(part: str, side: str, share: Fraction) -> Rectangle:
    start = 1 - share if side in ("right", "bottom") else Fraction(0)
    if side in ("left", "right"):
        return _shares(part, start, Fraction(0), share, Fraction(1))
    return _shares(part, Fraction(0), start, Fraction(1), share)


def _corner_or_centre(
    part: str, across: set[str], down: set[str], share: Fraction | None, *, in_words: bool
) -> Rectangle:
    """Give a corner or the centre: a quarter of the picture, or the named share of both sides.

    A half of a corner, or a third of the middle, could be a strip as well, and nobody should pay to find out.
    """
    if share is None or (in_words and share == _QUARTER):
        share = _HALF
    elif in_words and (share == _HALF or not across):
        raise _unread(part, "can be meant in several ways")
    start = (1 - share) / 2
    x = (1 - share if "right" in across else Fraction(0)) if across else start
    y = (1 - share if "bottom" in down else Fraction(0)) if down else start
    return _shares(part, x, y, share, share)


def _shares(part: str, x: Fraction, y: Fraction, width: Fraction, height: Fraction) -> Rectangle:
    return Rectangle(part, *(Length(share, is_share=True) for share in (x, y, width, height)))


def _unknown_word(part: str, word: str) -> BadInput:
    if word in _WHOLE:
        return BadInput(f"area “{_cut(part)}”: leave area out to let the whole picture change. Nothing was sent.")
    named = f"“{_cut(word)}”" if word == part else f"“{_cut(word)}” in “{_cut(part)}”"
    return BadInput(
        f"area: {named} is not understood: write {FORMS}. What to change there is said in the prompt. Nothing was sent."
    )


def _unread(part: str, why: str) -> BadInput:
    return BadInput(f"area “{_cut(part)}” {why}: write {FORMS}. Nothing was sent.")


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def _text(box: Box) -> str:
    left, top, right, bottom = box
    return f"{left},{top},{right - left},{bottom - top}"


def _scaled(box: Box, across: Fraction, down: Fraction) -> Box:
    left, right = _scaled_sides(box[0], box[2], across)
    top, bottom = _scaled_sides(box[1], box[3], down)
    return left, top, right, bottom


def _scaled_sides(start: int, end: int, scale: Fraction) -> tuple[int, int]:
    first, last = round(start * scale), round(end * scale)
    return (min(first, last - 1), last) if last > 0 else (0, 1)
