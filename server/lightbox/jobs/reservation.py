"""Room in the budget: what is spent and reserved, summed inside the transaction that reserves more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from lightbox.costs.money import Money
from lightbox.costs.pricing.budget import Cap, refusal, total_refusal, uncovered
from lightbox.errors import OverBudget
from lightbox.state.tables import jobs

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from lightbox.jobs.job import Order


def check_caps(connection: Connection, caps: Sequence[Cap], order: Order, now: float, *, allow_unpriced: bool) -> None:
    """Make sure that every cap has room for the order's high estimate. Runs inside the transaction that reserves it.

    Raises:
        OverBudget: One has not; or the price is unknown, or in a currency for which no cap is set, and
            ALLOW_UNPRICED does not say otherwise.
    """
    high, moment = order.estimate.high, datetime.fromtimestamp(now, UTC)
    for cap, spent, reserved in _used(connection, order.owner, caps, order, moment, allow_unpriced=allow_unpriced):
        if high and (text := refusal(cap, spent=spent, reserved=reserved, needed=high, at=moment)):
            raise OverBudget(text)


def check_total_caps(
    connection: Connection, caps: Sequence[Cap], order: Order, now: float, *, allow_unpriced: bool
) -> None:
    """Make sure that every cap on what all owners spend together has room, as `check_caps` does for one owner's.

    Raises:
        OverBudget: One has not; the text holds no figure of what others have spent.
    """
    high, moment = order.estimate.high, datetime.fromtimestamp(now, UTC)
    for cap, spent, reserved in _used(connection, None, caps, order, moment, allow_unpriced=allow_unpriced):
        counted = cap.counted(high) if high else None
        if high and counted and spent + reserved + counted > cap.amount:
            raise OverBudget(total_refusal(cap, needed=high, at=moment))


def _used(
    connection: Connection,
    owner: str | None,
    caps: Sequence[Cap],
    order: Order,
    moment: datetime,
    *,
    allow_unpriced: bool,
) -> Iterator[tuple[Cap, Money, Money]]:
    """Give each cap that counts the order's currency with what is spent and reserved in its window, of one or all.

    Raises:
        OverBudget: No cap can hold what the order costs, and ALLOW_UNPRICED does not say otherwise.
    """
    high = order.estimate.high
    problem = uncovered(high, caps, order.estimate.reason)
    if problem is not None and not allow_unpriced:
        raise OverBudget(problem)
    for cap in caps:
        if high is not None and high.currency in cap.currencies:
            yield cap, *used(connection, owner, cap, moment)


def used(connection: Connection, owner: str | None, cap: Cap, moment: datetime) -> tuple[Money, Money]:
    """Sum what calls of the cap's window have cost, and what those of them that are open may cost; one owner's, or all.

    Calls in other currencies count by the rates that the user has set, and not at all where there is none.

    A call counts in the window in which it was made, open or settled, as the ledger counts it: when a window ends, all
    of the cap is free again.
    """
    query = (
        select(jobs.c.currency, func.coalesce(func.sum(jobs.c.billed), 0), func.coalesce(func.sum(jobs.c.reserved), 0))
        .where(jobs.c.currency.in_(cap.currencies), jobs.c.created_at >= cap.window_start(moment).timestamp())
        .group_by(jobs.c.currency)
    )
    if owner is not None:
        query = query.where(jobs.c.owner == owner)
    spent = reserved = Money(Decimal(0), cap.amount.currency)
    for currency, billed, held in connection.execute(query):
        spent += _counted(cap, billed, currency)
        reserved += _counted(cap, held, currency)
    return spent, reserved


def _counted(cap: Cap, billionths: int, currency: str) -> Money:
    """Count a sum in the cap's currency; it is one of those that the cap has a rate for."""
    money = cap.counted(Money.of_billionths(int(billionths), currency))
    if money is None:
        raise ValueError(f"{cap} does not count {currency}")
    return money
