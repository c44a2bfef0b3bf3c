"""What this process works on: jobs in a task group that outlives the calls, so that nothing paid for is lost."""

from __future__ import annotations

import asyncio
import contextvars
import logging
from collections.abc import Awaitable, Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import TYPE_CHECKING

import anyio
import anyio.lowlevel
from anyio.abc import TaskGroup
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from lightbox.errors import Interrupted, StorageFailed
from lightbox.jobs.job import End, Job, MadePicture, Order, Outcome, Request, settle_lost, settle_requests
from lightbox.jobs.journal import Journal, Progress
from lightbox.telemetry.observer import UNOBSERVED, Observer

if TYPE_CHECKING:
    from lightbox.costs.catalogue.catalogue import Catalogue
    from lightbox.images.picture import Hit

logger = logging.getLogger(__name__)

UNHEARD_SENTENCES = 100
"""How many sentences wait for a client that is slow to take them; later ones are left out."""
LAST_SENTENCES_SECONDS = 0.2
"""How long an answer waits for a client to take the progress that came before it."""
BEAT_SECONDS = 5.0
STAGE_SECONDS = 0.5
"""How late another server may hear what a job is at; the journal is not written at every step for it."""
ASKED_AGAIN_SECONDS = 60.0
"""How long a service may take to give again what an earlier server asked for, however old that is."""
SETTLE_AGAIN_SECONDS = (0.5, 2.0, 8.0, 20.0, 30.0, 60.0)
"""With what every try waits by itself, a database may be away for some minutes."""
SLOW_SECONDS = 0.75
"""How long an answer waits for its end to be written down; then it is given from memory, and writing goes on."""
LINGER_POLL_SECONDS = 0.1
LINGER_SECONDS = 5.0
"""How long a closing server waits for answers that no later one could ask for again."""

Tell = Callable[[str], Awaitable[None]]
"""Passes a sentence about the progress on to a client; must not raise."""


class Phase(IntEnum):
    """How far a run is. Only ever rises."""

    OPENED = 1
    """Reserved and written down; nothing has left the machine."""
    SENT = 2
    """The service may be working."""
    FOUND = 3
    """Its searches are done; their hits are being looked at."""
    ANSWERED = 4
    """There is something to answer with; the rest is read for the bill."""
    UNWANTED = 5
    """To be stopped as soon as the service has named it."""
    STOPPED = 6
    """The service was told to stop."""
    WITHDRAWN = 7
    """Given up before anything left the machine."""
    ENDED = 8
    """Settled, or left to the next server."""


