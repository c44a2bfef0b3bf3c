"""The schema's version: a new database is made as it is today, an older one is migrated, a newer one is left alone.

Alembic is imported only when there is something to migrate.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Column, MetaData, String, Table, inspect, select

from lightbox.errors import StorageFailed
from lightbox.state.tables import metadata
from lightbox.state.words import make_index

if TYPE_CHECKING:
    from sqlalchemy import Connection

FIRST = "0001"
"""The schema of release 0.1, which kept no version."""
NEWEST = "0007"

_version = Table("alembic_version", MetaData(), Column("version_num", String(32), primary_key=True))


def bring_up_to_date(connection: Connection) -> None:
    """Bring the schema to the newest version, inside the caller's transaction; nothing that is stored is lost."""
    tables = set(inspect(connection).get_table_names())
    ours = tables & set(metadata.tables)
    if connection.dialect.name != "sqlite" and bool(ours) != (_version.name in tables):
        raise StorageFailed(
            "The state database that LIGHTBOX_STATE_URL names holds tables of another program "
            f"({', '.join(sorted(ours | {_version.name} & tables))}): give Lightbox a database of its own."
        )
    if not ours:
        metadata.create_all(connection)
        make_index(connection)
        _version.create(connection, checkfirst=True)
        connection.execute(_version.insert().values(version_num=NEWEST))
        return
    if _version.name not in tables:
        _version.create(connection)
        connection.execute(_version.insert().values(version_num=FIRST))
    if version(connection) < NEWEST:
        _migrate(connection)


def recorded_version(connection: Connection) -> str | None:
    """Give the version of the schema; None where there is no schema yet."""
    return version(connection) if inspect(connection).has_table(_version.name) else None


def version(connection: Connection) -> str:
    """Give the version of the schema; a newer server's may be above `NEWEST`."""
    return connection.execute(select(_version.c.version_num)).scalar_one()


def _migrate(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415 - a sixth of a second, once per release
    from alembic.config import Config  # noqa: PLC0415

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", "lightbox.state:migrations")
    command.upgrade(config, NEWEST)
