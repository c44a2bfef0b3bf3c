"""Formulas in drawings: numbers, points and colours, told as in `x+0.06,-0.49-half` or `colour+0.1|colour-0.12`."""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable
from functools import cache
from typing import Any, Final, cast

from lightbox_sandbox.pixels import Colour

from .colour import DARK, LAMP, darker, lighter, mix

Names = dict[str, Any]
"""What a formula may name: numbers, words, colours, lists of them, and functions."""

Formula = Callable[[Names], Any]
"""Gives its value, once it is told what its names stand for."""

_HEX = re.compile(r"#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})")


def _plus(first: Any, second: Any) -> Any:
    return lighter(cast("Colour", first), second) if isinstance(first, tuple) else first + second


def _minus(first: Any, second: Any) -> Any:
    return darker(cast("Colour", first), second) if isinstance(first, tuple) else first - second


def _either(holds: Any, first: Any, second: Any) -> Any:
    return first if holds else second


FUNCTIONS: Final[Names] = {
    "abs": abs, "cos": math.cos, "either": _either, "max": max, "min": min, "mix": mix, "range": range,
    "sin": math.sin, "sqrt": math.sqrt, "pi": math.pi, "ink": DARK, "lamp": LAMP,
}  # fmt: skip
"""What every formula may name."""


_OPERATORS: Final[dict[type[ast.AST], Callable[[Any, Any], Any]]] = {
    ast.Add: _plus,
    ast.Sub: _minus,
    ast.Mult: operator.mul,
    ast.Div: lambda first, second: first / second,
    ast.Mod: operator.mod,
    ast.Pow: lambda first, second: first**second,
    ast.BitOr: lambda above, below: (above, below),
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}


@cache
def formula(text: str) -> Formula:
    """Read a formula: arithmetic as Python has it, on numbers and on colours.

    A colour is `#f08030`; `colour+0.2` is so much lighter, `colour-0.2` so much darker, `above|below` a gradient. A
    point or another list is written with commas. A name that stands for nothing is a word.

    Raises:
        SyntaxError: It is none.
    """
    plain = _HEX.sub(lambda found: str(tuple(int(part, 16) for part in found.groups())), text)
    return _read(ast.parse(plain, mode="eval").body)


def _read(node: ast.expr) -> Formula:  # noqa: PLR0911 - one answer per kind of node
    match node:
        case ast.Constant(value=value):
            return lambda _: value
        case ast.Name(id=name):
            return lambda names: names.get(name, name)
        case ast.Tuple(elts=parts):
            several = [_read(part) for part in parts]
            return lambda names: tuple(part(names) for part in several)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            value = _read(operand)
            return lambda names: -value(names)
        case ast.BinOp(left=left, op=sign, right=right) | ast.Compare(left=left, ops=[sign], comparators=[right]):
            first, second, apply = _read(left), _read(right), _OPERATORS[type(sign)]
            return lambda names: apply(first(names), second(names))
        case ast.Subscript(value=left, slice=right):
            first, second = _read(left), _read(right)
            return lambda names: first(names)[second(names)]
        case ast.Call(func=ast.Name(id=name), args=parts):
            several = [_read(part) for part in parts]
            return lambda names: names[name](*[part(names) for part in several])
        case _:
            raise SyntaxError(f"A drawing knows no such formula: {ast.unparse(node)}")
