"""What a call will cost, before it is sent."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from lightbox.costs.call import PricedCall
from lightbox.costs.catalogue.catalogue import Catalogue
from lightbox.costs.counting.use import Use, expected_use
from lightbox.costs.money import Money, totals
from lightbox.costs.pricing.part import Part, totalled
from lightbox.costs.pricing.prices import Prices, prices_of
from lightbox.costs.pricing.saving import Saving, saving

_CACHE = "the low figure counts input as read from the service's cache, the high one as written to it, where priced"


class Estimate(BaseModel):
    """What a call will cost: low, expected and high, part by part; None with the reason where that is not known.

    Attributes:
        assumptions: What was taken for granted, in sentences.
        saving: What shrinking the pictures saves, where any was shrunk.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    low: Money | None
    expected: Money | None
    high: Money | None
    parts: tuple[Part, ...] = ()
    assumptions: tuple[str, ...] = ()
    reason: str | None = None
    saving: Saving | None = None

    @classmethod
    def unknown(cls, reason: str, parts: tuple[Part, ...] = (), assumptions: tuple[str, ...] = ()) -> Estimate:
        """Make the estimate of a call whose price is not known."""
        return cls(low=None, expected=None, high=None, parts=parts, assumptions=assumptions, reason=reason)

    def times(self, number: int) -> Estimate:
        """Give the estimate of so many calls alike."""
        return self.model_copy(
            update={
                "low": self.low * number if self.low else None,
                "expected": self.expected * number if self.expected else None,
                "high": self.high * number if self.high else None,
                "parts": tuple(part.times(number) for part in self.parts),
                "saving": self.saving.times(number) if self.saving else None,
            }
        )

    def __str__(self) -> str:
        if self.low is None or self.expected is None or self.high is None:
            return f"unknown: {self.reason}"
        if self.low == self.high:
            return str(self.expected)
        return f"{self.expected} ({self.low} to {self.high})"


class Totals(BaseModel):
    """Several estimates together, each currency by itself; `unknown` says of each that has none why not."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    low: tuple[Money, ...]
    expected: tuple[Money, ...]
    high: tuple[Money, ...]
    unknown: tuple[str, ...]


def estimate(call: PricedCall, catalogue: Catalogue, at: datetime) -> Estimate:
    """Say what a call will cost at a time. Nothing is read or sent.

    Its figures bound the bill as far as the services publish how they count; what had to be assumed is said.
    """
    use = expected_use(call, catalogue, at)
    if isinstance(use, str):
        return Estimate.unknown(use)
    prices = prices_of(call, catalogue, at)
    parts = tuple(part.times(call.count) for part in _parts(use, prices))
    spared = saving(call, catalogue, prices)
    assumptions = use.assumptions + ((_CACHE,) if any(part.low_unit_price is not None for part in parts) else ())
    total = totalled(parts)
    if isinstance(total, str):
        return Estimate.unknown(total, parts, assumptions)
    low, expected, high = total
    return Estimate(low=low, expected=expected, high=high, parts=parts, assumptions=assumptions, saving=spared)


def estimates_total(estimates: Iterable[Estimate]) -> Totals:
    """Add up estimates, each currency by itself."""
    estimates = list(estimates)
    return Totals(
        low=totals(each.low for each in estimates if each.low),
        expected=totals(each.expected for each in estimates if each.expected),
        high=totals(each.high for each in estimates if each.high),
        unknown=tuple(each.reason or "" for each in estimates if each.expected is None),
    )


def _parts(use: Use, prices: Prices) -> Iterable[Part]:
    whole = use.total("input")
    for amount in use.amounts:
        match amount.kind:
            case "fee":
                if use.tool and amount.quantity:
                    yield prices.fee(use.tool, amount.quantity)
            case "input":
                yield prices.input(amount, whole)
            case "output":
                yield prices.output(amount, whole)
            case _:
                yield prices.painting(amount)
