"""Planets, seen from space."""

from __future__ import annotations

import math
import random

from lightbox_sandbox.painting.colour import darker, lighter
from lightbox_sandbox.painting.outlines import Outline, smooth
from lightbox_sandbox.painting.pen import Pen
from lightbox_sandbox.pixels import Colour


def planet(pen: Pen, chance: random.Random, colour: Colour = (226, 160, 96)) -> None:
    """Draw a ringed planet."""
    bands = [-0.3 + 0.1 * i for i in range(7)]
    ring = [(0.74 * math.cos(a), 0.17 * math.sin(a)) for a in [i * math.pi / 30 for i in range(60)]]
    inner = [(0.53 * math.cos(a), 0.115 * math.sin(a)) for a in [i * math.pi / 30 for i in range(60)]]
    tilt = -0.3

    def turned(line: Outline) -> Outline:
        return [
            (x * math.cos(tilt) - y * math.sin(tilt), -0.5 + x * math.sin(tilt) + y * math.cos(tilt)) for x, y in line
        ]

    gold = lighter(colour, 0.4)
    pen.glow(0, -0.5, 1.0, colour, 0.28)
    pen.fill(turned(ring[30:] + inner[:29:-1]), paint=darker(gold, 0.3), lit=False)
    pen.oval(0, -0.5, 0.4, paint=(lighter(colour, 0.2), darker(colour, 0.3)), volume=1.0, lit=False)
    for index, y in enumerate(bands):
        half = math.sqrt(max(0.0, 0.16 - y * y)) * 0.985
        tone = lighter(colour, 0.3) if index % 2 else darker(colour, 0.25)
        pen.fill(
            turned(
                smooth(
                    [
                        (-half, y),
                        (0, y + 0.02 + chance.uniform(0, 0.02)),
                        (half, y),
                        (half * 0.98, y + 0.035),
                        (0, y + 0.06),
                        (-half * 0.98, y + 0.035),
                    ]
                )
            ),
            paint=tone,
            opacity=0.4,
            blur=0.006,
            lit=False,
        )
    pen.fill(
        smooth(
            [
                (0.08, -0.88),
                (0.36, -0.74),
                (0.4, -0.5),
                (0.33, -0.28),
                (0.06, -0.11),
                (0.24, -0.3),
                (0.27, -0.55),
                (0.2, -0.76),
            ]
        ),
        paint=(8, 6, 26),
        opacity=0.5,
        blur=0.035,
        lit=False,
    )
    pen.fill(turned(ring[:31] + inner[30::-1]), paint=(lighter(gold, 0.3), gold), opacity=0.92, lit=False)
