"""Outlines: smooth curves through points, ovals, ridges, strokes. All are lists of points."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

Point = tuple[float, float]
Outline = list[Point]


@lru_cache(maxsize=16)
def _weights(steps: int) -> tuple[tuple[float, float, float, float], ...]:
    """Give the Catmull-Rom weights of four neighbouring points at each step between the middle two."""
    shares = [step / steps for step in range(steps)]
    return tuple(
        (
            (-t + 2 * t * t - t**3) / 2,
            (2 - 5 * t * t + 3 * t**3) / 2,
            (t + 4 * t * t - 3 * t**3) / 2,
            (t**3 - t * t) / 2,
        )
        for t in shares
    )


def smooth(points: Sequence[Point], *, closed: bool = True, steps: int = 9) -> Outline:
    """Run a Catmull-Rom curve through points, which gives what is alive its roundness."""
    ends = (points[-1], points[0], points[1]) if closed else (points[0], points[-1], points[-1])
    path = [ends[0], *points, ends[1], ends[2]]
    weights = _weights(steps)
    curve: Outline = []
    for index in range(len(points) if closed else len(points) - 1):
        (ax, ay), (bx, by), (cx, cy), (dx, dy) = path[index : index + 4]
        curve += [(a * ax + b * bx + c * cx + d * dx, a * ay + b * by + c * cy + d * dy) for a, b, c, d in weights]
    if not closed:
        curve.append(points[-1])
    return curve


@lru_cache(maxsize=64)
def _circle(steps: int) -> tuple[Point, ...]:
    angles = [2 * math.pi * step / steps for step in range(steps)]
    return tuple((math.cos(angle), math.sin(angle)) for angle in angles)


def oval(x: float, y: float, rx: float, ry: float, turn: float = 0.0, steps: int = 48) -> Outline:
    """Give an ellipse about a point, turned by `turn` radians."""
    if not turn:
        return [(x + rx * u, y + ry * v) for u, v in _circle(steps)]
    a, b, c, d = rx * math.cos(turn), -ry * math.sin(turn), rx * math.sin(turn), ry * math.cos(turn)
    return [(x + a * u + b * v, y + c * u + d * v) for u, v in _circle(steps)]


def sector(x: float, y: float, radius: float, start: float, end: float, inner: float = 0.0) -> Outline:
    """Give a slice of a disc or ring between two angles in radians, clockwise from the right."""
    steps = max(3, round(abs(end - start) * 20))
    angles = [start + (end - start) * step / steps for step in range(steps + 1)]
    outer = [(x + radius * math.cos(a), y + radius * math.sin(a)) for a in angles]
    if not inner:
        return [(x, y), *outer]
    return outer + [(x + inner * math.cos(a), y + inner * math.sin(a)) for a in reversed(angles)]


def star(
    x: float, y: float, radius: float, points: int = 5, inner: float = 0.42, turn: float = -math.pi / 2
) -> Outline:
    """Give a star, or with other `inner` a spiky or soft polygon."""
    outline: Outline = []
    for step in range(points * 2):
        angle, reach = turn + math.pi * step / points, radius * (inner if step % 2 else 1)
        outline.append((x + reach * math.cos(angle), y + reach * math.sin(angle)))
    return outline


def block(left: float, top: float, right: float, bottom: float, corner: float = 0.0) -> Outline:
    """Give a rectangle; with `corner` a rounded one."""
    if not corner:
        return [(left, top), (right, top), (right, bottom), (left, bottom)]
    outline: Outline = []
    for x, y, start in (
        (right - corner, top + corner, -math.pi / 2),
        (right - corner, bottom - corner, 0.0),
        (left + corner, bottom - corner, math.pi / 2),
        (left + corner, top + corner, math.pi),
    ):
        outline += [
            (x + corner * math.cos(start + math.pi / 2 * s / 8), y + corner * math.sin(start + math.pi / 2 * s / 8))
            for s in range(9)
        ]
    return outline


def stroke(points: Sequence[Point], start: float, end: float | None = None, *, curved: bool = True) -> Outline:
    """Give a line its body: `start` wide where it begins, `end` wide where it ends."""
    path = smooth(points, closed=False) if curved and len(points) > 2 else list(points)  # noqa: PLR2004 - two points are straight
    end = start if end is None else end
    left: Outline = []
    right: Outline = []
    last = len(path) - 1
    for index, (x, y) in enumerate(path):
        before, after = path[max(0, index - 1)], path[min(last, index + 1)]
        dx, dy = after[0] - before[0], after[1] - before[1]
        length = math.hypot(dx, dy) or 1.0
        half = (start + (end - start) * index / last) / 2
        left.append((x - dy / length * half, y + dx / length * half))
        right.append((x + dy / length * half, y - dx / length * half))
    return left + right[::-1]


def ridge(chance: random.Random, rough: float, levels: int = 7) -> list[float]:
    """Give heights about 0, evenly spaced, by midpoint displacement; `rough` is 0.35 for hills, 0.6 for peaks."""
    heights = [chance.uniform(-0.5, 0.5), chance.uniform(-0.5, 0.5)]
    spread = 1.0
    for _ in range(levels):
        spread *= rough
        finer: list[float] = []
        for a, b in pairwise(heights):
            finer += [a, (a + b) / 2 + chance.uniform(-spread, spread)]
        heights = [*finer, heights[-1]]
    return heights


def across(heights: Sequence[float], base: float, height: float, bottom: float) -> Outline:
    """Lay heights across the picture (x from 0 to 1) and close them at `bottom`."""
    last = len(heights) - 1
    top = [(-0.02 + 1.04 * i / last, base - h * height) for i, h in enumerate(heights)]
    return [*top, (1.02, bottom), (-0.02, bottom)]


def drop(x: float, y: float, width: float, height: float) -> Outline:
    """Give a drop or leaf that stands on (x, y) with its tip up."""
    return smooth(
        [
            (x, y),
            (x - width * 0.42, y - height * 0.25),
            (x - width * 0.3, y - height * 0.62),
            (x, y - height),
            (x + width * 0.3, y - height * 0.62),
            (x + width * 0.42, y - height * 0.25),
        ]
    )
