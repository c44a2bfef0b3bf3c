"""Amounts of money that keep their currency, and quantities that are known only within bounds."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal, InvalidOperation
from typing import Annotated, NamedTuple

from pydantic import PlainSerializer

from lightbox.errors import SettingsError

BILLIONTHS = 1_000_000_000
MOST_BILLIONTHS = 2**62
"""What a database holds; a service that reports more is mistaken."""

_CURRENCY = re.compile(r"[A-Z]{3}")


def plain(number: Decimal) -> str:
    """Write a number with the digits it has, without exponent or idle zeros: `0.0107624`, `30`."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


Exact = Annotated[Decimal, PlainSerializer(plain, return_type=str, when_used="json")]
"""A decimal that JSON holds as its digits, without exponent."""


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in one currency; never rounded, never converted.

    Adding two currencies is an error: `totals` keeps them apart.
    """

    amount: Exact
    currency: str

    @classmethod
    def parse(cls, text: str) -> Money:
        """Read an amount as people write it: `0.50 USD`.

        Raises:
            SettingsError: The text is not a plain amount and a currency of three letters.
        """
        number, _, currency = text.strip().partition(" ")
        currency = currency.strip().upper()
        try:
            amount = Decimal(number)
        except InvalidOperation:
            amount = Decimal("NaN")
        if not amount.is_finite() or amount < 0 or not _CURRENCY.fullmatch(currency):
            raise SettingsError(f"{text!r} is not an amount of money: write an amount and a currency, like 0.50 USD")
        return cls(amount, currency)

    @classmethod
    def of_billionths(cls, billionths: int, currency: str) -> Money:
        """Give whole billionths, as a database sums them, as an amount."""
        return cls(Decimal(billionths) / BILLIONTHS, currency)

    @property
    def billionths(self) -> int:
        """Whole billionths of the currency, rounded up: what is summed is never less than it was."""
        return min(int((self.amount * BILLIONTHS).to_integral_value(ROUND_CEILING)), MOST_BILLIONTHS)

    def __str__(self) -> str:
        return f"{plain(self.amount)} {self.currency}"

    def __add__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.amount + other.amount, self.currency)

    def __mul__(self, times: int) -> Money:
        return Money(self.amount * times, self.currency)

    def __lt__(self, other: Money) -> bool:
        self._same(other)
        return self.amount < other.amount

    def __le__(self, other: Money) -> bool:
        self._same(other)
        return self.amount <= other.amount

    def __gt__(self, other: Money) -> bool:
        return other < self

    def __ge__(self, other: Money) -> bool:
        return other <= self

    def _same(self, other: Money) -> None:
        if self.currency != other.currency:
            raise ValueError(f"{self} and {other} are of different currencies, which are never converted")


def totals(amounts: Iterable[Money]) -> tuple[Money, ...]:
    """Add up amounts, each currency by itself, in the order of the currencies' names."""
    sums: dict[str, Decimal] = {}
    for money in amounts:
        sums[money.currency] = sums.get(money.currency, Decimal(0)) + money.amount
    return tuple(Money(sums[currency], currency) for currency in sorted(sums))


Number = int | Decimal


@dataclass(frozen=True, slots=True)
class Unknown:
    """What stands in the place of a figure that nobody knows; `reason` says why, in words that people read."""

    reason: str


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
