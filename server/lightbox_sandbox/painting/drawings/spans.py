"""What engineers span: a suspension bridge, a lattice tower."""

from __future__ import annotations

import random

from lightbox_sandbox.painting.colour import LAMP, darker, lighter
from lightbox_sandbox.painting.outlines import Outline, Point, block, oval, smooth, stroke
from lightbox_sandbox.painting.pen import Pen
from lightbox_sandbox.pixels import Colour


def bridge(pen: Pen, chance: random.Random, colour: Colour = (206, 84, 60)) -> None:
    """Draw a suspension bridge."""
    del chance
    steel = (lighter(colour, 0.1), darker(colour, 0.25))
    cables: list[Outline] = []
    for x in (-0.7, 0.7):
        pen.fill(
            block(x - 0.045, -0.9, x - 0.012, 0.02),
            block(x + 0.012, -0.9, x + 0.045, 0.02),
            *[block(x - 0.045, y, x + 0.045, y + 0.03) for y in (-0.88, -0.68, -0.5, -0.12)],
            paint=steel,
        )
    for start, end, sag in ((-0.7, 0.7, 0.52), (-1.75, -0.7, 0.3), (0.7, 1.75, 0.3)):
        path: list[Point] = []
        for step in range(25):
            t = step / 24
            low = 4 * sag * t * (1 - t) if start == -0.7 else sag * (1 - t if end < 0 else t) * 1.9  # noqa: PLR2004 - the middle span
            path.append((start + (end - start) * t, min(-0.27, -0.88 + low)))
        cables.append(stroke(path, 0.016))
        cables += [stroke([point, (point[0], -0.26)], 0.006) for point in path[1:-1]]
    pen.fill(*cables, paint=colour)
    pen.fill(block(-1.8, -0.28, 1.8, -0.22), paint=(lighter(colour, 0.05), darker(colour, 0.45)))


def tower(pen: Pen, chance: random.Random, colour: Colour = (84, 70, 68)) -> None:
    """Draw a lattice tower."""
    del chance
    pen.shadow(0.34)
    curve = [(0.3 * (1 - t) ** 2.1 + 0.012, -t) for t in [i / 20 for i in range(21)]]
    for side in (1, -1):
        pen.line([(x * side, y) for x, y in curve], 0.05, 0.014, paint=(lighter(colour, 0.1), darker(colour, 0.2)))
    bars: list[Outline] = []
    for index in range(1, 19):
        x, y = curve[index]
        nx, ny = curve[index + 1]
        bars += [stroke([(-x, y), (nx, ny)], 0.011), stroke([(x, y), (-nx, ny)], 0.011)]
    decks = [block(-x * 1.2, y - 0.02, x * 1.2, y + 0.012) for x, y in (curve[5], curve[10])]
    pen.fill(
        *bars,
        *decks,
        smooth(
            [
                (-0.2, 0.0),
                (-0.1, -0.13),
                (0, -0.17),
                (0.1, -0.13),
                (0.2, 0.0),
                (0.16, -0.02),
                (0, -0.135),
                (-0.16, -0.02),
            ]
        ),
        paint=darker(colour, 0.12),
    )
    if pen.mood.dark > 0.4:  # noqa: PLR2004 - lamps are lit from dusk on
        pen.glow(0, -0.5, 0.55, LAMP, 0.4)
        pen.fill(
            *[oval(x * s, y, 0.007, 0.007, steps=8) for x, y in curve[::2] for s in (1, -1)],
            paint=(255, 240, 200),
            lit=False,
        )
