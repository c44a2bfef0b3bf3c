"""Things: what stands on desks, hangs in rooms, and what the heavens hold."""

from __future__ import annotations

import math
import random

from lightbox.sandbox.pixels import Colour

from .colour import darker, lighter, mix
from .pen import Pen
from .shapes import Outline, block, oval, sector, smooth, star, stroke


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


def book(pen: Pen, chance: random.Random, colour: Colour = (74, 110, 160)) -> None:
    """Draw a pile of books, an open one on top."""
    pen.shadow(0.6)
    tones: tuple[Colour, ...] = (colour, (196, 84, 70), (226, 178, 92), (92, 140, 104))
    for index in range(4):
        half, x, low = 0.5 - 0.03 * index, chance.uniform(-0.05, 0.05), -index * 0.12
        tone = tones[index]
        pen.fill(
            block(x - half, low - 0.115, x + half, low - 0.004, 0.015), paint=(lighter(tone, 0.15), darker(tone, 0.2))
        )
        pen.fill(
            block(x - half + 0.025, low - 0.098, x + half + 0.004, low - 0.02), paint=((250, 244, 228), (222, 210, 186))
        )
        pen.fill(
            block(x - half, low - 0.115, x - half + 0.07, low - 0.004, 0.015),
            paint=(lighter(tone, 0.2), darker(tone, 0.15)),
        )
    for side in (1, -1):
        page = [
            (0, -0.53),
            (0.2 * side, -0.62),
            (0.5 * side, -0.6),
            (0.52 * side, -0.82),
            (0.2 * side, -0.86),
            (0, -0.74),
        ]
        pen.fill(
            smooth(page, steps=4),
            paint=((255, 252, 240), (232, 222, 198)) if side > 0 else ((246, 240, 224), (255, 252, 240)),
        )
        pen.fill(
            *[
                stroke(
                    [(0.08 * side, -0.63 - 0.04 * i), (0.22 * side, -0.68 - 0.04 * i), (0.46 * side, -0.66 - 0.04 * i)],
                    0.009,
                )
                for i in range(4)
            ],
            paint=(150, 144, 140),
            opacity=0.8,
        )


def guitar(pen: Pen, chance: random.Random, colour: Colour = (196, 122, 58)) -> None:
    """Draw an acoustic guitar."""
    del chance
    pen.shadow(0.26)
    pen.blob(
        [
            (0, -0.01),
            (-0.22, -0.06),
            (-0.27, -0.22),
            (-0.16, -0.36),
            (-0.19, -0.48),
            (-0.08, -0.56),
            (0.08, -0.56),
            (0.19, -0.48),
            (0.16, -0.36),
            (0.27, -0.22),
            (0.22, -0.06),
        ],
        paint=(lighter(colour, 0.16), darker(colour, 0.2)),
        volume=0.8,
    )
    pen.oval(0, -0.36, 0.088, paint=(60, 38, 30))
    pen.oval(0, -0.36, 0.074, paint=(36, 24, 24))
    pen.fill(block(-0.1, -0.16, 0.1, -0.125, 0.01), paint=(70, 44, 34))
    pen.fill(block(-0.035, -0.9, 0.035, -0.4), paint=((92, 58, 42), (70, 44, 36)))
    pen.fill([(-0.05, -0.9), (0.05, -0.9), (0.06, -1.06), (-0.06, -1.06)], paint=(84, 52, 38))
    pen.fill(*[block(-0.035, -0.86 + 0.048 * i, 0.035, -0.855 + 0.048 * i) for i in range(9)], paint=(206, 190, 150))
    pen.fill(
        *[stroke([(x, -0.14), (x * 0.8, -1.0)], 0.004) for x in (-0.024, -0.012, 0, 0.012, 0.024)],
        paint=(240, 236, 226),
    )
    for side in (1, -1):
        pen.fill(
            *[oval(0.075 * side, -0.94 - 0.045 * i, 0.016, 0.012, steps=12) for i in range(3)], paint=(226, 222, 212)
        )


