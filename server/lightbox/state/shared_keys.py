"""Keys that the servers of one database share: each is made once, by whichever server needs it first."""

from __future__ import annotations

import secrets
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import select

from lightbox.state.sharing import insert_new
from lightbox.state.tables import shared_keys

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from lightbox.state.database import Database

KEY_BYTES = 32


async def shared_key(database: Database, name: str) -> bytes:
    """Give the key of a name, e.g. `links`: 32 random bytes, the same for every server of this database.

    Raises:
        StorageFailed: The database can't be used.
    """
    return await database.read(partial(_read, name=name)) or await database.write(partial(_make, name=name))


def _read(connection: Connection, name: str) -> bytes | None:
    value = connection.execute(select(shared_keys.c.value).where(shared_keys.c.name == name)).scalar_one_or_none()
    return None if value is None else bytes.fromhex(value)


def _make(connection: Connection, name: str) -> bytes:
    connection.execute(insert_new(connection, shared_keys).values(name=name, value=secrets.token_hex(KEY_BYTES)))
    made = _read(connection, name)
    if made is None:
        raise AssertionError(name)  # pragma: no cover - it was just written
    return made
