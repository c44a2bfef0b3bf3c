"""What hangs and stands in the open: an umbrella, a lantern, a sign, a snowman, a snowflake."""

from __future__ import annotations

import math
import random

from lightbox_sandbox.painting.colour import darker, lighter, mix
from lightbox_sandbox.painting.pen import Pen
from lightbox_sandbox.painting.shapes import Point, block, oval, smooth, star, stroke
from lightbox_sandbox.pixels import Colour


def umbrella(pen: Pen, chance: random.Random, colour: Colour = (216, 66, 70)) -> None:
    """Draw an open umbrella."""
    del chance
    pen.line([(0, -0.9), (0, -0.1), (0.03, -0.02), (0.09, -0.02), (0.12, -0.1)], 0.026, paint=(92, 68, 56))
    top = -0.97
    for index in range(6):
        left, right = -0.6 + 0.2 * index, -0.4 + 0.2 * index
        tone = colour if index % 2 == 0 else lighter(colour, 0.28)
        rim = [(left, -0.52), ((left + right) / 2, -0.565), (right, -0.52)]
        arc = [
            (right, -0.52),
            (right * 0.85, -0.72),
            (right * 0.5, -0.89),
            (0, top),
            (left * 0.5, -0.89),
            (left * 0.85, -0.72),
            (left, -0.52),
        ]
        pen.fill(smooth(rim, closed=False) + smooth(arc, closed=False), paint=(lighter(tone, 0.08), darker(tone, 0.22)))
    pen.line([(0, top), (0, -1.04)], 0.02, 0.01, paint=(92, 68, 56))


def lantern(pen: Pen, chance: random.Random, colour: Colour = (222, 58, 50)) -> None:
    """Draw a red paper lantern that glows."""
    del chance
    pen.line([(0, -1.1), (0, -0.86)], 0.012, paint=(80, 52, 44))
    pen.glow(0, -0.52, 0.95, mix(colour, (255, 180, 80), 0.5), 0.55)
    pen.oval(0, -0.52, 0.38, 0.33, paint=(mix(colour, (255, 170, 80), 0.4), colour), lit=False, volume=0.5)
    for rx in (0.12, 0.26):
        turns = [step * 0.1 for step in range(63)]
        rib = [(rx * math.cos(a), -0.52 + 0.33 * math.sin(a)) for a in turns]
        rib += [((rx - 0.012) * math.cos(a), -0.52 + 0.326 * math.sin(a)) for a in reversed(turns)]
        pen.fill(rib, paint=darker(colour, 0.35), opacity=0.6, lit=False)
    pen.fill(
        block(-0.16, -0.88, 0.16, -0.82, 0.015),
        block(-0.16, -0.22, 0.16, -0.16, 0.015),
        paint=((250, 206, 104), (206, 150, 60)),
    )
    pen.fill(
        *[stroke([(x, -0.16), (x * 1.2, 0.04)], 0.012) for x in (-0.06, -0.03, 0, 0.03, 0.06)], paint=(244, 190, 84)
    )


def sign(pen: Pen, chance: random.Random, colour: Colour = (164, 112, 70)) -> None:
    """Draw a wooden signboard; its text is lettered afterwards."""
    pen.shadow(0.2)
    pen.fill(block(-0.04, -0.6, 0.04, 0), paint=(lighter(colour, 0.05), darker(colour, 0.4)), volume=0.4)
    pen.fill(block(-0.6, -0.98, 0.6, -0.5, 0.03), paint=(lighter(colour, 0.2), darker(colour, 0.1)), volume=0.3)
    pen.fill(
        *[
            stroke(
                [
                    (-0.58, -0.93 + 0.07 * i),
                    (0, -0.93 + 0.07 * i + chance.uniform(-0.02, 0.02)),
                    (0.58, -0.93 + 0.07 * i),
                ],
                0.006,
            )
            for i in range(6)
        ],
        paint=darker(colour, 0.35),
        opacity=0.5,
    )


def snowman(pen: Pen, chance: random.Random, colour: Colour = (248, 250, 255)) -> None:
    """Draw a snowman."""
    del chance
    pen.shadow(0.34)
    for y, r in ((-0.24, 0.27), (-0.58, 0.2), (-0.84, 0.145)):
        pen.oval(0, y, r, paint=(lighter(colour, 0.3), darker(colour, 0.12)), volume=0.8)
    for side in (1, -1):
        pen.line([(0.17 * side, -0.6), (0.32 * side, -0.7), (0.42 * side, -0.82)], 0.022, 0.012, paint=(92, 68, 54))
        pen.oval(0.05 * side, -0.88, 0.018, paint=(40, 38, 46))
    pen.fill([(0, -0.855), (0.19, -0.815), (0, -0.815)], paint=((252, 160, 70), (226, 116, 40)))
    pen.fill(*[oval(0, y, 0.018, 0.018, steps=12) for y in (-0.66, -0.56, -0.46)], paint=(40, 38, 46))
    pen.line([(-0.15, -0.73), (0, -0.69), (0.15, -0.73)], 0.07, paint=((214, 64, 66), (170, 44, 54)), volume=0.4)
    pen.fill(block(0.05, -0.71, 0.12, -0.5, 0.01), paint=(196, 54, 60))
    pen.fill(
        block(-0.2, -0.97, 0.2, -0.935, 0.015),
        block(-0.12, -1.14, 0.12, -0.94, 0.015),
        paint=((70, 66, 80), (40, 38, 48)),
        volume=0.4,
    )


def snowflake(pen: Pen, chance: random.Random, colour: Colour = (236, 246, 255)) -> None:
    """Draw one crystal of snow."""
    del chance
    lines: list[list[Point]] = []
    for arm in range(6):
        a = math.pi / 3 * arm + math.pi / 6
        cos, sin = math.cos(a), math.sin(a)
        lines.append(stroke([(0, -0.5), (0.45 * cos, -0.5 + 0.45 * sin)], 0.035))
        for along in (0.18, 0.3):
            for side in (0.9, -0.9):
                b = a + side
                lines.append(
                    stroke(
                        [
                            (along * cos, -0.5 + along * sin),
                            (along * cos + 0.12 * math.cos(b), -0.5 + along * sin + 0.12 * math.sin(b)),
                        ],
                        0.028,
                    )
                )
    pen.fill(*lines, star(0, -0.5, 0.1, 6), paint=(colour, mix(colour, (130, 180, 235), 0.6)))
