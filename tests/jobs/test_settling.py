"""A job's end is written down although the database can't be written for a while."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import anyio
import pytest

from lightbox.costs.pricing.bill import Bill
from lightbox.errors import StorageFailed
from lightbox.jobs.runner import SETTLE_AGAIN_SECONDS, Runner
from lightbox.jobs.settlement import Settlement

if TYPE_CHECKING:
    from lightbox.jobs.journal import Journal

END = Settlement(state="completed", bill=Bill(amount=None))


class FullDisk:
    """A journal that can't be written a number of times; a disk that is full for a moment can't be made in a test."""

    def __init__(self, times: int) -> None:
        self.times = times
        self.settled: list[str] = []

    async def settle(self, job_id: str, state: str, **_: Any) -> None:
        if self.times:
            self.times -= 1
            raise StorageFailed("the disk is full")
        self.settled.append(f"{job_id} {state}")


def _runner(journal: FullDisk, tasks: Any) -> Runner:
    nothing = cast("Any", None)
    return Runner(cast("Journal", journal), nothing, adapters=nothing, catalogue=nothing, tasks=tasks)


async def test_an_end_that_could_not_be_written_is_written_a_moment_later() -> None:
    journal = FullDisk(times=1)
    async with anyio.create_task_group() as tasks:
        await _runner(journal, tasks)._end("job_1", END)  # pyright: ignore[reportPrivateUsage] - the one step that writes
    assert journal.settled == ["job_1 completed"]


@pytest.mark.slow
async def test_an_end_that_can_never_be_written_is_a_crash_of_that_job_alone() -> None:
    journal = FullDisk(times=len(SETTLE_AGAIN_SECONDS) + 1)
    async with anyio.create_task_group() as tasks:
        with pytest.raises(StorageFailed):
            await _runner(journal, tasks)._end("job_1", END)  # pyright: ignore[reportPrivateUsage] - the one step that writes
    assert journal.settled == []
