"""How many searches at once the server carries, against a naive forwarder on the same SDK in the same run."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
import pytest

if TYPE_CHECKING:
    from mcp import Client
    from tests.conftest import Connect, HTTPProcess, MakeSettings, Show

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent
STREAM = HERE.parent / "wire/examples/dashscope_search.sse"
CLIENTS = 8
AT_ONCE = 8
"""How many calls each client makes at once."""
CALLS = 128
ROUNDS = 3


@contextmanager
def program(name: str, *arguments: str) -> Generator[str]:
    """Run one of the programs beside this file; gives the origin that it prints."""
    command = [sys.executable, str(HERE / name), *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


async def calls_per_second(clients: list[Client], name: str, calls: int) -> float:
    """Make so many searches, each with words of its own, always as many at once as clients and lanes allow."""
    numbers = iter(range(calls))

    async def lane(client: Client) -> None:
        for number in numbers:
            result = await client.call_tool("search_images", {"query": f"{name} {number}"} | UNCHECKED[name[:5]])
            assert not result.is_error, result.content

    began = time.perf_counter()
    async with anyio.create_task_group() as tasks:
        for client in clients * AT_ONCE:
            tasks.start_soon(lane, client)
    return calls / (time.perf_counter() - began)


UNCHECKED: dict[str, dict[str, bool]] = {"naive": {}, "light": {"check": False}}


async def test_64_searches_at_once_against_a_naive_forwarder(
    settings: MakeSettings, connect: Connect, http_process: HTTPProcess, show: Show
) -> None:
    rates: dict[str, list[float]] = {"naive forwarder": [], "lightbox": []}
    with program("prepared_service.py", str(STREAM)) as service:
        base_url = f"{service}/compatible-mode/v1"
        made = settings(dashscope_base_url=base_url, search_provider="dashscope")
        with program("naive_forwarder.py", base_url) as naive, http_process(made) as ours:
            async with AsyncExitStack() as closing:
                clients = {
                    name: [await closing.enter_async_context(connect(made, "http", url=origin)) for _ in range(CLIENTS)]
                    for name, origin in (("naive forwarder", naive), ("lightbox", ours))
                }
                for turn in range(-1, ROUNDS):  # in turn, so that a busy moment of the machine meets both
                    for name, connected in clients.items():
                        rate = await calls_per_second(connected, f"{name} {turn}", CALLS if turn >= 0 else 32)
                        rates[name] += [rate] if turn >= 0 else []

    floor = statistics.median(rates["naive forwarder"])
    lines = [f"{f'{CLIENTS * AT_ONCE} searches at once over HTTP':40} {'calls/s':>9} {'× naive':>9}"]
    for name, each in rates.items():
        median = statistics.median(each)
        lines.append(f"{name:40} {median:9.0f} {median / floor:9.2f}   rounds {', '.join(f'{r:.0f}' for r in each)}")
    show("\n".join(lines))