@dataclass
class Run:
    """One job that this process works on; what must survive is in the journal.

    Attributes:
        began_at: When the job was opened, which decides the prices.
        resumable: Whether the service can be asked for the job's responses again.
        hits: In rank order; without handles until they have been kept.
        read: Set when all that the service sends has been read.
        end: How it ended, as soon as that is known.
    """

    job_id: str
    order: Order
    began_at: datetime
    phase: Phase = Phase.OPENED
    scope: anyio.CancelScope = field(default_factory=anyio.CancelScope)
    read: anyio.Event = field(default_factory=anyio.Event)
    answered: anyio.Event = field(default_factory=anyio.Event)
    ended: anyio.Event = field(default_factory=anyio.Event)
    listeners: list[_Listener] = field(default_factory=list["_Listener"])
    requests: dict[int, Request] = field(default_factory=dict[int, Request])
    resumable: bool = False
    stage: str = ""
    hits: list[Hit] = field(default_factory=list["Hit"])
    searches: int = 0
    queries: list[str] = field(default_factory=list[str])
    pictures: list[MadePicture] = field(default_factory=list[MadePicture])
    notes: list[str] = field(default_factory=list[str])
    end: End | None = None

    def __post_init__(self) -> None:
        """Expect one request for each picture that was ordered."""
        self.requests = {index: Request() for index in range(self.order.priced.count)} | self.requests

    def become(self, phase: Phase) -> bool:
        """Go on to a later phase, and wake those who wait for it; False where the run is beyond it already."""
        if phase <= self.phase:
            return False
        self.phase = phase
        if phase in (Phase.ANSWERED, Phase.ENDED):
            self.answer()
        if phase is Phase.ENDED:
            self.ended.set()
        return True

    def answer(self) -> None:
        """Say that there is something to answer with: nobody hears of progress any more."""
        self.answered.set()
        for listener in self.listeners:
            listener.end()

    def note(self, sentence: str) -> None:
        """Note what the answer shall say, once, however many of its requests say so."""
        if sentence not in self.notes:
            self.notes.append(sentence)

    def tell(self, sentence: str) -> None:
        """Pass a sentence on to whoever waits. Nobody is waited for: a client that hangs must not hold up paid work."""
        self.stage = sentence
        for listener in self.listeners:
            with suppress(anyio.WouldBlock):
                listener.telling.send_nowait(sentence)

    @contextmanager
    def heard(self) -> Generator[MemoryObjectReceiveStream[str]]:
        """Hear the progress, from the present stage on, until there is an answer; the block is left soon after that."""
        telling, hearing = anyio.create_memory_object_stream[str](UNHEARD_SENTENCES)
        listener = _Listener(telling)
        if self.stage:
            telling.send_nowait(self.stage)
        if self.answered.is_set():
            listener.end()
        self.listeners.append(listener)
        try:
            with telling, hearing, listener.scope:
                yield hearing
        finally:
            self.listeners.remove(listener)

    @property
    def sent(self) -> bool:
        """Whether it has left the machine, and so may be billed."""
        return Phase.SENT <= self.phase <= Phase.STOPPED

    @property
    def stopped(self) -> bool:
        """Whether it was stopped before its end."""
        return self.phase in (Phase.STOPPED, Phase.WITHDRAWN)

    @property
    def responses(self) -> dict[int, str]:
        """The service's names for the requests that it has accepted."""
        requests = tuple(self.requests.items())  # the journal asks from a thread of its own
        return {index: name for index, request in requests if (name := request.response_id)}

    @property
    def failures(self) -> list[Exception]:
        """What went wrong, request by request."""
        return [request.failure for request in self.requests.values() if request.failure is not None]

    @property
    def outcome(self) -> Outcome:
        """Put together what has come so far, pictures in the order in which they were asked for."""
        texts = [request.text for _, request in sorted(self.requests.items()) if request.text]
        return Outcome(
            hits=tuple(self.hits[: self.order.limit]),
            found=len(self.hits),
            queries=tuple(dict.fromkeys(self.queries)),
            pictures=tuple(sorted(self.pictures, key=lambda picture: picture.number)),
            text="\n\n".join(texts) or None,
            notes=tuple(self.notes),
        )

    @property
    def can_be_left(self) -> bool:
        """Whether a later server can ask for every answer, or there is nothing to ask for any more."""
        named = all(request.response_id or request.failure for request in self.requests.values())
        return (self.resumable and named) or self.ended.is_set()

    @property
    def progress(self) -> Progress:
        """What the journal is to keep of it."""
        return Progress(hits=tuple(self.hits), outcome=self.outcome)

    @property
    def job(self) -> Job:
        """The job as it is now, which the journal may know a moment later only."""
        end = self.end
        return Job(
            id=self.job_id,
            order=self.order,
            state=end.state if end else "sent",
            created_at=self.began_at,
            answered=self.answered.is_set(),
            outcome=self.outcome,
            bill=end.bill if end else None,
            error=end.error if end else None,
            stage=self.stage or None,
            responses=self.responses,
            resumable=self.resumable,
            reusable=bool(end and end.reusable),
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Listener:
    """Where sentences go to one who waits, and until when that one may take to pass them on."""

    telling: MemoryObjectSendStream[str]
    scope: anyio.CancelScope = field(default_factory=anyio.CancelScope)

    def end(self) -> None:
        """Say that no more sentences come."""
        self.telling.close()
        now = asyncio.get_running_loop().time()  # the clock of anyio's deadlines, which a timer may ask for too
        self.scope.deadline = min(self.scope.deadline, now + LAST_SENTENCES_SECONDS)


Work = Callable[[Run], Awaitable[None]]


class Runner:
    """Works on jobs in a task group that outlives the calls.

    Args:
        journal: Where jobs are kept.
        catalogue: Prices the bill.
        tasks: The server's own task group.
        job_seconds: How long after it was sent a job is settled with what has come.
        on_end: Told of every job that has ended here, to tidy up after it.
        settle_again: The pauses in seconds before an end that could not be written down is written again.
        observer: Is told of every job that is worked on.

    Attributes:
        closing: Whether the server is about to end.
        heed: Does what callers at other servers want of the jobs that this process works on.
        observer: Is told of every job.
    """

    def __init__(
        self,
        journal: Journal,
        *,
        catalogue: Catalogue,
        tasks: TaskGroup,
        job_seconds: float,
        on_end: Callable[[str], Awaitable[None]],
        settle_again: Sequence[float] = SETTLE_AGAIN_SECONDS,
        observer: Observer = UNOBSERVED,
    ) -> None:
        self.observer = observer
        self.journal = journal
        self.runs: dict[str, Run] = {}
        self.tasks = tasks
        self.closing = False
        self.heed: Callable[[], Awaitable[None]] = anyio.lowlevel.checkpoint
        self._closed = anyio.Event()
        self._catalogue = catalogue
        self._job_seconds = job_seconds
        self._on_end = on_end
        self._settle_again = settle_again
        self._beating = False

    def begin(self, job: Job, work: Work) -> Run:
        """Work on a job from now on, whoever waits for it; gives its run."""
        run = self.runs[job.id] = Run(
            job_id=job.id,
            order=job.order,
            began_at=job.created_at,
            requests={index: Request(response_id=name) for index, name in (job.responses or {}).items()},
            resumable=job.resumable,
        )
        left = self._job_seconds - job.age_seconds
        run.scope.deadline = anyio.current_time() + min(max(left, ASKED_AGAIN_SECONDS), self._job_seconds)
        self.tasks.start_soon(self._observed, run, work)
        if not self._beating:
            self._beating = True
            contextvars.Context().run(self.tasks.start_soon, self._beat)  # it beats for all, in the trace of none
        return run

    async def lose(self, job: Job) -> None:
        """End a job that nobody can be asked about."""
        end, outcome = settle_lost(job, self._catalogue)
        await self._settled(job.id, end, job.order, outcome)

    async def linger(self) -> None:
        """Before the server closes, wait a little for the answers that no later server could ask for again."""
        self.closing = True
        self._closed.set()
        with anyio.CancelScope(shield=True), anyio.move_on_after(LINGER_SECONDS):
            for run in tuple(self.runs.values()):
                while not run.can_be_left:
                    with anyio.move_on_after(LINGER_POLL_SECONDS):
                        await run.ended.wait()

    async def _observed(self, run: Run, work: Work) -> None:
        with self.observer.job(run.order.observed(run.job_id)):
            await self._work(run, work)

    async def _work(self, run: Run, work: Work) -> None:
        """Carry out a job to its bill. Cancelled from outside, it leaves the journal to the next server."""
        try:
            with run.scope:
                await work(run)
            if run.scope.cancelled_caught and not run.stopped:
                self._give_up(run)
            with anyio.CancelScope(shield=True):
                await self._settle(run)
        except Exception:  # a crash ends this job alone
            logger.exception("%s ended in a crash", run.job_id)
            await self._bury(run)
        finally:
            run.become(Phase.ENDED)
            del self.runs[run.job_id]

    def _give_up(self, run: Run) -> None:
        """Take what has come for all that will: the service has not ended its answer in time."""
        for request in run.requests.values():
            if request.failure is None and request.text is None:
                request.failure = Interrupted(
                    f"{run.order.provider} has not ended its answer within JOB_SECONDS ({self._job_seconds:g} s). It "
                    "was not sent again, because it may have been billed.",
                    provider=run.order.provider,
                )

    async def _settle(self, run: Run) -> None:
        """Write the end down; an answer does not wait for a database that takes its time."""
        run.end, notes = settle_requests(
            run.order,
            run.requests.values(),
            run.outcome,
            self._catalogue.at(run.began_at),
            sent=run.sent,
            stopped=run.stopped,
            searches=run.searches,
        )
        run.notes.extend(notes)
        slow = asyncio.get_running_loop().call_later(SLOW_SECONDS, run.answer)
        try:
            hits = await self._settled(run.job_id, run.end, run.order, run.progress)
        finally:
            slow.cancel()
        if hits is None:
            await self._believe(run)
        else:
            run.hits = hits
        if not run.order.searches:
            with suppress(OSError):  # what can't be tidied up now is pruned later
                await self._on_end(run.job_id)

    async def _settled(self, job_id: str, end: End, order: Order, came: Progress | Outcome | None) -> list[Hit] | None:
        """Write the end of a job down, again and again while the database is locked or full: it was paid for."""
        for pause in self._settle_again:
            try:
                return await self.journal.settle(job_id, end, order, came)
            except StorageFailed:
                logger.warning("%s could not be settled yet; it is tried again", job_id)
                with anyio.move_on_after(pause):
                    await self._closed.wait()
                if self.closing:  # the server's end waits for this; the next one will look at it
                    break
        return await self.journal.settle(job_id, end, order, came)

    async def _bury(self, run: Run) -> None:
        """End a job that crashed; the journal says that it may have been billed."""
        try:
            with anyio.CancelScope(shield=True):
                await self.lose(await self.journal.get(run.order.owner, run.job_id))
                await self._believe(run)
        except Exception:
            logger.exception("%s stays open in the journal until the next server looks at it", run.job_id)

    async def _believe(self, run: Run) -> None:
        """Take the end that the journal holds for the run's own."""
        job = await self.journal.get(run.order.owner, run.job_id)
        run.end = End(state=job.state, bill=job.bill, error=job.error)

    async def _beat(self) -> None:
        """Tell the journal, and with it other servers, that the work goes on, and what each job is at."""
        told: dict[str, str] = {}
        silent = 0.0
        while self.runs:
            await anyio.sleep(STAGE_SECONDS)
            silent += STAGE_SECONDS
            stages = {job_id: run.stage for job_id, run in self.runs.items()}
            if silent < BEAT_SECONDS:
                stages = {job_id: stage for job_id, stage in stages.items() if told.get(job_id) != stage}
            else:
                silent = 0.0
            try:
                if stages:
                    await self.journal.beat(stages)
                    told |= stages
                await self.heed()
            except StorageFailed as error:  # a late beat must not end paid work
                logger.warning("the journal could not be told that work goes on: %s", error)
        self._beating = False
