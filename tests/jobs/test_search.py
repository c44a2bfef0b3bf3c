"""Searches answer as soon as they can, and are paid for once within the hour."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anyio
import pytest

from databases import change
from lightbox.jobs.journal import Journal, Opened
from lightbox.state.engines import open_database

if TYPE_CHECKING:
    from .conftest import Bench

SEARCHES = ("dashscope", "openai")
TEXT = r"output_text\.delta"


@pytest.mark.parametrize("provider", SEARCHES)
async def test_a_search_answers_when_its_calls_are_done_and_its_bill_comes_later(bench: Bench, provider: str) -> None:
    settings = bench.settings()
    bench.line.hold(TEXT)
    arguments = {"query": "a mountain lake", "provider": provider}
    async with bench.connect(settings) as client:
        answer = await client.call_tool("search_images", arguments)
        [open_job] = bench.journal(settings)
        bench.line.release()
        [row] = await bench.settled(settings)
        later = await client.call_tool("get_job", {"job_id": row.id})

    assert not answer.is_error
    assert answer.structured_content
    assert later.structured_content
    assert answer.structured_content["hits"]
    assert answer.structured_content["cost"]["basis"] == "pending"
    assert (open_job.state, bool(open_job.reserved)) == ("sent", True)
    assert later.structured_content["hits"] == answer.structured_content["hits"]
    assert later.structured_content["cost"]["basis"] == "usage"
    assert (row.state, row.reserved, row.estimated) == ("completed", 0, False)


async def test_hits_stand_though_the_stream_fails_after_the_answer(bench: Bench) -> None:
    settings = bench.settings()
    bench.line.cut(TEXT)
    async with bench.connect(settings) as client:
        answer = await client.call_tool("search_images", {"query": "a mountain lake", "provider": "dashscope"})
        [row] = await bench.settled(settings)
        again = await client.call_tool("search_images", {"query": "a mountain lake", "provider": "dashscope"})

    assert answer.structured_content
    assert again.structured_content
    assert answer.structured_content["hits"]
    assert (row.state, row.reserved, row.estimated) == ("completed", 0, True)
    assert not again.structured_content["cached"]  # what broke off is not passed off as whole for an hour
    assert bench.line.posts == 2


async def test_a_search_with_analysis_waits_for_the_words(bench: Bench) -> None:
    settings = bench.settings(wait_seconds=0.5)
    bench.line.hold(TEXT)
    arguments = {"query": "a mountain lake", "provider": "dashscope", "analysis": True}
    async with bench.connect(settings) as client:
        running = await client.call_tool("search_images", arguments)
        bench.line.release()
        [row] = await bench.settled(settings)
        later = await client.call_tool("get_job", {"job_id": row.id})

    assert running.structured_content
    assert later.structured_content
    assert running.structured_content["status"] == "running"
    assert later.structured_content["analysis"]


@pytest.mark.parametrize("provider", SEARCHES)
async def test_an_identical_search_is_answered_from_the_journal_costs_nothing_and_says_so(
    bench: Bench, provider: str
) -> None:
    settings = bench.settings()
    arguments: dict[str, Any] = {"query": "a mountain lake", "provider": provider, "count": 4}
    async with bench.connect(settings) as client:
        first = await client.call_tool("search_images", arguments)
    async with bench.connect(settings) as client:  # another server, later
        second = await client.call_tool("search_images", {**arguments, "query": " a mountain lake "})
        other = await client.call_tool("search_images", {**arguments, "count": 5})
        rows = await bench.settled(settings)

    assert first.structured_content
    assert second.structured_content
    assert other.structured_content
    assert second.structured_content["hits"] == first.structured_content["hits"]
    assert (second.structured_content["cached"], second.structured_content["cost"]["billed"]) == (True, "0")
    assert "cost: 0, answered from the journal" in bench.text(second)
    assert not other.structured_content["cached"]
    assert bench.line.posts == bench.line.upstream.paid == len(rows) == 2


async def test_without_a_cache_every_search_is_sent(bench: Bench) -> None:
    settings = bench.settings(cache_seconds=0)
    async with bench.connect(settings) as client:
        for _ in range(2):
            answer = await client.call_tool("search_images", {"query": "a mountain lake"})
            assert answer.structured_content
            assert not answer.structured_content["cached"]
            await bench.settled(settings)

    assert bench.line.posts == 2


async def test_hits_that_are_kept_while_their_analysis_is_written_are_no_answer_yet(bench: Bench) -> None:
    settings = bench.settings()
    bench.line.hold(r"output_text\.delta")
    arguments = {"query": "a mountain lake", "provider": "dashscope", "count": 3, "analysis": True}
    async with bench.connect(settings) as first, bench.connect(settings) as second:
        here = bench.call(first, "search_images", arguments)
        await here.hears("found")
        there = bench.call(second, "search_images", arguments)
        await there.hears("joined")
        bench.line.release()
        answers = [await here.result(), await there.result()]
        await bench.settled(settings)

    assert all(answer.structured_content and answer.structured_content["analysis"] for answer in answers)
    assert bench.content(answers[0]) == bench.content(answers[1])
    assert bench.line.posts == 1


@pytest.mark.parametrize(("seconds", "serves"), [(3500, True), (3601, False)])
async def test_a_journaled_search_serves_no_longer_than_the_cache_lasts(
    bench: Bench, seconds: int, *, serves: bool
) -> None:
    settings = bench.settings(cache_seconds=3600)
    async with bench.connect(settings) as client:
        await client.call_tool("search_images", {"query": "a mountain lake"})
        await bench.settled(settings)
        change(settings, f"UPDATE jobs SET answered_at = answered_at - {seconds}")  # noqa: S608 - ours
        again = await client.call_tool("search_images", {"query": "a mountain lake"})
        await bench.settled(settings)

    assert again.structured_content
    assert again.structured_content["cached"] is serves
    assert bench.line.posts == (1 if serves else 2)


@pytest.mark.parametrize(("cache_seconds", "serves"), [(3600, True), (0, False)])
async def test_an_answer_on_its_way_serves_the_same_search_while_the_cache_lasts(
    bench: Bench, cache_seconds: int, *, serves: bool
) -> None:
    settings = bench.settings()
    async with bench.connect(settings) as client:
        await client.call_tool("search_images", {"query": "a mountain lake"})
        [row] = await bench.settled(settings)
    database = open_database(settings.state_dir, settings.state_address)
    journal = Journal(database, "host:1:a", cache_seconds=cache_seconds)
    order = (await journal.get("local", row.id)).order
    journal.delivering.add(row.id)
    equal = await journal.equal(order)
    await database.close()

    assert (equal.job.id if isinstance(equal, Opened) else None) == (row.id if serves else None)


async def test_a_failed_search_is_sent_again(bench: Bench) -> None:
    settings = bench.settings()
    bench.line.fault = "status=400;message=No;times=1"
    async with bench.connect(settings) as client:
        failed = await client.call_tool("search_images", {"query": "a mountain lake", "provider": "dashscope"})
        good = await client.call_tool("search_images", {"query": "a mountain lake", "provider": "dashscope"})
        rows = await bench.settled(settings)

    assert failed.is_error
    assert not good.is_error
    assert [(row.state, row.reserved, row.billed == 0) for row in rows] == [
        ("failed", 0, True),
        ("completed", 0, False),
    ]


async def test_a_search_that_finds_nothing_is_an_answer_and_is_billed(bench: Bench) -> None:
    settings = bench.settings()
    bench.line.fault = "hits=empty"
    async with bench.connect(settings) as client:
        answer = await client.call_tool("search_images", {"query": "a mountain lake", "provider": "dashscope"})
        [row] = await bench.settled(settings)

    assert not answer.is_error
    assert "No pictures found" in bench.text(answer)
    assert (row.state, row.estimated) == ("completed", False)
    assert row.billed


async def test_the_check_of_hits_adds_no_more_than_three_seconds(bench: Bench) -> None:
    settings = bench.settings()
    bench.line.fault = "hits=slow"
    async with bench.connect(settings) as client:
        began = anyio.current_time()
        answer = await client.call_tool("search_images", {"query": "a mountain lake", "provider": "dashscope"})
        took = anyio.current_time() - began

    assert answer.structured_content
    assert {hit["state"] for hit in answer.structured_content["hits"]} <= {"unchecked", "ok"}
    assert took < 3 + 5  # the check, and a server that begins
