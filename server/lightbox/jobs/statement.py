"""The statement: jobs one by one, estimate beside bill, and what is left of each budget."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_FLOOR, Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import Connection, select

from lightbox.costs.conversion import rounded
from lightbox.costs.money import Money, plain
from lightbox.jobs.job import OPEN_STATES
from lightbox.jobs.ledger import LedgerRow
from lightbox.jobs.reservation import used
from lightbox.jobs.spending import DAY_SECONDS, sums, window
from lightbox.state.tables import jobs
from lightbox.vocabulary import Period

if TYPE_CHECKING:
    from lightbox.costs.pricing.budget import Cap
    from lightbox.state.database import Database

Caps = Callable[[str], "Sequence[Cap]"]
"""Gives the budget of an owner."""
Group = tuple[str, str, str, str, str | None]
"""What a row of the ledger sums up: day, tool, provider, model, currency."""

_HELD_AT_ONCE = 500
"""Rows that are read from the database at a time: what searches brought is long."""
MOST_DIFFERENCE = 5
"""By how many percent what a service charges may differ from our prices before that is noted."""
MOST_LOOKED_AT = 5_000
"""How many jobs of one owner are looked at for what was expected of them: callers ask for this while they wait."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRow:
    """One job as a statement shows it; amounts as decimal text in `currency`, None where they are not known.

    Attributes:
        when: When it was made, in UTC.
        expected: The estimate before the call.
        high: The most that it could cost, by the estimate.
        estimated: Whether the bill, or part of it, is the estimate: the service reported no usage.
        reserved: What is held for it while it is open.
        told: What the service itself says that it charged, where it tells.
        counted: What our prices would have come to, where the service told and they are known.
        made: What came: handles of made pictures, or how many hits.
    """

    id: str
    when: str
    owner: str
    tool: str
    provider: str
    model: str
    state: str
    currency: str | None
    expected: str | None
    high: str | None
    billed: str | None
    estimated: bool
    reserved: str
    told: str | None
    counted: str | None
    made: tuple[str, ...]

    @property
    def difference(self) -> Decimal | None:
        """By how many percent the service charged more than our prices come to; None where one is not known."""
        if self.told is None or self.counted is None:
            return None
        told, counted = Decimal(self.told), Decimal(self.counted)
        if not counted:
            return Decimal(100) if told else Decimal(0)
        return (told - counted) / counted * 100

    @property
    def differs(self) -> bool:
        """Whether the two are too far apart."""
        return self.difference is not None and abs(self.difference) > MOST_DIFFERENCE

    @property
    def open(self) -> bool:
        """Whether the bill is still to come."""
        return self.state in OPEN_STATES


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetRow:
    """What is left of one cap; amounts as decimal text in `currency`.

    Attributes:
        owner: Whose it is; None for a total over all owners.
        free_again: When all of it is free again, in UTC.
        rates: The user's rates by which it counts other currencies; `""` where it counts its own alone.
    """

    owner: str | None
    setting: str
    cap: str
    currency: str
    spent: str
    reserved: str
    left: str
    free_again: str
    rates: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What was spent in a period: the rows, what was expected of each, the budgets and, if wanted, the jobs."""

    since: datetime
    until: datetime
    rows: Sequence[LedgerRow]
    expected: Mapping[Group, Decimal]
    budgets: Sequence[BudgetRow]
    jobs: Sequence[JobRow]


async def statement(
    database: Database,
    period: Period,
    *,
    caps: Caps,
    total_caps: Sequence[Cap] = (),
    each: bool = False,
    owner: str | None = None,
    now: Callable[[], datetime] | None = None,
) -> Statement:
    """Read what all owners, or one, have spent in a period, in one transaction.

    Args:
        database: Where the journal is.
        period: Of what time.
        caps: The budget of an owner, who is asked about if the journal names them in the cap's time.
        total_caps: What all owners together may spend.
        each: Whether the jobs are wanted one by one.
        owner: Whose alone; None for all.
        now: The clock.
    """
    moment = (now or (lambda: datetime.now(UTC)))()

    def read(connection: Connection) -> Statement:
        since, until = window(period, moment)
        rows = sums(connection, since, until, owner)
        looks = each or owner is None or sum(row.jobs for row in rows) <= MOST_LOOKED_AT
        listed, expected = _jobs(connection, since, until, owner, each=each) if looks else ([], {})
        return Statement(
            since=since,
            until=min(until, moment),
            rows=rows,
            expected=expected,
            budgets=_budgets(connection, caps, total_caps, moment, owner),
            jobs=listed,
        )

    return await database.read(read)


def _jobs(
    connection: Connection, since: datetime, until: datetime, owner: str | None, *, each: bool
) -> tuple[list[JobRow], dict[Group, Decimal]]:
    """Read the jobs of a time; what was expected of them is told of every one whose order is still kept."""
    columns = [jobs.c.created_at, jobs.c.tool, jobs.c.provider, jobs.c.model, jobs.c.currency, jobs.c.order]
    if each:
        columns += [jobs.c.id, jobs.c.owner, jobs.c.state, jobs.c.billed, jobs.c.estimated, jobs.c.reserved]
        columns += [jobs.c.outcome, jobs.c.bill]
    query = (
        select(*columns)
        .where(jobs.c.created_at >= since.timestamp(), jobs.c.created_at < until.timestamp())
        .order_by(jobs.c.created_at)
    )
    if owner is not None:
        query = query.where(jobs.c.owner == owner)
    listed: list[JobRow] = []
    expected: dict[Group, Decimal] = {}
    for row in connection.execute(query.execution_options(yield_per=_HELD_AT_ONCE)):
        estimate = _table(_json(row.order).get("estimate"))
        likely = _amount(estimate.get("expected"))
        if likely is not None:
            group = (_day(row.created_at), row.tool, row.provider, row.model, row.currency)
            expected[group] = expected.get(group, Decimal(0)) + likely
        if each:
            listed.append(_row(row, estimate, likely))
    return listed, expected


def _row(row: Any, estimate: Mapping[str, Any], likely: Decimal | None) -> JobRow:
    high, bill = _amount(estimate.get("high")), _json(row.bill)
    told, counted = _amount(bill.get("told")), _amount(bill.get("counted"))
    return JobRow(
        id=row.id,
        when=f"{datetime.fromtimestamp(row.created_at, UTC):%Y-%m-%dT%H:%M:%SZ}",
        owner=row.owner,
        tool=row.tool,
        provider=row.provider,
        model=row.model,
        state=row.state,
        currency=row.currency,
        expected=None if likely is None else plain(likely),
        high=None if high is None else plain(high),
        billed=None if row.billed is None else _written(row.billed),
        estimated=row.estimated,
        reserved=_written(row.reserved),
        told=None if told is None else plain(told),
        counted=None if counted is None else plain(counted),
        made=_made(_json(row.outcome)),
    )


def _made(outcome: Mapping[str, Any]) -> tuple[str, ...]:
    """Say what came of a job: an outcome as it is kept, or nothing once that was pruned."""
    if pictures := _list(outcome.get("pictures")):
        return tuple(str(_table(picture).get("image")) for picture in pictures)
    if found := outcome.get("found"):
        return (f"{found} hits" if found != 1 else "1 hit",)
    return ("text",) if outcome.get("text") else ()


def _budgets(
    connection: Connection, caps: Caps, total_caps: Sequence[Cap], moment: datetime, owner: str | None
) -> list[BudgetRow]:
    """Say what is left of the caps of one owner, or of all who have spent something this month and of the total's."""
    if owner is not None:
        return [_left(connection, owner, cap, moment) for cap in caps(owner)]
    start = moment.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    active = select(jobs.c.owner).where(jobs.c.created_at >= start.timestamp()).distinct().order_by(jobs.c.owner)
    owners: list[str | None] = [*connection.execute(active).scalars()]
    rows = [_left(connection, owner, cap, moment) for owner in owners for cap in caps(owner or "")]
    return [*rows, *(_left(connection, None, cap, moment) for cap in total_caps)]


