"""Waiting for a job, whoever works on it: this process, or another server that shares the journal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio

if TYPE_CHECKING:
    from lightbox.jobs.job import Job
    from lightbox.jobs.runner import Run, Runner, Tell
    from lightbox.jobs.watching import Watch

BILL_SECONDS = 0.5
"""How long an answer waits for its bill: a search that asks for no analysis is billed within a moment."""


class Waiting:
    """Gives jobs as soon as there is something to answer.

    Args:
        runner: What this process works on.
        watch: Looks at what other servers work on.
    """

    def __init__(self, runner: Runner, watch: Watch) -> None:
        self._runner = runner
        self._journal = runner.journal
        self._watch = watch

    async def wait(self, owner: str, job_id: str, seconds: float, tell: Tell) -> Job:
        """Give the job as soon as there is something to answer, or as it is after `seconds`.

        Raises:
            UnknownJob: The owner has no such job.
        """
        run = self._of(owner, job_id)
        if run is None:
            job = await self._journal.get(owner, job_id)
            with anyio.move_on_after(seconds):
                job = await self._elsewhere(job, tell)
            run = self._of(owner, job_id)  # it may have been taken over from a server that is gone
            return run.job if run is not None else job if job.done else await self._journal.get(owner, job_id)
        with anyio.move_on_after(seconds):
            await self._listen(run, tell)
        return run.job if run.answered.is_set() else await self._unless_ended(run)

    def _of(self, owner: str, job_id: str) -> Run | None:
        run = self._runner.runs.get(job_id.strip())
        return run if run is not None and run.order.owner == owner else None

    async def _unless_ended(self, run: Run) -> Job:
        """Give a job that runs here, unless another server has ended it meanwhile."""
        journaled = await self._journal.get(run.order.owner, run.job_id)
        return run.job if journaled.open else journaled

    async def _listen(self, run: Run, tell: Tell) -> None:
        """Pass the progress on until there is an answer, which does not wait for a client that is slow to hear."""
        with run.heard() as sentences:
            async for sentence in sentences:
                await tell(sentence)
        with anyio.move_on_after(BILL_SECONDS):
            await run.ended.wait()

    async def _elsewhere(self, job: Job, tell: Tell) -> Job:
        """Hear from the journal what becomes of a job that another server works on, or worked on."""
        if not job.open:
            return job
        owner, stage, done = job.order.owner, None, job.done
        while not done:
            seen = await self._watch.look(job.id)
            run = self._of(owner, job.id)
            if run is not None:  # taken over from a server that is gone
                await self._listen(run, tell)
                return run.job
            if seen is not None and seen.stage and seen.stage != stage:
                stage = seen.stage
                await tell(stage)
            done = seen is None or seen.done
        with anyio.move_on_after(BILL_SECONDS):
            while (seen := await self._watch.look(job.id, soon=True)) is not None and seen.open:
                pass
        return await self._journal.get(owner, job.id)
