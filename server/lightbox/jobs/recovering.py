"""Taking over what a server that is gone has left: asked for again where the service can, else settled as known."""

from __future__ import annotations

import asyncio
import contextvars
import logging
from functools import partial
from typing import TYPE_CHECKING

import anyio

from lightbox.errors import StorageFailed

if TYPE_CHECKING:
    from lightbox.jobs.carrying import Carrier
    from lightbox.jobs.job import Job
    from lightbox.jobs.runner import Runner


logger = logging.getLogger(__name__)

RECOVER_SECONDS = 4.0
"""With `STALE_SECONDS`, this decides how long a job lies after its server was killed."""


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
        """Take over what lies about, and tell how many jobs that were.

        This is done apart from who asks: one that is cancelled, or whose time is up while the database is held, leaves
        it to be finished, for what this server took over and then left lying, no other would take while it lives.

        Raises:
            StorageFailed: The database can't be used.
        """
        told: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        # What is taken over belongs to the trace of no call of this server's.
        contextvars.Context().run(self._runner.tasks.start_soon, self._go_round, told)
        return await told

    async def keep_up(self) -> None:
        """Take over, as long as the server runs, what others leave that end without a word."""
        while True:
            await anyio.sleep(RECOVER_SECONDS)
            try:
                await self.recover()
            except StorageFailed as error:
                logger.warning("what servers that are gone have left could not be taken over yet: %s", error)
            except Exception:
                logger.exception("what servers that are gone have left could not be taken over")

    async def _go_round(self, told: asyncio.Future[int]) -> None:
        try:
            adopted = await self._runner.journal.adopt_orphans(at_work=tuple(self._runner.runs))
            for job in adopted:
                await self._adopt(job)
        except Exception as error:  # noqa: BLE001 - raised where somebody waits
            if not told.done():
                told.set_exception(error)
        else:
            if not told.done():
                told.set_result(len(adopted))
        finally:
            told.cancel()

    async def _adopt(self, job: Job) -> None:
        if job.state == "sent" and job.resumable and job.responses:
            self._runner.begin(job, partial(self._carrier.take_up, job))
        else:
            await self._runner.lose(job)
