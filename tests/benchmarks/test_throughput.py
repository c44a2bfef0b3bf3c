"""How many searches at once the server carries, against a naive forwarder on the same SDK in the same run."""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING, Any

import anyio
import httpx2
import pytest

from benchmarks.posting import call, poster
from benchmarks.programs import program, rounds

if TYPE_CHECKING:
    from tests.conftest import HTTPProcess, MakeSettings

    from .conftest import Measure

pytestmark = pytest.mark.slow

AT_ONCE = 64
CALLS = 64


async def calls_per_second(http: httpx2.AsyncClient, origin: str, words: str, **more: Any) -> float:
    """Make searches, each with words of its own, always as many at once."""
    numbers = iter(range(CALLS))

    async def lane() -> None:
        for number in numbers:
            await call(http, origin, "search_images", query=f"{words} {number}", **more)

    began = time.perf_counter()
    async with anyio.create_task_group() as tasks:
        for _ in range(AT_ONCE):
            tasks.start_soon(lane)
    return CALLS / (time.perf_counter() - began)


async def test_64_searches_at_once_against_a_naive_forwarder(
    settings: MakeSettings, http_process: HTTPProcess, measure: Measure
) -> None:
    rates: dict[str, list[float]] = {"naive": [], "ours": []}
    with program("prepared_service.py") as service:
        base_url = f"{service}/compatible-mode/v1"
        made = settings(dashscope_base_url=base_url, search_provider="dashscope")
        with program("naive_forwarder.py", base_url) as naive, http_process(made) as ours:
            async with poster() as http:
                for turn in range(-1, rounds(3).stop):  # in turn, so that a busy moment of the machine meets both
                    rate = {
                        "naive": await calls_per_second(http, naive, f"turn {turn}"),
                        "ours": await calls_per_second(http, ours, f"turn {turn}", check=False),
                    }
                    for name, each in rate.items() if turn >= 0 else ():
                        rates[name].append(each)

    floor, found = (statistics.median(rates[name]) for name in ("naive", "ours"))
    measure("64 unchecked searches at once over HTTP", found, "calls/s", floor=floor, aim=0.5, at_least=True)
