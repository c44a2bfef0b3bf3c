"""The journal of jobs, which is the ledger: what was reserved, sent, brought and billed. Nothing is kept twice."""

from __future__ import annotations

import json
import logging
import secrets
import string
import time
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Connection, Row, Select, Update, and_, bindparam, func, or_, select, update

from lightbox.costs.pricing.bill import Bill
from lightbox.errors import StorageFailed, UnknownJob
from lightbox.images import records
from lightbox.images.picture import Hit
from lightbox.jobs.job import OPEN_STATES, End, Job, JobState, Order, Outcome
from lightbox.jobs.late_bills import put_right
from lightbox.jobs.reservation import check_caps, check_total_caps
from lightbox.jobs.server_identity import lives
from lightbox.state.sharing import lock, now
from lightbox.state.tables import jobs
from lightbox.telemetry.observer import UNOBSERVED, Observer

if TYPE_CHECKING:
    from lightbox.costs.pricing.budget import Cap
    from lightbox.state.database import Database

logger = logging.getLogger(__name__)

ID_ALPHABET = string.ascii_lowercase + string.digits
ID_LETTERS = 12
UNDELIVERED_SECONDS = 3600.0
"""For how long an answer that was paid for and that nobody was given waits for the call to be made again."""
STALE_SECONDS = 20.0
"""After so long without a beat a server is taken for dead where its process can't be asked."""
WATCHED_SECONDS = 8.0
"""For how long a server must itself have seen no beat: after a database was away, nobody's beat is fresh."""
AWAITED_SECONDS = 12.0
"""For how long a caller at another server counts as waiting, once that server has said so."""
USUAL_SAMPLE = 20
MOST_NEVER_SENT = 1_000
_STATE = TypeAdapter[JobState](JobState)

FOUND_AGAIN = "An earlier call like this one was paid for, and its answer was never delivered; this is that answer."
TOLD_LATE = "An earlier call like this one failed, and this answer was never delivered:"

ASKED = "asked"
"""What stands in a job's row while the server that works on it has not yet seen that it is to be stopped."""

How = Literal["new", "joined", "cached"]


@dataclass(frozen=True, slots=True)
class Opened:
    """The job that answers a call, and whether it is the call's own, one still running, or one paid for earlier."""

    job: Job
    how: How


class Withdrawn(Exception):
    """Raised by `Journal.open` for a call that was given up before it was written down; nothing was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What has come of a job so far: hits in rank order, of which the first `limit` are shown, and all else."""

    hits: Sequence[Hit]
    outcome: Outcome

    def kept(self, connection: Connection, order: Order, now: float) -> tuple[Outcome, list[Hit]]:
        """Give every hit its handle, inside the transaction in which the outcome is written."""
        hits = records.add_found(connection, order.owner, self.hits, order.provider, now) if self.hits else []
        shown = tuple(hits[: order.limit])
        return self.outcome.model_copy(update={"hits": shown, "found": len(hits)}), hits


@dataclass(frozen=True, slots=True)
class Glance:
    """How far a job is that another server works on.

    Attributes:
        done: Whether there is something to answer with.
        stop: What became of a wish that it be stopped: "asked", or what the server that works on it has done.
    """

    open: bool
    done: bool
    stage: str | None
    stop: str | None


