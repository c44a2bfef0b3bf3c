"""What swims under water."""

from __future__ import annotations

import random

from lightbox_sandbox.painting.colour import DARK, darker, lighter, mix
from lightbox_sandbox.painting.pen import Pen
from lightbox_sandbox.painting.shapes import smooth
from lightbox_sandbox.pixels import Colour


def fish(pen: Pen, chance: random.Random, colour: Colour = (248, 136, 56)) -> None:
    """Draw a reef fish with white bands."""
    del chance
    fin = darker(colour, 0.12)
    pen.blob([(-0.3, -0.5), (-0.6, -0.78), (-0.52, -0.5), (-0.6, -0.22)], paint=(lighter(fin, 0.25), fin), volume=0.3)
    pen.blob([(-0.16, -0.7), (0.02, -0.92), (0.22, -0.72)], paint=(lighter(fin, 0.25), fin), volume=0.3)
    pen.blob([(-0.06, -0.28), (0.02, -0.12), (0.14, -0.3)], paint=(fin, darker(fin, 0.2)))
    body = smooth(
        [
            (-0.36, -0.5),
            (-0.12, -0.71),
            (0.16, -0.74),
            (0.42, -0.6),
            (0.5, -0.47),
            (0.38, -0.33),
            (0.12, -0.24),
            (-0.14, -0.3),
        ]
    )
    pen.fill(body, paint=(lighter(colour, 0.1), darker(colour, 0.12)), volume=0.8)
    for x, half in ((0.22, 0.235), (-0.1, 0.2)):
        pen.blob(
            [
                (x - 0.03, -0.49 - half),
                (x + 0.06, -0.49 - half * 0.97),
                (x + 0.07, -0.49),
                (x + 0.05, -0.49 + half),
                (x - 0.03, -0.49 + half),
                (x + 0.01, -0.49),
            ],
            paint=((255, 252, 246), (226, 232, 240)),
            volume=0.25,
        )
    pen.blob([(0.08, -0.5), (-0.06, -0.42), (-0.06, -0.32), (0.08, -0.4)], paint=(lighter(fin, 0.2), fin), volume=0.3)
    pen.oval(0.37, -0.53, 0.05, paint=(255, 255, 255))
    pen.oval(0.38, -0.53, 0.032, paint=DARK)
    pen.oval(0.39, -0.545, 0.011, paint=(255, 255, 255))


def whale(pen: Pen, chance: random.Random, colour: Colour = (72, 104, 150)) -> None:
    """Draw a whale."""
    del chance
    pen.blob(
        [(-0.5, -0.5), (-0.72, -0.82), (-0.58, -0.74), (-0.5, -0.86), (-0.4, -0.56)],
        paint=(lighter(colour, 0.1), colour),
        volume=0.3,
    )
    pen.blob(
        [
            (-0.56, -0.58),
            (-0.3, -0.56),
            (0.0, -0.72),
            (0.36, -0.7),
            (0.6, -0.5),
            (0.56, -0.3),
            (0.2, -0.16),
            (-0.16, -0.22),
            (-0.42, -0.4),
        ],
        paint=(lighter(colour, 0.1), darker(colour, 0.15)),
        volume=0.8,
    )
    pen.blob(
        [(0.6, -0.42), (0.54, -0.28), (0.2, -0.16), (-0.12, -0.22), (0.14, -0.3), (0.38, -0.42)],
        paint=(lighter(colour, 0.65), lighter(colour, 0.4)),
        volume=0.3,
    )
    for shift in range(5):
        pen.line(
            [(0.52 - 0.09 * shift, -0.38 + 0.03 * shift), (0.4 - 0.1 * shift, -0.25 + 0.01 * shift)],
            0.008,
            paint=colour,
            opacity=0.6,
        )
    pen.blob(
        [(0.14, -0.24), (0.02, -0.02), (-0.08, -0.02), (0.0, -0.24)], paint=(colour, darker(colour, 0.3)), volume=0.4
    )
    pen.oval(0.42, -0.47, 0.018, paint=DARK)
    pen.oval(0.424, -0.476, 0.006, paint=(255, 255, 255))


def turtle(pen: Pen, chance: random.Random, colour: Colour = (84, 138, 92)) -> None:
    """Draw a swimming turtle."""
    del chance
    skin = mix(colour, (196, 196, 130), 0.5)
    for outline in (
        [(0.18, -0.4), (0.4, -0.06), (0.3, -0.04), (0.06, -0.32)],
        [(0.2, -0.6), (0.36, -0.94), (0.26, -0.92), (0.08, -0.66)],
        [(-0.28, -0.42), (-0.5, -0.22), (-0.42, -0.2), (-0.2, -0.34)],
        [(-0.28, -0.6), (-0.48, -0.8), (-0.4, -0.82), (-0.2, -0.64)],
    ):
        pen.blob(outline, paint=(lighter(skin, 0.1), darker(skin, 0.2)), volume=0.5)
    pen.oval(0.47, -0.52, 0.12, 0.09, paint=(lighter(skin, 0.15), darker(skin, 0.1)), volume=0.6)
    pen.oval(0.52, -0.55, 0.018, paint=DARK)
    pen.oval(0, -0.5, 0.36, 0.28, paint=(lighter(colour, 0.1), darker(colour, 0.25)), volume=0.9)
    for x, y in ((-0.18, -0.52), (0, -0.5), (0.18, -0.5), (-0.09, -0.63), (0.1, -0.63), (-0.09, -0.38), (0.1, -0.38)):
        pen.oval(x, y, 0.078, 0.062, paint=(lighter(colour, 0.3), colour), volume=0.4)
