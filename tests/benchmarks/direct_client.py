"""The floors: the same work done directly, without any server between. Each line asks for one piece of work.

Run as a program it takes the service's origin and a folder, reads lines of JSON such as `["search"]`, and answers each
with the seconds that the work took.
"""

from __future__ import annotations

import asyncio
import base64
import io
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx2
from PIL import Image

PROBE = {"Range": "bytes=0-32767"}
DRAFT = (256, 256)
"""The size in px in which a sheet needs a picture at most."""


class Direct:
    """Does the work over connections that are kept."""

    def __init__(self, http: httpx2.AsyncClient, origin: str, folder: Path) -> None:
        self._http = http
        self._origin = origin
        self._folder = folder
        self._hits: list[str] = []
        self._made = 0

    async def search(self) -> None:
        """Stream one search, and read its events."""
        body: dict[str, Any] = {"model": "qwen3.7-plus", "input": "a fox", "stream": True}
        items = await self._stream("/compatible-mode/v1/responses", body | {"tools": [{"type": "web_search_image"}]})
        self._hits = [hit["url"] for hit in json.loads(items[0]["output"])]

    async def probe(self) -> float:
        """Get the beginning of each hit of the last search, all at once; give how long the slowest took."""

        async def one(url: str) -> float:
            began = time.perf_counter()
            answer = await self._http.get(url, headers=PROBE)
            assert answer.status_code == 206, answer.status_code
            return time.perf_counter() - began

        return max(await asyncio.gather(*map(one, self._hits)))

    async def generate(self) -> None:
        """Stream one picture, decode it, and write it so that it is safe on the disk."""
        body: dict[str, Any] = {"model": "gpt-6.1-sol", "input": "a fox", "stream": True}
        [item] = await self._stream("/v1/responses", body | {"tools": [{"type": "image_generation"}]})
        self._made += 1
        with (self._folder / f"direct-{self._made}.png").open("wb") as file:
            file.write(base64.b64decode(item["result"]))
            file.flush()
            os.fsync(file.fileno())

    async def draft(self, *paths: str) -> None:
        """Decode pictures at reduced scale, one after the other."""
        for path in paths:
            with Image.open(path) as picture:
                picture.draft("RGB", DRAFT)
                picture.load()

    async def preview(self, path: str) -> None:
        """Decode a picture, make it smaller, and encode it, once."""
        with Image.open(path) as picture:
            picture.thumbnail((768, 768), Image.Resampling.LANCZOS)
            data = io.BytesIO()
            picture.save(data, "JPEG", quality=80)
        base64.b64encode(data.getvalue())

    async def _stream(self, path: str, body: dict[str, Any]) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = []
        async with self._http.stream("POST", self._origin + path, json=body) as answer:
            async for line in answer.aiter_lines():
                if line.startswith("data:"):
                    event = json.loads(line.removeprefix("data:"))
                    if event["type"] == "response.output_item.done":
                        items.append(event["item"])
        return items


async def main(origin: str, folder: Path) -> None:
    """Work until the input ends."""
    async with httpx2.AsyncClient(trust_env=False, timeout=60) as http:
        direct = Direct(http, origin, folder)
        for line in sys.stdin:  # nothing else is under way meanwhile
            name, *arguments = json.loads(line)
            work: Callable[..., Awaitable[float | None]] = getattr(direct, name)
            began = time.perf_counter()
            own = await work(*arguments)
            sys.stdout.write(f"{time.perf_counter() - began if own is None else own}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
