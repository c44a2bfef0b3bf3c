"""What drives on roads and rails."""

from __future__ import annotations

import math
import random

from lightbox_sandbox.painting.colour import darker, lighter
from lightbox_sandbox.painting.pen import Pen
from lightbox_sandbox.painting.shapes import Outline, block, sector, smooth, stroke
from lightbox_sandbox.pixels import Colour

GLASS: Colour = (150, 196, 222)


def _wheel(pen: Pen, x: float, y: float, r: float) -> None:
    pen.oval(x, y, r, paint=(38, 38, 46), volume=0.4)
    pen.oval(x, y, r * 0.6, paint=((214, 218, 226), (138, 144, 158)), volume=0.5)
    pen.fill(
        *[
            stroke([(x, y), (x + r * 0.52 * math.cos(a * 1.257), y + r * 0.52 * math.sin(a * 1.257))], r * 0.14)
            for a in range(5)
        ],
        paint=(92, 98, 112),
    )
    pen.oval(x, y, r * 0.14, paint=(230, 232, 238))


def car(pen: Pen, chance: random.Random, colour: Colour = (208, 60, 54)) -> None:
    """Draw a car from the side."""
    del chance
    pen.shadow(0.95)
    pen.fill(
        smooth(
            [
                (-0.86, -0.12),
                (-0.9, -0.32),
                (-0.78, -0.44),
                (-0.5, -0.48),
                (-0.28, -0.72),
                (0.0, -0.76),
                (0.26, -0.72),
                (0.5, -0.49),
                (0.8, -0.42),
                (0.92, -0.28),
                (0.88, -0.12),
                (0.5, -0.1),
                (-0.5, -0.1),
            ]
        ),
        paint=(lighter(colour, 0.15), darker(colour, 0.3)),
        volume=0.7,
    )
    pen.blob(
        [(-0.42, -0.48), (-0.24, -0.67), (-0.03, -0.7), (-0.03, -0.48)],
        paint=(lighter(GLASS, 0.4), darker(GLASS, 0.15)),
        volume=0.2,
    )
    pen.blob(
        [(0.03, -0.48), (0.03, -0.7), (0.22, -0.67), (0.42, -0.48)],
        paint=(lighter(GLASS, 0.4), darker(GLASS, 0.15)),
        volume=0.2,
    )
    pen.line([(-0.86, -0.3), (0, -0.34), (0.9, -0.3)], 0.012, paint=lighter(colour, 0.5), opacity=0.6)
    pen.line([(0, -0.47), (0.0, -0.14)], 0.008, paint=darker(colour, 0.5), opacity=0.6)
    pen.line([(0.06, -0.42), (0.14, -0.42)], 0.02, paint=lighter(colour, 0.4))
    pen.oval(0.86, -0.31, 0.05, 0.035, paint=(255, 246, 214), lit=False)
    pen.oval(-0.87, -0.32, 0.03, 0.035, paint=(214, 40, 40), lit=False)
    if pen.mood.dark > 0.4:  # noqa: PLR2004 - lamps are lit from dusk on
        pen.fill(
            [(0.88, -0.34), (2.0, -0.44), (2.0, 0.06), (0.88, -0.27)],
            paint=(255, 240, 190),
            opacity=0.32,
            blur=0.05,
            lit=False,
        )
    for x in (-0.52, 0.54):
        pen.oval(x, -0.13, 0.2, 0.19, paint=darker(colour, 0.6))
        _wheel(pen, x, -0.15, 0.16)


