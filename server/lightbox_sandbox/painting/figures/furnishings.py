"""What stands in rooms: books, a guitar, a clock, a lamp, a chair."""

from __future__ import annotations

import math
import random

from lightbox_sandbox.painting.colour import darker, lighter
from lightbox_sandbox.painting.pen import Pen
from lightbox_sandbox.painting.shapes import block, oval, smooth, stroke
from lightbox_sandbox.pixels import Colour


def book(pen: Pen, chance: random.Random, colour: Colour = (74, 110, 160)) -> None:
    """Draw a pile of books, an open one on top."""
    pen.shadow(0.6)
    tones: tuple[Colour, ...] = (colour, (196, 84, 70), (226, 178, 92), (92, 140, 104))
    for index in range(4):
        half, x, low = 0.5 - 0.03 * index, chance.uniform(-0.05, 0.05), -index * 0.12
        tone = tones[index]
        pen.fill(
            block(x - half, low - 0.115, x + half, low - 0.004, 0.015), paint=(lighter(tone, 0.15), darker(tone, 0.2))
        )
        pen.fill(
            block(x - half + 0.025, low - 0.098, x + half + 0.004, low - 0.02), paint=((250, 244, 228), (222, 210, 186))
        )
        pen.fill(
            block(x - half, low - 0.115, x - half + 0.07, low - 0.004, 0.015),
            paint=(lighter(tone, 0.2), darker(tone, 0.15)),
        )
    for side in (1, -1):
        page = [
            (0, -0.53),
            (0.2 * side, -0.62),
            (0.5 * side, -0.6),
            (0.52 * side, -0.82),
            (0.2 * side, -0.86),
            (0, -0.74),
        ]
        pen.fill(
            smooth(page, steps=4),
            paint=((255, 252, 240), (232, 222, 198)) if side > 0 else ((246, 240, 224), (255, 252, 240)),
        )
        pen.fill(
            *[
                stroke(
                    [(0.08 * side, -0.63 - 0.04 * i), (0.22 * side, -0.68 - 0.04 * i), (0.46 * side, -0.66 - 0.04 * i)],
                    0.009,
                )
                for i in range(4)
            ],
            paint=(150, 144, 140),
            opacity=0.8,
        )


def guitar(pen: Pen, chance: random.Random, colour: Colour = (196, 122, 58)) -> None:
    """Draw an acoustic guitar."""
    del chance
    pen.shadow(0.26)
    pen.blob(
        [
            (0, -0.01),
            (-0.22, -0.06),
            (-0.27, -0.22),
            (-0.16, -0.36),
            (-0.19, -0.48),
            (-0.08, -0.56),
            (0.08, -0.56),
            (0.19, -0.48),
            (0.16, -0.36),
            (0.27, -0.22),
            (0.22, -0.06),
        ],
        paint=(lighter(colour, 0.16), darker(colour, 0.2)),
        volume=0.8,
    )
    pen.oval(0, -0.36, 0.088, paint=(60, 38, 30))
    pen.oval(0, -0.36, 0.074, paint=(36, 24, 24))
    pen.fill(block(-0.1, -0.16, 0.1, -0.125, 0.01), paint=(70, 44, 34))
    pen.fill(block(-0.035, -0.9, 0.035, -0.4), paint=((92, 58, 42), (70, 44, 36)))
    pen.fill([(-0.05, -0.9), (0.05, -0.9), (0.06, -1.06), (-0.06, -1.06)], paint=(84, 52, 38))
    pen.fill(*[block(-0.035, -0.86 + 0.048 * i, 0.035, -0.855 + 0.048 * i) for i in range(9)], paint=(206, 190, 150))
    pen.fill(
        *[stroke([(x, -0.14), (x * 0.8, -1.0)], 0.004) for x in (-0.024, -0.012, 0, 0.012, 0.024)],
        paint=(240, 236, 226),
    )
    for side in (1, -1):
        pen.fill(
            *[oval(0.075 * side, -0.94 - 0.045 * i, 0.016, 0.012, steps=12) for i in range(3)], paint=(226, 222, 212)
        )


def clock(pen: Pen, chance: random.Random, colour: Colour = (206, 84, 70)) -> None:
    """Draw an alarm clock."""
    pen.shadow(0.36)
    for side in (1, -1):
        pen.line([(0.22 * side, -0.12), (0.32 * side, 0.0)], 0.06, 0.045, paint=(84, 76, 80))
        pen.oval(
            0.25 * side,
            -0.84,
            0.13,
            0.1,
            paint=(lighter(colour, 0.2), darker(colour, 0.15)),
            turn=0.6 * side,
            volume=0.6,
        )
    pen.oval(0, -0.44, 0.42, paint=(lighter(colour, 0.15), darker(colour, 0.2)), volume=0.7)
    pen.oval(0, -0.44, 0.34, paint=((255, 255, 252), (232, 230, 224)))
    pen.fill(
        *[
            stroke(
                [
                    (0.26 * math.cos(a * math.pi / 6), -0.44 + 0.26 * math.sin(a * math.pi / 6)),
                    (0.31 * math.cos(a * math.pi / 6), -0.44 + 0.31 * math.sin(a * math.pi / 6)),
                ],
                0.02 if a % 3 == 0 else 0.01,
            )
            for a in range(12)
        ],
        paint=(58, 54, 62),
    )
    turn = chance.uniform(0, 6.28)
    pen.line([(0, -0.44), (0.16 * math.cos(turn), -0.44 + 0.16 * math.sin(turn))], 0.032, 0.02, paint=(44, 42, 52))
    pen.line(
        [(0, -0.44), (0.25 * math.cos(turn * 2), -0.44 + 0.25 * math.sin(turn * 2))], 0.022, 0.012, paint=(44, 42, 52)
    )
    pen.oval(0, -0.44, 0.026, paint=colour)


def lamp(pen: Pen, chance: random.Random, colour: Colour = (244, 214, 150)) -> None:
    """Draw a lit lamp."""
    del chance
    pen.shadow(0.28)
    pen.glow(0, -0.66, 1.2, (255, 214, 130), 0.55)
    pen.oval(0, -0.03, 0.2, 0.05, paint=(96, 74, 60), volume=0.5)
    pen.line([(0, -0.03), (0, -0.56)], 0.035, paint=(120, 94, 72), volume=0.4)
    pen.fill(
        [(-0.2, -0.96), (0.2, -0.96), (0.33, -0.52), (-0.33, -0.52)],
        paint=(lighter(colour, 0.35), colour),
        lit=False,
        volume=0.3,
    )


def chair(pen: Pen, chance: random.Random, colour: Colour = (214, 140, 84)) -> None:
    """Draw an easy chair."""
    del chance
    pen.shadow(0.5)
    for x in (-0.34, 0.34):
        pen.line([(x, -0.16), (x * 1.08, 0.0)], 0.05, 0.03, paint=(96, 68, 50))
    pen.fill(block(-0.36, -0.95, 0.36, -0.2, 0.12), paint=(lighter(colour, 0.12), darker(colour, 0.18)), volume=0.7)
    pen.fill(block(-0.36, -0.42, 0.36, -0.13, 0.08), paint=(lighter(colour, 0.25), colour), volume=0.6)
    for side in (1, -1):
        pen.fill(
            block(min(0.3 * side, 0.48 * side), -0.56, max(0.3 * side, 0.48 * side), -0.1, 0.08),
            paint=(lighter(colour, 0.15), darker(colour, 0.22)),
            volume=0.7,
        )
    pen.fill(block(-0.17, -0.62, 0.17, -0.36, 0.05), paint=((250, 238, 214), (222, 202, 168)), volume=0.6)
