"""Room in the budget: what is spent and reserved, summed inside the transaction that reserves more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import ROUND_CEILING, Decimal
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from lightbox.costs.money import Money
from lightbox.costs.pricing.budget import Cap, refusal, uncovered
from lightbox.errors import OverBudget
from lightbox.jobs.table import jobs

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from lightbox.jobs.order import Order

BILLIONTHS = 1_000_000_000
MOST_BILLIONTHS = 2**62
"""What the database holds; a service that reports more is mistaken."""


def to_billionths(money: Money) -> int:
    """Give an amount as whole billionths of its currency, rounded up: what is summed is never less than it was."""
    return min(int((money.amount * BILLIONTHS).to_integral_value(ROUND_CEILING)), MOST_BILLIONTHS)


def to_money(billionths: int, currency: str) -> Money:
    """Give whole billionths as an amount."""
    return Money(Decimal(billionths) / BILLIONTHS, currency)


async def check_caps(
    connection: AsyncConnection, caps: Sequence[Cap], order: Order, now: float, *, allow_unpriced: bool
) -> None:
    """Make sure that every cap has room for the order's high estimate. Runs inside the transaction that reserves it.

    Raises:
        OverBudget: One has not; or the price is unknown, or in a currency for which no cap is set, and
            ALLOW_UNPRICED does not say otherwise.
    """
    if not caps:
        return
    high = order.estimate.high
    problem = uncovered(high, caps, order.estimate.reason)
    if problem is not None and not allow_unpriced:
        raise OverBudget(problem)
    if high is None:
        return
    moment = datetime.fromtimestamp(now, UTC)
    for cap in caps:
        if cap.amount.currency != high.currency:
            continue
        spent, reserved = await _used(connection, order.owner, cap, moment)
        if text := refusal(cap, spent=spent, reserved=reserved, needed=high, at=moment):
            raise OverBudget(text)


async def _used(connection: AsyncConnection, owner: str, cap: Cap, moment: datetime) -> tuple[Money, Money]:
    """Sum what the owner has spent in the cap's window, and what is reserved now."""
    currency = cap.amount.currency
    mine = (jobs.c.owner == owner, jobs.c.currency == currency)
    since = cap.window_start(moment).timestamp()
    spent = select(func.coalesce(func.sum(jobs.c.billed), 0)).where(*mine, jobs.c.ended_at >= since)
    reserved = select(func.coalesce(func.sum(jobs.c.reserved), 0)).where(*mine)
    return (
        to_money((await connection.execute(spent)).scalar_one(), currency),
        to_money((await connection.execute(reserved)).scalar_one(), currency),
    )
