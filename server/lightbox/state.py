"""The state database: one engine, opened at the first use, closed by the lifespan.

SQLite in the state folder, in write-ahead mode so that several servers can share it. Importing this module imports
SQLAlchemy; nothing that runs before the first call may do so.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import anyio
from sqlalchemy import MetaData, event, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from lightbox.errors import StorageFailed

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

metadata = MetaData()
"""Every table of the state database; `images.table` and `jobs.table` declare theirs on it."""

BUSY_MILLISECONDS = 10_000


class Database:
    """The state database below a folder, e.g. `Database(Path("state"))`; made on the first use."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "lightbox.sqlite3"
        self._engine: AsyncEngine | None = None
        self._opening = anyio.Lock()

    @asynccontextmanager
    async def reading(self) -> AsyncGenerator[AsyncConnection]:
        """Lend a connection for reading."""
        engine = await self._open()
        async with engine.connect() as connection:
            yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncGenerator[AsyncConnection]:
        """Lend a connection inside one transaction that holds the write lock from its first statement.

        What is read here can't change before the commit: two servers never both find the same room in a budget.
        """
        engine = await self._open()
        async with engine.connect() as connection:
            await connection.execute(text("BEGIN IMMEDIATE"))
            try:
                yield connection
            except BaseException:
                with anyio.CancelScope(shield=True):
                    await connection.rollback()
                raise
            with anyio.CancelScope(shield=True):
                await connection.commit()

    async def close(self) -> None:
        """Close every connection; the next use opens the database again."""
        if self._engine is not None:
            engine, self._engine = self._engine, None
            await engine.dispose()

    async def _open(self) -> AsyncEngine:
        async with self._opening:
            if self._engine is None:
                self._engine = await self._make()
            return self._engine

    async def _make(self) -> AsyncEngine:
        try:
            await anyio.Path(self._path.parent).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageFailed(
                f"The state folder {self._path.parent} can't be made ({error.strerror}): "
                "set LIGHTBOX_STATE_DIR to a folder that can be written."
            ) from error
        engine = create_async_engine(f"sqlite+aiosqlite:///{self._path}")
        event.listen(engine.sync_engine, "connect", _prepare)
        try:
            async with engine.connect() as connection:
                await connection.execute(text("BEGIN IMMEDIATE"))
                await connection.run_sync(metadata.create_all)
                await connection.commit()
        except Exception as error:
            await engine.dispose()
            raise StorageFailed(
                f"The state database {self._path} can't be opened ({type(error).__name__}): "
                "check the folder's permissions, or set LIGHTBOX_STATE_DIR to another folder."
            ) from error
        return engine


def _prepare(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions begin where this module says, not where the driver guesses
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}")
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")  # a reservation that was acted on must survive a power cut
    cursor.close()
