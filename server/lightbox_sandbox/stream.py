"""A response's events: kept in order, followed by any number of readers, framed as each service frames them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Final

import anyio

from .dialects import Dialect, Json

TERMINAL: Final = frozenset({"response.completed", "response.incomplete", "response.failed", "error"})


class EventLog:
    """The events of one response. Whoever comes late reads from the beginning, or from where they left off."""

    def __init__(self) -> None:
        self.events: list[Json] = []
        self.closed = False
        self._changed = anyio.Event()

    def append(self, kind: str, fields: Json) -> None:
        """Add an event; its sequence number is its place, counted from 0."""
        self.events.append({"type": kind, "sequence_number": len(self.events), **fields})
        self._wake()

    def close(self) -> None:
        """Say that no further event will come."""
        self.closed = True
        self._wake()

    async def follow(self, after: int = -1) -> AsyncIterator[Json]:
        """Give the events with a sequence number above `after`, as they come, to the end."""
        position = after + 1
        while True:
            while position < len(self.events):
                yield self.events[position]
                position += 1
            if self.closed:
                return
            await self._changed.wait()

    async def wait(self) -> None:
        """Wait until no further event will come."""
        while not self.closed:
            await self._changed.wait()

    def _wake(self) -> None:
        changed, self._changed = self._changed, anyio.Event()
        changed.set()


def frame(event: Json, dialect: Dialect) -> bytes:
    """Encode an event as a server-sent one, with each service's oddities."""
    if dialect == "dashscope":
        number = int(event["sequence_number"]) + 1
        data = json.dumps(event, ensure_ascii=False)
        return f"id:{number}\nevent:{event['type']}\n:HTTP_STATUS/200\ndata:{data}\n\n".encode()
    return f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode()
