"""Every paid tool, whatever the service and the caller do: what is answered, sent, journaled and billed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import anyio

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Bench, Paid

BEFORE = r"response\.in_progress"
WAIT = 0.5


def job_id(text: str) -> str:
    return "job_" + text.partition("job_")[2][:12]


async def test_a_fast_call_is_answered_with_its_bill(bench: Bench, paid: Paid, arguments: dict[str, Any]) -> None:
    settings = bench.settings()
    async with bench.connect(settings) as client:
        answer = await client.call_tool(paid.tool, arguments)
        [row] = await bench.settled(settings)

    assert not answer.is_error, bench.text(answer)
    assert bench.line.posts == bench.line.upstream.paid == 1
    assert (row.state, row.reserved, row.estimated, row.currency) == ("completed", 0, False, "USD")
    assert row.billed
    assert "from the estimate" not in bench.text(answer)
    assert f"; {row.id}" in bench.text(answer)


async def test_a_call_slower_than_the_wait_goes_on_and_get_job_brings_its_answer(
    bench: Bench, paid: Paid, arguments: dict[str, Any], picture: Path
) -> None:
    settings = bench.settings(wait_seconds=WAIT)
    bench.line.hold(BEFORE)
    async with bench.connect(settings) as client:
        await client.call_tool("view_images", {"images": [str(picture)]})  # what opens at first use is not timed here
        began = anyio.current_time()
        running = await client.call_tool(paid.tool, arguments)
        took = anyio.current_time() - began
        bench.line.release()
        [row] = await bench.settled(settings)
        later = await client.call_tool("get_job", {"job_id": job_id(bench.text(running))})

    assert took < WAIT + 1
    assert bench.text(running).startswith(f"Still running: {row.id}")
    assert not running.is_error
    assert not later.is_error, bench.text(later)
    assert bench.line.posts == 1
    assert (row.state, row.reserved, row.estimated) == ("completed", 0, False)
    assert re.search(rf"; {row.id}\n(preview|next): ", bench.text(later))


async def test_a_stream_dropped_before_anything_came_is_taken_up_or_said_to_be_lost(
    bench: Bench, paid: Paid, arguments: dict[str, Any]
) -> None:
    settings = bench.settings()
    bench.line.cut(BEFORE)
    async with bench.connect(settings) as client:
        answer = await client.call_tool(paid.tool, arguments)
        [row] = await bench.settled(settings)

    assert bench.line.posts == 1
    assert row.reserved == 0
    if paid.resumable:
        assert not answer.is_error, bench.text(answer)
        assert (row.state, row.estimated) == ("completed", False)
    else:
        assert answer.is_error
        assert "may have been billed" in bench.text(answer)
        assert (row.state, row.estimated) == ("failed", True)
        assert "from the estimate" in bench.text(answer)
    assert row.billed


async def test_what_came_before_a_stream_dropped_stands(bench: Bench, paid: Paid, arguments: dict[str, Any]) -> None:
    settings = bench.settings()
    bench.line.cut(paid.first)
    async with bench.connect(settings) as client:
        answer = await client.call_tool(paid.tool, arguments)
        [row] = await bench.settled(settings)

    assert bench.line.posts == 1
    assert row.reserved == 0
    assert row.billed
    if paid.tool == "describe_images":  # half a sentence is no answer
        assert answer.is_error
        assert (row.state, row.estimated) == ("failed", True)
        return
    assert not answer.is_error, bench.text(answer)
    assert row.state == "completed"
    assert row.estimated is paid.searches
    if paid.searches:
        assert answer.structured_content
        assert answer.structured_content["hits"]
        assert "broke off after these hits" in bench.text(answer)


async def test_a_call_that_its_client_cancels_is_stopped_where_the_service_can_be_told(
    bench: Bench, paid: Paid, arguments: dict[str, Any]
) -> None:
    settings = bench.settings()
    bench.line.hold(BEFORE)
    async with bench.connect(settings) as client:
        calling = bench.call(client, paid.tool, arguments)
        await bench.line.until(lambda: bench.line.held == 1)
        calling.scope.cancel()
        await calling.done.wait()
        if paid.resumable:
            await bench.line.until(lambda: any(asked.endswith("/cancel") for asked in bench.line.asked))
        else:
            bench.line.release()
        [row] = await bench.settled(settings)
        later = await client.call_tool("get_job", {"job_id": row.id})

    assert bench.line.posts == 1
    assert row.reserved == 0
    assert row.billed
    if paid.resumable:
        assert (row.state, row.estimated) == ("cancelled", True)
        assert later.is_error
    else:
        assert (row.state, row.estimated) == ("completed", False)
        assert not later.is_error, bench.text(later)


async def test_a_job_that_get_job_cancels_is_stopped_where_the_service_can_be_told(
    bench: Bench, paid: Paid, arguments: dict[str, Any], picture: Path
) -> None:
    settings = bench.settings(wait_seconds=WAIT)
    bench.line.hold(BEFORE)
    async with bench.connect(settings) as client:
        await client.call_tool("view_images", {"images": [str(picture)]})  # what opens at first use takes its time
        running = await client.call_tool(paid.tool, arguments)
        await bench.line.until(lambda: bench.line.held == 1)
        told = await client.call_tool("get_job", {"job_id": job_id(bench.text(running)), "cancel": True})
        if not paid.resumable:
            bench.line.release()
        [row] = await bench.settled(settings)

    assert bench.line.posts == 1
    assert row.reserved == 0
    assert row.billed
    if paid.resumable:
        assert "was told to stop" in bench.text(told)
        assert (row.state, row.estimated) == ("cancelled", True)
    else:
        assert "can't be told to stop" in bench.text(told)
        assert (row.state, row.estimated) == ("completed", False)


async def test_a_call_repeated_while_it_runs_joins_it_and_is_sent_once(
    bench: Bench, paid: Paid, arguments: dict[str, Any]
) -> None:
    settings = bench.settings()
    bench.line.hold(BEFORE)
    async with bench.connect(settings) as client:
        first = bench.call(client, paid.tool, arguments)
        await bench.line.until(lambda: bench.line.held == 1)
        second = bench.call(client, paid.tool, arguments)
        await second.hears("joined")
        bench.line.release()
        answers = [await first.result(), await second.result()]
        [row] = await bench.settled(settings)

    assert bench.line.posts == bench.line.upstream.paid == 1
    assert [job_id(bench.text(answer)) for answer in answers] == [row.id, row.id]
    assert bench.text(answers[0]) == bench.text(answers[1])
    assert (row.state, row.reserved) == ("completed", 0)
