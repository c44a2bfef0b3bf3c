"""Animals that graze, seen from the side: one drawing, many breeds."""

from __future__ import annotations

import random

from lightbox_sandbox.painting.colour import DARK, darker, lighter
from lightbox_sandbox.painting.pen import Pen
from lightbox_sandbox.painting.shapes import Point
from lightbox_sandbox.pixels import Colour

from .breeds import BREEDS, Breed
from .coats import dress


def animal(pen: Pen, chance: random.Random, kind: str, colour: Colour | None = None) -> None:
    """Draw an animal of `BREEDS` that stands, seen from the side."""
    breed = BREEDS[kind]
    coat = colour or breed.colour
    half, back, belly = breed.length / 2, -breed.back, breed.belly
    pen.shadow(half * 1.15)
    _legs(pen, breed, darker(coat, 0.32), near=False)
    _rump_tail(pen, breed, coat)
    trunk: list[Point] = [
        (-half, back + 0.05),
        (-half * 0.6, back),
        (0, back + 0.02),
        (half * 0.7, back - 0.01),
        (half, back + breed.depth * 0.4),
        (half * 0.75, belly),
        (0, belly + 0.015),
        (-half * 0.7, belly - 0.03),
        (-half * 1.02, back + breed.depth * 0.5),
    ]
    if breed.extra == "hump":
        trunk[1:4] = [(-half * 0.5, back), (-0.02, back - 0.16), (half * 0.5, back)]
    pen.blob(trunk, paint=(lighter(coat, 0.12), darker(coat, 0.25)), volume=0.8)
    _legs(pen, breed, coat, near=True)
    _neck_and_head(pen, breed, coat)
    dress(pen, breed, chance, coat)


def _legs(pen: Pen, breed: Breed, coat: Colour, *, near: bool) -> None:
    half, top = breed.length / 2, -breed.back + breed.depth * 0.62
    shift = 0.0 if near else 0.07
    for x, bend in ((-half * 0.82 + shift, -0.035), (half * 0.72 - shift, 0.012)):
        path = [(x, top), (x + bend, top * 0.5), (x + 0.005, -0.02)]
        pen.line(path, breed.leg * 1.7, breed.leg * 0.8, paint=(coat, darker(coat, 0.25)), volume=0.5)
        pen.fill(
            [
                (x - breed.leg * 0.42, -0.04),
                (x + breed.leg * 0.5, -0.04),
                (x + breed.leg * 0.68, 0.0),
                (x - breed.leg * 0.45, 0.0),
            ],
            paint=(52, 42, 42),
        )


def _rump_tail(pen: Pen, breed: Breed, coat: Colour) -> None:
    half = breed.length / 2
    tuft = darker(coat, 0.5)
    if breed.extra == "mane":
        pen.blob(
            [
                (-half + 0.02, -breed.back + 0.03),
                (-half - 0.09, -breed.back + 0.12),
                (-half - 0.1, -breed.back + 0.36),
                (-half - 0.03, -breed.back + 0.3),
            ],
            paint=(tuft, darker(tuft, 0.3)),
            volume=0.3,
        )
    else:
        pen.line(
            [(-half, -breed.back + 0.08), (-half - 0.05, -breed.back + 0.16), (-half - 0.04, -breed.back + 0.28)],
            0.025,
            0.012,
            paint=coat,
        )


def _neck_and_head(pen: Pen, breed: Breed, coat: Colour) -> None:
    half = breed.length / 2
    x, y = half + breed.neck * 0.42, -breed.back - breed.neck
    if breed.neck:
        pen.blob(
            [
                (half * 0.45, -breed.back + 0.02),
                (x - 0.05, y + 0.02),
                (x + 0.04, y + 0.02),
                (half * 1.02, -breed.back + breed.depth * 0.55),
            ],
            paint=(lighter(coat, 0.08), darker(coat, 0.15)),
            volume=0.6,
        )
    if breed.extra == "mane":
        tone = darker(coat, 0.55)
        pen.blob(
            [
                (half * 0.45, -breed.back),
                (x - 0.1, y + 0.06),
                (x - 0.03, y - 0.05),
                (x, y + 0.03),
                (half * 0.7, -breed.back + 0.04),
            ],
            paint=(lighter(tone, 0.1), tone),
            volume=0.3,
        )
    h = breed.head
    if breed.extra == "trunk":
        _elephant_head(pen, breed, coat)
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


def _elephant_head(pen: Pen, breed: Breed, coat: Colour) -> None:
    x, y = breed.length / 2, -breed.back + 0.13
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