def clock(pen: Pen, chance: random.Random, colour: Colour = (206, 84, 70)) -> None:
    """Draw an alarm clock."""
    pen.shadow(0.36)
    for side in (1, -1):
        pen.line([(0.22 * side, -0.12), (0.32 * side, 0.0)], 0.06, 0.045, paint=(84, 76, 80))
        pen.oval(
            0.25 * side,
            -0.84,
            0.13,
            0.1,
            paint=(lighter(colour, 0.2), darker(colour, 0.15)),
            turn=0.6 * side,
            volume=0.6,
        )
    pen.oval(0, -0.44, 0.42, paint=(lighter(colour, 0.15), darker(colour, 0.2)), volume=0.7)
    pen.oval(0, -0.44, 0.34, paint=((255, 255, 252), (232, 230, 224)))
    pen.fill(
        *[
            stroke(
                [
                    (0.26 * math.cos(a * math.pi / 6), -0.44 + 0.26 * math.sin(a * math.pi / 6)),
                    (0.31 * math.cos(a * math.pi / 6), -0.44 + 0.31 * math.sin(a * math.pi / 6)),
                ],
                0.02 if a % 3 == 0 else 0.01,
            )
            for a in range(12)
        ],
        paint=(58, 54, 62),
    )
    turn = chance.uniform(0, 6.28)
    pen.line([(0, -0.44), (0.16 * math.cos(turn), -0.44 + 0.16 * math.sin(turn))], 0.032, 0.02, paint=(44, 42, 52))
    pen.line(
        [(0, -0.44), (0.25 * math.cos(turn * 2), -0.44 + 0.25 * math.sin(turn * 2))], 0.022, 0.012, paint=(44, 42, 52)
    )
    pen.oval(0, -0.44, 0.026, paint=colour)


def lamp(pen: Pen, chance: random.Random, colour: Colour = (244, 214, 150)) -> None:
    """Draw a lit lamp."""
    del chance
    pen.shadow(0.28)
    pen.glow(0, -0.66, 1.2, (255, 214, 130), 0.55)
    pen.oval(0, -0.03, 0.2, 0.05, paint=(96, 74, 60), volume=0.5)
    pen.line([(0, -0.03), (0, -0.56)], 0.035, paint=(120, 94, 72), volume=0.4)
    pen.fill(
        [(-0.2, -0.96), (0.2, -0.96), (0.33, -0.52), (-0.33, -0.52)],
        paint=(lighter(colour, 0.35), colour),
        lit=False,
        volume=0.3,
    )


def umbrella(pen: Pen, chance: random.Random, colour: Colour = (216, 66, 70)) -> None:
    """Draw an open umbrella."""
    del chance
    pen.line([(0, -0.9), (0, -0.1), (0.03, -0.02), (0.09, -0.02), (0.12, -0.1)], 0.026, paint=(92, 68, 56))
    top = -0.97
    for index in range(6):
        left, right = -0.6 + 0.2 * index, -0.4 + 0.2 * index
        tone = colour if index % 2 == 0 else lighter(colour, 0.28)
        rim = [(left, -0.52), ((left + right) / 2, -0.565), (right, -0.52)]
        arc = [
            (right, -0.52),
            (right * 0.85, -0.72),
            (right * 0.5, -0.89),
            (0, top),
            (left * 0.5, -0.89),
            (left * 0.85, -0.72),
            (left, -0.52),
        ]
        pen.fill(smooth(rim, closed=False) + smooth(arc, closed=False), paint=(lighter(tone, 0.08), darker(tone, 0.22)))
    pen.line([(0, top), (0, -1.04)], 0.02, 0.01, paint=(92, 68, 56))


def gift(pen: Pen, chance: random.Random, colour: Colour = (206, 62, 76)) -> None:
    """Draw a wrapped gift with a bow."""
    del chance
    ribbon: Colour = (252, 220, 130)
    pen.shadow(0.52)
    pen.fill(block(-0.4, -0.56, 0.4, 0), paint=(lighter(colour, 0.1), darker(colour, 0.25)))
    pen.fill(block(-0.45, -0.68, 0.45, -0.5, 0.015), paint=(lighter(colour, 0.22), darker(colour, 0.05)))
    pen.fill(block(-0.075, -0.68, 0.075, 0), paint=(ribbon, darker(ribbon, 0.15)))
    for side in (1, -1):
        pen.blob(
            [(0, -0.68), (0.16 * side, -0.86), (0.34 * side, -0.88), (0.36 * side, -0.74), (0.16 * side, -0.66)],
            paint=(lighter(ribbon, 0.25), darker(ribbon, 0.15)),
            volume=0.6,
        )
        pen.blob(
            [(0.05 * side, -0.71), (0.17 * side, -0.8), (0.27 * side, -0.8), (0.18 * side, -0.71)],
            paint=darker(ribbon, 0.3),
        )
    pen.oval(0, -0.71, 0.065, 0.06, paint=(lighter(ribbon, 0.3), darker(ribbon, 0.1)), volume=0.6)


