"""Image models: what each accepts, checked before anything is sent, and how many tokens its pictures take."""

from __future__ import annotations

import math
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

from lightbox.costs.catalogue.rows import ImageInputRow, ImageModelRow, ImageOutputRow
from lightbox.costs.counting.image_size import parse_size
from lightbox.costs.counting.vision import patch_count, patch_size, tile_tokens
from lightbox.costs.money import Span
from lightbox.errors import BadInput
from lightbox.vocabulary import Ability, Quality

_COMPRESSED = ("jpeg", "webp")
_MOST_COMPRESSION = 100
_MOST_PARTIALS = 3


def check_output(
    model: ImageModelRow | None,
    *,
    quality: str = "auto",
    format: str = "png",  # noqa: A002 - the service's and the tool's own word
    background: str = "auto",
    compression: int | None = None,
    fidelity: str | None = None,
    partial_images: int = 0,
    masked: bool = False,
) -> None:
    """Check how a picture shall come out against what its model accepts; any size does (`choose_size`).

    A model that the catalogue does not know (None) is checked for plain syntax only: it may accept anything.

    Raises:
        BadInput: Something is not accepted; the text names the thing, the value and the nearest that is.
    """
    if model is not None:
        _check_choice(
            model,
            "quality",
            quality,
            (*model.qualities, "auto"),
            near=model.qualities[-1] if model.qualities else "auto",
        )
        formats = (*model.formats, *model.unsure_formats, *model.converted_formats)
        _check_choice(model, "format", format, formats, near=model.formats[0])
        _check_choice(model, "background", background, (*model.backgrounds, "auto"), near="auto")
        _check_transparency(model, background, format)
        _check_fidelity(model, fidelity)
    _check_compression(compression, format, model.compressed_formats if model else _COMPRESSED)
    if not 0 <= partial_images <= _MOST_PARTIALS:
        raise BadInput(f"partial_images {partial_images} is out of range: 0 to {_MOST_PARTIALS}")
    if format == "gif" and (masked or partial_images):
        what = "a mask" if masked else "partial pictures"
        raise BadInput(f"format gif can't be combined with {what}: use png, or leave that out")


def check_task(
    model: ImageModelRow | None,
    ability: Ability,
    *,
    pictures: int = 0,
    masked: bool = False,
    others: Iterable[str] = (),
) -> None:
    """Check that a model does what it is asked for, with so many pictures; one that is not known may.

    `others` are models of the same service that do it.

    Raises:
        BadInput: It does not; the text says what to do about it.
    """
    if model is None:
        return
    if ability not in model.abilities:
        raise BadInput(f"{model.name} can't {ability} pictures: try model={next(iter(others), 'another')}")
    if pictures > model.most_pictures:
        most = f"{model.most_pictures} picture{'' if model.most_pictures == 1 else 's'}"
        raise BadInput(f"{model.name} takes {most} at once, not {pictures}: leave some out")
    if masked and not model.masks:
        raise BadInput(f"{model.name} takes no mask and no area: leave it out, and say in the prompt what may change")


def _check_choice(model: ImageModelRow, name: str, value: str, accepted: Iterable[str], *, near: str) -> None:
    accepted = tuple(dict.fromkeys(accepted))
    if value not in accepted:
        raise BadInput(f"{model.name} has no {name} {value}: it has {_listed(accepted)} (try {near})")


def _check_transparency(model: ImageModelRow, background: str, picture_format: str) -> None:
    if background == "transparent" and picture_format not in {*model.transparent_formats, "gif", "svg"}:
        formats = _listed(model.transparent_formats, "or")
        raise BadInput(
            f"background transparent does not work with format {picture_format}: use {formats} "
            f"(try {model.transparent_formats[0]})"
        )


def _check_fidelity(model: ImageModelRow, fidelity: str | None) -> None:
    if fidelity is None or fidelity in model.fidelities:
        return
    if not model.fidelities:
        raise BadInput(f"{model.name} takes no fidelity: leave it out")
    raise BadInput(f"{model.name} has no fidelity {fidelity}: it has {_listed(model.fidelities)}")


def _check_compression(compression: int | None, picture_format: str, compressed: tuple[str, ...]) -> None:
    if compression is None:
        return
    if not 0 <= compression <= _MOST_COMPRESSION:
        near = min(max(compression, 0), _MOST_COMPRESSION)
        raise BadInput(f"compression {compression} is out of range: 0 to {_MOST_COMPRESSION} (try {near})")
    if picture_format not in compressed:
        formats = _listed(compressed, "or")
        raise BadInput(f"compression {compression} has no effect on {picture_format}: use {formats}, or leave it out")


def _listed(names: Iterable[str], word: str = "and") -> str:
    *most, last = names
    return f"{', '.join(most)} {word} {last}" if most else last


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


_STANDARD = ("1024x1024", "1024x1536", "1536x1024")


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
        return None if count is None else _within(count, row, quality)
    sides = parse_size(size)
    grid = {str(name): figure for name, figure in (row.grid or {}).items()}.get(quality)
    if sides is None or grid is None or min(sides) == 0:
        return None
    return _within(grid_tokens(grid, *sides), row, quality)


def _within(tokens: int, row: ImageOutputRow, quality: str) -> Span:
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
