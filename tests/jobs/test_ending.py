"""Every job ends, and every server when told; what was paid for and given to nobody is given to who asks again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from anyio.to_thread import run_sync
from mcp import Client, MCPError

from databases import change
from lightbox.app import Lifespan, make_server
from lightbox.jobs.server_identity import lives, living_server
from lightbox.jobs.stopping import REGRET_SECONDS

if TYPE_CHECKING:
    from pathlib import Path

    from lightbox.settings import Settings

    from .conftest import Bench, Paid, Row

BEFORE = r"response\.in_progress"
TEXT = r"output_text\.delta"
GENERATE: dict[str, Any] = {
    "prompt": "a red fox in snow",
    "provider": "openai",
    "model": "gpt-image-2",
    "size": "1024x640",
    "quality": "low",
}
MOST_SECONDS = 10


async def test_a_job_that_drips_for_ever_is_settled_with_what_has_come(
    bench: Bench, paid: Paid, arguments: dict[str, Any], picture: Path
) -> None:
    settings = bench.settings(wait_seconds=0.3, job_seconds=1.0)
    bench.line.hold(BEFORE)
    async with bench.connect(settings) as client:
        await client.call_tool("view_images", {"images": [str(picture)]})  # what opens at first use takes its time
        running = await client.call_tool(paid.tool, arguments)
        joined = await client.call_tool(paid.tool, arguments)
        [row] = await bench.settled(settings)
        later = await client.call_tool("get_job", {"job_id": row.id})

    assert "Still running" in bench.text(running)
    assert row.id in bench.text(joined)
    assert (row.state, row.reserved, row.estimated) == ("failed", 0, True)
    assert row.billed
    assert "JOB_SECONDS (1 s)" in bench.text(later)
    assert "may have been billed" in bench.text(later)
    assert bench.line.posts == 1


async def test_hits_that_came_before_the_time_was_up_are_the_answer(bench: Bench) -> None:
    settings = bench.settings(job_seconds=1.0)
    bench.line.hold(TEXT)
    arguments = {"query": "a red fox", "provider": "dashscope", "analysis": True}
    async with bench.connect(settings) as client:
        answer = await client.call_tool("search_images", arguments)
        [row] = await bench.settled(settings)

    assert answer.structured_content
    assert answer.structured_content["hits"]
    assert "JOB_SECONDS" in bench.text(answer)
    assert (row.state, row.estimated) == ("completed", True)


async def test_a_result_that_nobody_was_given_is_given_to_who_repeats_the_call(bench: Bench) -> None:
    settings = bench.settings(wait_seconds=0.3)
    bench.line.hold(BEFORE)
    async with bench.connect(settings) as client:
        await client.call_tool("generate_image", GENERATE)  # answers `running`
        bench.line.release()
        [row] = await bench.settled(settings)
        given = await client.call_tool("generate_image", GENERATE)
        anew = await client.call_tool("generate_image", GENERATE)

    assert row.id in bench.text(given)
    assert "was paid for, and its answer was never delivered" in bench.text(given)
    assert row.outcome
    assert row.outcome["pictures"][0]["image"] in bench.text(given)
    assert row.id not in bench.text(anew)
    assert bench.line.posts == 2


async def test_a_result_of_a_killed_server_is_given_by_the_next_and_paid_once(bench: Bench) -> None:
    settings = bench.settings()
    async with bench.connect(settings) as client:
        await client.call_tool("generate_image", GENERATE)
        [row] = await bench.settled(settings)
    change(settings, "UPDATE jobs SET delivered_at = NULL")  # as it stood when the server was killed
    async with bench.connect(settings) as client:
        given = await client.call_tool("generate_image", GENERATE)

    assert row.id in bench.text(given)
    assert bench.line.posts == 1


async def test_who_repeats_a_call_that_may_have_been_billed_is_told_before_it_is_paid_again(bench: Bench) -> None:
    settings = bench.settings()
    bench.line.hold()
    with suppress(MCPError):
        async with bench.connect(settings, "stdio") as client:
            calling = bench.call(client, "generate_image", GENERATE)
            await bench.line.until(lambda: bench.line.held == 1)
            os.kill(bench.journal(settings)[0].pid, signal.SIGKILL)
            await calling.done.wait()
    bench.line.release()
    async with bench.connect(settings) as client:
        told = await client.call_tool("generate_image", GENERATE)
        paid_by_then = bench.line.posts
        anew = await client.call_tool("generate_image", GENERATE)
        [lost, row] = await bench.settled(settings)

    assert told.is_error
    assert "An earlier call like this one failed, and this answer was never delivered" in bench.text(told)
    assert "may have been billed" in bench.text(told)
    assert lost.id in bench.text(told)
    assert not anew.is_error, bench.text(anew)
    assert (lost.state, row.state) == ("unknown", "completed")
    assert (paid_by_then, bench.line.posts) == (1, 2)


async def test_an_answer_that_a_killed_server_has_perhaps_not_sent_is_given_again_rather_than_paid_again(
    bench: Bench,
) -> None:
    settings = bench.settings()
    with suppress(MCPError):
        async with bench.connect(settings, "stdio") as client:
            await client.call_tool("generate_image", GENERATE)
            os.kill((await bench.settled(settings))[0].pid, signal.SIGKILL)
    [row] = bench.journal(settings)
    async with bench.connect(settings) as client:
        again = await client.call_tool("generate_image", GENERATE)

    assert row.id in bench.text(again)
    assert bench.line.posts == 1


async def test_what_a_server_answered_before_it_closed_was_given(bench: Bench) -> None:
    settings = bench.settings()
    async with bench.connect(settings) as client:
        await client.call_tool("generate_image", GENERATE)
        [row] = await bench.settled(settings)
    async with bench.connect(settings) as client:
        anew = await client.call_tool("generate_image", GENERATE)

    assert row.id not in bench.text(anew)
    assert bench.line.posts == 2


async def test_a_client_of_the_old_protocol_cancels_its_call_over_http(bench: Bench) -> None:
    settings = bench.settings()
    bench.line.hold(BEFORE)
    async with bench.connect(settings, "http", "legacy") as client:
        calling = bench.call(client, "generate_image", GENERATE)
        await bench.line.until(lambda: bench.line.held == 1)
        calling.scope.cancel()
        await calling.done.wait()
        await bench.line.until(lambda: any(asked.endswith("/cancel") for asked in bench.line.asked))
        [row] = await bench.settled(settings)

    assert (row.state, row.reserved) == ("cancelled", 0)
    assert bench.line.posts == 1


class LastToLeave(Lifespan):
    """What a server holds, saying when the last of its clients has left."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.left = anyio.Event()

    async def __aexit__(self, *error: object) -> None:
        self.left.set()
        await super().__aexit__(*error)


