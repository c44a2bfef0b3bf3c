"""The state database in SQLite: one writer thread that commits for many at once, and readers beside it.

The file is in the state folder, in write-ahead mode, so that other processes can share it. Importing this module
imports SQLAlchemy; nothing that runs before the first call may do so.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar, cast

import anyio
from anyio.to_thread import run_sync
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError

from lightbox.errors import StorageFailed
from lightbox.state.schema import bring_up_to_date

if TYPE_CHECKING:
    from pathlib import Path

T = TypeVar("T")

BUSY_SECONDS = 30.0
"""How long writes wait for other processes: a hundred of them, on a disk that takes its time."""
FILE = "lightbox.sqlite3"
READERS = 4
_STEP_SECONDS = 0.25
"""How long SQLite itself waits for a lock: readers need no more, for in write-ahead mode they wait for nobody; writers
ask again, and in between hear of a server that is being closed."""
_WAIT_TO_CLOSE_SECONDS = 5.0

_FIXES = {
    "locked": "another program holds it; try again in a moment",
    "full": "make room on its disk",
    "readonly": "let it be written, or set LIGHTBOX_STATE_DIR to another folder",
    "malformed": "it is damaged; move it away, and a new one is made (pictures stay in their folders)",
    "not a database": "it is damaged; move it away, and a new one is made (pictures stay in their folders)",
}
_USUAL_FIX = "check the folder's permissions, or set LIGHTBOX_STATE_DIR to another folder"


class SQLiteDatabase:
    """The state database below a folder, e.g. `SQLiteDatabase(Path("state"))`; made on the first use.

    Args:
        folder: The state folder.
        busy_seconds: How long a write waits for another process that holds the database.
        on_commit: Told of every commit and how many writes it held, for measuring.
    """

    def __init__(
        self,
        folder: Path,
        *,
        busy_seconds: float = BUSY_SECONDS,
        on_commit: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._path = folder / FILE
        self._busy_seconds = busy_seconds
        self._on_commit = on_commit
        self._engine: Engine | None = None
        self._writer: _Writer | None = None
        self._opening = threading.Lock()
        self._closing = threading.Event()
        self._reading = anyio.CapacityLimiter(READERS)

    async def read(self, function: Callable[[Connection], T]) -> T:
        """Give what a function reads, in one transaction; see `Database.read`."""
        return await run_sync(self._read, function, abandon_on_cancel=True, limiter=self._reading)

    async def write(self, function: Callable[[Connection], T]) -> T:
        """Carry a function out in a transaction of its own; see `Database.write`."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[Any] = loop.create_future()
        writer = self._writer or await run_sync(self._open, abandon_on_cancel=True)
        writer.put(_Write(function, loop, done))
        return cast("T", await done)

    async def describe(self) -> str:
        """Say where it is and what it is; nothing is made or migrated."""
        made = "" if await run_sync(self._path.is_file) else " (made at the first call)"
        return f"{self._path}{made}, SQLite {sqlite3.sqlite_version}"

    async def close(self) -> None:
        """Finish what waits to be written and close every connection; the next use opens the database again."""
        await run_sync(self._close)

    def _read(self, function: Callable[[Connection], T]) -> T:
        self._open()
        with self.explained(), cast("Engine", self._engine).connect() as connection:
            connection.exec_driver_sql("BEGIN")
            return function(connection)

    def _open(self) -> _Writer:
        with self._opening:
            if self._writer is None:
                self._engine = self._make()
                self._writer = _Writer(self, self._engine, self._busy_seconds, self._on_commit)
            return self._writer

    def _close(self) -> None:
        self._closing.set()  # whoever still waits to open it, because another process holds it, gives up
        with self._opening:
            if self._writer is not None and self._engine is not None:
                self._writer.close()
                self._engine.dispose()
            self._writer = self._engine = None
            self._closing.clear()

    def _make(self) -> Engine:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))  # what people asked for is theirs
        except OSError as error:
            raise StorageFailed(
                f"The state folder {self._path.parent} can't be used ({error.strerror}): "
                "set LIGHTBOX_STATE_DIR to a folder that can be written."
            ) from error
        engine = create_engine(
            f"sqlite:///{self._path}",
            pool_size=READERS + 1,
            max_overflow=0,
            hide_parameters=True,  # an error's text must not repeat prompts
            connect_args={"check_same_thread": False},
        )
        event.listen(engine, "connect", _prepare)
        try:
            with self.explained(), engine.connect() as connection:
                for statement in ("PRAGMA journal_mode=WAL", "BEGIN IMMEDIATE"):  # the mode stays on
                    _patiently(connection, statement, self._busy_seconds, self._closing.is_set)
                bring_up_to_date(connection)
                connection.commit()
        except BaseException:
            engine.dispose()
            raise
        return engine

    @contextmanager
    def explained(self) -> Generator[None]:
        """Say what is wrong with the database without repeating what was to be written."""
        try:
            yield
        except SQLAlchemyError as error:
            why = str(error.orig) if isinstance(error, DBAPIError) else type(error).__name__
            fix = next((fix for sign, fix in _FIXES.items() if sign in why), _USUAL_FIX)
            raise StorageFailed(f"The state database {self._path} can't be used ({why}): {fix}.") from error


