"""The state database in PostgreSQL: a pool of connections, on which every function is one short transaction.

Nothing outlives a transaction on a connection, no setting, lock or prepared statement, so that a pooler such as
PgBouncer may give each transaction another one. Importing this module imports SQLAlchemy.
"""

from __future__ import annotations

import asyncio
import os
import re
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar, cast
from weakref import WeakSet

from anyio.to_thread import run_sync
from sqlalchemy import Connection, Engine, create_engine, select
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from lightbox.errors import SettingsError, StorageFailed
from lightbox.state.schema import NEWEST, bring_up_to_date, recorded_version
from lightbox.state.sharing import lock
from lightbox.state.tables import metadata

if TYPE_CHECKING:
    from concurrent.futures import Future

T = TypeVar("T")

READ_SECONDS = 5.0
WRITE_SECONDS = 30.0
"""How long each is tried again while the database restarts, or another takes its place."""
CONNECT_SECONDS = 5
_PAUSES = (0.05, 2.0)
"""The first and the longest pause between two tries, in seconds; each is twice the one before."""
_WAIT_TO_CLOSE_SECONDS = 5.0

# In one message each. A server that hangs in the middle of a transaction must not hold its locks for ever.
_LIMITS = (
    "SET LOCAL lock_timeout = '10s'; SET LOCAL statement_timeout = '30s'; "
    "SET LOCAL idle_in_transaction_session_timeout = '15s'"
)


@dataclass(frozen=True, slots=True)
class _Door:
    """How a transaction of one kind begins, and how many of them one server has under way; the rest wait."""

    begin: str
    width: int


# Nobody says READ WRITE: that would set aside what its keeper has set (`default_transaction_read_only`, on a primary
# that must not be written any more, or whose disk is nearly full), and a standby refuses it in other words.
_READING = _Door(f"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; {_LIMITS}", width=4)
_WRITING = _Door(f"BEGIN ISOLATION LEVEL READ COMMITTED; {_LIMITS}", width=8)
_BEGIN_MIGRATING = "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL lock_timeout = '60s'"

_KEPT_ALIVE = {
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,  # ms
}
"""A machine that is gone without a word is noticed within a quarter of a minute."""

_PASSING = {
    "08000",  # the connection was lost, in several ways
    "08003",
    "08006",
    "25006",  # what was the primary only reads now
    "40001",
    "40P01",  # a deadlock
    "53300",  # too many connections
    "55P03",  # a lock was not to be had in time
    "57P01",  # the database is being stopped
    "57P02",
    "57P03",  # or started
}
"""What may be otherwise in a moment, by PostgreSQL's own codes (its manual, appendix A)."""
_READS_ONLY = "25006"

_FORM = (
    "postgresql://USER:PASSWORD@HOST:5432/DATABASE, with every special character of the password percent-encoded "
    "(@ as %40, / as %2F)"
)
_ONLY_READS = "it can only be read now, as a standby, or one whose disk is nearly full"
_REASONS = {
    "read-only": (_ONLY_READS, True),
    "Servname not supported": (f"its URL can't be read; write {_FORM}", False),
    "for connection option": (f"its URL can't be read; write {_FORM}", False),
    "password authentication failed": ("it accepts neither this user nor this password", False),
    "no password supplied": ("it wants a password", False),
    "no pg_hba.conf entry": ("it lets nobody of this name in from here", False),
    r'role ".*" does not exist': ("it does not know this user", False),
    r'database ".*" does not exist': ("it has no database of this name", False),
    "could not translate host name": (f"the name of its host is not known; write {_FORM}", True),
    "failed to resolve host": (f"the name of its host is not known; write {_FORM}", True),
    "Connection refused": ("nothing answers at its address", True),
    "No such file or directory": ("nothing answers at its address", True),
    "timeout expired": ("it does not answer in time", True),
    "timed out": ("it does not answer in time", True),
    "starting up": ("it is starting", True),
    "shutting down": ("it is being stopped", True),
    "too many clients": ("it has no connection left", True),
    "does not support SSL": ("it offers no encryption, which sslmode asks for", False),
    "certificate": ("its certificate is not one that sslmode and sslrootcert accept", False),
}
"""What can be wrong with connecting, by patterns of libpq's words, and whether it may pass. The words themselves are
not repeated: where a password was not written as URLs want it, they hold parts of it."""


