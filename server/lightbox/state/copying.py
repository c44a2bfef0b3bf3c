"""A whole state moved from one database to another, of either engine: plain functions over a connection."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, func, select, tuple_

from lightbox.state.sharing import insert_new
from lightbox.state.tables import metadata

BATCH = 500
"""Rows in one statement."""

Row = Mapping[Any, Any]
Fetch = Callable[[Callable[[Connection], Sequence[Row]]], Sequence[Row]]
"""Gives what a function reads from the state that is copied."""


def counts(connection: Connection) -> dict[str, int]:
    """Give how many rows each table has, by its name."""
    tables = metadata.sorted_tables
    return {table.name: connection.execute(select(func.count()).select_from(table)).scalar_one() for table in tables}


def copy_all(connection: Connection, fetch: Fetch) -> dict[str, int]:
    """Add all rows of another state, and give how many of each table came."""
    return {table.name: _copy(connection, table, fetch) for table in metadata.sorted_tables}


def _copy(connection: Connection, table: Table, fetch: Fetch) -> int:
    copied, last = 0, None
    while rows := fetch(_after(table, last)):
        connection.execute(insert_new(connection, table), [dict(row) for row in rows])
        copied, last = copied + len(rows), rows[-1]
    return copied


def _after(table: Table, last: Row | None) -> Callable[[Connection], Sequence[Row]]:
    """Give what reads the rows that follow one, in the order of their keys."""
    keys = list(table.primary_key.columns)
    query = select(table).order_by(*keys).limit(BATCH)
    if last is not None:
        query = query.where(tuple_(*keys) > tuple_(*(last[key.name] for key in keys)))
    return lambda connection: connection.execute(query).mappings().all()
