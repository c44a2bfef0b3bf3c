"""One line of an estimate or a bill."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict

from lightbox.costs.money import NOTHING, Exact, Money, Span, plain

Unit = Literal["token", "call"]
_PER: dict[Unit, tuple[int, str]] = {"token": (1_000_000, "per million tokens"), "call": (1_000, "per thousand calls")}


class Part(BaseModel):
    """Something that is billed by itself: so many tokens or calls at a price; exact where the three figures agree.

    Attributes:
        what: What is billed, in words.
        unit: `token` or `call`.
        quantity: How many: low, expected, high; None where nobody knows.
        unit_price: The price of a million tokens or a thousand calls, `per` says which; None where unknown.
        low_unit_price: What the least is counted at, where that differs (input from the service's cache).
        high_unit_price: What the most is counted at, where that differs (a higher tier, input written to a cache).
        source: Where the price stands; `checked` is the day on which it was last read there.
        estimated: In a bill: whether the quantity comes from the estimate, for the service told none.
        reason: Why something of it is unknown.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    what: str
    unit: Unit
    quantity: Span | None
    unit_price: Exact | None
    low_unit_price: Exact | None = None
    high_unit_price: Exact | None = None
    currency: str | None = None
    source: str | None = None
    checked: date | None = None
    estimated: bool = False
    reason: str | None = None

    @property
    def per(self) -> str:
        """Say what the unit price is for."""
        return _PER[self.unit][1]

    @property
    def amount(self) -> Span | None:
        """Give the price of the quantity; None where it is not known."""
        if self.quantity == NOTHING:
            return NOTHING
        if self.unit_price is None or self.quantity is None:
            return None
        low = self.unit_price if self.low_unit_price is None else self.low_unit_price
        high = self.unit_price if self.high_unit_price is None else self.high_unit_price
        scale = Decimal(1) / _PER[self.unit][0]
        return self.quantity.times(Span(low, self.unit_price, high)).times(scale)

    def times(self, number: int) -> Part:
        """Give the same part for so many calls alike."""
        quantity = self.quantity.times(number) if self.quantity else None
        return self.model_copy(update={"quantity": quantity})

    def settled(self, *, estimated: bool) -> Part:
        """Give the part of a bill: at the one price that holds."""
        return self.model_copy(update={"low_unit_price": None, "high_unit_price": None, "estimated": estimated})

    def __str__(self) -> str:
        count = "unknown" if self.quantity is None else f"{_range(self.quantity)} {self.unit}s"
        price = "price unknown" if self.unit_price is None else f"{plain(self.unit_price)} {self.currency} {self.per}"
        amount = self.amount
        total = "" if amount is None or self.currency is None else f" = {_range(amount)} {self.currency}"
        return f"{self.what}: {count} at {price}{total}{' (estimated)' if self.estimated else ''}"


def totalled(parts: Iterable[Part]) -> tuple[Money, Money, Money] | str:
    """Add up parts of one currency: low, expected and high; or say why that can't be done."""
    sums = NOTHING
    currency: str | None = None
    for part in parts:
        amount = part.amount
        if amount is None:
            return part.reason or f"no price is known for {part.what}"
        if currency is not None and part.currency not in {None, currency}:
            return f"its parts are priced in {currency} and {part.currency}, which are never converted"
        currency = part.currency or currency
        sums = sums.plus(amount)
    if currency is None:
        return "none of its parts has a price"
    return Money(sums.low, currency), Money(sums.expected, currency), Money(sums.high, currency)


def _range(span: Span) -> str:
    if span.exact:
        return plain(span.expected)
    return f"{plain(span.low)} to {plain(span.high)}, likely {plain(span.expected)}"
