"""A job's end is written down although the database can't be written for a while, and its answer does not wait."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

import anyio

from lightbox.costs.catalogue.catalogue import Catalogue
from lightbox.errors import StorageFailed
from lightbox.images.picture import Hit
from lightbox.jobs.job import Job
from lightbox.jobs.runner import SLOW_SECONDS, Run, Runner
from orders import ORDER

if TYPE_CHECKING:
    from lightbox.jobs.journal import End, Journal

JOB = Job(id="job_1", order=ORDER, state="sent", created_at=datetime(2026, 11, 21, tzinfo=UTC))
PAUSES = (0.05, 2 * SLOW_SECONDS, 0.05)
HIT = Hit(image="img_0000000001", image_url="https://example.com/fox.jpg")


class FullDisk:
    """A journal that can't be written a number of times; a disk that is full for a moment can't be made in a test."""

    def __init__(self, times: int, held: Job = JOB, *, ended: bool = False) -> None:
        self.times = times
        self.held = held
        self.ended = ended  # whether another server has written its end
        self.settled: list[str] = []

    async def settle(self, job_id: str, end: End, *_: Any) -> list[Hit] | None:
        if self.times:
            self.times -= 1
            raise StorageFailed("the disk is full")
        if self.ended:
            return None
        self.settled.append(f"{job_id} {end.state}")
        return [HIT]

    async def beat(self, _stages: object) -> None: ...

    async def get(self, _owner: str, _job_id: str) -> Job:
        return self.held


async def found(run: Run) -> None:
    run.hits = [HIT]


async def begin(journal: FullDisk, tasks: Any) -> Run:
    async def nothing(_: str) -> None: ...

    runner = Runner(
        cast("Journal", journal),
        catalogue=Catalogue.load(),
        tasks=tasks,
        job_seconds=600,
        on_end=nothing,
        settle_again=PAUSES,
    )
    return runner.begin(JOB, found)


async def test_an_end_that_could_not_be_written_is_written_a_moment_later() -> None:
    journal = FullDisk(times=1)
    async with anyio.create_task_group() as tasks:
        run = await begin(journal, tasks)
        await run.ended.wait()
        tasks.cancel_scope.cancel()
    assert journal.settled == ["job_1 completed"]


async def test_hits_are_answered_before_their_end_can_be_written() -> None:
    journal = FullDisk(times=2)
    async with anyio.create_task_group() as tasks:
        run = await begin(journal, tasks)
        await run.answered.wait()
        assert not journal.settled
        assert (run.job.done, run.job.state) == (True, "completed")
        assert run.job.outcome
        assert run.job.outcome.hits == (HIT,)
        await run.ended.wait()
        tasks.cancel_scope.cancel()
    assert journal.settled == ["job_1 completed"]


async def test_the_end_that_another_server_has_written_is_believed() -> None:
    journal = FullDisk(times=0, held=replace(JOB, state="cancelled", error="It was cancelled elsewhere."), ended=True)
    async with anyio.create_task_group() as tasks:
        run = await begin(journal, tasks)
        await run.ended.wait()
        assert (run.job.state, run.job.error) == ("cancelled", "It was cancelled elsewhere.")
        tasks.cancel_scope.cancel()


async def test_an_end_that_can_never_be_written_is_a_crash_of_that_job_alone() -> None:
    journal = FullDisk(times=2 * len(PAUSES) + 2)
    async with anyio.create_task_group() as tasks:
        run = await begin(journal, tasks)
        await run.ended.wait()
        tasks.cancel_scope.cancel()
    assert journal.settled == []
