"""Spending: the journal read as a ledger."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Connection, case, cast, func, literal_column, select

from lightbox.costs.money import Money, plain
from lightbox.jobs.ledger import LedgerRow
from lightbox.state.tables import jobs
from lightbox.vocabulary import Period

if TYPE_CHECKING:
    from lightbox.state.database import Database

DAY_SECONDS = 86_400
_A_DAY = literal_column(str(DAY_SECONDS * 1_000_000), BigInteger)


async def spending(
    database: Database, period: Period, *, owner: str | None = None, now: Callable[[], datetime] | None = None
) -> list[LedgerRow]:
    """Sum the journal up by day, tool, provider, model and currency; of one owner, or of all."""
    since, until = window(period, (now or (lambda: datetime.now(UTC)))())
    return await database.read(lambda connection: sums(connection, since, until, owner))


def window(period: Period, now: datetime) -> tuple[datetime, datetime]:
    """Give the first and the last moment of a period."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    later = now + timedelta(seconds=1)
    if period == "yesterday":
        return today - timedelta(days=1), today
    since: dict[Period, datetime] = {
        "hour": now - timedelta(hours=1),
        "today": today,
        "week": now - timedelta(days=7),
        "month": today.replace(day=1),
        "year": today.replace(month=1, day=1),
        "all": datetime.fromtimestamp(0, UTC),
    }
    return since[period], later


def sums(connection: Connection, since: datetime, until: datetime, owner: str | None) -> list[LedgerRow]:
    """Sum the journal up by day, tool, provider, model and currency; of one owner, or of all."""
    # Days in UTC, counted from 1970: every database divides, but each writes dates in its own way.
    # To whole microseconds first: SQLite cuts what PostgreSQL rounds, and half a second's calls would be another day's.
    day = (cast(jobs.c.created_at * literal_column("1000000"), BigInteger) // _A_DAY).label("day")
    billed = func.coalesce(func.sum(jobs.c.billed), 0)
    estimated = func.coalesce(func.sum(case((jobs.c.estimated, jobs.c.billed), else_=0)), 0)
    unknown = func.sum(case((jobs.c.ended_at.is_not(None) & jobs.c.billed.is_(None), 1), else_=0))
    group = (day, jobs.c.tool, jobs.c.provider, jobs.c.model, jobs.c.currency)
    query = (
        select(
            *group,
            func.count().label("number"),
            billed.label("billed"),
            estimated.label("estimated"),
            func.sum(jobs.c.reserved).label("reserved"),
            unknown.label("unknown"),
        )
        .where(jobs.c.created_at >= since.timestamp(), jobs.c.created_at < until.timestamp())
        .group_by(*group)
        .order_by(*group)
    )
    if owner is not None:
        query = query.where(jobs.c.owner == owner)
    return [_row(row) for row in connection.execute(query)]


def _row(row: Any) -> LedgerRow:
    def amount(billionths: int) -> str:
        return plain(Money.of_billionths(int(billionths), row.currency or "").amount)

    return LedgerRow(
        day=f"{datetime.fromtimestamp(row.day * DAY_SECONDS, UTC):%Y-%m-%d}",
        tool=row.tool,
        provider=row.provider,
        model=row.model,
        currency=row.currency,
        jobs=row.number,
        billed=amount(row.billed),
        estimated=amount(row.estimated),
        reserved=amount(row.reserved),
        unknown=row.unknown,
    )