def heart(pen: Pen, chance: random.Random, colour: Colour = (224, 52, 78)) -> None:
    """Draw a heart."""
    del chance
    line = [
        (
            0.036 * 16 * math.sin(t) ** 3 * 0.72,
            -0.54 - 0.03 * (13 * math.cos(t) - 5 * math.cos(2 * t) - 2 * math.cos(3 * t) - math.cos(4 * t)),
        )
        for t in [i * math.pi / 40 for i in range(80)]
    ]
    pen.fill(line, paint=(lighter(colour, 0.18), darker(colour, 0.18)), volume=1.0)
    pen.oval(-0.2, -0.76, 0.085, 0.05, paint=(255, 255, 255), opacity=0.5, blur=0.02, turn=-0.7)


def star_shape(pen: Pen, chance: random.Random, colour: Colour = (255, 206, 84)) -> None:
    """Draw a five-pointed star."""
    del chance
    pen.glow(0, -0.5, 0.8, colour, 0.3)
    pen.fill(star(0, -0.48, 0.5), paint=(lighter(colour, 0.25), darker(colour, 0.12)), volume=0.9)


def gem(pen: Pen, chance: random.Random, colour: Colour = (90, 190, 230)) -> None:
    """Draw a cut gem."""
    del chance
    pen.glow(0, -0.5, 0.9, colour, 0.3)
    top, girdle, foot = -0.86, -0.62, -0.02
    xs = (-0.5, -0.27, 0.0, 0.27, 0.5)
    crown = (-0.3, -0.1, 0.1, 0.3)
    for index in range(4):
        tone = (0.1, 0.45, 0.25, -0.2)[index]
        shade = lighter(colour, tone) if tone > 0 else darker(colour, -tone)
        pen.fill(
            [(xs[index], girdle), (xs[index + 1], girdle), (0, foot)], paint=(lighter(shade, 0.1), darker(shade, 0.2))
        )
        pen.fill(
            [
                (xs[index], girdle),
                (xs[index + 1], girdle),
                (crown[min(3, index + 1)], top) if index != len(crown) - 1 else (0.3, top),
                (crown[index], top),
            ],
            paint=(lighter(shade, 0.35), lighter(shade, 0.05)),
        )
    pen.fill(
        *[
            stroke(path, 0.006)
            for path in (
                [(-0.5, girdle), (0.5, girdle)],
                [(-0.27, girdle), (0, foot)],
                [(0.27, girdle), (0, foot)],
                [(-0.3, top), (0.3, top)],
            )
        ],
        paint=(255, 255, 255),
        opacity=0.7,
    )
    pen.fill(star(-0.2, -0.72, 0.12, 4, 0.16), paint=(255, 255, 255), lit=False)


def planet(pen: Pen, chance: random.Random, colour: Colour = (226, 160, 96)) -> None:
    """Draw a ringed planet."""
    bands = [-0.3 + 0.1 * i for i in range(7)]
    ring = [(0.74 * math.cos(a), 0.17 * math.sin(a)) for a in [i * math.pi / 30 for i in range(60)]]
    inner = [(0.53 * math.cos(a), 0.115 * math.sin(a)) for a in [i * math.pi / 30 for i in range(60)]]
    tilt = -0.3

    def turned(line: Outline) -> Outline:
        return [
            (x * math.cos(tilt) - y * math.sin(tilt), -0.5 + x * math.sin(tilt) + y * math.cos(tilt)) for x, y in line
        ]

    gold = lighter(colour, 0.4)
    pen.glow(0, -0.5, 1.0, colour, 0.28)
    pen.fill(turned(ring[30:] + inner[:29:-1]), paint=darker(gold, 0.3), lit=False)
    pen.oval(0, -0.5, 0.4, paint=(lighter(colour, 0.2), darker(colour, 0.3)), volume=1.0, lit=False)
    for index, y in enumerate(bands):
        half = math.sqrt(max(0.0, 0.16 - y * y)) * 0.985
        tone = lighter(colour, 0.3) if index % 2 else darker(colour, 0.25)
        pen.fill(
            turned(
                smooth(
                    [
                        (-half, y),
                        (0, y + 0.02 + chance.uniform(0, 0.02)),
                        (half, y),
                        (half * 0.98, y + 0.035),
                        (0, y + 0.06),
                        (-half * 0.98, y + 0.035),
                    ]
                )
            ),
            paint=tone,
            opacity=0.4,
            blur=0.006,
            lit=False,
        )
    pen.fill(
        smooth(
            [
                (0.08, -0.88),
                (0.36, -0.74),
                (0.4, -0.5),
                (0.33, -0.28),
                (0.06, -0.11),
                (0.24, -0.3),
                (0.27, -0.55),
                (0.2, -0.76),
            ]
        ),
        paint=(8, 6, 26),
        opacity=0.5,
        blur=0.035,
        lit=False,
    )
    pen.fill(turned(ring[:31] + inner[30::-1]), paint=(lighter(gold, 0.3), gold), opacity=0.92, lit=False)


