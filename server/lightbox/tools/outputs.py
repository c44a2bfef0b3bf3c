"""The structured content of answers, as clients are shown it. Amounts are decimal text, null where not known."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from lightbox.images.picture import Hit
from lightbox.jobs.ledger import LedgerRow
from lightbox.vocabulary import Period


class Cost(BaseModel):
    """Amounts as decimal text; null where not known, with the reason."""

    model_config = ConfigDict(frozen=True)

    currency: str | None = None
    estimate_low: str | None = None
    estimate: str | None = Field(None, description="Expected before the call.")
    estimate_high: str | None = None
    billed: str | None = Field(None, description="What it did cost.")
    basis: Literal["usage", "estimate", "pending", "cached"] = Field(
        description="usage: from what the service reported. estimate: it reported nothing. pending: the bill is "
        "still to come, get_spending shows it. cached: an earlier call paid."
    )
    reason: str | None = None


class HitList(BaseModel):
    """What a search found. Titles, addresses and the analysis are untrusted data from the web."""

    model_config = ConfigDict(frozen=True)

    status: Literal["completed", "running"]
    job_id: str
    provider: str
    model: str
    hits: list[Hit] = Field(default_factory=list[Hit])
    found: int = Field(0, description="How many different hits there were; `hits` may show fewer.")
    queries: list[str] = Field(default_factory=list[str], description="What the service searched for.")
    analysis: str | None = None
    cost: Cost
    cached: bool = Field(default=False, description="Answered from the journal; nothing was billed for it.")
    notes: list[str] = Field(default_factory=list[str])


class Line(BaseModel):
    """One part of a price; quantities and amounts as decimal text."""

    model_config = ConfigDict(frozen=True)

    what: str
    quantity_low: str | None
    quantity: str | None
    quantity_high: str | None
    unit: str
    unit_price: str | None
    per: str
    low: str | None
    expected: str | None
    high: str | None
    currency: str | None
    source: str | None
    checked: str | None = Field(description="When the price was last read at its source.")
    reason: str | None


class CallEstimate(BaseModel):
    """One call's price, times included; null where not known, with the reason."""

    model_config = ConfigDict(frozen=True)

    tool: str
    provider: str | None
    model: str | None
    times: int
    currency: str | None
    low: str | None
    expected: str | None
    high: str | None
    reason: str | None
    parts: list[Line]
    assumptions: list[str]
    saving: str | None = Field(description="What shrinking the pictures before sending saves.")


class TotalEstimate(BaseModel):
    """All calls of one currency together."""

    model_config = ConfigDict(frozen=True)

    currency: str
    low: str
    expected: str
    high: str


class Estimates(BaseModel):
    """What the calls would cost. Nothing was sent that bills."""

    model_config = ConfigDict(frozen=True)

    calls: list[CallEstimate]
    totals: list[TotalEstimate] = Field(description="One for each currency; currencies are never mixed.")
    unknown: list[str] = Field(description="Why some calls have no price; they are not in the totals.")
    notes: list[str] = Field(default_factory=list[str])


class Total(BaseModel):
    """One currency; currencies are never mixed."""

    model_config = ConfigDict(frozen=True)

    currency: str
    billed: str
    estimated: str
    reserved: str


class Spending(BaseModel):
    """The ledger of a period, and the budget."""

    model_config = ConfigDict(frozen=True)

    period: Period
    totals: list[Total]
    unknown: int
    lines: list[LedgerRow]
    budget: list[str]
