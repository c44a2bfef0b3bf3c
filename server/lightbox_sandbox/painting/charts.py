"""Charts: bars, lines, slices, points, on a card with a grid."""

from __future__ import annotations

import math
import random
from typing import Final

from lightbox_sandbox.pixels import Colour

from .colour import darker, lighter, mix
from .outlines import Outline, Point, block, oval, smooth, stroke
from .surface import Surface

TONES: Final[tuple[Colour, ...]] = (
    (66, 120, 214), (240, 140, 70), (78, 178, 130), (226, 92, 110), (146, 110, 210), (242, 192, 76),
)  # fmt: skip
INK: Final[Colour] = (92, 98, 116)


def chart(surface: Surface, chance: random.Random, kind: str, colour: Colour | None = None) -> None:
    """Draw a chart of a `kind` (`bar`, `line`, `pie`, `scatter`, `area`, `dashboard`) over the whole surface."""
    tones = TONES if colour is None else tuple(mix(lighter(colour, 0.35), darker(colour, 0.4), i / 5) for i in range(6))
    dark = kind == "dashboard"
    surface.wash(((34, 42, 66), (18, 22, 40)) if dark else ((242, 245, 250), (222, 229, 240)))
    if dark:
        plots = (
            ("line", (0.05, 0.08, 0.62, 0.5)),
            ("pie", (0.66, 0.08, 0.95, 0.5)),
            ("bar", (0.05, 0.56, 0.48, 0.93)),
            ("area", (0.52, 0.56, 0.95, 0.93)),
        )
    else:
        plots = ((kind, (0.07, 0.08, 0.93, 0.92)),)
    for name, box in plots:
        _card(surface, box, dark=dark)
        {"bar": _bars, "line": _lines, "pie": _slices, "scatter": _points, "area": _areas}[name](
            surface, chance, box, tones
        )


def _card(surface: Surface, box: tuple[float, float, float, float], *, dark: bool) -> None:
    left, top, right, bottom = box
    surface.shapes([block(left, top + 0.014, right, bottom + 0.014)], (10, 16, 40), opacity=0.22, blur=0.016)
    paper: Colour = (44, 54, 82) if dark else (255, 255, 255)
    surface.shapes([block(left, top, right, bottom, 0.012)], (lighter(paper, 0.03), paper))
    width, height = right - left, bottom - top
    surface.shapes(
        [block(left + width * 0.06, top + height * 0.065, left + width * 0.34, top + height * 0.1, 0.008)],
        mix(INK, paper, 0.15),
    )
    surface.shapes(
        [block(left + width * 0.06, top + height * 0.125, left + width * 0.22, top + height * 0.145, 0.004)],
        mix(INK, paper, 0.55),
    )


