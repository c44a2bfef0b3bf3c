"""A service on loopback that answers by script, byte for byte, and remembers what it was asked."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import anyio
import anyio.lowlevel
from anyio.abc import SocketStream
from anyio.streams.buffered import BufferedByteReceiveStream
from pydantic import SecretStr

from lightbox.errors import UpstreamError
from lightbox.providers.adapter import Adapter, Retries
from lightbox.providers.connection import Timeouts
from lightbox.providers.endpoint import Endpoint
from lightbox.providers.roster import PROVIDERS
from lightbox.providers.updates import Update

KEY = "sk-test-0123456789abcdefghij"

EXAMPLES = Path(__file__).parents[1] / "wire" / "examples"

Step: TypeAlias = bytes | Callable[[], Awaitable[object]]
"""Bytes to send, or something to wait for before going on."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it arrived."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def line(self) -> str:
        return f"{self.method} {self.target}"


@dataclass(slots=True)
class Service:
    """Gives the next of its answers to each request; the last is given again and again."""

    port: int = 0
    answers: list[list[Step]] = field(default_factory=list[list[Step]])
    asked: list[Asked] = field(default_factory=list[Asked])
    keeps_lines: bool = False
    """Whether a connection is kept for further requests; answers must then say where they end."""
    lines: int = 0
    """How many connections were opened."""
    gone: anyio.Event = field(default_factory=anyio.Event)
    """Set when a client has hung up before its answer was complete."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def posts(self) -> int:
        return sum(asked.method == "POST" for asked in self.asked)

    def answer(self, *steps: Step) -> None:
        self.answers.append(list(steps))

    def steps(self, asked: Asked) -> list[Step]:
        """Choose what a request is answered with."""
        del asked
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    async def _answer(self, stream: SocketStream) -> None:
        asked = await _receive(stream)
        self.asked.append(asked)
        for step in self.steps(asked):
            if isinstance(step, bytes):
                await stream.send(step)
            elif self.keeps_lines:
                await step()
            else:
                await _unless_gone(stream, step)

    async def serve(self, stream: SocketStream) -> None:
        self.lines += 1
        async with stream:
            try:
                await self._answer(stream)
                while self.keeps_lines:
                    await self._answer(stream)
            except (anyio.BrokenResourceError, anyio.EndOfStream, anyio.IncompleteRead):
                self.gone.set()

    @staticmethod
    def head(status: int = 200, content_type: str = "text/event-stream", **headers: str | int) -> bytes:
        """Give a response's head; what follows ends with the connection unless it says otherwise."""
        fields = {"Content-Type": content_type, "Connection": "close", **headers}
        lines = [f"{name.replace('_', '-')}: {value}" for name, value in fields.items()]
        return f"HTTP/1.1 {status} Whatever\r\n".encode() + "\r\n".join([*lines, "", ""]).encode()

    @classmethod
    def body(cls, value: object, status: int = 200, **headers: str | int) -> bytes:
        """Give a whole JSON answer."""
        data = value if isinstance(value, bytes) else json.dumps(value).encode()
        return cls.head(status, "application/json", Content_Length=len(data), **headers) + data

    @classmethod
    def stream(cls, *pieces: bytes, cut: bool = False) -> bytes:
        """Give a stream in chunks; one that is `cut` lacks the last chunk, so that the line has broken."""
        chunks = [b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces]
        return cls.head(Transfer_Encoding="chunked") + b"".join(chunks) + (b"" if cut else b"0\r\n\r\n")

    @staticmethod
    def frame(event: dict[str, Any]) -> bytes:
        """Frame an event as SSE."""
        return b"event: %b\ndata: %b\n\n" % (event["type"].encode(), json.dumps(event).encode())

    @staticmethod
    def example(name: str) -> bytes:
        return (EXAMPLES / name).read_bytes()

    @classmethod
    def frames(cls, name: str) -> list[bytes]:
        """Give an example's stream, one frame at a time."""
        return cls.split(cls.example(name))

    @staticmethod
    def split(stream: bytes) -> list[bytes]:
        """Give the frames of a stream."""
        return [frame + b"\n\n" for frame in stream.split(b"\n\n") if frame.strip()]


async def _unless_gone(stream: SocketStream, step: Callable[[], Awaitable[object]]) -> None:
    """Wait for a step, but not for one whose client has hung up.

    Raises:
        anyio.EndOfStream: It has.
    """
    gone = False
    async with anyio.create_task_group() as tasks:

        async def watch() -> None:
            nonlocal gone
            with suppress(anyio.BrokenResourceError, anyio.EndOfStream):
                while True:
                    await stream.receive()
            gone = True
            tasks.cancel_scope.cancel()

        tasks.start_soon(watch)
        await step()
        tasks.cancel_scope.cancel()
    if gone:
        raise anyio.EndOfStream


async def _receive(stream: SocketStream) -> Asked:
    buffered = BufferedByteReceiveStream(stream)
    head = (await buffered.receive_until(b"\r\n\r\n", 1 << 20)).decode()
    first, *lines = head.split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    method, target, _ = first.split(" ")
    body = await buffered.receive_exactly(int(headers.get("content-length", "0")))
    return Asked(method, target, headers, body)


@dataclass(frozen=True, slots=True)
class Told:
    """What a call told, and the error that it ended with, if any."""

    updates: list[Update]
    error: Exception | None

    @property
    def names(self) -> list[str]:
        return [type(update).__name__ for update in self.updates]


@dataclass(slots=True)
class Bench:
    """Adapters before a scripted service. They wait without waiting; `slept` holds how long they meant to."""

    service: Service
    slept: list[float] = field(default_factory=list[float])
    adapters: list[Adapter] = field(default_factory=list[Adapter])

    def adapter(
        self, provider: str, *, store: bool = False, key: str = KEY, base_url: str | None = None, read: float = 20.0
    ) -> Adapter:
        endpoint = Endpoint(provider=provider, base_url=base_url or self.service.url, key=SecretStr(key))
        adapter = Adapter(
            endpoint,
            PROVIDERS[provider].dialect,
            store=store,
            sleep=self._sleep,
            timeouts=Timeouts(connect=5, read=read),
            retries=Retries(chance=lambda: 0.0),
        )
        self.adapters.append(adapter)
        return adapter

    async def collect(self, updates: AsyncGenerator[Update]) -> Told:
        told: list[Update] = []
        try:
            async with aclosing(updates):
                async for update in updates:
                    told.append(update)  # noqa: PERF401 - what came before an error is wanted too
        except UpstreamError as error:
            return Told(told, error)
        return Told(told, None)

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await anyio.lowlevel.checkpoint()
