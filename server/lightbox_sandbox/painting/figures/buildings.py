"""Buildings: houses, towers, temples, bridges."""

from __future__ import annotations

import math
import random

from lightbox_sandbox.painting.colour import darker, lighter, mix
from lightbox_sandbox.painting.pen import Pen
from lightbox_sandbox.painting.shapes import Outline, Point, block, oval, smooth, stroke
from lightbox_sandbox.pixels import Colour

LAMP: Colour = (255, 214, 130)


def _window(pen: Pen, left: float, top: float, right: float, bottom: float, corner: float = 0.0) -> None:
    glass: Colour = mix((120, 164, 196), LAMP, min(1.0, pen.mood.dark * 1.3))
    pen.fill(block(left - 0.008, top - 0.008, right + 0.008, bottom + 0.008, corner), paint=(250, 246, 238))
    pen.fill(block(left, top, right, bottom, corner), paint=(lighter(glass, 0.25), glass), lit=pen.mood.dark < 0.3)  # noqa: PLR2004 - lamps are lit from dusk on
    pen.fill(
        stroke([((left + right) / 2, top), ((left + right) / 2, bottom)], 0.008),
        stroke([(left, (top + bottom) / 2), (right, (top + bottom) / 2)], 0.008),
        paint=(250, 246, 238),
    )
    if pen.mood.dark > 0.4:  # noqa: PLR2004 - as above
        pen.glow((left + right) / 2, (top + bottom) / 2, 0.13, LAMP, 0.5)


def house(pen: Pen, chance: random.Random, colour: Colour = (236, 222, 198)) -> None:
    """Draw a cottage with a smoking chimney."""
    del chance
    roof: Colour = (172, 82, 66)
    pen.shadow(0.55)
    pen.fill(block(0.2, -0.88, 0.29, -0.6), paint=((164, 112, 96), (124, 80, 72)))
    for index in range(4):
        pen.oval(
            0.25 + index * 0.05,
            -0.94 - index * 0.07,
            0.035 + index * 0.014,
            paint=(238, 238, 242),
            opacity=0.5 - index * 0.09,
            blur=0.012,
        )
    pen.fill(block(-0.4, -0.46, 0.4, 0), paint=(lighter(colour, 0.12), darker(colour, 0.12)))
    pen.fill(
        [(-0.4, -0.46), (0.4, -0.46), (0.4, -0.4), (-0.4, -0.4)], paint=darker(colour, 0.35), opacity=0.5, blur=0.01
    )
    pen.fill(
        [(-0.5, -0.43), (-0.26, -0.82), (0.28, -0.82), (0.5, -0.43)], paint=(lighter(roof, 0.1), darker(roof, 0.25))
    )
    pen.fill(
        *[
            stroke([(-0.5 + 0.06 * r + 0.002, -0.43 - 0.0975 * r), (0.5 - 0.055 * r, -0.43 - 0.0975 * r)], 0.008)
            for r in range(4)
        ],
        paint=darker(roof, 0.4),
        opacity=0.5,
    )
    pen.fill(block(-0.08, -0.3, 0.08, 0, 0.03), paint=((120, 78, 54), (88, 54, 40)))
    pen.oval(0.05, -0.14, 0.012, paint=LAMP)
    for left in (-0.32, 0.17):
        _window(pen, left, -0.32, left + 0.15, -0.15)
    pen.fill(
        *[oval(x, -0.012, 0.05, 0.05, steps=18) for x in (-0.4, -0.34, -0.2, 0.16, 0.3, 0.39)],
        paint=((110, 156, 84), (66, 112, 62)),
    )


def castle(pen: Pen, chance: random.Random, colour: Colour = (176, 170, 178)) -> None:
    """Draw a castle with pointed towers and flags."""
    roof: Colour = (92, 96, 150)
    pen.shadow(0.56)
    for x, half, top, near in (
        (-0.18, 0.075, 0.68, 0),
        (0.2, 0.08, 0.74, 0),
        (0.0, 0.11, 0.8, 1),
        (-0.42, 0.085, 0.54, 1),
        (0.42, 0.085, 0.54, 1),
    ):
        tone = darker(colour, 0.16 if not near else 0.0)
        pen.fill(block(x - half, -top, x + half, 0), paint=(lighter(tone, 0.1), darker(tone, 0.22)), volume=0.5)
        pen.fill(
            [(x - half * 1.35, -top), (x, -top - half * 2.7), (x + half * 1.35, -top)],
            paint=(lighter(roof, 0.18), darker(roof, 0.25)),
            volume=0.5,
        )
        pen.line([(x, -top - half * 2.6), (x, -top - half * 3.3)], 0.008, paint=(70, 60, 60))
        pen.fill([(x, -top - half * 3.3), (x + 0.08, -top - half * 3.05), (x, -top - half * 2.85)], paint=(214, 76, 76))
        for y in (0.8, 0.55):
            _window(pen, x - 0.018, -top * y, x + 0.018, -top * y + 0.07, 0.014)
    wall = [*block(-0.42, -0.34, 0.42, 0)]
    pen.fill(
        wall,
        *[block(-0.42 + 0.07 * i, -0.38, -0.385 + 0.07 * i, -0.33) for i in range(13)],
        paint=(lighter(colour, 0.16), darker(colour, 0.22)),
    )
    pen.fill(
        smooth([(-0.1, 0.0), (-0.1, -0.16), (0, -0.25), (0.1, -0.16), (0.1, 0.0)], closed=False),
        paint=((88, 60, 48), (52, 36, 34)),
    )
    bricks: list[Outline] = []
    for _ in range(40):
        x, y = chance.uniform(-0.4, 0.36), chance.uniform(-0.32, -0.03)
        if abs(x) > 0.14:  # noqa: PLR2004 - not across the gate
            bricks.append(block(x, y, x + 0.04, y + 0.016))
    pen.fill(*bricks, paint=darker(colour, 0.3), opacity=0.35)


