"""Rates between currencies: those that the user has set, and no others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, Decimal, localcontext

from lightbox.costs.money import Money, plain
from lightbox.errors import SettingsError

RATES = "LIGHTBOX_RATES"
_DIGITS, _FINEST = 60, Decimal("1e-12")
"""How exactly amounts are converted: rounded up, so far behind the point that nobody misses what comes after."""


@dataclass(frozen=True, slots=True)
class Rate:
    """What an amount of one currency is worth in another, as the user wrote it: `1 USD = 7.2 CNY`."""

    one: Money
    other: Money

    @classmethod
    def parse(cls, text: str) -> Rate:
        """Read a rate.

        Raises:
            SettingsError: It is written otherwise.
        """
        left, equals, right = text.partition("=")
        try:
            one, other = Money.parse(left), Money.parse(right)
        except SettingsError:
            one = other = Money(Decimal(0), "")
        if not equals or not one.amount or not other.amount or one.currency == other.currency:
            raise SettingsError(
                f"The rate {text!r} is not valid: write what one currency is worth, like 1 USD = 7.2 CNY"
            )
        return cls(one, other)

    def __str__(self) -> str:
        return f"{self.one} = {self.other}"


@dataclass(frozen=True, slots=True)
class Exchange:
    """The rates that the user has set. Where none leads from one currency to another, nothing is converted."""

    rates: Mapping[tuple[str, str], Rate] = field(default_factory=dict[tuple[str, str], Rate])

    @classmethod
    def parse(cls, texts: Iterable[str]) -> Exchange:
        """Read all rates; each leads both ways, and none is made of two others.

        Raises:
            SettingsError: One is not valid, or there are two between the same currencies.
        """
        rates: dict[tuple[str, str], Rate] = {}
        for text in texts:
            rate = Rate.parse(text)
            one, other = rate.one.currency, rate.other.currency
            if (one, other) in rates:
                raise SettingsError(
                    f"The rates {rates[one, other]} and {rate} are of the same currencies: leave one out"
                )
            rates[one, other] = rates[other, one] = rate
        return cls(rates)

    def between(self, one: str, other: str) -> Rate | None:
        """Give the rate between two currencies; None for one and the same, or where none was set."""
        return self.rates.get((one, other))

    def leading_to(self, currency: str) -> tuple[str, ...]:
        """Name the currencies of which amounts can be counted in another one, that itself first."""
        return (currency, *sorted(one for one, other in self.rates if other == currency))

    def converted(self, money: Money, currency: str) -> Money | None:
        """Count an amount in another currency, never less than it is worth; None where no rate leads there."""
        if money.currency == currency:
            return money
        rate = self.between(money.currency, currency)
        if rate is None:
            return None
        of, to = (rate.one, rate.other) if rate.one.currency == money.currency else (rate.other, rate.one)
        with localcontext(rounding=ROUND_CEILING, prec=_DIGITS):
            return Money((money.amount * to.amount / of.amount).quantize(_FINEST), currency)

    def towards(self, currency: str) -> str:
        """Write the rates by which other currencies are counted in one; `""` where there are none."""
        rates = (self.between(other, currency) for other in self.leading_to(currency))
        return ", ".join(str(rate) for rate in rates if rate)


NO_RATES = Exchange()


def rounded(amount: Decimal, rounding: str = ROUND_CEILING) -> str:
    """Write an amount that may have been converted: in whole billionths, as sums are."""
    with localcontext(prec=_DIGITS):
        return plain(amount.quantize(Decimal("1e-9"), rounding))
