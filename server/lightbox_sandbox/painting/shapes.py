"""Figures that are told, not computed: `drawings/*.shapes` are drawn with a pen, line by line.

    # An apple.
    figure apple colour=#ce2c30:
        shadow 0.4
        blob colour+0.14|colour-0.22 volume=1.0 0,-0.04 -0.2,0 -0.38,-0.2 -0.4,-0.5
                -0.24,-0.72 0,-0.66 0.24,-0.72 0.4,-0.5 0.38,-0.2 0.2,0
        each side in 1 -1:
            oval #ffffff 0.1*side,-0.5 0.02

A line is a word, its paint, its options and its numbers; what is indented below it goes on with it, or belongs to it
where it ends with a colon. Places are `x,y` in the units of the pen, numbers and colours are formulas.

- Outlines: `fill` is straight through its points and `blob` smooth, `curve` has ends, `oval` and `star` stand about a
  place, `sector` between two angles, `block` between two corners, `drop` on its foot; `line` has a width, or two.
- `pair` is a blob and its mirror image, `group` fills the outlines below it as one thing, `joined` makes one of them.
- `glow` and `shadow` are the pen's. `draw` draws another figure as a part, `at` stands what is below it elsewhere.
- `each name in ...` repeats what is below it, `when` and `otherwise` choose, `name = ...` gives a name.
- Every formula may name `night` (0 by day, 1 at night), `shine` (the sun's or moon's colour), `ink` and `lamp`.

`figure fox is sitting colour=...` is a figure that is drawn as another, with other values.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

from lightbox_sandbox.pixels import Colour

from .drawings.details import DETAILS
from .formulas import FUNCTIONS, Names, formula
from .outlines import Outline, Point, block, drop, oval, sector, smooth, star, stroke
from .pen import Pen

FOLDER: Final = Path(__file__).with_name("drawings")

FLAGS: Final = {"unlit": ("lit", False), "straight": ("curved", False)}
"""Options of one word: for what shines by itself, and for what has corners."""

_FINISH: Final = ("volume", "opacity", "blur", "lit")


def _points(outline: Callable[..., Outline], **fixed: Any) -> Callable[..., Outline]:
    def through(*points: Point, **options: Any) -> Outline:
        return outline(points, **fixed, **options)

    return through


def _places(outline: Callable[..., Outline]) -> Callable[..., Outline]:
    def about(*values: float | Point) -> Outline:
        numbers: list[float] = []
        for value in values:
            numbers += value if isinstance(value, tuple) else (value,)
        return outline(*numbers)

    return about


def _oval(place: Point, radius: float | Point, *, turn: float = 0.0, steps: int = 48) -> Outline:
    rx, ry = radius if isinstance(radius, tuple) else (radius, radius)
    return oval(*place, rx, ry, turn, steps)


def _line(width: float | Point, *points: Point, curved: bool = True) -> Outline:
    start, end = width if isinstance(width, tuple) else (width, width)
    return stroke(points, start, end, curved=curved)


_OUTLINES: Final[dict[str, Callable[..., Outline]]] = {
    "blob": _points(smooth),
    "block": _places(block),
    "curve": _points(smooth, closed=False),
    "drop": _places(drop),
    "fill": _points(list),
    "line": _line,
    "oval": _oval,
    "sector": _places(sector),
    "star": _places(star),
}
"""Words for outlines: smooth or straight through points, from corner to corner, about a place."""


@dataclass(slots=True)
class _Line:
    """A line of a drawing: its first word, what follows, and the lines below it where it ends with a colon."""

    word: str
    rest: list[str]
    block: bool = False
    below: list[_Line] = field(default_factory=list["_Line"])

    def take(self, tokens: Sequence[str]) -> None:
        self.block = tokens[-1].endswith(":")
        self.rest += [*tokens[:-1], tokens[-1].removesuffix(":")]


def _lines(text: str) -> list[_Line]:
    root = _Line("", [], block=True)
    path = [(-1, root)]
    for row in text.splitlines():
        tokens = row.split()
        if not tokens or tokens[0] == "#":
            continue
        depth = len(row) - len(row.lstrip())
        while path[-1][0] >= depth:
            path.pop()
        parent = path[-1][1]
        if not parent.block:
            parent.take(tokens)
            continue
        line = _Line(tokens[0].removesuffix(":"), [], block=tokens[0].endswith(":"))
        if tokens[1:]:
            line.take(tokens[1:])
        parent.below.append(line)
        path.append((depth, line))
    return root.below


@cache
def _figures() -> dict[str, _Line]:
    """Read every figure that is told, once."""
    lines = [line for path in sorted(FOLDER.glob("*.shapes")) for line in _lines(path.read_text("utf-8"))]
    return {line.rest[0]: line for line in lines}


def draw(name: str, pen: Pen, chance: random.Random, colour: Colour | None = None) -> None:
    """Draw a figure of `drawings/*.shapes`, in its own colour where none is given. Raises `KeyError` for another."""
    names: Names = {
        "night": pen.mood.dark,
        "shine": pen.mood.glow,
        "uniform": chance.uniform,
        "gauss": chance.gauss,
        "random": chance.random,
        "choice": lambda *several: chance.choice(several),  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType] - of anything
    }
    _draw(name, pen, chance, FUNCTIONS | names | ({} if colour is None else {"colour": colour}))


def _draw(name: str, pen: Pen, chance: random.Random, names: Names) -> None:
    """Draw a figure with what it is given; what is not given is as its first line has it."""
    if name in DETAILS:
        DETAILS[name](pen, chance, names["colour"])
        return
    head = _figures()[name]
    kind = head.rest[1:2] == ["is"]
    for token in head.rest[3 if kind else 1 :]:
        key, _, value = token.partition("=")
        if key not in names:
            names[key] = formula(value)(names)
    if kind:
        _draw(head.rest[2], pen, chance, names)
    else:
        _Hand(pen, chance, names).follow(head.below)


class _Hand:
    """Follows the lines of one figure."""

    def __init__(self, pen: Pen, chance: random.Random, names: Names) -> None:
        self._pen, self._chance, self._names = pen, chance, names
        self._held: list[Outline] | None = None  # the outlines of a group that is not filled yet
        self._words: Final[dict[str, Callable[[_Line], None]]] = {
            "at": self._at,
            "draw": self._draw,
            "each": self._each,
            "glow": self._glow,
            "group": self._group,
            "joined": self._group,
            "pair": self._pair,
            "shadow": self._shadow,
        }

    def follow(self, lines: Sequence[_Line]) -> None:
        """Do what the lines say, one after another."""
        held = True
        for line in lines:
            if line.rest[:1] == ["="]:
                self._names[line.word] = self._value(line.rest[1])
            elif line.word == "when":
                held = self._holds(line.rest)
                self.follow(line.below if held else ())
            elif line.word == "otherwise":
                self.follow(() if held else line.below)
            elif line.word in _OUTLINES:
                self._outline(line)
            else:
                self._words[line.word](line)

    def _value(self, token: str) -> Any:
        return formula(token)(self._names)

    def _read(self, tokens: Sequence[str]) -> tuple[list[Any], Names]:
        """Give values and options; these are told as `name=value`, or as a flag."""
        values: list[Any] = []
        options: Names = {}
        for token in tokens:
            key, equals, value = token.partition("=")
            if token in FLAGS:
                options.update([FLAGS[token]])
            elif equals and key.isidentifier() and not value.startswith("="):
                options[key] = self._value(value)
            else:
                values.append(self._value(token))
        return values, options

    def _outline(self, line: _Line) -> None:
        values, options = self._read(line.rest)
        finish = {key: options.pop(key) for key in _FINISH if key in options}
        if self._held is None:
            self._pen.fill(_OUTLINES[line.word](*values[1:], **options), paint=values[0], **finish)
        else:
            self._held.append(_OUTLINES[line.word](*values, **options))

    def _group(self, line: _Line) -> None:
        """Fill several outlines as one thing; those that are `joined` are one line, `as=blob` a smooth one."""
        outer, self._held = self._held, []
        self.follow(line.below)
        outlines, self._held = self._held, outer
        (paint,), options = self._read(line.rest)
        if line.word == "joined":
            outlines = [_OUTLINES[options.pop("as", "fill")](*[point for outline in outlines for point in outline])]
        if outlines:
            self._pen.fill(*outlines, paint=paint, **options)

    def _pair(self, line: _Line) -> None:
        (paint, *points), options = self._read(line.rest)
        self._pen.pair(points, paint, **options)

    def _glow(self, line: _Line) -> None:
        colour, (x, y), *reach = self._read(line.rest)[0]
        self._pen.glow(x, y, reach[0], colour, *reach[1:])

    def _shadow(self, line: _Line) -> None:
        self._pen.shadow(*self._read(line.rest)[0])

    def _draw(self, line: _Line) -> None:
        """Draw a part, which sees the names of what it is a part of, and those that are told here."""
        _draw(line.rest[0], self._pen, self._chance, self._names | self._read(line.rest[1:])[1])

    def _at(self, line: _Line) -> None:
        """Stand the lines below elsewhere, larger or smaller."""
        (x, y), *size = self._read(line.rest)[0]
        outer, self._pen = self._pen, self._pen.moved(x, y, *size)
        self.follow(line.below)
        self._pen = outer

    def _each(self, line: _Line) -> None:
        """Repeat the lines below for every value, or for every row of several."""
        place = line.rest.index("in")
        keys = line.rest[:place]
        rows = [self._value(token) for token in line.rest[place + 1 :]]
        if isinstance(rows[0], range):
            rows = list[Any](rows[0])
        for row in rows:
            self._names |= dict(zip(keys, row if len(keys) > 1 else [row], strict=True))
            self.follow(line.below)

    def _holds(self, tokens: Sequence[str]) -> bool:
        """Tell whether `name is word ...`, `name is not word ...` or a formula holds."""
        if tokens[1:2] != ["is"]:
            return bool(self._value(tokens[0]))
        word = self._names[tokens[0]]
        return word not in tokens[3:] if tokens[2] == "not" else word in tokens[2:]