def earth(pen: Pen, chance: random.Random, colour: Colour = (52, 120, 200)) -> None:
    """Draw a blue planet with land and clouds."""
    pen.glow(0, -0.5, 0.85, (120, 190, 255), 0.6)
    pen.oval(0, -0.5, 0.46, paint=(lighter(colour, 0.2), darker(colour, 0.35)), volume=1.0, lit=False)
    for land in (
        [(-0.36, -0.68), (-0.2, -0.82), (-0.03, -0.78), (-0.1, -0.62), (-0.2, -0.54), (-0.3, -0.56)],
        [(-0.16, -0.46), (-0.03, -0.44), (0.0, -0.3), (-0.1, -0.13), (-0.17, -0.28)],
        [
            (0.1, -0.72),
            (0.26, -0.76),
            (0.37, -0.6),
            (0.28, -0.5),
            (0.3, -0.34),
            (0.18, -0.2),
            (0.12, -0.4),
            (0.06, -0.56),
        ],
    ):
        pen.blob(land, paint=((150, 186, 96), (76, 132, 76)), lit=False, volume=0.2) if False else pen.fill(
            smooth(land), paint=((150, 186, 96), (76, 132, 76)), lit=False, volume=0.2
        )
    for y in (-0.7, -0.52, -0.36, -0.24):
        x = chance.uniform(-0.2, 0.1)
        pen.fill(
            smooth([(x - 0.17, y), (x, y - 0.03), (x + 0.2, y + 0.01), (x + 0.02, y + 0.025)]),
            paint=(255, 255, 255),
            opacity=0.75,
            blur=0.008,
            lit=False,
        )
    pen.fill(
        smooth(
            [
                (0.12, -0.94),
                (0.4, -0.76),
                (0.46, -0.5),
                (0.38, -0.24),
                (0.1, -0.06),
                (0.27, -0.28),
                (0.31, -0.54),
                (0.25, -0.8),
            ]
        ),
        paint=(6, 8, 30),
        opacity=0.55,
        blur=0.04,
        lit=False,
    )


def chair(pen: Pen, chance: random.Random, colour: Colour = (214, 140, 84)) -> None:
    """Draw an easy chair."""
    del chance
    pen.shadow(0.5)
    for x in (-0.34, 0.34):
        pen.line([(x, -0.16), (x * 1.08, 0.0)], 0.05, 0.03, paint=(96, 68, 50))
    pen.fill(block(-0.36, -0.95, 0.36, -0.2, 0.12), paint=(lighter(colour, 0.12), darker(colour, 0.18)), volume=0.7)
    pen.fill(block(-0.36, -0.42, 0.36, -0.13, 0.08), paint=(lighter(colour, 0.25), colour), volume=0.6)
    for side in (1, -1):
        pen.fill(
            block(min(0.3 * side, 0.48 * side), -0.56, max(0.3 * side, 0.48 * side), -0.1, 0.08),
            paint=(lighter(colour, 0.15), darker(colour, 0.22)),
            volume=0.7,
        )
    pen.fill(block(-0.17, -0.62, 0.17, -0.36, 0.05), paint=((250, 238, 214), (222, 202, 168)), volume=0.6)


def ball(pen: Pen, chance: random.Random, colour: Colour = (224, 84, 66)) -> None:
    """Draw a glossy ball."""
    del chance
    pen.shadow(0.44)
    pen.oval(0, -0.46, 0.46, paint=(lighter(colour, 0.2), darker(colour, 0.25)), volume=1.0)
    pen.oval(-0.16, -0.68, 0.13, 0.08, paint=(255, 255, 255), opacity=0.7, blur=0.03, turn=-0.6)


