"""A server that is killed, and the one that comes after it; servers that share a state folder."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from mcp import MCPError
from mcp.types import ImageContent

from databases import change

if TYPE_CHECKING:
    from .conftest import Bench, Paid

BEFORE = r"response\.in_progress"
PARTIAL = r"partial_image"
WAIT = 0.5


@pytest.mark.slow
async def test_a_killed_servers_jobs_are_taken_up_again_or_marked_by_the_next(
    bench: Bench, paid: Paid, arguments: dict[str, Any]
) -> None:
    settings = bench.settings()
    bench.line.hold(BEFORE)
    with suppress(MCPError):
        async with bench.connect(settings, "stdio") as client:
            calling = bench.call(client, paid.tool, arguments)
            await bench.line.until(lambda: bench.line.held == 1)
            await calling.hears("sent to")
            if paid.resumable:  # else the service's name for the call is of no use to a later server
                await bench.accepted(settings)
            os.kill(bench.journal(settings)[0].pid, signal.SIGKILL)
            await calling.done.wait()
    async with bench.connect(settings) as client:
        later = await client.call_tool("get_job", {"job_id": bench.journal(settings)[0].id})
        [row] = await bench.settled(settings)

    assert bench.line.posts == bench.line.upstream.paid == 1
    assert row.reserved == 0
    assert row.billed
    if paid.resumable:
        assert not later.is_error, bench.text(later)
        assert (row.state, row.estimated) == ("completed", False)
        assert any(isinstance(block, ImageContent) for block in later.content)
    else:
        assert later.is_error
        assert "Unknown" in bench.text(later)
        assert "may have been billed" in bench.text(later)
        assert (row.state, row.estimated) == ("unknown", True)


async def test_a_job_that_a_strict_server_does_not_keep_is_marked_and_not_asked_for_after_a_restart(
    bench: Bench,
) -> None:
    settings = bench.settings()
    bench.line.fault = "unknown=background"
    bench.line.hold(BEFORE)
    with suppress(MCPError):
        async with bench.connect(settings, "stdio") as client:
            arguments = {"prompt": "a red fox", "model": "gpt-image-2", "size": "1024x640", "quality": "low"}
            calling = bench.call(client, "generate_image", arguments)
            await bench.line.until(lambda: bench.line.held == 1)
            os.kill(bench.journal(settings)[0].pid, signal.SIGKILL)
            await calling.done.wait()
    asked = bench.line.upstream.count
    async with bench.connect(settings) as client:
        later = await client.call_tool("get_job", {"job_id": bench.journal(settings)[0].id})
        [row] = await bench.settled(settings)

    assert "may have been billed" in bench.text(later)
    assert (row.state, row.reserved, row.estimated) == ("unknown", 0, True)
    assert row.billed
    assert bench.line.posts == 2  # the one that was turned away, and the one without
    assert bench.line.upstream.count == asked


async def test_hits_that_had_come_when_the_server_was_killed_stand(bench: Bench) -> None:
    settings = bench.settings()
    bench.line.hold(r"output_item\.done.*web_search_image")
    with suppress(MCPError):
        async with bench.connect(settings, "stdio") as client:
            calling = bench.call(client, "search_images", {"query": "a red fox", "provider": "dashscope"})
            await calling.hears("found")
            os.kill(bench.journal(settings)[0].pid, signal.SIGKILL)
            await calling.done.wait()
    async with bench.connect(settings) as client:
        later = await client.call_tool("get_job", {"job_id": bench.journal(settings)[0].id})
        [row] = await bench.settled(settings)

    assert not later.is_error
    assert later.structured_content
    assert later.structured_content["hits"]
    assert "had come by then" in bench.text(later)
    assert (row.state, row.reserved, row.estimated) == ("completed", 0, True)
    assert bench.line.posts == 1


async def test_a_job_that_was_reserved_but_never_sent_bills_nothing_after_a_restart(bench: Bench) -> None:
    settings = bench.settings()
    bench.line.hold()
    with suppress(MCPError):
        async with bench.connect(settings, "stdio") as client:
            calling = bench.call(client, "search_images", {"query": "a red fox"})
            await bench.line.until(lambda: bench.line.held == 1)
            os.kill(bench.journal(settings)[0].pid, signal.SIGKILL)
            await calling.done.wait()
    change(settings, "UPDATE jobs SET state = 'reserved'")  # as it stood a moment before
    async with bench.connect(settings) as client:
        later = await client.call_tool("get_job", {"job_id": bench.journal(settings)[0].id})
        [row] = await bench.settled(settings)

    assert "nothing was billed" in bench.text(later)
    assert (row.state, row.reserved, row.billed) == ("failed", 0, 0)


async def test_another_server_joins_gives_and_answers_the_job_of_the_first(
    bench: Bench, paid: Paid, arguments: dict[str, Any]
) -> None:
    settings = bench.settings()
    bench.line.hold(BEFORE)
    async with bench.connect(settings) as first, bench.connect(settings) as second:
        here = bench.call(first, paid.tool, arguments)
        await bench.line.until(lambda: bench.line.held == 1)
        there = bench.call(second, paid.tool, arguments)
        await there.hears("joined")
        bench.line.release()
        answers = [bench.content(await here.result()), bench.content(await there.result())]
        [row] = await bench.settled(settings)
        asked = bench.content(await second.call_tool("get_job", {"job_id": row.id}))

    assert bench.line.posts == 1
    assert answers[0] == answers[1] == asked


async def test_a_job_of_another_server_can_be_cancelled(bench: Bench) -> None:
    settings = bench.settings(wait_seconds=WAIT)
    bench.line.fault = "delay=20"  # in the background, this is how long the work takes
    arguments = {"prompt": "a red fox", "model": "gpt-image-2", "size": "1024x640", "quality": "low"}
    async with bench.connect(settings) as first, bench.connect(settings) as second:
        await first.call_tool("generate_image", arguments)
        told = await second.call_tool("get_job", {"job_id": bench.journal(settings)[0].id, "cancel": True})
        [row] = await bench.settled(settings)
        later = await first.call_tool("get_job", {"job_id": row.id})

    assert "was told to stop" in bench.text(told)
    assert "The call was cancelled" in bench.text(later)
    assert (row.state, row.reserved, row.estimated) == ("cancelled", 0, True)
    assert row.billed
