"""Likeness: a signature of a picture's shapes and colours, and how near two of them are.

A signature has three parts. *Shape* is 512 bits: whether each of 16 x 16 cells is lighter than its right and its lower
neighbour (a difference hash both ways), which brightness, contrast, scale and compression hardly touch. *Tint* is the
colour of 4 x 4 cells in steps, written as runs of ones, so that differing bits count differing steps. Both are
compared with one XOR and a bit count, which finds the nearest of ten thousand in milliseconds. *Grid* is 16 x 16
greys: the nearest are compared by correlation, in windows that forgive a crop. A mirrored picture is looked for as
itself.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import mul
from typing import Final

from PIL import Image, ImageOps

from .encoding import flatten
from .pixels import Box, resized

SHAPE_SIDE: Final = 16
TINT_SIDE: Final = 4
GRID_SIDE: Final = 16
FINE_SIDE: Final = 12
STEPS: Final = 12
GREY_CHROMA: Final = 5
"""Below this mean distance from grey (of 128) a picture counts as without colour."""

SKETCH: Final = 192
"""The longest side in px at which a picture shows all that its signature holds."""

ENOUGH: Final = 256
"""The longest side in px from which on a picture is made smaller before it is measured."""

SHORTLIST: Final = 48
TINT_WEIGHT: Final = 1.1
COPY: Final = 0.86
"""A correlation from which on two pictures count as the same."""


@dataclass(frozen=True, slots=True)
class Signature:
    """What is kept of a picture to find its like.

    Attributes:
        shape: 512 bits, as a number.
        tint: Runs of ones, as a number; 0 for a picture without colour.
        grid: 16 x 16 greys, row by row.
    """

    shape: int
    tint: int
    grid: bytes

    def to_bytes(self) -> bytes:
        """Pack the signature for the index."""
        return self.shape.to_bytes(64, "big") + self.tint.to_bytes(TINT_BYTES, "big") + self.grid

    @classmethod
    def from_bytes(cls, data: bytes) -> Signature:
        """Unpack what `to_bytes` packed."""
        middle = 64 + TINT_BYTES
        return cls(int.from_bytes(data[:64], "big"), int.from_bytes(data[64:middle], "big"), data[middle:])


TINT_BYTES: Final = TINT_SIDE * TINT_SIDE * 2 * STEPS // 8
SIGNATURE_BYTES: Final = 64 + TINT_BYTES + GRID_SIDE * GRID_SIDE


def signature(image: Image.Image) -> Signature:
    """Compute a picture's signature; transparent parts count as white."""
    small = image
    if max(image.size) > ENOUGH:
        small = image.copy() if image.mode != "P" else image.convert("RGBA")
        small.thumbnail((ENOUGH, ENOUGH), Image.Resampling.BOX)
    flat = resized(flatten(small), (64, 64), Image.Resampling.BOX)
    grey = ImageOps.autocontrast(flat.convert("L"), cutoff=1)
    grid = resized(grey, (GRID_SIDE, GRID_SIDE), Image.Resampling.BOX)
    return Signature(_shape(grey), _tint(flat), grid.tobytes())


def _shape(grid: Image.Image) -> int:
    side = SHAPE_SIDE
    wide = resized(grid, (side + 1, side), Image.Resampling.BILINEAR).tobytes()
    tall = resized(grid, (side, side + 1), Image.Resampling.BILINEAR).tobytes()
    bits = 0
    for row in range(side):
        for column in range(side):
            here, below = row * (side + 1) + column, row * side + column
            bits = (bits << 2) | ((wide[here] < wide[here + 1]) << 1) | (tall[below] < tall[below + side])
    return bits


def _tint(flat: Image.Image) -> int:
    _, blue, red = resized(flat, (TINT_SIDE, TINT_SIDE), Image.Resampling.BOX).convert("YCbCr").split()
    values = blue.tobytes() + red.tobytes()
    if sum(abs(value - 128) for value in values) < GREY_CHROMA * len(values):
        return 0
    bits = 0
    for value in values:
        # Colours crowd about the middle, so that is where the steps are narrow.
        away = math.copysign(math.sqrt(abs(value - 128) / 128), value - 128)
        ones = round((away + 1) / 2 * STEPS)
        bits = (bits << STEPS) | ((1 << ones) - 1)
    return bits


