"""Birds: on a bough, in the air, on ice and water."""

from __future__ import annotations

import random

from lightbox_sandbox.painting.colour import DARK, darker, lighter
from lightbox_sandbox.painting.pen import Pen
from lightbox_sandbox.painting.shapes import smooth, stroke
from lightbox_sandbox.pixels import Colour


def bird(pen: Pen, chance: random.Random, colour: Colour = (70, 140, 204)) -> None:
    """Draw a songbird on a twig."""
    del chance
    pen.line([(-0.5, -0.02), (0.0, -0.06), (0.55, -0.12)], 0.04, 0.02, paint=(104, 76, 56), volume=0.4)
    pen.line([(0.2, -0.08), (0.34, -0.2), (0.42, -0.22)], 0.02, 0.006, paint=(104, 76, 56))
    pen.blob([(0.38, -0.24), (0.5, -0.3), (0.44, -0.2)], paint=(110, 160, 80))
    pen.line(
        [(-0.16, -0.3), (-0.36, -0.14), (-0.52, -0.04)], 0.12, 0.07, paint=(darker(colour, 0.25), darker(colour, 0.45))
    )
    pen.blob(
        [
            (-0.24, -0.26),
            (-0.12, -0.52),
            (0.06, -0.74),
            (0.24, -0.78),
            (0.34, -0.66),
            (0.32, -0.44),
            (0.2, -0.2),
            (0.0, -0.1),
            (-0.16, -0.14),
        ],
        paint=(lighter(colour, 0.12), darker(colour, 0.1)),
        volume=0.8,
    )
    pen.blob(
        [(0.32, -0.58), (0.32, -0.38), (0.18, -0.18), (0.02, -0.12), (0.06, -0.36), (0.2, -0.56)],
        paint=((252, 224, 186), (246, 180, 116)),
        volume=0.4,
    )
    pen.blob(
        [(0.08, -0.56), (-0.12, -0.42), (-0.34, -0.18), (-0.1, -0.22), (0.08, -0.34)],
        paint=(darker(colour, 0.1), darker(colour, 0.4)),
        volume=0.5,
    )
    for dx in (0.0, 0.05, 0.1):
        pen.line(
            [(0.02 - dx, -0.42 + dx * 0.7), (-0.24 - dx * 0.4, -0.21 + dx * 0.2)],
            0.01,
            0.004,
            paint=lighter(colour, 0.4),
            opacity=0.7,
        )
    pen.fill([(0.34, -0.7), (0.46, -0.65), (0.34, -0.61)], paint=((250, 190, 80), (220, 140, 50)))
    pen.oval(0.25, -0.67, 0.034, paint=DARK)
    pen.oval(0.26, -0.68, 0.011, paint=(255, 255, 255))
    for x in (0.02, 0.1):
        pen.line([(x, -0.13), (x + 0.01, -0.05)], 0.016, paint=(150, 104, 66))


def flock(pen: Pen, chance: random.Random, colour: Colour = (44, 44, 60), count: int = 9) -> None:
    """Draw birds far off in the air."""
    for index in range(count):
        x, y = (
            (index - count / 2) * 0.16 + chance.uniform(-0.05, 0.05),
            -0.55 - abs(index - count / 2) * -0.09 + chance.uniform(-0.06, 0.06),
        )
        size, lift = chance.uniform(0.05, 0.085), chance.uniform(0.5, 0.9)
        wings = smooth(
            [
                (x - size, y - size * lift * 0.5),
                (x - size * 0.4, y - size * lift),
                (x, y),
                (x + size * 0.4, y - size * lift),
                (x + size, y - size * lift * 0.5),
                (x + size * 0.4, y - size * lift * 0.7),
                (x, y + size * 0.22),
                (x - size * 0.4, y - size * lift * 0.7),
            ],
            steps=5,
        )
        pen.fill(wings, paint=colour)


def eagle(pen: Pen, chance: random.Random, colour: Colour = (92, 64, 48)) -> None:
    """Draw an eagle with its wings spread."""
    del chance
    pen.pair(
        [
            (0.05, -0.56),
            (0.22, -0.8),
            (0.42, -0.86),
            (0.6, -0.74),
            (0.54, -0.66),
            (0.56, -0.6),
            (0.46, -0.58),
            (0.44, -0.5),
            (0.34, -0.52),
            (0.28, -0.42),
            (0.1, -0.38),
        ],
        (lighter(colour, 0.12), darker(colour, 0.35)),
        volume=0.5,
    )
    pen.blob(
        [(-0.08, -0.62), (0, -0.68), (0.08, -0.62), (0.08, -0.36), (0, -0.26), (-0.08, -0.36)],
        paint=(colour, darker(colour, 0.3)),
        volume=0.6,
    )
    pen.fill(
        [(-0.05, -0.32), (0.05, -0.32), (0.12, -0.12), (0, -0.15), (-0.12, -0.12)],
        paint=((250, 248, 242), (214, 210, 206)),
    )
    pen.blob([(-0.065, -0.62), (-0.05, -0.74), (0.05, -0.74), (0.065, -0.62)], paint=(250, 248, 242), volume=0.5)
    pen.fill([(-0.025, -0.68), (0.025, -0.68), (0, -0.6)], paint=(244, 184, 66))
    pen.pair([(0.024, -0.7), (0.04, -0.705), (0.038, -0.69)], DARK)


