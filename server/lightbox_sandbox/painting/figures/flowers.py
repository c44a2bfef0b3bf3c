"""Flowers, leaves and mushrooms."""

from __future__ import annotations

import math
import random

from lightbox_sandbox.painting.colour import darker, lighter
from lightbox_sandbox.painting.pen import Pen
from lightbox_sandbox.painting.shapes import drop, oval, stroke
from lightbox_sandbox.pixels import Colour


def flower(pen: Pen, chance: random.Random, colour: Colour = (232, 84, 110), kind: str = "flower") -> None:
    """Draw one flower on its stem: a daisy-like `flower`, `rose`, `tulip`, `sunflower` or `lotus`."""
    del chance
    green = (78, 134, 70)
    if kind != "lotus":
        pen.line(
            [(0, 0), (0.03, -0.3), (0, -0.66)],
            0.035,
            0.024,
            paint=(lighter(green, 0.1), darker(green, 0.25)),
            volume=0.4,
        )
        for side in (1, -1):
            pen.blob(
                [(0.02 * side, -0.14), (0.17 * side, -0.3), (0.3 * side, -0.36), (0.2 * side, -0.18)],
                paint=(lighter(green, 0.15), darker(green, 0.2)),
                volume=0.3,
            )
    {"rose": _rose, "tulip": _tulip, "lotus": _lotus}.get(kind, _daisy)(pen, colour, kind)


def _daisy(pen: Pen, colour: Colour, kind: str) -> None:
    sunny = kind == "sunflower"
    heart: Colour = (104, 64, 38) if sunny else (250, 204, 84)
    count = 20 if sunny else 12
    for ring, (reach, shade) in enumerate(((0.31, 0.22), (0.27, 0.0))):
        for index in range(count):
            angle = 2 * math.pi * (index + ring * 0.5) / count
            x, y = math.cos(angle), math.sin(angle)
            pen.oval(
                x * reach * 0.58,
                -0.7 + y * reach * 0.58,
                reach * 0.44,
                0.062 if sunny else 0.085,
                paint=(lighter(colour, 0.2 - shade), darker(colour, shade)),
                turn=angle,
            )
    pen.oval(0, -0.7, 0.13 if sunny else 0.095, paint=(lighter(heart, 0.15), darker(heart, 0.2)), volume=0.7)
    seeds = [
        oval(
            0.011 * math.sqrt(i) * math.cos(i * 2.4),
            -0.7 + 0.011 * math.sqrt(i) * math.sin(i * 2.4),
            0.007,
            0.007,
            steps=8,
        )
        for i in range(90 if sunny else 40)
    ]
    pen.fill(*seeds, paint=lighter(heart, 0.28), opacity=0.7)


def _rose(pen: Pen, colour: Colour, kind: str) -> None:
    del kind
    for index in range(15):
        reach = 0.21 * (1 - index / 16)
        angle = index * 2.4
        share = index / 14
        pen.oval(
            reach * 0.5 * math.cos(angle), -0.72 + reach * 0.42 * math.sin(angle), reach * 0.86, reach * 0.74,
            paint=(lighter(colour, 0.22 * (1 - share)), darker(colour, 0.16 + 0.3 * share)), turn=angle, volume=0.55,
        )  # fmt: skip
    pen.line([(0.03, -0.72), (0, -0.75), (-0.03, -0.71), (0.01, -0.69)], 0.012, paint=darker(colour, 0.55))


def _tulip(pen: Pen, colour: Colour, kind: str) -> None:
    del kind
    pen.blob(
        [(-0.15, -0.68), (-0.17, -0.98), (-0.06, -0.88), (0, -0.66)],
        paint=(lighter(colour, 0.08), darker(colour, 0.3)),
        volume=0.5,
    )
    pen.blob(
        [(0.15, -0.68), (0.17, -0.98), (0.06, -0.88), (0, -0.66)],
        paint=(lighter(colour, 0.08), darker(colour, 0.3)),
        volume=0.5,
    )
    pen.blob(
        [(0, -0.6), (-0.14, -0.7), (-0.08, -0.9), (0, -1.0), (0.08, -0.9), (0.14, -0.7)],
        paint=(lighter(colour, 0.3), darker(colour, 0.08)),
        volume=0.6,
    )