def mirrored(image: Image.Image) -> Image.Image:
    """Give a picture as a mirror shows it."""
    return image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)


class Looks:
    """How much pictures look like one.

    Args:
        query: The picture to compare with.
        shapes: The shape of every picture.
        tints: The tint of every picture, in the same order.
    """

    def __init__(self, query: Image.Image, shapes: Sequence[int], tints: Sequence[int]) -> None:
        self._faces = [signature(query), signature(mirrored(query))]
        self._shapes = shapes
        self._tints = tints

    def nearest(self, grids_of: Callable[[Sequence[int]], Sequence[bytes]]) -> list[tuple[float, int]]:
        """Give (likeness from 0 to 1, position) for the pictures nearest to the query, the nearest first.

        `grids_of` gives the grids of the pictures at some positions, in that order.
        """
        distances = [_coarse(face, self._shapes, self._tints) for face in self._faces]
        best = list(map(min, *distances))
        short = heapq.nsmallest(SHORTLIST, range(len(best)), key=best.__getitem__)
        views = [_views(face.grid) for face in self._faces]
        scored: list[tuple[float, int]] = []
        for position, grid in zip(short, grids_of(short), strict=True):
            others = _views(grid)
            same = max(_alike(view, others) for view in views)
            scored.append((max(0.0, same) * 0.8 + self.colours(position) * 0.2, position))
        return sorted(scored, key=lambda pair: (-pair[0], pair[1]))

    def colours(self, position: int) -> float:
        """Tell how much the colours of the picture at a position are like the query's, from 0 to 1."""
        tint = self._tints[position]
        if not self._faces[0].tint or not tint:
            return 0.5
        return 1 - min((face.tint ^ tint).bit_count() for face in self._faces) / (8 * TINT_BYTES)


def _coarse(face: Signature, shapes: Sequence[int], tints: Sequence[int]) -> list[float]:
    shape, tint = face.shape, face.tint
    if not tint:
        return [(other ^ shape).bit_count() for other in shapes]
    return [
        (other ^ shape).bit_count() + (TINT_WEIGHT * (other_tint ^ tint).bit_count() if other_tint else 0)
        for other, other_tint in zip(shapes, tints, strict=True)
    ]


View = tuple[bytes, int, float]
"""A grid's window as greys, their sum, and the square root of n times their squares less the sum's square."""


def _windows() -> list[Box]:
    boxes: list[Box] = [(0, 0, GRID_SIDE, GRID_SIDE)]
    for share in (0.96, 0.92, 0.87):
        side, room = GRID_SIDE * share, GRID_SIDE * (1 - share)
        places = (0.0, 0.5, 1.0) if share < 0.95 else (0.5,)  # noqa: PLR2004 - the widest needs no corners
        boxes += [(room * x, room * y, room * x + side, room * y + side) for x in places for y in places]
    return boxes


WINDOWS: Final = _windows()


def _views(grid: bytes) -> list[View]:
    picture = Image.frombytes("L", (GRID_SIDE, GRID_SIDE), grid)
    views: list[View] = []
    for box in WINDOWS:
        greys = resized(picture, (FINE_SIDE, FINE_SIDE), Image.Resampling.BILINEAR, box).tobytes()
        total = sum(greys)
        spread = math.sqrt(max(1, len(greys) * sum(map(mul, greys, greys)) - total * total))
        views.append((greys, total, spread))
    return views


def _alike(views: Sequence[View], others: Sequence[View]) -> float:
    """Correlate the whole of either picture with every window of the other; 1 is the same."""
    whole, other_whole = views[0], others[0]
    best = _correlation(whole, other_whole)
    if best < 0.3:  # noqa: PLR2004 - no crop brings these together
        return best
    return max(
        best,
        *(_correlation(whole, window) for window in others[1:]),
        *(_correlation(window, other_whole) for window in views[1:]),
    )


def _correlation(first: View, second: View) -> float:
    return (len(first[0]) * sum(map(mul, first[0], second[0])) - first[1] * second[1]) / (first[2] * second[2])
