"""Connections of clients: how many there are, how long each is waited for, how much is read that nobody asked for."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from lightbox.http.limits import Patience
from lightbox.http.refusal import Refusal

if TYPE_CHECKING:
    from uvicorn.server import ServerState

    from lightbox.http.listening import Configuration

READ_BYTES = 32 * 1024
"""The most that is read at once; of a body, nothing more is read before somebody asks for it."""
WRITE_BYTES = 64 * 1024
"""How much of an answer is handed to the connection at once; the next piece waits for its client."""
MOST_LINGERING = 64
"""How many connections that were turned away are kept open for their answer to be read."""

CONNECTION = "lightbox.connection"
"""Under which name a request's `state` holds the connection that it came by."""

TOO_MANY = Refusal(
    HTTPStatus.SERVICE_UNAVAILABLE, "Lightbox has as many connections as it takes. Try again in 5 seconds.", 5
)
TOO_SLOW = Refusal(
    HTTPStatus.REQUEST_TIMEOUT, "The request's headers did not come in time. Send the request again.", None
)


class Inbound(H11Protocol, asyncio.BufferedProtocol):
    """One connection of a client."""

    def __init__(
        self,
        config: Configuration,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state | {CONNECTION: self}, _loop)
        self._limits = config.limits
        self._lingering = config.lingering
        self._buffer = bytearray()
        self._headers_due: asyncio.TimerHandle | None = None
        self._end: asyncio.TimerHandle | None = None
        self._discarded = 0
        self._reading_due: asyncio.TimerHandle | None = None
        self._patience = Patience(self._limits.unread_seconds, self._limits.bytes_per_second)
        self._unread = 0
        self._unread_since = 0.0
        self._cut = False
        self._idle_since: float = self.loop.time()

    @property
    def idle(self) -> bool:
        """Whether no request is being answered."""
        exchange = self._exchange
        return exchange is None or exchange.response_complete

    @property
    def rank(self) -> tuple[bool, float]:
        """How much it would be missed: not at all where it never asked for anything, or has long been idle."""
        return self._exchange is not None, self._idle_since

    @property
    def _exchange(self) -> RequestResponseCycle | None:
        """The last request and its answer; None before the first, although uvicorn's type does not say so."""
        return self.cycle

    # Beginning and end

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin, where there is room."""
        super().connection_made(transport)
        transport.set_write_buffer_limits(high=0)  # whatever waits for being read is heard of
        if len(self.connections) > self._limits.connections and not self._make_room():
            self._turn_away(TOO_MANY)
        else:
            self._look()

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        for timer in (self._headers_due, self._end, self._reading_due):
            if timer is not None:
                timer.cancel()
        self._lingering.discard(self)
        self._cut = self._cut or exc is not None or self.transport.get_write_buffer_size() > 0
        super().connection_lost(exc)

    def _make_room(self) -> bool:
        """Close the connection that will be missed least."""
        idle = [other for other in cast("set[Inbound]", self.connections) if other.idle and other is not self]
        least = min(idle, key=lambda other: other.rank, default=None)
        if least is None:
            return False
        self.connections.discard(least)  # which asyncio would say a moment later only
        least.transport.close()
        return True

    def _turn_away(self, refusal: Refusal) -> None:
        """Say why, and close."""
        self.connections.discard(self)
        if len(self._lingering) >= MOST_LINGERING:
            self.transport.abort()
            return
        self._lingering.add(self)
        self.transport.write(refusal.raw())
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self._linger()

    def _linger(self) -> None:
        """Leave the client a moment to read its answer: closed over bytes that were not read, it would be lost."""
        if self._end is None:
            self._end = self.loop.call_later(self._limits.linger_seconds, self.transport.close)

    # Reading

    def get_buffer(self, sizehint: int) -> bytearray:
        """Give room for a piece of what has come."""
        del sizehint
        self._buffer = bytearray(READ_BYTES)
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Take the piece."""
        data, self._buffer = bytes(memoryview(self._buffer)[:nbytes]), bytearray()
        self.data_received(data)

    def data_received(self, data: bytes) -> None:
        """Take what has come."""
        if self in self._lingering:
            self._discard(data)
            return
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self.conn.their_state is h11.SEND_BODY:
            if self.idle:
                self._discard(data)
            elif self.cycle.body:
                self.flow.pause_reading()  # until the application wants more
        self._look()

    def _discard(self, data: bytes) -> None:
        """Take a little of what nobody reads any more, so that a short body's client can go on."""
        self._discarded += len(data)
        if self._discarded >= READ_BYTES:
            self.flow.pause_reading()

    def on_response_complete(self) -> None:
        """Be ready for the next request."""
        super().on_response_complete()
        self._idle_since = self.loop.time()
        self._patience = Patience(self._limits.unread_seconds, self._limits.bytes_per_second)
        if not self.transport.is_closing():
            self._look()

    def _look(self) -> None:
        """Set or stop the clock for headers, and for a body that goes on after its answer."""
        exchange = self._exchange
        headers_wanted = exchange is None or (self.conn.their_state is h11.IDLE and self.conn.trailing_data[0])
        if headers_wanted and self._headers_due is None:
            self._headers_due = self.loop.call_later(self._limits.header_seconds, self._too_slow)
        elif not headers_wanted and self._headers_due is not None:
            self._headers_due.cancel()
            self._headers_due = None
        if exchange is not None and exchange.response_complete and self.conn.their_state is h11.SEND_BODY:
            self._linger()
        elif self._end is not None:
            self._end.cancel()
            self._end, self._discarded = None, 0

    def _too_slow(self) -> None:
        if self.conn.trailing_data[0]:
            self._turn_away(TOO_SLOW)
        else:
            self.transport.close()

    # Writing

    def pause_writing(self) -> None:
        """Hear that an answer waits for being read."""
        super().pause_writing()
        self._unread = self.transport.get_write_buffer_size()
        self._unread_since = self.loop.time()
        self._reading_due = self.loop.call_later(max(0.0, self._patience.left), self._abort)

    def resume_writing(self) -> None:
        """Hear that it was read."""
        super().resume_writing()
        if self._reading_due is not None:
            self._reading_due.cancel()
            self._reading_due = None
            self._patience.spend(self.loop.time() - self._unread_since, self._unread)

    def _abort(self) -> None:
        self._cut = True
        self.transport.abort()

    async def written(self) -> bool:
        """Wait until what was sent has been handed to the system; False where the client was gone before."""
        await self.flow.drain()
        return not (self._cut or (self._exchange is not None and self._exchange.disconnected))
