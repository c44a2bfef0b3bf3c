"""How many tokens an image model takes for a picture that it makes."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from fractions import Fraction

from lightbox.costs.catalogue.rows import ImageModelRow, ImageOutputRow
from lightbox.costs.span import Span
from lightbox.vocabulary import Quality

_STANDARD = ("1024x1024", "1024x1536", "1536x1024")
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


def made_picture_tokens(
    row: ImageOutputRow,
    model: ImageModelRow | None,
    size: str,
    quality: str,
    edited: tuple[int, int] | None = None,
) -> Span | None:
    """Count the image output tokens of one picture; `auto` gives a range over what it may resolve to.

    Args:
        row: How the model counts.
        model: What it accepts, as far as known.
        size: `WxH` or `auto`.
        quality: One of its qualities, or `auto`.
        edited: The size of the picture that is edited, px: `auto` may keep it.

    Returns:
        The tokens, or None where the model's rows do not tell.
    """
    sizes = _sizes(row, model, edited) if size == "auto" else (size,)
    qualities = _qualities(row) if quality == "auto" else (quality,)
    spans = [[_one(row, each, level) for level in qualities] for each in sizes]
    known = [span for line in spans for span in line if span is not None]
    if not known or len(known) < len(sizes) * len(qualities):
        return None
    likely = spans[0][min(1, len(qualities) - 1)] or known[0]
    return Span(min(span.low for span in known), likely.expected, max(span.high for span in known))


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


def _sizes(row: ImageOutputRow, model: ImageModelRow | None, edited: tuple[int, int] | None) -> tuple[str, ...]:
    """Give what `auto` may become, the likely one first."""
    usual = model.auto_sizes if model else tuple(row.tokens or _STANDARD)
    if edited is None:
        return usual
    own = f"{edited[0]}x{edited[1]}"
    if model and model.auto_keeps_size:
        return (own,)
    ordered = tuple(sorted(usual, key=lambda text: _shape_distance(parse_size(text), edited)))
    return ordered if row.tokens else (*ordered, own)


def _shape_distance(sides: tuple[int, int] | None, wanted: tuple[int, int]) -> float:
    return abs(math.log(sides[0] * wanted[1] / (sides[1] * wanted[0]))) if sides else math.inf


def _qualities(row: ImageOutputRow) -> tuple[Quality, ...]:
    if row.grid is not None:
        return tuple(row.grid)
    return tuple(dict.fromkeys(level for line in (row.tokens or {}).values() for level in line))
