"""What a known model accepts, checked before anything is sent; and the nearest size to one that it does not make."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

from lightbox.costs.catalogue.rows import ImageModelRow, SizeRule
from lightbox.errors import BadInput

Size = tuple[int, int]

_SIZE = re.compile(r"(\d{1,5})x(\d{1,5})")
_COMPRESSED = ("jpeg", "webp")
_MOST_COMPRESSION = 100
_MOST_PARTIALS = 3


def parse_size(text: str) -> Size | None:
    """Read `WxH`, in px; None for anything else."""
    match = _SIZE.fullmatch(text)
    return (int(match[1]), int(match[2])) if match else None


def size_fault(rule: SizeRule, width: int, height: int) -> str | None:
    """Say which rule a size in px breaks, or None where it breaks none."""
    if rule.sizes:
        return None if f"{width}x{height}" in rule.sizes else f"its sizes are {', '.join(rule.sizes)} and auto"
    long, short, area = max(width, height), min(width, height), width * height
    rules = (
        (width % rule.multiple or height % rule.multiple, f"sides are multiples of {rule.multiple}"),
        (short < rule.min_side, f"sides are at least {rule.min_side} px"),
        (long > (rule.max_side or long), f"sides are at most {rule.max_side} px"),
        (long > (rule.max_aspect or long) * short, f"the long side is at most {rule.max_aspect} times the short one"),
        (area < (rule.min_area or 0), f"a picture has at least {rule.min_area or 0:,} px in all"),
        (area > (rule.max_area or area), f"a picture has at most {rule.max_area or 0:,} px in all"),
    )
    return next((text for broken, text in rules if broken), None)


def nearest_size(rule: SizeRule, width: int, height: int) -> Size:
    """Give the size that keeps the rule and is nearest to one in px: first in shape, then in area."""
    if rule.sizes:
        listed = [sides for sides in map(parse_size, rule.sizes) if sides]
        return min(listed, key=lambda sides: _distance(sides, (width, height)))
    wanted = _bounded(rule, width, height)
    candidates = [
        (across, down)
        for across in _multiples_near(wanted[0], rule)
        for down in _multiples_near(wanted[1], rule)
        if size_fault(rule, across, down) is None
    ]
    return min(candidates, key=lambda sides: _distance(sides, (width, height)))


def _bounded(rule: SizeRule, width: int, height: int) -> tuple[float, float]:
    """Give the size, not yet of whole multiples, that keeps the bounds with the shape kept as far as they let it."""
    shape = width / height
    if rule.max_aspect is not None:
        most = float(rule.max_aspect)
        shape = min(max(shape, 1 / most), most)
    area = float(width * height)
    if rule.min_area is not None:
        area = max(area, rule.min_area)
    if rule.max_area is not None:
        area = min(area, rule.max_area)
    across, down = math.sqrt(area * shape), math.sqrt(area / shape)
    shrink = min(1, (rule.max_side or math.inf) / max(across, down))
    grow = max(1, rule.min_side / min(across * shrink, down * shrink))
    return across * shrink * grow, down * shrink * grow


def _multiples_near(side: float, rule: SizeRule) -> range:
    """Give multiples around a side: enough to get back within bounds that rounding broke."""
    step = rule.multiple
    middle = round(side / step) * step
    first = max(step, middle - 3 * step)
    return range(first, middle + 4 * step, step)


def _distance(sides: Size, wanted: Size) -> float:
    """Measure how far a size is from the wanted one, by the logarithms of what its sides are off; shape counts most."""
    wider, taller = (math.log(side / other) for side, other in zip(sides, wanted, strict=True))
    return abs(wider) + abs(taller) + 2 * abs(wider - taller)


def check_output(
    model: ImageModelRow | None,
    *,
    size: str = "auto",
    quality: str = "auto",
    format: str = "png",  # noqa: A002 - the service's and the tool's own word
    background: str = "auto",
    compression: int | None = None,
    fidelity: str | None = None,
    partial_images: int = 0,
    masked: bool = False,
) -> None:
    """Check how a picture shall come out against what its model accepts.

    A model that the catalogue does not know (None) is checked for plain syntax only: it may accept anything.

    Raises:
        BadInput: Something is not accepted; the text names the thing, the value and the nearest that is.
    """
    _check_size(model, size)
    if model is not None:
        _check_choice(model, "quality", quality, (*model.qualities, "auto"), near=model.qualities[-1])
        formats = (*model.formats, *model.unsure_formats)
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


def _check_size(model: ImageModelRow | None, size: str) -> None:
    if size == "auto":
        return
    sides = parse_size(size)
    if sides is None or min(sides) == 0:
        raise BadInput(f"size {size!r} is not valid: write WIDTHxHEIGHT in px, like 1024x1024, or auto")
    if model is None or not model.size_rule_certain:
        return
    if fault := size_fault(model.size_rule, *sides):
        raise BadInput(f"{model.name} makes no {size}: {fault} (try {_near(model.size_rule, sides)})")


def _near(rule: SizeRule, sides: tuple[int, int]) -> str:
    width, height = nearest_size(rule, *sides)
    return f"{width}x{height}"


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
