"""Food and drink, round and lit as on a cookbook's cover."""

from __future__ import annotations

import math
import random

from lightbox.sandbox.pixels import Colour

from .colour import darker, lighter, mix
from .pen import Pen
from .shapes import Outline, block, oval, sector, smooth, star, stroke


def _steam(pen: Pen, x: float, y: float) -> None:
    for shift in (-0.12, 0.0, 0.12):
        pen.line(
            [(x + shift, y), (x + shift + 0.05, y - 0.13), (x + shift - 0.03, y - 0.25), (x + shift + 0.04, y - 0.38)],
            0.03,
            0.05,
            paint=(255, 255, 255),
            opacity=0.22,
        )


def _plate(pen: Pen, width: float = 0.62) -> None:
    pen.shadow(width * 1.05, 0.02)
    pen.oval(0, -0.08, width, width * 0.3, paint=((255, 255, 255), (206, 210, 218)), volume=0.35)
    pen.oval(0, -0.095, width * 0.76, width * 0.21, paint=((236, 238, 242), (252, 252, 252)))


def fruit(pen: Pen, chance: random.Random, colour: Colour = (206, 44, 48), kind: str = "apple") -> None:
    """Draw an apple, orange, lemon, pear, peach, cherry, strawberry, watermelon or banana."""
    pen.shadow(0.4)
    if kind in ("watermelon", "banana", "strawberry", "grape"):
        {"watermelon": _watermelon, "banana": _banana, "strawberry": _strawberry, "grape": _grapes}[kind](
            pen, colour, chance
        )
        return
    if kind == "pear":
        line = [
            (0, -0.02),
            (-0.34, -0.16),
            (-0.32, -0.42),
            (-0.15, -0.62),
            (-0.1, -0.82),
            (0, -0.87),
            (0.1, -0.82),
            (0.15, -0.62),
            (0.32, -0.42),
            (0.34, -0.16),
        ]
    elif kind == "lemon":
        line = [
            (-0.46, -0.34),
            (-0.36, -0.42),
            (-0.2, -0.58),
            (0.1, -0.6),
            (0.32, -0.46),
            (0.46, -0.36),
            (0.34, -0.2),
            (0.08, -0.04),
            (-0.22, -0.06),
            (-0.38, -0.24),
        ]
    elif kind == "apple":
        line = [
            (0, -0.04),
            (-0.2, 0.0),
            (-0.38, -0.2),
            (-0.4, -0.5),
            (-0.24, -0.72),
            (0, -0.66),
            (0.24, -0.72),
            (0.4, -0.5),
            (0.38, -0.2),
            (0.2, 0.0),
        ]
    else:
        line = oval(0, -0.36, 0.38, 0.37)[::4]
    pen.blob(line, paint=(lighter(colour, 0.14), darker(colour, 0.22)), volume=1.0)
    if kind in ("apple", "pear", "cherry", "peach"):
        top = -0.86 if kind == "pear" else -0.67
        pen.line([(0, top + 0.03), (0.02, top - 0.08), (0.06, top - 0.16)], 0.03, 0.02, paint=(98, 68, 44))
        pen.blob(
            [(0.03, top - 0.06), (0.16, top - 0.2), (0.34, top - 0.18), (0.22, top - 0.05)],
            paint=((134, 184, 84), (70, 130, 62)),
            volume=0.4,
        )
    if kind in ("orange", "lemon"):
        pen.fill(
            *[oval(chance.gauss(0, 0.16), -0.34 + chance.gauss(0, 0.13), 0.007, 0.006, steps=8) for _ in range(60)],
            paint=darker(colour, 0.16),
            opacity=0.6,
        )
        pen.blob([(-0.02, -0.73), (0.1, -0.84), (0.26, -0.8), (0.12, -0.7)], paint=((134, 184, 84), (70, 130, 62)))
    pen.oval(-0.17, -0.5, 0.09, 0.06, paint=(255, 255, 255), opacity=0.55, blur=0.03, turn=-0.6)


def _watermelon(pen: Pen, colour: Colour, chance: random.Random) -> None:
    del colour
    for radius, tone in ((0.62, (60, 130, 70)), (0.57, (226, 240, 206)), (0.53, (232, 72, 76))):
        pen.fill(sector(0, -0.55, radius, 0.0, math.pi), paint=(lighter(tone, 0.12), darker(tone, 0.1)))
    pen.fill(
        *[
            oval(x, y, 0.013, 0.024, chance.uniform(-0.4, 0.4), 12)
            for x, y in (
                (-0.36, -0.46),
                (-0.2, -0.42),
                (-0.02, -0.45),
                (0.18, -0.43),
                (0.36, -0.46),
                (-0.26, -0.3),
                (-0.08, -0.28),
                (0.1, -0.29),
                (0.27, -0.31),
                (0.0, -0.15),
            )
        ],
        paint=(44, 34, 38),
    )


