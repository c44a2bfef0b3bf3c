"""Animals seen from the side: what grazes, flies, swims."""
# ruff: noqa: E501 - outlines are read as drawings, a shape a line

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from typing import Final, Literal

from lightbox.sandbox.pixels import Colour

from .colour import darker, lighter, mix
from .pen import Pen
from .shapes import Point, oval, smooth, stroke

DARK: Final[Colour] = (34, 28, 34)


@dataclass(frozen=True, slots=True)
class Build:
    """What tells one grazing animal from another; lengths in the animal's height.

    Attributes:
        colour: The coat.
        back: How high the back stands.
        length: From chest to rump.
        depth: How thick the trunk is.
        neck: How high the head stands over the back.
        leg: How thick the legs are.
        head: How long the head is.
        extra: Horns, antlers, mane, trunk, wool or patches.
    """

    colour: Colour
    back: float
    length: float
    depth: float
    neck: float
    leg: float
    head: float
    extra: Literal["none", "antlers", "mane", "trunk", "wool", "patches", "giraffe", "zebra", "hump"] = "none"


BUILDS: Final[dict[str, Build]] = {
    "deer": Build((168, 112, 68), 0.56, 0.46, 0.2, 0.26, 0.05, 0.15, "antlers"),
    "horse": Build((126, 76, 48), 0.66, 0.56, 0.24, 0.24, 0.07, 0.21, "mane"),
    "cow": Build((244, 240, 234), 0.72, 0.72, 0.34, 0.06, 0.085, 0.21, "patches"),
    "sheep": Build((244, 238, 228), 0.74, 0.6, 0.4, 0.06, 0.07, 0.17, "wool"),
    "elephant": Build((142, 144, 156), 0.84, 0.74, 0.46, 0.0, 0.16, 0.26, "trunk"),
    "giraffe": Build((230, 180, 104), 0.5, 0.34, 0.17, 0.44, 0.045, 0.12, "giraffe"),
    "zebra": Build((244, 242, 238), 0.66, 0.56, 0.24, 0.22, 0.065, 0.19, "zebra"),
    "camel": Build((204, 164, 112), 0.66, 0.52, 0.22, 0.24, 0.055, 0.16, "hump"),
}


def standing(pen: Pen, chance: random.Random, kind: str, colour: Colour | None = None) -> None:
    """Draw an animal of `BUILDS` that stands, seen from the side."""
    build = BUILDS[kind]
    coat = colour or build.colour
    half, belly = build.length / 2, -build.back + build.depth
    pen.shadow(half * 1.15)
    _legs(pen, build, darker(coat, 0.32), near=False)
    _rump_tail(pen, build, coat)
    trunk: list[Point] = [
        (-half, -build.back + 0.05), (-half * 0.6, -build.back), (0, -build.back + 0.02), (half * 0.7, -build.back - 0.01),
        (half, -build.back + build.depth * 0.4), (half * 0.75, belly), (0, belly + 0.015), (-half * 0.7, belly - 0.03), (-half * 1.02, -build.back + build.depth * 0.5),
    ]  # fmt: skip
    if build.extra == "hump":
        trunk[1:4] = [(-half * 0.5, -build.back), (-0.02, -build.back - 0.16), (half * 0.5, -build.back)]
    pen.blob(trunk, paint=(lighter(coat, 0.12), darker(coat, 0.25)), volume=0.8)
    _legs(pen, build, coat, near=True)
    _neck_and_head(pen, build, coat)
    _extras(pen, build, chance, coat, belly)


def _legs(pen: Pen, build: Build, coat: Colour, *, near: bool) -> None:
    half, top = build.length / 2, -build.back + build.depth * 0.62
    shift = 0.0 if near else 0.07
    for x, bend in ((-half * 0.82 + shift, -0.035), (half * 0.72 - shift, 0.012)):
        path = [(x, top), (x + bend, top * 0.5), (x + 0.005, -0.02)]
        pen.line(path, build.leg * 1.7, build.leg * 0.8, paint=(coat, darker(coat, 0.25)), volume=0.5)
        pen.fill(
            [
                (x - build.leg * 0.42, -0.04),
                (x + build.leg * 0.5, -0.04),
                (x + build.leg * 0.68, 0.0),
                (x - build.leg * 0.45, 0.0),
            ],
            paint=(52, 42, 42),
        )


