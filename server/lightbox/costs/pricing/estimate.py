"""What a call will cost, before it is sent: the prices that apply to it, put to what it will consume, part by part."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from pydantic import BaseModel, ConfigDict, Field

from lightbox.costs.call import PricedCall
from lightbox.costs.catalogue.catalogue import Rates
from lightbox.costs.catalogue.rows import FeeRow, ImagePriceRow, PicturePriceRow, TokenPriceRow, TokenTier
from lightbox.costs.counting.use import Amount, Kind, Use, expected_use
from lightbox.costs.money import NOTHING, Exact, Money, Span, Unknown, plain, totals
from lightbox.costs.pricing.saving import Saving, saving
from lightbox.untrusted import named

PriceRow = TokenPriceRow | ImagePriceRow | PicturePriceRow | FeeRow
Tiers = tuple[TokenTier, TokenTier, TokenTier]

_PER = {
    "token": (1_000_000, "per million tokens"),
    "call": (1_000, "per thousand calls"),
    "picture": (1, "per picture"),
}
_CACHE = "the low figure counts input as read from the service's cache, the high one as written to it, where priced"


def _is_unset(value: object) -> bool:
    """Leave what says nothing out of what is stored: it is the journal's largest part."""
    return not value


class Part(BaseModel):
    """Something that is billed by itself: so many tokens or calls at a price; exact where the three figures agree.

    Attributes:
        what: What is billed, in words.
        kind: What price it is counted at, as in `counting.use`; an estimate's parts and its bill's have the same kinds.
        unit: `token`, `call` or `picture`; in a bill that a newer release wrote, it may be another.
        quantity: How many: low, expected, high; None where nobody knows.
        unit_price: The price of a million tokens, a thousand calls or a picture, `per` says which; None where unknown.
        low_unit_price: What the least is counted at, where that differs (input from the service's cache).
        high_unit_price: What the most is counted at, where that differs (a higher tier, input written to a cache).
        source: Where the price stands; `checked` is the day on which it was last read there.
        estimated: In a bill: whether the quantity comes from the estimate, for the service told none.
        reason: Why something of it is unknown.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    what: str
    unit: str
    quantity: Span | None
    unit_price: Exact | None
    low_unit_price: Exact | None = None
    high_unit_price: Exact | None = None
    currency: str | None = None
    source: str | None = None
    checked: date | None = None
    estimated: bool = False
    reason: str | None = None
    kind: str | None = Field(default=None, exclude_if=_is_unset)

    @property
    def per(self) -> str:
        """Say what the unit price is for."""
        return _PER[self.unit][1] if self.unit in _PER else f"for a number of {self.unit}s"

    @property
    def amount(self) -> Span | None:
        """Give the price of the quantity; None where it is not known."""
        if self.quantity == NOTHING:
            return NOTHING
        if self.unit_price is None or self.quantity is None or self.unit not in _PER:
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

    def highest(self) -> Part:
        """Give the part of a bill that is settled by the most that was expected."""
        most = Span.exactly(self.quantity.high) if self.quantity else None
        price = self.unit_price if self.high_unit_price is None else self.high_unit_price
        return self.model_copy(update={"quantity": most, "unit_price": price}).settled(estimated=True)

    def __str__(self) -> str:
        many = "" if self.quantity == Span.exactly(1) else "s"
        count = "unknown" if self.quantity is None else f"{_range(self.quantity)} {self.unit}{many}"
        price = "price unknown" if self.unit_price is None else f"{plain(self.unit_price)} {self.currency} {self.per}"
        amount = self.amount
        total = "" if amount is None or self.currency is None else f" = {_range(amount)} {self.currency}"
        return f"{self.what}: {count} at {price}{total}{' (estimated)' if self.estimated else ''}"


class Estimate(BaseModel):
    """What a call will cost: low, expected and high, part by part; None with the reason where that is not known.

    Attributes:
        assumptions: What was taken for granted, in sentences.
        saving: What shrinking the pictures saves, where any was shrunk.
        learned_from: Of how many late bills `expected` was learned; 0 where it is the catalogue's.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    low: Money | None
    expected: Money | None
    high: Money | None
    parts: tuple[Part, ...] = ()
    assumptions: tuple[str, ...] = ()
    reason: str | None = None
    saving: Saving | None = None
    learned_from: int = Field(default=0, exclude_if=_is_unset)

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

    model_config = ConfigDict(frozen=True, extra="ignore")

    low: tuple[Money, ...]
    expected: tuple[Money, ...]
    high: tuple[Money, ...]
    unknown: tuple[str, ...]


