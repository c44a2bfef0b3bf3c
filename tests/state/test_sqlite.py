"""The doors of the state database: many writers at once, callers that go, and a database that can't be used."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import AsyncGenerator
from pathlib import Path

import anyio
import anyio.lowlevel
import pytest
from sqlalchemy import Connection, text

from lightbox.errors import OverBudget, StorageFailed
from lightbox.state.sqlite import SQLiteDatabase


@pytest.fixture
def commits() -> list[int]:
    return []


@pytest.fixture
async def database(tmp_path: Path, commits: list[int]) -> AsyncGenerator[SQLiteDatabase]:
    database = SQLiteDatabase(tmp_path, on_commit=commits.append)
    await database.write(lambda connection: connection.execute(text("CREATE TABLE notes (words TEXT)")) and None)
    commits.clear()
    yield database
    await database.close()


async def write(database: SQLiteDatabase, words: str = "words") -> None:
    def insert(connection: Connection) -> None:
        connection.execute(text("INSERT INTO notes VALUES (:words)"), {"words": words})

    await database.write(insert)


async def count(database: SQLiteDatabase) -> int:
    return await database.read(lambda connection: connection.execute(text("SELECT count(*) FROM notes")).scalar_one())


async def hold(database: SQLiteDatabase) -> threading.Event:
    """Keep the writer busy until the event is set."""
    begun, release = threading.Event(), threading.Event()

    def wait(_: Connection) -> None:
        begun.set()
        release.wait(10)

    async def put() -> None:
        await database.write(wait)

    tasks = anyio.create_task_group()
    await tasks.__aenter__()
    tasks.start_soon(put)
    while not begun.is_set():
        await anyio.lowlevel.checkpoint()
    tasks.cancel_scope.cancel()
    await tasks.__aexit__(None, None, None)
    return release


async def test_a_hundred_writers_of_two_servers_all_write(database: SQLiteDatabase, tmp_path: Path) -> None:
    other = SQLiteDatabase(tmp_path)
    async with anyio.create_task_group() as tasks:
        for number in range(100):
            tasks.start_soon(write, (database, other)[number % 2])
    assert await count(database) == 100
    await other.close()


async def test_all_that_waits_is_written_in_one_commit(database: SQLiteDatabase, commits: list[int]) -> None:
    release = await hold(database)
    async with anyio.create_task_group() as tasks:
        for _ in range(20):
            tasks.start_soon(write, database)
        await anyio.wait_all_tasks_blocked()
        release.set()
    assert commits == [1, 20]
    assert await count(database) == 20


async def test_a_write_that_fails_takes_no_other_with_it(database: SQLiteDatabase, commits: list[int]) -> None:
    def refused(connection: Connection) -> None:
        connection.execute(text("INSERT INTO notes VALUES ('never')"))
        raise OverBudget("there is no room")

    failures: list[str] = []

    async def fail() -> None:
        try:
            await database.write(refused)
        except OverBudget as error:
            failures.append(str(error))

    release = await hold(database)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(write, database)
        tasks.start_soon(fail)
        tasks.start_soon(write, database)
        await anyio.wait_all_tasks_blocked()
        release.set()
    assert commits == [1, 3]
    assert failures == ["there is no room"]
    assert await count(database) == 2


async def test_a_write_that_loses_the_transaction_for_all_fails_alone(
    database: SQLiteDatabase, commits: list[int]
) -> None:
    def rolled_back(connection: Connection) -> None:
        connection.exec_driver_sql("ROLLBACK")  # as SQLite does by itself when the disk is full
        raise OverBudget("there is no room")

    async def fail() -> None:
        with pytest.raises(OverBudget):
            await database.write(rolled_back)

    release = await hold(database)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(write, database)
        tasks.start_soon(fail)
        tasks.start_soon(write, database)
        await anyio.wait_all_tasks_blocked()
        release.set()
    assert commits == [1, 1, 1]
    assert await count(database) == 2


async def test_a_caller_that_is_cancelled_leaves_its_write_to_finish(database: SQLiteDatabase) -> None:
    release = await hold(database)
    with anyio.move_on_after(0):
        await write(database)
    release.set()
    await write(database)
    assert await count(database) == 2


async def test_reading_waits_for_no_writer(database: SQLiteDatabase) -> None:
    release = await hold(database)
    with anyio.fail_after(5):
        assert await count(database) == 0
    release.set()


async def test_servers_that_start_at_once_all_open_a_new_database(tmp_path: Path) -> None:
    async def start(folder: Path) -> None:
        server = SQLiteDatabase(folder)
        await server.write(lambda _: None)
        await server.close()

    for number in range(20):
        async with anyio.create_task_group() as tasks:
            for _ in range(6):
                tasks.start_soon(start, tmp_path / str(number))


async def test_what_waits_is_written_before_the_database_is_closed(database: SQLiteDatabase) -> None:
    release = await hold(database)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(write, database)
        await anyio.wait_all_tasks_blocked()
        tasks.start_soon(database.close)
        await anyio.wait_all_tasks_blocked()
        release.set()
    assert await count(database) == 1


async def test_a_database_that_another_program_holds_is_told_without_what_was_to_be_written(tmp_path: Path) -> None:
    database = SQLiteDatabase(tmp_path, busy_seconds=0.01)
    await database.write(lambda connection: connection.execute(text("CREATE TABLE notes (words TEXT)")) and None)
    other = sqlite3.connect(tmp_path / "lightbox.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StorageFailed, match="database is locked"):
        await write(database, "a secret plan")
    other.close()
    with pytest.raises(StorageFailed, match="no such table") as caught:
        await database.write(
            lambda connection: (
                connection.execute(text("INSERT INTO nowhere VALUES (:words)"), {"words": "a secret plan"}) and None
            )
        )
    assert "secret" not in f"{caught.value} {caught.value.__cause__}"
    await database.close()


async def test_a_damaged_database_is_told_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "lightbox.sqlite3").write_bytes(b"no database " * 1000)
    with pytest.raises(StorageFailed, match="move it away"):
        await write(SQLiteDatabase(tmp_path))
