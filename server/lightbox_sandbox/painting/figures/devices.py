"""Machines of our days: robot, laptop, telephone, camera."""

from __future__ import annotations

import random

from lightbox_sandbox.painting.colour import darker, lighter
from lightbox_sandbox.painting.pen import Pen
from lightbox_sandbox.painting.shapes import Outline, block
from lightbox_sandbox.pixels import Colour


def robot(pen: Pen, chance: random.Random, colour: Colour = (120, 176, 206)) -> None:
    """Draw a friendly robot."""
    del chance
    pen.shadow(0.34)
    dark: Colour = (54, 62, 84)
    for side in (1, -1):
        pen.fill(
            block(0.07 * side - 0.05, -0.18, 0.07 * side + 0.05, -0.03, 0.02), paint=darker(colour, 0.35), volume=0.5
        )
        pen.blob(
            [(0.03 * side, 0.0), (0.03 * side, -0.06), (0.1 * side, -0.09), (0.19 * side, -0.05), (0.19 * side, 0.0)],
            paint=(dark, darker(dark, 0.3)),
            volume=0.4,
        )
        pen.line(
            [(0.2 * side, -0.44), (0.31 * side, -0.36), (0.3 * side, -0.22)],
            0.07,
            0.06,
            paint=(darker(colour, 0.2), darker(colour, 0.35)),
            volume=0.5,
        )
        pen.oval(0.3 * side, -0.19, 0.055, paint=(lighter(colour, 0.2), darker(colour, 0.2)), volume=0.6)
        pen.oval(0.28 * side, -0.73, 0.045, 0.07, paint=(250, 160, 80), volume=0.4)
    pen.fill(block(-0.22, -0.52, 0.22, -0.15, 0.1), paint=(lighter(colour, 0.2), darker(colour, 0.15)), volume=0.8)
    pen.fill(block(-0.12, -0.43, 0.12, -0.26, 0.03), paint=(lighter(dark, 0.1), dark))
    pen.line(
        [(-0.09, -0.34), (-0.04, -0.34), (-0.015, -0.4), (0.02, -0.29), (0.045, -0.34), (0.09, -0.34)],
        0.014,
        paint=(110, 244, 190),
        curved=False,
        lit=False,
    )
    pen.fill(block(-0.05, -0.58, 0.05, -0.5), paint=dark)
    pen.fill(block(-0.28, -0.94, 0.28, -0.55, 0.14), paint=(lighter(colour, 0.32), colour), volume=0.8)
    pen.fill(block(-0.21, -0.87, 0.21, -0.63, 0.1), paint=(lighter(dark, 0.08), darker(dark, 0.4)))
    for side in (1, -1):
        pen.glow(0.09 * side, -0.76, 0.09, (110, 230, 255), 0.6)
        pen.oval(0.09 * side, -0.76, 0.036, 0.046, paint=(150, 240, 255), lit=False)
        pen.oval(0.09 * side + 0.01, -0.775, 0.012, paint=(255, 255, 255), lit=False)
    pen.line([(-0.06, -0.69), (0, -0.67), (0.06, -0.69)], 0.014, paint=(150, 240, 255), lit=False)
    pen.line([(0, -0.93), (0, -1.02)], 0.02, paint=dark)
    pen.glow(0, -1.05, 0.1, (255, 130, 100), 0.7)
    pen.oval(0, -1.05, 0.038, paint=(255, 120, 90), volume=0.5)


