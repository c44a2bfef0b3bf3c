"""Stopping a job where its service can be told, because it was asked for or because nobody waits any more."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import anyio

from lightbox.jobs.job import settle_cancelled
from lightbox.jobs.runner import Phase

if TYPE_CHECKING:
    from lightbox.costs.catalogue.catalogue import Catalogue
    from lightbox.jobs.carrying import Carrier
    from lightbox.jobs.job import Job
    from lightbox.jobs.runner import Runner

logger = logging.getLogger(__name__)

REGRET_SECONDS = 1.0
"""How long a call that its client cancelled goes on: a client that repeats it at once joins it again, and a server
that is being closed, which looks the same from inside a call, tells no service to stop."""

TOLD = "The service was told to stop; what it had done by then may be billed."
GOES_ON = "The service can't be told to stop: the job goes on, and its result is kept under its job id."
SOON = "The service has not taken the call yet: where it can be told to stop, it is told as soon as it has."
IN_TIME = "The job was cancelled before anything was sent: nothing is billed."


class Stopping:
    """Stops jobs.

    Args:
        runner: What this process works on.
        carrier: Tells services.
        catalogue: Prices what was done by then.
    """

    def __init__(self, runner: Runner, carrier: Carrier, catalogue: Catalogue) -> None:
        self._runner = runner
        self._carrier = carrier
        self._catalogue = catalogue

    async def cancel(self, owner: str, job_id: str) -> str:
        """Stop a job where that is possible, and say in a sentence what became of it.

        Raises:
            UnknownJob: The owner has no such job.
        """
        run = self._runner.runs.get(job_id.strip())
        if run is None or run.order.owner != owner:
            job = await self._runner.journal.get(owner, job_id)
            return await self._elsewhere(job) if job.open else f"The job had ended already ({job.state})."
        if run.phase is Phase.OPENED:
            run.become(Phase.WITHDRAWN)
            run.scope.cancel()
            return IN_TIME
        run.become(Phase.UNWANTED)
        if await self._carrier.stop(run):
            return TOLD
        return GOES_ON if run.responses else SOON

    def abandon(self, job_id: str) -> None:
        """Stop a job whose caller has cancelled, unless somebody else waits for it or comes back in a moment."""
        self._runner.tasks.start_soon(self._regret, job_id)

    async def _regret(self, job_id: str) -> None:
        await anyio.sleep(REGRET_SECONDS)
        run = self._runner.runs.get(job_id)
        if self._runner.closing or run is None or run.listeners or run.answered.is_set():
            return  # a server that closes cancels its calls too: nobody has said that the work is unwanted
        try:
            logger.info("%s: its caller has cancelled: %s", job_id, await self.cancel(run.order.owner, job_id))
        except Exception:
            logger.exception("%s could not be cancelled", job_id)

    async def _elsewhere(self, job: Job) -> str:
        """Stop a job of another server, which may hear of it late: the service is told, and the journal, from here."""
        if not (job.resumable and job.responses):
            return GOES_ON
        if not await self._carrier.tell_service(job.order, job.responses):
            return GOES_ON
        await self._runner.journal.settle(job.id, settle_cancelled(job, self._catalogue), job.order)
        return TOLD
