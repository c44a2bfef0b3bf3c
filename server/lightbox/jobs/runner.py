"""The runner: carries out paid calls apart from whoever asked for them, so that nothing paid for is lost."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from datetime import UTC, datetime
from functools import partial

import anyio
from anyio.abc import TaskGroup

from lightbox.costs.bill import Bill, bill
from lightbox.costs.catalogue import Catalogue
from lightbox.errors import Interrupted, LightboxError, NotStored, UpstreamError
from lightbox.jobs.collector import Collector
from lightbox.jobs.job import Job
from lightbox.jobs.journal import Journal, Opened
from lightbox.jobs.order import Order, Plan
from lightbox.jobs.run import Run, Tell
from lightbox.providers.adapter import Adapter
from lightbox.providers.calls import Call
from lightbox.providers.updates import SearchesDone, Update
from lightbox.wire.usage import Usage

logger = logging.getLogger(__name__)

SEARCHES = ("search", "similar")
POLL_SECONDS = 0.25
"""How often a job of another server is looked at."""
BILL_SECONDS = 0.5
"""How long an answer waits for its bill: a search that asks for no analysis is billed within a moment."""
BEAT_SECONDS = 5.0
REGRET_SECONDS = 1.0
"""How long a call that its client cancelled goes on: a client that repeats it at once joins it again, and a server
that is being closed, which looks the same from inside a call, tells no service to stop."""
LAST_WORDS_SECONDS = 5.0
"""How long a service that was told to stop may take to say so, with its bill."""
LINGER_SECONDS = 15.0
"""How long a closing server waits for answers that no later one could ask for again."""

Adapters = Callable[[str], Awaitable[Adapter]]


class Runner:
    """Works on jobs in a task group that outlives the calls.

    Args:
        journal: Where jobs are kept.
        collector: Keeps what arrives.
        adapters: Gives the adapter of a provider.
        catalogue: Prices the bill.
        tasks: The server's own task group.
    """

    def __init__(
        self, journal: Journal, collector: Collector, *, adapters: Adapters, catalogue: Catalogue, tasks: TaskGroup
    ) -> None:
        self.journal = journal
        self.collector = collector
        self._adapters = adapters
        self._catalogue = catalogue
        self._tasks = tasks
        self._runs: dict[str, Run] = {}

    async def start(self, plan: Plan) -> Opened:
        """Reserve, journal and begin; a call that runs already is joined, a journaled search is not sent again.

        Raises:
            OverBudget: As `Journal.open`; nothing was sent.
        """
        opened: list[Opened] = []
        with anyio.CancelScope(shield=True):  # a reservation without somebody who works on it would block the budget
            opened.append(await self.journal.open(plan.order))
            if opened[0].how == "new":
                self._begin(opened[0].job.id, plan.order, partial(self._send, plan))
        return opened[0]

    async def wait(self, owner: str, job_id: str, seconds: float, tell: Tell) -> Job:
        """Give the job as soon as there is something to answer, or as it is after `seconds`.

        Raises:
            UnknownJob: The owner has no such job.
        """
        job = await self.journal.get(owner, job_id)
        with anyio.move_on_after(seconds):
            while not job.done:
                run = self._runs.get(job.id)
                if run is not None:
                    await self._listen(run, tell)
                else:
                    await anyio.sleep(POLL_SECONDS)
                    await self.recover()
                job = await self.journal.get(owner, job_id)
        return job if job.done else await self.journal.get(owner, job_id)

    async def cancel(self, owner: str, job_id: str) -> str:
        """Stop a job where that is possible, and say in a sentence what became of it.

        Raises:
            UnknownJob: The owner has no such job.
        """
        job = await self.journal.get(owner, job_id)
        if not job.open:
            return f"The job had ended already ({job.state})."
        run = self._runs.get(job.id)
        if run is None:
            return "Another server works on this job; ask that one, or wait for its answer."
        if not run.sent:
            run.cancelled = True
            run.scope.cancel()
            return "The job was cancelled before anything was sent: nothing is billed."
        if await self._tell_service(run):
            run.cancelled = True
            run.scope.deadline = anyio.current_time() + LAST_WORDS_SECONDS
            return "The service was told to stop; what it had done by then may be billed."
        return "The service can't be told to stop: the job goes on, and its result is kept under its job id."

    async def recover(self) -> None:
        """Take over the jobs of servers that are gone: asked for again where the service can, else marked."""
        for job in await self.journal.adopt_orphans():
            await self._adopt(job)

    def abandon(self, job_id: str) -> None:
        """Stop a job whose caller has cancelled, unless somebody else waits for it or comes back in a moment."""
        self._tasks.start_soon(self._regret, job_id)

    async def linger(self) -> None:
        """Before the server closes, wait a little for the answers that no later server could ask for again."""
        with anyio.CancelScope(shield=True), anyio.move_on_after(LINGER_SECONDS):
            for run in tuple(self._runs.values()):
                if not run.resumable:
                    await run.ended.wait()

    async def _listen(self, run: Run, tell: Tell) -> None:
        with run.heard_by(tell):
            if run.stage:
                await tell(run.stage)
            await run.answered.wait()
        with anyio.move_on_after(BILL_SECONDS):
            await run.ended.wait()

    async def _regret(self, job_id: str) -> None:
        await anyio.sleep(REGRET_SECONDS)
        run = self._runs.get(job_id)
        if run is not None and not run.listeners and not run.answered.is_set():
            logger.info("%s: its caller has cancelled: %s", job_id, await self.cancel(run.order.owner, job_id))

    async def _tell_service(self, run: Run) -> bool:
        adapter = await self._adapters(run.order.provider)
        told = [await adapter.cancel(response_id) for response_id in run.responses.values()]
        return bool(told) and all(told)

    def _begin(self, job_id: str, order: Order, work: Callable[[Run], Awaitable[None]]) -> Run:
        run = self._runs[job_id] = Run(job_id=job_id, order=order)
        self._tasks.start_soon(self._work, run, work)
        return run

    async def _work(self, run: Run, work: Callable[[Run], Awaitable[None]]) -> None:
        """Carry out a job to its bill. Cancelled from outside, it leaves the journal to the next server."""
        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._beat, run)
                with run.scope:
                    await work(run)
                with anyio.CancelScope(shield=True):
                    await self._settle(run)
                tasks.cancel_scope.cancel()
        except Exception:  # a crash ends this job alone; the journal says that it may have been billed
            logger.exception("%s ended in a crash", run.job_id)
            with anyio.CancelScope(shield=True):
                await self._give_up(await self.journal.get(run.order.owner, run.job_id))
        finally:
            run.answered.set()
            run.ended.set()
            del self._runs[run.job_id]

    async def _send(self, plan: Plan, run: Run) -> None:
        try:
            adapter = await self._adapters(plan.order.provider)
        except LightboxError as error:
            run.failures[0] = error
            return
        await self.journal.mark_sent(run.job_id)
        run.sent = True
        await run.tell(f"sent to {plan.order.provider}")
        await self._receive(run, {index: adapter.stream(call) for index, call in enumerate(plan.calls)})
        gone = [failure for failure in run.failures.values() if isinstance(failure, NotStored)]
        if plan.instead is not None and len(gone) == len(plan.calls):
            await self._send_instead(plan.instead, adapter, run)

    async def _send_instead(
        self, make_calls: Callable[[], Awaitable[tuple[Call, ...]]], adapter: Adapter, run: Run
    ) -> None:
        """Send the pictures themselves: the service had turned the calls away, so nothing is paid twice."""
        await run.tell("the stored response is gone: sending the picture itself")
        try:
            calls = await make_calls()
        except LightboxError as error:
            run.failures = {0: error}
            return
        run.failures.clear()
        await self._receive(run, {index: adapter.stream(call) for index, call in enumerate(calls)})

    async def _receive(self, run: Run, streams: Mapping[int, AsyncGenerator[Update]]) -> None:
        async with anyio.create_task_group() as tasks:
            for index, updates in streams.items():
                tasks.start_soon(self._read, run, index, updates, tasks)
        await self._answer_hits(run)

    async def _read(self, run: Run, index: int, updates: AsyncGenerator[Update], tasks: TaskGroup) -> None:
        try:
            async with aclosing(updates):
                async for update in updates:
                    await self.collector.collect(run, index, update)
                    if isinstance(update, SearchesDone) and not run.order.priced.analysis:
                        tasks.start_soon(self._answer_hits, run)  # the rest of the stream is read for the bill
        except LightboxError as error:
            run.failures[index] = error

    async def _answer_hits(self, run: Run) -> None:
        """Answer a search once: with its hits, checked, as soon as there are some or the stream has ended."""
        if run.checking or not run.hits:
            return
        run.checking = True
        await self.collector.check(run)
        if not run.order.priced.analysis:
            await self.journal.answer(run.job_id, run.outcome())
            run.answered.set()

    async def _settle(self, run: Run) -> None:
        run.notes.extend(_notes(run))
        outcome = run.outcome()
        failed = outcome.empty and (bool(run.failures) or run.cancelled)
        error = str(next(iter(run.failures.values()), "The call was cancelled.")) if failed else None
        state = ("cancelled" if run.cancelled else "failed") if failed else "completed"
        await self.journal.settle(run.job_id, state, bill=self._bill(run), outcome=outcome, error=error)
        await self.collector.forget_partial(run.job_id)

    def _bill(self, run: Run) -> Bill:
        """Settle by what the service told; a call that was not accepted bills nothing."""
        billed: list[Usage | None] = list(run.usages.values())
        for index, failure in run.failures.items():
            if index not in run.usages and isinstance(failure, UpstreamError) and failure.accepted:
                billed.append(None)
        if run.cancelled:
            billed.extend(None for index in run.responses if index not in run.usages)
        searches = run.searches if run.order.priced.ability in SEARCHES else None
        return bill(run.order.priced, billed, self._catalogue, datetime.now(UTC), searches=searches)

    async def _beat(self, run: Run) -> None:
        while True:
            await anyio.sleep(BEAT_SECONDS)
            await self.journal.beat([run.job_id])

    async def _adopt(self, job: Job) -> None:
        responses = job.responses or {}
        if job.state == "sent" and job.resumable and responses:
            run = self._begin(job.id, job.order, partial(self._take_up, job))
            run.responses |= responses
            run.resumable = run.sent = True
            return
        await self._give_up(job)

    async def _take_up(self, job: Job, run: Run) -> None:
        if job.outcome is not None:
            run.pictures |= dict(enumerate(job.outcome.pictures))
        await run.tell(f"asking {job.order.provider} again for what an earlier server began")
        try:
            adapter = await self._adapters(job.order.provider)
        except LightboxError as error:
            run.failures[0] = Interrupted(f"{error} A call that an earlier server sent may have been billed.")
            return
        ability = job.order.priced.ability
        streams = {index: adapter.take_up(response_id, ability) for index, response_id in run.responses.items()}
        await self._receive(run, streams)

    async def _give_up(self, job: Job) -> None:
        """End a job that can't be asked for again: with what had come, or with what is known of it."""
        outcome = job.outcome
        if job.state == "reserved":
            nothing = bill(job.order.priced, [], self._catalogue, datetime.now(UTC))
            error = "The server ended before the request was sent: nothing was billed. Make the call again."
            await self.journal.settle(job.id, "failed", bill=nothing, error=error)
            return
        guessed = bill(job.order.priced, [None] * job.order.priced.count, self._catalogue, datetime.now(UTC))
        if outcome is not None and not outcome.empty:
            note = "The server ended before the service's answer was complete; this had come by then."
            outcome = outcome.model_copy(update={"notes": (*outcome.notes, note)})
            await self.journal.settle(job.id, "completed", bill=guessed, outcome=outcome)
            return
        error = (
            f"Unknown: the server ended while {job.order.provider} worked on this call, and its answer can't be asked "
            "for again; it may have been billed. Making the call again pays again."
        )
        await self.journal.settle(job.id, "unknown", bill=guessed, error=error)


def _notes(run: Run) -> list[str]:
    """Say what did not work in a job that brought something all the same."""
    failures = list(run.failures.values())
    if not failures or run.outcome().empty:
        return []
    if run.hits:
        return [f"The service's answer broke off after these hits: {failures[0]}"]
    return [f"{len(failures)} of {run.order.priced.count} did not come: {failures[0]}"]
