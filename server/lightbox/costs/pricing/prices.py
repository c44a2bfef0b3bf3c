"""The prices that apply to one call, put to quantities."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from lightbox.costs.call import PricedCall
from lightbox.costs.catalogue.catalogue import Catalogue
from lightbox.costs.catalogue.rows import ImagePriceRow, TokenPriceRow, TokenTier
from lightbox.costs.counting.use import Amount
from lightbox.costs.money import Span
from lightbox.costs.pricing.part import Part


@dataclass(frozen=True, slots=True)
class Prices:
    """What the models and the tool of a call cost at its time; a price that is not known is None."""

    call: PricedCall
    catalogue: Catalogue
    at: datetime
    tokens: TokenPriceRow | None
    image: ImagePriceRow | None

    @property
    def currency(self) -> str | None:
        """The currency of the call: that of its tokens, else of its image model."""
        row = self.tokens or self.image
        return row.currency if row else None

    def fee(self, tool: str, quantity: Span) -> Part:
        """Price calls of the service's tool."""
        call, currency = self.call, self.currency
        if currency is None:
            return _unpriced(f"{tool} calls", "call", quantity, f"no price is known for {call.model} at {self._where}")
        row = self.catalogue.fee(call.provider, tool, call.region, currency, self.at)
        if row is None:
            reason = f"no fee is known for {tool} at {self._where} in {currency}"
            return _unpriced(f"{tool} calls", "call", quantity, reason)
        return Part(
            what=f"{tool} calls",
            unit="call",
            quantity=quantity,
            unit_price=row.per_thousand_calls,
            currency=row.currency,
            source=row.source,
            checked=row.checked,
        )

    def input(self, amount: Amount, whole: Span | None) -> Part:
        """Price expected input of the mainline model; `whole` is all input of the request, which decides the tier.

        The least is what a service would take for input from its cache, the most what it takes for writing there.
        """
        tiers = self._tiers(whole)
        if isinstance(tiers, str):
            return _unpriced(amount.what, "token", amount.quantity, amount.reason or tiers)
        low, usual, high = tiers
        cached, written = low.cached_input_per_million_tokens, high.cache_write_per_million_tokens
        least = low.input_per_million_tokens if cached is None else cached
        most = max(high.input_per_million_tokens, written or Decimal(0))
        return self._tokens(amount, usual.input_per_million_tokens, least, most)

    def output(self, amount: Amount, whole: Span | None) -> Part:
        """Price expected output of the mainline model."""
        tiers = self._tiers(whole)
        if isinstance(tiers, str):
            return _unpriced(amount.what, "token", amount.quantity, amount.reason or tiers)
        return self._tokens(amount, *(tiers[which].output_per_million_tokens for which in (1, 0, 2)))

    def tier(self, input_tokens: Decimal | int) -> TokenTier | str:
        """Give the tier of a request, or say why there is none."""
        if self.tokens is None:
            return f"no price is known for {self.call.model} at {self._where}"
        return self.tokens.tier(input_tokens) or f"no price is known for {plain_count(input_tokens)} input tokens"

    def exactly(self, what: str, quantity: int, unit_price: Decimal | None, *, estimated: bool = False) -> Part:
        """Price tokens of the mainline model that were counted."""
        row = self.tokens
        return Part(
            what=what,
            unit="token",
            quantity=Span.exactly(quantity),
            unit_price=unit_price,
            currency=row.currency if row else None,
            source=row.source if row else None,
            checked=row.checked if row else None,
            estimated=estimated,
            reason=None if unit_price is not None else f"no price is known for {what}",
        )

    def painting(self, amount: Amount) -> Part:
        """Price tokens of the image model."""
        row, model = self.image, self.call.image_model
        if row is None:
            reason = amount.reason or f"no price is known for {model} at {self._where}"
            return _unpriced(amount.what, "token", amount.quantity, reason)
        price, cached = _image_price(row, amount)
        return Part(
            what=amount.what,
            unit="token",
            quantity=amount.quantity,
            unit_price=price,
            low_unit_price=cached,
            currency=row.currency,
            source=row.source,
            checked=row.checked,
            reason=amount.reason,
        )

    def painted_words(self, quantity: int) -> Part:
        """Price text that the image model wrote."""
        row, what = self.image, "text of the image model"
        price = row.text_output_per_million_tokens if row else None
        if row is None or price is None:
            reason = f"no price is known for text that {self.call.image_model} writes"
            return _unpriced(what, "token", Span.exactly(quantity), reason)
        return Part(
            what=what,
            unit="token",
            quantity=Span.exactly(quantity),
            unit_price=price,
            currency=row.currency,
            source=row.source,
            checked=row.checked,
        )

    @property
    def _where(self) -> str:
        call = self.call
        return f"{call.provider} ({call.region})" if call.region else call.provider

    def _tiers(self, whole: Span | None) -> tuple[TokenTier, TokenTier, TokenTier] | str:
        if whole is None:
            whole = Span.exactly(0)  # some input is unknown, and so will be the total; the known parts are still priced
        low, usual, high = self.tier(whole.low), self.tier(whole.expected), self.tier(whole.high)
        if isinstance(low, str) or isinstance(usual, str) or isinstance(high, str):
            return next(tier for tier in (low, usual, high) if isinstance(tier, str))
        return low, usual, high

    def _tokens(self, amount: Amount, price: Decimal, low: Decimal, high: Decimal) -> Part:
        row = self.tokens
        return Part(
            what=amount.what,
            unit="token",
            quantity=amount.quantity,
            unit_price=price,
            low_unit_price=None if low == price else low,
            high_unit_price=None if high == price else high,
            currency=row.currency if row else None,
            source=row.source if row else None,
            checked=row.checked if row else None,
            reason=amount.reason,
        )


def prices_of(call: PricedCall, catalogue: Catalogue, at: datetime) -> Prices:
    """Look up what a call's models cost at a time."""
    image = catalogue.image_price(call.provider, call.image_model, call.region, at) if call.image_model else None
    return Prices(call, catalogue, at, catalogue.token_price(call.provider, call.model, call.region, at), image)


def plain_count(number: Decimal | int) -> str:
    """Write a count as people do: 1,234."""
    return f"{int(number):,}"


def _image_price(row: ImagePriceRow, amount: Amount) -> tuple[Decimal, Decimal | None]:
    """Give a price and, where the service has one, its price for input from the cache."""
    match amount.kind:
        case "image_text_input":
            return row.text_input_per_million_tokens, row.cached_text_input_per_million_tokens
        case "image_input":
            return row.image_input_per_million_tokens, row.cached_image_input_per_million_tokens
        case _:
            return row.image_output_per_million_tokens, None


def _unpriced(what: str, unit: Literal["token", "call"], quantity: Span | None, reason: str) -> Part:
    return Part(what=what, unit=unit, quantity=quantity, unit_price=None, reason=reason)
