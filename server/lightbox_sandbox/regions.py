"""Connected regions of a mask, found by the runs of its rows: quick without an array library."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from PIL import Image

Run = tuple[int, int, int]
"""A row with the first column that belongs to the run and the first that no longer does."""

_SET = re.compile(rb"\xff+")


@dataclass(slots=True)
class Region:
    """Pixels that hang together over their sides.

    Attributes:
        runs: All of them, row by row.
        area: How many pixels they are.
    """

    runs: list[Run] = field(default_factory=list[Run])
    area: int = 0

    @property
    def box(self) -> tuple[int, int, int, int]:
        """Left, top, right and bottom of the smallest box around the region, in px."""
        return (
            min(run[1] for run in self.runs),
            self.runs[0][0],
            max(run[2] for run in self.runs),
            self.runs[-1][0] + 1,
        )

    def meets(self, mask: bytes, width: int) -> bool:
        """Tell whether any pixel of the region is 255 in a mask of this width."""
        return any(mask.find(255, y * width + first, y * width + end) >= 0 for y, first, end in self.runs)


def regions(mask: Image.Image) -> list[Region]:
    """Give the connected regions of the pixels that are 255 in an `L` mask, from the top down."""
    runs: list[Run] = []
    parents: list[int] = []
    above: range = range(0)
    width, data = mask.width, mask.tobytes()
    for y in range(mask.height):
        begun = len(runs)
        runs += [(y, *found.span()) for found in _SET.finditer(data[y * width : (y + 1) * width])]
        here = range(begun, len(runs))
        parents += here
        _join(runs, parents, above, here)
        above = here
    found: dict[int, Region] = {}
    for place, run in enumerate(runs):
        region = found.setdefault(_root(parents, place), Region())
        region.runs.append(run)
        region.area += run[2] - run[1]
    return list(found.values())


def _join(runs: list[Run], parents: list[int], above: range, here: range) -> None:
    """Unite the runs of a row with those of the row above that they touch."""
    upper, lower = above.start, here.start
    while upper < above.stop and lower < here.stop:
        if runs[upper][1] < runs[lower][2] and runs[lower][1] < runs[upper][2]:
            first, second = _root(parents, upper), _root(parents, lower)
            parents[max(first, second)] = min(first, second)
        if runs[upper][2] < runs[lower][2]:
            upper += 1
        else:
            lower += 1


def _root(parents: list[int], place: int) -> int:
    while parents[place] != place:
        parents[place] = parents[parents[place]]
        place = parents[place]
    return place


def drawn(found: Iterable[Region], size: tuple[int, int]) -> Image.Image:
    """Give the mask of some regions."""
    width = size[0]
    data = bytearray(width * size[1])
    for region in found:
        for y, first, end in region.runs:
            data[y * width + first : y * width + end] = b"\xff" * (end - first)
    return Image.frombytes("L", size, bytes(data))
