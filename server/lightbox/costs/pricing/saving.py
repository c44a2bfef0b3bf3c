"""What it saves to shrink pictures before they are sent."""

from __future__ import annotations

from decimal import Decimal

from pydantic import BaseModel, ConfigDict

from lightbox.costs.call import PricedCall, SentSize
from lightbox.costs.catalogue.catalogue import Rates
from lightbox.costs.catalogue.rows import VisionRow
from lightbox.costs.counting.vision import picture_tokens
from lightbox.costs.money import Money
from lightbox.vocabulary import Detail


class Saving(BaseModel):
    """What shrinking saves against sending the pictures as they are, for the service to look at as it likes.

    Attributes:
        tokens: Input tokens of the mainline model; 0 where the service would have shrunk them just so.
        byte_count: Bytes that need not travel.
        amount: What the tokens would have cost; None where no price is known.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    tokens: int
    byte_count: int
    amount: Money | None

    def times(self, number: int) -> Saving:
        """Give the saving of so many calls alike."""
        return Saving(
            tokens=self.tokens * number,
            byte_count=self.byte_count * number,
            amount=self.amount * number if self.amount else None,
        )

    def __str__(self) -> str:
        money = f" and {self.amount}" if self.amount and self.amount.amount else ""
        return f"shrinking saves {self.tokens:,} tokens, {self.byte_count:,} bytes{money}"


def saving(call: PricedCall, rates: Rates) -> Saving | None:
    """Say what shrinking a call's pictures saves; None where none was shrunk."""
    shrunk = [sent for sent in call.pictures if sent.original_width and sent.original_height]
    if not shrunk:
        return None
    row = rates.vision(call.provider, call.model)
    tokens = sum(_spared_tokens(row, sent, call.detail) for sent in shrunk) if row else 0
    return Saving(
        tokens=tokens,
        byte_count=sum(max(0, (sent.original_byte_count or 0) - (sent.byte_count or 0)) for sent in shrunk),
        amount=_price(tokens, call, rates),
    ).times(call.count)


def _price(tokens: int, call: PricedCall, rates: Rates) -> Money | None:
    price = rates.token_price(call.provider, call.model, call.region)
    tier = rates.tier(call.provider, call.model, call.region, 0)
    if price is None or tier is None:
        return None
    return Money(tokens * tier.input_per_million_tokens / Decimal(1_000_000), price.currency)


def _spared_tokens(row: VisionRow, sent: SentSize, detail: Detail | None) -> int:
    # Without us the picture would go as it is, and the service would decide how closely to look.
    before = picture_tokens(row, sent.original_width, sent.original_height, "auto")
    after = picture_tokens(row, sent.width, sent.height, detail)
    return max(0, int(before.expected - after.expected))
