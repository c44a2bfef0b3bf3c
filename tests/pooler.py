"""A pooler in front of PostgreSQL, as strict as PgBouncer in transaction mode, whose wires a test can cut.

Every transaction is given another connection to the database than the one before: what a client leaves on one, be it a
setting, a lock or a prepared statement, it never finds again.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import anyio
from anyio.abc import ByteStream
from anyio.streams.buffered import BufferedByteReceiveStream

from loopback import listening

if TYPE_CHECKING:
    from databases import Postgres

NOT_NOW = {80_877_103, 80_877_104}  # requests for encryption
GONE = (anyio.BrokenResourceError, anyio.ClosedResourceError, anyio.EndOfStream, anyio.IncompleteRead, OSError)
READY = b"Z"
COMMITTED = b"C\x00\x00\x00\x0bCOMMIT"
ASKS = (b"Q", b"S")
"""The messages of a client that the database answers by saying that it is ready again."""


@dataclass(eq=False)
class UnixStream(ByteStream):
    """A connection to a Unix socket by asyncio: anyio's own breaks where it is cut while something arrives."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def receive(self, max_bytes: int = 65_536) -> bytes:
        data = await self.reader.read(max_bytes)
        if not data:
            raise anyio.EndOfStream
        return data

    async def send(self, item: bytes) -> None:
        self.writer.write(item)
        await self.writer.drain()

    async def send_eof(self) -> None:
        self.writer.write_eof()

    async def aclose(self) -> None:
        self.writer.close()


@dataclass(eq=False)
class Wire:
    """One side's connection, read message by message."""

    stream: ByteStream
    reading: BufferedByteReceiveStream = field(init=False)

    def __post_init__(self) -> None:
        self.reading = BufferedByteReceiveStream(self.stream)

    async def message(self) -> tuple[bytes, bytes]:
        """Give the type of the next message, and all of it."""
        head = await self.reading.receive_exactly(5)
        return head[:1], head + await self.reading.receive_exactly(int.from_bytes(head[1:], "big") - 4)

    async def send(self, data: bytes) -> None:
        await self.stream.send(data)

    async def close(self) -> None:
        with suppress(*GONE):
            await anyio.aclose_forcefully(self.stream)


@dataclass
class Pooler:
    """Where it listens, and what it does to its clients.

    Attributes:
        transactions: How many there were.
        away: Whether the database can't be reached.
        lose_commits: How many commits are carried out whose clients never hear of it.
        goes_with_them: Whether the database is away from then on.
    """

    postgres: Postgres
    port: int = 0
    transactions: int = 0
    away: bool = False
    lose_commits: int = 0
    goes_with_them: bool = False
    _idle: list[Wire] = field(default_factory=list[Wire])
    _open: set[Wire] = field(default_factory=set[Wire])

    @property
    def url(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{self.postgres.name}"

    async def cut(self) -> None:
        """Break every connection, to clients and to the database."""
        self._idle.clear()
        for wire in tuple(self._open):
            await wire.close()

    async def serve(self, stream: ByteStream) -> None:
        client = Wire(stream)
        self._open.add(client)
        with suppress(*GONE):
            if not self.away:
                await self._greet(client)
                while True:
                    await self._transaction(client)
        self._open.discard(client)
        await client.close()

    async def _greet(self, client: Wire) -> None:
        """Open one more connection to the database, for whoever needs one, and pass its greeting on."""
        while True:
            size = await client.reading.receive_exactly(4)
            startup = size + await client.reading.receive_exactly(int.from_bytes(size, "big") - 4)
            if int.from_bytes(startup[4:8], "big") not in NOT_NOW:
                break
            await client.send(b"N")
        backend = Wire(UnixStream(*await asyncio.open_unix_connection(self.postgres.socket)))
        self._open.add(backend)
        await backend.send(startup)
        kind = b""
        while kind != READY:
            kind, data = await backend.message()
            await client.send(data)
        self._idle.append(backend)

    async def _transaction(self, client: Wire) -> None:
        """Pass on what is asked and answered, on one connection to the database, until it is in no transaction."""
        asked = await client.message()
        if asked[0] == b"X" or not self._idle:  # a client that was cut off may have taken one with it
            raise anyio.EndOfStream
        backend = self._idle.pop(0)
        self.transactions += 1
        state = b""
        while state != b"I":
            await backend.send(asked[1])
            state = await self._answers(backend, client) if asked[0] in ASKS else b""
            if state != b"I":
                asked = await client.message()
        self._idle.append(backend)

    async def _answers(self, backend: Wire, client: Wire) -> bytes:
        """Pass on what the database answers until it is ready again, and give whether it is in a transaction."""
        while True:
            kind, data = await backend.message()
            if self.lose_commits and data.startswith(COMMITTED):
                self.lose_commits -= 1
                self.away = self.away or self.goes_with_them
                raise anyio.EndOfStream
            await client.send(data)
            if kind == READY:
                return data[5:]


@asynccontextmanager
async def pooling(postgres: Postgres) -> AsyncGenerator[Pooler]:
    pooler = Pooler(postgres)
    async with listening(pooler.serve) as pooler.port:
        yield pooler
        await pooler.cut()
