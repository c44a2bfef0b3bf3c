"""Sizes of made pictures: which ones an image model makes, and which one to ask for where it makes no such size."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lightbox.errors import BadInput
from lightbox.vocabulary import parse_ratio

if TYPE_CHECKING:
    from lightbox.costs.catalogue.rows import ImageModelRow, SizeRule

Size = tuple[int, int]

_SIZE = re.compile(r"([1-9]\d{0,8})x([1-9]\d{0,8})")
_LONGEST_SHOWN = 40
_ENDLESS = 16_384  # px: the longest side that is thought of where a rule names none
_ALIKE = 0.95
"""How like to the likest shape that there is a size must be, by what is left of it when it is cut."""
_EXACT = 0.99
"""How much of its sides a shape may lose to come out to the px."""


@dataclass(frozen=True, slots=True)
class SizeChoice:
    """What a service is asked for, and what becomes of it here.

    Attributes:
        asked: `WIDTHxHEIGHT`, `auto`, or what nobody here can judge.
        exact: `WIDTHxHEIGHT` in px to which the picture is brought; None: it stays as it comes.
    """

    asked: str
    exact: str | None = None


def parse_size(text: str) -> Size | None:
    """Read `WxH`, in px; None for anything else."""
    match = _SIZE.fullmatch(text)
    return (int(match[1]), int(match[2])) if match else None


def choose_size(model: ImageModelRow | None, wanted: str) -> SizeChoice:
    """Choose what to ask a model for: the size that is wanted, else the nearest larger one of like shape.

    Where nothing larger is made, it is the one that has to be enlarged the least. Of a ratio, it is the largest size
    of that shape which has no more px than what the model makes by itself. An unknown model is asked for what is
    wanted.

    Raises:
        BadInput: It is no size.
    """
    size, shape = parse_size(wanted), parse_ratio(wanted)
    if wanted != "auto" and size is None and shape is None:
        shown = wanted if len(wanted) <= _LONGEST_SHOWN else f"{wanted[:_LONGEST_SHOWN]}…"
        raise BadInput(
            f"size {shown!r} is not valid: write WIDTHxHEIGHT in px, like 1920x1080, a ratio, like 16:9, or auto"
        )
    if model is None or wanted == "auto":
        return SizeChoice(wanted)
    if size is not None:
        asked = size if size_fault(model.size_rule, *size) is None else larger_size(model.size_rule, size)
        return _choice(asked, size)
    asked = size_of_shape(model, shape or (1, 1))
    return _choice(asked, cut_to_shape(asked, shape or (1, 1)))


def size_fault(rule: SizeRule, width: int, height: int) -> str | None:
    """Say which rule a size in px breaks, or None where it breaks none."""
    if rule.listed:
        return None if f"{width}x{height}" in rule.listed else f"its sizes are {', '.join(rule.listed)} and auto"
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


def larger_size(rule: SizeRule, wanted: Size) -> Size:
    """Give the smallest size of like shape that covers one in px; else the one that is enlarged the least."""
    made = set(_made(rule, wanted)) or {wanted}  # a rule of one's own that nothing keeps
    covering = [size for size in made if size[0] >= wanted[0] and size[1] >= wanted[1]]
    if not covering:
        return min(made, key=lambda size: (_enlarged(size, wanted), size[0] * size[1], size))
    likest = max(_kept(size, wanted) for size in covering)
    alike = [size for size in covering if _kept(size, wanted) >= _ALIKE * likest]
    return min(alike, key=lambda size: (round(size[0] * size[1] / _kept(size, wanted)), size[0] * size[1], size))


def size_of_shape(model: ImageModelRow, shape: Size) -> Size:
    """Give the best size for a shape: exactly of it where that is made, and no larger than the model's own choice."""
    if model.size_rule.ratios:
        return _size_of_ratio(model.size_rule, shape)
    usual = [size for size in map(parse_size, model.auto_sizes) if size] or [(1024, 1024)]
    across, down = max(usual, key=lambda size: (_kept(size, shape), size[0] * size[1]))
    area = across * down
    made = set(_made(model.size_rule, shape)) or {(across, down)}
    below = [size for size in made if size[0] * size[1] <= area]
    alike = _likest(below, shape)
    # Of a shape like none of the large sizes, a small one whole is better than a part of a large one.
    fitting = [size for size in below if area / 2 <= size[0] * size[1]] if _likest(below, shape, area / 2) else alike
    exact = [size for size in fitting if size[0] * shape[1] == size[1] * shape[0]]
    if exact or fitting:
        return max(exact or fitting, key=lambda size: (_kept(size, shape) * size[0] * size[1], size))
    likest = max(_kept(size, shape) for size in made)
    return min((size for size in made if _kept(size, shape) >= _ALIKE * likest), key=lambda size: size[0] * size[1])