def _lotus(pen: Pen, colour: Colour, kind: str) -> None:
    del kind
    pen.oval(0, -0.06, 0.5, 0.085, paint=((96, 160, 96), (50, 108, 74)), volume=0.3)
    for spread, tone in ((0.42, 0.12), (0.3, 0.0), (0.17, -0.15), (0.0, -0.25)):
        for side in (1, -1) if spread else (1,):
            tip = (spread * side, -0.56 + 0.42 * spread)
            base = 0.3 * spread * side
            paint = (darker(colour, 0.1) if tone > 0 else lighter(colour, 0.1 - tone), lighter(colour, 0.55))
            pen.blob(
                [
                    (base, -0.08),
                    (base + 0.42 * spread * side - 0.11, -0.28),
                    tip,
                    (base + 0.42 * spread * side + 0.09, -0.26),
                ],
                paint=paint,
                volume=0.35,
            )


def bouquet(pen: Pen, chance: random.Random, colour: Colour | None = None) -> None:
    """Draw flowers in a vase."""
    tones: tuple[Colour, ...] = ((236, 100, 120), (250, 190, 90), (240, 240, 246), (170, 120, 210), (250, 150, 160))
    for index in range(7):
        x = -0.27 + 0.09 * index
        stem = pen.moved(x * 0.25, -0.3, 0.62 + 0.12 * math.sin(index * 1.9))
        top = (x * 2.2, -0.66)
        stem.line([(0, 0), (top[0] * 0.5, -0.4), top], 0.03, paint=(74, 126, 72))
        head = pen.moved(x * 0.25 + top[0] * stem.scale / pen.scale, -0.3 + 0.02, stem.scale / pen.scale * 0.85)
        _daisy(head, colour or tones[index % 5], "flower")
    glass: Colour = (120, 170, 196)
    pen.blob(
        [(-0.1, -0.38), (-0.17, -0.16), (-0.11, 0), (0.11, 0), (0.17, -0.16), (0.1, -0.38)],
        paint=(lighter(glass, 0.3), darker(glass, 0.2)),
        volume=0.8,
    )
    del chance


def leaf(pen: Pen, chance: random.Random, colour: Colour = (112, 160, 70)) -> None:
    """Draw one large leaf with its veins."""
    del chance
    pen.fill(drop(0, -0.1, 0.75, 0.9), paint=(lighter(colour, 0.2), darker(colour, 0.25)), volume=0.5)
    veins = [
        stroke([(0, -0.2 - 0.1 * i), (side * (0.23 - 0.015 * abs(i - 2) * 2), -0.34 - 0.1 * i)], 0.012, 0.003)
        for i in range(6)
        for side in (1, -1)
    ]
    pen.fill(stroke([(0, 0), (0, -0.95)], 0.03, 0.006), *veins, paint=lighter(colour, 0.45), opacity=0.8)


def mushroom(pen: Pen, chance: random.Random, colour: Colour = (206, 60, 52)) -> None:
    """Draw a toadstool."""
    pen.shadow(0.3)
    pen.blob(
        [(-0.1, 0), (-0.08, -0.3), (-0.09, -0.55), (0.09, -0.55), (0.08, -0.3), (0.11, 0)],
        paint=((250, 240, 222), (214, 196, 170)),
        volume=0.6,
    )
    pen.blob(
        [(-0.42, -0.45), (-0.36, -0.72), (-0.12, -0.95), (0.12, -0.95), (0.36, -0.72), (0.42, -0.45), (0, -0.4)],
        paint=(lighter(colour, 0.15), darker(colour, 0.2)),
        volume=0.9,
    )
    for x, y, r in (
        (-0.2, -0.7, 0.06),
        (0.05, -0.82, 0.07),
        (0.24, -0.62, 0.055),
        (-0.04, -0.58, 0.05),
        (-0.31, -0.54, 0.035),
    ):
        pen.oval(x, y, r, r * 0.8, paint=(255, 248, 240), volume=0.3, turn=chance.random())