def estimate(call: PricedCall, rates: Rates) -> Estimate:
    """Say what a call will cost. Nothing is read or sent.

    Its figures bound the bill as far as the services publish how they count; what had to be assumed is said.
    """
    use = expected_use(call, rates)
    if isinstance(use, Unknown):
        return Estimate.unknown(use.reason)
    parts = tuple(part.times(call.count) for part in _parts(use, Prices.of(call, rates)))
    spared = saving(call, rates) if call.pictures else None
    assumptions = use.assumptions + ((_CACHE,) if any(part.low_unit_price is not None for part in parts) else ())
    total = totalled(parts)
    if isinstance(total, Unknown):
        return Estimate.unknown(total.reason, parts, assumptions)
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


def totalled(parts: Iterable[Part]) -> tuple[Money, Money, Money] | Unknown:
    """Add up parts of one currency: low, expected and high; or say why that can't be done."""
    sums = NOTHING
    currency: str | None = None
    for part in parts:
        amount = part.amount
        if amount is None:
            return Unknown(part.reason or f"no price is known for {part.what}")
        if currency is not None and part.currency not in {None, currency}:
            return Unknown(f"its parts are priced in {currency} and {part.currency}, which are never converted")
        currency = part.currency or currency
        sums = sums.plus(amount)
    if currency is None:
        return Unknown("none of its parts has a price")
    return Money(sums.low, currency), Money(sums.expected, currency), Money(sums.high, currency)


@dataclass(frozen=True, slots=True)
class Prices:
    """What the models and the tool of a call cost; a price that is not known is None.

    Attributes:
        picture: What its image model costs by the picture, where it is billed so.
        otherwise: Whether they are for a request that was served otherwise than by the standard.
    """

    call: PricedCall
    rates: Rates
    tokens: TokenPriceRow | None
    image: ImagePriceRow | None
    picture: PicturePriceRow | None
    otherwise: bool = False

    @classmethod
    def of(cls, call: PricedCall, rates: Rates) -> Prices:
        """Look up what a call's models cost."""
        tokens = rates.token_price(call.provider, call.model, call.region)
        image = rates.image_price(call.provider, call.image_model, call.region) if call.image_model else None
        picture = rates.picture_price(call.provider, call.image_model, call.region) if call.image_model else None
        return cls(call, rates, tokens, image, picture)

    def served(self, service_tier: str | None) -> Prices:
        """Give what holds for a request that was served otherwise than by the standard, as the service names that.

        An image model costs what it does by the standard where nothing else is published.
        """
        if service_tier is None:
            return self
        call, rates = self.call, self.rates
        tokens = rates.token_price(call.provider, call.model, call.region, service_tier)
        image = self.image and rates.image_price(call.provider, call.image_model or "", call.region, service_tier)
        return replace(self, tokens=tokens, image=image or self.image, otherwise=True)

    @property
    def currency(self) -> str | None:
        """The currency of the call: that of its tokens, else of its image model."""
        row = self.tokens or self.image or self.picture
        return row.currency if row else None

    def fee(self, tool: str, quantity: Span) -> Part:
        """Price calls of the service's tool."""
        call, currency = self.call, self.currency
        fees = Amount("fee", f"{tool} calls", quantity)
        if currency is None:
            return _unpriced(fees, f"no price is known for {call.model} at {self._where}")
        row = self.rates.fee(call.provider, tool, call.region, currency)
        if row is None:
            return _unpriced(fees, f"no fee is known for {named(tool)} at {self._where} in {currency}")
        return _priced(fees, row, row.per_thousand_calls)

    def input(self, amount: Amount, tiers: Tiers | Unknown) -> Part:
        """Price expected input of the mainline model, in the `tiers` of its request.

        The least is what a service would take for input from its cache, the most what it takes for writing there.
        """
        if isinstance(tiers, Unknown):
            return _unpriced(amount, tiers.reason)
        low, usual, high = tiers
        cached, written = low.cached_input_per_million_tokens, high.cache_write_per_million_tokens
        least = low.input_per_million_tokens if cached is None else cached
        most = max(high.input_per_million_tokens, written or Decimal(0))
        return _priced(amount, self.tokens, usual.input_per_million_tokens, least, most)

    def output(self, amount: Amount, tiers: Tiers | Unknown) -> Part:
        """Price expected output of the mainline model, in the `tiers` of its request."""
        if isinstance(tiers, Unknown):
            return _unpriced(amount, tiers.reason)
        low, usual, high = (tier.output_per_million_tokens for tier in tiers)
        return _priced(amount, self.tokens, usual, low, high)

    def tier(self, input_tokens: Decimal | int) -> TokenTier | Unknown:
        """Give the tier of a request, or say why there is no price."""
        call = self.call
        if self.tokens is None and self.otherwise:
            return Unknown("it names a service tier that has no price here")  # the name is the service's word, not ours
        if self.tokens is None:
            return Unknown(f"no price is known for {call.model} at {self._where}")
        tier = self.tokens.tier(input_tokens)
        return tier or Unknown(f"no price is known for {int(input_tokens):,} input tokens")

    def exactly(
        self, what: str, quantity: int, unit_price: Decimal | None, *, kind: Kind = "input", estimated: bool = False
    ) -> Part:
        """Price tokens of the mainline model that were counted."""
        reason = None if unit_price is not None else f"no price is known for {what}"
        part = _priced(Amount(kind, what, Span.exactly(quantity), reason), self.tokens, unit_price)
        return part.settled(estimated=estimated)

    def painting(self, amount: Amount) -> Part:
        """Price tokens of the image model."""
        row = self.image
        if row is None:
            return _unpriced(amount, f"no price is known for {self.call.image_model} at {self._where}")
        match amount.kind:
            case "image_text_input":
                price, cached = row.text_input_per_million_tokens, row.cached_text_input_per_million_tokens
            case "image_input":
                price, cached = row.image_input_per_million_tokens, row.cached_image_input_per_million_tokens
            case _:
                price, cached = row.image_output_per_million_tokens, None
        return _priced(amount, row, price, cached)

    def painting_cached(self, amount: Amount) -> Part:
        """Price input of the image model that was read from a cache; by the full price, where no other is known."""
        full = self.painting(amount)
        price = full.low_unit_price
        return (
            full.settled(estimated=True)
            if price is None
            else full.model_copy(update={"unit_price": price, "low_unit_price": None})
        )

    def pictures(self, amount: Amount, size_class: str | None = None) -> Part:
        """Price pictures that are billed by themselves: by the class that the service names, else by their size."""
        row = self.picture
        if row is None:
            return _unpriced(amount, f"no price is known for {self.call.image_model} at {self._where}")
        if amount.kind == "picture_input":
            return _priced(amount, row, row.per_input_picture)
        if told := row.class_named(size_class):
            return _priced(amount, row, told.per_picture)
        if amount.area is None:
            prices = [each.per_picture for each in row.classes]
            return _priced(amount, row, prices[0], min(prices), max(each.most for each in row.classes))
        low, usual, high = (row.class_of(int(area)) for area in amount.area)
        if low is None or usual is None or high is None:
            return _unpriced(amount, f"no price is known for a {amount.what}")
        return _priced(amount, row, usual.per_picture, low.per_picture, high.most)

    def painted_words(self, quantity: int) -> Part:
        """Price text that the image model wrote."""
        words = Amount("image_output", "text of the image model", Span.exactly(quantity))
        price = self.image.text_output_per_million_tokens if self.image else None
        if price is None:
            return _unpriced(words, f"no price is known for text that {self.call.image_model} writes")
        return _priced(words, self.image, price)

    def tiers(self, whole: Span | None) -> Tiers | Unknown:
        """Give the tiers of a request by all its input: of the least, the likely and the most of it."""
        # Where some input is unknown, so will be the total; the known parts are still priced, as of a short request.
        low, usual, high = (self.tier(count) for count in whole or NOTHING)
        if isinstance(low, Unknown):
            return low
        if isinstance(usual, Unknown):
            return usual
        return high if isinstance(high, Unknown) else (low, usual, high)

    @property
    def _where(self) -> str:
        return self.call.where


