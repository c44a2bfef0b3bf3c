"""Searches with a shape and a size: one request, priced as it is asked for, and paid for once within the hour."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .conftest import Bench

SEARCH: dict[str, Any] = {"query": "a mountain lake", "count": 4}


def handles(result: Any) -> list[str]:
    assert result.structured_content, result
    return [hit["image"] for hit in result.structured_content["hits"]]


@pytest.mark.parametrize(
    ("provider", "asked"), [("dashscope", "for 12 pictures of the following"), ("openai", "'max_results': 12")]
)
async def test_one_request_asks_for_more_to_make_up_for_what_does_not_fit(
    bench: Bench, provider: str, asked: str
) -> None:
    settings = bench.settings()
    async with bench.connect(settings) as client:
        await client.call_tool("search_images", {**SEARCH, "provider": provider, "min_side": 5_000})
        await bench.settled(settings)

    assert bench.line.posts == 1
    assert asked in str(bench.line.sent[0])


async def test_a_search_by_picture_asks_for_more_too(bench: Bench, picture: Any) -> None:
    settings = bench.settings()
    async with bench.connect(settings) as client:
        await client.call_tool("find_similar_images", {"image": str(picture), "count": 4, "shape": "square"})
        await bench.settled(settings)

    assert bench.line.posts == 1
    assert "12 pictures that look like this" in str(bench.line.sent[0])


@pytest.mark.usefixtures("either_database")
@pytest.mark.parametrize("provider", ["dashscope", "openai"])
async def test_other_wishes_for_the_same_search_are_answered_from_the_journal_for_nothing(
    bench: Bench, provider: str
) -> None:
    settings = bench.settings()
    arguments = {**SEARCH, "provider": provider}
    async with bench.connect(settings) as client:
        wide = await client.call_tool("search_images", {**arguments, "shape": "landscape"})
        await bench.settled(settings)
    async with bench.connect(settings) as client:  # another server, later
        tall = await client.call_tool("search_images", {**arguments, "shape": "portrait"})
        large = await client.call_tool("search_images", {**arguments, "min_side": 300})
        every = await client.call_tool("search_images", {**arguments, "count": 12})
        again = await client.call_tool("search_images", {**arguments, "shape": "landscape"})

    assert handles(again) == handles(wide)
    assert not set(handles(wide)) & set(handles(tall))
    assert set(handles(wide)) | set(handles(tall)) <= set(handles(every))
    for answer in (tall, large, every, again):
        assert answer.structured_content
        assert answer.structured_content["cached"]
        assert answer.structured_content["cost"]["billed"] == "0"
    assert bench.line.posts == 1


async def test_a_search_for_many_serves_one_with_wishes_for_fewer(bench: Bench) -> None:
    settings = bench.settings()
    async with bench.connect(settings) as client:
        every = await client.call_tool("search_images", {**SEARCH, "count": 12})
        await bench.settled(settings)
        wide = await client.call_tool("search_images", {**SEARCH, "shape": "landscape"})

    assert wide.structured_content
    assert wide.structured_content["cached"]
    assert set(handles(wide)) <= set(handles(every))
    assert all(hit["width"] > hit["height"] for hit in wide.structured_content["hits"])
    assert len(handles(wide)) <= 4


async def test_a_search_without_wishes_is_not_served_by_one_that_asked_for_more(bench: Bench) -> None:
    settings = bench.settings()
    async with bench.connect(settings) as client:
        await client.call_tool("search_images", {**SEARCH, "shape": "landscape"})
        await bench.settled(settings)
        bare = await client.call_tool("search_images", SEARCH)

    assert bare.structured_content
    assert not bare.structured_content["cached"]
    assert bench.line.posts == 2


async def test_the_job_answers_later_as_its_own_call_did(bench: Bench) -> None:
    settings = bench.settings()
    async with bench.connect(settings) as client:
        wide = await client.call_tool("search_images", {**SEARCH, "shape": "landscape", "min_side": 300})
        [row] = await bench.settled(settings)
        tall = await client.call_tool("search_images", {**SEARCH, "shape": "portrait"})
        later = await client.call_tool("get_job", {"job_id": row.id})

    assert wide.structured_content
    assert later.structured_content
    assert handles(later) == handles(wide) != handles(tall)
    assert later.structured_content["notes"] == wide.structured_content["notes"]


async def test_a_call_that_joins_one_with_other_wishes_is_answered_with_its_own(bench: Bench) -> None:
    settings = bench.settings(wait_seconds=0.5)
    bench.line.hold("response.created")
    async with bench.connect(settings) as client:
        first = bench.call(client, "search_images", {**SEARCH, "shape": "landscape"})
        await bench.line.until(lambda: bench.line.held == 1)
        running = await client.call_tool("search_images", {**SEARCH, "shape": "portrait"})
        bench.line.release()
        await first.result()
        await bench.settled(settings)
        tall = await client.call_tool("search_images", {**SEARCH, "shape": "portrait"})

    assert running.structured_content
    assert running.structured_content["status"] == "running"
    assert "get_job answers that one: make this call again for yours" in bench.text(running)
    assert tall.structured_content
    assert all(hit["width"] < hit["height"] for hit in tall.structured_content["hits"])
    assert bench.line.posts == 1


async def test_what_is_asked_for_is_what_the_estimate_prices(bench: Bench) -> None:
    call = {"query": "a mountain lake", "provider": "dashscope"}
    figures: list[Any] = []
    async with bench.connect(bench.settings()) as client:
        for more in ({"count": 20}, {"count": 20, "shape": "square"}, {"count": 60}):
            answer = await client.call_tool("estimate_cost", {"tool": "search_images", "arguments": call | more})
            assert answer.structured_content
            figures.append(answer.structured_content["calls"][0]["high"])

    assert figures[0] != figures[1] == figures[2]
    assert bench.line.posts == 0


async def test_without_a_cache_nothing_is_said_of_a_search_that_costs_nothing(bench: Bench) -> None:
    async with bench.connect(bench.settings(cache_seconds=0)) as client:
        unkept = await client.call_tool("search_images", {**SEARCH, "min_side": 5_000})
    async with bench.connect(bench.settings()) as client:
        kept = await client.call_tool("search_images", {**SEARCH, "min_side": 5_000})

    said = "this search costs nothing with another shape or min_side, or with count=12 and neither"
    assert said not in bench.text(unkept)
    assert said in bench.text(kept)
