"""Details of told figures that only a computation gives: places drawn by chance beforehand, a shade on one side."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Final

from lightbox_sandbox.painting.colour import darker
from lightbox_sandbox.painting.outlines import Outline, oval, smooth, stroke
from lightbox_sandbox.painting.pen import Pen
from lightbox_sandbox.pixels import Colour


def _spots(pen: Pen, chance: random.Random, colour: Colour) -> None:
    """Scatter a giraffe's spots over trunk and neck."""
    half, back, depth = 0.17, -0.5, 0.17
    trunk = [(chance.uniform(-half * 0.8, half * 0.8), back + chance.uniform(0.02, depth * 0.8)) for _ in range(16)]
    neck = [
        (half * 0.75 + 0.2 * t, back - 0.42 * t + chance.uniform(-0.02, 0.02))
        for t in (0.0, 0.15, 0.3, 0.45, 0.6, 0.75, 0.9)
    ]
    spots = [oval(x, y, 0.022, 0.026, chance.random() * 3, 7) for x, y in trunk + neck]
    pen.fill(*spots, paint=darker(colour, 0.48), opacity=0.85)


def _strands(pen: Pen, chance: random.Random, colour: Colour) -> None:
    """Lay noodles into a bowl, every other one lighter."""
    del colour
    strands: list[Outline] = []
    for index in range(22):
        x, y = -0.3 + 0.024 * index + chance.uniform(-0.02, 0.02), -0.54 + chance.uniform(-0.05, 0.05)
        strands.append(stroke([(x - 0.13, y), (x - 0.04, y - 0.04), (x + 0.06, y + 0.03), (x + 0.15, y - 0.01)], 0.016))
    pen.fill(*strands[::2], paint=(250, 216, 140))
    pen.fill(*strands[1::2], paint=(236, 190, 104))


def _balloon_shade(pen: Pen, chance: random.Random, colour: Colour) -> None:
    """Shade a balloon where the light does not come from, and let it gleam where it does."""
    del chance, colour
    left = [(-0.25, -0.95), (-0.385, -0.78), (-0.4, -0.62), (-0.32, -0.42), (-0.16, -0.24)]
    hull = smooth([(0, -1.0), *left, (0, -0.17), *((-x, y) for x, y in reversed(left))])
    side = 1 if pen.mood.light_from[0] < 0 else -1
    pen.fill([(abs(x) * side, y) for x, y in hull], paint=(20, 16, 50), opacity=0.24, blur=0.05)
    pen.oval(-0.17 * side * pen.flip, -0.74, 0.07, 0.14, paint=(255, 255, 255), opacity=0.35, blur=0.04)


DETAILS: Final[dict[str, Callable[[Pen, random.Random, Colour], None]]] = {
    "spots": _spots,
    "strands": _strands,
    "balloon-shade": _balloon_shade,
}
"""What lines of a drawing may `draw` by name, in the figure's colour."""
