"""Calls tools of servers over HTTP, many at once: the lightest client that there can be, in the protocol of 2026.

Run as a program it reads lines of JSON such as `["http://127.0.0.1:80", "search_images", {"query": "a fox #"}, 64, 8]`:
a server, or a list of several that share the calls, a tool, its arguments in which `#` becomes the number of the call,
how many calls, and how many at once. It answers with the seconds that all of them took. Connections are kept.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from collections.abc import Iterator
from itertools import cycle
from typing import Any

from benchmarks.programs import ERAS

_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Caller:
    """Keeps its connections from one lot of calls to the next."""

    def __init__(self) -> None:
        self._idle: dict[str, list[Connection]] = {}

    async def call(
        self, origins: str | list[str], tool: str, arguments: dict[str, Any], calls: int, at_once: int
    ) -> float:
        """Make all calls, and give the seconds that they took."""
        params = {"name": tool, "arguments": arguments, **ERAS["2026"].each}
        text = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params})
        bodies = (text.replace("#", str(number)) for number in range(calls))
        servers = cycle([origins] if isinstance(origins, str) else origins)
        began = time.perf_counter()
        async with asyncio.TaskGroup() as tasks:
            for _ in range(at_once):
                tasks.create_task(self._lane(next(servers), tool, bodies))
        return time.perf_counter() - began

    async def _lane(self, origin: str, tool: str, bodies: Iterator[str]) -> None:
        host, _, port = origin.removeprefix("http://").rpartition(":")
        idle = self._idle.setdefault(origin, [])
        reader, writer = idle.pop() if idle else await asyncio.open_connection(host, int(port))
        for body in bodies:
            writer.write(_request(origin, tool, body))
            answer = await _answer(reader)
            assert b'"result":' in answer, answer
            assert b'"isError":true' not in answer, answer
        idle.append((reader, writer))


def _request(origin: str, tool: str, body: str) -> bytes:
    head = (
        f"POST /mcp HTTP/1.1\r\nHost: {origin.removeprefix('http://')}\r\nContent-Type: application/json\r\n"
        "Accept: application/json, text/event-stream\r\nMCP-Protocol-Version: 2026-07-28\r\n"
        f"Mcp-Method: tools/call\r\nMcp-Name: {tool}\r\nContent-Length: {len(body.encode())}\r\n\r\n"
    )
    return head.encode() + body.encode()


async def _answer(reader: asyncio.StreamReader) -> bytes:
    """Read the body of an answer, whether its length is told or it comes in chunks."""
    head = await reader.readuntil(b"\r\n\r\n")
    if length := _LENGTH.search(head):
        return await reader.readexactly(int(length[1]))
    body = b""
    while size := int(await reader.readline(), 16):
        body += (await reader.readexactly(size + 2))[:-2]
    await reader.readline()
    return body


async def main() -> None:
    """Call until the input ends."""
    caller = Caller()
    for line in sys.stdin:  # nothing else is under way meanwhile
        sys.stdout.write(f"{await caller.call(*json.loads(line))}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main())
