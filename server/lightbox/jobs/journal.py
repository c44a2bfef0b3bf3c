"""The journal of jobs, which is the ledger: what was reserved, sent, brought and billed. Nothing is kept twice."""

from __future__ import annotations

import json
import secrets
import string
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import Row, Select, and_, or_, select, update

from lightbox.costs.pricing.bill import Bill
from lightbox.errors import UnknownJob
from lightbox.jobs.job import OPEN_STATES, Job, JobState
from lightbox.jobs.order import Order
from lightbox.jobs.outcome import Outcome
from lightbox.jobs.reservation import check_caps, to_billionths
from lightbox.jobs.server_identity import lives
from lightbox.jobs.table import jobs

if TYPE_CHECKING:
    from lightbox.costs.pricing.budget import Cap
    from lightbox.state.database import Database

ID_ALPHABET = string.ascii_lowercase + string.digits
ID_LETTERS = 12
STALE_SECONDS = 30.0
"""After so long without a beat a server is taken for dead where its process can't be asked."""
HUNG_SECONDS = 600.0
"""Likewise where a process of its number lives: it may be another one, or wake from a sleep of the machine."""
USUAL_SAMPLE = 20

How = Literal["new", "joined", "cached"]


@dataclass(frozen=True, slots=True)
class Opened:
    """The job that answers a call, and whether it is the call's own, one still running, or one paid for earlier."""

    job: Job
    how: How


