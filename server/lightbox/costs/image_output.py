"""How many tokens an image model takes for a picture that it makes."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction

from lightbox.costs.rows import ImageModelRow, ImageOutputRow, Quality
from lightbox.costs.span import Span

_SIZE = re.compile(r"(\d{1,5})x(\d{1,5})")


def parse_size(text: str) -> tuple[int, int] | None:
    """Read `WxH`, in px; None for anything else."""
    match = _SIZE.fullmatch(text)
    return (int(match[1]), int(match[2])) if match else None


def grid_tokens(grid: int, width: int, height: int) -> int:
    """Count the image output tokens of gpt-image-2 and 2.5: ceil(G·u·(2,000,000 + W·H) / 4,000,000).

    G is the quality's, u is G·short/long rounded half to even.

    Source: the calculator of OpenAI's guide "Image generation".
    """
    units = round(Fraction(grid * min(width, height), max(width, height)))
    return -(-grid * units * (2_000_000 + width * height) // 4_000_000)


def made_picture_tokens(row: ImageOutputRow, model: ImageModelRow | None, size: str, quality: str) -> Span | None:
    """Count the image output tokens of one picture; `auto` gives a range over what it may resolve to.

    None where the model's rows do not tell.
    """
    sizes = _sizes(row, model) if size == "auto" else (size,)
    qualities = _qualities(row) if quality == "auto" else (quality,)
    spans = [[_one(row, each, level) for level in qualities] for each in sizes]
    known = [span for line in spans for span in line if span is not None]
    if not known or len(known) < len(sizes) * len(qualities):
        return None
    usual = spans[0][min(1, len(qualities) - 1)] or known[0]
    return Span(min(span.low for span in known), usual.expected, max(span.high for span in known))


def _one(row: ImageOutputRow, size: str, quality: str) -> Span | None:
    if row.tokens is not None:
        count = {str(name): tokens for name, tokens in row.tokens.get(size, {}).items()}.get(quality)
        return None if count is None else Span.exactly(count)
    sides = parse_size(size)
    grid = {str(name): figure for name, figure in (row.grid or {}).items()}.get(quality)
    if sides is None or grid is None or min(sides) == 0:
        return None
    tokens = grid_tokens(grid, *sides)
    low, high = {str(name): pair for name, pair in row.factors.items()}.get(quality, (Decimal(1), Decimal(1)))
    return Span(tokens * low, tokens * (low + high) / 2, tokens * high)


def _sizes(row: ImageOutputRow, model: ImageModelRow | None) -> tuple[str, ...]:
    if model is not None:
        return model.auto_sizes
    return tuple(row.tokens) if row.tokens else ("1024x1024", "1024x1536", "1536x1024")


def _qualities(row: ImageOutputRow) -> tuple[Quality, ...]:
    if row.grid is not None:
        return tuple(row.grid)
    return tuple(dict.fromkeys(level for line in (row.tokens or {}).values() for level in line))
