"""A service that is never what one waits for: every request is answered at once with what was prepared.

It speaks two dialects: a search has ten hits, each at an address of this service's own that was never told before, and
a picture is noise of 3.3 MB with bytes of its own, or tiny where the request says so. The hits can be fetched, in part
too. Run as a program it prints its origin.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
from itertools import count
from typing import Any

from benchmarks.pictures import NOISE, SPECK, commented, photograph

TINY = b"a speck"
"""The words in a prompt that ask for a tiny picture."""
HITS = (
    "Red fox walking through fresh snow at dawn",
    "A fox curled up asleep beside a frozen lake",
    "Winter portrait of a red fox, looking into the camera",
    "Fox in deep snow | Free stock photo",
    "Red fox hunting mice under the snow in Yellowstone",
    "雪地里的赤狐, 冬天的森林",
    "Two young foxes playing on a snowy hill",
    "Vulpes vulpes in its winter coat – wildlife photography",
    "Snowflakes on the nose of a fox",
    "Fox on a mountain meadow, first snow of the year",
)
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_RANGE = re.compile(rb"range: *bytes=(\d+)-(\d+)", re.IGNORECASE)
_NUMBER = "0000000"
_HOLE = b"@picture@"


class Prepared:
    """All answers, as pieces of bytes."""

    def __init__(self, origin: str) -> None:
        self._search = _search(origin)
        self._picture = _picture()
        self._numbers = count(1)
        photo = photograph(640, 480)
        self._photos = [commented(photo, title) for title in HITS]

    def answer(self, head: bytes, body: bytes) -> list[bytes]:
        """Answer a request."""
        method, target, _ = head.split(b" ", 2)
        if method == b"GET":
            return self._photo(int(target.rpartition(b"-")[2].partition(b".")[0]), _RANGE.search(head))
        number = next(self._numbers)
        if b'"image_generation"' not in body:
            return _whole(b"text/event-stream", self._search.replace(_NUMBER.encode(), b"%07d" % number))
        code = (SPECK if TINY in body else NOISE).encoded(f"{number}")
        pieces: list[bytes] = []
        for piece in self._picture.replace(_NUMBER.encode(), b"%07d" % number).split(_HOLE):
            pieces += [*code, piece] if pieces else [piece]
        return _whole(b"text/event-stream", *pieces)

    def _photo(self, number: int, wanted: re.Match[bytes] | None) -> list[bytes]:
        photo = self._photos[number]
        if wanted is None:
            return _whole(b"image/jpeg", photo)
        first, last = int(wanted[1]), min(int(wanted[2]), len(photo) - 1)
        told = b"content-range: bytes %d-%d/%d\r\n" % (first, last, len(photo))
        return _whole(b"image/jpeg", photo[first : last + 1], status=b"206 Partial Content", more=told)


def _whole(kind: bytes, *pieces: bytes, status: bytes = b"200 OK", more: bytes = b"") -> list[bytes]:
    length = sum(map(len, pieces))
    return [b"HTTP/1.1 %b\r\ncontent-type: %b\r\ncontent-length: %d\r\n%b\r\n" % (status, kind, length, more), *pieces]


def _search(origin: str) -> bytes:
    hits = [
        {"title": title, "url": f"{origin}/photos/{_NUMBER}/{_slug(title)}-{number}.jpg", "index": number + 1}
        for number, title in enumerate(HITS)
    ]
    item = {"id": "msg_c1", "type": "web_search_image_call", "name": "web_search_image", "status": "completed"}
    item |= {"arguments": json.dumps({"queries": ["fox in snow", "red fox winter"]}), "output": json.dumps(hits)}
    message: dict[str, Any] = {"id": "msg_m1", "type": "message", "role": "assistant", "status": "completed"}
    message |= {"content": [{"type": "output_text", "text": "Ten pictures of foxes.", "annotations": []}]}
    usage = {"input_tokens": 4326, "output_tokens": 645, "total_tokens": 4971}
    return _stream([item, message], {"usage": usage | {"x_tools": {"web_search_image": {"count": 1}}}})


def _picture() -> bytes:
    item = {"id": f"ig_{_NUMBER}", "type": "image_generation_call", "status": "completed", "action": "generate"}
    item |= {"background": "opaque", "output_format": "png", "quality": "low", "size": "1024x1024"}
    details = {"image_tokens": 0, "text_tokens": 20}
    painted = {"input_tokens": 20, "input_tokens_details": details, "output_tokens": 296, "total_tokens": 316}
    usage = {"input_tokens": 300, "output_tokens": 40, "total_tokens": 340}
    done = {"usage": usage, "tool_usage": {"image_gen": painted}}
    return _stream([item | {"result": _HOLE.decode()}], done)


def _stream(output: list[dict[str, Any]], done: dict[str, Any]) -> bytes:
    """Set a response as events."""
    begun: dict[str, Any] = {"id": f"resp_{_NUMBER}", "object": "response", "status": "in_progress", "output": []}
    events: list[dict[str, Any]] = [{"type": "response.created", "response": begun}]
    for place, item in enumerate(output):
        short = {name: value for name, value in item.items() if name in ("id", "type")} | {"status": "in_progress"}
        events += [
            {"type": "response.output_item.added", "output_index": place, "item": short},
            {"type": "response.output_item.done", "output_index": place, "item": item},
        ]
    events.append({"type": "response.completed", "response": begun | {"status": "completed", "output": output} | done})
    numbered = (one | {"sequence_number": number} for number, one in enumerate(events))
    return "".join(f"event: {one['type']}\ndata: {json.dumps(one)}\n\n" for one in numbered).encode()


def _slug(title: str) -> str:
    return "-".join(re.findall(r"[a-z]+", title.lower())) or "fox"


class Answering(asyncio.Protocol):
    """One connection, which is kept open from request to request."""

    def __init__(self, prepared: Prepared) -> None:
        self._prepared = prepared
        self._kept = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._kept += data
        while (end := self._kept.find(b"\r\n\r\n")) >= 0:
            length = _LENGTH.search(self._kept, 0, end)
            whole = end + 4 + (int(length[1]) if length else 0)
            if len(self._kept) < whole:
                return
            head, body = self._kept[:end], self._kept[end + 4 : whole]
            self._kept = self._kept[whole:]
            assert self._transport is not None
            self._transport.writelines(self._prepared.answer(head, body))


async def serve() -> None:
    """Serve on a free port of loopback until the process is ended."""
    prepared: list[Prepared] = []
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Answering(prepared[0]), "127.0.0.1", 0, backlog=256)
    host, port = server.sockets[0].getsockname()
    prepared.append(Prepared(f"http://{host}:{port}"))
    sys.stdout.write(f"http://{host}:{port}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve())
