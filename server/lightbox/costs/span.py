"""A quantity that is known only within bounds."""

from __future__ import annotations

import math
from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from lightbox.costs.money import Exact

Number = int | Decimal


class Span(NamedTuple):
    """The least, the likely and the most of something; all three are equal where it is known exactly."""

    low: Exact
    expected: Exact
    high: Exact

    @classmethod
    def of(cls, low: Number, expected: Number, high: Number) -> Span:
        """Make a span; its figures must rise.

        Raises:
            ValueError: They don't.
        """
        if not low <= expected <= high:
            raise ValueError(f"a span must rise, but {low}, {expected}, {high} does not")
        return cls(Decimal(low), Decimal(expected), Decimal(high))

    @classmethod
    def exactly(cls, number: Number) -> Span:
        """Make the span of something that is known."""
        return cls(Decimal(number), Decimal(number), Decimal(number))

    def plus(self, other: Span) -> Span:
        """Add two spans, bound by bound."""
        return Span(self.low + other.low, self.expected + other.expected, self.high + other.high)

    def times(self, other: Span | Number) -> Span:
        """Multiply by a number or, bound by bound, by another span."""
        by = other if isinstance(other, Span) else Span.exactly(other)
        return Span(self.low * by.low, self.expected * by.expected, self.high * by.high)

    def whole(self) -> Span:
        """Widen to whole numbers."""
        return Span(Decimal(math.floor(self.low)), Decimal(round(self.expected)), Decimal(math.ceil(self.high)))

    @property
    def exact(self) -> bool:
        """Whether nothing about it is uncertain."""
        return self.low == self.high


NOTHING = Span.exactly(0)


def added(spans: Iterable[Span]) -> Span:
    """Add any number of spans, bound by bound."""
    total = NOTHING
    for span in spans:
        total = total.plus(span)
    return total
