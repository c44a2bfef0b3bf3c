"""People, standing, walking, running, dancing and sitting, alone and in groups."""

from __future__ import annotations

import random
from typing import Final

from lightbox_sandbox.painting.colour import darker, lighter, mix
from lightbox_sandbox.painting.outlines import Point, smooth
from lightbox_sandbox.painting.pen import Pen
from lightbox_sandbox.painting.shapes import draw
from lightbox_sandbox.pixels import Colour

Limb = tuple[list[Point], float, float]


POSES: Final[dict[str, tuple[Point, list[Limb]]]] = {
    "stand": (
        (0.0, -0.92),
        [
            ([(-0.05, -0.5), (-0.06, -0.25), (-0.06, 0.0)], 0.1, 0.06),
            ([(0.05, -0.5), (0.06, -0.25), (0.07, 0.0)], 0.1, 0.06),
            ([(-0.1, -0.78), (-0.14, -0.6), (-0.13, -0.44)], 0.065, 0.04),
            ([(0.1, -0.78), (0.14, -0.6), (0.13, -0.44)], 0.065, 0.04),
        ],
    ),
    "walk": (
        (0.02, -0.92),
        [
            ([(-0.02, -0.5), (-0.08, -0.26), (-0.19, -0.02)], 0.1, 0.055),
            ([(0.03, -0.5), (0.12, -0.27), (0.13, 0.0)], 0.1, 0.055),
            ([(-0.06, -0.78), (-0.15, -0.62), (-0.13, -0.46)], 0.06, 0.04),
            ([(0.07, -0.78), (0.15, -0.64), (0.24, -0.54)], 0.06, 0.04),
        ],
    ),
    "run": (
        (0.1, -0.9),
        [
            ([(-0.02, -0.5), (-0.16, -0.36), (-0.36, -0.3)], 0.11, 0.055),
            ([(0.03, -0.5), (0.2, -0.4), (0.17, -0.12), (0.24, -0.05)], 0.11, 0.05),
            ([(0.02, -0.77), (-0.16, -0.68), (-0.2, -0.52)], 0.06, 0.04),
            ([(0.1, -0.77), (0.22, -0.62), (0.36, -0.7)], 0.06, 0.04),
        ],
    ),
    "dance": (
        (0.04, -0.93),
        [
            ([(0.0, -0.5), (0.02, -0.25), (0.0, 0.0)], 0.1, 0.05),
            ([(0.03, -0.5), (0.24, -0.44), (0.4, -0.3)], 0.1, 0.045),
            ([(-0.06, -0.79), (-0.2, -0.9), (-0.3, -1.06)], 0.055, 0.035),
            ([(0.1, -0.79), (0.24, -0.84), (0.36, -0.98)], 0.055, 0.035),
        ],
    ),
    "sit": (
        (0.0, -0.62),
        [
            ([(0.0, -0.14), (0.24, -0.2), (0.32, 0.0)], 0.12, 0.06),
            ([(-0.02, -0.1), (0.2, -0.08), (0.36, -0.01)], 0.12, 0.06),
            ([(-0.06, -0.46), (-0.14, -0.26), (-0.18, -0.04)], 0.06, 0.04),
            ([(0.06, -0.46), (0.16, -0.3), (0.24, -0.2)], 0.06, 0.04),
        ],
    ),
}


def person(
    pen: Pen, chance: random.Random, colour: Colour | None = None, pose: str = "stand", *, hat: bool = False
) -> None:
    """Draw a person of `POSES`; dark against the light, or dressed in a colour."""
    skin = darker(mix((214, 160, 126), (110, 74, 56), chance.random()), 0.1)
    dress = colour or chance.choice(((52, 62, 92), (92, 54, 62), (48, 78, 78), (72, 60, 84)))
    head, limbs = POSES[pose]
    down = 0.32 if pose == "sit" else 0.0
    pen.shadow(0.2 if pose != "sit" else 0.32)
    trousers = darker(dress, 0.45)
    for index, (path, start, end) in enumerate(limbs):
        tone = trousers if index < 2 else darker(dress, 0.12 if index == 3 else 0.28)  # noqa: PLR2004 - legs come first
        pen.line(path, start, end, paint=(lighter(tone, 0.06), darker(tone, 0.15)), volume=0.45)
        x, y = path[-1]
        if index < 2:  # noqa: PLR2004 - legs come first
            pen.blob(
                [
                    (x - 0.045, y - 0.03),
                    (x + 0.03, y - 0.035),
                    (x + 0.09, y - 0.005),
                    (x + 0.085, y + 0.012),
                    (x - 0.045, y + 0.012),
                ],
                paint=(40, 34, 40),
            )
        else:
            pen.oval(x, y, 0.026, paint=skin)
    x = head[0]
    torso = smooth(
        [
            (x * 0.8 - 0.115, -0.78 + down),
            (x * 0.8, -0.815 + down),
            (x * 0.8 + 0.115, -0.78 + down),
            (x * 0.3 + 0.1, -0.6 + down),
            (0.105, -0.46 + down),
            (-0.105, -0.46 + down),
            (x * 0.3 - 0.1, -0.6 + down),
        ]
    )
    pen.fill(torso, paint=(lighter(dress, 0.14), darker(dress, 0.12)), volume=0.7)
    pen.line([(x * 0.9, -0.83 + down), (x, -0.76 + down)], 0.06, paint=skin)
    pen.oval(x, head[1], 0.072, 0.085, paint=(lighter(skin, 0.1), darker(skin, 0.15)), volume=0.5)
    hair: Colour = chance.choice(((44, 34, 32), (84, 56, 38), (30, 28, 36), (146, 102, 60)))
    pen.blob(
        [
            (x - 0.08, head[1] + 0.02),
            (x - 0.085, head[1] - 0.06),
            (x - 0.02, head[1] - 0.105),
            (x + 0.06, head[1] - 0.085),
            (x + 0.078, head[1] - 0.03),
            (x + 0.03, head[1] - 0.045),
            (x - 0.04, head[1] - 0.03),
        ],
        paint=(lighter(hair, 0.12), hair),
        volume=0.3,
    )
    if hat:
        draw("hat", pen.moved(x, head[1] - 0.07, 0.32), chance)


def crowd(pen: Pen, chance: random.Random, colour: Colour | None = None, *, count: int = 3) -> None:
    """Draw several people side by side."""
    for index in range(count):
        person(
            pen.moved(
                (index - (count - 1) / 2) * 0.42,
                chance.uniform(-0.02, 0.02),
                chance.uniform(0.86, 1.02),
                flip=bool(chance.randrange(2)),
            ),
            chance,
            colour,
        )


def under_umbrella(pen: Pen, chance: random.Random, colour: Colour | None = None) -> None:
    """Draw a person who walks under an umbrella of a colour."""
    person(pen.moved(-0.04, 0, 0.78), chance, None, "walk")
    draw("umbrella", pen.moved(0.1, -0.4, 0.66), chance, colour)
