"""Waiting for a job, whoever works on it: this process, or another server that shares the journal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio

if TYPE_CHECKING:
    from lightbox.jobs.job import Job
    from lightbox.jobs.recovering import Recovery
    from lightbox.jobs.runner import Run, Runner, Tell

POLL_SECONDS = 0.25
"""How often a job of another server is looked at."""
BILL_SECONDS = 0.5
"""How long an answer waits for its bill: a search that asks for no analysis is billed within a moment."""
BILL_POLL_SECONDS = 0.05


class Waiting:
    """Gives jobs as soon as there is something to answer.

    Args:
        runner: What this process works on.
        recovery: Takes over what a server that is gone has left.
    """

    def __init__(self, runner: Runner, recovery: Recovery) -> None:
        self._runner = runner
        self._journal = runner.journal
        self._recovery = recovery

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
        """Look again and again what becomes of a job that another server works on, or worked on."""
        while not job.done:
            await anyio.sleep(POLL_SECONDS)
            await self._recovery.recover()
            run = self._of(job.order.owner, job.id)
            if run is not None:
                await self._listen(run, tell)
                return run.job
            later = await self._journal.get(job.order.owner, job.id)
            if later.stage and later.stage != job.stage:
                await tell(later.stage)
            job = later
        with anyio.move_on_after(BILL_SECONDS):
            while job.open:
                await anyio.sleep(BILL_POLL_SECONDS)
                job = await self._journal.get(job.order.owner, job.id)
        return job