def _banana(pen: Pen, colour: Colour, chance: random.Random) -> None:
    del chance
    for shift, tone in ((0.08, darker(colour, 0.14)), (0.0, colour)):
        pen.blob(
            [
                (-0.46, -0.66 + shift),
                (-0.4, -0.64 + shift),
                (-0.24, -0.32 + shift),
                (0.1, -0.2 + shift),
                (0.42, -0.36 + shift),
                (0.47, -0.32 + shift),
                (0.2, -0.02 + shift),
                (-0.2, -0.1 + shift),
                (-0.42, -0.4 + shift),
            ],
            paint=(lighter(tone, 0.15), darker(tone, 0.16)),
            volume=0.7,
        )
    pen.oval(-0.44, -0.66, 0.035, 0.05, paint=(104, 82, 48))


def _strawberry(pen: Pen, colour: Colour, chance: random.Random) -> None:
    del chance
    pen.blob(
        [
            (0, 0.0),
            (-0.2, -0.12),
            (-0.36, -0.42),
            (-0.26, -0.66),
            (0, -0.7),
            (0.26, -0.66),
            (0.36, -0.42),
            (0.2, -0.12),
        ],
        paint=(lighter(colour, 0.12), darker(colour, 0.2)),
        volume=1.0,
    )
    seeds = [
        oval(x * (0.075 + 0.014 * row) + (0.04 if row % 2 else 0), -0.12 - row * 0.1, 0.011, 0.017, steps=10)
        for row in range(5)
        for x in range(-3, 4)
        if abs(x) <= row * 0.7 + 0.6
    ]
    pen.fill(*seeds, paint=(252, 220, 130))
    pen.fill(star(0, -0.68, 0.26, 7, 0.38), paint=((128, 184, 84), (62, 126, 60)))
    pen.line([(0, -0.68), (0.03, -0.86)], 0.035, 0.025, paint=(92, 150, 70))


def _grapes(pen: Pen, colour: Colour, chance: random.Random) -> None:
    for row in range(5):
        for index in range(5 - row):
            x, y = (index - (4 - row) / 2) * 0.16 + chance.uniform(-0.015, 0.015), -0.62 + row * 0.135
            pen.oval(x, y, 0.093, paint=(lighter(colour, 0.15), darker(colour, 0.2)), volume=1.0)
            pen.oval(x - 0.03, y - 0.035, 0.02, paint=(255, 255, 255), opacity=0.5)
    pen.line([(0, -0.68), (0.02, -0.86), (0.08, -0.92)], 0.03, paint=(104, 78, 50))
    pen.blob([(0.02, -0.78), (0.16, -0.94), (0.36, -0.84), (0.2, -0.72)], paint=((134, 184, 84), (70, 130, 62)))


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
    _steam(pen, 0, -0.66)
    del chance


def cake(pen: Pen, chance: random.Random, colour: Colour = (246, 176, 190)) -> None:
    """Draw a layer cake with candles."""
    _plate(pen, 0.66)
    for low, half, height in ((-0.1, 0.46, 0.3), (-0.4, 0.32, 0.24)):
        sponge: Colour = (226, 176, 112)
        top = low - height
        side = [*sector(0, low, half, 0, math.pi)[1:]]
        flat = [(x, low + (y - low) * 0.26) for x, y in side]
        pen.fill([(half, top), *flat, (-half, top)], paint=(lighter(sponge, 0.1), darker(sponge, 0.15)), volume=0.5)
        pen.fill(
            [(half, low - height * 0.55), *[(x, y - height * 0.42) for x, y in flat], (-half, low - height * 0.55)],
            [(half, low - height * 0.2), *[(x, y - height * 0.14) for x, y in flat], (-half, low - height * 0.2)][:0]
            or [(0, 0), (0, 0), (0, 0)],
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
    _steam(pen, -0.05, -0.66)


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


def ice_cream(pen: Pen, chance: random.Random, colour: Colour = (250, 180, 196)) -> None:
    """Draw an ice-cream cone with three scoops."""
    pen.fill([(-0.19, -0.46), (0.19, -0.46), (0, 0.0)], paint=((236, 184, 112), (190, 128, 70)), volume=0.6)
    lattice = [stroke([(-0.19 + 0.075 * i, -0.46), (0.0 + 0.02 * i, -0.04)], 0.008) for i in range(6)] + [
        stroke([(0.19 - 0.075 * i, -0.46), (0.0 - 0.02 * i, -0.04)], 0.008) for i in range(6)
    ]
    pen.fill(
        *[
            [(x, y) for x, y in line if abs(x) <= 0.2 * (-y / 0.46) + 0.005] or [(0, 0), (0, 0), (0, 0)]
            for line in lattice
        ],
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
