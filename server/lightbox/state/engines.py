"""Which engine holds the state: PostgreSQL where a URL names it, else SQLite in the state folder."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from lightbox.state.sqlite import SQLiteDatabase

if TYPE_CHECKING:
    from pathlib import Path

    from lightbox.state.database import Database


def open_database(state_dir: Path, url: str | None = None) -> Database:
    """Give the state database; it is opened by its first use.

    Args:
        state_dir: The state folder (the setting STATE_DIR).
        url: Where PostgreSQL is (the setting STATE_URL).
    """
    if url is None:
        return SQLiteDatabase(state_dir)
    return import_module("lightbox.state.postgres").PostgresDatabase(url)