def _rump_tail(pen: Pen, build: Build, coat: Colour) -> None:
    half = build.length / 2
    tuft = darker(coat, 0.5)
    if build.extra == "mane":
        pen.blob(
            [
                (-half + 0.02, -build.back + 0.03),
                (-half - 0.09, -build.back + 0.12),
                (-half - 0.1, -build.back + 0.36),
                (-half - 0.03, -build.back + 0.3),
            ],
            paint=(tuft, darker(tuft, 0.3)),
            volume=0.3,
        )
    else:
        pen.line(
            [(-half, -build.back + 0.08), (-half - 0.05, -build.back + 0.16), (-half - 0.04, -build.back + 0.28)],
            0.025,
            0.012,
            paint=coat,
        )


def _neck_and_head(pen: Pen, build: Build, coat: Colour) -> None:
    half = build.length / 2
    x, y = half + build.neck * 0.42, -build.back - build.neck
    if build.neck:
        pen.blob(
            [
                (half * 0.45, -build.back + 0.02),
                (x - 0.05, y + 0.02),
                (x + 0.04, y + 0.02),
                (half * 1.02, -build.back + build.depth * 0.55),
            ],
            paint=(lighter(coat, 0.08), darker(coat, 0.15)),
            volume=0.6,
        )
    if build.extra == "mane":
        tone = darker(coat, 0.55)
        pen.blob(
            [
                (half * 0.45, -build.back),
                (x - 0.1, y + 0.06),
                (x - 0.03, y - 0.05),
                (x, y + 0.03),
                (half * 0.7, -build.back + 0.04),
            ],
            paint=(lighter(tone, 0.1), tone),
            volume=0.3,
        )
    h = build.head
    if build.extra == "trunk":
        _elephant_head(pen, build, coat)
        return
    pen.blob(
        [
            (x - h * 0.36, y - 0.02),
            (x - 0.02, y - h * 0.34),
            (x + h * 0.42, y - h * 0.1),
            (x + h * 0.92, y + h * 0.34),
            (x + h * 0.82, y + h * 0.6),
            (x + h * 0.3, y + h * 0.42),
            (x - h * 0.2, y + h * 0.38),
        ],
        paint=(lighter(coat, 0.1), darker(coat, 0.12)),
        volume=0.65,
    )
    pen.oval(x + h * 0.82, y + h * 0.45, h * 0.15, h * 0.14, paint=darker(coat, 0.4))
    pen.oval(x + h * 0.22, y - h * 0.02, h * 0.075, h * 0.085, paint=DARK)
    pen.oval(x + h * 0.24, y - h * 0.05, h * 0.025, paint=(255, 255, 255))
    pen.blob(
        [(x - h * 0.2, y - h * 0.22), (x - h * 0.34, y - h * 0.72), (x + h * 0.06, y - h * 0.3)],
        paint=(darker(coat, 0.1), coat),
        volume=0.3,
    )


def _elephant_head(pen: Pen, build: Build, coat: Colour) -> None:
    x, y = build.length / 2, -build.back + 0.13
    pen.blob(
        [
            (x - 0.14, y - 0.08),
            (x, y - 0.15),
            (x + 0.15, y - 0.08),
            (x + 0.18, y + 0.06),
            (x + 0.08, y + 0.17),
            (x - 0.08, y + 0.16),
        ],
        paint=(lighter(coat, 0.1), darker(coat, 0.1)),
        volume=0.7,
    )
    pen.line(
        [(x + 0.12, y + 0.04), (x + 0.21, y + 0.24), (x + 0.19, y + 0.48), (x + 0.27, y + 0.58)],
        0.13,
        0.045,
        paint=(coat, darker(coat, 0.2)),
        volume=0.7,
    )
    pen.line(
        [(x + 0.1, y + 0.15), (x + 0.18, y + 0.25), (x + 0.28, y + 0.22)],
        0.035,
        0.012,
        paint=(250, 244, 226),
        volume=0.5,
    )
    pen.blob(
        [(x - 0.05, y - 0.11), (x - 0.22, y - 0.14), (x - 0.28, y + 0.06), (x - 0.18, y + 0.24), (x - 0.04, y + 0.14)],
        paint=(lighter(coat, 0.06), darker(coat, 0.28)),
        volume=0.6,
    )
    pen.oval(x + 0.08, y - 0.02, 0.016, paint=DARK)


