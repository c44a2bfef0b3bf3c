"""How many searches at once the server carries, against a naive forwarder on the same SDK in the same run."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

import pytest

from benchmarks.programs import asked, program, rounds

if TYPE_CHECKING:
    from tests.conftest import HTTPProcess, MakeSettings

    from .conftest import Measure

pytestmark = pytest.mark.slow

CALLS = AT_ONCE = 64


def test_64_searches_at_once_against_a_naive_forwarder(
    settings: MakeSettings, http_process: HTTPProcess, measure: Measure
) -> None:
    rates: dict[str, list[float]] = {"naive": [], "ours": []}
    with program("prepared_service.py") as service, asked("caller.py") as caller:
        base_url = f"{service}/compatible-mode/v1"
        made = settings(dashscope_base_url=base_url, search_provider="dashscope", calls_per_caller=AT_ONCE)
        with program("naive_forwarder.py", base_url) as naive, http_process(made) as ours:
            for turn in range(-1, rounds(3).stop):  # in turn, so that a busy moment of the machine meets both
                query = {"query": f"turn {turn}, number #"}
                seconds = {
                    "naive": caller.ask(naive, "search_images", query, CALLS, AT_ONCE),
                    "ours": caller.ask(ours, "search_images", {**query, "check": False}, CALLS, AT_ONCE),
                }
                for name, each in seconds.items() if turn >= 0 else ():
                    rates[name].append(CALLS / each)

    floor, found = (statistics.median(rates[name]) for name in ("naive", "ours"))
    measure("64 unchecked searches at once over HTTP", found, "calls/s", floor=floor, aim=0.5, at_least=True)