def lighthouse(pen: Pen, chance: random.Random, colour: Colour = (206, 66, 62)) -> None:
    """Draw a striped lighthouse; its light shines when it is dark."""
    pen.blob(
        [(-0.38, 0.05), (-0.3, -0.06), (-0.1, -0.11), (0.14, -0.1), (0.34, -0.04), (0.42, 0.06)],
        paint=((128, 122, 122), (72, 70, 80)),
        volume=0.5,
    )
    if pen.mood.dark > 0.2:  # noqa: PLR2004 - lamps are lit from dusk on
        for side in (1, -1):
            beam = [(0.03 * side, -0.865), (1.7 * side, -1.12), (1.7 * side, -0.7)]
            pen.fill(beam, paint=(255, 238, 190), opacity=0.26, blur=0.03, lit=False)
    for index in range(6):
        low, high = -0.08 - index * 0.117, -0.08 - (index + 1) * 0.117
        half, next_half = 0.13 - index * 0.0105, 0.13 - (index + 1) * 0.0105
        tone = colour if index % 2 == 0 else (248, 246, 242)
        pen.fill([(-half, low), (-next_half, high), (next_half, high), (half, low)], paint=tone)
    body = [(-0.13, -0.08), (-0.067, -0.782), (0.067, -0.782), (0.13, -0.08)]
    pen.fill(
        [(0.02, -0.08), (0.015, -0.782), (0.067, -0.782), (0.13, -0.08)], paint=(30, 30, 60), opacity=0.2, blur=0.02
    )
    pen.fill([body[0], body[1], (-0.035, -0.782), (-0.06, -0.08)], paint=(255, 255, 255), opacity=0.2, blur=0.015)
    pen.fill(block(-0.1, -0.8, 0.1, -0.775), paint=(64, 62, 72))
    pen.fill(block(-0.055, -0.9, 0.055, -0.8), paint=(lighter(LAMP, 0.5), LAMP), lit=False)
    pen.fill(
        stroke([(-0.02, -0.9), (-0.02, -0.8)], 0.008), stroke([(0.02, -0.9), (0.02, -0.8)], 0.008), paint=(64, 62, 72)
    )
    pen.blob(
        [(-0.075, -0.895), (-0.05, -0.95), (0, -0.985), (0.05, -0.95), (0.075, -0.895)],
        paint=(lighter(colour, 0.1), darker(colour, 0.3)),
        volume=0.5,
    )
    for y in (-0.25, -0.5):
        _window(pen, -0.015, y, 0.015, y + 0.06)
    pen.glow(0, -0.85, 0.4, LAMP, 0.25 + 0.5 * pen.mood.dark)
    del chance


def windmill(pen: Pen, chance: random.Random, colour: Colour = (236, 228, 214)) -> None:
    """Draw a windmill."""
    pen.shadow(0.3)
    pen.fill(
        [(-0.19, 0), (-0.11, -0.56), (0.11, -0.56), (0.19, 0)],
        paint=(lighter(colour, 0.1), darker(colour, 0.22)),
        volume=0.7,
    )
    pen.blob(
        [(-0.14, -0.54), (-0.09, -0.66), (0, -0.71), (0.09, -0.66), (0.14, -0.54)],
        paint=((164, 92, 70), (118, 62, 54)),
        volume=0.5,
    )
    pen.fill(block(-0.045, -0.15, 0.045, 0, 0.02), paint=(104, 70, 52))
    _window(pen, -0.03, -0.38, 0.03, -0.29)
    turn = chance.uniform(0.3, 0.7)
    for arm in range(4):
        a = turn + math.pi / 2 * arm
        cos, sin = math.cos(a), math.sin(a)

        def at(along: float, aside: float, c: float = cos, s: float = sin) -> tuple[float, float]:
            return (along * c - aside * s, -0.6 + along * s + aside * c)

        pen.fill([at(0.08, 0.0), at(0.42, 0.0), at(0.42, 0.1), at(0.08, 0.08)], paint=(252, 248, 238), opacity=0.85)
        pen.fill(
            stroke([at(0, 0), at(0.44, 0)], 0.018),
            *[stroke([at(0.08 + 0.085 * i, 0), at(0.08 + 0.085 * i, 0.085)], 0.006) for i in range(5)],
            paint=(112, 82, 62),
        )
    pen.oval(0, -0.6, 0.03, paint=(92, 66, 52), volume=0.5)


