"""Taking over what a server that is gone has left: asked for again where the service can, else settled as known."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import anyio

if TYPE_CHECKING:
    from lightbox.jobs.carrying import Carrier
    from lightbox.jobs.job import Job
    from lightbox.jobs.runner import Runner


class Recovery:
    """Adopts the jobs of servers that are gone.

    Args:
        runner: Works on what is adopted.
        carrier: Asks services again.
    """

    def __init__(self, runner: Runner, carrier: Carrier) -> None:
        self._runner = runner
        self._carrier = carrier

    async def recover(self) -> int:
        """Take over what lies about, and tell how many jobs that were."""
        adopted: list[Job] = []
        with anyio.CancelScope(shield=True):  # what was taken over and then left lying, no other server would take
            adopted = await self._runner.journal.adopt_orphans(at_work=tuple(self._runner.runs))
            for job in adopted:
                await self._adopt(job)
        return len(adopted)

    async def _adopt(self, job: Job) -> None:
        if job.state == "sent" and job.resumable and job.responses:
            self._runner.begin(job, partial(self._carrier.take_up, job))
        else:
            await self._runner.lose(job)