@dataclass(eq=False, slots=True)
class _Write:
    """One function that waits to be carried out, and what became of it."""

    function: Callable[[Connection], Any]
    loop: asyncio.AbstractEventLoop
    done: asyncio.Future[Any]
    result: Any = None
    error: BaseException | None = None

    def tell(self) -> None:
        """Wake the caller, on its event loop, unless it has gone."""
        if self.done.done():
            return
        if self.error is not None:
            self.done.set_exception(self.error)
        else:
            self.done.set_result(self.result)


class _TransactionLost(Exception):
    """SQLite gave up the whole transaction because of one write in it, as it does when the disk is full."""


class _Writer:
    """The one thread that writes: it takes all writes that wait into one transaction, a savepoint each."""

    def __init__(
        self, database: SQLiteDatabase, engine: Engine, busy_seconds: float, on_commit: Callable[[int], None]
    ) -> None:
        self._database = database
        self._engine = engine
        self._busy_seconds = busy_seconds
        self._on_commit = on_commit
        self._waiting: deque[_Write] = deque()
        self._woken = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="lightbox-writer", daemon=True)
        self._thread.start()

    def put(self, write: _Write) -> None:
        """Let a write wait for its turn; never blocks for long.

        Raises:
            StorageFailed: The database is being closed.
        """
        with self._woken:
            if self._closing:
                raise StorageFailed("The state database is being closed, because the server ends: nothing was written.")
            self._waiting.append(write)
            self._woken.notify()

    def close(self) -> None:
        """Carry out what waits, within a few seconds, and end the thread."""
        with self._woken:
            self._closing = True
            self._woken.notify()
        self._thread.join(_WAIT_TO_CLOSE_SECONDS)

    def _run(self) -> None:
        with self._engine.connect() as connection:
            while batch := self._next():
                try:
                    self._write(connection, batch)
                except Exception as error:  # noqa: BLE001 - nobody may wait for ever
                    for write in batch:
                        write.error = write.error or error
                _wake(batch)

    def _write(self, connection: Connection, batch: Sequence[_Write]) -> None:
        """Carry out all that waited, in one transaction, or one by one where that fails."""
        with self._database.explained():
            self._begin(connection)
        try:
            self._commit(connection, batch)
        except (_TransactionLost, SQLAlchemyError):
            _roll_back(connection)
            for write in batch:  # one of them may have taken the others with it
                self._alone(connection, write)

    def _next(self) -> list[_Write]:
        """Take all that waits; nothing once the database is closed and everything is written."""
        with self._woken:
            while not self._waiting and not self._closing:
                self._woken.wait()
            batch = list(self._waiting)
            self._waiting.clear()
            return batch

    def _alone(self, connection: Connection, write: _Write) -> None:
        write.result = write.error = None
        try:
            with self._database.explained():
                self._begin(connection)
                self._commit(connection, [write])
        except _TransactionLost as lost:
            _roll_back(connection)
            write.error = lost.__cause__
        except StorageFailed as error:
            _roll_back(connection)
            write.error = error

    def _commit(self, connection: Connection, batch: Sequence[_Write]) -> None:
        for write in batch:
            self._carry_out(connection, write)
        connection.commit()
        self._on_commit(len(batch))

    def _begin(self, connection: Connection) -> None:
        """Take the write lock; what is read from here on can't change before the commit."""
        _patiently(connection, "BEGIN IMMEDIATE", self._busy_seconds, lambda: self._closing)

    def _carry_out(self, connection: Connection, write: _Write) -> None:
        connection.exec_driver_sql("SAVEPOINT one")
        try:
            with self._database.explained():
                write.result = write.function(connection)
        except Exception as error:
            if not _in_transaction(connection):
                raise _TransactionLost from error
            write.error = error
            connection.exec_driver_sql("ROLLBACK TO one")
        connection.exec_driver_sql("RELEASE one")


def _in_transaction(connection: Connection) -> bool:
    return cast("Any", connection.connection.dbapi_connection).in_transaction


def _roll_back(connection: Connection) -> None:
    with suppress(SQLAlchemyError):
        connection.rollback()


def _wake(batch: Sequence[_Write]) -> None:
    """Wake the callers, once per event loop."""
    by_loop: dict[asyncio.AbstractEventLoop, list[_Write]] = {}
    for write in batch:
        by_loop.setdefault(write.loop, []).append(write)
    for loop, writes in by_loop.items():
        with suppress(RuntimeError):  # a loop that was closed has nobody left who waits
            loop.call_soon_threadsafe(_tell_all, writes)


def _tell_all(writes: Sequence[_Write]) -> None:
    for write in writes:
        write.tell()


def _patiently(
    connection: Connection, statement: str, seconds: float, given_up: Callable[[], bool] = lambda: False
) -> None:
    """Carry a statement out as soon as no other process holds the database."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            connection.exec_driver_sql(statement)
        except OperationalError as error:
            _roll_back(connection)
            if "locked" not in str(error.orig) or given_up() or time.monotonic() > deadline:
                raise
            time.sleep(0.01)  # some locks are not waited for, such as that of a change of the mode
        else:
            return


def _prepare(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions begin where this module says, not where the driver guesses
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={int(_STEP_SECONDS * 1000)}")
    cursor.execute("PRAGMA synchronous=FULL")  # a reservation that was acted on must survive a power cut
    cursor.close()
