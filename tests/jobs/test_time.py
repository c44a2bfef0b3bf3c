"""Every tool answers in time whatever the service does, and get_job brings the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anyio
import pytest

if TYPE_CHECKING:
    from .conftest import Bench, Paid

WAIT = 0.5


@pytest.mark.parametrize(
    ("fault", "mode"),
    [("delay=30", "legacy"), ("gap=10", "auto"), ("endless", "auto")],
    ids=["hangs", "drips", "never-ends"],
)
async def test_every_tool_answers_in_time_though_the_service_hangs_drips_or_never_ends(
    bench: Bench, arguments: dict[str, Any], paid: Paid, fault: str, mode: str
) -> None:
    settings = bench.settings(wait_seconds=WAIT)
    bench.line.fault = fault
    async with bench.connect(settings, "memory", "legacy" if mode == "legacy" else "auto") as client:
        await client.call_tool("get_spending", {})  # opening is not what is timed
        began = anyio.current_time()
        answer = await client.call_tool(paid.tool, arguments)
        took = anyio.current_time() - began
        [row] = bench.journal(settings)
        if row.state == "sent":
            began = anyio.current_time()
            asked = await client.call_tool("get_job", {"job_id": row.id, "wait_seconds": 60})
            assert anyio.current_time() - began < WAIT + 1
            assert not asked.is_error
        bench.line.hang_up()

    assert took < WAIT + 1
    assert not answer.is_error, bench.text(answer)
    assert row.id in bench.text(answer)


async def test_a_running_answer_names_the_job_its_stage_and_how_long_such_calls_take(bench: Bench) -> None:
    settings = bench.settings(wait_seconds=1)
    async with bench.connect(settings) as client:
        await client.call_tool("search_images", {"query": "a lake", "provider": "dashscope"})
        await bench.settled(settings)
        bench.line.hold(r"response\.output_item\.added")
        running = await client.call_tool("search_images", {"query": "a hill", "provider": "dashscope"})
        row = bench.journal(settings)[-1]
        bench.line.release()

    text = bench.text(running)
    assert text.startswith(f"Still running: {row.id} (searching, for ")
    assert "such calls usually take" in text
    assert f'get_job(job_id="{row.id}")' in text


async def test_get_job_gives_what_the_tool_gave_here_elsewhere_and_after_a_restart(
    bench: Bench, paid: Paid, arguments: dict[str, Any]
) -> None:
    settings = bench.settings()
    async with bench.connect(settings) as client, bench.connect(settings) as other:
        answer = bench.content(await client.call_tool(paid.tool, arguments))
        [row] = await bench.settled(settings)
        here = bench.content(await client.call_tool("get_job", {"job_id": row.id}))
        elsewhere = bench.content(await other.call_tool("get_job", {"job_id": row.id}))
    async with bench.connect(settings) as client:
        later = bench.content(await client.call_tool("get_job", {"job_id": row.id}))

    assert here == elsewhere == later == answer


async def test_get_job_says_of_a_wrong_id_what_is_right(bench: Bench) -> None:
    async with bench.connect(bench.settings()) as client:
        answer = await client.call_tool("get_job", {"job_id": "job_nothing"})

    assert answer.is_error
    assert "exactly as a tool answered it" in bench.text(answer)
