"""Room for what streams hold: all streams of a process share it, so that several lying services fill no memory."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import anyio

MEBIBYTE = 1024 * 1024

LARGEST_EVENT = 48 * MEBIBYTE
"""The most that one event or body may hold, in bytes: a 4K PNG of noise with transparency is 42 MiB as base64."""

READING_TIMES = 4
"""How many times its own size reading an event takes at most: its text, the picture's, and the picture."""


class NoRoom(Exception):
    """Others held so much for so long that there was no room for this one."""


@dataclass(eq=False, slots=True)
class Held:
    """What one stream holds; give it back with `release`."""

    room: Room
    size: int = 0

    async def hold(self, size: int) -> None:
        """Hold so many bytes in all, from now on; waits while others hold too much.

        Raises:
            NoRoom: There was none for as long as anyone waits.
        """
        if size > self.size:
            await self.room.grow(self, size)

    def release(self) -> None:
        """Hold nothing any more."""
        self.room.shrink(self)


@dataclass(eq=False, slots=True)
class _Waiting:
    held: Held
    size: int
    granted: anyio.Event = field(default_factory=anyio.Event)


class Room:
    """So many bytes for all streams together. Who waits gets them in turn.

    A part is set apart for one stream, which can always finish with it: so streams that hold half of what they need
    never wait for each other for ever.

    Args:
        capacity: Bytes for all.
        apart: Bytes of those for the one that can always finish.
        patience: Seconds for which a stream waits at most.
    """

    def __init__(
        self,
        capacity: int = 224 * MEBIBYTE,
        *,
        apart: int = READING_TIMES * LARGEST_EVENT,
        patience: float = 300.0,
    ) -> None:
        self._free = capacity - apart
        self._patience = patience
        self._favoured: Held | None = None
        self._queue: deque[_Waiting] = deque()

    async def grow(self, held: Held, size: int) -> None:
        """Let one hold more. Raises: NoRoom."""
        waiting = _Waiting(held, size)
        if not self._queue and self._granted(waiting):
            return
        if held is self._favoured:
            held.size = size
            return
        self._queue.append(waiting)
        with anyio.move_on_after(self._patience):
            try:
                await waiting.granted.wait()
            finally:
                if not waiting.granted.is_set():
                    self._queue.remove(waiting)
                    self._wake()
        if not waiting.granted.is_set():
            raise NoRoom

    def shrink(self, held: Held) -> None:
        """Take back all that one holds."""
        if held is self._favoured:
            self._favoured = None
        else:
            self._free += held.size
        held.size = 0
        self._wake()

    def _wake(self) -> None:
        while self._queue and self._granted(self._queue[0]):
            self._queue.popleft().granted.set()

    def _granted(self, waiting: _Waiting) -> bool:
        held, more = waiting.held, waiting.size - waiting.held.size
        if held is not self._favoured:
            if more <= self._free:
                self._free -= more
            elif self._favoured is None:
                self._free += held.size
                self._favoured = held
            else:
                return False
        held.size = waiting.size
        return True


ROOM = Room()
"""The room of this process."""
