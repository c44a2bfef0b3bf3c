"""The doors of the state database: one for reading, one for writing.

Every statement is in a plain synchronous function over a SQLAlchemy `Connection`; a door carries one such function out
as one transaction, off the event loop. Importing this module imports nothing heavy.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from sqlalchemy import Connection

T = TypeVar("T")


class Database(Protocol):
    """The state database, whatever engine is behind it."""

    async def read(self, function: Callable[[Connection], T]) -> T:
        """Give what a function reads, in one transaction.

        A caller that is cancelled leaves the function to finish.

        Raises:
            StorageFailed: The database can't be read.
        """
        ...

    async def write(self, function: Callable[[Connection], T]) -> T:
        """Carry a function out in a transaction of its own, and give what it gives once that is committed.

        It must do nothing but SQL, and come to the same when it is carried out twice: it is carried out again where a
        transaction was lost, or where a connection broke so that nobody knows whether it was committed. On SQLite,
        what it reads can't change before the commit; on PostgreSQL this is so for what all that change it take the same
        `sharing.lock` for, and for rows that it has changed. A caller that is cancelled leaves it to finish.

        Raises:
            StorageFailed: The database can't be written; nothing was.
        """
        ...

    async def describe(self) -> str:
        """Say in words where it is and what it is, without any password; nothing is made or migrated.

        Raises:
            StorageFailed: It can't be reached.
        """
        ...

    async def close(self) -> None:
        """Finish what waits to be written and close every connection; the next use opens the database again."""
        ...