class PostgresDatabase:
    """The state database at a URL, e.g. `PostgresDatabase("postgresql://lightbox@db.example.com/lightbox")`.

    Args:
        url: As PostgreSQL's own programs take it, several hosts and options included.
        read_seconds: How long a read is tried again while the database is away.
        write_seconds: How long a write is.
    """

    def __init__(self, url: str, *, read_seconds: float = READ_SECONDS, write_seconds: float = WRITE_SECONDS) -> None:
        self._url = url
        self._read_seconds = read_seconds
        self._write_seconds = write_seconds
        self._engine: Engine | None = None
        self._opening = threading.Lock()
        self._closing = threading.Event()
        self._threads: dict[_Door, ThreadPoolExecutor] = {}
        self._under_way: set[Future[None]] = set()
        self._lines = _Lines()

    async def read(self, function: Callable[[Connection], T]) -> T:
        """Give what a function reads, in one transaction; see `Database.read`."""
        return await self._through(_READING, function, self._read_seconds)

    async def write(self, function: Callable[[Connection], T]) -> T:
        """Carry a function out in a transaction of its own; see `Database.write`."""
        return await self._through(_WRITING, function, self._write_seconds)

    async def describe(self) -> str:
        """Say where it is and what it is, without the password; nothing is made or migrated."""
        return await run_sync(self._describe)

    async def close(self) -> None:
        """Finish what waits to be written and close every connection; the next use opens the database again."""
        await run_sync(self._close)

    async def _through(self, door: _Door, function: Callable[[Connection], T], seconds: float) -> T:
        """Carry a function out on another thread, to its end even where its caller goes."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()

        def work() -> None:
            try:
                told = (done.set_result, self._patiently(lambda: self._once(function, door.begin), seconds))
            except BaseException as error:  # noqa: BLE001 - raised where the caller waits
                told = (done.set_exception, error)
            with suppress(RuntimeError):  # a loop that was closed has nobody left who waits
                loop.call_soon_threadsafe(_tell, done, *told)

        if self._closing.is_set():
            raise StorageFailed("The state database is being closed, because the server ends: nothing was written.")
        if door not in self._threads:
            self._threads[door] = ThreadPoolExecutor(door.width, "lightbox-state")
        future = self._threads[door].submit(work)
        self._under_way.add(future)
        future.add_done_callback(self._under_way.discard)
        return await done

    def _describe(self) -> str:
        server, schema = self._patiently(lambda: self._alone(_examined), 0)
        return f"{_shown(self._url)}, PostgreSQL {server}, schema {schema or 'to be made at the first call'}"

    def _patiently(self, work: Callable[[], T], seconds: float) -> T:
        """Do something again while the database is away; a transaction that was lost may be carried out twice."""
        deadline, closing = time.monotonic() + seconds, self._closing
        pause, longest = _PAUSES
        while True:
            try:
                return work()
            except SQLAlchemyError as error:
                failure, passing = explained(error)
                if not passing or time.monotonic() + pause > deadline or closing.wait(pause):
                    raise failure from None  # the driver's own words repeat what was to be written
            pause = min(pause * 2, longest)

    def _once(self, function: Callable[[Connection], T], begin: str) -> T:
        return _transaction(self._open(), function, begin)

    def _alone(self, function: Callable[[Connection], T]) -> T:
        """Give what a function reads, on a connection of its own."""
        engine = _make_engine(self._url, self._lines)
        try:
            return _transaction(engine, function, _READING.begin)
        finally:
            engine.dispose()

    def _open(self) -> Engine:
        with self._opening:
            if self._engine is None:
                engine = _make_engine(self._url, self._lines)
                try:
                    _transaction(engine, _prepare, _BEGIN_MIGRATING)
                except BaseException:
                    engine.dispose()
                    raise
                self._engine = engine
            return self._engine

    def _close(self) -> None:
        self._closing.set()  # whoever waits for a database that is away gives up
        if self._engine is None:
            self._lines.cut()  # who still waits to open it has written nothing
        if wait(tuple(self._under_way), _WAIT_TO_CLOSE_SECONDS).not_done:
            self._lines.cut()  # a process does not end before its threads, and nothing may ever come back on these
        with self._opening:
            for threads in self._threads.values():
                threads.shutdown(wait=False)
            self._threads.clear()
            if self._engine is not None:
                self._engine.dispose()
            self._engine = None
            self._closing = threading.Event()  # whoever still waits for a connection finds the first one set


def _tell(done: asyncio.Future[Any], tell: Callable[[Any], None], told: object) -> None:
    """Wake the caller, unless it has gone."""
    if not done.done():
        tell(told)


def _transaction(engine: Engine, function: Callable[[Connection], T], begin: str) -> T:
    with engine.connect() as connection:
        try:
            connection.exec_driver_sql(begin)
            result = function(connection)
            connection.exec_driver_sql("COMMIT")
        except DBAPIError as error:
            if _code(error) == _READS_ONLY:  # the name of the host may lead to another machine by now
                connection.invalidate()
                engine.dispose()  # nor may anybody read on the others what is no longer so
            raise
        return result


def _examined(connection: Connection) -> tuple[str, str | None]:
    """Give the versions of the server and of the schema, where all is there that the first call will need.

    Raises:
        StorageFailed: It only reads, or its user may not do in it what a server does.
        SQLAlchemyError: The schema is one that this version can't use.
    """
    if _asked(connection, "SELECT pg_is_in_recovery() OR current_setting('default_transaction_read_only')::bool"):
        raise _failed(_ONLY_READS, _AGAIN)
    schema = recorded_version(connection)
    needs = "has_table_privilege('jobs', 'UPDATE')" if schema else "has_schema_privilege(current_schema(), 'CREATE')"
    if not _asked(connection, f"SELECT {needs}"):
        raise _failed("its user may not write there", _FIXES[_NO_RIGHT])
    for table in metadata.sorted_tables if schema and schema >= NEWEST else ():
        connection.execute(select(table).limit(0))
    return str(_asked(connection, "SHOW server_version")), schema


def _asked(connection: Connection, question: str) -> Any:
    return connection.exec_driver_sql(question).scalar_one()


def _prepare(connection: Connection) -> None:
    """Make or migrate the tables; of servers that start together, one does, and the others wait for it."""
    encoding = _asked(connection, "SHOW server_encoding")
    if encoding != "UTF8":
        raise StorageFailed(
            f"The state database that LIGHTBOX_STATE_URL names keeps text as {encoding}, which has no room for all "
            "titles: make one with ENCODING 'UTF8'."
        )
    lock(connection, "schema")
    bring_up_to_date(connection)


class _Lines:
    """All connections that are open, so that one on which a thread waits in vain can be cut by another."""

    def __init__(self) -> None:
        self._open: WeakSet[Any] = WeakSet()
        self._changing = threading.Lock()

    def add(self, connection: Any) -> None:
        with self._changing:
            self._open.add(connection)

    def cut(self) -> None:
        """End them all: whoever waits on one finds it lost."""
        with self._changing:
            connections = tuple(self._open)
        for connection in connections:
            with suppress(Exception), socket.socket(fileno=os.dup(connection.fileno())) as line:  # it may be closed
                line.shutdown(socket.SHUT_RDWR)


def _make_engine(url: str, lines: _Lines) -> Engine:
    connect = _connector(url)

    def connected() -> Any:
        connection = connect()
        lines.add(connection)
        return connection

    return create_engine(
        "postgresql+psycopg://",
        creator=connected,
        isolation_level="AUTOCOMMIT",  # transactions begin where this module says, not where the driver does
        pool_size=_READING.width + _WRITING.width,
        max_overflow=0,
        pool_timeout=CONNECT_SECONDS,
        pool_use_lifo=True,  # what a busy hour has opened may be closed by the database or a pooler later
        hide_parameters=True,  # an error's text must not repeat prompts
        use_native_hstore=False,
    )


def _connector(url: str) -> Callable[[], Any]:
    """Give what connects: libpq itself reads the URL, with all that may stand in one.

    Raises:
        SettingsError: The URL can't be read.
    """
    import psycopg  # noqa: PLC0415 - an extra, which servers on SQLite do without
    from psycopg.adapt import Dumper  # noqa: PLC0415
    from psycopg.conninfo import make_conninfo  # noqa: PLC0415

    class Text(Dumper):
        """Writes text as PostgreSQL takes it: a stranger's title must not keep what was paid for out of it."""

        oid = psycopg.adapters.types["text"].oid

        def dump(self, obj: str) -> bytes:
            return obj.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace")

    usual: dict[str, Any] = {"connect_timeout": CONNECT_SECONDS, "application_name": "lightbox"} | _KEPT_ALIVE
    own = _parsed(url)
    if "," in f"{own.get('host', '')}{own.get('hostaddr', '')}":
        usual["target_session_attrs"] = "read-write"  # else a standby is taken for the database where it comes first
    conninfo = make_conninfo(url, **{name: value for name, value in usual.items() if name not in own})

    def connect() -> Any:
        connection = psycopg.connect(conninfo, autocommit=True, prepare_threshold=None, client_encoding="utf8")
        connection.adapters.register_dumper(str, Text)
        return connection

    return connect


