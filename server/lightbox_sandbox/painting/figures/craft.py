"""What sails and flies: boats, aircraft, spacecraft."""

from __future__ import annotations

import math
import random

from lightbox_sandbox.painting.colour import darker, lighter
from lightbox_sandbox.painting.pen import Pen
from lightbox_sandbox.painting.shapes import block, oval, smooth, stroke
from lightbox_sandbox.pixels import Colour


def sailboat(pen: Pen, chance: random.Random, colour: Colour = (250, 248, 242)) -> None:
    """Draw a sailing boat."""
    del chance
    pen.line([(0, -0.14), (0, -1.0)], 0.02, 0.012, paint=(122, 88, 64))
    pen.blob(
        [(0.02, -0.96), (0.22, -0.62), (0.4, -0.22), (0.2, -0.2), (0.02, -0.22)],
        paint=(lighter(colour, 0.3), darker(colour, 0.14)),
        volume=0.35,
    )
    pen.blob(
        [(-0.02, -0.88), (-0.12, -0.56), (-0.32, -0.24), (-0.15, -0.22), (-0.02, -0.23)],
        paint=(colour, darker(colour, 0.22)),
        volume=0.35,
    )
    pen.blob(
        [(-0.46, -0.17), (0, -0.14), (0.5, -0.19), (0.36, 0.0), (0.0, 0.03), (-0.32, 0.0)],
        paint=((176, 96, 66), (108, 58, 50)),
        volume=0.5,
    )
    pen.line([(-0.42, -0.13), (0, -0.1), (0.46, -0.15)], 0.016, paint=(252, 240, 220))
    for y, width in ((0.04, 0.46), (0.09, 0.32)):
        pen.line([(-width, y), (0, y - 0.015), (width, y)], 0.016, 0.006, paint=(255, 255, 255), opacity=0.55)


def ship(pen: Pen, chance: random.Random, colour: Colour = (56, 74, 110)) -> None:
    """Draw a steamer."""
    del chance
    pen.fill([(-0.6, -0.44), (0.5, -0.44), (0.44, -0.24), (-0.66, -0.24)], paint=((254, 252, 248), (214, 214, 220)))
    pen.fill(block(-0.4, -0.6, 0.3, -0.42, 0.02), paint=((254, 252, 248), (222, 222, 228)))
    for x in (-0.26, 0.06):
        pen.fill(
            [(x, -0.58), (x - 0.02, -0.86), (x + 0.12, -0.86), (x + 0.12, -0.58)],
            paint=((214, 80, 66), (166, 54, 50)),
            volume=0.4,
        )
        pen.fill(block(x - 0.02, -0.86, x + 0.12, -0.79), paint=(48, 46, 56))
        for index in range(4):
            pen.oval(
                x - index * 0.13,
                -0.94 - index * 0.05,
                0.06 + index * 0.02,
                paint=(226, 226, 232),
                opacity=0.42 - index * 0.08,
                blur=0.02,
            )
    pen.fill(*[oval(-0.54 + 0.11 * i, -0.35, 0.022, 0.022, steps=14) for i in range(10)], paint=(90, 130, 164))
    pen.fill(*[block(-0.36 + 0.11 * i, -0.54, -0.3 + 0.11 * i, -0.48) for i in range(6)], paint=(90, 130, 164))
    pen.fill(
        smooth([(-0.86, -0.26), (0.0, -0.22), (0.9, -0.32), (0.66, 0.02), (-0.72, 0.02)], steps=4),
        paint=(lighter(colour, 0.1), darker(colour, 0.4)),
        volume=0.4,
    )
    pen.line([(-0.8, -0.05), (0.7, -0.05)], 0.03, paint=(190, 62, 56))
    for y, width in ((0.05, 0.9), (0.1, 0.6)):
        pen.line([(-width, y), (0, y - 0.015), (width, y)], 0.02, 0.006, paint=(255, 255, 255), opacity=0.55)