def laptop(pen: Pen, chance: random.Random, colour: Colour = (188, 194, 204)) -> None:
    """Draw a laptop with code on its screen."""
    pen.shadow(0.72)
    pen.fill(block(-0.52, -0.82, 0.52, -0.13, 0.03), paint=(lighter(colour, 0.1), darker(colour, 0.35)))
    pen.fill(block(-0.48, -0.78, 0.48, -0.17, 0.012), paint=((34, 42, 66), (22, 26, 44)), lit=False)
    tones: tuple[Colour, ...] = ((130, 208, 255), (255, 180, 110), (160, 232, 150), (214, 160, 255), (220, 226, 238))
    for row in range(10):
        x = -0.44 + 0.05 * (row % 4)
        while x < 0.3 - 0.02 * row:
            length = chance.uniform(0.05, 0.18)
            pen.fill(
                block(x, -0.745 + row * 0.055, x + length, -0.722 + row * 0.055, 0.01),
                paint=tones[chance.randrange(5)],
                lit=False,
            )
            x += length + 0.03
    pen.fill([(-0.52, -0.13), (0.52, -0.13), (0.7, -0.02), (-0.7, -0.02)], paint=(lighter(colour, 0.3), colour))
    keys: list[Outline] = []
    for row in range(3):
        y = -0.115 + row * 0.022
        spread = 0.92 + 0.09 * row
        keys += [
            [
                (spread * (-0.47 + 0.095 * i), y),
                (spread * (-0.395 + 0.095 * i), y),
                (spread * (-0.393 + 0.095 * i), y + 0.014),
                (spread * (-0.472 + 0.095 * i), y + 0.014),
            ]
            for i in range(10)
        ]
    pen.fill(*keys, paint=(66, 70, 84))
    pen.fill([(-0.14, -0.044), (0.14, -0.044), (0.155, -0.026), (-0.155, -0.026)], paint=darker(colour, 0.12))
    pen.fill(block(-0.7, -0.022, 0.7, 0.008, 0.012), paint=darker(colour, 0.35))
    pen.glow(0, -0.45, 0.75, (130, 180, 255), 0.12 + 0.25 * pen.mood.dark)


def phone(pen: Pen, chance: random.Random, colour: Colour = (52, 54, 66)) -> None:
    """Draw a telephone with its apps."""
    pen.shadow(0.3)
    pen.fill(block(-0.25, -1.0, 0.25, 0, 0.07), paint=(lighter(colour, 0.2), darker(colour, 0.3)), volume=0.4)
    pen.fill(block(-0.225, -0.97, 0.225, -0.03, 0.05), paint=((110, 130, 230), (236, 130, 170)), lit=False)
    tones: tuple[Colour, ...] = (
        (250, 120, 110),
        (255, 196, 90),
        (120, 214, 150),
        (110, 190, 250),
        (190, 140, 250),
        (255, 255, 255),
    )
    for row in range(4):
        for column in range(3):
            x, y = -0.14 + column * 0.14, -0.78 + row * 0.155
            pen.fill(
                block(x - 0.05, y - 0.05, x + 0.05, y + 0.05, 0.022),
                paint=(lighter(tones[(row * 3 + column) % 6], 0.15), tones[(row * 3 + column) % 6]),
                lit=False,
            )
    pen.fill(block(-0.06, -0.955, 0.06, -0.93, 0.012), paint=(20, 20, 26))
    pen.fill(block(-0.19, -0.16, 0.19, -0.055, 0.04), paint=(255, 255, 255), opacity=0.35, lit=False)
    del chance


def camera(pen: Pen, chance: random.Random, colour: Colour = (62, 62, 72)) -> None:
    """Draw a camera."""
    del chance
    pen.shadow(0.56)
    pen.fill(
        block(-0.18, -0.72, 0.2, -0.52, 0.05),
        block(-0.5, -0.62, -0.36, -0.52, 0.03),
        paint=(lighter(colour, 0.2), colour),
        volume=0.4,
    )
    pen.fill(block(-0.56, -0.58, 0.56, 0.0, 0.07), paint=((214, 214, 220), (150, 152, 162)), volume=0.5)
    pen.fill(block(-0.56, -0.46, 0.56, -0.1), paint=(lighter(colour, 0.1), darker(colour, 0.2)))
    for radius, paint in (
        (0.27, ((84, 84, 94), (40, 40, 50))),
        (0.22, ((36, 36, 44), (60, 60, 70))),
        (0.16, ((70, 96, 150), (26, 30, 58))),
        (0.09, ((104, 74, 150), (30, 26, 58))),
    ):
        pen.oval(0.02, -0.28, radius, paint=paint, volume=0.4)
    pen.oval(-0.05, -0.35, 0.04, 0.03, paint=(255, 255, 255), opacity=0.75, turn=-0.6)
    pen.oval(0.44, -0.52, 0.03, paint=(226, 74, 62))
    pen.fill(block(0.3, -0.55, 0.4, -0.49, 0.01), paint=(255, 250, 220))