def _left(connection: Connection, owner: str | None, cap: Cap, moment: datetime) -> BudgetRow:
    spent, reserved = used(connection, owner, cap, moment)
    left = max(Decimal(0), cap.amount.amount - spent.amount - reserved.amount)
    return BudgetRow(
        owner=owner,
        setting=cap.setting,
        cap=str(cap),
        currency=cap.amount.currency,
        spent=rounded(spent.amount),
        reserved=rounded(reserved.amount),
        left=rounded(left, ROUND_FLOOR),
        free_again=f"{cap.window_end(moment):%Y-%m-%dT%H:%MZ}",
        rates=cap.exchange.towards(cap.amount.currency),
    )


def _day(created_at: float) -> str:
    """Give the day of a moment as the ledger's rows do."""
    days = int(created_at * 1_000_000) // (DAY_SECONDS * 1_000_000)
    return f"{datetime.fromtimestamp(days * DAY_SECONDS, UTC):%Y-%m-%d}"


def _written(billionths: int) -> str:
    return plain(Money.of_billionths(int(billionths), "").amount)


def _json(text: str | None) -> Mapping[str, Any]:
    """Read what is kept of a job; nothing of what a newer version wrote otherwise, or what was pruned."""
    try:
        return _table(json.loads(text)) if text else {}
    except ValueError:
        return {}


def _table(value: Any) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else {}


def _list(value: Any) -> Sequence[Any]:
    return cast("Sequence[Any]", value) if isinstance(value, list) else ()


def _amount(value: Any) -> Decimal | None:
    try:
        amount = Decimal(str(_table(value).get("amount")))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() else None