def bus(pen: Pen, chance: random.Random, colour: Colour = (240, 178, 60)) -> None:
    """Draw a bus from the side."""
    del chance
    pen.shadow(0.95)
    pen.fill(block(-0.92, -0.8, 0.92, -0.12, 0.1), paint=(lighter(colour, 0.14), darker(colour, 0.25)), volume=0.4)
    for index in range(5):
        x = -0.82 + index * 0.3
        pen.fill(block(x, -0.68, x + 0.25, -0.42, 0.03), paint=(lighter(GLASS, 0.35), darker(GLASS, 0.2)))
    pen.fill(block(0.68, -0.68, 0.86, -0.2, 0.03), paint=(lighter(GLASS, 0.35), darker(GLASS, 0.2)))
    pen.line([(-0.9, -0.34), (0.64, -0.34)], 0.03, paint=lighter(colour, 0.7))
    pen.oval(0.9, -0.22, 0.025, 0.04, paint=(255, 246, 214), lit=False)
    for x in (-0.55, 0.5):
        _wheel(pen, x, -0.13, 0.13)


def train(pen: Pen, chance: random.Random, colour: Colour = (64, 104, 168)) -> None:
    """Draw a fast train with two carriages."""
    del chance
    pen.fill(block(-3, -0.03, 3, 0.0), paint=(92, 88, 92))
    pen.fill(*[block(-3 + 0.14 * i, 0.0, -2.93 + 0.14 * i, 0.03) for i in range(44)], paint=(108, 90, 78))
    for shift in (-1.42, 0.0):
        nose = shift == 0.0
        front = [(0.5, -0.5), (0.78, -0.36), (0.94, -0.18), (0.9, -0.06)] if nose else [(0.68, -0.5), (0.68, -0.06)]
        body = [(shift - 0.7, -0.06), (shift - 0.7, -0.5), *[(shift + x, y) for x, y in front]]
        pen.fill(smooth(body, steps=5) if nose else body, paint=((252, 252, 254), (196, 202, 214)), volume=0.4)
        pen.fill(
            [
                (shift - 0.69, -0.18),
                (shift + (0.92 if nose else 0.67), -0.18),
                (shift + (0.93 if nose else 0.67), -0.1),
                (shift - 0.69, -0.1),
            ],
            paint=(lighter(colour, 0.12), colour),
        )
        pen.fill(
            *[block(shift - 0.62 + 0.2 * i, -0.41, shift - 0.48 + 0.2 * i, -0.28, 0.03) for i in range(5)],
            paint=(56, 74, 104),
        )
    pen.blob([(0.52, -0.44), (0.7, -0.36), (0.8, -0.26), (0.56, -0.28)], paint=(46, 62, 92))


def bicycle(pen: Pen, chance: random.Random, colour: Colour = (58, 150, 142)) -> None:
    """Draw a bicycle."""
    del chance
    pen.shadow(0.7)
    rims: list[Outline] = []
    spokes: list[Outline] = []
    for x in (-0.44, 0.44):
        rims.append(sector(x, -0.3, 0.3, 0, 2 * math.pi, 0.265))
        spokes += [
            stroke([(x, -0.3), (x + 0.28 * math.cos(a * 0.45), -0.3 + 0.28 * math.sin(a * 0.45))], 0.005)
            for a in range(14)
        ]
    pen.fill(*spokes, paint=(150, 154, 164))
    pen.fill(*rims, paint=(44, 42, 50))
    frame = [
        ((-0.44, -0.3), (-0.2, -0.66)),
        ((-0.2, -0.66), (0.32, -0.68)),
        ((-0.44, -0.3), (-0.04, -0.3)),
        ((-0.04, -0.3), (-0.22, -0.74)),
        ((-0.04, -0.3), (0.34, -0.64)),
        ((0.44, -0.3), (0.29, -0.8)),
    ]
    pen.fill(*[stroke(pair, 0.036) for pair in frame], paint=(lighter(colour, 0.2), darker(colour, 0.15)))
    pen.blob([(-0.34, -0.77), (-0.2, -0.8), (-0.08, -0.76), (-0.22, -0.73)], paint=(84, 58, 46))
    pen.line([(0.29, -0.8), (0.36, -0.86), (0.44, -0.8)], 0.03, paint=(60, 56, 62))
    pen.oval(-0.04, -0.3, 0.07, paint=(84, 84, 94), volume=0.4)
