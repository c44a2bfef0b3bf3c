"""The state database, with a span around each use of its doors."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal, TypeVar

from opentelemetry.trace import SpanKind, Tracer, get_current_span

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from lightbox.state.database import Database

T = TypeVar("T")


class TracedDatabase:
    """A database whose reads and writes are spans of the trace that they belong to; those of no trace make none.

    Args:
        database: Carries everything out.
        tracer: Makes the spans.
    """

    def __init__(self, database: Database, tracer: Tracer) -> None:
        self._database = database
        self._tracer = tracer

    async def read(self, function: Callable[[Connection], T]) -> T:
        """Give what a function reads; see `Database.read`."""
        with self._span("read", function):
            return await self._database.read(function)

    async def write(self, function: Callable[[Connection], T]) -> T:
        """Carry a function out in a transaction of its own; see `Database.write`."""
        with self._span("write", function):
            return await self._database.write(function)

    async def describe(self) -> str:
        """Say in words where it is and what it is; see `Database.describe`."""
        return await self._database.describe()

    async def close(self) -> None:
        """Close every connection; see `Database.close`."""
        await self._database.close()

    @contextmanager
    def _span(self, door: Literal["read", "write"], function: Callable[..., object]) -> Generator[None]:
        if not get_current_span().is_recording():
            yield
            return
        whole = getattr(function, "func", function)  # of a function some of whose arguments are given
        name = getattr(whole, "__qualname__", "").partition(".<locals>")[0]
        with self._tracer.start_as_current_span(
            f"state {door} {name}",
            kind=SpanKind.CLIENT,
            attributes={"db.operation.name": door, "code.function.name": name},
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                yield
            except Exception as error:
                span.set_attribute("error.type", type(error).__name__)
                raise
