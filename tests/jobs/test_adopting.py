"""Whose jobs a server takes over where it can't be known whether the server that began them still lives."""

from __future__ import annotations

import os
import socket
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
import pytest

from lightbox.jobs.journal import STALE_SECONDS, WATCHED_SECONDS, Journal
from lightbox.jobs.server_identity import living_server
from lightbox.state.engines import open_database
from lightbox.state.sqlite import SQLiteDatabase
from lightbox.state.tables import jobs
from orders import ORDER

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from lightbox.state.database import Database

HERE = socket.gethostname()
TAKEN = os.getppid()  # the number of a process that lives


@dataclass
class Fleet:
    """Servers that share one journal, and time that passes when the test says so."""

    database: Database
    now: float = 1_800_000_000.0
    journals: dict[str, Journal] = field(default_factory=dict[str, Journal])

    def journal(self, server: str) -> Journal:
        return self.journals.setdefault(server, Journal(self.database, server, clock=lambda: self.now))

    async def adopted(self, server: str) -> list[str]:
        return [job.id for job in await self.journal(server).adopt_orphans()]

    async def passes(self, seconds: float) -> None:
        """Let time pass on every machine; where the database has a clock of its own, all is older by as much."""
        self.now += seconds

        def age(connection: Connection) -> bool:
            has_clock = connection.dialect.name == "postgresql"
            if has_clock:
                connection.execute(jobs.update().values(beat=jobs.c.beat - seconds))
            return has_clock

        if await self.database.write(age):
            for journal in self.journals.values():
                journal.watched = {(name, beat - seconds): at for (name, beat), at in journal.watched.items()}


@pytest.fixture
async def fleet(tmp_path: Path, state_url: str | None) -> AsyncGenerator[Fleet]:
    database = open_database(tmp_path / "state", state_url)
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
    await fleet.passes(STALE_SECONDS - 1)
    assert await fleet.adopted("survivor:1:a") == []
    await theirs.beat({opened.job.id: "searching"})
    await fleet.passes(STALE_SECONDS - 1)
    assert await fleet.adopted("survivor:1:a") == []
    await fleet.passes(2)
    assert await fleet.adopted("survivor:1:a") == []  # it was heard of a moment ago
    await fleet.passes(WATCHED_SECONDS)
    assert await fleet.adopted("survivor:1:a") == [opened.job.id]


async def test_the_job_of_a_process_whose_number_was_used_again_is_taken_over_at_once(fleet: Fleet) -> None:
    opened = await fleet.journal(f"{HERE}:{TAKEN}:another-start.0a0b0c0d").open(ORDER)
    assert await fleet.adopted("survivor:1:a") == [opened.job.id]


@pytest.mark.skipif(not Path("/proc/self/ns/pid").exists(), reason="only Linux numbers processes by container")
async def test_a_server_in_another_container_of_the_same_host_name_and_number_is_not_taken_for_dead(
    fleet: Fleet,
) -> None:
    await fleet.journal(f"{HERE}:{os.getpid()}:0a0b0c0d-1-1.0a0b0c0d").open(ORDER)
    assert await fleet.adopted("survivor:1:a") == []


async def test_a_job_is_left_to_a_server_that_lives_however_long_it_has_been_silent(fleet: Fleet) -> None:
    with living_server() as server:
        await fleet.journal(server).open(ORDER)
        await fleet.passes(100 * STALE_SECONDS)
        assert await fleet.adopted("survivor:1:a") == []


async def test_a_job_that_was_taken_over_is_not_taken_over_again(fleet: Fleet) -> None:
    opened = await fleet.journal("another-host:1:a").open(ORDER)
    assert await fleet.adopted("survivor:1:a") == await fleet.adopted("another-survivor:1:a") == []
    await fleet.passes(STALE_SECONDS + 1)
    assert await fleet.adopted("survivor:1:a") == [opened.job.id]
    assert await fleet.adopted("another-survivor:1:a") == []
    assert await fleet.adopted("survivor:1:a") == []  # at work on it, until it has been silent itself
    await fleet.passes(STALE_SECONDS + 1)
    assert await fleet.adopted("survivor:1:a") == [opened.job.id]


async def test_after_a_database_was_away_nobody_is_taken_for_dead_at_once(fleet: Fleet) -> None:
    opened = await fleet.journal("another-host:1:a").open(ORDER)
    await fleet.passes(STALE_SECONDS * 2)  # nobody could write down that it lives
    assert await fleet.adopted("survivor:1:a") == []
    await fleet.journal("another-host:1:a").beat({opened.job.id: "searching"})
    await fleet.passes(WATCHED_SECONDS)
    assert await fleet.adopted("survivor:1:a") == []


async def test_a_machine_whose_clock_is_off_takes_no_jobs_from_others_that_share_postgresql(fleet: Fleet) -> None:
    await fleet.journal("another-host:1:a").open(ORDER)
    ahead = fleet.journal("survivor:1:a")
    await ahead.adopt_orphans()
    fleet.now += 86_400
    shared = not isinstance(fleet.database, SQLiteDatabase)
    assert (await ahead.adopt_orphans() == []) is shared


def test_a_copy_of_an_order_has_a_key_of_its_own() -> None:
    assert ORDER.key != ORDER.model_copy(update={"arguments": {"query": "another"}}).key
    assert ORDER.key == ORDER.model_copy().key


async def test_of_many_servers_one_alone_takes_a_job_over(fleet: Fleet) -> None:
    for number in range(10):
        await fleet.journal("another-host:1:a").open(ORDER.model_copy(update={"arguments": {"query": str(number)}}))
    survivors = [f"survivor-{number}:1:a" for number in range(6)]
    for survivor in survivors:
        await fleet.adopted(survivor)
    await fleet.passes(STALE_SECONDS + 1)
    taken: list[str] = []

    async def take(survivor: str) -> None:
        taken.extend(await fleet.adopted(survivor))

    async with anyio.create_task_group() as tasks:
        for survivor in survivors:
            tasks.start_soon(take, survivor)
    for survivor in survivors:
        await take(survivor)
    assert len(taken) == len(set(taken)) == 10


async def test_a_job_that_its_own_server_is_at_work_on_is_no_orphan(fleet: Fleet) -> None:
    ours = fleet.journal("survivor:1:a")
    opened = await ours.open(ORDER)
    await fleet.passes(STALE_SECONDS + 1)
    assert await ours.adopt_orphans(at_work=[opened.job.id]) == []
