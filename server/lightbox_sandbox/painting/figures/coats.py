"""What grazing animals wear: antlers, wool, patches, spots, stripes."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Final

from lightbox_sandbox.painting.colour import DARK, darker, lighter
from lightbox_sandbox.painting.pen import Pen
from lightbox_sandbox.painting.shapes import oval, stroke
from lightbox_sandbox.pixels import Colour

from .breeds import Breed

PATCH: Final[Colour] = (60, 48, 48)
HORN: Final[Colour] = (150, 116, 82)


def dress(pen: Pen, breed: Breed, chance: random.Random, coat: Colour) -> None:
    """Draw what an animal has beyond its trunk, legs and head."""
    if draw := _DRAWN.get(breed.extra):
        draw(pen, breed, chance, coat)


def _antlers(pen: Pen, breed: Breed, chance: random.Random, coat: Colour) -> None:
    half = breed.length / 2
    x, y = half + breed.neck * 0.42, -breed.back - breed.neck
    for lean, tone in ((0.07, darker(coat, 0.5)), (0.0, HORN)):
        beam = [(x - 0.02 + lean * 0.4, y - 0.04), (x - 0.1 + lean, y - 0.14), (x - 0.05 + lean, y - 0.24)]
        pen.line(beam, 0.022, 0.008, paint=tone)
        for sx, sy, tx, ty in ((-0.075, -0.1, 0.0, -0.16), (-0.1, -0.15, -0.16, -0.21), (-0.08, -0.19, 0.0, -0.23)):
            pen.line([(x + sx + lean, y + sy), (x + tx + lean, y + ty)], 0.015, 0.005, paint=tone)
    flecks = [(chance.uniform(-half * 0.7, half * 0.4), -breed.back + chance.uniform(0.03, 0.09)) for _ in range(14)]
    pen.fill(*[oval(fx, fy, 0.011, 0.009, steps=10) for fx, fy in flecks], paint=lighter(coat, 0.55), opacity=0.8)


def _wool(pen: Pen, breed: Breed, chance: random.Random, coat: Colour) -> None:
    del chance
    half, middle = breed.length / 2, -breed.back + breed.depth * 0.42
    angles = [step * 0.5 for step in range(13)]
    curls = [
        oval(half * 0.98 * math.cos(a), middle + breed.depth * 0.48 * math.sin(a), 0.095, 0.09, steps=18)
        for a in angles
    ]
    trunk = oval(0, middle, half * 0.95, breed.depth * 0.5)
    pen.fill(*curls, trunk, paint=(lighter(coat, 0.3), darker(coat, 0.18)), volume=0.55)
    pen.fill(
        *[
            stroke([(x, y), (x + 0.03, y - 0.02), (x + 0.05, y + 0.01)], 0.01)
            for x in (-0.2, -0.08, 0.04, 0.15)
            for y in (-0.66, -0.56, -0.46)
        ],
        paint=darker(coat, 0.16),
        opacity=0.6,
    )


def _patches(pen: Pen, breed: Breed, chance: random.Random, coat: Colour) -> None:
    del chance, coat
    back, belly = -breed.back, breed.belly
    flank = [(-0.22, back + 0.01), (-0.02, back + 0.03), (0.0, belly - 0.16), (-0.12, belly - 0.12)]
    pen.blob([*flank, (-0.24, belly - 0.2)], paint=PATCH, volume=0.3)
    shoulder = [(0.16, back + 0.02), (0.3, back + 0.05), (0.28, belly - 0.1), (0.18, belly - 0.16)]
    pen.blob(shoulder, paint=PATCH, volume=0.3)


def _spots(pen: Pen, breed: Breed, chance: random.Random, coat: Colour) -> None:
    half, back = breed.length / 2, -breed.back
    trunk = [
        (chance.uniform(-half * 0.8, half * 0.8), back + chance.uniform(0.02, breed.depth * 0.8)) for _ in range(16)
    ]
    neck = [
        (half * 0.75 + 0.2 * t, back - 0.42 * t + chance.uniform(-0.02, 0.02))
        for t in (0.0, 0.15, 0.3, 0.45, 0.6, 0.75, 0.9)
    ]
    spots = [oval(x, y, 0.022, 0.026, chance.random() * 3, 7) for x, y in trunk + neck]
    pen.fill(*spots, paint=darker(coat, 0.48), opacity=0.85)


def _stripes(pen: Pen, breed: Breed, chance: random.Random, coat: Colour) -> None:
    del chance, coat
    half, back, belly = breed.length / 2, -breed.back, breed.belly
    lefts = [-half * 0.9 + step * half * 0.21 for step in range(9)]
    trunk = [
        stroke([(x, back + 0.025), (x + half * 0.04, back + breed.depth * 0.5), (x, belly - 0.02)], 0.03, 0.006)
        for x in lefts
    ]
    neck = [
        stroke([(half * 0.6 + 0.1 * t, back - 0.17 * t), (half + 0.06 + 0.1 * t, back - 0.15 * t + 0.06)], 0.022, 0.008)
        for t in (0.0, 0.3, 0.6, 0.9)
    ]
    pen.fill(*trunk, *neck, paint=DARK, opacity=0.9)


_DRAWN: Final[dict[str, Callable[[Pen, Breed, random.Random, Colour], None]]] = {
    "antlers": _antlers,
    "wool": _wool,
    "patches": _patches,
    "giraffe": _spots,
    "zebra": _stripes,
}
