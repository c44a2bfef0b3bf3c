"""Stopping a job where its service can be told, because it was asked for or because nobody waits any more."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import anyio

from lightbox.jobs.job import settle_cancelled
from lightbox.jobs.journal import ASKED
from lightbox.jobs.runner import Phase

if TYPE_CHECKING:
    from lightbox.costs.catalogue.catalogue import Catalogue
    from lightbox.jobs.carrying import Carrier
    from lightbox.jobs.job import Job
    from lightbox.jobs.runner import Run, Runner
    from lightbox.jobs.watching import Watch

logger = logging.getLogger(__name__)

REGRET_SECONDS = 1.0
"""How long a call that its client cancelled goes on: a client that repeats it at once joins it again, and a server
that is being closed, which looks the same from inside a call, tells no service to stop."""

HEED_SECONDS = 4.0
"""How long a caller waits for the server that works on a job to heed a wish that it be stopped."""

TOLD = "The service was told to stop; what it had done by then may be billed."
GOES_ON = "The service can't be told to stop: the job goes on, and its result is kept under its job id."
SOON = "The service has not taken the call yet: where it can be told to stop, it is told as soon as it has."
IN_TIME = "The job was cancelled before anything was sent: nothing is billed."
PASSED_ON = "The server that works on the job was asked to stop it, and has not answered yet."

BECAME = {"told": TOLD, "goes on": GOES_ON, "soon": SOON, "in time": IN_TIME}
"""What the journal holds of a wish that a job be stopped, and the sentence that its caller reads."""


class Stopping:
    """Stops jobs.

    Args:
        runner: What this process works on.
        carrier: Tells services.
        catalogue: Prices what was done by then.
        watch: Looks at what other servers work on.
    """

    def __init__(self, runner: Runner, carrier: Carrier, catalogue: Catalogue, watch: Watch) -> None:
        self._runner = runner
        self._carrier = carrier
        self._catalogue = catalogue
        self._watch = watch
        self._heeding: set[str] = set()
        runner.heed = self.heed

    async def cancel(self, owner: str, job_id: str) -> str:
        """Stop a job where that is possible, and say in a sentence what became of it.

        Raises:
            UnknownJob: The owner has no such job.
        """
        run = self._runner.runs.get(job_id.strip())
        if run is None or run.order.owner != owner:
            job = await self._runner.journal.get(owner, job_id)
            return await self._elsewhere(job) if job.open else f"The job had ended already ({job.state})."
        return BECAME[await self._stop(run)]

    async def heed(self) -> None:
        """Stop what callers at other servers want stopped."""
        for job_id in await self._runner.journal.asked_to_stop(tuple(self._runner.runs)):
            run = self._runner.runs.get(job_id)
            if run is not None and job_id not in self._heeding:
                self._heeding.add(job_id)
                self._runner.tasks.start_soon(self._heed, run)

    def abandon(self, job_id: str) -> None:
        """Stop a job whose caller has cancelled, unless somebody else waits for it or comes back in a moment."""
        self._runner.tasks.start_soon(self._regret, job_id)

    async def _regret(self, job_id: str) -> None:
        await anyio.sleep(REGRET_SECONDS)
        try:
            while await self._runner.journal.is_awaited(job_id):  # noqa: ASYNC110 - elsewhere: a row tells nobody
                await anyio.sleep(REGRET_SECONDS)
            run = self._runner.runs.get(job_id)
            if self._runner.closing or run is None or run.listeners or run.answered.is_set():
                return  # a server that closes cancels its calls too: nobody has said that the work is unwanted
            logger.info("%s: its caller has cancelled: %s", job_id, await self.cancel(run.order.owner, job_id))
        except Exception:
            logger.exception("%s could not be cancelled", job_id)

    async def _stop(self, run: Run) -> str:
        """Stop a job that this process works on, and say by a word of `BECAME` what became of it."""
        if run.phase is Phase.OPENED:
            run.become(Phase.WITHDRAWN)
            run.scope.cancel()
            return "in time"
        run.become(Phase.UNWANTED)
        if await self._carrier.stop(run):
            return "told"
        return "goes on" if run.responses else "soon"

    async def _heed(self, run: Run) -> None:
        try:
            await self._runner.journal.tell_of_stop(run.job_id, await self._stop(run))
        except Exception:
            logger.exception("%s could not be stopped for a caller at another server", run.job_id)
        finally:
            self._heeding.discard(run.job_id)

    async def _elsewhere(self, job: Job) -> str:
        """Stop a job of another server, which may hear of it late: the service is told, and the journal, from here.

        Where the service has not named it yet, or can't be told, the other server is asked.
        """
        if not (job.resumable and job.responses):
            return await self._pass_on(job)
        if not await self._carrier.tell_service(job.order, job.responses):
            return GOES_ON
        await self._runner.journal.settle(job.id, settle_cancelled(job, self._catalogue), job.order)
        return TOLD

    async def _pass_on(self, job: Job) -> str:
        await self._runner.journal.ask_to_stop(job.id)
        with anyio.move_on_after(HEED_SECONDS):
            while (seen := await self._watch.look(job.id)) is not None:
                if seen.stop in BECAME:
                    return BECAME[seen.stop]
                if not seen.open or seen.stop != ASKED:
                    break
        return PASSED_ON
