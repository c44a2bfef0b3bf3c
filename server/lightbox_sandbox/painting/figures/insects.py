"""Insects on the wing."""

from __future__ import annotations

import random

from lightbox_sandbox.painting.colour import DARK, darker, lighter
from lightbox_sandbox.painting.pen import Pen
from lightbox_sandbox.painting.shapes import oval, stroke
from lightbox_sandbox.pixels import Colour


def butterfly(pen: Pen, chance: random.Random, colour: Colour = (246, 146, 52)) -> None:
    """Draw a butterfly with its wings open."""
    del chance
    for grow, paint in ((1.0, ((60, 42, 48), (36, 28, 36))), (0.86, (lighter(colour, 0.2), darker(colour, 0.15)))):
        for line in (
            [(0.02, -0.5), (0.14, -0.86), (0.42, -0.98), (0.5, -0.8), (0.36, -0.54)],
            [(0.02, -0.46), (0.3, -0.5), (0.4, -0.3), (0.28, -0.08), (0.12, -0.16)],
        ):
            cx, cy = sum(x for x, _ in line) / len(line), sum(y for _, y in line) / len(line)
            pen.pair([(cx + (x - cx) * grow, cy + (y - cy) * grow) for x, y in line], paint, volume=0.3)
    for side in (1, -1):
        pen.fill(
            *[
                stroke([(0.03 * side, -0.5), (tx * side, ty)], 0.008, 0.014)
                for tx, ty in ((0.24, -0.88), (0.38, -0.84), (0.4, -0.68), (0.3, -0.36), (0.2, -0.2))
            ],
            paint=(52, 38, 44),
            opacity=0.8,
        )
        pen.fill(
            *[
                oval(x * side, y, 0.016, 0.016, steps=12)
                for x, y in ((0.4, -0.92), (0.455, -0.84), (0.35, -0.17), (0.28, -0.115))
            ],
            paint=(255, 250, 240),
        )
        pen.line([(0.01 * side, -0.74), (0.06 * side, -0.86), (0.12 * side, -0.93)], 0.01, 0.006, paint=DARK)
    pen.blob(
        [(0, -0.78), (0.03, -0.7), (0.026, -0.4), (0, -0.24), (-0.026, -0.4), (-0.03, -0.7)],
        paint=((84, 64, 60), (44, 34, 38)),
        volume=0.5,
    )


def bee(pen: Pen, chance: random.Random, colour: Colour = (250, 196, 60)) -> None:
    """Draw a bee in flight."""
    del chance
    for tip in ((0.02, -0.94), (0.22, -0.9)):
        pen.blob(
            [(0.0, -0.6), (tip[0] - 0.12, tip[1] + 0.06), tip, (tip[0] + 0.06, tip[1] + 0.14), (0.06, -0.58)],
            paint=(226, 240, 255),
            opacity=0.72,
        )
    pen.blob(
        [(-0.42, -0.4), (-0.2, -0.6), (0.12, -0.62), (0.22, -0.44), (0.12, -0.26), (-0.2, -0.26)],
        paint=(lighter(colour, 0.15), darker(colour, 0.15)),
        volume=0.8,
    )
    for x, half in ((-0.26, 0.11), (-0.12, 0.155), (0.02, 0.17)):
        pen.line([(x, -0.44 - half), (x - 0.03, -0.44), (x, -0.44 + half)], 0.065, paint=(56, 42, 40))
    pen.oval(0.26, -0.46, 0.13, paint=(70, 54, 48), volume=0.7)
    pen.oval(0.31, -0.49, 0.032, paint=(255, 255, 255))
    pen.oval(0.318, -0.49, 0.018, paint=DARK)
    for tip in ((0.36, -0.72), (0.44, -0.66)):
        pen.line([(0.3, -0.56), (tip[0] - 0.04, tip[1] + 0.02), tip], 0.015, 0.01, paint=DARK)
