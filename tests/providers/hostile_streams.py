"""Reads lying streams side by side and prints the most memory that it took: run as a process of its own.

Arguments: the origin of the scripted service, then the names of the shapes to read.
"""

from __future__ import annotations

import sys
from contextlib import aclosing
from pathlib import Path

import anyio

from lightbox.errors import UpstreamError
from lightbox.providers.adapter import Adapter
from lightbox.providers.calls import Call, GenerateCall, SearchCall
from lightbox.providers.endpoint import Endpoint
from lightbox.providers.roster import PROVIDERS

SEARCH = SearchCall(model="qwen3.7-plus", query="cats")
GENERATE = GenerateCall(model="gpt-6.1-sol", image_model="gpt-image-2.5-sunburst", prompt="a cat")


async def read(origin: str, shape: str) -> None:
    provider, call = ("dashscope", SEARCH) if shape.startswith("search") else ("openai", GENERATE)
    adapter = Adapter(Endpoint(provider=provider, base_url=f"{origin}/{shape}"), PROVIDERS[provider].dialect)
    print(shape, await _end(adapter, call), flush=True)  # noqa: T201 - its answer
    await adapter.aclose()


async def _end(adapter: Adapter, call: Call) -> str:
    told = 0
    try:
        async with aclosing(adapter.stream(call)) as updates:
            async for _ in updates:
                told += 1
    except UpstreamError as error:
        return f"{told} {type(error).__name__}: {error}"
    return f"{told} well"


async def main(origin: str, shapes: list[str]) -> None:
    async with anyio.create_task_group() as tasks:
        for shape in shapes:
            tasks.start_soon(read, origin, shape)


if __name__ == "__main__":
    anyio.run(main, sys.argv[1], sys.argv[2:])
    status = Path("/proc/self/status").read_text()
    print(next(line for line in status.splitlines() if line.startswith("VmHWM")))  # noqa: T201 - its answer
