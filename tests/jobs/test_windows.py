"""What takes room in a budget, and for how long: nothing that is dead, nothing that is free, nothing of yesterday."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from mcp import MCPError

from databases import set_clock
from lightbox.costs.money import Money
from lightbox.costs.pricing.bill import Bill
from lightbox.costs.pricing.budget import Cap
from lightbox.errors import OverBudget
from lightbox.jobs.job import End, Order
from lightbox.jobs.journal import STALE_SECONDS, Journal
from lightbox.state.engines import open_database

if TYPE_CHECKING:
    from tests.conftest import Ask, Connect, MakeSettings

    from .conftest import Bench

SEARCH: dict[str, Any] = {"query": "a lake", "provider": "dashscope"}


async def high_of_a_search(bench: Bench) -> Decimal:
    async with bench.connect(bench.settings()) as client:
        answer = await client.call_tool("estimate_cost", {"tool": "search_images", "arguments": SEARCH})
    assert answer.structured_content
    return Decimal(answer.structured_content["totals"][0]["high"])


async def test_a_sibling_that_died_does_not_hold_the_budget(bench: Bench) -> None:
    high = await high_of_a_search(bench)
    settings = bench.settings(budget=(f"{high * Decimal('1.5')} USD/day",))
    bench.line.hold()
    async with bench.connect(settings) as survivor:
        await survivor.call_tool("get_spending", {})  # it has looked about before the other begins
        with suppress(MCPError):
            async with bench.connect(settings, "stdio") as sibling:
                calling = bench.call(sibling, "search_images", SEARCH)
                await bench.line.until(lambda: bench.line.held == 1)
                refused = await survivor.call_tool("search_images", SEARCH | {"query": "a hill"})
                assert refused.is_error
                assert "has no room" in bench.text(refused)
                os.kill(bench.journal(settings)[0].pid, signal.SIGKILL)
                await calling.done.wait()
        bench.line.release()
        began = anyio.current_time()
        let_through = await survivor.call_tool("search_images", SEARCH | {"query": "a hill"})
        took = anyio.current_time() - began
        rows = await bench.settled(settings)

    assert not let_through.is_error, bench.text(let_through)
    assert took < STALE_SECONDS / 3
    assert [(row.state, row.reserved) for row in rows] == [("unknown", 0), ("completed", 0)]
    assert rows[0].billed  # it may have been billed: what it is thought to have cost stays spent
    assert bench.line.posts == 2


@pytest.mark.parametrize(
    ("window", "made", "settled"),
    [
        ("hour", datetime(2037, 11, 21, 10, 59, 50, tzinfo=UTC), datetime(2037, 11, 21, 11, 0, 10, tzinfo=UTC)),
        ("day", datetime(2037, 11, 21, 23, 59, 50, tzinfo=UTC), datetime(2037, 11, 22, 0, 0, 10, tzinfo=UTC)),
        ("month", datetime(2037, 11, 30, 23, 59, 50, tzinfo=UTC), datetime(2037, 12, 1, 0, 0, 10, tzinfo=UTC)),
    ],
)
async def test_a_call_counts_in_the_window_in_which_it_was_made(
    bench: Bench, window: str, made: datetime, settled: datetime
) -> None:
    settings = bench.settings()
    async with bench.connect(settings) as client:
        await client.call_tool("search_images", SEARCH)
        [row] = await bench.settled(settings)
    with set_clock(settings) as clock:
        database = open_database(settings.state_dir, clock.address)
        order = (await Journal(database, "host:1:a").get("local", row.id)).order
        assert order.estimate.high
        cap = Cap.parse(f"{order.estimate.high.amount * Decimal('1.2')} USD/{window}")
        journal = Journal(database, "host:1:b", caps=[cap], clock=clock)
        clock.set(made)
        last = await journal.open(asked(order, "in the last window"))
        with pytest.raises(OverBudget, match="reserved by calls under way"):
            await journal.open(asked(order, "beside it"))
        clock.set(settled)
        this = await journal.open(asked(order, "in this window, while the other is open"))
        bill = Bill(amount=Money(order.estimate.high.amount, "USD"))
        await journal.settle(last.job.id, End(state="completed", bill=bill), order)
        with pytest.raises(OverBudget):
            await journal.open(asked(order, "a second one in this window"))
        await journal.settle(this.job.id, End(state="completed", bill=Bill(amount=Money(Decimal(0), "USD"))), order)
        after = await journal.open(asked(order, "when that one did cost nothing"))
        await database.close()

    assert [opened.how for opened in (last, this, after)] == ["new", "new", "new"]


def asked(order: Order, query: str) -> Order:
    return order.model_copy(update={"arguments": {"query": query}, "reusable": False})


async def test_a_budget_in_other_currencies_does_not_refuse_what_is_free(
    connect: Connect, settings: MakeSettings, ask: Ask
) -> None:
    free = settings(provider="sandbox", budget=("0.01 EUR/day", "1 CNY/hour"))
    async with connect(free) as client:
        found = await ask(client, "search_images", query="a mountain lake", count=2)
        made = await ask(client, "generate_image", prompt="a red fox", size="256x256")
        spent = await ask(client, "get_spending")

    assert not found.failed, found.text
    assert not made.failed, made.text
    assert [(total["currency"], total["billed"]) for total in spent.listed["totals"]] == [("USD", "0")]
    assert spent.listed["budget"] == ["0.01 EUR/day", "1 CNY/hour"]
