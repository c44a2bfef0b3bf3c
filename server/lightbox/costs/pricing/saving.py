"""What it saves to shrink pictures before they are sent."""

from __future__ import annotations

from decimal import Decimal

from pydantic import BaseModel, ConfigDict

from lightbox.costs.call import PricedCall
from lightbox.costs.catalogue.catalogue import Catalogue
from lightbox.costs.catalogue.rows import VisionRow
from lightbox.costs.counting.vision import picture_tokens
from lightbox.costs.money import Money
from lightbox.costs.pricing.prices import Prices


class Saving(BaseModel):
    """What shrinking saves against sending the pictures as they are, for the service to look at as it likes.

    Attributes:
        tokens: Input tokens of the mainline model; 0 where the service would have shrunk them just so.
        byte_count: Bytes that need not travel.
        amount: What the tokens would have cost; None where no price is known.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

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


def saving(call: PricedCall, catalogue: Catalogue, prices: Prices) -> Saving | None:
    """Say what shrinking a call's pictures saves; None where none was shrunk."""
    shrunk = [sent for sent in call.pictures if sent.original_width and sent.original_height]
    if not shrunk:
        return None
    row = catalogue.vision(call.provider, call.model, prices.at)
    tokens = sum(_spared_tokens(row, call, number) for number in range(len(call.pictures))) if row else 0
    spared_bytes = sum(max(0, (sent.original_byte_count or 0) - (sent.byte_count or 0)) for sent in shrunk)
    tier = prices.tier(0)
    amount = None
    if not isinstance(tier, str) and prices.currency:
        amount = Money(tokens * tier.input_per_million_tokens / Decimal(1_000_000), prices.currency)
    return Saving(tokens=tokens, byte_count=spared_bytes, amount=amount).times(call.count)


def _spared_tokens(row: VisionRow, call: PricedCall, number: int) -> int:
    sent = call.pictures[number]
    if not (sent.original_width and sent.original_height):
        return 0
    # Without us the picture would go as it is, and the service would decide how closely to look.
    before = picture_tokens(row, sent.original_width, sent.original_height, "auto")
    after = picture_tokens(row, sent.width, sent.height, call.detail)
    return max(0, int(before.expected - after.expected))
