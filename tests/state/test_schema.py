"""The schema's version: what an earlier release wrote is opened without loss, and what a newer one wrote is read."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import ClauseElement, Connection, create_mock_engine, inspect, select, text

from lightbox.state.schema import NEWEST, version
from lightbox.state.sqlite import SQLiteDatabase
from lightbox.state.tables import jobs, metadata, pictures
from lightbox.state.words import INDEX

RELEASE_0_1 = Path(__file__).with_name("release_0_1.sql")


@pytest.fixture
def old_folder(tmp_path: Path) -> Path:
    """A state folder as release 0.1 left it."""
    with closing(sqlite3.connect(tmp_path / "lightbox.sqlite3")) as database:
        database.executescript(RELEASE_0_1.read_text("utf-8"))
    return tmp_path


def shape(connection: Connection) -> dict[str, object]:
    seen = inspect(connection)
    return {
        table: (
            sorted(column["name"] for column in seen.get_columns(table)),
            sorted(str(index["name"]) for index in seen.get_indexes(table)),
        )
        for table in seen.get_table_names()
    }


def differences(connection: Connection) -> list[object]:
    def ours(name: str | None, kind: str, _: object) -> bool:
        return kind != "table" or not (name or "").startswith(INDEX)  # which the engine keeps in tables of its own

    context = MigrationContext.configure(connection, opts={"include_name": ours})
    return list(compare_metadata(context, metadata))


async def test_a_state_folder_of_release_0_1_is_opened_without_loss(old_folder: Path) -> None:
    with closing(sqlite3.connect(old_folder / "lightbox.sqlite3")) as before:
        stored = {
            "jobs": before.execute("SELECT * FROM jobs ORDER BY 1, 2").fetchall(),
            "pictures": before.execute("SELECT * FROM pictures ORDER BY 1, 2").fetchall(),
        }
    database = SQLiteDatabase(old_folder)

    def same(connection: Connection) -> dict[str, list[tuple[object, ...]]]:
        return {
            table.name: [
                tuple(row)[: len(stored[table.name][0])]
                for row in connection.exec_driver_sql(f"SELECT * FROM {table.name} ORDER BY 1, 2")  # noqa: S608 - likewise
            ]
            for table in (jobs, pictures)
        }

    assert await database.read(same) == stored
    assert await database.read(version) == NEWEST
    await database.close()


async def test_a_migrated_database_has_the_schema_of_a_new_one(old_folder: Path, tmp_path: Path) -> None:
    old, new = SQLiteDatabase(old_folder), SQLiteDatabase(tmp_path / "new")
    assert await old.read(shape) == await new.read(shape)
    assert await old.read(differences) == []
    assert await new.read(differences) == []
    await old.close()
    await new.close()


async def test_a_picture_whose_bytes_release_0_1_had_seen_counts_as_used(old_folder: Path) -> None:
    database = SQLiteDatabase(old_folder)
    rows = await database.read(lambda c: c.execute(select(pictures.c.sha256, pictures.c.used_at)).all())
    assert {row.used_at is not None for row in rows if row.sha256} == {True}
    assert {row.used_at is not None for row in rows if not row.sha256} == {False}
    await database.close()


async def test_a_database_of_a_newer_release_is_left_as_it_is(tmp_path: Path) -> None:
    database = SQLiteDatabase(tmp_path)

    def newer(connection: Connection) -> None:
        connection.execute(text("ALTER TABLE jobs ADD COLUMN mood TEXT"))
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    await database.write(newer)
    await database.close()
    assert await database.read(version) == "9999"
    await database.close()


@pytest.mark.parametrize("kind", ["new", "old"])
def test_alembic_is_imported_only_where_there_is_something_to_migrate(
    kind: str, old_folder: Path, tmp_path: Path
) -> None:
    folder = old_folder if kind == "old" else tmp_path / "new"
    code = (
        "import sys, anyio; from pathlib import Path; from lightbox.state.sqlite import SQLiteDatabase\n"
        "database = SQLiteDatabase(Path(sys.argv[1]))\n"
        "anyio.run(database.read, lambda connection: None)\n"
        "print('alembic' in sys.modules, 'greenlet' in sys.modules, 'aiosqlite' in sys.modules)\n"
    )
    for expected in (kind == "old", False):  # the second time there is nothing left to do
        told = subprocess.run(
            [sys.executable, "-c", code, folder], capture_output=True, text=True, check=True, timeout=60
        )
        assert told.stdout.split() == [str(expected), "False", "False"]


def test_indexes_that_are_for_some_rows_are_so_in_postgresql_too_which_nobody_else_has_to_import() -> None:
    made: list[str] = []

    def take(statement: ClauseElement, *_: object, **_more: object) -> None:
        made.append(str(statement.compile(dialect=engine.dialect)))

    engine = create_mock_engine("postgresql+psycopg://", take)
    metadata.create_all(engine, checkfirst=False)
    narrow = [line for line in made if "_to_prune" in line]
    assert len(narrow) == 2
    assert all(" WHERE " in line for line in narrow)

    program = "import sys, lightbox.state.sqlite; print('sqlalchemy.dialects.postgresql' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, check=True).stdout.strip() == b"False"
