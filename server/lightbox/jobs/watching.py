"""Watching the jobs that other servers work on: one query a round, however many callers wait here."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import anyio

from lightbox.errors import StorageFailed

if TYPE_CHECKING:
    from lightbox.jobs.journal import Glance
    from lightbox.jobs.recovering import Recovery
    from lightbox.jobs.runner import Runner

logger = logging.getLogger(__name__)

POLL_SECONDS = 0.25
"""How often jobs of other servers are looked at."""
SOON_SECONDS = 0.05
"""How often they are while a bill is waited for that comes within a moment."""
RECOVER_SECONDS = 1.0
"""How often it is asked meanwhile whether those servers still live."""
AWAITED_AGAIN_SECONDS = 5.0
"""How often those servers are told that somebody waits."""


class Watch:
    """Looks at jobs of other servers for all who wait for them here.

    Args:
        runner: What this process works on.
        recovery: Takes over what a server that is gone has left.
    """

    def __init__(self, runner: Runner, recovery: Recovery) -> None:
        self._runner = runner
        self._recovery = recovery
        self._wanted: dict[str, asyncio.Future[Glance | None]] = {}
        self._soon = False
        self._watching = False
        self._recovered_at = self._told_at = float("-inf")
        self._told: set[str] = set()

    async def look(self, job_id: str, *, soon: bool = False) -> Glance | None:
        """Give what the next round sees of a job; None where this process works on it by now, or nobody knows it."""
        wanted = self._wanted.get(job_id)
        if wanted is None:
            wanted = self._wanted[job_id] = asyncio.get_running_loop().create_future()
        self._soon = self._soon or soon
        if not self._watching:
            self._watching = True
            self._runner.tasks.start_soon(self._watch)
        return await asyncio.shield(wanted)  # others wait for it too

    async def _watch(self) -> None:
        """Go round while somebody waits; while the database is away, they wait on."""
        try:
            while self._wanted:
                await anyio.sleep(SOON_SECONDS if self._soon else POLL_SECONDS)
                try:
                    await self._round()
                except StorageFailed as error:
                    logger.warning("jobs of other servers could not be looked at: %s", error)
                except Exception:  # those who wait here must not end what others have paid for
                    logger.exception("jobs of other servers could not be looked at")
        finally:
            self._watching = False
            for wanted in self._wanted.values():
                wanted.cancel()
            self._wanted.clear()

    async def _round(self) -> None:
        clock = anyio.current_time()
        if clock - self._recovered_at >= RECOVER_SECONDS:
            self._recovered_at = clock
            await self._recovery.recover()
        ids = set(self._wanted)
        unsaid = bool(ids - self._told) or clock - self._told_at >= AWAITED_AGAIN_SECONDS
        seen = await self._runner.journal.glance(ids, awaited=unsaid)
        if unsaid:
            self._told, self._told_at = ids, clock
        self._soon = False
        for job_id in ids:
            wanted = self._wanted.pop(job_id)
            if not wanted.done():
                wanted.set_result(None if job_id in self._runner.runs else seen.get(job_id))
