"""The state database: many writers, writers that are cancelled, and a database that can't be used."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import anyio
import anyio.lowlevel
import pytest
from sqlalchemy import text

from lightbox import state
from lightbox.errors import StorageFailed
from lightbox.state.database import Database


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def database(tmp_path: Path) -> Database:
    database = Database(tmp_path)
    async with database.writing() as connection:
        await connection.execute(text("CREATE TABLE notes (words TEXT)"))
    return database


async def write(database: Database, words: str = "words") -> None:
    async with database.writing() as connection:
        await connection.execute(text("INSERT INTO notes VALUES (:words)"), {"words": words})
        await anyio.lowlevel.checkpoint()


async def count(database: Database) -> int:
    async with database.reading() as connection:
        return (await connection.execute(text("SELECT count(*) FROM notes"))).scalar_one()


async def test_a_hundred_writers_of_two_servers_all_write(database: Database, tmp_path: Path) -> None:
    other = Database(tmp_path)
    async with anyio.create_task_group() as tasks:
        for number in range(100):
            tasks.start_soon(write, (database, other)[number % 2])
    assert await count(database) == 100
    await other.close()
    await database.close()


async def test_servers_that_start_at_once_all_open_a_new_database(tmp_path: Path) -> None:
    async def start(folder: Path) -> None:
        server = Database(folder)
        async with server.writing():
            pass
        await server.close()

    for number in range(20):
        async with anyio.create_task_group() as tasks:
            for _ in range(6):
                tasks.start_soon(start, tmp_path / str(number))


async def test_writers_that_are_cancelled_leave_nothing_behind(database: Database) -> None:
    async with anyio.create_task_group() as tasks:
        for number in range(100):

            async def hasty(seconds: float = number / 2000) -> None:
                with anyio.move_on_after(seconds):
                    await write(database)

            tasks.start_soon(hasty)
    before = await count(database)
    with anyio.fail_after(5):
        await write(database)
    assert await count(database) == before + 1
    await database.close()


async def test_a_database_that_another_program_holds_is_told_without_what_was_to_be_written(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state, "BUSY_MILLISECONDS", 10)
    await database.close()
    other = sqlite3.connect(tmp_path / "lightbox.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StorageFailed, match="database is locked"):
        await write(database, "a secret plan")
    other.close()
    with pytest.raises(StorageFailed, match="no such table") as caught:
        async with database.writing() as connection:
            await connection.execute(text("INSERT INTO nowhere VALUES (:words)"), {"words": "a secret plan"})
    assert "secret" not in f"{caught.value} {caught.value.__cause__}"
    await database.close()


async def test_a_damaged_database_is_told_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "lightbox.sqlite3").write_bytes(b"no database " * 1000)
    with pytest.raises(StorageFailed, match="move it away"):
        await write(Database(tmp_path))
