"""The budget is kept by reservation, whatever is asked at once and by how many servers."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from mcp import Client
from mcp.types import CallToolResult, TextResourceContents

if TYPE_CHECKING:
    from tests.conftest import LetIn, ServeHTTP

    from .conftest import Bench

SMALL = {"model": "gpt-image-2", "size": "1024x640", "quality": "low"}
ROOM = 10
CALLS = 100


async def high_of(client: Client, tool: str, arguments: dict[str, Any]) -> Decimal:
    """Give what `estimate_cost` says that a call costs at most."""
    answer = await client.call_tool("estimate_cost", {"tool": tool, "arguments": arguments})
    assert answer.structured_content, answer
    return Decimal(answer.structured_content["totals"][0]["high"])


@pytest.mark.slow
async def test_of_a_hundred_concurrent_calls_of_two_servers_no_more_are_sent_than_the_budget_has_room_for(
    bench: Bench,
) -> None:
    async with bench.connect(bench.settings()) as client:
        high = await high_of(client, "generate_image", {"prompt": "a red fox 00", **SMALL})
    settings = bench.settings(budget=(f"{high * ROOM + high / 2} USD/day",), wait_seconds=60)
    bench.line.hold()
    answers: list[CallToolResult] = []
    refused = anyio.Event()
    sent, reserved = 0, list[int]()

    async def ask(client: Client, number: int) -> None:
        arguments = {"prompt": f"a red fox {number:02}", **SMALL}
        answers.append(await client.call_tool("generate_image", arguments))
        if len(answers) == CALLS - ROOM:
            refused.set()

    async with bench.connect(settings) as first, bench.connect(settings, "stdio") as second:
        async with anyio.create_task_group() as tasks:
            for number in range(CALLS):
                tasks.start_soon(ask, (first, second)[number % 2], number)
            with anyio.fail_after(90):
                await refused.wait()
                await bench.line.until(lambda: bench.line.posts >= ROOM)  # the last ones may still be on their way
            sent = bench.line.posts
            reserved = [row.reserved for row in bench.journal(settings)]
            bench.line.release()
        rows = await bench.settled(settings)

    assert sent == bench.line.posts == bench.line.upstream.paid == ROOM
    assert len(reserved) == len(rows) == ROOM
    assert sum(reserved) <= high * 10**9 * ROOM + ROOM
    assert sum(row.reserved for row in rows) == 0
    assert sum(answer.is_error or False for answer in answers) == CALLS - ROOM
    assert all("has no room" in bench.text(answer) for answer in answers if answer.is_error)


async def test_a_refusal_names_cap_spent_reserved_needed_and_when_there_is_room(bench: Bench) -> None:
    arguments = {"query": "a lake", "provider": "dashscope"}
    async with bench.connect(bench.settings()) as client:
        high = await high_of(client, "search_images", arguments)
    settings = bench.settings(budget=(f"{high * 2} USD/day",), wait_seconds=0.5)
    async with bench.connect(settings) as client:
        await client.call_tool("search_images", arguments)
        [spent] = await bench.settled(settings)
        bench.line.hold()
        await client.call_tool("search_images", arguments | {"query": "a hill"})
        reserved = bench.journal(settings)[-1]
        answer = await client.call_tool("search_images", arguments | {"query": "a wood"})
        bench.line.release()
        await bench.settled(settings)

    text = bench.text(answer)
    assert answer.is_error
    assert f"The budget of {high * 2} USD/day has no room" in text
    assert f"{Decimal(spent.billed or 0) / 10**9} USD spent" in text
    assert f"{Decimal(reserved.reserved) / 10**9} USD reserved" in text
    assert "needed for this one" in text
    assert "There is room" in text
    assert "UTC" in text
    assert bench.line.posts == 2


async def test_a_call_above_the_whole_cap_is_never_sent(bench: Bench) -> None:
    settings = bench.settings(budget=("0.0001 USD/day",))
    async with bench.connect(settings) as client:
        answer = await client.call_tool("search_images", {"query": "a lake", "provider": "dashscope"})
        joined = await client.call_tool("get_spending", {})

    assert answer.is_error
    assert "The call alone is above it" in bench.text(answer)
    assert bench.line.posts == 0
    assert bench.journal(settings) == []
    assert "nothing" in bench.text(joined)


@pytest.mark.parametrize(("allowed", "posts"), [(False, 0), (True, 1)])
async def test_an_unknown_price_is_refused_under_a_budget_unless_allowed(
    bench: Bench, *, allowed: bool, posts: int
) -> None:
    settings = bench.settings(budget=("5 USD/day",), allow_unpriced=allowed)
    arguments = {"query": "a lake", "provider": "openai", "model": "gpt-of-tomorrow"}
    async with bench.connect(settings) as client:
        answer = await client.call_tool("search_images", arguments)
        rows = await bench.settled(settings)

    assert answer.is_error is not allowed
    assert bench.line.posts == len(rows) == posts
    assert ("its price is unknown" in bench.text(answer)) is not allowed
    assert all((row.billed, row.reserved) == (None, 0) for row in rows)


async def test_a_call_in_a_currency_without_a_cap_is_refused(bench: Bench) -> None:
    settings = bench.settings(budget=("5 CNY/day", "1 EUR/hour"))
    async with bench.connect(settings) as client:
        answer = await client.call_tool("search_images", {"query": "a lake", "provider": "openai"})

    assert answer.is_error
    assert "5 CNY/day, 1 EUR/hour" in bench.text(answer)
    assert "5 USD/day" in bench.text(answer)
    assert bench.line.posts == 0


async def test_of_several_caps_the_narrowest_holds(bench: Bench) -> None:
    settings = bench.settings(budget=("50 USD/month", "0.0001 USD/hour", "5 USD/day"))
    async with bench.connect(settings) as client:
        answer = await client.call_tool("search_images", {"query": "a lake", "provider": "openai"})

    assert "The budget of 0.0001 USD/hour" in bench.text(answer)
    assert bench.line.posts == 0


@pytest.mark.parametrize(
    ("fault", "provider", "posts"),
    [
        ("status=400;message=No", "dashscope", 1),
        ("refusal=http", "openai", 1),
        ("throttled;times=9", "dashscope", 3),
        ("status=401", "openai", 1),
    ],
)
async def test_a_call_that_the_service_turned_away_bills_nothing_and_frees_its_room(
    bench: Bench, fault: str, provider: str, posts: int
) -> None:
    settings = bench.settings()
    bench.line.fault = fault
    async with bench.connect(settings) as client:
        answer = await client.call_tool("search_images", {"query": "a lake", "provider": provider})
        [row] = await bench.settled(settings)

    assert answer.is_error
    assert "cost: 0 USD" in bench.text(answer)
    assert (row.state, row.reserved, row.billed) == ("failed", 0, 0)
    assert bench.line.posts == posts


@pytest.mark.parametrize("provider", ["dashscope", "openai"])
async def test_a_bill_without_usage_comes_from_the_estimate_and_says_so(bench: Bench, provider: str) -> None:
    settings = bench.settings()
    bench.line.fault = "usage=missing"
    async with bench.connect(settings) as client:
        answer = await client.call_tool("search_images", {"query": "a lake", "provider": provider})
        [row] = await bench.settled(settings)
        spent = await client.call_tool("get_spending", {})

    assert (row.state, row.reserved, row.estimated) == ("completed", 0, True)
    assert "from the estimate" in bench.text(answer)
    assert spent.structured_content
    assert spent.structured_content["totals"][0]["estimated"] == spent.structured_content["totals"][0]["billed"] != "0"


async def test_a_cancelled_call_is_billed_once_by_its_estimate(bench: Bench) -> None:
    settings = bench.settings(wait_seconds=0.5)
    bench.line.hold(r"response\.in_progress")
    async with bench.connect(settings) as client:
        await client.call_tool("generate_image", {"prompt": "a red fox", "count": 2, **SMALL})
        row = await bench.accepted(settings)
        await bench.line.until(lambda: bench.line.held == 2)
        await client.call_tool("get_job", {"job_id": row.id, "cancel": True})
        [row] = await bench.settled(settings)
        [content] = (await client.read_resource(f"lightbox://jobs/{row.id}")).contents

    assert isinstance(content, TextResourceContents)
    document = json.loads(content.text)
    assert row.state == "cancelled"
    assert document["bill"]["estimated"]
    assert document["bill"]["amount"] == document["estimate"]["expected"]


async def test_what_was_spent_stays_spent_for_the_next_server(bench: Bench) -> None:
    arguments = {"query": "a lake", "provider": "dashscope"}
    async with bench.connect(bench.settings()) as client:
        high = await high_of(client, "search_images", arguments)
    settings = bench.settings(budget=(f"{high} USD/day",))
    async with bench.connect(settings) as client:
        await client.call_tool("search_images", arguments)
        await bench.settled(settings)
    async with bench.connect(settings) as client:
        again = await client.call_tool("search_images", arguments)
        other = await client.call_tool("search_images", arguments | {"query": "a hill"})

    assert not again.is_error  # from the journal, for nothing
    assert other.is_error
    assert bench.line.posts == 1


async def test_over_http_every_caller_has_a_budget_and_jobs_of_their_own(
    bench: Bench, serve_http: ServeHTTP, let_in: LetIn
) -> None:
    arguments = {"query": "a lake", "provider": "dashscope"}
    async with bench.connect(bench.settings()) as client:
        high = await high_of(client, "search_images", arguments)
    settings = bench.settings(budget=(f"{high} USD/day",), tokens=let_in("one", "two"))
    async with (
        serve_http(settings) as origin,
        bench.connect(settings, "http", url=origin, token="one") as one,  # noqa: S106 - no secret
        bench.connect(settings, "http", url=origin, token="two") as two,  # noqa: S106 - no secret
    ):
        first = await one.call_tool("search_images", arguments)
        [row] = await bench.settled(settings)
        more = await one.call_tool("search_images", arguments | {"query": "a hill"})
        other = await two.call_tool("search_images", arguments)
        stolen = await two.call_tool("get_job", {"job_id": row.id})
        await bench.settled(settings)

    assert not first.is_error
    assert more.is_error
    assert not other.is_error
    assert other.structured_content
    assert not other.structured_content["cached"]
    assert stolen.is_error
    assert "There is no job" in bench.text(stolen)
    assert bench.line.posts == 2


async def test_over_all_callers_no_more_is_spent_than_the_total_budget_and_none_hears_of_the_others(
    bench: Bench, serve_http: ServeHTTP, let_in: LetIn
) -> None:
    arguments = {"query": "a lake", "provider": "dashscope"}
    async with bench.connect(bench.settings()) as client:
        high = await high_of(client, "search_images", arguments)
    settings = bench.settings(
        budget=(f"{high * 100} USD/day",),
        total_budget=(f"{high * 3 + high / 2} USD/day",),
        tokens=let_in(*(f"caller-{number}" for number in range(8))),
    )
    bench.line.hold()
    answers: list[CallToolResult] = []
    refused = anyio.Event()

    async def ask(origin: str, number: int) -> None:
        async with bench.connect(settings, "http", url=origin, token=f"caller-{number}") as client:
            answers.append(await client.call_tool("search_images", arguments))
            if len(answers) == 5:
                refused.set()

    async with serve_http(settings) as origin:
        async with anyio.create_task_group() as tasks:
            for number in range(8):
                tasks.start_soon(ask, origin, number)
            with anyio.fail_after(60):
                await refused.wait()
                await bench.line.until(lambda: bench.line.posts == 3)
            bench.line.release()
        rows = await bench.settled(settings)

    refusals = [bench.text(answer) for answer in answers if answer.is_error]
    assert bench.line.posts == len(rows) == 3
    assert len(refusals) == 5
    for text in refusals:
        assert f"The server's total budget of {high * 3 + high / 2} USD/day" in text
        assert "which all its callers share" in text
        assert "spent" not in text
        assert "reserved" not in text


async def test_a_total_budget_also_covers_what_no_callers_own_budget_names(bench: Bench) -> None:
    settings = bench.settings(total_budget=("5 CNY/day",))
    async with bench.connect(settings) as client:
        answer = await client.call_tool("search_images", {"query": "a lake", "provider": "openai"})

    assert "The total budget of 5 CNY/day does not cover USD" in bench.text(answer)
    assert "LIGHTBOX_TOTAL_BUDGET" in bench.text(answer)
    assert bench.line.posts == 0