class Journal:
    """Jobs in the state database.

    Args:
        database: Where they are.
        server: The name of the server that writes.
        caps: The budget; each holds for every owner by itself.
        allow_unpriced: Whether calls of unknown price pass although there are caps.
        cache_seconds: For how long a reusable job answers identical calls.
        clock: Seconds since the epoch.
    """

    def __init__(
        self,
        database: Database,
        server: str,
        *,
        caps: Sequence[Cap] = (),
        allow_unpriced: bool = False,
        cache_seconds: int = 0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database = database
        self._server = server
        self._caps = tuple(caps)
        self._allow_unpriced = allow_unpriced
        self._cache_seconds = cache_seconds
        self._clock = clock

    async def open(self, order: Order) -> Opened:
        """Reserve the high estimate and open a job, or give the one that makes a new one needless.

        All in one transaction: of a hundred concurrent calls, no two find the same room in the budget, and of two
        identical ones only the first is sent.

        Raises:
            OverBudget: A cap has no room, or the price is unknown while there are caps. Nothing was written.
        """
        now = self._clock()
        async with self._database.writing() as connection:
            row = (await connection.execute(self._equal(order, now))).first()
            if row is not None:
                return _opened(row)
            await check_caps(connection, self._caps, order, now, allow_unpriced=self._allow_unpriced)
            high = order.estimate.high
            values = {
                "id": "job_" + "".join(secrets.choice(ID_ALPHABET) for _ in range(ID_LETTERS)),
                "key": order.key,
                "owner": order.owner,
                "tool": order.tool,
                "provider": order.provider,
                "model": order.model,
                "state": "reserved",
                "order": order.model_dump_json(),
                "server": self._server,
                "beat": now,
                "created_at": now,
                "currency": high.currency if high else None,
                "reserved": to_billionths(high) if high else 0,
            }
            await connection.execute(jobs.insert().values(values))
            row = (await connection.execute(select(jobs).where(jobs.c.id == values["id"]))).one()
            return Opened(_job(row), "new")

    async def equal(self, order: Order) -> Opened | None:
        """Give the job that makes a new one for this order needless, if there is one: nothing need be paid then."""
        async with self._database.reading() as connection:
            row = (await connection.execute(self._equal(order, self._clock()))).first()
        return _opened(row) if row is not None else None

    def _equal(self, order: Order, now: float) -> Select[Any]:
        """Select the newest job of the same key that is being worked on or may be used again."""
        running = jobs.c.state.in_(OPEN_STATES)
        usable = running
        if order.reusable and self._cache_seconds:
            fresh = and_(jobs.c.state == "completed", jobs.c.answered_at > now - self._cache_seconds)
            usable = or_(running, fresh)
        return select(jobs).where(jobs.c.key == order.key, usable).order_by(jobs.c.created_at.desc()).limit(1)

    async def get(self, owner: str, job_id: str) -> Job:
        """Give a job of the owner's.

        Raises:
            UnknownJob: The owner has none of this id.
        """
        async with self._database.reading() as connection:
            query = select(jobs).where(jobs.c.id == job_id.strip(), jobs.c.owner == owner)
            row = (await connection.execute(query)).first()
        if row is None:
            raise UnknownJob(
                f"There is no job {job_id[:40]!r} in this journal: pass job_id exactly as a tool answered it "
                "(job_ and 12 letters or digits)."
            )
        return _job(row)

    async def mark_sent(self, job_id: str) -> None:
        """Write down that the request leaves the machine, before it does: from here on it may be billed."""
        await self._set(job_id, state="sent")

    async def mark_accepted(self, job_id: str, index: int, response_id: str, *, resumable: bool) -> None:
        """Write down the service's id for one of the job's calls."""
        async with self._database.writing() as connection:
            known = (await connection.execute(select(jobs.c.responses).where(jobs.c.id == job_id))).scalar_one()
            responses = json.loads(known) | {str(index): response_id}
            values = {"responses": json.dumps(responses), "resumable": resumable}
            await connection.execute(update(jobs).where(jobs.c.id == job_id).values(values))

    async def save_outcome(self, job_id: str, outcome: Outcome) -> None:
        """Keep what has come so far; the caller is not answered yet."""
        await self._set(job_id, outcome=outcome.model_dump_json())

    async def answer(self, job_id: str, outcome: Outcome) -> None:
        """Keep what the tool answers; the bill may follow."""
        await self._set(job_id, outcome=outcome.model_dump_json(), answered_at=self._clock())

    async def settle(
        self,
        job_id: str,
        state: JobState,
        *,
        bill: Bill | None,
        outcome: Outcome | None = None,
        error: str | None = None,
    ) -> None:
        """End a job: its reservation is replaced by its bill. An end stands; only `unknown` gives way."""
        now = self._clock()
        amount = bill.amount if bill else None
        values: dict[str, Any] = {"state": state, "ended_at": now, "stage": None, "error": error, "reserved": 0}
        if bill is not None:
            values |= {"bill": bill.model_dump_json(), "estimated": bill.estimated}
            values |= {"billed": to_billionths(amount) if amount else None}
            values |= {"currency": amount.currency} if amount else {}
        if outcome is not None:
            values["outcome"] = outcome.model_dump_json()
        async with self._database.writing() as connection:
            unended = jobs.c.state.in_((*OPEN_STATES, "unknown"))
            await connection.execute(update(jobs).where(jobs.c.id == job_id, unended).values(values))
            unanswered = and_(jobs.c.id == job_id, jobs.c.answered_at.is_(None))
            await connection.execute(update(jobs).where(unanswered).values(answered_at=now))

    async def beat(self, job_id: str, stage: str) -> None:
        """Say that this server still works on a job, and what it is doing, for those who ask from elsewhere."""
        still_open = and_(jobs.c.id == job_id, jobs.c.state.in_(OPEN_STATES))
        async with self._database.writing() as connection:
            await connection.execute(update(jobs).where(still_open).values(beat=self._clock(), stage=stage))

    async def adopt_orphans(self, at_work: Collection[str] = ()) -> list[Job]:
        """Take over the open jobs of servers that are gone; each orphan is given to one server alone.

        Jobs of this server that are not among those it is `at_work` on, because they could not be settled, are too.
        """
        now = self._clock()
        lying = and_(jobs.c.server == self._server, jobs.c.id.not_in(at_work), jobs.c.beat < now - STALE_SECONDS)
        others = select(jobs).where(jobs.c.state.in_(OPEN_STATES), or_(jobs.c.server != self._server, lying))
        async with self._database.reading() as connection:
            rows = (await connection.execute(others)).all()
            if not any(row.server == self._server or _orphaned(row, now) for row in rows):
                return []  # nearly always; writing would make all other servers wait
        adopted: list[Job] = []
        async with self._database.writing() as connection:
            for row in (await connection.execute(others)).all():
                if row.server == self._server or _orphaned(row, now):
                    values = {"server": self._server, "beat": now}
                    await connection.execute(update(jobs).where(jobs.c.id == row.id).values(values))
                    adopted.append(_job(row))
        return adopted

    async def usual_seconds(self, tool: str, model: str) -> float | None:
        """Give the median duration in seconds of the latest such jobs, None where there was none yet."""
        took = (jobs.c.answered_at - jobs.c.created_at).label("took")
        query = (
            select(took)
            .where(jobs.c.tool == tool, jobs.c.model == model, jobs.c.state == "completed")
            .order_by(jobs.c.created_at.desc())
            .limit(USUAL_SAMPLE)
        )
        async with self._database.reading() as connection:
            durations = sorted((await connection.execute(query)).scalars())
        return durations[len(durations) // 2] if durations else None

    async def _set(self, job_id: str, **values: Any) -> None:
        async with self._database.writing() as connection:
            await connection.execute(update(jobs).where(jobs.c.id == job_id).values(values))


def _opened(row: Row[Any]) -> Opened:
    """Give the job that answers another call too: one that has its answer was paid for by the first."""
    job = _job(row)
    return Opened(replace(job, cached=True), "cached") if job.done else Opened(job, "joined")


def _job(row: Row[Any]) -> Job:
    return Job(
        id=row.id,
        order=Order.model_validate_json(row.order),
        state=row.state,
        created_at=_moment(row.created_at),
        ended_at=_moment(row.ended_at) if row.ended_at else None,
        answered=row.answered_at is not None,
        outcome=Outcome.model_validate_json(row.outcome) if row.outcome else None,
        bill=Bill.model_validate_json(row.bill) if row.bill else None,
        error=row.error,
        stage=row.stage,
        responses={int(index): name for index, name in json.loads(row.responses).items()},
        resumable=row.resumable,
    )


def _orphaned(row: Row[Any], now: float) -> bool:
    """Whether nobody works on a job any more.

    A process of this machine can be asked; of others, and of one that was given a dead one's number, the beat tells.
    """
    alive = lives(row.server)
    return alive is False or row.beat < now - (STALE_SECONDS if alive is None else HUNG_SECONDS)


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
