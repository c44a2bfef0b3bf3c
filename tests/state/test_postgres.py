"""The doors of the state database in PostgreSQL, through a pooler that gives every transaction another connection."""

from __future__ import annotations

import os
import threading
from collections.abc import AsyncGenerator, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

import anyio
import pytest
from sqlalchemy import Connection, insert, select, text
from sqlalchemy.exc import OperationalError

from lightbox.errors import OverBudget, SettingsError, StorageFailed
from lightbox.state.postgres import PostgresDatabase, explained
from lightbox.state.schema import NEWEST, version
from lightbox.state.sharing import lock
from lightbox.state.tables import pictures
from pooler import Pooler, pooling

if TYPE_CHECKING:
    from databases import Postgres

PATIENCE = 20


@pytest.fixture
async def pooler(postgres: Postgres) -> AsyncGenerator[Pooler]:
    postgres.empty()
    async with pooling(postgres) as pooler:
        yield pooler


@pytest.fixture
async def database(pooler: Pooler) -> AsyncGenerator[PostgresDatabase]:
    database = PostgresDatabase(pooler.url)
    await database.write(lambda connection: connection.execute(text("CREATE TABLE notes (words TEXT)")) and None)
    yield database
    await database.write(lambda connection: connection.execute(text("DROP TABLE notes")) and None)
    await database.close()


async def write(database: PostgresDatabase, words: str = "words") -> None:
    def once(connection: Connection) -> None:  # as all that is written: the same when it is carried out twice
        connection.execute(text("DELETE FROM notes WHERE words = :words"), {"words": words})
        connection.execute(text("INSERT INTO notes VALUES (:words)"), {"words": words})

    await database.write(once)


async def notes(database: PostgresDatabase) -> list[str]:
    query = text("SELECT words FROM notes ORDER BY words")
    return list(await database.read(lambda connection: connection.execute(query).scalars().all()))


async def test_a_hundred_writers_of_two_servers_all_write(database: PostgresDatabase, pooler: Pooler) -> None:
    other = PostgresDatabase(pooler.url)
    async with anyio.create_task_group() as tasks:
        for number in range(100):
            tasks.start_soon(write, (database, other)[number % 2], f"{number:02}")
    await other.close()
    assert await notes(database) == [f"{number:02}" for number in range(100)]
    assert pooler.transactions > 100


async def test_a_write_that_fails_leaves_nothing_and_is_not_carried_out_again(database: PostgresDatabase) -> None:
    carried_out: list[int] = []

    def refused(connection: Connection) -> None:
        carried_out.append(1)
        connection.execute(text("INSERT INTO notes VALUES ('never')"))
        raise OverBudget("there is no room")

    with pytest.raises(OverBudget):
        await database.write(refused)
    assert (carried_out, await notes(database)) == ([1], [])


async def test_a_caller_that_is_cancelled_leaves_its_write_to_finish(database: PostgresDatabase) -> None:
    begun, release = threading.Event(), threading.Event()

    def slow(connection: Connection) -> None:
        begun.set()
        release.wait(PATIENCE)
        connection.execute(text("INSERT INTO notes VALUES ('kept')"))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(database.write, slow)
        with anyio.fail_after(PATIENCE):
            while not begun.is_set():  # noqa: ASYNC110 - set by another thread
                await anyio.sleep(0.01)
        tasks.cancel_scope.cancel()
    release.set()
    await database.close()  # waits for what is being written
    assert await notes(database) == ["kept"]


async def test_who_takes_a_lock_sees_all_that_those_before_have_written(database: PostgresDatabase) -> None:
    def next_number(connection: Connection) -> None:
        lock(connection, "call one", "budget mine")
        number = connection.execute(text("SELECT count(*) FROM notes")).scalar_one()
        connection.execute(text("INSERT INTO notes VALUES (:words)"), {"words": f"{number:02}"})

    async with anyio.create_task_group() as tasks:
        for _ in range(30):
            tasks.start_soon(database.write, next_number)
    assert await notes(database) == [f"{number:02}" for number in range(30)]


async def test_a_database_that_restarts_while_calls_run_is_found_again(
    database: PostgresDatabase, pooler: Pooler
) -> None:
    async def work(number: int) -> None:
        for step in range(8):
            await write(database, f"{number}-{step}")
            await notes(database)

    async with anyio.create_task_group() as tasks:
        for number in range(6):
            tasks.start_soon(work, number)
        for _ in range(2):
            await anyio.sleep(0.1)
            pooler.away = True
            await pooler.cut()
            await anyio.sleep(0.3)
            pooler.away = False
    assert len(await notes(database)) == 48