def _likest(sizes: list[Size], shape: Size, least: float = 0) -> list[Size]:
    """Give those of so many px at least that are nearly as like a shape as the likest of all is."""
    likest = max((_kept(size, shape) for size in sizes), default=0)
    return [size for size in sizes if size[0] * size[1] >= least and _kept(size, shape) >= _ALIKE * likest]


def _size_of_ratio(rule: SizeRule, shape: Size) -> Size:
    """Give the smallest size that is made of the ratio of this name, else of the nearest ratio."""
    told = {
        size: parse_ratio(name.partition(" ")[0]) for text, name in rule.ratios.items() if (size := parse_size(text))
    }
    named = [size for size, ratio in told.items() if ratio == shape]
    likest = max(_kept(size, shape) for size in told)
    alike = named or [size for size in told if _kept(size, shape) >= _ALIKE * likest]
    return min(alike, key=lambda size: (size[0] * size[1], size))


def cut_to_shape(size: Size, shape: Size) -> Size:
    """Give the largest size of a shape inside another: to the px where little is lost by that, else to the nearest."""
    across, down = shape
    whole = min(size[0] / across, size[1] / down)
    times = math.floor(whole)
    if times >= _EXACT * whole:
        return times * across, times * down
    return min(size[0], max(1, round(whole * across))), min(size[1], max(1, round(whole * down)))


def _choice(asked: Size, exact: Size) -> SizeChoice:
    told = f"{asked[0]}x{asked[1]}"
    return SizeChoice(told) if asked == exact else SizeChoice(told, f"{exact[0]}x{exact[1]}")


def _enlarged(size: Size, wanted: Size) -> float:
    """Give how many times a size has to be enlarged to cover another; below 1 it is made smaller."""
    return max(wanted[0] / size[0], wanted[1] / size[1])


def _kept(size: Size, shape: Size) -> float:
    """Give which share of a picture of this size is left when it is cut to a shape."""
    mine, other = size[0] * shape[1], size[1] * shape[0]
    return min(mine, other) / max(mine, other)


def _made(rule: SizeRule, wanted: Size) -> Iterator[Size]:
    """Give the sizes that a model makes and that may be the best for one: of each width the likely heights."""
    if rule.listed:
        yield from (size for size in map(parse_size, rule.listed) if size)
        return
    step, longest = rule.multiple, rule.max_side or _ENDLESS
    for width in range(_up(rule.min_side, step), longest + 1, step):
        ideal = width * wanted[1] / wanted[0]
        most = float(rule.max_aspect or longest)
        heights = {_down(ideal, step), _up(ideal, step), _up(wanted[1], step), _up(rule.min_side, step)}
        heights |= {_up(width / most, step), _down(width * most, step), _down(longest, step)}
        heights |= {_up((rule.min_area or 0) / width, step), _down((rule.max_area or 0) / width, step)}
        yield from ((width, height) for height in heights if _is_made(rule, width, height, most))


def _is_made(rule: SizeRule, width: int, height: int, most: float) -> bool:
    """Tell what `size_fault` does of whole multiples, without words: a thousand sizes are tried for one."""
    long, short, area = max(width, height), min(width, height), width * height
    return (
        rule.min_side <= short
        and long <= (rule.max_side or long)
        and 0 < long <= most * short
        and (rule.min_area or 0) <= area <= (rule.max_area or area)
    )


def _up(side: float, step: int) -> int:
    return math.ceil(side / step) * step


def _down(side: float, step: int) -> int:
    return math.floor(side / step) * step