def _parts(use: Use, prices: Prices) -> Iterable[Part]:
    tiers = prices.tiers(use.total("input"))
    for amount in use.amounts:
        match amount.kind:
            case "fee":
                if use.tool and amount.quantity:
                    yield prices.fee(use.tool, amount.quantity)
            case "input":
                yield prices.input(amount, tiers)
            case "output":
                yield prices.output(amount, tiers)
            case "picture" | "picture_input":
                yield prices.pictures(amount)
            case _:
                yield prices.painting(amount)


def _priced(
    amount: Amount, row: PriceRow | None, price: Decimal | None, low: Decimal | None = None, high: Decimal | None = None
) -> Part:
    return Part(
        what=amount.what,
        unit=_unit(amount),
        quantity=amount.quantity,
        unit_price=price,
        low_unit_price=None if low == price else low,
        high_unit_price=None if high == price else high,
        currency=row.currency if row else None,
        source=row.source if row else None,
        checked=row.checked if row else None,
        reason=amount.reason,
        kind=amount.kind,
    )


def _unpriced(amount: Amount, reason: str) -> Part:
    reason = amount.reason or reason
    return Part(
        what=amount.what,
        unit=_unit(amount),
        quantity=amount.quantity,
        unit_price=None,
        reason=reason,
        kind=amount.kind,
    )


def _unit(amount: Amount) -> str:
    return {"fee": "call", "picture": "picture", "picture_input": "picture"}.get(amount.kind, "token")


def _range(span: Span) -> str:
    if span.exact:
        return plain(span.expected)
    return f"{plain(span.low)} to {plain(span.high)}, likely {plain(span.expected)}"
