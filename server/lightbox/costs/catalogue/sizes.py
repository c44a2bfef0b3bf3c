"""Which sizes an image model makes, and the nearest to one that it does not."""

from __future__ import annotations

import math

from lightbox.costs.catalogue.rows import SizeRule
from lightbox.costs.counting.image_output import parse_size

Size = tuple[int, int]


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