class Journal:
    """Jobs in the state database.

    Args:
        database: Where they are.
        server: The name of the server that writes.
        caps: The budget of owners who have none of their own; each cap holds for every owner by itself.
        total_caps: What all owners together may spend.
        allow_unpriced: Whether calls of unknown price pass although there are caps.
        cache_seconds: For how long a reusable job answers identical calls.
        clock: Seconds since the epoch, where the database has no clock of its own.
        observer: Is told how jobs end.
    """

    def __init__(
        self,
        database: Database,
        server: str,
        *,
        caps: Sequence[Cap] = (),
        total_caps: Sequence[Cap] = (),
        allow_unpriced: bool = False,
        cache_seconds: int = 0,
        clock: Callable[[], float] = time.time,
        observer: Observer = UNOBSERVED,
    ) -> None:
        self._observer = observer
        self._database = database
        self._server = server
        self._caps = tuple(caps)
        self._total_caps = tuple(total_caps)
        self._allow_unpriced = allow_unpriced
        self._cache_seconds = cache_seconds
        self._clock = clock
        self.delivering: set[str] = set()  # ids of jobs whose answer went out and that is not written down yet
        # Ids of jobs that may have been written down, though nobody was told so: they were not sent.
        self._never_sent: deque[str] = deque(maxlen=MOST_NEVER_SENT)
        self.watched: dict[tuple[str, float], float] = {}  # when the beat of another server's job was first seen

    async def open(
        self, order: Order, *, caps: Sequence[Cap] | None = None, withdrawn: Callable[[], bool] = lambda: False
    ) -> Opened:
        """Reserve the high estimate and write down that the request leaves, or give the job that makes it needless.

        All in one transaction: of a hundred concurrent calls, no two find the same room in the budget, and of two
        identical ones only the first is sent. The order of a new job holds its estimate as late bills put it right.

        Args:
            order: What is to be sent.
            caps: The owner's own budget; None where that of the journal holds.
            withdrawn: Whether nobody waits for it any more; asked before anything is written, and again just before the
                commit.

        Raises:
            OverBudget: A cap has no room, or the price is unknown while there are caps. Nothing was written.
            Withdrawn: Nobody waits for it any more. Nothing was written.
        """
        # One question for chance, not one for each letter: the system answers each slowly.
        job_id = "job_" + "".join(ID_ALPHABET[byte % len(ID_ALPHABET)] for byte in secrets.token_bytes(ID_LETTERS))
        budget = self._caps if caps is None else caps

        def reserve(connection: Connection) -> Opened:
            if withdrawn():
                raise Withdrawn
            self._lock(connection, order, budget)
            moment = now(connection, self._clock)
            written = connection.execute(select(jobs.c.order).where(jobs.c.id == job_id)).scalar_one_or_none()
            if written is not None:  # by a first try, whose commit was not heard of
                return new(Order.model_validate_json(written), moment)
            equal = self._first_equal(connection, order, moment)
            if equal is not None:
                return equal
            priced = put_right(connection, order)
            self._check_caps(connection, priced, budget, moment)
            connection.execute(_NEW, _beginning(priced, moment) | {"id": job_id, "server": self._server})
            if withdrawn():  # it may have waited long for its turn: whoever asks again must not find it
                raise Withdrawn
            return new(priced, moment)

        def new(priced: Order, moment: float) -> Opened:
            job = Job(id=job_id, order=priced, state="sent", created_at=_moment(moment), responses={})
            return Opened(job, "new")

        try:
            return await self._database.write(reserve)
        except (StorageFailed, Withdrawn):  # a first try may have written it all the same
            self._never_sent.append(job_id)
            raise

    async def equal(self, order: Order) -> Opened | Order:
        """Give the job that makes a new one for this order needless, if there is one: nothing need be paid then.

        Else give the order at the price at which it would be opened.
        """

        def look(connection: Connection) -> Opened | Order:
            equal = self._first_equal(connection, order, now(connection, self._clock))
            return equal or put_right(connection, order)

        return await self._database.read(look)

    async def learned(self, orders: Sequence[Order]) -> list[Order]:
        """Give orders with their estimates as late bills of such calls have put them right."""
        return await self._database.read(lambda connection: [put_right(connection, order) for order in orders])

    async def get(self, owner: str, job_id: str) -> Job:
        """Give a job of the owner's.

        Raises:
            UnknownJob: The owner has none of this id, or what it brought is no longer kept.
        """
        query = select(jobs).where(jobs.c.id == job_id.strip(), jobs.c.owner == owner)
        row = await self._database.read(lambda connection: connection.execute(query).first())
        if row is None:
            raise UnknownJob(
                f"There is no job {job_id[:40]!r} in this journal: pass job_id exactly as a tool answered it "
                "(job_ and 12 letters or digits)."
            )
        if not row.order:
            raise UnknownJob(
                f"{row.id} ({row.tool}, {row.state}) is too old: only its bill is still kept. Pictures that it made "
                "keep their handles and files."
            )
        job = read_job(row)
        if job is None:
            raise UnknownJob(f"{row.id} was written by a newer version of Lightbox: ask that one, or update this one.")
        return job

    async def mark_accepted(self, job_id: str, responses: Callable[[], Mapping[int, str]], *, resumable: bool) -> None:
        """Write down the service's ids of the job's calls that it has accepted by the time of the writing.

        They are asked for then, and not before: of two writes at once, either may be the last.
        """

        def write(connection: Connection) -> None:
            lock(connection, _progress_of(job_id))
            names = json.dumps({str(index): name for index, name in responses().items()})
            values = {"responses": names, "resumable": resumable}
            connection.execute(update(jobs).where(jobs.c.id == job_id).values(values))

        await self._database.write(write)

    async def save(
        self, job_id: str, order: Order, progress: Callable[[], Progress], *, answered: bool = False
    ) -> list[Hit]:
        """Keep what has come so far, and give the hits with their handles.

        Args:
            job_id: The job.
            order: What was ordered.
            progress: Gives what has come by the time of the writing, as with `mark_accepted`.
            answered: Whether this is what the tool answers; the bill may follow.
        """

        def write(connection: Connection) -> list[Hit]:
            lock(connection, _progress_of(job_id))
            moment = now(connection, self._clock)
            outcome, hits = progress().kept(connection, order, moment)
            values: dict[str, Any] = {"outcome": outcome.model_dump_json()}
            values |= {"answered_at": moment} if answered else {}
            connection.execute(update(jobs).where(jobs.c.id == job_id).values(values))
            return hits

        return await self._database.write(write)

    async def settle(
        self, job_id: str, end: End, order: Order, came: Progress | Outcome | None = None
    ) -> list[Hit] | None:
        """End a job: its reservation is replaced by its bill. An end stands; only `unknown` gives way.

        What came is kept in the same transaction; where nothing is passed, what the journal holds of it stays.

        Returns:
            The hits with their handles; None where another end stands, which another server wrote.
        """

        def write(connection: Connection) -> list[Hit] | None:
            lock(connection, _progress_of(job_id))
            moment = now(connection, self._clock)
            values, hits = _ending(end, order, moment), list[Hit]()
            outcome = came
            if isinstance(came, Progress):
                outcome, hits = came.kept(connection, order, moment)
            if isinstance(outcome, Outcome):
                values["outcome"] = outcome.model_dump_json()
            if not connection.execute(_ENDED, values | {"its_id": job_id, "its_end": moment}).rowcount:
                return None
            return hits

        kept = await self._database.write(write)
        if kept is not None:
            self._observer.settled(order.observed(job_id), end.observed)
        return kept

    def deliver(self, job: Job) -> bool:
        """Take a job's answer for given to its caller: a later identical call is a new one, from this moment on.

        Returns:
            Whether that is to be written down; not of what may be given again anyway.
        """
        if job.reusable and self._keeps(job.order):
            return False
        self.delivering.add(job.id)
        return True

    def take_back(self, job: Job) -> None:
        """Take a job's answer for not given: it never left, and a later identical call gets it."""
        self.delivering.discard(job.id)

    async def mark_delivered(self, job: Job) -> None:
        """Write down that a job's answer was given to its caller, so that other servers know it too."""
        delivered = update(jobs).where(jobs.c.id == job.id, jobs.c.delivered_at.is_(None))

        def write(connection: Connection) -> None:
            connection.execute(delivered.values(delivered_at=now(connection, self._clock)))

        try:
            await self._database.write(write)
        finally:
            self.delivering.discard(job.id)

    async def beat(self, stages: Mapping[str, str]) -> None:
        """Say that this server still works on jobs, and what each is at, for those who ask from elsewhere."""

        def write(connection: Connection) -> None:
            still_open = and_(jobs.c.id == bindparam("its_id"), _open)
            moment = now(connection, self._clock)
            told = update(jobs).where(still_open).values(beat=moment, stage=bindparam("its_stage"))
            rows = [{"its_id": job_id, "its_stage": stage} for job_id, stage in sorted(stages.items())]
            connection.execute(told, rows)

        await self._database.write(write)

    async def adopt_orphans(self, at_work: Collection[str] = ()) -> list[Job]:
        """Take over the open jobs of servers that are gone; each orphan is given to one server alone.

        Jobs of this server that are not among those it is `at_work` on, because they could not be settled, are too.
        What a newer version wrote, and this one can't read, is left to it.
        """
        orphans = await self._database.read(lambda connection: self._orphans(connection, at_work))
        if not orphans:
            return []  # nearly always; writing would make all other servers wait
        ids = [job.id for job in orphans]

        def adopt(connection: Connection) -> list[Job]:
            adopted = self._orphans(connection, at_work, ids)
            values = {"server": self._server, "beat": now(connection, self._clock)}
            connection.execute(update(jobs).where(jobs.c.id.in_([job.id for job in adopted])).values(values))
            return adopted

        adopted = await self._database.write(adopt)
        return [replace(job, state="reserved") if job.id in self._never_sent else job for job in adopted]

    async def glance(self, ids: Collection[str], *, awaited: bool = False) -> dict[str, Glance]:
        """Look at jobs that other servers work on, in one query.

        Args:
            ids: Of the jobs.
            awaited: Whether to tell those servers, too, that somebody waits for them here.
        """
        columns = (jobs.c.id, jobs.c.state, jobs.c.answered_at, jobs.c.stage, jobs.c.stop)
        query = select(*columns).where(jobs.c.id.in_(ids))
        if awaited:
            still_open = jobs.c.id.in_(ids), jobs.c.state.in_(OPEN_STATES)
            await self._database.write(
                lambda connection: _carry_out(
                    connection, update(jobs).where(*still_open).values(awaited_at=now(connection, self._clock))
                )
            )
        found = await self._database.read(lambda connection: connection.execute(query).all())
        return {row.id: _glance(row) for row in found}

    async def is_awaited(self, job_id: str) -> bool:
        """Whether somebody waits for a job at another server."""
        query = select(jobs.c.awaited_at).where(jobs.c.id == job_id)

        def look(connection: Connection) -> bool:
            said = connection.execute(query).scalar_one_or_none()
            return said is not None and said > now(connection, self._clock) - AWAITED_SECONDS

        return await self._database.read(look)

    async def ask_to_stop(self, job_id: str) -> None:
        """Ask the server that works on a job to stop it."""
        still_open = jobs.c.id == job_id, jobs.c.state.in_(OPEN_STATES)
        query = update(jobs).where(*still_open).values(stop=ASKED)
        await self._database.write(lambda connection: _carry_out(connection, query))

    async def asked_to_stop(self, ids: Collection[str]) -> list[str]:
        """Give those of these jobs that a caller at another server wants stopped."""
        query = select(jobs.c.id).where(jobs.c.id.in_(ids), jobs.c.stop == ASKED)
        return list(await self._database.read(lambda connection: connection.execute(query).scalars().all()))

    async def tell_of_stop(self, job_id: str, became: str) -> None:
        """Tell the server that asked what has become of its wish."""
        await self._set(job_id, {"stop": became})

    async def usual_seconds(self, tool: str, model: str) -> float | None:
        """Give the median duration in seconds of the latest such jobs, None where there was none yet."""
        took = (jobs.c.answered_at - jobs.c.created_at).label("took")
        query = (
            select(took)
            .where(jobs.c.tool == tool, jobs.c.model == model, jobs.c.state == "completed")
            .order_by(jobs.c.created_at.desc())
            .limit(USUAL_SAMPLE)
        )
        durations = sorted(await self._database.read(lambda connection: connection.execute(query).scalars().all()))
        return durations[len(durations) // 2] if durations else None

    def _keeps(self, order: Order) -> bool:
        """Whether an answer to the order may be used again for later identical calls."""
        return order.reusable and self._cache_seconds > 0

    def _first_equal(self, connection: Connection, order: Order, moment: float) -> Opened | None:
        """Give the newest job of the same key that is worked on, was told to nobody, or may be used again."""
        keeps, fresh_since = self._keeps(order), moment - self._cache_seconds
        values = {"its_key": order.key, "untold_since": moment - UNDELIVERED_SECONDS, "fresh_since": fresh_since}
        for row in connection.execute(_FRESH_OR_UNTOLD if keeps else _UNTOLD, values):
            fresh = keeps and row.reusable and row.answered_at > fresh_since
            # What is being delivered was told, although that is not written down yet.
            if row.id not in self.delivering or row.state in OPEN_STATES or fresh:
                return _opened(row)
        return None

    def _lock(self, connection: Connection, order: Order, caps: Sequence[Cap]) -> None:
        """Keep others from what a reservation rests on: of the same call, of the owner's budget, of the total."""
        names = [f"call {order.key}"]
        names += [f"budget {order.owner}"] if caps else []
        names += ["total budget"] if self._total_caps else []
        lock(connection, *names)

    def _check_caps(self, connection: Connection, order: Order, caps: Sequence[Cap], moment: float) -> None:
        if caps:
            check_caps(connection, caps, order, moment, allow_unpriced=self._allow_unpriced)
        if self._total_caps:
            check_total_caps(connection, self._total_caps, order, moment, allow_unpriced=self._allow_unpriced)

    def _orphans(
        self, connection: Connection, at_work: Collection[str], among: Collection[str] | None = None
    ) -> list[Job]:
        """Find the jobs that nobody works on; `among` some that were found before, whose rows are then held."""
        moment = now(connection, self._clock)
        silent = or_(jobs.c.beat < moment - STALE_SECONDS, jobs.c.id.in_(tuple(self._never_sent)))
        lying = and_(jobs.c.server == self._server, jobs.c.id.not_in(at_work), silent)
        query = select(jobs).where(jobs.c.state.in_(OPEN_STATES), or_(jobs.c.server != self._server, lying))
        if among is not None:
            query = query.where(jobs.c.id.in_(among)).with_for_update(skip_locked=True)  # another may take them now
        found = connection.execute(query).all()
        abandoned = [row for row in found if row.server == self._server or self._abandoned(row, moment)]
        if among is None:
            seen = {(row.id, row.beat) for row in found}
            self.watched = {beat: since for beat, since in self.watched.items() if beat in seen}
        read = ((read_job(row), max(0.0, moment - row.created_at)) for row in abandoned)
        return [replace(job, age_seconds=age) for job, age in read if job is not None]

    def _abandoned(self, row: Row[Any], moment: float) -> bool:
        """Whether nobody works on a job of another server's any more.

        A process of this machine can be asked, and no clock that jumps, nor a sleep of the machine, makes it another;
        of those elsewhere the beat tells.
        """
        here = self._clock()
        since = self.watched.setdefault((row.id, row.beat), here)
        alive = lives(row.server)
        if alive is None:
            return row.beat < moment - STALE_SECONDS and here - since >= WATCHED_SECONDS
        return not alive

    async def _set(self, job_id: str, values: Mapping[str, Any]) -> None:
        def write(connection: Connection) -> None:
            connection.execute(update(jobs).where(jobs.c.id == job_id).values(values))

        await self._database.write(write)


# The statements of every call are put together once. States are spelled out: a list of them would be at every use.
_open = or_(*(jobs.c.state == state for state in OPEN_STATES))
_NEW = jobs.insert()
_ENDED = (
    update(jobs)
    .where(jobs.c.id == bindparam("its_id"), or_(_open, jobs.c.state == "unknown"))
    .values(answered_at=func.coalesce(jobs.c.answered_at, bindparam("its_end")))
)


def _progress_of(job_id: str) -> str:
    """Name the lock on what has come of a job, which several writes at once tell of."""
    return f"progress {job_id}"


def _equal(*, fresh: bool) -> Select[Any]:
    """Select the jobs of one key, the newest first, that are worked on or were told to nobody, and `fresh` ones."""
    completed = jobs.c.state == "completed"
    # One that failed and may have been billed is told as well, before anything is paid for again.
    failed = or_(jobs.c.state == "unknown", jobs.c.state == "failed")
    lost = and_(failed, or_(jobs.c.billed.is_(None), jobs.c.billed > 0))
    untold = and_(or_(completed, lost), jobs.c.delivered_at.is_(None), jobs.c.answered_at > bindparam("untold_since"))
    usable = or_(_open, untold)
    if fresh:
        usable = or_(usable, and_(completed, jobs.c.reusable, jobs.c.answered_at > bindparam("fresh_since")))
    return select(jobs).where(jobs.c.key == bindparam("its_key"), usable).order_by(jobs.c.created_at.desc())


_UNTOLD, _FRESH_OR_UNTOLD = _equal(fresh=False), _equal(fresh=True)


def newest_jobs(connection: Connection, owner: str, beginning: str, limit: int) -> list[str]:
    """Give the ids of the owner's jobs that begin so and are still kept whole, the newest first."""
    own = and_(jobs.c.owner == owner, jobs.c.id.startswith(beginning, autoescape=True), jobs.c.order != "")
    newest = select(jobs.c.id).where(own).order_by(jobs.c.created_at.desc()).limit(limit)
    return list(connection.execute(newest).scalars())


def _beginning(order: Order, now: float) -> dict[str, Any]:
    high = order.estimate.high
    return {
        "key": order.key,
        "owner": order.owner,
        "tool": order.tool,
        "provider": order.provider,
        "model": order.model,
        "state": "sent",
        "order": order.model_dump_json(),
        "beat": now,
        "created_at": now,
        "currency": high.currency if high else None,
        "reserved": high.billionths if high else 0,
    }


def _ending(end: End, order: Order, now: float) -> dict[str, Any]:
    values: dict[str, Any] = {"state": end.state, "ended_at": now, "stage": None, "error": end.error, "reserved": 0}
    values["reusable"] = end.reusable
    if end.bill is not None:
        amount = end.bill.amount
        values |= {"bill": end.bill.model_dump_json(), "estimated": end.bill.estimated}
        values |= {"billed": amount.billionths if amount else None}
        values |= {"currency": amount.currency} if amount else {}
    if end.past_call is not None:
        values |= {"kind": order.kind, "past_call": end.past_call.model_dump_json()}
    return values


def _opened(row: Row[Any]) -> Opened | None:
    """Give the job that answers another call too: one that has its answer was paid for by the first."""
    job = read_job(row)
    if job is None:
        return None
    if job.done and (job.open or job.reusable or row.delivered_at is not None):
        return Opened(replace(job, cached=True), "cached")
    if job.done and job.outcome is not None:
        found = job.outcome.model_copy(update={"notes": (*job.outcome.notes, FOUND_AGAIN)})
        job = replace(job, outcome=found)
    if job.done and job.error is not None:
        job = replace(job, error=f"{TOLD_LATE} {job.error}")
    return Opened(job, "joined")


def read_job(row: Row[Any]) -> Job | None:
    """Read a job; None, and a word in the log, for what a newer version wrote and this one can't read."""
    try:
        return Job(
            id=row.id,
            order=Order.model_validate_json(row.order),
            state=_STATE.validate_python(row.state),
            created_at=_moment(row.created_at),
            ended_at=_moment(row.ended_at) if row.ended_at else None,
            answered=row.answered_at is not None,
            outcome=Outcome.model_validate_json(row.outcome) if row.outcome else None,
            bill=Bill.model_validate_json(row.bill) if row.bill else None,
            error=row.error,
            stage=row.stage,
            responses={int(index): name for index, name in json.loads(row.responses).items()},
            resumable=row.resumable,
            reusable=row.reusable,
        )
    except (ValidationError, ValueError, TypeError, AttributeError):
        logger.warning("%s can't be read: it was written by a newer version, or is damaged", row.id)
        return None


def _glance(row: Any) -> Glance:
    still_open = row.state in OPEN_STATES
    return Glance(open=still_open, done=row.answered_at is not None or not still_open, stage=row.stage, stop=row.stop)


def _carry_out(connection: Connection, statement: Update) -> None:
    connection.execute(statement)


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
