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

        What it reads can't change before the commit. It must do nothing but SQL, for it may be carried out again where
        a transaction that it shared with others was lost. A caller that is cancelled leaves it to finish.

        Raises:
            StorageFailed: The database can't be written; nothing was.
        """
        ...

    async def close(self) -> None:
        """Finish what waits to be written and close every connection; the next use opens the database again."""
        ...
