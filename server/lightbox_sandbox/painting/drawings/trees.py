"""Trees and bushes."""

from __future__ import annotations

import random

from lightbox_sandbox.painting.colour import darker, lighter
from lightbox_sandbox.painting.outlines import Point, oval
from lightbox_sandbox.painting.pen import Pen
from lightbox_sandbox.pixels import Colour


def conifer(pen: Pen, chance: random.Random, colour: Colour = (44, 88, 66)) -> None:
    """Draw a fir as tiers of ragged branches."""
    pen.fill([(-0.022, 0), (0.022, 0), (0.016, -0.25), (-0.016, -0.25)], paint=(78, 58, 48))
    tiers = 7
    for tier in range(tiers):
        low, high = -0.09 - tier * 0.118, -0.36 - tier * 0.106
        half = 0.27 * (1 - tier / tiers) ** 0.9 + 0.03
        line: list[Point] = [(0, max(-1.0, high))]
        steps = 6
        for step in range(steps + 1):
            x = half - 2 * half * step / steps
            line.append(
                (x, low + (0.035 if step % 2 else -0.01) + chance.uniform(-0.012, 0.012) - 0.05 * (abs(x) / half) * 0.2)
            )
        pen.fill(line, paint=(lighter(colour, 0.1 + 0.02 * tier), darker(colour, 0.42)))


def leafy_tree(pen: Pen, chance: random.Random, colour: Colour = (96, 146, 66)) -> None:
    """Draw a broad tree: trunk, boughs, and a crown of light and dark leaves."""
    bark = (98, 72, 54)
    pen.line([(0, 0.01), (0.012, -0.22), (-0.01, -0.55)], 0.085, 0.03, paint=(bark, darker(bark, 0.4)))
    for tip in ((-0.22, -0.6), (0.2, -0.62), (0.06, -0.75)):
        pen.line([(0.0, -0.28), (tip[0] * 0.5, -0.45), tip], 0.045, 0.012, paint=bark)
    places = [(chance.gauss(0, 0.17), -0.62 + chance.gauss(0, 0.12), chance.uniform(0.09, 0.16)) for _ in range(16)]
    crown = [(0.0, -0.62, 0.24), *places]
    for shift, tone in ((0.035, darker(colour, 0.45)), (0.0, colour), (-0.035, lighter(colour, 0.18))):
        outlines = [
            oval(
                x + shift * 0.8,
                max(-0.88, min(-0.4, y)) + shift,
                r * (1 - abs(shift)),
                r * (0.92 - abs(shift)) * (0.72 if shift < 0 else 1.0),
            )
            for x, y, r in (crown if shift >= 0 else places[::2])
        ]
        pen.fill(
            *outlines, paint=(lighter(tone, 0.12), darker(tone, 0.15)), opacity=1.0 if shift >= 0 else 0.7, blur=0.006
        )
    flecks = [
        oval(x + chance.gauss(0, 0.06), max(-0.95, y + chance.gauss(0, 0.06)), 0.012, 0.008, chance.random() * 3, 10)
        for x, y, _ in places
        for _ in range(6)
    ]
    pen.fill(*flecks, paint=lighter(colour, 0.36), opacity=0.75)


def blossom_tree(pen: Pen, chance: random.Random, colour: Colour = (244, 176, 200)) -> None:
    """Draw a cherry tree in bloom."""
    leafy_tree(pen, chance, colour)
    petals = [
        oval(chance.gauss(0, 0.32), chance.uniform(-0.9, 0.02), 0.008, 0.005, chance.random() * 3, 10)
        for _ in range(46)
    ]
    pen.fill(*petals, paint=lighter(colour, 0.3))


def bush(pen: Pen, chance: random.Random, colour: Colour = (84, 130, 66)) -> None:
    """Draw a rounded bush."""
    outlines = [oval(chance.uniform(-0.35, 0.35), -0.3 - chance.random() * 0.32, 0.3, 0.3, steps=24) for _ in range(6)]
    pen.fill(*outlines, paint=(lighter(colour, 0.15), darker(colour, 0.4)))
