"""What is given and played with: gifts, hearts, stars, gems, balls."""

from __future__ import annotations

import math
import random

from lightbox_sandbox.painting.colour import darker, lighter
from lightbox_sandbox.painting.pen import Pen
from lightbox_sandbox.painting.shapes import block, star, stroke
from lightbox_sandbox.pixels import Colour


def gift(pen: Pen, chance: random.Random, colour: Colour = (206, 62, 76)) -> None:
    """Draw a wrapped gift with a bow."""
    del chance
    ribbon: Colour = (252, 220, 130)
    pen.shadow(0.52)
    pen.fill(block(-0.4, -0.56, 0.4, 0), paint=(lighter(colour, 0.1), darker(colour, 0.25)))
    pen.fill(block(-0.45, -0.68, 0.45, -0.5, 0.015), paint=(lighter(colour, 0.22), darker(colour, 0.05)))
    pen.fill(block(-0.075, -0.68, 0.075, 0), paint=(ribbon, darker(ribbon, 0.15)))
    for side in (1, -1):
        pen.blob(
            [(0, -0.68), (0.16 * side, -0.86), (0.34 * side, -0.88), (0.36 * side, -0.74), (0.16 * side, -0.66)],
            paint=(lighter(ribbon, 0.25), darker(ribbon, 0.15)),
            volume=0.6,
        )
        pen.blob(
            [(0.05 * side, -0.71), (0.17 * side, -0.8), (0.27 * side, -0.8), (0.18 * side, -0.71)],
            paint=darker(ribbon, 0.3),
        )
    pen.oval(0, -0.71, 0.065, 0.06, paint=(lighter(ribbon, 0.3), darker(ribbon, 0.1)), volume=0.6)


def heart(pen: Pen, chance: random.Random, colour: Colour = (224, 52, 78)) -> None:
    """Draw a heart."""
    del chance
    line = [
        (
            0.036 * 16 * math.sin(t) ** 3 * 0.72,
            -0.54 - 0.03 * (13 * math.cos(t) - 5 * math.cos(2 * t) - 2 * math.cos(3 * t) - math.cos(4 * t)),
        )
        for t in [i * math.pi / 40 for i in range(80)]
    ]
    pen.fill(line, paint=(lighter(colour, 0.18), darker(colour, 0.18)), volume=1.0)
    pen.oval(-0.2, -0.76, 0.085, 0.05, paint=(255, 255, 255), opacity=0.5, blur=0.02, turn=-0.7)


def star_shape(pen: Pen, chance: random.Random, colour: Colour = (255, 206, 84)) -> None:
    """Draw a five-pointed star."""
    del chance
    pen.glow(0, -0.5, 0.8, colour, 0.3)
    pen.fill(star(0, -0.48, 0.5), paint=(lighter(colour, 0.25), darker(colour, 0.12)), volume=0.9)


def gem(pen: Pen, chance: random.Random, colour: Colour = (90, 190, 230)) -> None:
    """Draw a cut gem."""
    del chance
    pen.glow(0, -0.5, 0.9, colour, 0.3)
    top, girdle, foot = -0.86, -0.62, -0.02
    xs = (-0.5, -0.27, 0.0, 0.27, 0.5)
    crown = (-0.3, -0.1, 0.1, 0.3)
    for index in range(4):
        tone = (0.1, 0.45, 0.25, -0.2)[index]
        shade = lighter(colour, tone) if tone > 0 else darker(colour, -tone)
        pen.fill(
            [(xs[index], girdle), (xs[index + 1], girdle), (0, foot)], paint=(lighter(shade, 0.1), darker(shade, 0.2))
        )
        pen.fill(
            [
                (xs[index], girdle),
                (xs[index + 1], girdle),
                (crown[min(3, index + 1)], top) if index != len(crown) - 1 else (0.3, top),
                (crown[index], top),
            ],
            paint=(lighter(shade, 0.35), lighter(shade, 0.05)),
        )
    pen.fill(
        *[
            stroke(path, 0.006)
            for path in (
                [(-0.5, girdle), (0.5, girdle)],
                [(-0.27, girdle), (0, foot)],
                [(0.27, girdle), (0, foot)],
                [(-0.3, top), (0.3, top)],
            )
        ],
        paint=(255, 255, 255),
        opacity=0.7,
    )
    pen.fill(star(-0.2, -0.72, 0.12, 4, 0.16), paint=(255, 255, 255), lit=False)


def ball(pen: Pen, chance: random.Random, colour: Colour = (224, 84, 66)) -> None:
    """Draw a glossy ball."""
    del chance
    pen.shadow(0.44)
    pen.oval(0, -0.46, 0.46, paint=(lighter(colour, 0.2), darker(colour, 0.25)), volume=1.0)
    pen.oval(-0.16, -0.68, 0.13, 0.08, paint=(255, 255, 255), opacity=0.7, blur=0.03, turn=-0.6)


def football(pen: Pen, chance: random.Random, colour: Colour = (248, 248, 250)) -> None:
    """Draw a football."""
    ball(pen, chance, colour)
    for cx, cy, r in (
        (0, -0.46, 0.14),
        (-0.36, -0.58, 0.085),
        (0.36, -0.58, 0.085),
        (-0.23, -0.13, 0.085),
        (0.23, -0.13, 0.085),
        (0, -0.86, 0.07),
    ):
        pen.fill(star(cx, cy, r, 5, 0.81), paint=(48, 48, 58))
        pen.line([(0, -0.46), (cx, cy)], 0.014, paint=(84, 84, 96))