def _extras(pen: Pen, build: Build, chance: random.Random, coat: Colour, belly: float) -> None:
    half = build.length / 2
    x, y = half + build.neck * 0.42, -build.back - build.neck
    if build.extra == "antlers":
        for lean, tone in ((0.07, darker(coat, 0.5)), (0.0, (150, 116, 82))):
            pen.line(
                [(x - 0.02 + lean * 0.4, y - 0.04), (x - 0.1 + lean, y - 0.14), (x - 0.05 + lean, y - 0.24)],
                0.022,
                0.008,
                paint=tone,
            )
            for sx, sy, tx, ty in ((-0.075, -0.1, 0.0, -0.16), (-0.1, -0.15, -0.16, -0.21), (-0.08, -0.19, 0.0, -0.23)):
                pen.line([(x + sx + lean, y + sy), (x + tx + lean, y + ty)], 0.015, 0.005, paint=tone)
        pen.fill(
            *[
                oval(
                    chance.uniform(-half * 0.7, half * 0.4),
                    -build.back + chance.uniform(0.03, 0.09),
                    0.011,
                    0.009,
                    steps=10,
                )
                for _ in range(14)
            ],
            paint=lighter(coat, 0.55),
            opacity=0.8,
        )
    elif build.extra == "wool":
        curls = [
            oval(
                half * 0.98 * math.cos(a * 0.5),
                -build.back + build.depth * 0.42 + build.depth * 0.48 * math.sin(a * 0.5),
                0.095,
                0.09,
                steps=18,
            )
            for a in range(13)
        ]
        pen.fill(
            *curls,
            oval(0, -build.back + build.depth * 0.42, half * 0.95, build.depth * 0.5),
            paint=(lighter(coat, 0.3), darker(coat, 0.18)),
            volume=0.55,
        )
        pen.fill(
            *[
                stroke([(cx, cy), (cx + 0.03, cy - 0.02), (cx + 0.05, cy + 0.01)], 0.01)
                for cx in (-0.2, -0.08, 0.04, 0.15)
                for cy in (-0.66, -0.56, -0.46)
            ],
            paint=darker(coat, 0.16),
            opacity=0.6,
        )
    elif build.extra == "patches":
        pen.blob(
            [
                (-0.22, -build.back + 0.01),
                (-0.02, -build.back + 0.03),
                (0.0, belly - 0.16),
                (-0.12, belly - 0.12),
                (-0.24, belly - 0.2),
            ],
            paint=(60, 48, 48),
            volume=0.3,
        )
        pen.blob(
            [(0.16, -build.back + 0.02), (0.3, -build.back + 0.05), (0.28, belly - 0.1), (0.18, belly - 0.16)],
            paint=(60, 48, 48),
            volume=0.3,
        )
    elif build.extra == "giraffe":
        spots = [
            (chance.uniform(-half * 0.8, half * 0.8), -build.back + chance.uniform(0.02, build.depth * 0.8))
            for _ in range(16)
        ]
        spots += [
            (half * 0.75 + 0.2 * t, -build.back - 0.42 * t + chance.uniform(-0.02, 0.02))
            for t in (0.0, 0.15, 0.3, 0.45, 0.6, 0.75, 0.9)
        ]
        pen.fill(
            *[oval(sx, sy, 0.022, 0.026, chance.random() * 3, 7) for sx, sy in spots],
            paint=darker(coat, 0.48),
            opacity=0.85,
        )
    elif build.extra == "zebra":
        stripes = [
            stroke(
                [
                    (-half * 0.9 + i * half * 0.21, -build.back + 0.025),
                    (-half * 0.86 + i * half * 0.21, -build.back + build.depth * 0.5),
                    (-half * 0.9 + i * half * 0.21, belly - 0.02),
                ],
                0.03,
                0.006,
            )
            for i in range(9)
        ]
        stripes += [
            stroke(
                [
                    (half * 0.6 + 0.1 * t, -build.back - 0.17 * t + 0.0),
                    (half + 0.06 + 0.1 * t, -build.back - 0.15 * t + 0.06),
                ],
                0.022,
                0.008,
            )
            for t in (0.0, 0.3, 0.6, 0.9)
        ]
        pen.fill(*stripes, paint=DARK, opacity=0.9)


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


