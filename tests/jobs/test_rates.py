"""A budget of one currency holds for another by the rate that the user has set, and by no other."""

from __future__ import annotations

import json
import sys
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import anyio

if TYPE_CHECKING:
    from mcp import Client
    from mcp.types import CallToolResult

    from jobs.conftest import Bench

RATE = "1 USD = 7.2 CNY"
ARGUMENTS = {"query": "a lake", "provider": "openai"}
ROOM = 3


async def high_of(client: Client, arguments: dict[str, Any]) -> Decimal:
    """Give what a search costs at most, in USD."""
    answer = await client.call_tool("estimate_cost", {"tool": "search_images", "arguments": arguments})
    assert answer.structured_content, answer
    return Decimal(answer.structured_content["totals"][0]["high"])


async def test_of_many_concurrent_calls_no_more_are_sent_than_a_budget_of_another_currency_has_room_for(
    bench: Bench,
) -> None:
    async with bench.connect(bench.settings()) as client:
        high = await high_of(client, ARGUMENTS)
    cap = f"{((high * ROOM + high / 2) * Decimal('7.2')).normalize():f} CNY/day"
    settings = bench.settings(budget=(cap,), rates=(RATE,), wait_seconds=60)
    bench.line.hold()
    answers: list[CallToolResult] = []
    refused = anyio.Event()

    async with bench.connect(settings) as client:

        async def ask(number: int) -> None:
            answers.append(await client.call_tool("search_images", ARGUMENTS | {"query": f"a lake {number}"}))
            if len(answers) == ROOM:
                refused.set()

        async with anyio.create_task_group() as tasks:
            for number in range(2 * ROOM):
                tasks.start_soon(ask, number)
            with anyio.fail_after(60):
                await refused.wait()
                await bench.line.until(lambda: bench.line.posts >= ROOM)
            bench.line.release()
        spent = await client.call_tool("get_spending", {})
    rows = await bench.settled(settings)

    assert bench.line.posts == len(rows) == ROOM
    refusals = [bench.text(answer) for answer in answers if answer.is_error]
    assert len(refusals) == ROOM
    for text in refusals:
        assert f"The budget of {cap} has no room" in text
        assert f"by your rate of {RATE}, LIGHTBOX_RATES" in text
    assert f"budget: {cap} (LIGHTBOX_RATES, your own: {RATE})" in bench.text(spent)


async def test_what_was_spent_in_another_currency_is_counted_for_every_cap(bench: Bench) -> None:
    async with bench.connect(bench.settings()) as client:
        high = await high_of(client, ARGUMENTS)
        await client.call_tool("search_images", ARGUMENTS)
    [row] = await bench.settled(bench.settings())
    assert row.billed is not None
    spent = Decimal(row.billed) / 10**9 * Decimal("7.2")
    cap = f"{(spent + high * Decimal('7.2') - Decimal('0.000001')).normalize():f} CNY/day"
    settings = bench.settings(budget=(cap,), rates=(RATE,))
    async with bench.connect(settings) as client:
        answer = await client.call_tool("search_images", ARGUMENTS | {"query": "another lake"})

    assert f"The budget of {cap} has no room: {spent.normalize():f} CNY spent" in bench.text(answer)
    assert bench.line.posts == 1


async def test_a_total_budget_holds_by_the_rate_too(bench: Bench) -> None:
    settings = bench.settings(budget=("5 USD/day",), total_budget=("0.001 CNY/day",), rates=(RATE,))
    async with bench.connect(settings) as client:
        answer = await client.call_tool("search_images", ARGUMENTS)

    assert "total budget of 0.001 CNY/day" in bench.text(answer)
    assert f"by your rate of {RATE}, LIGHTBOX_RATES" in bench.text(answer)
    assert bench.line.posts == 0


async def test_without_a_rate_between_its_currencies_a_call_is_refused_and_the_setting_is_named(bench: Bench) -> None:
    settings = bench.settings(budget=("5 CNY/day",), rates=("1 EUR = 7.9 CNY",))
    async with bench.connect(settings) as client:
        answer = await client.call_tool("search_images", ARGUMENTS)

    assert "does not cover USD" in bench.text(answer)
    assert "a rate of your own between USD and CNY to LIGHTBOX_RATES" in bench.text(answer)
    assert bench.line.posts == 0


async def test_the_estimate_says_what_counts_by_the_rate_and_whose_rate_it_is(bench: Bench) -> None:
    settings = bench.settings(budget=("5 CNY/day",), rates=(RATE,))
    async with bench.connect(settings) as client:
        answer = await client.call_tool("estimate_cost", {"tool": "search_images", "arguments": ARGUMENTS})

    assert answer.structured_content
    high = Decimal(answer.structured_content["totals"][0]["high"])
    counted = f"{(high * Decimal('7.2')).normalize():f} CNY"
    assert f"counts as {counted} against your budget, by your rate of {RATE} (LIGHTBOX_RATES)" in bench.text(answer)


async def test_the_statement_counts_the_budget_by_the_rate(bench: Bench, environment: Any) -> None:
    settings = bench.settings(budget=("5 CNY/day",), rates=(RATE,))
    async with bench.connect(settings) as client:
        await client.call_tool("search_images", ARGUMENTS)
    [row] = await bench.settled(settings)
    done = await anyio.run_process(
        [sys.executable, "-m", "lightbox", "spending", "today", "--json"], env=environment(settings)
    )
    [budget] = json.loads(done.stdout)["budgets"]

    assert row.billed is not None
    spent = Decimal(row.billed) / 10**9 * Decimal("7.2")
    assert (budget["cap"], budget["currency"], budget["rates"]) == ("5 CNY/day", "CNY", RATE)
    assert (Decimal(budget["spent"]), Decimal(budget["left"])) == (spent, 5 - spent)
