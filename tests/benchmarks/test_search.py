"""What a search takes beside the service's own time, what checking its hits adds, and what the server holds then."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from mcp import Client, StdioServerParameters

from benchmarks.programs import BARE, Memory, answers_of, asked, children, program, rounds

if TYPE_CHECKING:
    from tests.conftest import Connect, MakeSettings

    from .conftest import Measure

pytestmark = pytest.mark.slow


async def search(client: Client, **arguments: Any) -> float:
    """Search, and give the seconds until the answer."""
    began = time.perf_counter()
    result = await client.call_tool("search_images", arguments)
    seconds = time.perf_counter() - began
    assert not result.is_error, result.content
    return seconds


@dataclass(frozen=True)
class Running:
    """A client, and the server that was started for it."""

    client: Client
    process: int | None

    async def held(self) -> float | None:
        """Wait until the server holds what it held a moment ago, and give that in bytes; `None` where nobody tells."""
        if self.process is None:
            return None
        memory, last = Memory(self.process), 0
        while (held := memory.held) != last:
            await anyio.sleep(0.3)  # nobody tells when all is written down
            last = held
        return held


@asynccontextmanager
async def started(connecting: AbstractAsyncContextManager[Client]) -> AsyncGenerator[Running]:
    before = children()
    async with connecting as client:
        yield Running(client, next(iter(children() - before), None))


async def test_a_search_against_a_direct_one(
    settings: MakeSettings, connect: Connect, tmp_path: Path, measure: Measure
) -> None:
    times: dict[str, list[float]] = {name: [] for name in ("direct", "bare", "unchecked", "probes", "checked")}
    bare_server = StdioServerParameters(command=sys.executable, args=list(BARE), cwd=tmp_path)
    with program("prepared_service.py") as service, asked("direct_client.py", service, str(tmp_path)) as direct:
        made = settings(
            dashscope_base_url=f"{service}/compatible-mode/v1",
            search_provider="dashscope",
            fetch_allow=(service.removeprefix("http://"),),
        )
        async with started(Client(bare_server)) as bare, started(connect(made, "stdio")) as ours:
            for running in (bare, ours):
                await search(running.client, query="the first")
            least, most = await bare.held(), await ours.held()
            for number in range(-1, rounds(15).stop):  # in turn, so that a busy moment of the machine meets all
                row = {
                    "direct": direct.ask("search"),
                    "probes": direct.ask("probe"),
                    "bare": await search(bare.client, query=f"a fox {number}"),
                    "unchecked": await search(ours.client, query=f"a fox {number}", check=False),
                    "checked": await search(ours.client, query=f"a checked fox {number}"),
                }
                for name, seconds in row.items() if number >= 0 else ():
                    times[name].append(seconds * 1000)

    found = {name: statistics.median(each) for name, each in times.items()}
    added = statistics.median(c - u for c, u in zip(times["checked"], times["unchecked"], strict=True))
    what = "an unchecked search, stdio client to stdio client"
    measure(what, found["unchecked"], "ms", floor=found["direct"] + found["bare"], aim=4)
    measure("what checking 10 living hits adds to it", added, "ms", floor=found["probes"], aim=1.5)
    if least and most:
        measure("memory of an idle server after one search", most / 1e6, "MB", floor=least / 1e6, aim=1.25)


def test_a_search_in_ten_thousand_own_pictures(tmp_path: Path, measure: Measure) -> None:
    times = answers_of("own_pictures.py", str(tmp_path), str(rounds(9).stop))

    for kind, aim in (("words", 5), ("likeness", 40)):
        measure(f"10,000 own pictures by {kind}, CPU time", statistics.median(times[kind]) * 1000, "ms", aim=aim)