def fish(pen: Pen, chance: random.Random, colour: Colour = (248, 136, 56)) -> None:
    """Draw a reef fish with white bands."""
    del chance
    fin = darker(colour, 0.12)
    pen.blob([(-0.3, -0.5), (-0.6, -0.78), (-0.52, -0.5), (-0.6, -0.22)], paint=(lighter(fin, 0.25), fin), volume=0.3)
    pen.blob([(-0.16, -0.7), (0.02, -0.92), (0.22, -0.72)], paint=(lighter(fin, 0.25), fin), volume=0.3)
    pen.blob([(-0.06, -0.28), (0.02, -0.12), (0.14, -0.3)], paint=(fin, darker(fin, 0.2)))
    body = smooth(
        [
            (-0.36, -0.5),
            (-0.12, -0.71),
            (0.16, -0.74),
            (0.42, -0.6),
            (0.5, -0.47),
            (0.38, -0.33),
            (0.12, -0.24),
            (-0.14, -0.3),
        ]
    )
    pen.fill(body, paint=(lighter(colour, 0.1), darker(colour, 0.12)), volume=0.8)
    for x, half in ((0.22, 0.235), (-0.1, 0.2)):
        pen.blob(
            [
                (x - 0.03, -0.49 - half),
                (x + 0.06, -0.49 - half * 0.97),
                (x + 0.07, -0.49),
                (x + 0.05, -0.49 + half),
                (x - 0.03, -0.49 + half),
                (x + 0.01, -0.49),
            ],
            paint=((255, 252, 246), (226, 232, 240)),
            volume=0.25,
        )
    pen.blob([(0.08, -0.5), (-0.06, -0.42), (-0.06, -0.32), (0.08, -0.4)], paint=(lighter(fin, 0.2), fin), volume=0.3)
    pen.oval(0.37, -0.53, 0.05, paint=(255, 255, 255))
    pen.oval(0.38, -0.53, 0.032, paint=DARK)
    pen.oval(0.39, -0.545, 0.011, paint=(255, 255, 255))


def whale(pen: Pen, chance: random.Random, colour: Colour = (72, 104, 150)) -> None:
    """Draw a whale."""
    del chance
    pen.blob(
        [(-0.5, -0.5), (-0.72, -0.82), (-0.58, -0.74), (-0.5, -0.86), (-0.4, -0.56)],
        paint=(lighter(colour, 0.1), colour),
        volume=0.3,
    )
    pen.blob(
        [
            (-0.56, -0.58),
            (-0.3, -0.56),
            (0.0, -0.72),
            (0.36, -0.7),
            (0.6, -0.5),
            (0.56, -0.3),
            (0.2, -0.16),
            (-0.16, -0.22),
            (-0.42, -0.4),
        ],
        paint=(lighter(colour, 0.1), darker(colour, 0.15)),
        volume=0.8,
    )
    pen.blob(
        [(0.6, -0.42), (0.54, -0.28), (0.2, -0.16), (-0.12, -0.22), (0.14, -0.3), (0.38, -0.42)],
        paint=(lighter(colour, 0.65), lighter(colour, 0.4)),
        volume=0.3,
    )
    for shift in range(5):
        pen.line(
            [(0.52 - 0.09 * shift, -0.38 + 0.03 * shift), (0.4 - 0.1 * shift, -0.25 + 0.01 * shift)],
            0.008,
            paint=colour,
            opacity=0.6,
        )
    pen.blob(
        [(0.14, -0.24), (0.02, -0.02), (-0.08, -0.02), (0.0, -0.24)], paint=(colour, darker(colour, 0.3)), volume=0.4
    )
    pen.oval(0.42, -0.47, 0.018, paint=DARK)
    pen.oval(0.424, -0.476, 0.006, paint=(255, 255, 255))