def airplane(pen: Pen, chance: random.Random, colour: Colour = (60, 116, 190)) -> None:
    """Draw an airliner that climbs."""
    del chance
    pen.blob(
        [(-0.56, -0.52), (-0.76, -0.82), (-0.64, -0.82), (-0.4, -0.56)],
        paint=(lighter(colour, 0.1), darker(colour, 0.2)),
    )
    pen.blob([(0.05, -0.6), (-0.1, -0.78), (-0.02, -0.79), (0.24, -0.62)], paint=((206, 212, 222), (170, 178, 192)))
    pen.fill(
        smooth(
            [
                (-0.74, -0.5),
                (-0.4, -0.57),
                (0.3, -0.69),
                (0.62, -0.68),
                (0.8, -0.58),
                (0.64, -0.5),
                (0.2, -0.43),
                (-0.4, -0.42),
            ]
        ),
        paint=((255, 255, 255), (204, 210, 222)),
        volume=0.7,
    )
    pen.line([(-0.68, -0.475), (0.2, -0.5), (0.72, -0.565)], 0.022, paint=colour)
    pen.blob([(0.62, -0.65), (0.72, -0.63), (0.68, -0.6), (0.6, -0.61)], paint=(52, 70, 98))
    pen.fill(
        *[oval(-0.3 + 0.075 * i, -0.545 - 0.0095 * i, 0.014, 0.017, steps=10) for i in range(11)], paint=(86, 120, 158)
    )
    pen.blob(
        [(0.2, -0.47), (-0.28, -0.06), (-0.16, -0.08), (-0.02, -0.2), (0.36, -0.49)],
        paint=((224, 230, 238), (168, 176, 192)),
        volume=0.3,
    )
    pen.fill(block(-0.02, -0.3, 0.16, -0.22, 0.035), paint=((236, 238, 242), (130, 138, 154)))
    pen.blob(
        [(-0.58, -0.47), (-0.74, -0.32), (-0.64, -0.33), (-0.44, -0.46)],
        paint=(lighter(colour, 0.1), darker(colour, 0.25)),
    )


def balloon(pen: Pen, chance: random.Random, colour: Colour = (226, 78, 70)) -> None:
    """Draw a hot-air balloon in gores of two colours."""
    del chance
    for index in range(6):
        t0, t1 = math.cos(math.pi * index / 6), math.cos(math.pi * (index + 1) / 6)
        tone = colour if index % 2 == 0 else lighter(colour, 0.78)
        line = [
            (0.4 * t * w, y)
            for t in (t0,)
            for w, y in (
                (0.0, -1.0),
                (0.62, -0.95),
                (0.96, -0.78),
                (1.0, -0.62),
                (0.8, -0.42),
                (0.4, -0.24),
                (0.2, -0.17),
            )
        ]
        back = [
            (0.4 * t1 * w, y)
            for w, y in (
                (0.2, -0.17),
                (0.4, -0.24),
                (0.8, -0.42),
                (1.0, -0.62),
                (0.96, -0.78),
                (0.62, -0.95),
                (0.0, -1.0),
            )
        ]
        pen.fill(
            smooth(line, closed=False) + smooth(back, closed=False), paint=(lighter(tone, 0.06), darker(tone, 0.18))
        )
    hull = smooth(
        [
            (0, -1.0),
            (-0.25, -0.95),
            (-0.385, -0.78),
            (-0.4, -0.62),
            (-0.32, -0.42),
            (-0.16, -0.24),
            (0, -0.17),
            (0.16, -0.24),
            (0.32, -0.42),
            (0.4, -0.62),
            (0.385, -0.78),
            (0.25, -0.95),
        ]
    )
    side = 1 if pen.mood.light_from[0] < 0 else -1
    pen.fill([(abs(x) * side if abs(x) > 0 else 0, y) for x, y in hull], paint=(20, 16, 50), opacity=0.24, blur=0.05)
    pen.oval(-0.17 * side * pen.flip, -0.74, 0.07, 0.14, paint=(255, 255, 255), opacity=0.35, blur=0.04)
    for x in (-0.06, 0.06):
        pen.line([(x * 1.4, -0.19), (x, -0.08)], 0.006, paint=(72, 56, 48))
    pen.fill(block(-0.065, -0.09, 0.065, 0, 0.015), paint=((176, 124, 74), (112, 74, 48)), volume=0.4)


