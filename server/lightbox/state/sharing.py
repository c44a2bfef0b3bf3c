"""What a transaction needs where several machines share the database: locks that end with it, and one clock for all."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from importlib import import_module
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

if TYPE_CHECKING:
    from sqlalchemy import Connection, Insert, Table


def lock(connection: Connection, *names: str) -> None:
    """Let no other transaction that takes one of these locks go on before this one has ended.

    What is read from here on can't be changed by those. On SQLite there is nothing to do: whoever writes there writes
    alone. Take all locks of a transaction at once, and those that many share last: each is waited for in turn, in the
    order given, so that everyone must name them in the same order.
    """
    if connection.dialect.name == "postgresql" and names:
        connection.execute(select(*(func.pg_advisory_xact_lock(_number(name)) for name in names)))


def now(connection: Connection, clock: Callable[[], float]) -> float:
    """Give the time in seconds since 1970: the database's own where machines share it, else that of `clock`.

    A machine whose clock is off must neither take the jobs of others for abandoned nor find a fresh budget.
    """
    if connection.dialect.name != "postgresql":
        return clock()
    return float(connection.execute(select(func.extract("epoch", func.clock_timestamp()))).scalar_one())


def insert_new(connection: Connection, table: Table) -> Insert:
    """Give an insert that leaves alone what is there already, put there by another machine or by a first try."""
    return insert_into(connection, table).on_conflict_do_nothing()


def insert_into(connection: Connection, table: Table) -> Any:
    """Give an insert of this database's own, which may say what becomes of rows that are there already."""
    return import_module(f"sqlalchemy.dialects.{connection.dialect.name}").insert(table)


def _number(name: str) -> int:
    """Give the number of a lock: 64 bits, signed, such as no other program in this database will choose."""
    return int.from_bytes(sha256(f"lightbox {name}".encode()).digest()[:8], "big", signed=True)