def football(pen: Pen, chance: random.Random, colour: Colour = (248, 248, 250)) -> None:
    """Draw a football."""
    ball(pen, chance, colour)
    for cx, cy, r in (
        (0, -0.46, 0.14),
        (-0.36, -0.58, 0.085),
        (0.36, -0.58, 0.085),
        (-0.23, -0.13, 0.085),
        (0.23, -0.13, 0.085),
        (0, -0.86, 0.07),
    ):
        pen.fill(star(cx, cy, r, 5, 0.81), paint=(48, 48, 58))
        pen.line([(0, -0.46), (cx, cy)], 0.014, paint=(84, 84, 96))


def lantern(pen: Pen, chance: random.Random, colour: Colour = (222, 58, 50)) -> None:
    """Draw a red paper lantern that glows."""
    del chance
    pen.line([(0, -1.1), (0, -0.86)], 0.012, paint=(80, 52, 44))
    pen.glow(0, -0.52, 0.95, mix(colour, (255, 180, 80), 0.5), 0.55)
    pen.oval(0, -0.52, 0.38, 0.33, paint=(mix(colour, (255, 170, 80), 0.4), colour), lit=False, volume=0.5)
    for rx in (0.12, 0.26):
        pen.fill(
            sector(0, 0, 1, 0, 2 * math.pi, 0.965)[:0]
            or [(rx * math.cos(a * 0.1), -0.52 + 0.33 * math.sin(a * 0.1)) for a in range(63)]
            + [((rx - 0.012) * math.cos(a * 0.1), -0.52 + 0.326 * math.sin(a * 0.1)) for a in range(62, -1, -1)],
            paint=darker(colour, 0.35),
            opacity=0.6,
            lit=False,
        )
    pen.fill(
        block(-0.16, -0.88, 0.16, -0.82, 0.015),
        block(-0.16, -0.22, 0.16, -0.16, 0.015),
        paint=((250, 206, 104), (206, 150, 60)),
    )
    pen.fill(
        *[stroke([(x, -0.16), (x * 1.2, 0.04)], 0.012) for x in (-0.06, -0.03, 0, 0.03, 0.06)], paint=(244, 190, 84)
    )


def sign(pen: Pen, chance: random.Random, colour: Colour = (164, 112, 70)) -> None:
    """Draw a wooden signboard; its text is lettered afterwards."""
    pen.shadow(0.2)
    pen.fill(block(-0.04, -0.6, 0.04, 0), paint=(lighter(colour, 0.05), darker(colour, 0.4)), volume=0.4)
    pen.fill(block(-0.6, -0.98, 0.6, -0.5, 0.03), paint=(lighter(colour, 0.2), darker(colour, 0.1)), volume=0.3)
    pen.fill(
        *[
            stroke(
                [
                    (-0.58, -0.93 + 0.07 * i),
                    (0, -0.93 + 0.07 * i + chance.uniform(-0.02, 0.02)),
                    (0.58, -0.93 + 0.07 * i),
                ],
                0.006,
            )
            for i in range(6)
        ],
        paint=darker(colour, 0.35),
        opacity=0.5,
    )


def snowman(pen: Pen, chance: random.Random, colour: Colour = (248, 250, 255)) -> None:
    """Draw a snowman."""
    del chance
    pen.shadow(0.34)
    for y, r in ((-0.24, 0.27), (-0.58, 0.2), (-0.84, 0.145)):
        pen.oval(0, y, r, paint=(lighter(colour, 0.3), darker(colour, 0.12)), volume=0.8)
    for side in (1, -1):
        pen.line([(0.17 * side, -0.6), (0.32 * side, -0.7), (0.42 * side, -0.82)], 0.022, 0.012, paint=(92, 68, 54))
        pen.oval(0.05 * side, -0.88, 0.018, paint=(40, 38, 46))
    pen.fill([(0, -0.855), (0.19, -0.815), (0, -0.815)], paint=((252, 160, 70), (226, 116, 40)))
    pen.fill(*[oval(0, y, 0.018, 0.018, steps=12) for y in (-0.66, -0.56, -0.46)], paint=(40, 38, 46))
    pen.line([(-0.15, -0.73), (0, -0.69), (0.15, -0.73)], 0.07, paint=((214, 64, 66), (170, 44, 54)), volume=0.4)
    pen.fill(block(0.05, -0.71, 0.12, -0.5, 0.01), paint=(196, 54, 60))
    pen.fill(
        block(-0.2, -0.97, 0.2, -0.935, 0.015),
        block(-0.12, -1.14, 0.12, -0.94, 0.015),
        paint=((70, 66, 80), (40, 38, 48)),
        volume=0.4,
    )
