"""How many tokens a picture takes when a model looks at it, and how small it may be sent for that."""

from __future__ import annotations

import math
from decimal import Decimal

from lightbox.costs.catalogue.rows import VisionRow
from lightbox.costs.money import Span
from lightbox.vocabulary import Detail

PATCH = 32
"""Side of a patch, px."""
TILE = 512
"""Side of a tile, px."""

Size = tuple[int, int]

_QWEN_MOST = 2_621_440
_QWEN_LEAST = 65_536
_LOW_SIDE = 512
_LOW_LEAST = 85
_UNKNOWN_LARGE = (3840, 2160)
_UNKNOWN_USUAL = (1024, 768)


def patch_count(width: int, height: int) -> int:
    """Count the patches of 32 px that cover a picture.

    Source: OpenAI guide "Images and vision", calculating costs.
    """
    return math.ceil(width / PATCH) * math.ceil(height / PATCH)


def patch_size(width: int, height: int, budget: int | None, max_side: int | None = None) -> Size:
    """Give the size in px to which a picture is resized so that `budget` patches cover it.

    Source: OpenAI guide "Images and vision": s = sqrt(32² · budget / (w·h)), then s times the smaller of
    floor(w·s/32) / (w·s/32) and floor(h·s/32) / (h·s/32), then whole px. A picture that is so long that its short
    side falls below a patch, of which the guide says nothing, keeps one patch there.
    """
    if max_side is not None and max(width, height) > max_side:
        width, height = _fitted(width, height, max_side)
    if budget is None or patch_count(width, height) <= budget:
        return width, height
    scale = math.sqrt(PATCH**2 * budget / (width * height))
    across, down = width * scale / PATCH, height * scale / PATCH
    if min(across, down) < 1:
        scale = min(1, PATCH * budget / max(width, height))
        return max(1, min(int(width * scale), PATCH * budget)), max(1, min(int(height * scale), PATCH * budget))
    scale *= min(math.floor(across) / across, math.floor(down) / down)
    return round(width * scale), round(height * scale)


def tile_size(width: int, height: int, shortest: int = 768) -> Size:
    """Give the size in px to which a picture is resized before it is cut into tiles; it is never enlarged.

    Source: OpenAI guide "Images and vision": it is fitted into 2048 by 2048, then its shortest side into 768
    (512 for gpt-image-1). Sides are rounded up, which changes no count of tiles.
    """
    long, short = max(width, height), min(width, height)
    # The scale as a fraction, so that a side that comes out at a whole number of tiles stays there.
    top, bottom = min((1, 1), (2048, long), (shortest, short), key=lambda part: part[0] / part[1])
    return -(-width * top // bottom), -(-height * top // bottom)


def tile_tokens(width: int, height: int, base: int, tile: int, shortest: int = 768) -> int:
    """Count the tokens of a picture that is cut into tiles of 512 px.

    Source: OpenAI guide "Images and vision": base + tile · ceil(w/512) · ceil(h/512) of the resized picture.
    """
    across, down = tile_size(width, height, shortest)
    return base + tile * -(-across // TILE) * -(-down // TILE)


def qwen_size(width: int, height: int) -> Size:
    """Give the size in px at which Qwen looks at a picture: multiples of 32, 65,536 to 2,621,440 px in all.

    Source: Model Studio, visual understanding, counting of Qwen3-VL (`round` is half to even).
    """
    across, down = round(width / PATCH) * PATCH, round(height / PATCH) * PATCH
    if across * down > _QWEN_MOST:
        scale = math.sqrt(width * height / _QWEN_MOST)
        return math.floor(width / scale / PATCH) * PATCH, math.floor(height / scale / PATCH) * PATCH
    if across * down < _QWEN_LEAST:
        scale = math.sqrt(_QWEN_LEAST / (width * height))
        return math.ceil(width * scale / PATCH) * PATCH, math.ceil(height * scale / PATCH) * PATCH
    return across, down


def qwen_tokens(width: int, height: int) -> int:
    """Count the tokens of a picture that Qwen looks at: one per 32 by 32 px, and two around them.

    Source: Model Studio, visual understanding, counting of Qwen3-VL.
    """
    across, down = qwen_size(width, height)
    return across * down // PATCH**2 + 2


def picture_tokens(row: VisionRow, width: int | None, height: int | None, detail: Detail | None = None) -> Span:
    """Count the tokens of a picture, as its model counts; a picture of unknown size gives a range."""
    if width is None or height is None:
        return _of_unknown_size(row, detail)
    match row.method:
        case "qwen":
            return Span.exactly(qwen_tokens(width, height))
        case "tiles" if detail == "low":
            return Span.exactly(row.base or 0)
        case "tiles":
            return Span.exactly(tile_tokens(width, height, row.base or 0, row.tile or 0))
        case "patches" if detail == "low":
            return _low_patches(row, width, height)
        case "patches":
            return Span.exactly(_multiplied(row, patch_count(*patch_size(width, height, *_budget(row, detail)))))


def seen_size(row: VisionRow | None, width: int, height: int, detail: Detail | None = None) -> Size:
    """Give the size in px to which a picture can be shrunk without its model seeing less; never larger than it is.

    Where the model's way is unknown, or the service does not say how small `detail: low` makes a picture of patches,
    that is the size which `detail: high` would show, or the picture's own.
    """
    if row is None:
        return width, height
    match row.method:
        case "qwen":
            seen = qwen_size(width, height) if width * height > _QWEN_MOST else (width, height)
        case "tiles" if detail == "low":
            seen = _fitted(width, height, _LOW_SIDE) if max(width, height) > _LOW_SIDE else (width, height)
        case "tiles":
            seen = tile_size(width, height)
        case "patches":
            seen = patch_size(width, height, *_budget(row, "high" if detail == "low" else detail))
    if min(seen) < 1 or seen[0] > width or seen[1] > height:
        return width, height
    return seen


def _budget(row: VisionRow, detail: Detail | None) -> tuple[int | None, int | None]:
    """Give the most patches and the longest side, px."""
    wanted = row.auto if detail in {None, "auto"} else detail
    if wanted == "original" and "original" in row.details:
        return row.original, row.original_side
    return row.high, row.high_side


def _multiplied(row: VisionRow, patches: int) -> int:
    return math.ceil(Decimal(patches) * row.multiplier)


def _low_patches(row: VisionRow, width: int, height: int) -> Span:
    """Bound the tokens at `detail: low`, which the table for patches leaves out.

    Source: the guide speaks of 85 tokens and of a version of 512 by 512 px.
    """
    small = _fitted(width, height, _LOW_SIDE) if max(width, height) > _LOW_SIDE else (width, height)
    most = _multiplied(row, patch_count(*small))
    return Span.of(min(_LOW_LEAST, most), most, most)


def _of_unknown_size(row: VisionRow, detail: Detail | None) -> Span:
    smallest, usual, largest = (picture_tokens(row, *size, detail) for size in ((1, 1), _UNKNOWN_USUAL, _UNKNOWN_LARGE))
    return Span(smallest.low, usual.expected, max(largest.high, usual.high))


def _fitted(width: int, height: int, side: int) -> Size:
    """Shrink into a square; whole px."""
    long = max(width, height)
    return max(1, round(width * side / long)), max(1, round(height * side / long))