def owl(pen: Pen, chance: random.Random, colour: Colour = (136, 100, 72)) -> None:
    """Draw an owl on a bough."""
    del chance
    pen.line([(-0.55, -0.02), (0, 0.0), (0.55, -0.06)], 0.07, 0.04, paint=(92, 68, 54), volume=0.5)
    pen.pair([(0.1, -0.98), (0.22, -1.02), (0.27, -0.86), (0.12, -0.84)], (darker(colour, 0.2), colour))
    pen.blob(
        [
            (-0.26, -0.86),
            (0, -0.92),
            (0.26, -0.86),
            (0.32, -0.5),
            (0.22, -0.1),
            (0, -0.02),
            (-0.22, -0.1),
            (-0.32, -0.5),
        ],
        paint=(lighter(colour, 0.1), darker(colour, 0.15)),
        volume=0.8,
    )
    pen.blob(
        [(-0.18, -0.5), (0.18, -0.5), (0.16, -0.14), (0, -0.06), (-0.16, -0.14)],
        paint=lighter(colour, 0.55),
        volume=0.3,
    )
    for row in range(4):
        pen.fill(
            *[
                stroke(
                    [
                        (x * 0.085 - 0.03, -0.44 + row * 0.09),
                        (x * 0.085, -0.41 + row * 0.09),
                        (x * 0.085 + 0.03, -0.44 + row * 0.09),
                    ],
                    0.016,
                )
                for x in (-1, 0, 1)
            ],
            paint=darker(colour, 0.1),
        )
    pen.pair(
        [(0.22, -0.66), (0.34, -0.5), (0.3, -0.2), (0.18, -0.1), (0.2, -0.4)],
        (darker(colour, 0.1), darker(colour, 0.4)),
        volume=0.5,
    )
    for side in (1, -1):
        pen.oval(0.125 * side, -0.72, 0.135, paint=lighter(colour, 0.62), volume=0.3)
        pen.oval(0.12 * side, -0.72, 0.085, paint=((250, 204, 84), (238, 160, 40)), lit=False)
        pen.oval(0.12 * side, -0.72, 0.05, paint=DARK)
        pen.oval(0.12 * side + 0.02, -0.745, 0.018, paint=(255, 255, 255), lit=False)
        pen.line([(0.1 * side, -0.03), (0.1 * side, 0.02)], 0.06, paint=(232, 172, 74))
    pen.fill([(-0.035, -0.66), (0.035, -0.66), (0, -0.56)], paint=((252, 198, 92), (206, 136, 50)))


def penguin(pen: Pen, chance: random.Random, colour: Colour = (44, 48, 62)) -> None:
    """Draw a penguin."""
    del chance
    pen.shadow(0.24)
    pen.pair([(0.02, 0.0), (0.05, -0.05), (0.16, -0.04), (0.19, 0.01)], ((250, 176, 70), (220, 136, 50)))
    pen.pair([(0.2, -0.62), (0.34, -0.4), (0.34, -0.22), (0.24, -0.34)], (lighter(colour, 0.1), colour), volume=0.4)
    pen.blob(
        [
            (0, -1.0),
            (0.15, -0.93),
            (0.2, -0.76),
            (0.25, -0.45),
            (0.2, -0.1),
            (0, -0.03),
            (-0.2, -0.1),
            (-0.25, -0.45),
            (-0.2, -0.76),
            (-0.15, -0.93),
        ],
        paint=(lighter(colour, 0.12), colour),
        volume=0.7,
    )
    pen.blob(
        [
            (0, -0.7),
            (0.13, -0.6),
            (0.17, -0.35),
            (0.13, -0.1),
            (0, -0.05),
            (-0.13, -0.1),
            (-0.17, -0.35),
            (-0.13, -0.6),
        ],
        paint=((255, 255, 255), (226, 230, 238)),
        volume=0.4,
    )
    pen.pair([(0.01, -0.74), (0.03, -0.88), (0.12, -0.88), (0.14, -0.76), (0.07, -0.69)], (255, 255, 255))
    for side in (1, -1):
        pen.oval(0.07 * side, -0.81, 0.023, paint=DARK)
        pen.oval(0.077 * side, -0.82, 0.008, paint=(255, 255, 255))
    pen.blob(
        [(-0.045, -0.77), (0, -0.785), (0.045, -0.77), (0, -0.7)], paint=((252, 184, 76), (226, 130, 40)), volume=0.3
    )


def swan(pen: Pen, chance: random.Random, colour: Colour = (250, 250, 252)) -> None:
    """Draw a swan (or, yellow, a duck) on the water."""
    del chance
    pen.line(
        [(0.24, -0.25), (0.4, -0.42), (0.24, -0.66), (0.32, -0.86), (0.42, -0.85)],
        0.13,
        0.075,
        paint=(colour, darker(colour, 0.12)),
        volume=0.6,
    )
    pen.blob(
        [
            (-0.46, -0.36),
            (-0.3, -0.28),
            (-0.05, -0.42),
            (0.22, -0.36),
            (0.34, -0.2),
            (0.24, -0.02),
            (-0.2, 0.0),
            (-0.38, -0.12),
        ],
        paint=(colour, darker(colour, 0.2)),
        volume=0.6,
    )
    pen.blob(
        [(-0.48, -0.44), (-0.2, -0.46), (0.12, -0.34), (0.1, -0.16), (-0.2, -0.12), (-0.36, -0.24)],
        paint=(lighter(colour, 0.4), darker(colour, 0.1)),
        volume=0.4,
    )
    pen.oval(0.39, -0.87, 0.07, 0.058, paint=colour, volume=0.4)
    pen.fill([(0.44, -0.9), (0.58, -0.84), (0.44, -0.82)], paint=((244, 150, 60), (220, 110, 40)))
    pen.oval(0.41, -0.885, 0.013, paint=DARK)
    for y, width in ((0.01, 0.44), (0.06, 0.3)):
        pen.line([(-width, y), (0, y + 0.02), (width, y)], 0.014, 0.006, paint=(255, 255, 255), opacity=0.6)
