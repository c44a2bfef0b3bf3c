"""How many tokens a picture takes when a model looks at it, and how small it may be sent for that."""

from __future__ import annotations

import math
from decimal import Decimal

from lightbox.costs.catalogue.catalogue import Rates
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
    if max_side is not None:
        width, height = fitted(width, height, (max_side, max_side))
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


def fitted(width: int, height: int, box: Size) -> Size:
    """Give the size in whole px of a picture that is shrunk into a box, its shape kept; it is never enlarged."""
    # The scale as a fraction, so that the side which decides comes out at exactly that of the box.
    top, bottom = min((1, 1), (box[0], width), (box[1], height), key=lambda part: part[0] / part[1])
    return max(1, round(width * top / bottom)), max(1, round(height * top / bottom))


def seen_size(rates: Rates, provider: str, model: str, width: int, height: int, detail: Detail | None = None) -> Size:
    """Give the size in px at which a picture is to be sent, so that its model sees no less of it than of the original.

    The shape is kept as well as whole px allow, and the picture never counts more tokens than the original would.
    Image models and models that the catalogue does not know get their pictures as they are: no service says how small
    a picture may be before an edit of it suffers. Where the service does not say how small `detail: low` makes a
    picture of patches, it is sent as for `detail: high`.
    """
    row = rates.vision(provider, model)
    if row is None:
        return width, height
    most = picture_tokens(row, width, height, detail).high
    size = fitted(width, height, _box(row, width, height, detail))
    # Whole px may tip a side over the edge of a patch, above all where the service shrinks the picture once more.
    while picture_tokens(row, *size, detail).high > most:
        if min(size) == 1:
            return width, height
        size = (size[0], size[1] - 1) if size[0] > size[1] else (size[0] - 1, size[1])
    return size


def _box(row: VisionRow, width: int, height: int, detail: Detail | None) -> Size:
    """Give the sides in px beyond which the model sees nothing more of a picture."""
    match row.method:
        case "qwen":
            box = _qwen_box(width, height)
        case "tiles" if detail == "low":
            box = _LOW_SIDE, _LOW_SIDE
        case "tiles":
            box = tile_size(width, height)
        case "patches":
            box = patch_size(width, height, *_budget(row, "high" if detail == "low" else detail))
    return box if min(box) >= 1 else (width, height)


def _qwen_box(width: int, height: int) -> Size:
    """Give the largest sides that Qwen rounds to those at which it looks at the picture (half goes to even)."""
    if width * height <= _QWEN_MOST:
        return width, height
    across, down = (side // PATCH for side in qwen_size(width, height))
    half = PATCH // 2
    return across * PATCH + half - across % 2, down * PATCH + half - down % 2


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
    small = fitted(width, height, (_LOW_SIDE, _LOW_SIDE))
    most = _multiplied(row, patch_count(*small))
    return Span.of(min(_LOW_LEAST, most), most, most)


def _of_unknown_size(row: VisionRow, detail: Detail | None) -> Span:
    smallest, usual, largest = (picture_tokens(row, *size, detail) for size in ((1, 1), _UNKNOWN_USUAL, _UNKNOWN_LARGE))
    return Span(smallest.low, usual.expected, max(largest.high, usual.high))