def turtle(pen: Pen, chance: random.Random, colour: Colour = (84, 138, 92)) -> None:
    """Draw a swimming turtle."""
    del chance
    skin = mix(colour, (196, 196, 130), 0.5)
    for outline in (
        [(0.18, -0.4), (0.4, -0.06), (0.3, -0.04), (0.06, -0.32)],
        [(0.2, -0.6), (0.36, -0.94), (0.26, -0.92), (0.08, -0.66)],
        [(-0.28, -0.42), (-0.5, -0.22), (-0.42, -0.2), (-0.2, -0.34)],
        [(-0.28, -0.6), (-0.48, -0.8), (-0.4, -0.82), (-0.2, -0.64)],
    ):
        pen.blob(outline, paint=(lighter(skin, 0.1), darker(skin, 0.2)), volume=0.5)
    pen.oval(0.47, -0.52, 0.12, 0.09, paint=(lighter(skin, 0.15), darker(skin, 0.1)), volume=0.6)
    pen.oval(0.52, -0.55, 0.018, paint=DARK)
    pen.oval(0, -0.5, 0.36, 0.28, paint=(lighter(colour, 0.1), darker(colour, 0.25)), volume=0.9)
    for x, y in ((-0.18, -0.52), (0, -0.5), (0.18, -0.5), (-0.09, -0.63), (0.1, -0.63), (-0.09, -0.38), (0.1, -0.38)):
        pen.oval(x, y, 0.078, 0.062, paint=(lighter(colour, 0.3), colour), volume=0.4)


def butterfly(pen: Pen, chance: random.Random, colour: Colour = (246, 146, 52)) -> None:
    """Draw a butterfly with its wings open."""
    del chance
    for grow, paint in ((1.0, ((60, 42, 48), (36, 28, 36))), (0.86, (lighter(colour, 0.2), darker(colour, 0.15)))):
        for line in (
            [(0.02, -0.5), (0.14, -0.86), (0.42, -0.98), (0.5, -0.8), (0.36, -0.54)],
            [(0.02, -0.46), (0.3, -0.5), (0.4, -0.3), (0.28, -0.08), (0.12, -0.16)],
        ):
            cx, cy = sum(x for x, _ in line) / len(line), sum(y for _, y in line) / len(line)
            pen.pair([(cx + (x - cx) * grow, cy + (y - cy) * grow) for x, y in line], paint, volume=0.3)
    for side in (1, -1):
        pen.fill(
            *[
                stroke([(0.03 * side, -0.5), (tx * side, ty)], 0.008, 0.014)
                for tx, ty in ((0.24, -0.88), (0.38, -0.84), (0.4, -0.68), (0.3, -0.36), (0.2, -0.2))
            ],
            paint=(52, 38, 44),
            opacity=0.8,
        )
        pen.fill(
            *[
                oval(x * side, y, 0.016, 0.016, steps=12)
                for x, y in ((0.4, -0.92), (0.455, -0.84), (0.35, -0.17), (0.28, -0.115))
            ],
            paint=(255, 250, 240),
        )
        pen.line([(0.01 * side, -0.74), (0.06 * side, -0.86), (0.12 * side, -0.93)], 0.01, 0.006, paint=DARK)
    pen.blob(
        [(0, -0.78), (0.03, -0.7), (0.026, -0.4), (0, -0.24), (-0.026, -0.4), (-0.03, -0.7)],
        paint=((84, 64, 60), (44, 34, 38)),
        volume=0.5,
    )


def bee(pen: Pen, chance: random.Random, colour: Colour = (250, 196, 60)) -> None:
    """Draw a bee in flight."""
    del chance
    for tip in ((0.02, -0.94), (0.22, -0.9)):
        pen.blob(
            [(0.0, -0.6), (tip[0] - 0.12, tip[1] + 0.06), tip, (tip[0] + 0.06, tip[1] + 0.14), (0.06, -0.58)],
            paint=(226, 240, 255),
            opacity=0.72,
        )
    pen.blob(
        [(-0.42, -0.4), (-0.2, -0.6), (0.12, -0.62), (0.22, -0.44), (0.12, -0.26), (-0.2, -0.26)],
        paint=(lighter(colour, 0.15), darker(colour, 0.15)),
        volume=0.8,
    )
    for x, half in ((-0.26, 0.11), (-0.12, 0.155), (0.02, 0.17)):
        pen.line([(x, -0.44 - half), (x - 0.03, -0.44), (x, -0.44 + half)], 0.065, paint=(56, 42, 40))
    pen.oval(0.26, -0.46, 0.13, paint=(70, 54, 48), volume=0.7)
    pen.oval(0.31, -0.49, 0.032, paint=(255, 255, 255))
    pen.oval(0.318, -0.49, 0.018, paint=DARK)
    for tip in ((0.36, -0.72), (0.44, -0.66)):
        pen.line([(0.3, -0.56), (tip[0] - 0.04, tip[1] + 0.02), tip], 0.015, 0.01, paint=DARK)
