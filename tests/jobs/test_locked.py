"""A state database that another program holds: for a moment, nobody notices; for longer, no answer is late."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from mcp import MCPError

from databases import full, held
from lightbox.jobs.carrying import LAST_WORDS_SECONDS

if TYPE_CHECKING:
    from mcp import Client
    from mcp.types import CallToolResult
    from tests.conftest import Transport

    from .conftest import Bench

WAIT = 3
LATEST = WAIT + 2
SEARCH: dict[str, Any] = {"query": "a red fox in snow", "provider": "dashscope", "count": 3}
PAINT: dict[str, Any] = {"prompt": "a red fox", "model": "gpt-image-2", "size": "1024x640", "quality": "low"}


@dataclass
class Timed:
    """An answer, and how many seconds it took."""

    result: CallToolResult
    seconds: float


async def timed(client: Client, tool: str, arguments: dict[str, Any]) -> Timed:
    began = anyio.current_time()
    with anyio.fail_after(60):
        result = await client.call_tool(tool, arguments)
    return Timed(result, anyio.current_time() - began)


async def at_once(client: Client, calls: dict[str, dict[str, Any]]) -> dict[str, Timed]:
    """Make one call of each tool, all at the same time."""
    answers: dict[str, Timed] = {}

    async def one(tool: str, arguments: dict[str, Any]) -> None:
        answers[tool] = await timed(client, tool, arguments)

    async with anyio.create_task_group() as tasks:
        for tool, arguments in calls.items():
            tasks.start_soon(one, tool, arguments)
    return answers


def late(answers: dict[str, Timed]) -> dict[str, float]:
    return {tool: answer.seconds for tool, answer in answers.items() if answer.seconds > LATEST}


async def test_hits_that_arrive_while_another_program_holds_the_database_are_answered_and_then_kept(
    bench: Bench,
) -> None:
    settings = bench.settings()
    bench.line.hold(r"web_search_image_call\.in_progress|web_search_image_call\.searching|output_item\.added")
    async with bench.connect(settings) as client:
        calling = bench.call(client, "search_images", SEARCH)
        await bench.line.until(lambda: bench.line.held == 1)
        with held(settings):
            bench.line.release()
            answer = await calling.result()
        [row] = await bench.settled(settings)

    assert not answer.is_error, bench.text(answer)
    assert answer.structured_content
    assert len(answer.structured_content["hits"]) == 3
    assert (row.state, row.error, row.estimated) == ("completed", None, False)
    assert row.outcome
    assert [hit["image"] for hit in row.outcome["hits"]] == [h["image"] for h in answer.structured_content["hits"]]
    assert bench.line.posts == 1


@pytest.mark.slow
@pytest.mark.parametrize("transport", ["memory", "stdio"])
async def test_a_database_that_stays_locked_makes_no_answer_late_and_nothing_is_paid_twice(
    bench: Bench, transport: Transport
) -> None:
    settings = bench.settings(wait_seconds=WAIT)
    calls: dict[str, dict[str, Any]] = {
        "search_images": SEARCH,
        "generate_image": PAINT,
        "view_images": {"images": [f"{bench.line.upstream.origin}/sandbox/nowhere.png"]},
        "estimate_cost": {"tool": "search_images", "arguments": SEARCH},
        "get_spending": {},
    }
    async with bench.connect(settings, transport) as client:
        first = await client.call_tool("search_images", SEARCH | {"query": "a mountain lake"})
        [row] = await bench.settled(settings)
        assert first.structured_content
        calls["view_images"] = {"images": [first.structured_content["hits"][0]["image_url"] + "?again"]}
        calls["get_job"] = {"job_id": row.id}
        with held(settings):
            while_locked = await at_once(client, calls)
            sent = bench.line.posts
        after = await at_once(client, calls)
        await bench.settled(settings)

    assert late(while_locked) == {}
    assert sent == 1  # what could not be reserved was not sent
    assert {tool: bench.text(answer.result) for tool, answer in after.items() if answer.result.is_error} == {}
    assert bench.line.posts == bench.line.upstream.paid == 3


@pytest.mark.slow
async def test_the_first_calls_of_a_server_are_not_late_while_another_program_holds_the_database(bench: Bench) -> None:
    settings = bench.settings(wait_seconds=WAIT)
    calls: dict[str, dict[str, Any]] = {
        "search_images": SEARCH,
        "estimate_cost": {"tool": "search_images", "arguments": SEARCH},
        "get_spending": {},
    }
    with held(settings) as holding:
        async with bench.connect(settings, "stdio") as client:
            while_locked = await at_once(client, calls)
            sent = bench.line.posts
            holding.release()
            after = await at_once(client, calls)
            await bench.settled(settings)

    assert late(while_locked) == {}
    assert sent == 0
    assert {tool: bench.text(answer.result) for tool, answer in after.items() if answer.result.is_error} == {}
    assert bench.line.posts == bench.line.upstream.paid == 1


async def test_a_picture_that_arrives_at_a_locked_database_is_not_late_and_is_answered_after_it(bench: Bench) -> None:
    settings = bench.settings(wait_seconds=1)
    bench.line.hold(r"image_generation_call\.in_progress|output_item\.added")
    async with bench.connect(settings) as client:
        calling = bench.call(client, "generate_image", PAINT)
        began = anyio.current_time()
        await bench.line.until(lambda: bench.line.held == 1)
        with held(settings):
            bench.line.release()
            running = await calling.result()
            took = anyio.current_time() - began
        answer = await client.call_tool("generate_image", PAINT)
        [row] = await bench.settled(settings)

    assert took < 1 + 1
    assert not running.is_error
    assert not answer.is_error, bench.text(answer)
    assert "Made 1 picture" in bench.text(answer)
    assert (row.state, row.estimated) == ("completed", False)
    assert bench.line.posts == 1


@pytest.mark.slow
async def test_a_picture_that_is_being_saved_when_its_job_is_cancelled_is_kept_and_billed(bench: Bench) -> None:
    settings = bench.settings()
    bench.line.hold(r"image_generation_call\.in_progress|output_item\.added")
    async with bench.connect(settings) as client:
        calling = bench.call(client, "generate_image", PAINT)
        await bench.line.until(lambda: bench.line.held == 1)
        row = await bench.accepted(settings)
        with held(settings):
            bench.line.release()
            await calling.hears("saving")
            until_it_is_cut = {"job_id": row.id, "cancel": True, "wait_seconds": LAST_WORDS_SECONDS + 1}
            told = await client.call_tool("get_job", until_it_is_cut)
            calling.scope.cancel()
            await calling.done.wait()
        [row] = await bench.settled(settings)
        later = await client.call_tool("get_job", {"job_id": row.id})

    assert "was told to stop" in bench.text(told)
    assert not later.is_error, bench.text(later)
    assert "Made 1 picture" in bench.text(later)
    assert (row.state, row.reserved) == ("completed", 0)
    assert row.billed
    assert bench.line.posts == 1


async def test_a_picture_that_arrives_at_a_full_disk_is_kept_and_billed_once_there_is_room(bench: Bench) -> None:
    settings = bench.settings(wait_seconds=1)
    bench.line.hold(r"image_generation_call\.in_progress|output_item\.added")
    async with bench.connect(settings) as client:
        calling = bench.call(client, "generate_image", PAINT)
        await bench.line.until(lambda: bench.line.held == 1)
        with full(settings):
            bench.line.release()
            in_time = await calling.result()
            refused = await client.call_tool("search_images", SEARCH)
            sent = bench.line.posts
        [row] = await bench.settled(settings)
        later = await client.call_tool("get_job", {"job_id": row.id})

    assert not in_time.is_error, bench.text(in_time)
    assert refused.is_error
    assert "make room on its disk" in bench.text(refused)
    assert sent == 1  # nothing is begun that can't be written down
    assert "Made 1 picture" in bench.text(later)
    assert (row.state, row.reserved, row.estimated) == ("completed", 0, False)
    assert row.billed


@pytest.mark.slow
async def test_asking_for_the_job_of_a_dead_server_is_not_late_though_the_database_is_locked(bench: Bench) -> None:
    settings = bench.settings(wait_seconds=1)
    bench.line.hold()
    async with bench.connect(settings) as second:
        await second.call_tool("get_spending", {})
        with suppress(MCPError):
            async with bench.connect(settings, "stdio") as first:
                calling = bench.call(first, "search_images", SEARCH)
                await bench.line.until(lambda: bench.line.held == 1)
                os.kill(bench.journal(settings)[0].pid, signal.SIGKILL)
                await calling.done.wait()
        [row] = bench.journal(settings)
        with held(settings):
            while_locked = await timed(second, "get_job", {"job_id": row.id})
        after = await second.call_tool("get_job", {"job_id": row.id})
        await bench.settled(settings)

    assert while_locked.seconds < 1 + 1
    assert "may have been billed" in bench.text(after)
    assert bench.line.posts == 1


async def test_a_server_that_never_got_at_its_database_closes_at_once(bench: Bench) -> None:
    settings = bench.settings(wait_seconds=0.1)
    with held(settings):
        async with bench.connect(settings) as client:
            answer = await client.call_tool("search_images", SEARCH)
            began = anyio.current_time()
        took = anyio.current_time() - began

    assert answer.is_error
    assert took < LATEST
    assert bench.line.posts == 0