async def closed_over_a_call(bench: Bench, settings: Settings, tool: str, arguments: dict[str, Any]) -> Row:
    """Close a server over a call that was sent, which the service takes only then; gives the job as it is left."""
    bench.line.hold()
    lifespan = LastToLeave(settings)

    async def release() -> None:
        await lifespan.left.wait()
        bench.line.release()

    bench.tasks.start_soon(release)
    async with Client(make_server(lifespan)) as client:
        bench.call(client, tool, arguments)
        await bench.line.until(lambda: bench.line.held == 1)
    [row] = bench.journal(settings)
    return row


async def test_a_server_that_closes_waits_until_the_service_has_named_a_call_that_was_sent(bench: Bench) -> None:
    settings = bench.settings()
    left = await closed_over_a_call(bench, settings, "generate_image", GENERATE)
    async with bench.connect(settings) as client:
        given = await client.call_tool("get_job", {"job_id": left.id})
        [row] = await bench.settled(settings)

    assert left.responses  # what the next server can ask for
    assert not given.is_error, bench.text(given)
    assert (row.state, row.estimated) == ("completed", False)
    assert bench.line.posts == 1
    assert not any(asked.endswith("/cancel") for asked in bench.line.asked)


async def test_a_server_that_closes_waits_for_hits_that_no_later_server_could_ask_for(bench: Bench) -> None:
    arguments = {"query": "a red fox", "provider": "dashscope"}
    row = await closed_over_a_call(bench, bench.settings(), "search_images", arguments)

    assert (row.state, row.reserved, row.estimated) == ("completed", 0, False)
    assert row.outcome
    assert row.outcome["hits"]
    assert bench.line.posts == 1


