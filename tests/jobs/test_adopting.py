"""Whose jobs a server takes over where it can't be known whether the server that began them still lives."""

from __future__ import annotations

import os
import socket
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from lightbox.costs.call import PricedCall
from lightbox.costs.pricing.estimate import Estimate
from lightbox.jobs.job import Order
from lightbox.jobs.journal import STALE_SECONDS, Journal
from lightbox.jobs.server_identity import living_server
from lightbox.state.sqlite import SQLiteDatabase

if TYPE_CHECKING:
    from pathlib import Path

HERE = socket.gethostname()
TAKEN = os.getppid()  # the number of a process that lives
ORDER = Order(
    owner="local",
    tool="search_images",
    arguments={},
    base_url="https://api.example.com/v1",
    priced=PricedCall(ability="search", provider="sandbox", model="sandbox"),
    estimate=Estimate.unknown("nobody asked"),
)


@dataclass
class Fleet:
    """Servers that share one journal, and a clock that the test moves."""

    database: SQLiteDatabase
    now: float = 1_800_000_000.0

    def journal(self, server: str) -> Journal:
        return Journal(self.database, server, clock=lambda: self.now)

    async def adopted(self, server: str) -> list[str]:
        return [job.id for job in await self.journal(server).adopt_orphans()]


@pytest.fixture
async def fleet(tmp_path: Path) -> AsyncGenerator[Fleet]:
    database = SQLiteDatabase(tmp_path / "state")
    yield Fleet(database)
    await database.close()


@pytest.mark.parametrize(
    "server",
    [f"another-host:{TAKEN}:0a0b0c0d-1.0a0b0c0d", f"{HERE}:{TAKEN}:0a0b0c0d", "fleet-eu/replica-7"],
    ids=["on another host", "of a number in use, with no start told", "of a name that says nothing"],
)
async def test_the_job_of_a_server_that_cannot_be_asked_is_taken_over_when_it_has_been_silent_for_long(
    fleet: Fleet, server: str
) -> None:
    theirs = fleet.journal(server)
    opened = await theirs.open(ORDER)
    fleet.now += STALE_SECONDS - 1
    assert await fleet.adopted("survivor:1:a") == []
    await theirs.beat({opened.job.id: "searching"})
    fleet.now += STALE_SECONDS - 1
    assert await fleet.adopted("survivor:1:a") == []
    fleet.now += 2
    assert await fleet.adopted("survivor:1:a") == [opened.job.id]


async def test_the_job_of_a_process_whose_number_was_used_again_is_taken_over_at_once(fleet: Fleet) -> None:
    opened = await fleet.journal(f"{HERE}:{TAKEN}:another-start.0a0b0c0d").open(ORDER)
    assert await fleet.adopted("survivor:1:a") == [opened.job.id]


async def test_a_job_is_left_to_a_server_that_lives_however_long_it_has_been_silent(fleet: Fleet) -> None:
    with living_server() as server:
        await fleet.journal(server).open(ORDER)
        fleet.now += 100 * STALE_SECONDS
        assert await fleet.adopted("survivor:1:a") == []


async def test_a_job_that_was_taken_over_is_not_taken_over_again(fleet: Fleet) -> None:
    opened = await fleet.journal("another-host:1:a").open(ORDER)
    fleet.now += STALE_SECONDS + 1
    assert await fleet.adopted("survivor:1:a") == [opened.job.id]
    assert await fleet.adopted("another-survivor:1:a") == []
    assert await fleet.adopted("survivor:1:a") == []  # at work on it, until it has been silent itself
    fleet.now += STALE_SECONDS + 1
    assert await fleet.adopted("survivor:1:a") == [opened.job.id]


async def test_a_job_that_its_own_server_is_at_work_on_is_no_orphan(fleet: Fleet) -> None:
    ours = fleet.journal("survivor:1:a")
    opened = await ours.open(ORDER)
    fleet.now += STALE_SECONDS + 1
    assert await ours.adopt_orphans(at_work=[opened.job.id]) == []
