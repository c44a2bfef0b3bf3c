"""Meals: pizza, sushi, noodles, a burger."""

from __future__ import annotations

import math
import random

from lightbox_sandbox.painting.colour import darker, lighter
from lightbox_sandbox.painting.pen import Pen
from lightbox_sandbox.painting.shapes import Outline, block, oval, sector, stroke
from lightbox_sandbox.pixels import Colour

from .tableware import steam


def pizza(pen: Pen, chance: random.Random, colour: Colour = (244, 192, 84)) -> None:
    """Draw a pizza from above."""
    pen.shadow(0.56, 0.0)
    crust: Colour = (206, 144, 78)
    pen.oval(0, -0.5, 0.5, paint=(lighter(crust, 0.15), darker(crust, 0.2)), volume=0.6)
    pen.oval(0, -0.5, 0.44, paint=(206, 74, 46))
    wave = [
        (
            0.415 * (1 + 0.03 * math.sin(a * 1.3)) * math.cos(a * 0.2244),
            -0.5 + 0.415 * (1 + 0.03 * math.cos(a * 1.7)) * math.sin(a * 0.2244),
        )
        for a in range(28)
    ]
    pen.blob(wave, paint=(lighter(colour, 0.2), darker(colour, 0.05)), volume=0.25)
    for index in range(16):
        a, r = index * 2.4, 0.09 * math.sqrt(index + 0.4)
        x, y = r * math.cos(a), -0.5 + r * math.sin(a)
        kind = index % 3
        if kind == 0:
            pen.oval(x, y, 0.068, paint=((214, 78, 62), (164, 44, 44)), volume=0.45)
        elif kind == 1:
            pen.blob(
                [(x - 0.05, y), (x, y - 0.045), (x + 0.055, y - 0.01), (x, y + 0.03)],
                paint=((112, 166, 74), (54, 112, 54)),
                volume=0.4,
            )
        else:
            pen.fill(sector(x, y, 0.042, 0, 2 * math.pi, 0.02), paint=(56, 46, 58))
    for index in range(4):
        a = math.pi / 4 * index + chance.uniform(-0.02, 0.02)
        pen.line(
            [(-0.47 * math.cos(a), -0.5 - 0.47 * math.sin(a)), (0.47 * math.cos(a), -0.5 + 0.47 * math.sin(a))],
            0.009,
            paint=(150, 84, 44),
            opacity=0.7,
        )


def sushi(pen: Pen, chance: random.Random, colour: Colour = (246, 128, 84)) -> None:
    """Draw sushi on a board, with chopsticks."""
    del chance
    pen.fill(block(-0.85, -0.09, 0.85, 0.02, 0.02), paint=((142, 100, 70), (94, 64, 48)), volume=0.3)
    pen.fill(block(-0.78, 0.0, -0.7, 0.07), block(0.7, 0.0, 0.78, 0.07), paint=(84, 58, 44))
    for index, x in enumerate((-0.55, -0.08)):
        pen.blob(
            [(x - 0.21, -0.1), (x - 0.23, -0.24), (x, -0.3), (x + 0.23, -0.24), (x + 0.21, -0.1), (x, -0.08)],
            paint=((255, 255, 252), (226, 224, 220)),
            volume=0.5,
        )
        tone: Colour = colour if index == 0 else (226, 72, 70)
        pen.blob(
            [(x - 0.26, -0.22), (x - 0.18, -0.37), (x + 0.1, -0.41), (x + 0.26, -0.3), (x + 0.25, -0.2), (x, -0.27)],
            paint=(lighter(tone, 0.15), darker(tone, 0.1)),
            volume=0.5,
        )
        for shift in (-0.12, 0.0, 0.12):
            pen.line(
                [(x + shift - 0.02, -0.36), (x + shift + 0.03, -0.26)],
                0.014,
                0.006,
                paint=lighter(tone, 0.6),
                opacity=0.8,
            )
    for x in (0.36, 0.62):
        pen.fill(
            block(x - 0.11, -0.27, x + 0.11, -0.09),
            oval(x, -0.09, 0.11, 0.04),
            paint=((44, 58, 50), (26, 36, 32)),
            volume=0.4,
        )
        pen.oval(x, -0.27, 0.11, 0.045, paint=(255, 255, 250))
        pen.oval(x, -0.27, 0.05, 0.022, paint=(240, 110, 70))
    pen.line([(-0.75, -0.5), (0.6, -0.62)], 0.02, 0.012, paint=(164, 62, 48), curved=False)
    pen.line([(-0.75, -0.46), (0.62, -0.54)], 0.02, 0.012, paint=(164, 62, 48), curved=False)


