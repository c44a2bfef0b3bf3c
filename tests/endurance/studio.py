"""A service that paints in the background, as OpenAI's does: what was asked for is made, whoever still listens.

Each picture is made once for each request that came in. A response can be asked for again by its id, and its stream be
taken up behind any event.
"""

from __future__ import annotations

import json
import re
import struct
import zlib
from base64 import b64encode
from collections import Counter
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from random import Random
from typing import Any, Literal

import anyio
from anyio.abc import SocketStream

from loopback import listening

Moment = Literal["asked", "named", "half done", "made", "ended", "answered"]
"""What has just happened to a request: it came in; it has its name; a first look, the picture, all of it is sent; or
who asked for it has the answer."""

MOMENTS: tuple[Moment, ...] = ("asked", "named", "half done", "made", "ended", "answered")
GONE = (anyio.BrokenResourceError, anyio.ClosedResourceError, anyio.EndOfStream, anyio.IncompleteRead, OSError)
LARGE = "large"
"""The word in a prompt that asks for a picture of 20 MB."""
LARGE_SIDE = 2_580
SMALL_SIDE = 40
PAUSES = {"asked": 0.06, "named": 0.04, "half done": 0.08, "made": 0.04, "ended": 0.01}
"""How long each step takes at most, in seconds."""
USAGE = {"input_tokens": 100, "output_tokens": 10, "total_tokens": 110}
FEWEST_TOKENS = 200

_TARGET = re.compile(r"/v1/responses(?:/(?P<id>\w+))?(?:\?(?P<query>\S*))?$")
_AFTER = re.compile(r"starting_after=(\d+)")
_HOLE = "@"
_PIECE = 1 << 20


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


@dataclass(frozen=True)
class Canvas:
    """A PNG of noise with room for a word, so that every picture has bytes of its own, and is quickly made."""

    side: int

    @cached_property
    def _begin(self) -> bytes:
        return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", struct.pack(">IIBBBBB", self.side, self.side, 8, 2, 0, 0, 0))

    @cached_property
    def _rest(self) -> bytes:
        row = 3 * self.side
        noise = Random(self.side).randbytes(self.side * row)  # noqa: S311 - no secret
        rows = b"".join(b"\0" + noise[start : start + row] for start in range(0, len(noise), row))
        return _chunk(b"IDAT", zlib.compress(rows, 0)) + _chunk(b"IEND", b"")

    @cached_property
    def _rest_encoded(self) -> bytes:
        return b64encode(self._rest)

    def _named(self, name: str) -> bytes:
        begin = self._begin + _chunk(b"tEXt", b"Comment\0" + name.encode().ljust(40)[:40])
        assert len(begin) % 3 == 0  # else the code of the rest would not be that of the rest by itself
        return begin

    def encoded(self, name: str) -> list[bytes]:
        """Give the picture that bears a name as base64, in two pieces."""
        return [b64encode(self._named(name)), self._rest_encoded]

    def sha256(self, name: str) -> str:
        digest = sha256(self._named(name))
        digest.update(self._rest)
        return digest.hexdigest()


SMALL_CANVAS, LARGE_CANVAS = Canvas(SMALL_SIDE), Canvas(LARGE_SIDE)


@dataclass
class Work:
    """One request that came in, and what is made of it. What it costs depends on its number alone."""

    number: int
    prompt: str
    began: float
    pauses: Random

    @property
    def id(self) -> str:
        return f"resp_{self.number:05}"

    @property
    def canvas(self) -> Canvas:
        return LARGE_CANVAS if LARGE in self.prompt else SMALL_CANVAS

    @property
    def tokens(self) -> int:
        """The output tokens of its picture, as its usage tells."""
        return FEWEST_TOKENS + self.number

    @cached_property
    def sha256(self) -> str:
        return self.canvas.sha256(self.id)

    @cached_property
    def events(self) -> list[tuple[float, Moment | None, dict[str, Any], Canvas | None]]:
        """Every event: when it is due, what it brings about, its fields, and the picture that belongs in its hole."""
        item = {"id": f"ig_{self.number}", "type": "image_generation_call", "status": "in_progress"}
        done = item | {"status": "completed", "action": "generate", "size": "1024x1024", "quality": "low"}
        done |= {"output_format": "png", "background": "opaque", "result": _HOLE}
        place = {"output_index": 0, "item_id": item["id"]}
        partial = {"partial_image_index": 0, "partial_image_b64": _HOLE, **place}
        told: list[tuple[Moment | None, str, dict[str, Any], Canvas | None]] = [
            (None, "created", {"response": self.response("in_progress")}, None),
            ("named", "in_progress", {"response": self.response("in_progress")}, None),
            (None, "output_item.added", {"output_index": 0, "item": item}, None),
            (None, "image_generation_call.generating", place, None),
            ("half done", "image_generation_call.partial_image", partial, SMALL_CANVAS),
            ("made", "output_item.done", {"output_index": 0, "item": done}, self.canvas),
            ("ended", "completed", {"response": self.response("completed", done)}, self.canvas),
        ]
        due, events = self.began, list[tuple[float, Moment | None, dict[str, Any], Canvas | None]]()
        due += self.pauses.uniform(0, PAUSES["asked"])
        for number, (moment, name, fields, canvas) in enumerate(told):
            due += self.pauses.uniform(0, PAUSES[moment]) if moment else 0
            events.append((due, moment, {"type": f"response.{name}", "sequence_number": number} | fields, canvas))
        return events

    def response(self, status: str, *output: dict[str, Any]) -> dict[str, Any]:
        told: dict[str, Any] = {"id": self.id, "object": "response", "status": status, "output": list(output)}
        if status == "completed":
            details = {"image_tokens": 0, "text_tokens": 20}
            painted = {"input_tokens": 20, "input_tokens_details": details, "output_tokens": self.tokens}
            told |= {"usage": USAGE, "tool_usage": {"image_gen": painted | {"total_tokens": 20 + self.tokens}}}
        return told

    def pieces(self, fields: dict[str, Any], canvas: Canvas | None) -> Iterator[bytes]:
        """Give JSON in pieces; the hole in it is filled with a picture."""
        text = json.dumps(fields).encode()
        if canvas is None:
            yield text
            return
        before, _, after = text.partition(_HOLE.encode())
        yield before
        for code in canvas.encoded(self.id if canvas is self.canvas else f"{self.id}, half done"):
            for start in range(0, len(code), _PIECE):
                yield code[start : start + _PIECE]
        yield after


