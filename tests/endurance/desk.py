"""A service that answers at once with what was prepared, over lines that it keeps: searches, pictures, descriptions."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from typing import Any

import anyio
from anyio.abc import SocketStream
from PIL import Image

from endurance.studio import GONE, SMALL_CANVAS
from loopback import listening

SLOW = "slowly"
"""The word in a call that lets its answer wait for a moment, so that it can be cancelled."""
SLOW_SECONDS = 0.1
HITS = 6
SHOWN = 60
"""How many pictures there are to be found."""
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_PICTURE = re.compile(r"/pictures/(\d+)\.\w+")
_USAGE: dict[str, Any] = {"input_tokens": 300, "output_tokens": 40, "total_tokens": 340}


@cache
def picture(number: int) -> bytes:
    """Give a small picture; one in three is a WebP."""
    data = BytesIO()
    Image.new("RGB", (96 + number, 72), (4 * number, 90, 40)).save(data, "WEBP" if number % 3 == 0 else "PNG")
    return data.getvalue()


@dataclass
class Desk:
    """Answers whatever is asked, and counts what would have been paid for, whose bodies `hear` is told."""

    hear: Callable[[bytes], None] = lambda _: None
    port: int = 0
    posts: int = 0

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def address(self, number: int) -> str:
        return f"{self.origin}/pictures/{number % SHOWN}.{'webp' if number % SHOWN % 3 == 0 else 'png'}"

    async def serve(self, stream: SocketStream) -> None:
        with suppress(*GONE):
            async with stream:
                kept = b""
                while True:
                    kept = await self._answer(stream, kept)

    async def _answer(self, stream: SocketStream, kept: bytes) -> bytes:
        while (end := kept.find(b"\r\n\r\n")) < 0:
            kept += await stream.receive()
        length = _LENGTH.search(kept, 0, end)
        whole = end + 4 + (int(length[1]) if length else 0)
        while len(kept) < whole:
            kept += await stream.receive()
        method, target, _ = kept[:end].decode().split(" ", 2)
        body = kept[end + 4 : whole]
        if found := _PICTURE.match(target):
            await _send(stream, "application/octet-stream", picture(int(found[1])) if method == "GET" else b"")
        elif target.endswith("/cancel"):
            await _send(stream, "application/json", b'{"status": "cancelled"}')
        else:
            self.hear(body)
            if SLOW.encode() in body:
                await anyio.sleep(SLOW_SECONDS)
            await _send(stream, "text/event-stream", self._events(json.loads(body)))
        return kept[whole:]

    def _events(self, body: dict[str, Any]) -> bytes:
        self.posts += 1
        item, usage = self._item(body)
        message: dict[str, Any] = {"id": "msg", "type": "message", "status": "completed", "role": "assistant"}
        message["content"] = [{"type": "output_text", "text": "A teal square.", "annotations": []}]
        output = [item, message] if item else [message]
        response: dict[str, Any] = {
            "id": f"resp_{self.posts}",
            "object": "response",
            "status": "in_progress",
            "output": [],
        }
        events: list[dict[str, Any]] = [{"type": "response.created", "response": response}]
        events += [
            {"type": "response.output_item.done", "output_index": place, "item": one}
            for place, one in enumerate(output)
        ]
        done = response | {"status": "completed", "output": output, "usage": _USAGE} | usage
        events.append({"type": "response.completed", "response": done})
        numbered = (one | {"sequence_number": number} for number, one in enumerate(events))
        return b"".join(f"event: {one['type']}\ndata: {json.dumps(one)}\n\n".encode() for one in numbered)

    def _item(self, body: dict[str, Any]) -> tuple[dict[str, Any] | None, dict[str, Any]]:
        tool = body["tools"][0]["type"] if body.get("tools") else ""
        if tool == "image_generation":
            item = {"id": f"ig_{self.posts}", "type": "image_generation_call", "status": "completed"}
            item |= {"result": b"".join(SMALL_CANVAS.encoded(f"{self.posts}")).decode(), "output_format": "png"}
            details = {"image_tokens": 0, "text_tokens": 20}
            painted = {"input_tokens": 20, "input_tokens_details": details, "output_tokens": 200, "total_tokens": 220}
            return item, {"tool_usage": {"image_gen": painted}}
        if tool:
            hits = [
                {"title": f"Picture {number}", "url": self.address(number), "index": number}
                for number in range(self.posts, self.posts + HITS)
            ]
            item = {"id": f"c_{self.posts}", "type": f"{tool}_call", "name": tool, "status": "completed"}
            item |= {"arguments": '{"queries": ["a fox"]}', "output": json.dumps(hits)}
            return item, {"usage": _USAGE | {"x_tools": {tool: {"count": 1}}}}
        return None, {}


async def _send(stream: SocketStream, content_type: str, body: bytes) -> None:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
    await stream.send(head.encode() + body)


@asynccontextmanager
async def open_desk(hear: Callable[[bytes], None] = lambda _: None) -> AsyncGenerator[Desk]:
    """Open a desk on a free port of loopback."""
    desk = Desk(hear)
    async with listening(desk.serve) as desk.port:
        yield desk
