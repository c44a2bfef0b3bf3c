"""Animals that sit and look at you: one build, many coats."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from typing import Final, Literal

from lightbox_sandbox.painting.colour import DARK, darker, lighter
from lightbox_sandbox.painting.pen import Pen
from lightbox_sandbox.painting.shapes import Point
from lightbox_sandbox.pixels import Colour


@dataclass(frozen=True, slots=True)
class Coat:
    """What tells one sitting animal from another.

    Attributes:
        colour: The fur.
        chest: The fur of chest, muzzle and cheeks.
        ears: Their form.
        tail: Its form.
        muzzle: How far it stands out, from 0 to 1.
        cheeks: How far the cheek fur stands out.
        socks: The colour of the paws, where it differs.
        marks: Stripes, patches or a mane.
        eye: The iris.
    """

    colour: Colour
    chest: Colour
    ears: Literal["pointed", "round", "floppy", "long"] = "pointed"
    tail: Literal["bushy", "slim", "short"] = "bushy"
    muzzle: float = 0.5
    cheeks: float = 0.0
    socks: Colour | None = None
    marks: Literal["none", "tiger", "panda", "mane", "raccoon", "tabby", "koala"] = "none"
    eye: Colour = (92, 58, 30)


COATS: Final[dict[str, Coat]] = {
    "fox": Coat((222, 104, 42), (252, 242, 230), muzzle=0.7, cheeks=1.0, socks=(58, 38, 36), eye=(176, 112, 30)),
    "cat": Coat(
        (212, 150, 92), (250, 240, 228), tail="slim", muzzle=0.25, cheeks=0.25, marks="tabby", eye=(120, 168, 72)
    ),
    "kitten": Coat(
        (170, 170, 178), (244, 244, 246), tail="slim", muzzle=0.2, cheeks=0.2, marks="tabby", eye=(84, 150, 196)
    ),
    "dog": Coat((196, 142, 84), (248, 236, 216), ears="floppy", tail="slim", muzzle=0.75),
    "wolf": Coat((132, 138, 152), (234, 236, 240), muzzle=0.75, cheeks=0.8, eye=(204, 156, 48)),
    "bear": Coat((122, 82, 54), (186, 142, 100), ears="round", tail="short", muzzle=0.6),
    "polar bear": Coat((240, 240, 236), (255, 253, 248), ears="round", tail="short", muzzle=0.6),
    "panda": Coat(
        (246, 244, 240), (250, 248, 246), ears="round", tail="short", muzzle=0.45, socks=(40, 38, 44), marks="panda"
    ),
    "rabbit": Coat((214, 198, 182), (252, 246, 240), ears="long", tail="short", muzzle=0.2),
    "tiger": Coat(
        (236, 148, 52),
        (254, 244, 228),
        ears="round",
        tail="slim",
        muzzle=0.6,
        cheeks=0.4,
        marks="tiger",
        eye=(176, 158, 48),
    ),
    "lion": Coat(
        (220, 168, 92), (246, 226, 186), ears="round", tail="slim", muzzle=0.65, marks="mane", eye=(168, 112, 36)
    ),
    "raccoon": Coat((134, 132, 136), (226, 224, 222), ears="round", muzzle=0.5, cheeks=0.6, marks="raccoon"),
    "mouse": Coat((166, 158, 158), (240, 226, 222), ears="round", tail="slim", muzzle=0.35),
    "koala": Coat((150, 154, 164), (232, 232, 236), ears="round", tail="short", muzzle=0.2, marks="koala"),
    "squirrel": Coat((178, 96, 50), (248, 230, 206), muzzle=0.35),
}


def animal(pen: Pen, chance: random.Random, kind: str, colour: Colour | None = None) -> None:
    """Draw an animal of `COATS` that sits, seen from the front; `colour` dyes its fur."""
    del chance
    coat = COATS[kind]
    fur = colour or coat.colour
    pen.shadow(0.36)
    _tail(pen, coat, fur)
    _body(pen, coat, fur)
    head = pen.moved(0, -0.64)
    if coat.marks == "mane":
        _mane(head, darker(fur, 0.35))
    _ears(head, coat, fur)
    _head(head, coat, fur)
    _marks(head, coat, fur)
    _face(head, coat, fur)


def _tail(pen: Pen, coat: Coat, fur: Colour) -> None:
    if coat.tail == "bushy":
        path: list[Point] = [(0.1, -0.07), (0.34, -0.06), (0.47, -0.22), (0.42, -0.46), (0.47, -0.6)]
        pen.blob(
            [
                (0.12, 0.0),
                (0.36, 0.0),
                (0.53, -0.16),
                (0.53, -0.38),
                (0.49, -0.62),
                (0.42, -0.52),
                (0.35, -0.36),
                (0.33, -0.2),
                (0.2, -0.14),
            ],
            paint=(lighter(fur, 0.12), darker(fur, 0.15)),
            volume=0.7,
        )
        pen.blob(
            [(0.49, -0.63), (0.545, -0.46), (0.5, -0.42), (0.46, -0.45), (0.42, -0.41), (0.4, -0.47)],
            paint=coat.chest,
            volume=0.4,
        )
        if coat.marks == "raccoon":
            for x, y in path[2:4]:
                pen.oval(x, y, 0.1, 0.035, paint=DARK, opacity=0.7)
    elif coat.tail == "slim":
        pen.line(
            [(0.12, -0.05), (0.36, -0.03), (0.42, -0.2), (0.36, -0.36)],
            0.07,
            0.05,
            paint=(fur, darker(fur, 0.2)),
            volume=0.6,
        )


def _body(pen: Pen, coat: Coat, fur: Colour) -> None:
    socks = coat.socks or lighter(fur, 0.08)
    pen.pair(
        [(0.1, -0.02), (0.27, -0.01), (0.29, -0.16), (0.2, -0.3), (0.08, -0.2)], (fur, darker(fur, 0.22)), volume=0.6
    )
    pen.blob(
        [
            (-0.2, -0.04),
            (-0.21, -0.26),
            (-0.15, -0.5),
            (0, -0.58),
            (0.15, -0.5),
            (0.21, -0.26),
            (0.2, -0.04),
            (0, -0.01),
        ],
        paint=(lighter(fur, 0.06), darker(fur, 0.18)),
        volume=0.75,
    )
    if coat.marks == "panda":
        pen.blob(
            [(-0.17, -0.36), (-0.15, -0.5), (0, -0.56), (0.15, -0.5), (0.17, -0.36), (0, -0.33)],
            paint=(58, 54, 62),
            volume=0.4,
        )
    else:
        pen.blob(
            [(-0.11, -0.2), (-0.13, -0.4), (-0.08, -0.54), (0.08, -0.54), (0.13, -0.4), (0.11, -0.2), (0, -0.12)],
            paint=(coat.chest, darker(coat.chest, 0.1)),
            volume=0.25,
        )
    if coat.marks == "tiger":
        for y in (-0.16, -0.26, -0.36):
            pen.pair([(0.21, y), (0.12, y + 0.015), (0.21, y - 0.03)], (50, 34, 34), curved=False)
    for side in (1, -1):
        pen.line(
            [(0.075 * side, -0.4), (0.085 * side, -0.18), (0.08 * side, -0.03)],
            0.11,
            0.085,
            paint=(lighter(fur, 0.1) if coat.marks != "panda" else socks, socks),
            volume=0.55,
        )
    pen.pair(
        [(0.03, 0.0), (0.03, -0.05), (0.085, -0.07), (0.14, -0.045), (0.14, 0.0)],
        (lighter(socks, 0.1), darker(socks, 0.1)),
        volume=0.5,
    )
    pen.pair(
        [(0.17, 0.005), (0.17, -0.04), (0.225, -0.06), (0.29, -0.04), (0.29, 0.005)],
        (socks, darker(socks, 0.15)),
        volume=0.5,
    )


def _mane(head: Pen, fur: Colour) -> None:
    for grow, tone in ((1.12, darker(fur, 0.15)), (0.98, fur)):
        points: list[Point] = []
        for index in range(22):
            reach = (0.36 if index % 2 else 0.31) * grow
            x, y = math.cos(index * math.pi / 11), math.sin(index * math.pi / 11)
            points.append((x * reach, -0.08 + y * reach * 0.95))
        head.blob(points, paint=(lighter(tone, 0.12), darker(tone, 0.15)), volume=0.5)


def _ears(head: Pen, coat: Coat, fur: Colour) -> None:
    inner: Colour = (238, 188, 178)
    ear = (58, 54, 62) if coat.marks == "panda" else fur
    if coat.ears == "pointed":
        head.pair([(0.05, -0.22), (0.17, -0.43), (0.205, -0.4), (0.225, -0.12)], (darker(ear, 0.3), ear), volume=0.4)
        head.pair([(0.09, -0.22), (0.17, -0.37), (0.195, -0.16)], (inner, lighter(inner, 0.3)))
    elif coat.ears == "round":
        size = 1.6 if coat.marks == "koala" else 1.0
        for side in (1, -1):
            head.oval(
                0.17 * side * size**0.3, -0.26, 0.085 * size, paint=(lighter(ear, 0.1), darker(ear, 0.2)), volume=0.5
            )
            if coat.marks != "panda":
                head.oval(0.17 * side * size**0.3, -0.25, 0.05 * size, paint=inner, opacity=0.8)
    elif coat.ears == "long":
        head.pair(
            [(0.03, -0.2), (0.05, -0.46), (0.11, -0.56), (0.16, -0.46), (0.14, -0.2)],
            (lighter(ear, 0.1), darker(ear, 0.1)),
            volume=0.5,
        )
        head.pair([(0.065, -0.2), (0.08, -0.42), (0.11, -0.49), (0.13, -0.42), (0.115, -0.2)], inner)


def _head(head: Pen, coat: Coat, fur: Colour) -> None:
    c = coat.cheeks
    head.blob(
        [
            (0, -0.29),
            (0.13, -0.265),
            (0.205, -0.15),
            (0.215 + 0.06 * c, -0.02 + 0.01 * c),
            (0.12, 0.07),
            (0, 0.1),
            (-0.12, 0.07),
            (-0.215 - 0.06 * c, -0.02 + 0.01 * c),
            (-0.205, -0.15),
            (-0.13, -0.265),
        ],
        paint=(lighter(fur, 0.12), darker(fur, 0.06)),
        volume=0.7,
    )
    if c:
        head.pair(
            [(0.02, 0.07), (0.05, -0.03), (0.13, -0.07), (0.2 + 0.06 * c, -0.02), (0.13, 0.055)],
            (coat.chest, darker(coat.chest, 0.06)),
            volume=0.2,
        )
    if coat.ears == "floppy":
        head.pair(
            [(0.1, -0.27), (0.23, -0.24), (0.29, -0.08), (0.25, 0.06), (0.19, 0.02), (0.16, -0.13)],
            (darker(fur, 0.22), darker(fur, 0.4)),
            volume=0.5,
        )


def _marks(head: Pen, coat: Coat, fur: Colour) -> None:
    dark: Colour = (50, 36, 36)
    if coat.marks == "tiger":
        for y, reach in ((-0.2, 0.11), (-0.12, 0.12), (-0.03, 0.12)):
            head.pair([(0.225, y), (0.225 - reach, y + 0.02), (0.22, y - 0.04)], dark, curved=False)
        for x in (-0.05, 0.0, 0.05):
            head.line([(x, -0.285), (x * 0.6, -0.2)], 0.026, 0.006, paint=dark)
    elif coat.marks == "tabby":
        for x in (-0.055, 0.0, 0.055):
            head.line([(x, -0.28), (x * 0.7, -0.205)], 0.024, 0.008, paint=darker(fur, 0.38))
        for y in (-0.1, -0.05):
            head.pair([(0.215, y), (0.13, y + 0.01), (0.215, y - 0.022)], darker(fur, 0.34), curved=False)
    elif coat.marks == "panda":
        head.pair(
            [(0.045, -0.05), (0.06, -0.14), (0.11, -0.155), (0.15, -0.08), (0.12, -0.01), (0.07, -0.005)], (52, 48, 56)
        )
    elif coat.marks == "raccoon":
        head.pair([(0.02, -0.09), (0.09, -0.14), (0.22, -0.07), (0.2, 0.0), (0.1, -0.03)], (56, 52, 58))


def _face(head: Pen, coat: Coat, fur: Colour) -> None:
    m = coat.muzzle
    pale = coat.chest if coat.marks != "koala" else fur
    head.blob(
        [
            (0, -0.08 - 0.05 * m),
            (0.06 + 0.04 * m, -0.02),
            (0.07 + 0.035 * m, 0.045),
            (0, 0.095),
            (-0.07 - 0.035 * m, 0.045),
            (-0.06 - 0.04 * m, -0.02),
        ],
        paint=(lighter(pale, 0.2), darker(pale, 0.05)),
        volume=0.35,
    )
    for side in (1, -1):
        x, y = 0.094 * side, -0.085
        head.oval(x, y, 0.036, 0.042, paint=DARK)
        head.oval(x, y, 0.029, 0.035, paint=(darker(coat.eye, 0.35), lighter(coat.eye, 0.2)))
        head.oval(x, y, 0.016, 0.026, paint=DARK)
        head.oval(x + 0.011, y - 0.016, 0.01, paint=(255, 255, 255))
        head.oval(x - 0.01, y + 0.014, 0.005, paint=(255, 255, 255), opacity=0.7)
    big = 1.7 if coat.marks == "koala" else 1.0
    head.blob(
        [
            (-0.036, -0.008 - 0.03 * (big - 1)),
            (0.036, -0.008 - 0.03 * (big - 1)),
            (0.024 * big, 0.02 * big),
            (0, 0.032 * big),
            (-0.024 * big, 0.02 * big),
        ],
        paint=(54, 42, 46),
        volume=0.6,
    )
    head.line([(0, 0.03), (0, 0.05)], 0.007, paint=DARK)
    for side in (1, -1):
        head.line([(0, 0.05), (0.03 * side, 0.062), (0.055 * side, 0.048)], 0.007, 0.004, paint=DARK)
        if coat.tail != "short" or coat.ears == "long":
            for tilt in (-0.02, 0.005, 0.03):
                head.line(
                    [(0.08 * side, 0.03 + tilt * 0.4), (0.25 * side, 0.02 + tilt * 1.6)],
                    0.004,
                    0.001,
                    paint=(250, 250, 250),
                    opacity=0.75,
                )