@dataclass
class Studio:
    """Answers `POST /v1/responses` and every question about a response by its id.

    Attributes:
        works: Everything that came in, which is what would be paid for.
        asked_again: How often a response was asked for by its id.
    """

    seed: int
    port: int = 0
    works: list[Work] = field(default_factory=list[Work])
    asked_again: int = 0
    _times: Counter[str] = field(default_factory=Counter[str])
    _happened: dict[Moment, anyio.Event] = field(default_factory=dict[Moment, anyio.Event])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def of(self, prompt: str) -> list[Work]:
        return [work for work in self.works if work.prompt == prompt]

    async def next(self, moment: Moment) -> None:
        """Wait until this happens to any request, from now on."""
        await self._happened.setdefault(moment, anyio.Event()).wait()

    async def serve(self, stream: SocketStream) -> None:
        with suppress(*GONE):
            async with stream:
                head, body = await _request(stream)
                method, target, _ = head.split(" ", 2)
                found = _TARGET.search(target)
                if method == "POST" and found and not found["id"]:
                    work = self._begin(json.loads(body))
                    self.happens("asked")
                    await self._stream(stream, work, -1)
                elif found and (known := [work for work in self.works if work.id == found["id"]]):
                    self.asked_again += 1
                    after = _AFTER.search(found["query"] or "")
                    await self._stream(stream, known[0], int(after[1]) if after else -1)
                else:
                    await stream.send(_head(404, "application/json") + b'{"error": {"message": "not found"}}')

    def _begin(self, body: dict[str, Any]) -> Work:
        assert body["background"]
        assert body["store"]
        prompt = body["input"] if isinstance(body["input"], str) else body["input"][0]["content"][0]["text"]
        self._times[prompt] += 1
        pauses = Random(f"{self.seed} {prompt} {self._times[prompt]}")  # noqa: S311 - no secret
        self.works.append(Work(len(self.works) + 1, prompt, anyio.current_time(), pauses))
        return self.works[-1]

    async def _stream(self, stream: SocketStream, work: Work, after: int) -> None:
        await stream.send(_head(200, "text/event-stream"))
        for due, moment, fields, canvas in work.events[after + 1 :]:
            await anyio.sleep_until(due)
            await stream.send(f"event: {fields['type']}\ndata: ".encode())
            for piece in work.pieces(fields, canvas):
                await stream.send(piece)
            await stream.send(b"\n\n")
            if moment:
                self.happens(moment)

    def happens(self, moment: Moment) -> None:
        """Wake whoever waits for this."""
        if event := self._happened.pop(moment, None):
            event.set()


def _head(status: int, content_type: str) -> bytes:
    return f"HTTP/1.1 {status} Whatever\r\nContent-Type: {content_type}\r\nConnection: close\r\n\r\n".encode()


async def _request(stream: SocketStream) -> tuple[str, bytes]:
    data = b""
    while b"\r\n\r\n" not in data:
        data += await stream.receive()
    head, _, body = data.partition(b"\r\n\r\n")
    length = re.search(rb"content-length: *(\d+)", head, re.IGNORECASE)
    while len(body) < (int(length[1]) if length else 0):
        body += await stream.receive()
    return head.decode(), body


@asynccontextmanager
async def open_studio(seed: int) -> AsyncGenerator[Studio]:
    """Open a studio on a free port of loopback."""
    studio = Studio(seed, port=0)
    async with listening(studio.serve) as studio.port:
        yield studio
