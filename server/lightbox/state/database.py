"""The state database: one engine, opened at the first use, closed by the lifespan.

SQLite in the state folder, in write-ahead mode so that several servers can share it. Importing this module imports
SQLAlchemy; nothing that runs before the first call may do so.
"""

from __future__ import annotations

from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any

import anyio
from sqlalchemy import MetaData, event, text
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from lightbox.errors import StorageFailed

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator
    from pathlib import Path

metadata = MetaData()
"""Every table of the state database; `images.table` and `jobs.table` declare theirs on it."""

BUSY_MILLISECONDS = 30_000
"""How long a writer waits for the others: a hundred of them, on a disk that takes its time."""
QUEUE_SECONDS = 120
"""How long one waits for a connection, of which there are fifteen."""

_FIXES = {
    "locked": "another program holds it; try again in a moment",
    "full": "make room on its disk",
    "readonly": "let it be written, or set LIGHTBOX_STATE_DIR to another folder",
    "malformed": "it is damaged; move it away, and a new one is made (pictures stay in their folders)",
    "not a database": "it is damaged; move it away, and a new one is made (pictures stay in their folders)",
}
_USUAL_FIX = "check the folder's permissions, or set LIGHTBOX_STATE_DIR to another folder"


class Database:
    """The state database below a folder, e.g. `Database(Path("state"))`; made on the first use."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "lightbox.sqlite3"
        self._engine: AsyncEngine | None = None
        self._opening = anyio.Lock()

    @asynccontextmanager
    async def reading(self) -> AsyncGenerator[AsyncConnection]:
        """Lend a connection for reading.

        Raises:
            StorageFailed: The database can't be read.
        """
        engine = await self._open()
        with self._explained():
            async with engine.connect() as connection:
                yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncGenerator[AsyncConnection]:
        """Lend a connection inside one transaction that holds the write lock from its first statement.

        What is read here can't change before the commit: two servers never both find the same room in a budget.

        Raises:
            StorageFailed: The database can't be written; nothing was.
        """
        engine = await self._open()
        with self._explained():
            async with engine.connect() as connection, _transaction(connection):
                yield connection

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
        engine = create_async_engine(
            f"sqlite+aiosqlite:///{self._path}",
            pool_timeout=QUEUE_SECONDS,
            hide_parameters=True,  # an error's text must not repeat prompts
        )
        event.listen(engine.sync_engine, "connect", _prepare)
        try:
            async with engine.connect() as connection:
                await _write_ahead(connection)
                await connection.execute(text("BEGIN IMMEDIATE"))
                await connection.run_sync(metadata.create_all)
                await connection.commit()
        except Exception as error:
            await engine.dispose()
            raise self._failed(error) from error
        return engine

    @contextmanager
    def _explained(self) -> Generator[None]:
        """Say what is wrong with the database without repeating what was to be written."""
        try:
            yield
        except SQLAlchemyError as error:
            raise self._failed(error) from error

    def _failed(self, error: Exception) -> StorageFailed:
        why = str(error.orig) if isinstance(error, DBAPIError) else type(error).__name__
        fix = next((fix for sign, fix in _FIXES.items() if sign in why), _USUAL_FIX)
        return StorageFailed(f"The state database {self._path} can't be used ({why}): {fix}.")


async def _write_ahead(connection: AsyncConnection) -> None:
    """Turn on the write-ahead mode, which stays; while it is turned on, SQLite does not wait for other servers."""
    deadline = anyio.current_time() + BUSY_MILLISECONDS / 1000
    while True:
        try:
            await connection.execute(text("PRAGMA journal_mode=WAL"))
        except OperationalError as error:
            if "locked" not in str(error.orig) or anyio.current_time() > deadline:
                raise
            await anyio.sleep(0.02)
        else:
            return


@asynccontextmanager
async def _transaction(connection: AsyncConnection) -> AsyncGenerator[None]:
    await connection.execute(text("BEGIN IMMEDIATE"))
    try:
        yield
    except BaseException:
        with anyio.CancelScope(shield=True):
            await connection.rollback()
        raise
    with anyio.CancelScope(shield=True):
        await connection.commit()


def _prepare(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions begin where this module says, not where the driver guesses
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}")
    cursor.execute("PRAGMA synchronous=FULL")  # a reservation that was acted on must survive a power cut
    cursor.close()
