"""Two servers over HTTP that share one PostgreSQL: any of them answers for any job, and nothing is sent twice."""

from __future__ import annotations

import os
import signal
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from mcp.types import CallToolResult, ImageContent, TextContent

from databases import rows
from lightbox.jobs.journal import STALE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Generator

    from tests.conftest import HTTPProcess

    from lightbox.settings import Settings

    from .conftest import Bench

pytestmark = [pytest.mark.slow, pytest.mark.one_database("postgresql", "replicas share no SQLite file")]

STARTED = r"response\.in_progress"
SMALL = {"model": "gpt-image-2", "size": "1024x640", "quality": "low"}
PAINT: dict[str, Any] = {"prompt": "a red fox", **SMALL}
SEARCH: dict[str, Any] = {"query": "a red fox in snow", "provider": "dashscope", "count": 3}


@pytest.fixture
def shared(bench: Bench) -> Settings:
    return bench.settings(wait_seconds=30)


@pytest.fixture
def replicas(shared: Settings, http_process: HTTPProcess) -> Generator[tuple[str, str]]:
    with ExitStack() as stack, suppress(ProcessLookupError):
        yield stack.enter_context(http_process(shared)), stack.enter_context(http_process(shared))


def told(result: CallToolResult) -> list[str]:
    """Give all that an answer says, but the link, in which each replica names itself."""
    texts = [block.text for block in result.content if isinstance(block, TextContent)]
    pictures = [block.data for block in result.content if isinstance(block, ImageContent)]
    return [line for text in texts for line in text.splitlines() if not line.startswith("link: ")] + pictures


async def test_a_call_is_joined_told_of_and_cancelled_at_another_replica(
    bench: Bench, shared: Settings, replicas: tuple[str, str]
) -> None:
    async with (
        bench.connect(shared, "http", url=replicas[0]) as here,
        bench.connect(shared, "http", url=replicas[1]) as there,
    ):
        bench.line.hold(STARTED)
        first = bench.call(here, "generate_image", PAINT)
        await bench.line.until(lambda: bench.line.held == 1)
        second = bench.call(there, "generate_image", PAINT)
        await second.hears("joined")
        await second.hears("sent to openai")
        bench.line.release()
        answers = [told(await calling.result()) for calling in (first, second)]
        [made] = await bench.settled(shared)
        asked = told(await there.call_tool("get_job", {"job_id": made.id}))

        bench.line.fault = "delay=20"  # in the background, this is how long the work takes
        bench.line.hold()  # the service has not named the call: only who sent it can have it stopped
        third = bench.call(here, "generate_image", PAINT | {"prompt": "a blue fox"})
        await bench.line.until(lambda: bench.line.held == 1)
        job_id = bench.journal(shared)[-1].id
        stop = {"job_id": job_id, "cancel": True, "wait_seconds": 0.1}
        heard = await there.call_tool("get_job", stop)
        bench.line.release()
        stopped = await third.result()
        row = (await bench.settled(shared))[-1]

        cancelled = [path for path in bench.line.asked if path.endswith("/cancel")]
        bench.line.fault = ""
        bench.line.hold(STARTED)
        left = bench.call(here, "generate_image", PAINT | {"prompt": "a green fox"})
        await bench.line.until(lambda: bench.line.held == 1)
        returned = bench.call(there, "generate_image", PAINT | {"prompt": "a green fox"})
        await returned.hears("sent to openai")
        left.scope.cancel()  # its caller has gone, and come back to the other
        await anyio.sleep(2)
        bench.line.release()
        green = await returned.result()
        await bench.settled(shared)

    assert answers[0] == answers[1] == asked
    assert "has not taken the call yet" in bench.text(heard)
    assert "The call was cancelled" in bench.text(stopped)
    assert (row.id, row.state, row.reserved) == (job_id, "cancelled", 0)
    assert len(cancelled) == 1
    assert [path for path in bench.line.asked if path.endswith("/cancel")] == cancelled
    assert "Made 1 picture" in bench.text(green)
    assert bench.line.posts == 3


async def test_what_a_killed_replica_left_is_taken_over_once_by_another_without_being_asked(
    bench: Bench, shared: Settings, replicas: tuple[str, str]
) -> None:
    async with (
        bench.connect(shared, "http", url=replicas[0]) as here,
        bench.connect(shared, "http", url=replicas[1]) as there,
    ):
        await there.call_tool("get_spending", {})
        bench.line.hold(STARTED)
        painting = bench.call(here, "generate_image", PAINT)
        await bench.accepted(shared)
        searching = bench.call(here, "search_images", SEARCH)
        await bench.line.until(lambda: bench.line.held == 2)
        joined = bench.call(there, "search_images", SEARCH)
        await joined.hears("joined")
        os.kill(bench.journal(shared)[0].pid, signal.SIGKILL)
        began = anyio.current_time()
        await bench.settled(shared)
        took = anyio.current_time() - began
        bench.line.release()
        for calling in (painting, searching):
            await calling.done.wait()
        lost = await joined.result()
        given = await there.call_tool("generate_image", PAINT)

    servers = {row["server"] for row in rows(shared, "SELECT server FROM jobs")}
    [painted, searched] = sorted(bench.journal(shared), key=lambda row: row.tool)
    assert took < STALE_SECONDS
    assert len(servers) == 1
    assert (painted.state, painted.estimated, painted.reserved) == ("completed", False, 0)
    assert (searched.state, searched.estimated, searched.reserved) == ("unknown", True, 0)
    assert "may have been billed" in bench.text(lost)
    assert "Made 1 picture" in bench.text(given)
    assert bench.line.posts == bench.line.upstream.paid == 2
