"""One line of an estimate or a bill."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict

from lightbox.costs.money import Money, plain
from lightbox.costs.span import Span

Unit = Literal["token", "call"]
_PER = {"token": (1_000_000, "per million tokens"), "call": (1_000, "per thousand calls")}


class Part(BaseModel):
    """Something that is billed by itself: so many tokens or calls at a price; exact where the three figures agree.

    Attributes:
        what: What is billed, in words.
        unit: `token` or `call`.
        quantity: How many: low, expected, high.
        unit_price: The price of a million tokens or a thousand calls, `per` says which; None where unknown.
        low_unit_price: What the least is counted at, where that differs (input from the service's cache).
        high_unit_price: What the most is counted at, where that differs (a higher tier, input written to a cache).
        source: Where the price stands; `checked` is the day on which it was last read there.
        estimated: In a bill: whether the quantity comes from the estimate, for the service told none.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    what: str
    unit: Unit
    quantity: Span
    unit_price: Decimal | None
    low_unit_price: Decimal | None = None
    high_unit_price: Decimal | None = None
    currency: str | None
    source: str | None
    checked: date | None
    estimated: bool = False

    @property
    def per(self) -> str:
        """Say what the unit price is for."""
        return _PER[self.unit][1]

    @property
    def amount(self) -> Span | None:
        """Give the price of the quantity, None where no unit price is known and there is something to price."""
        if self.unit_price is None:
            return Span.exactly(0) if self.quantity.high == 0 else None
        low, high = self.low_unit_price, self.high_unit_price
        prices = Span(
            self.unit_price if low is None else low, self.unit_price, self.unit_price if high is None else high
        )
        amount = self.quantity.times(prices)
        scale = Decimal(_PER[self.unit][0])
        return Span(amount.low / scale, amount.expected / scale, amount.high / scale)

    def times(self, number: int) -> Part:
        """Give the same part for so many calls alike."""
        return self.model_copy(update={"quantity": self.quantity.times(number)})

    def __str__(self) -> str:
        price = "price unknown" if self.unit_price is None else f"{plain(self.unit_price)} {self.currency} {self.per}"
        amount = self.amount
        total = "" if amount is None or self.currency is None else f" = {_range(amount)} {self.currency}"
        return f"{self.what}: {_range(self.quantity)} {self.unit}s at {price}{total}"


def totalled(parts: Iterable[Part]) -> tuple[Money, Money, Money] | str:
    """Add up parts of one currency: low, expected and high; or say why that can't be done."""
    sums = Span.exactly(0)
    currency: str | None = None
    for part in parts:
        amount = part.amount
        if amount is None:
            return f"no price is known for {part.what}"
        if part.currency is None:
            continue
        if currency not in {None, part.currency}:
            return f"its parts are priced in {currency} and {part.currency}, which are never converted"
        currency = part.currency
        sums = sums.plus(amount)
    if currency is None:
        return "none of its parts has a price"
    return Money(sums.low, currency), Money(sums.expected, currency), Money(sums.high, currency)


def _range(span: Span) -> str:
    if span.exact:
        return plain(span.expected)
    return f"{plain(span.low)} to {plain(span.high)}, likely {plain(span.expected)}"
