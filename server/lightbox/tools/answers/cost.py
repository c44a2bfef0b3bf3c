"""The estimate and the bill of a job, as every answer ends with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field

from lightbox.costs.money import Money, plain

if TYPE_CHECKING:
    from lightbox.jobs.job import Job


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


def cost_of(job: Job) -> Cost:
    """Sum up what is known about a job's price."""
    estimate, bill = job.order.estimate, job.bill
    known = estimate.expected or (bill.amount if bill else None)
    amounts = {
        "currency": known.currency if known else None,
        "estimate_low": _amount(estimate.low),
        "estimate": _amount(estimate.expected),
        "estimate_high": _amount(estimate.high),
    }
    if job.cached:
        return Cost(**amounts, billed="0", basis="cached")
    if bill is None:
        return Cost(**amounts, basis="pending", reason=estimate.reason)
    basis = "estimate" if bill.estimated else "usage"
    return Cost(**amounts, billed=_amount(bill.amount), basis=basis, reason=bill.reason)


def cost_line(cost: Cost) -> str:
    """Say the same in one line."""
    span = _span(cost)
    if cost.basis == "cached":
        return "cost: 0, answered from the journal; an earlier call paid"
    if cost.basis == "pending":
        return f"cost: the bill is not settled yet; estimate {span}"
    billed = f"{cost.billed} {cost.currency}" if cost.billed is not None else f"unknown ({cost.reason})"
    source = "" if cost.basis == "usage" else ", from the estimate, for the service reported no usage"
    return f"cost: {billed}{source}; estimate {span}"


def _span(cost: Cost) -> str:
    if cost.estimate is None:
        return f"unknown ({cost.reason})" if cost.reason else "unknown"
    if cost.estimate_low == cost.estimate_high:
        return f"{cost.estimate} {cost.currency}"
    return f"{cost.estimate} {cost.currency} ({cost.estimate_low} to {cost.estimate_high})"


def _amount(money: Money | None) -> str | None:
    return plain(money.amount) if money else None
