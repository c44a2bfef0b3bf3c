"""Fruit, round and lit."""

from __future__ import annotations

import math
import random

from lightbox_sandbox.painting.colour import darker, lighter
from lightbox_sandbox.painting.pen import Pen
from lightbox_sandbox.painting.shapes import oval, sector, star
from lightbox_sandbox.pixels import Colour


def fruit(pen: Pen, chance: random.Random, colour: Colour = (206, 44, 48), kind: str = "apple") -> None:
    """Draw an apple, orange, lemon, pear, peach, cherry, strawberry, watermelon or banana."""
    pen.shadow(0.4)
    if kind in ("watermelon", "banana", "strawberry", "grape"):
        {"watermelon": _watermelon, "banana": _banana, "strawberry": _strawberry, "grape": _grapes}[kind](
            pen, colour, chance
        )
        return
    if kind == "pear":
        line = [
            (0, -0.02),
            (-0.34, -0.16),
            (-0.32, -0.42),
            (-0.15, -0.62),
            (-0.1, -0.82),
            (0, -0.87),
            (0.1, -0.82),
            (0.15, -0.62),
            (0.32, -0.42),
            (0.34, -0.16),
        ]
    elif kind == "lemon":
        line = [
            (-0.46, -0.34),
            (-0.36, -0.42),
            (-0.2, -0.58),
            (0.1, -0.6),
            (0.32, -0.46),
            (0.46, -0.36),
            (0.34, -0.2),
            (0.08, -0.04),
            (-0.22, -0.06),
            (-0.38, -0.24),
        ]
    elif kind == "apple":
        line = [
            (0, -0.04),
            (-0.2, 0.0),
            (-0.38, -0.2),
            (-0.4, -0.5),
            (-0.24, -0.72),
            (0, -0.66),
            (0.24, -0.72),
            (0.4, -0.5),
            (0.38, -0.2),
            (0.2, 0.0),
        ]
    else:
        line = oval(0, -0.36, 0.38, 0.37)[::4]
    pen.blob(line, paint=(lighter(colour, 0.14), darker(colour, 0.22)), volume=1.0)
    if kind in ("apple", "pear", "cherry", "peach"):
        top = -0.86 if kind == "pear" else -0.67
        pen.line([(0, top + 0.03), (0.02, top - 0.08), (0.06, top - 0.16)], 0.03, 0.02, paint=(98, 68, 44))
        pen.blob(
            [(0.03, top - 0.06), (0.16, top - 0.2), (0.34, top - 0.18), (0.22, top - 0.05)],
            paint=((134, 184, 84), (70, 130, 62)),
            volume=0.4,
        )
    if kind in ("orange", "lemon"):
        pen.fill(
            *[oval(chance.gauss(0, 0.16), -0.34 + chance.gauss(0, 0.13), 0.007, 0.006, steps=8) for _ in range(60)],
            paint=darker(colour, 0.16),
            opacity=0.6,
        )
        pen.blob([(-0.02, -0.73), (0.1, -0.84), (0.26, -0.8), (0.12, -0.7)], paint=((134, 184, 84), (70, 130, 62)))
    pen.oval(-0.17, -0.5, 0.09, 0.06, paint=(255, 255, 255), opacity=0.55, blur=0.03, turn=-0.6)


def _watermelon(pen: Pen, colour: Colour, chance: random.Random) -> None:
    del colour
    for radius, tone in ((0.62, (60, 130, 70)), (0.57, (226, 240, 206)), (0.53, (232, 72, 76))):
        pen.fill(sector(0, -0.55, radius, 0.0, math.pi), paint=(lighter(tone, 0.12), darker(tone, 0.1)))
    pen.fill(
        *[
            oval(x, y, 0.013, 0.024, chance.uniform(-0.4, 0.4), 12)
            for x, y in (
                (-0.36, -0.46),
                (-0.2, -0.42),
                (-0.02, -0.45),
                (0.18, -0.43),
                (0.36, -0.46),
                (-0.26, -0.3),
                (-0.08, -0.28),
                (0.1, -0.29),
                (0.27, -0.31),
                (0.0, -0.15),
            )
        ],
        paint=(44, 34, 38),
    )


def _banana(pen: Pen, colour: Colour, chance: random.Random) -> None:
    del chance
    for shift, tone in ((0.08, darker(colour, 0.14)), (0.0, colour)):
        pen.blob(
            [
                (-0.46, -0.66 + shift),
                (-0.4, -0.64 + shift),
                (-0.24, -0.32 + shift),
                (0.1, -0.2 + shift),
                (0.42, -0.36 + shift),
                (0.47, -0.32 + shift),
                (0.2, -0.02 + shift),
                (-0.2, -0.1 + shift),
                (-0.42, -0.4 + shift),
            ],
            paint=(lighter(tone, 0.15), darker(tone, 0.16)),
            volume=0.7,
        )
    pen.oval(-0.44, -0.66, 0.035, 0.05, paint=(104, 82, 48))


def _strawberry(pen: Pen, colour: Colour, chance: random.Random) -> None:
    del chance
    pen.blob(
        [
            (0, 0.0),
            (-0.2, -0.12),
            (-0.36, -0.42),
            (-0.26, -0.66),
            (0, -0.7),
            (0.26, -0.66),
            (0.36, -0.42),
            (0.2, -0.12),
        ],
        paint=(lighter(colour, 0.12), darker(colour, 0.2)),
        volume=1.0,
    )
    seeds = [
        oval(x * (0.075 + 0.014 * row) + (0.04 if row % 2 else 0), -0.12 - row * 0.1, 0.011, 0.017, steps=10)
        for row in range(5)
        for x in range(-3, 4)
        if abs(x) <= row * 0.7 + 0.6
    ]
    pen.fill(*seeds, paint=(252, 220, 130))
    pen.fill(star(0, -0.68, 0.26, 7, 0.38), paint=((128, 184, 84), (62, 126, 60)))
    pen.line([(0, -0.68), (0.03, -0.86)], 0.035, 0.025, paint=(92, 150, 70))


def _grapes(pen: Pen, colour: Colour, chance: random.Random) -> None:
    for row in range(5):
        for index in range(5 - row):
            x, y = (index - (4 - row) / 2) * 0.16 + chance.uniform(-0.015, 0.015), -0.62 + row * 0.135
            pen.oval(x, y, 0.093, paint=(lighter(colour, 0.15), darker(colour, 0.2)), volume=1.0)
            pen.oval(x - 0.03, y - 0.035, 0.02, paint=(255, 255, 255), opacity=0.5)
    pen.line([(0, -0.68), (0.02, -0.86), (0.08, -0.92)], 0.03, paint=(104, 78, 50))
    pen.blob([(0.02, -0.78), (0.16, -0.94), (0.36, -0.84), (0.2, -0.72)], paint=((134, 184, 84), (70, 130, 62)))
