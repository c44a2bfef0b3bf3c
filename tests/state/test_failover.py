"""A primary that still answers and writes no more: what has to be written waits, and goes to the one that follows."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import anyio
import pytest
from anyio.abc import SocketStream
from anyio.to_thread import run_sync
from sqlalchemy import Connection, text

from clusters import Cluster, Pair, pair
from lightbox.errors import StorageFailed
from lightbox.state.postgres import PostgresDatabase
from loopback import listening
from pooler import GONE, UnixStream

if TYPE_CHECKING:
    from databases import Postgres

pytestmark = pytest.mark.slow

READS_ONLY = ("ALTER SYSTEM SET default_transaction_read_only = on", "SELECT pg_reload_conf()")
IT_DOES = "SELECT current_setting('default_transaction_read_only') = 'on'"
AT_ONCE = 4


@dataclass
class Name:
    """The name of a host, which leads to one server now, and to another later."""

    leads_to: Cluster
    port: int = 0

    @property
    def url(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres?sslmode=disable"

    async def serve(self, client: SocketStream) -> None:
        server = UnixStream(*await asyncio.open_unix_connection(str(self.leads_to.data / ".s.PGSQL.5432")))
        with suppress(*GONE):
            async with client, server, anyio.create_task_group() as tasks:
                tasks.start_soon(_pass_on, server, client, tasks.cancel_scope)
                await _pass_on(client, server, tasks.cancel_scope)


async def _pass_on(
    source: SocketStream | UnixStream, target: SocketStream | UnixStream, scope: anyio.CancelScope
) -> None:
    with suppress(*GONE):
        while True:
            await target.send(await source.receive())
    scope.cancel()


@pytest.fixture
def servers(postgres: Postgres) -> Generator[Pair]:
    with pair(postgres) as started:
        yield started


@asynccontextmanager
async def opened(cluster: Cluster) -> AsyncGenerator[tuple[Name, PostgresDatabase]]:
    """Give a database by a name that leads to a server."""
    name = Name(cluster)
    async with listening(name.serve) as name.port:
        database = PostgresDatabase(name.url)
        try:
            yield name, database
        finally:
            await database.close()


async def test_a_primary_that_only_reads_by_now_is_left_for_the_one_that_its_name_leads_to(servers: Pair) -> None:
    told = ""
    async with opened(servers.primary) as (name, database):
        both = PostgresDatabase(servers.url)
        await both.write(lambda connection: connection.execute(text("CREATE TABLE notes (words TEXT)")) and None)
        await both.close()
        async with anyio.create_task_group() as tasks:  # so that it has several connections
            for number in range(AT_ONCE):
                tasks.start_soon(database.read, _slow)
                tasks.start_soon(database.write, partial(_note, words=f"before {number}"))
        await run_sync(servers.primary.ask, *READS_ONLY)
        await run_sync(servers.primary.until, IT_DOES)
        await anyio.sleep(0.3)  # until sessions that are open have heard of it, too
        name.leads_to = servers.standby  # which only reads as well, until it is promoted
        written = anyio.Event()

        async def write() -> None:
            await database.write(partial(_note, words="after"))
            written.set()

        told = ""
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(write)
            with anyio.move_on_after(1):
                await written.wait()
            assert not written.is_set()
            with pytest.raises(StorageFailed) as caught:
                await database.describe()
            told = str(caught.value)
            await run_sync(servers.standby.promote)
            with anyio.fail_after(15):
                await written.wait()
        seen: list[int] = []

        async def look() -> None:
            seen.append(await database.read(_count))

        async with anyio.create_task_group() as tasks:
            for _ in range(AT_ONCE):
                tasks.start_soon(look)

    assert "can only be read now" in told
    assert seen == [AT_ONCE + 1] * AT_ONCE
    assert servers.primary.ask("SELECT count(*) FROM notes") == [AT_ONCE]  # it was not made to write after all


async def test_a_server_ends_although_its_database_hangs_and_never_answers(servers: Pair) -> None:
    database = PostgresDatabase(servers.primary.url)
    await database.read(_slow)
    failures: list[StorageFailed] = []

    async def wait(door: Callable[[Callable[[Connection], None]], Awaitable[None]]) -> None:
        try:
            await door(_slow)
        except StorageFailed as error:
            failures.append(error)

    servers.primary.send(signal.SIGSTOP)
    with anyio.fail_after(15):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(wait, database.read)
            tasks.start_soon(wait, database.write)
            await anyio.sleep(0.2)
            await database.close()
    assert ["nothing is lost" in str(error) for error in failures] == [True, True]


def _note(connection: Connection, words: str) -> None:
    connection.execute(text("INSERT INTO notes VALUES (:words)"), {"words": words})


def _slow(connection: Connection) -> None:
    connection.execute(text("SELECT pg_sleep(0.2)"))


def _count(connection: Connection) -> int:
    _slow(connection)
    return connection.execute(text("SELECT count(*) FROM notes")).scalar_one()