def _parsed(url: str) -> dict[str, Any]:
    """Give the parts of a URL by their names in libpq.

    Raises:
        SettingsError: It can't be read. It is not repeated, for it may hold a password.
    """
    import psycopg  # noqa: PLC0415 - an extra
    from psycopg.conninfo import conninfo_to_dict  # noqa: PLC0415

    try:
        return conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        raise SettingsError(f"LIGHTBOX_STATE_URL can't be read: write {_FORM}.") from None


def _shown(url: str) -> str:
    parts = {"user": "", "host": "", "port": "", "dbname": ""} | {k: str(v) for k, v in _parsed(url).items()}
    user = f"{parts['user']}{':***' if 'password' in parts else ''}@" if parts["user"] else ""
    port = f":{parts['port']}" if parts["port"] else ""
    return f"postgresql://{user}{parts['host']}{port}/{parts['dbname']}"


def explained(error: SQLAlchemyError) -> tuple[StorageFailed, bool]:
    """Say what is wrong with the database, and whether it may be otherwise in a moment."""
    if isinstance(error, PoolTimeout):
        return _failed("all connections to it are in use", "try again in a moment"), True
    if not isinstance(error, DBAPIError):
        return _failed(type(error).__name__, "this is a fault of Lightbox: see its log"), False
    code = _code(error)
    if code is None or code in _PASSING:
        why, passing = _reason(str(error.orig))
        return _failed(why, _AGAIN if passing else _CHECK), passing or code is not None
    # The first words alone: those that follow repeat what was to be written.
    why = cast("Any", error.orig).diag.message_primary
    return _failed(f"{why}, {code}", _FIXES.get(code, _USUAL_FIX)), False


_AGAIN = "nothing is lost; try again in a moment, and if that lasts, look at the database and at LIGHTBOX_STATE_URL"
_CHECK = "correct LIGHTBOX_STATE_URL, or the database's own settings (`lightbox doctor` looks again)"
_USUAL_FIX = "look at the database's own log"
_NEWER = "its schema is that of another version of Lightbox: update this one"
_NO_RIGHT = "42501"
_FIXES = {
    _NO_RIGHT: "give the user of LIGHTBOX_STATE_URL the right to make and use tables there",
    "42P01": _NEWER,
    "42703": _NEWER,
    "53100": "make room on its disk",
}


def _failed(why: str, fix: str) -> StorageFailed:
    return StorageFailed(f"The state database can't be used ({why}): {fix}.")


def _reason(words: str) -> tuple[str, bool]:
    for sign, told in _REASONS.items():
        if re.search(sign, words):
            return told
    return "the connection to it was lost", True


def _code(error: DBAPIError) -> str | None:
    """Give PostgreSQL's code of an error; None where no connection was had, or it was lost without a word."""
    return getattr(error.orig, "sqlstate", None)
