"""Every paid tool, whatever the service and the caller do: what is answered, sent, journaled and billed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from mcp.types import CallToolResult

if TYPE_CHECKING:
    from ..conftest import Connect
    from .conftest import Call, Journaled, Line, MakeLined, Paid, Settled

    TextOf = Callable[[CallToolResult], str]
    ContentOf = Callable[[CallToolResult], Any]

BEFORE = r"response\.in_progress"
WAIT = 0.5
LOST = ("generate_image", "edit_image")
"""Tools whose broken stream OpenAI lets be taken up again."""


def job_id(text: str) -> str:
    return "job_" + text.partition("job_")[2][:12]


@pytest.fixture
def is_search(paid: Paid) -> bool:
    return paid.tool in {"search_images", "find_similar_images"}


async def test_a_fast_call_is_answered_with_its_bill(
    lined: MakeLined,
    connect: Connect,
    settled: Settled,
    text_of: TextOf,
    line: Line,
    paid: Paid,
    arguments: dict[str, Any],
) -> None:
    settings = lined()
    async with connect(settings) as client:
        answer = await client.call_tool(paid.tool, arguments)
        [row] = await settled(settings)

    assert not answer.is_error, text_of(answer)
    assert line.posts == line.upstream.paid == 1
    assert (row.state, row.reserved, row.estimated, row.currency) == ("completed", 0, False, "USD")
    assert row.billed
    assert "from the estimate" not in text_of(answer)
    assert f"; {row.id}" in text_of(answer)


async def test_a_call_slower_than_the_wait_goes_on_and_get_job_brings_its_answer(
    lined: MakeLined,
    connect: Connect,
    settled: Settled,
    text_of: TextOf,
    line: Line,
    paid: Paid,
    arguments: dict[str, Any],
) -> None:
    settings = lined(wait_seconds=WAIT)
    line.hold(BEFORE)
    async with connect(settings) as client:
        await client.call_tool("get_spending", {})  # what opens at the first call is not what is timed here
        began = anyio.current_time()
        running = await client.call_tool(paid.tool, arguments)
        took = anyio.current_time() - began
        line.release()
        [row] = await settled(settings)
        later = await client.call_tool("get_job", {"job_id": job_id(text_of(running))})

    assert took < WAIT + 1
    assert text_of(running).startswith(f"Still running: {row.id}")
    assert not running.is_error
    assert not later.is_error, text_of(later)
    assert line.posts == 1
    assert (row.state, row.reserved, row.estimated) == ("completed", 0, False)
    assert text_of(later).endswith(f"; {row.id}") or f"; {row.id}\npreview" in text_of(later)


async def test_a_stream_dropped_before_anything_came_is_taken_up_or_said_to_be_lost(
    lined: MakeLined,
    connect: Connect,
    settled: Settled,
    text_of: TextOf,
    line: Line,
    paid: Paid,
    arguments: dict[str, Any],
) -> None:
    settings = lined()
    line.cut(BEFORE)
    async with connect(settings) as client:
        answer = await client.call_tool(paid.tool, arguments)
        [row] = await settled(settings)

    assert line.posts == 1
    assert row.reserved == 0
    if paid.tool in LOST:
        assert not answer.is_error, text_of(answer)
        assert (row.state, row.estimated) == ("completed", False)
    else:
        assert answer.is_error
        assert "may have been billed" in text_of(answer)
        assert (row.state, row.estimated) == ("failed", True)
        assert "from the estimate" in text_of(answer)
    assert row.billed


async def test_what_came_before_a_stream_dropped_stands(
    lined: MakeLined,
    connect: Connect,
    settled: Settled,
    text_of: TextOf,
    line: Line,
    paid: Paid,
    arguments: dict[str, Any],
    is_search: bool,  # noqa: FBT001 - a fixture
) -> None:
    settings = lined()
    line.cut(paid.first)
    async with connect(settings) as client:
        answer = await client.call_tool(paid.tool, arguments)
        [row] = await settled(settings)

    assert line.posts == 1
    assert row.reserved == 0
    assert row.billed
    if paid.tool == "describe_images":  # half a sentence is no answer
        assert answer.is_error
        assert (row.state, row.estimated) == ("failed", True)
        return
    assert not answer.is_error, text_of(answer)
    assert row.state == "completed"
    assert row.estimated is is_search
    if is_search:
        assert answer.structured_content
        assert answer.structured_content["hits"]
        assert "broke off after these hits" in text_of(answer)


async def test_a_call_that_its_client_cancels_is_stopped_where_the_service_can_be_told(
    lined: MakeLined,
    connect: Connect,
    settled: Settled,
    call: Call,
    text_of: TextOf,
    line: Line,
    paid: Paid,
    arguments: dict[str, Any],
) -> None:
    settings = lined()
    line.hold(BEFORE)
    async with connect(settings) as client:
        calling = call(client, paid.tool, arguments)
        await line.until(lambda: line.held == 1)
        calling.scope.cancel()
        await calling.done.wait()
        if paid.tool in LOST:
            await line.until(lambda: any(asked.endswith("/cancel") for asked in line.asked))
        else:
            line.release()
        [row] = await settled(settings)
        later = await client.call_tool("get_job", {"job_id": row.id})

    assert line.posts == 1
    assert row.reserved == 0
    assert row.billed
    if paid.tool in LOST:
        assert (row.state, row.estimated) == ("cancelled", True)
        assert later.is_error
    else:
        assert (row.state, row.estimated) == ("completed", False)
        assert not later.is_error, text_of(later)


async def test_a_job_that_get_job_cancels_is_stopped_where_the_service_can_be_told(
    lined: MakeLined,
    connect: Connect,
    settled: Settled,
    text_of: TextOf,
    line: Line,
    paid: Paid,
    arguments: dict[str, Any],
) -> None:
    settings = lined(wait_seconds=WAIT)
    line.hold(BEFORE)
    async with connect(settings) as client:
        running = await client.call_tool(paid.tool, arguments)
        told = await client.call_tool("get_job", {"job_id": job_id(text_of(running)), "cancel": True})
        if paid.tool not in LOST:
            line.release()
        [row] = await settled(settings)

    assert line.posts == 1
    assert row.reserved == 0
    assert row.billed
    if paid.tool in LOST:
        assert "was told to stop" in text_of(told)
        assert (row.state, row.estimated) == ("cancelled", True)
    else:
        assert "can't be told to stop" in text_of(told)
        assert (row.state, row.estimated) == ("completed", False)


async def test_a_call_repeated_while_it_runs_joins_it_and_is_sent_once(
    lined: MakeLined,
    connect: Connect,
    settled: Settled,
    call: Call,
    text_of: TextOf,
    line: Line,
    paid: Paid,
    arguments: dict[str, Any],
) -> None:
    settings = lined()
    line.hold(BEFORE)
    async with connect(settings) as client:
        first = call(client, paid.tool, arguments)
        await line.until(lambda: line.held == 1)
        second = call(client, paid.tool, arguments)
        with anyio.fail_after(10):
            while not any("joined" in message for _, message in second.progress):
                await anyio.sleep(0.01)
        line.release()
        answers = [await first.result(), await second.result()]
        [row] = await settled(settings)

    assert line.posts == line.upstream.paid == 1
    assert [job_id(text_of(answer)) for answer in answers] == [row.id, row.id]
    assert text_of(answers[0]) == text_of(answers[1])
    assert (row.state, row.reserved) == ("completed", 0)