async def test_a_call_that_one_of_two_callers_cancels_goes_on_for_the_other(bench: Bench) -> None:
    settings = bench.settings(wait_seconds=2 * REGRET_SECONDS)
    bench.line.hold(BEFORE)
    async with bench.connect(settings) as client:
        cancelled = bench.call(client, "generate_image", GENERATE)
        await bench.line.until(lambda: bench.line.held == 1)
        waiting = bench.call(client, "generate_image", GENERATE)
        await waiting.hears("joined")
        cancelled.scope.cancel()
        running = await waiting.result()
        bench.line.release()
        [row] = await bench.settled(settings)

    assert "Still running" in bench.text(running)
    assert not any(asked.endswith("/cancel") for asked in bench.line.asked)
    assert (row.state, row.estimated) == ("completed", False)
    assert bench.line.posts == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("told", "stage"),
    [
        (signal.SIGTERM, "before it was accepted"),
        (signal.SIGTERM, "while it works"),
        (signal.SIGINT, "while it works"),
        (signal.SIGHUP, "while it works"),
    ],
)
async def test_a_server_with_a_stuck_job_ends_when_told(bench: Bench, told: signal.Signals, stage: str) -> None:
    settings = bench.settings()
    bench.line.hold("" if stage.startswith("before") else BEFORE)
    pid = 0
    with suppress(MCPError, anyio.ClosedResourceError, anyio.BrokenResourceError):
        async with bench.connect(settings, "stdio") as client:
            calling = bench.call(client, "generate_image", GENERATE)
            await bench.line.until(lambda: bench.line.held == 1)
            if stage.startswith("while"):
                await bench.accepted(settings)
            pid = bench.journal(settings)[0].pid
            began = anyio.current_time()
            os.kill(pid, told)
            with anyio.fail_after(MOST_SECONDS):
                await calling.done.wait()
            assert anyio.current_time() - began < MOST_SECONDS
    [row] = bench.journal(settings)
    assert (row.state, row.pid) == ("sent", pid)  # handed to the journal: the next server takes it over
    assert not any(asked.endswith("/cancel") for asked in bench.line.asked)


@pytest.mark.slow
async def test_a_server_over_http_with_a_stuck_call_ends_when_told(bench: Bench, environment: Any) -> None:
    settings = bench.settings()
    bench.line.hold(BEFORE)
    command = [sys.executable, "-m", "lightbox", "serve", "--http", "127.0.0.1:0"]
    process = await run_sync(
        partial(subprocess.Popen[str], command, env=environment(settings), stderr=subprocess.PIPE, text=True)
    )
    with process:
        assert process.stderr is not None
        address = (await run_sync(process.stderr.readline)).split()[-1]
        with suppress(Exception):
            async with bench.connect(settings, "http", url=address.removesuffix("/mcp")) as client:
                bench.call(client, "generate_image", GENERATE)
                await bench.line.until(lambda: bench.line.held == 1)
                process.terminate()
                await run_sync(process.wait, MOST_SECONDS)
        assert process.poll() is not None
    [row] = bench.journal(settings)
    assert row.state == "sent"


def test_a_process_that_was_given_a_dead_ones_number_is_another() -> None:
    with living_server() as name:
        assert lives(name) is True
        host, pid, _ = name.rsplit(":", 2)
    assert lives(name) is False
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        assert lives(f"{host}:{other.pid}:another-start.0a0b0c0d") is False
        assert lives(f"{host}:{other.pid}:0a0b0c0d") is None  # named by release 0.1, which knew no start
        other.kill()
    assert lives(f"{host}:{other.pid}:another-start.0a0b0c0d") is False
    assert lives(f"elsewhere:{pid}:another-start.0a0b0c0d") is None


@pytest.mark.skipif(not hasattr(os, "waitid"), reason="this system keeps no entry of a process that has ended")
def test_a_killed_server_is_gone_although_nobody_has_asked_yet_how_it_ended() -> None:
    program = "from lightbox.jobs.server_identity import living_server as living\n"
    program += "with living() as name: print(name, flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout
        name = other.stdout.readline().strip()
        before = lives(name)
        os.kill(other.pid, signal.SIGKILL)
        os.waitid(os.P_PID, other.pid, os.WEXITED | os.WNOWAIT)  # it has ended, and its entry stays
        assert (before, lives(name)) == (True, False)
