"""From the bakery, the dairy and the ice-cream parlour."""

from __future__ import annotations

import math
import random

from lightbox_sandbox.painting.colour import darker, lighter
from lightbox_sandbox.painting.pen import Pen
from lightbox_sandbox.painting.shapes import block, sector, smooth, stroke
from lightbox_sandbox.pixels import Colour

from .tableware import plate


def cake(pen: Pen, chance: random.Random, colour: Colour = (246, 176, 190)) -> None:
    """Draw a layer cake with candles."""
    plate(pen, 0.66)
    for low, half, height in ((-0.1, 0.46, 0.3), (-0.4, 0.32, 0.24)):
        sponge: Colour = (226, 176, 112)
        top = low - height
        side = [*sector(0, low, half, 0, math.pi)[1:]]
        flat = [(x, low + (y - low) * 0.26) for x, y in side]
        pen.fill([(half, top), *flat, (-half, top)], paint=(lighter(sponge, 0.1), darker(sponge, 0.15)), volume=0.5)
        pen.fill(
            [(half, low - height * 0.55), *[(x, y - height * 0.42) for x, y in flat], (-half, low - height * 0.55)],
            paint=(252, 240, 224),
            opacity=0.85,
        )
        drips = (
            [(-half, top)]
            + [
                (-half + 2 * half * i / 14, top + half * 0.25 * math.sin(math.pi * i / 14) + (0.13 if i % 2 else 0.05))
                for i in range(15)
            ]
            + [(half, top)]
        )
        pen.fill(smooth(drips, closed=False), paint=(lighter(colour, 0.1), darker(colour, 0.06)), volume=0.4)
        pen.oval(0, top, half, half * 0.26, paint=(lighter(colour, 0.35), colour), volume=0.25)
    for index in range(5):
        x = (index - 2) * 0.12
        y = -0.66 + 0.02 * (2 - abs(index - 2))
        pen.fill(
            block(x - 0.015, y - 0.15, x + 0.015, y),
            paint=chance.choice(((250, 220, 130), (150, 200, 240), (244, 150, 160), (170, 220, 160))),
        )
        pen.glow(x, y - 0.19, 0.1, (255, 210, 120), 0.7)
        pen.fill(
            smooth([(x, y - 0.25), (x + 0.022, y - 0.19), (x, y - 0.155), (x - 0.022, y - 0.19)]),
            paint=((255, 240, 170), (255, 160, 60)),
            lit=False,
        )


def bread(pen: Pen, chance: random.Random, colour: Colour = (204, 142, 74)) -> None:
    """Draw a loaf with its cuts."""
    del chance
    pen.shadow(0.6)
    pen.blob(
        [(-0.58, -0.08), (-0.6, -0.3), (-0.36, -0.5), (0, -0.56), (0.36, -0.5), (0.6, -0.3), (0.58, -0.08), (0, -0.01)],
        paint=(lighter(colour, 0.18), darker(colour, 0.3)),
        volume=0.9,
    )
    for x in (-0.34, -0.12, 0.1, 0.32):
        pen.blob(
            [(x - 0.06, -0.2), (x + 0.02, -0.46 + abs(x) * 0.2), (x + 0.1, -0.47 + abs(x) * 0.2), (x + 0.04, -0.22)],
            paint=((252, 226, 176), (236, 190, 122)),
            volume=0.3,
        )


def ice_cream(pen: Pen, chance: random.Random, colour: Colour = (250, 180, 196)) -> None:
    """Draw an ice-cream cone with three scoops."""
    pen.fill([(-0.19, -0.46), (0.19, -0.46), (0, 0.0)], paint=((236, 184, 112), (190, 128, 70)), volume=0.6)
    lattice = [stroke([(-0.19 + 0.075 * i, -0.46), (0.0 + 0.02 * i, -0.04)], 0.008) for i in range(6)] + [
        stroke([(0.19 - 0.075 * i, -0.46), (0.0 - 0.02 * i, -0.04)], 0.008) for i in range(6)
    ]
    clipped = [[(x, y) for x, y in line if abs(x) <= 0.2 * (-y / 0.46) + 0.005] for line in lattice]
    pen.fill(
        *[line for line in clipped if line],
        paint=(164, 104, 58),
        opacity=0.6,
    )
    for x, y, tone in ((-0.12, -0.55, (246, 232, 196)), (0.13, -0.56, (126, 84, 62)), (0.0, -0.76, colour)):
        pen.oval(x, y, 0.19, 0.175, paint=(lighter(tone, 0.16), darker(tone, 0.12)), volume=0.85)
    pen.oval(0.02, -0.97, 0.052, paint=((226, 54, 66), (164, 26, 48)), volume=0.9)
    pen.line([(0.03, -1.0), (0.07, -1.1)], 0.012, paint=(84, 120, 62))
    pen.fill(
        *[
            stroke([(a, b), (a + 0.02, b + 0.012)], 0.011)
            for a, b in ((chance.uniform(-0.12, 0.12), chance.uniform(-0.88, -0.74)) for _ in range(14))
        ],
        paint=(120, 206, 240),
    )


def cheese(pen: Pen, chance: random.Random, colour: Colour = (250, 204, 92)) -> None:
    """Draw a wedge of cheese."""
    del chance
    pen.shadow(0.56)
    pen.fill([(-0.56, -0.34), (0.3, -0.62), (0.56, -0.38)], paint=(lighter(colour, 0.4), lighter(colour, 0.2)))
    pen.fill([(-0.56, -0.34), (0.56, -0.38), (0.56, -0.02), (-0.56, 0.0)], paint=(colour, darker(colour, 0.14)))
    for x, y, r in ((-0.34, -0.2, 0.06), (-0.1, -0.1, 0.05), (0.08, -0.25, 0.08), (0.38, -0.14, 0.07)):
        pen.oval(x, y, r, r * 0.85, paint=(darker(colour, 0.32), darker(colour, 0.12)))