async def test_a_session_that_the_database_ends_is_replaced(database: PostgresDatabase, postgres: Postgres) -> None:
    await write(database, "before")
    others = "datname = current_database() AND pid <> pg_backend_pid()"
    end = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}"  # noqa: S608 - ours
    postgres.run(end, database=postgres.name)
    await write(database, "after")
    postgres.run(end, database=postgres.name)
    assert await notes(database) == ["after", "before"]


async def test_a_write_whose_commit_was_not_heard_of_is_made_once(database: PostgresDatabase, pooler: Pooler) -> None:
    pooler.lose_commits = 1
    await write(database, "once")
    assert pooler.lose_commits == 0
    assert await notes(database) == ["once"]


async def test_a_database_that_stays_away_is_told_and_nothing_waits_for_ever(pooler: Pooler) -> None:
    database = PostgresDatabase(pooler.url, read_seconds=0.2, write_seconds=0.2)
    await database.read(lambda _: None)
    pooler.away = True
    await pooler.cut()
    for door in (database.read, database.write):
        with pytest.raises(StorageFailed, match="nothing is lost; try again in a moment"):
            await door(lambda connection: connection.execute(text("SELECT 1")) and None)
    await database.close()


async def test_a_server_that_ends_does_not_wait_for_a_database_that_is_away(pooler: Pooler) -> None:
    pooler.away = True
    database = PostgresDatabase(pooler.url)
    with anyio.fail_after(PATIENCE):
        async with anyio.create_task_group() as tasks:

            async def try_to_write() -> None:
                with suppress(StorageFailed):
                    await database.write(lambda _: None)

            tasks.start_soon(try_to_write)
            await anyio.sleep(0.1)
            await database.close()


async def test_text_that_postgresql_has_no_letters_for_loses_nothing_that_was_paid_for(
    database: PostgresDatabase,
) -> None:
    def keep(connection: Connection) -> None:
        row = {"owner": "me" * 200, "handle": "img_0000000001", "origin": "found", "created_at": 1.0}
        connection.execute(insert(pictures).values(**row, title="a\0fox \ud800 狐", model="m" * 500))

    await database.write(keep)
    query = select(pictures.c.title, pictures.c.owner)
    assert await database.read(lambda connection: tuple(connection.execute(query).one())) == (
        "a\N{REPLACEMENT CHARACTER}fox ? 狐",
        "me" * 200,
    )


async def test_an_error_does_not_repeat_what_was_to_be_written(database: PostgresDatabase) -> None:
    def wrong(connection: Connection) -> None:
        connection.execute(insert(pictures).values(owner="me", handle="img_0000000001", title="a secret plan"))

    with pytest.raises(StorageFailed, match="violates not-null constraint") as caught:
        await database.write(wrong)
    assert "secret" not in f"{caught.value} {caught.value.__cause__}"


async def test_servers_that_start_at_once_all_open_a_new_database(pooler: Pooler) -> None:
    async def start() -> None:
        database = PostgresDatabase(pooler.url)
        assert await database.read(version) == NEWEST
        await database.close()

    async with anyio.create_task_group() as tasks:
        for _ in range(8):
            tasks.start_soon(start)


async def test_a_database_of_a_newer_release_is_left_as_it_is(pooler: Pooler) -> None:
    database = PostgresDatabase(pooler.url)

    def newer(connection: Connection) -> None:
        connection.execute(text("ALTER TABLE jobs ADD COLUMN mood TEXT"))
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    await database.write(newer)
    await database.close()
    assert await database.read(version) == "9999"
    assert "schema 9999" in await database.describe()
    await database.close()


