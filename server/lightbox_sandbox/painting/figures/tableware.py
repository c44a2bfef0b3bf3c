"""Plates and cups, and the steam above them."""

from __future__ import annotations

import math
import random

from lightbox_sandbox.painting.colour import darker, lighter, mix
from lightbox_sandbox.painting.pen import Pen
from lightbox_sandbox.painting.shapes import sector
from lightbox_sandbox.pixels import Colour


def steam(pen: Pen, x: float, y: float) -> None:
    """Let steam rise from a place."""
    for shift in (-0.12, 0.0, 0.12):
        pen.line(
            [(x + shift, y), (x + shift + 0.05, y - 0.13), (x + shift - 0.03, y - 0.25), (x + shift + 0.04, y - 0.38)],
            0.03,
            0.05,
            paint=(255, 255, 255),
            opacity=0.22,
        )


def plate(pen: Pen, width: float = 0.62) -> None:
    """Set down a white plate, `width` from its middle to its rim."""
    pen.shadow(width * 1.05, 0.02)
    pen.oval(0, -0.08, width, width * 0.3, paint=((255, 255, 255), (206, 210, 218)), volume=0.35)
    pen.oval(0, -0.095, width * 0.76, width * 0.21, paint=((236, 238, 242), (252, 252, 252)))


def cup(pen: Pen, chance: random.Random, colour: Colour = (250, 248, 244), kind: str = "coffee") -> None:
    """Draw a cup of coffee or tea on its saucer, steaming."""
    drink: Colour = (92, 56, 36) if kind == "coffee" else (176, 110, 40)
    pen.shadow(0.6)
    pen.oval(0, -0.05, 0.58, 0.13, paint=(lighter(colour, 0.1), darker(colour, 0.2)), volume=0.4)
    pen.oval(0, -0.06, 0.3, 0.06, paint=darker(colour, 0.24))
    pen.fill(sector(0.4, -0.38, 0.17, 0, 2 * math.pi, 0.105), paint=(colour, darker(colour, 0.2)), volume=0.4)
    pen.blob(
        [(-0.4, -0.6), (-0.37, -0.34), (-0.24, -0.1), (0, -0.05), (0.24, -0.1), (0.37, -0.34), (0.4, -0.6), (0, -0.63)],
        paint=(lighter(colour, 0.1), darker(colour, 0.16)),
        volume=0.8,
    )
    pen.oval(0, -0.6, 0.4, 0.11, paint=(lighter(colour, 0.4), darker(colour, 0.08)))
    pen.oval(0, -0.59, 0.36, 0.09, paint=(lighter(drink, 0.06), drink))
    if kind == "coffee":
        foam = lighter(drink, 0.72)
        pen.oval(0, -0.59, 0.24, 0.058, paint=mix(drink, foam, 0.6), blur=0.01)
        pen.blob([(0, -0.55), (-0.12, -0.6), (-0.06, -0.635), (0, -0.615), (0.06, -0.635), (0.12, -0.6)], paint=foam)
    steam(pen, 0, -0.66)
    del chance
