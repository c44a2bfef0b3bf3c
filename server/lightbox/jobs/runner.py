"""The runner: carries out paid calls apart from whoever asked for them, so that nothing paid for is lost."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import replace
from functools import partial

import anyio
from anyio.abc import TaskGroup

from lightbox.costs.catalogue.catalogue import Catalogue
from lightbox.errors import Interrupted, LightboxError, NotStored, StorageFailed
from lightbox.jobs.collector import Collector
from lightbox.jobs.job import Job
from lightbox.jobs.journal import Journal, Opened
from lightbox.jobs.order import Plan
from lightbox.jobs.run import Run, Tell
from lightbox.jobs.settlement import Settlement, settle_cancelled, settle_lost, settle_run
from lightbox.providers.adapter import Adapter
from lightbox.providers.calls import Call
from lightbox.providers.updates import Accepted, SearchesDone, Update

logger = logging.getLogger(__name__)

POLL_SECONDS = 0.25
"""How often a job of another server is looked at."""
BILL_SECONDS = 0.5
"""How long an answer waits for its bill: a search that asks for no analysis is billed within a moment."""
BILL_POLL_SECONDS = 0.05
BEAT_SECONDS = 5.0
STAGE_SECONDS = 0.5
"""How late another server may hear what a job is at; the journal is not written at every step for it."""
REGRET_SECONDS = 1.0
"""How long a call that its client cancelled goes on: a client that repeats it at once joins it again, and a server
that is being closed, which looks the same from inside a call, tells no service to stop."""
LAST_WORDS_SECONDS = 5.0
"""How long a service that was told to stop may take to say so, with its bill."""
LAST_SENTENCES_SECONDS = 0.2
"""How long an answer waits for a client to take the progress that came before it."""
SETTLE_AGAIN_SECONDS = (0.5, 2.0, 8.0)
LINGER_POLL_SECONDS = 0.1
LINGER_SECONDS = 15.0
"""How long a closing server waits for answers that no later one could ask for again."""

TOLD = "The service was told to stop; what it had done by then may be billed."
GOES_ON = "The service can't be told to stop: the job goes on, and its result is kept under its job id."

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
        self._closing = False

    async def start(self, plan: Plan) -> Opened:
        """Reserve, journal and begin; a call that runs already is joined, a journaled search is not sent again.

        Raises:
            OverBudget: As `Journal.open`; nothing was sent.
        """
        opened: list[Opened] = []
        with anyio.CancelScope(shield=True):  # a reservation without somebody who works on it would block the budget
            opened.append(await self.journal.open(plan.order))
            if opened[0].how == "new":
                self._begin(opened[0].job, partial(self._send, plan))
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
                    job = await self.journal.get(owner, job_id)
                else:
                    job = await self._look_again(job, tell)
            if job.open and job.id not in self._runs:
                job = await self._look_for_bill(job)
        return job if job.done else self._up_to_date(await self.journal.get(owner, job_id))

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
            return await self._cancel_elsewhere(job)
        if not run.sent:
            run.cancelled = True
            run.scope.cancel()
            return "The job was cancelled before anything was sent: nothing is billed."
        run.unwanted = True
        if await self._stop(run):
            return TOLD
        if not run.responses:
            return "The service has not taken the call yet: where it can be told to stop, it is told as soon as it has."
        return GOES_ON

    async def recover(self) -> None:
        """Take over the jobs of servers that are gone: asked for again where the service can, else marked."""
        with anyio.CancelScope(shield=True):  # what was taken over and then left lying, no other server would take
            for job in await self.journal.adopt_orphans(at_work=self._runs):
                await self._adopt(job)

    def abandon(self, job_id: str) -> None:
        """Stop a job whose caller has cancelled, unless somebody else waits for it or comes back in a moment."""
        self._tasks.start_soon(self._regret, job_id)

    async def linger(self) -> None:
        """Before the server closes, wait a little for the answers that no later server could ask for again."""
        self._closing = True
        with anyio.CancelScope(shield=True), anyio.move_on_after(LINGER_SECONDS):
            for run in tuple(self._runs.values()):
                while not run.can_be_left:
                    with anyio.move_on_after(LINGER_POLL_SECONDS):
                        await run.ended.wait()

    def _up_to_date(self, job: Job) -> Job:
        """Add what this server knows before the journal does."""
        run = self._runs.get(job.id)
        return replace(job, stage=run.stage) if run is not None and run.stage else job

    async def _listen(self, run: Run, tell: Tell) -> None:
        """Pass the progress on until there is an answer, which does not wait for a client that is slow to hear."""
        with run.heard() as sentences:
            async with anyio.create_task_group() as tasks:

                async def pass_on() -> None:
                    async for sentence in sentences:
                        await tell(sentence)

                tasks.start_soon(pass_on)
                await run.answered.wait()
                tasks.cancel_scope.deadline = anyio.current_time() + LAST_SENTENCES_SECONDS
        with anyio.move_on_after(BILL_SECONDS):
            await run.ended.wait()

    async def _look_again(self, job: Job, tell: Tell) -> Job:
        """Look in a moment what became of a job that another server works on, or worked on."""
        await anyio.sleep(POLL_SECONDS)
        await self.recover()
        later = await self.journal.get(job.order.owner, job.id)
        if later.stage and later.stage != job.stage:
            await tell(later.stage)
        return later

    async def _look_for_bill(self, job: Job) -> Job:
        """Give another server a moment to settle a job that it has answered, as `_listen` gives this one."""
        with anyio.move_on_after(BILL_SECONDS):
            while job.open:
                await anyio.sleep(BILL_POLL_SECONDS)
                job = await self.journal.get(job.order.owner, job.id)
        return job

    async def _regret(self, job_id: str) -> None:
        await anyio.sleep(REGRET_SECONDS)
        run = self._runs.get(job_id)
        if self._closing or run is None or run.listeners or run.answered.is_set():
            return  # a server that closes cancels its calls too: nobody has said that the work is unwanted
        try:
            logger.info("%s: its caller has cancelled: %s", job_id, await self.cancel(run.order.owner, job_id))
        except Exception:
            logger.exception("%s could not be cancelled", job_id)

    async def _stop(self, run: Run) -> bool:
        """Tell the service to stop what it has accepted; give it a moment for its last words."""
        if not await self._tell_service(run.order.provider, run.responses):
            return False
        run.cancelled = True
        run.scope.deadline = anyio.current_time() + LAST_WORDS_SECONDS
        return True

    async def _tell_service(self, provider: str, responses: Mapping[int, str]) -> bool:
        adapter = await self._adapters(provider)
        told = [await adapter.cancel(response_id) for response_id in tuple(responses.values())]
        return bool(told) and all(told)

    async def _cancel_elsewhere(self, job: Job) -> str:
        """Stop a job of another server, which may hear of it late: the service is told, and the journal, from here."""
        if job.state == "reserved" or not job.responses:
            return "Another server is about to send this job: ask again in a moment."
        if not (job.resumable and await self._tell_service(job.order.provider, job.responses)):
            return GOES_ON
        await self._end(job.id, settle_cancelled(job, self._catalogue))
        return TOLD

    def _begin(self, job: Job, work: Callable[[Run], Awaitable[None]]) -> Run:
        run = self._runs[job.id] = Run(job_id=job.id, order=job.order, began_at=job.created_at)
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
        except Exception:  # a crash ends this job alone
            logger.exception("%s ended in a crash", run.job_id)
            await self._bury(run)
        finally:
            run.answer()
            run.ended.set()
            del self._runs[run.job_id]

    async def _bury(self, run: Run) -> None:
        """End a job that crashed; the journal says that it may have been billed."""
        try:
            with anyio.CancelScope(shield=True):
                job = await self.journal.get(run.order.owner, run.job_id)
                await self._end(job.id, settle_lost(job, self._catalogue))
        except Exception:
            logger.exception("%s stays open in the journal until the next server looks at it", run.job_id)

    async def _send(self, plan: Plan, run: Run) -> None:
        try:
            adapter = await self._adapters(plan.order.provider)
        except LightboxError as error:
            run.failures[0] = error
            return
        await self.journal.mark_sent(run.job_id)
        run.sent = True
        run.tell(f"sent to {plan.order.provider} as {run.job_id}")
        await self._receive(run, {index: adapter.stream(call) for index, call in enumerate(plan.calls)})
        gone = [failure for failure in run.failures.values() if isinstance(failure, NotStored)]
        if plan.instead is not None and len(gone) == len(plan.calls):
            await self._send_instead(plan.instead, adapter, run)

    async def _send_instead(
        self, make_calls: Callable[[], Awaitable[tuple[Call, ...]]], adapter: Adapter, run: Run
    ) -> None:
        """Send the pictures themselves: the service had turned the calls away, so nothing is paid twice."""
        run.tell("the stored response is gone: sending the picture itself")
        try:
            calls = await make_calls()
        except LightboxError as error:
            run.failures = dict.fromkeys(run.failures, error)
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
                    await self._keep(run, index, update)
                    if isinstance(update, SearchesDone) and not run.order.priced.analysis:
                        tasks.start_soon(self._answer_hits, run)  # the rest of the stream is read for the bill
                    if isinstance(update, Accepted) and run.unwanted:
                        await self._stop(run)
        except LightboxError as error:
            run.failures[index] = error
        except Exception as error:  # a crash in one of several requests does not end the others, which are paid too
            logger.exception("%s: request %s ended in a crash", run.job_id, index)
            run.failures[index] = error

    async def _keep(self, run: Run, index: int, update: Update) -> None:
        """Keep an update. What can't be kept is told in the end; the rest, and the bill, are read all the same."""
        try:
            await self.collector.collect(run, index, update)
        except LightboxError as error:
            run.failures[index] = StorageFailed(f"What came could not be kept: {error}")
        except Exception as error:
            logger.exception("%s: what came could not be kept", run.job_id)
            run.failures[index] = StorageFailed(f"What came could not be kept ({type(error).__name__}): see the log.")

    async def _answer_hits(self, run: Run) -> None:
        """Answer a search once: with its hits, checked, as soon as there are some or the stream has ended."""
        if run.checking or not run.hits:
            return
        run.checking = True
        await self.collector.check(run)
        if not run.order.priced.analysis:
            await self.journal.answer(run.job_id, run.outcome())
            run.answer()

    async def _settle(self, run: Run) -> None:
        await self._end(run.job_id, settle_run(run, self._catalogue))
        await self.collector.forget_partial(run.job_id)

    async def _end(self, job_id: str, end: Settlement) -> None:
        """Write the end of a job down, again and again while the database is locked or full: it was paid for."""
        for pause in (*SETTLE_AGAIN_SECONDS, None):
            try:
                await self.journal.settle(job_id, end.state, bill=end.bill, outcome=end.outcome, error=end.error)
            except StorageFailed:
                if pause is None:
                    raise
                logger.warning("%s could not be settled yet; it is tried again", job_id)
                await anyio.sleep(pause)
            else:
                return

    async def _beat(self, run: Run) -> None:
        """Tell the journal, and with it other servers, that the work goes on, and what it is at."""
        told, silent = "", 0.0
        while True:
            await anyio.sleep(STAGE_SECONDS)
            silent += STAGE_SECONDS
            if run.stage == told and silent < BEAT_SECONDS:
                continue
            try:
                await self.journal.beat(run.job_id, run.stage)
            except Exception:  # a late beat must not end paid work
                logger.exception("%s: the journal could not be told that its work goes on", run.job_id)
            told, silent = run.stage, 0.0

    async def _adopt(self, job: Job) -> None:
        responses = job.responses or {}
        if job.state == "sent" and job.resumable and responses:
            run = self._begin(job, partial(self._take_up, job))
            run.responses |= responses
            run.resumable = run.sent = True
            return
        await self._end(job.id, settle_lost(job, self._catalogue))

    async def _take_up(self, job: Job, run: Run) -> None:
        if job.outcome is not None:
            run.pictures |= {picture.number: picture for picture in job.outcome.pictures}
        run.tell(f"asking {job.order.provider} again for what an earlier server began")
        try:
            adapter = await self._adapters(job.order.provider)
        except LightboxError as error:
            run.failures[0] = Interrupted(f"{error} A call that an earlier server sent may have been billed.")
            return
        for index in set(range(job.order.priced.count)) - set(run.responses):
            run.failures[index] = Interrupted(
                f"an earlier server ended before {job.order.provider} had named this call; it may have been billed"
            )
        ability = job.order.priced.ability
        streams = {index: adapter.take_up(response_id, ability) for index, response_id in run.responses.items()}
        await self._receive(run, streams)