def pagoda(pen: Pen, chance: random.Random, colour: Colour = (190, 66, 54)) -> None:
    """Draw a pagoda of five roofs."""
    roof: Colour = (66, 84, 92)
    pen.shadow(0.42)
    pen.fill(block(-0.36, -0.05, 0.36, 0), paint=((190, 184, 176), (146, 140, 138)))
    for tier in range(5):
        half, base = 0.25 - tier * 0.034, -0.05 - tier * 0.172
        pen.fill(block(-half, base - 0.12, half, base), paint=(lighter(colour, 0.08), darker(colour, 0.3)))
        for index in range(3):
            x = (index - 1) * half * 0.62
            lit = pen.mood.dark > 0.3  # noqa: PLR2004 - lamps are lit from dusk on
            pen.fill(
                block(x - half * 0.17, base - 0.095, x + half * 0.17, base - 0.012),
                paint=LAMP if lit else (248, 226, 184),
                lit=not lit,
            )
        edge = half * 1.62
        pen.fill(
            smooth(
                [
                    (-edge, base - 0.125),
                    (-half * 1.05, base - 0.15),
                    (-half * 0.75, base - 0.205),
                    (half * 0.75, base - 0.205),
                    (half * 1.05, base - 0.15),
                    (edge, base - 0.125),
                    (half, base - 0.108),
                    (-half, base - 0.108),
                ]
            ),
            paint=(lighter(roof, 0.16), darker(roof, 0.3)),
        )
        if pen.mood.dark > 0.3:  # noqa: PLR2004 - as above
            pen.glow(0, base - 0.06, 0.26, LAMP, 0.25)
    pen.line([(0, -0.93), (0, -1.08)], 0.02, 0.006, paint=(206, 166, 80))
    del chance


def bridge(pen: Pen, chance: random.Random, colour: Colour = (206, 84, 60)) -> None:
    """Draw a suspension bridge."""
    del chance
    steel = (lighter(colour, 0.1), darker(colour, 0.25))
    cables: list[Outline] = []
    for x in (-0.7, 0.7):
        pen.fill(
            block(x - 0.045, -0.9, x - 0.012, 0.02),
            block(x + 0.012, -0.9, x + 0.045, 0.02),
            *[block(x - 0.045, y, x + 0.045, y + 0.03) for y in (-0.88, -0.68, -0.5, -0.12)],
            paint=steel,
        )
    for start, end, sag in ((-0.7, 0.7, 0.52), (-1.75, -0.7, 0.3), (0.7, 1.75, 0.3)):
        path: list[Point] = []
        for step in range(25):
            t = step / 24
            low = 4 * sag * t * (1 - t) if start == -0.7 else sag * (1 - t if end < 0 else t) * 1.9  # noqa: PLR2004 - the middle span
            path.append((start + (end - start) * t, min(-0.27, -0.88 + low)))
        cables.append(stroke(path, 0.016))
        cables += [stroke([point, (point[0], -0.26)], 0.006) for point in path[1:-1]]
    pen.fill(*cables, paint=colour)
    pen.fill(block(-1.8, -0.28, 1.8, -0.22), paint=(lighter(colour, 0.05), darker(colour, 0.45)))


def tower(pen: Pen, chance: random.Random, colour: Colour = (84, 70, 68)) -> None:
    """Draw a lattice tower."""
    del chance
    pen.shadow(0.34)
    curve = [(0.3 * (1 - t) ** 2.1 + 0.012, -t) for t in [i / 20 for i in range(21)]]
    for side in (1, -1):
        pen.line([(x * side, y) for x, y in curve], 0.05, 0.014, paint=(lighter(colour, 0.1), darker(colour, 0.2)))
    bars: list[Outline] = []
    for index in range(1, 19):
        x, y = curve[index]
        nx, ny = curve[index + 1]
        bars += [stroke([(-x, y), (nx, ny)], 0.011), stroke([(x, y), (-nx, ny)], 0.011)]
    decks = [block(-x * 1.2, y - 0.02, x * 1.2, y + 0.012) for x, y in (curve[5], curve[10])]
    pen.fill(
        *bars,
        *decks,
        smooth(
            [
                (-0.2, 0.0),
                (-0.1, -0.13),
                (0, -0.17),
                (0.1, -0.13),
                (0.2, 0.0),
                (0.16, -0.02),
                (0, -0.135),
                (-0.16, -0.02),
            ]
        ),
        paint=darker(colour, 0.12),
    )
    if pen.mood.dark > 0.4:  # noqa: PLR2004 - lamps are lit from dusk on
        pen.glow(0, -0.5, 0.55, LAMP, 0.4)
        pen.fill(
            *[oval(x * s, y, 0.007, 0.007, steps=8) for x, y in curve[::2] for s in (1, -1)],
            paint=(255, 240, 200),
            lit=False,
        )