def _grid(surface: Surface, box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    left, top, right, bottom = box
    width, height = right - left, bottom - top
    inner = (left + width * 0.09, top + height * 0.22, right - width * 0.06, bottom - height * 0.13)
    rules: list[Outline] = []
    labels: list[Outline] = []
    for index in range(6):
        y = inner[3] + (inner[1] - inner[3]) * index / 5
        rules.append(block(inner[0], y - 0.0008, inner[2], y + 0.0008))
        labels.append(block(left + width * 0.045, y - height * 0.012, left + width * 0.075, y + height * 0.012))
    surface.shapes(rules, INK, opacity=0.28)
    surface.shapes(labels, INK, opacity=0.5)
    return inner


def _bars(
    surface: Surface, chance: random.Random, box: tuple[float, float, float, float], tones: tuple[Colour, ...]
) -> None:
    left, top, right, bottom = _grid(surface, box)
    count = 8
    step = (right - left) / count
    for index in range(count):
        height = (bottom - top) * (0.22 + 0.62 * index / count + chance.uniform(-0.14, 0.16))
        x = left + step * (index + 0.18)
        second = height * chance.uniform(0.4, 0.85)
        for shift, reach, tone in ((0.0, height, tones[0]), (0.33, second, tones[1])):
            bar = block(x + step * shift, bottom - reach, x + step * (shift + 0.3), bottom)
            surface.shapes([bar], (lighter(tone, 0.22), darker(tone, 0.05)))
        surface.shapes(
            [block(x + step * 0.1, bottom + (bottom - top) * 0.05, x + step * 0.5, bottom + (bottom - top) * 0.075)],
            INK,
            opacity=0.5,
        )


def _series(chance: random.Random, count: int, low: float, high: float) -> list[float]:
    value = (low + high) / 2
    values: list[float] = []
    for index in range(count):
        value = max(low, min(high, value + chance.uniform(-0.14, 0.16) + 0.012 * (index > count / 2)))
        values.append(value)
    return values


def _lines(
    surface: Surface, chance: random.Random, box: tuple[float, float, float, float], tones: tuple[Colour, ...]
) -> None:
    left, top, right, bottom = _grid(surface, box)
    for index in range(3):
        values = _series(chance, 12, 0.1 + 0.12 * index, 0.62 + 0.16 * index)
        points: list[Point] = [
            (left + (right - left) * i / 11, bottom - (bottom - top) * v) for i, v in enumerate(values)
        ]
        curve = smooth(points, closed=False)
        surface.shapes([[*curve, (right, bottom), (left, bottom)]], tones[index], opacity=0.1)
        px = [(x * surface.width, y * surface.height) for x, y in curve]
        surface.polygons([stroke(px, 0.007 * surface.unit, curved=False)], tones[index])
        for grow, tone in ((0.011, tones[index]), (0.0055, (255, 255, 255))):
            surface.polygons(
                [
                    oval(x * surface.width, y * surface.height, grow * surface.unit, grow * surface.unit, steps=20)
                    for x, y in points
                ],
                tone,
            )


def _areas(
    surface: Surface, chance: random.Random, box: tuple[float, float, float, float], tones: tuple[Colour, ...]
) -> None:
    left, top, right, bottom = _grid(surface, box)
    for index, tone in enumerate(tones[2:5]):
        values = _series(chance, 10, 0.45 - 0.2 * index + 0.1, 0.98 - 0.26 * index)
        line = smooth(
            [(left + (right - left) * i / 9, bottom - (bottom - top) * v) for i, v in enumerate(values)], closed=False
        )
        surface.shapes(
            [[*line, (right, bottom), (left, bottom)]],
            (lighter(tone, 0.1), mix(tone, (255, 255, 255), 0.55)),
            opacity=0.82,
        )


def _slices(
    surface: Surface, chance: random.Random, box: tuple[float, float, float, float], tones: tuple[Colour, ...]
) -> None:
    left, top, right, bottom = box
    cx, cy = (left + right) / 2 * surface.width, (top * 0.42 + bottom * 0.58) * surface.height
    radius = min((right - left) * surface.width, (bottom - top) * surface.height) * 0.36
    shares = [chance.uniform(0.6, 1.8) for _ in range(5)]
    angle = -math.pi / 2
    for index, share in enumerate(shares):
        end = angle + 2 * math.pi * share / sum(shares)
        middle = (angle + end) / 2
        push = radius * (0.09 if index == 0 else 0.015)
        steps = [angle + (end - angle) * s / 40 for s in range(41)]
        ring = [
            (cx + push * math.cos(middle) + radius * math.cos(a), cy + push * math.sin(middle) + radius * math.sin(a))
            for a in steps
        ]
        ring += [
            (
                cx + push * math.cos(middle) + radius * 0.52 * math.cos(a),
                cy + push * math.sin(middle) + radius * 0.52 * math.sin(a),
            )
            for a in reversed(steps)
        ]
        surface.polygons([ring], (lighter(tones[index], 0.15), darker(tones[index], 0.06)), volume=0.25)
        angle = end


def _points(
    surface: Surface, chance: random.Random, box: tuple[float, float, float, float], tones: tuple[Colour, ...]
) -> None:
    left, top, right, bottom = _grid(surface, box)
    for index in range(3):
        cx, cy = 0.25 + 0.25 * index, 0.3 + 0.22 * index
        dots: list[Outline] = []
        for _ in range(34):
            x, y = (
                left + (right - left) * min(0.98, max(0.02, chance.gauss(cx, 0.1))),
                bottom - (bottom - top) * min(0.97, max(0.03, chance.gauss(cy, 0.11))),
            )
            r = chance.uniform(0.005, 0.019) * surface.unit
            dots.append(oval(x * surface.width, y * surface.height, r, r, steps=24))
        for dot in dots:
            surface.polygons([dot], tones[index], opacity=0.62)
