"""What comes of several requests of one job is written by several writes at once, and any of them may be the last."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import anyio
import anyio.lowlevel
import pytest
from sqlalchemy import Connection

from lightbox.costs.call import PricedCall
from lightbox.costs.pricing.estimate import Estimate
from lightbox.jobs.job import End, MadePicture, Order, Outcome
from lightbox.jobs.journal import Journal, Progress
from lightbox.state.engines import open_database

if TYPE_CHECKING:
    from lightbox.state.database import Database

T = TypeVar("T")

OWNER = "local"
HANDLES = ("img_0000000001", "img_0000000002")
ORDER = Order(
    owner=OWNER,
    tool="generate_image",
    arguments={"prompt": "two foxes"},
    base_url="https://api.example.com/v1",
    priced=PricedCall(ability="generate", provider="openai", model="gpt-image-2", count=2),
    estimate=Estimate.unknown("nobody asked"),
)


@dataclass
class Overtaken:
    """A database whose next write is held until it is let go, as one is whose connection was lost."""

    database: Database
    holds: bool = False
    go: anyio.Event = field(default_factory=anyio.Event)

    async def read(self, function: Callable[[Connection], T]) -> T:
        return await self.database.read(function)

    async def write(self, function: Callable[[Connection], T]) -> T:
        if self.holds:
            self.holds = False
            await self.go.wait()
        return await self.database.write(function)

    async def describe(self) -> str:
        return await self.database.describe()

    async def close(self) -> None:
        await self.database.close()


@pytest.fixture
async def overtaken(tmp_path: Path, state_url: str | None) -> AsyncGenerator[Overtaken]:
    database = Overtaken(open_database(tmp_path / "state", state_url))
    yield database
    await database.close()


async def test_the_service_s_names_of_a_job_are_all_kept_whichever_is_written_last(overtaken: Overtaken) -> None:
    journal = Journal(overtaken, "host:1:a")
    job_id = (await journal.open(ORDER)).job.id
    names: dict[int, str] = {}

    async def accepted(index: int) -> None:
        names[index] = f"resp_{index}"
        await journal.mark_accepted(job_id, lambda: names, resumable=True)

    await first_and_last(overtaken, accepted)
    assert (await journal.get(OWNER, job_id)).responses == {0: "resp_0", 1: "resp_1"}


async def test_the_pictures_of_a_job_are_all_kept_whichever_is_written_last(overtaken: Overtaken) -> None:
    journal = Journal(overtaken, "host:1:a")
    job_id = (await journal.open(ORDER)).job.id
    pictures: list[MadePicture] = []

    async def made(index: int) -> None:
        pictures.append(MadePicture(image=HANDLES[index], number=index))
        come = lambda: Progress(hits=(), outcome=Outcome(pictures=tuple(pictures)))  # noqa: E731
        if index:
            await journal.settle(job_id, End(state="completed", bill=None), ORDER, come())
        else:
            await journal.save(job_id, ORDER, come)

    await first_and_last(overtaken, made)
    outcome = (await journal.get(OWNER, job_id)).outcome
    assert outcome is not None
    assert [picture.image for picture in outcome.pictures] == list(HANDLES)


async def first_and_last(database: Overtaken, write: Callable[[int], Coroutine[Any, Any, None]]) -> None:
    """Let what comes first be written after what comes then."""
    async with anyio.create_task_group() as tasks:
        database.holds = True
        tasks.start_soon(write, 0)
        while database.holds:
            await anyio.lowlevel.checkpoint()
        await write(1)
        database.go.set()