def rocket(pen: Pen, chance: random.Random, colour: Colour = (220, 66, 60)) -> None:
    """Draw a rocket on its flame."""
    pen.glow(0, 0.1, 0.5, (255, 190, 90), 0.7)
    for width, length, tone in (
        (0.13, 0.42, (255, 128, 50)),
        (0.09, 0.3, (255, 206, 90)),
        (0.045, 0.18, (255, 252, 226)),
    ):
        pen.fill(
            smooth(
                [
                    (-width, -0.12),
                    (-width * 0.8, length * 0.4 - 0.05),
                    (0, length),
                    (width * 0.8, length * 0.4 - 0.05),
                    (width, -0.12),
                ]
            ),
            paint=tone,
            blur=0.006,
            lit=False,
        )
    pen.pair(
        [(0.1, -0.36), (0.27, -0.16), (0.26, 0.0), (0.1, -0.12)],
        (lighter(colour, 0.1), darker(colour, 0.3)),
        volume=0.4,
    )
    pen.blob(
        [
            (0, -1.0),
            (0.11, -0.84),
            (0.16, -0.6),
            (0.14, -0.3),
            (0.1, -0.1),
            (-0.1, -0.1),
            (-0.14, -0.3),
            (-0.16, -0.6),
            (-0.11, -0.84),
        ],
        paint=((250, 250, 252), (204, 208, 220)),
        volume=0.9,
    )
    pen.blob(
        [(0, -1.01), (0.085, -0.88), (0.125, -0.76), (0, -0.74), (-0.125, -0.76), (-0.085, -0.88)],
        paint=(lighter(colour, 0.12), darker(colour, 0.15)),
        volume=0.8,
    )
    pen.oval(0, -0.58, 0.075, paint=(112, 120, 140), volume=0.4)
    pen.oval(0, -0.58, 0.054, paint=((140, 206, 240), (50, 104, 168)))
    pen.oval(-0.018, -0.6, 0.014, paint=(255, 255, 255))
    pen.fill(
        [(-0.02, -0.34), (0.02, -0.34), (0.016, 0.0), (-0.016, 0.0)], paint=(lighter(colour, 0.1), darker(colour, 0.3))
    )
    del chance


def satellite(pen: Pen, chance: random.Random, colour: Colour = (214, 178, 104)) -> None:
    """Draw a satellite with its panels."""
    del chance
    for side in (1, -1):
        panel = [(0.16 * side, -0.6), (0.62 * side, -0.72), (0.62 * side, -0.5), (0.16 * side, -0.38)]
        pen.fill(panel, paint=((74, 112, 190), (36, 58, 122)))
        pen.fill(
            *[
                stroke(
                    [(x * side, -0.56 - (x - 0.16) * 0.26 - 0.04), (x * side, -0.34 - (x - 0.16) * 0.26 - 0.04)], 0.006
                )
                for x in (0.25, 0.34, 0.43, 0.52)
            ],
            stroke([(0.16 * side, -0.49), (0.62 * side, -0.61)], 0.006),
            paint=(180, 204, 240),
            opacity=0.7,
        )
    pen.fill(block(-0.13, -0.7, 0.13, -0.28, 0.02), paint=(lighter(colour, 0.2), darker(colour, 0.3)), volume=0.5)
    pen.blob([(-0.14, -0.2), (0, -0.3), (0.14, -0.2), (0, -0.16)], paint=((240, 242, 246), (160, 166, 180)), volume=0.4)
    pen.line([(0, -0.2), (0, -0.06)], 0.014, paint=(220, 222, 228))
    pen.oval(0, -0.05, 0.02, paint=(230, 80, 70))