def noodles(pen: Pen, chance: random.Random, colour: Colour = (180, 60, 54)) -> None:
    """Draw a bowl of noodles with egg, greens and chopsticks."""
    pen.shadow(0.52)
    pen.line([(0.12, -0.62), (0.6, -1.02)], 0.028, 0.02, paint=(112, 74, 52), curved=False)
    pen.line([(0.06, -0.6), (0.52, -1.06)], 0.028, 0.02, paint=(112, 74, 52), curved=False)
    pen.blob(
        [
            (-0.56, -0.52),
            (-0.5, -0.26),
            (-0.26, -0.04),
            (0, 0.0),
            (0.26, -0.04),
            (0.5, -0.26),
            (0.56, -0.52),
            (0, -0.5),
        ],
        paint=(lighter(colour, 0.12), darker(colour, 0.25)),
        volume=0.8,
    )
    pen.oval(0, -0.52, 0.57, 0.16, paint=(lighter(colour, 0.3), darker(colour, 0.1)))
    pen.oval(0, -0.52, 0.52, 0.135, paint=((206, 134, 62), (176, 98, 44)))
    strands: list[Outline] = []
    for index in range(22):
        x, y = -0.3 + 0.024 * index + chance.uniform(-0.02, 0.02), -0.54 + chance.uniform(-0.05, 0.05)
        strands.append(stroke([(x - 0.13, y), (x - 0.04, y - 0.04), (x + 0.06, y + 0.03), (x + 0.15, y - 0.01)], 0.016))
    pen.fill(*strands[::2], paint=(250, 216, 140))
    pen.fill(*strands[1::2], paint=(236, 190, 104))
    pen.oval(-0.22, -0.56, 0.13, 0.075, paint=(255, 253, 246), volume=0.4)
    pen.oval(-0.21, -0.565, 0.065, 0.04, paint=((255, 190, 70), (240, 150, 40)), volume=0.4)
    for x in (0.2, 0.28, 0.36):
        pen.blob(
            [(x - 0.05, -0.5), (x, -0.6), (x + 0.07, -0.58), (x + 0.02, -0.47)],
            paint=((124, 184, 92), (60, 124, 66)),
            volume=0.3,
        )
    pen.fill(
        *[
            sector(chance.uniform(-0.05, 0.2), -0.52 + chance.uniform(-0.06, 0.06), 0.018, 0, 6.28, 0.009)
            for _ in range(9)
        ],
        paint=(150, 208, 110),
    )
    steam(pen, -0.05, -0.66)


def burger(pen: Pen, chance: random.Random, colour: Colour = (218, 152, 78)) -> None:
    """Draw a burger."""
    pen.shadow(0.5)
    pen.blob(
        [(-0.42, -0.2), (-0.44, -0.06), (-0.3, 0.0), (0.3, 0.0), (0.44, -0.06), (0.42, -0.2)],
        paint=(lighter(colour, 0.12), darker(colour, 0.22)),
        volume=0.6,
    )
    pen.blob(
        [(-0.46, -0.3), (-0.48, -0.2), (-0.3, -0.15), (0.3, -0.15), (0.48, -0.2), (0.46, -0.3)],
        paint=((122, 76, 52), (78, 46, 36)),
        volume=0.6,
    )
    pen.fill(
        [(-0.46, -0.31), (0.46, -0.31), (0.36, -0.24), (0.2, -0.3), (0.05, -0.19), (-0.12, -0.3), (-0.3, -0.22)],
        paint=((255, 206, 84), (246, 178, 54)),
    )
    pen.blob(
        [(-0.45, -0.4), (-0.46, -0.32), (0.46, -0.32), (0.45, -0.4)], paint=((226, 74, 62), (184, 50, 48)), volume=0.4
    )
    pen.blob(
        [(-0.5 + i * 0.1, -0.42 + (0.045 if i % 2 else -0.01)) for i in range(11)] + [(0.46, -0.46), (-0.46, -0.46)],
        paint=((146, 204, 92), (84, 152, 66)),
        volume=0.4,
    )
    pen.blob(
        [
            (-0.45, -0.44),
            (-0.43, -0.66),
            (-0.22, -0.82),
            (0, -0.85),
            (0.22, -0.82),
            (0.43, -0.66),
            (0.45, -0.44),
            (0, -0.42),
        ],
        paint=(lighter(colour, 0.14), darker(colour, 0.14)),
        volume=0.9,
    )
    pen.fill(
        *[
            oval(chance.gauss(0, 0.15), -0.69 + chance.gauss(0, 0.055), 0.022, 0.014, chance.uniform(-0.6, 0.6), 12)
            for _ in range(22)
        ],
        paint=(255, 244, 214),
    )
