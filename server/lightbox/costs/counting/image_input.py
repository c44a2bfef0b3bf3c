"""How many tokens a picture takes when it is given to an image model."""

from __future__ import annotations

from lightbox.costs.catalogue.rows import ImageInputRow
from lightbox.costs.counting.vision import patch_count, patch_size, tile_tokens
from lightbox.costs.span import Span

_SHORTEST = 512
_ENLARGED = 1024
_UNKNOWN_LONG = (2048, 512)


def given_picture_tokens(row: ImageInputRow, width: int | None, height: int | None, fidelity: str | None) -> Span:
    """Count the image tokens of a picture, as its image model counts; one of unknown size gives a range."""
    if width is None or height is None:
        return _of_unknown_size(row, fidelity)
    if row.method == "patches":
        return Span.exactly(enlarged_patches(width, height, row.high))
    return Span.exactly(
        tile_tokens(width, height, row.base, row.tile, _SHORTEST) + _fidelity_tokens(row, width, height, fidelity)
    )


def enlarged_patches(width: int, height: int, budget: int = 1536) -> int:
    """Count the patches of a picture given to gpt-image-2 or later.

    A long edge under 1,024 px is enlarged to 1,024, at most twofold; then patches of 32 px are counted, 1,536 at most.

    Source: measured twice by third parties; the service publishes nothing.
    """
    long = max(width, height)
    if long <= _ENLARGED // 2:
        width, height = width * 2, height * 2
    elif long < _ENLARGED:
        width, height = max(1, round(width * _ENLARGED / long)), max(1, round(height * _ENLARGED / long))
    return patch_count(*patch_size(width, height, budget))


def _fidelity_tokens(row: ImageInputRow, width: int, height: int, fidelity: str | None) -> int:
    """Count what `input_fidelity: high` adds. Source: OpenAI guide "Images and vision", gpt-image-1."""
    if fidelity != "high":
        return 0
    return row.high_fidelity_square if width == height else row.high_fidelity_other


def _of_unknown_size(row: ImageInputRow, fidelity: str | None) -> Span:
    if row.method == "patches":
        return Span.of(1, min(_ENLARGED, row.high), row.high)
    square, long = (given_picture_tokens(row, *size, fidelity) for size in ((_ENLARGED, _ENLARGED), _UNKNOWN_LONG))
    return Span(square.low, square.expected, max(square.high, long.high))