async def test_tables_of_another_program_are_not_touched(pooler: Pooler, postgres: Postgres) -> None:
    postgres.run("CREATE TABLE jobs (title TEXT)", database=postgres.name)
    database = PostgresDatabase(pooler.url)
    with pytest.raises(StorageFailed, match=r"tables of another program \(jobs\): give Lightbox a database of its own"):
        await database.read(lambda _: None)
    await database.close()


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("postgresql://me:hush-hush@127.0.0.1:9/lightbox", "nothing answers at its address"),
        ("postgresql://me:hush-hush@nowhere.invalid/lightbox", "the name of its host is not known"),
        ("postgresql://me:hush/hush@127.0.0.1/lightbox", "can't be read; write postgresql://USER:PASSWORD@"),
        ("postgresql://me:hush-hush@127.0.0.1/lightbox?sslmod=require", "LIGHTBOX_STATE_URL can't be read"),
    ],
)
async def test_an_address_that_leads_nowhere_is_told_without_its_password(url: str, told: str) -> None:
    database = PostgresDatabase(url, read_seconds=0.1)
    with pytest.raises((StorageFailed, SettingsError)) as caught:
        await database.read(lambda _: None)
    await database.close()
    assert told in str(caught.value)
    assert "LIGHTBOX_STATE_URL" in str(caught.value)
    assert "hush" not in f"{caught.value!r} {caught.value.__cause__!r}"


async def test_a_database_that_is_not_there_is_told_at_once(postgres: Postgres) -> None:
    database = PostgresDatabase(postgres.url.replace(postgres.name, "nowhere"))
    with anyio.fail_after(2), pytest.raises(StorageFailed, match="it has no database of this name"):
        await database.read(lambda _: True)
    await database.close()


@pytest.fixture
def stranger(postgres: Postgres) -> Iterator[str]:
    """The address of the database for a user who may do nothing in it."""
    user = f"stranger_{os.getpid()}"
    postgres.empty()
    postgres.run(f"CREATE USER {user}")
    yield postgres.url.replace("postgres:@", f"{user}:@")
    postgres.run(f"DROP USER {user}")


async def test_a_user_who_may_not_write_is_told_before_the_first_call(stranger: str, postgres: Postgres) -> None:
    database = PostgresDatabase(stranger)
    for _ in ("a new database", "one whose tables belong to somebody else"):
        with pytest.raises(StorageFailed, match="give the user of LIGHTBOX_STATE_URL the right to make and use tables"):
            await database.describe()
        owners = PostgresDatabase(postgres.url)
        await owners.read(lambda _: None)
        await owners.close()


async def test_a_schema_that_this_version_can_not_use_is_told_before_the_first_call(
    pooler: Pooler, postgres: Postgres
) -> None:
    database = PostgresDatabase(pooler.url)
    await database.read(lambda _: None)
    postgres.run(
        "UPDATE alembic_version SET version_num = '9999'",
        "ALTER TABLE jobs RENAME COLUMN stage TO scene",
        database=postgres.name,
    )
    with pytest.raises(StorageFailed, match="its schema is that of another version of Lightbox: update this one"):
        await database.describe()
    await database.close()


async def test_a_database_that_its_keeper_lets_nobody_write_is_not_written_and_that_is_told(postgres: Postgres) -> None:
    postgres.empty()
    read_only = PostgresDatabase(f"{postgres.url}&options=-cdefault_transaction_read_only%3Don", write_seconds=0.2)
    for use in (read_only.describe(), read_only.write(lambda _: None)):
        with pytest.raises(
            StorageFailed, match="it can only be read now, as a standby, or one whose disk is nearly full"
        ):
            await use
    await read_only.close()


@pytest.mark.parametrize("words", ["shutting down", "starting up", "not yet accepting connections"])
def test_a_database_that_is_being_started_or_stopped_is_waited_for(words: str) -> None:
    refused = OperationalError(None, None, Exception(f"connection failed: FATAL:  the database system is {words}"))
    assert explained(refused)[1]


async def test_a_wrong_password_is_told_at_once(postgres: Postgres) -> None:
    user = f"keeper_{os.getpid()}"
    rules = postgres.server.pgdata / "pg_hba.conf"
    before = rules.read_text()
    postgres.run(f"CREATE USER {user} PASSWORD 'the-right-one'")
    rules.write_text(f"local all {user} scram-sha-256\n{before}")
    try:
        postgres.run("SELECT pg_reload_conf()")
        wrong = postgres.url.replace("postgres:@", f"{user}:a-wrong-one@")
        database = PostgresDatabase(wrong)
        await anyio.sleep(0.2)  # until the rules are read anew
        with anyio.fail_after(2), pytest.raises(StorageFailed, match="neither this user nor this password"):
            await database.read(lambda _: True)
        await database.close()
    finally:
        rules.write_text(before)
        postgres.run("SELECT pg_reload_conf()", f"DROP USER {user}")
