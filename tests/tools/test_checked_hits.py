"""Checked hits: what is dead, mislabelled, huge or twice there is told before anybody is shown it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

if TYPE_CHECKING:
    from tests.conftest import Answer, Ask, Connect, MakeSettings

CHECK_SECONDS = 3.0

STATES = {
    "dead": "dead",
    "mislabelled": "ok",
    "not_an_image": "not_an_image",
    "redirected": "ok",
    "private": "blocked",
    "huge": "ok",
    "bomb": "ok",
    "slow": "unchecked",
    "tiny": "tiny",
}


async def search(connect: Connect, ask: Ask, settings: MakeSettings, fault: str, **arguments: Any) -> Answer:
    async with connect(settings()) as client:
        model = f"sandbox-fault/hits={fault}"
        return await ask(client, "search_images", query="a fox in the forest", count=3, model=model, **arguments)


@pytest.mark.parametrize("fault", STATES)
async def test_a_hit_says_what_its_address_really_holds(
    connect: Connect, ask: Ask, settings: MakeSettings, fault: str
) -> None:
    began = time.perf_counter()
    answer = await search(connect, ask, settings, fault)
    seconds = time.perf_counter() - began

    hits = answer.listed["hits"]
    assert hits
    assert {hit["state"] for hit in hits} == {STATES[fault]}
    assert all(f"[{hit['state']}]" in answer.text for hit in hits)
    assert seconds < CHECK_SECONDS + 4


async def test_the_type_of_a_mislabelled_hit_comes_from_its_bytes(
    connect: Connect, ask: Ask, settings: MakeSettings
) -> None:
    answer = await search(connect, ask, settings, "mislabelled")

    assert {hit["mime_type"] for hit in answer.listed["hits"]} == {"image/jpeg"}


async def test_a_bomb_among_the_hits_says_how_large_it_claims_to_be_and_is_not_opened(
    connect: Connect, ask: Ask, settings: MakeSettings
) -> None:
    async with connect(settings()) as client:
        found = await ask(client, "search_images", query="a fox", count=1, model="sandbox-fault/hits=bomb")
        seen = await ask(client, "view_images", images=found.handles)

    assert found.listed["hits"][0]["width"] == 30_000
    assert seen.failed
    assert "30000x30000 px" in seen.text


async def test_a_huge_hit_is_not_fetched_whole(connect: Connect, ask: Ask, settings: MakeSettings) -> None:
    async with connect(settings()) as client:
        found = await ask(client, "search_images", query="a fox", count=1, model="sandbox-fault/hits=huge")
        seen = await ask(client, "view_images", images=found.handles)

    assert seen.failed
    assert "larger than 20 MB" in seen.text


async def test_unchecked_hits_say_so(connect: Connect, ask: Ask, settings: MakeSettings) -> None:
    answer = await search(connect, ask, settings, "dead", check=False)

    assert {hit["state"] for hit in answer.listed["hits"]} == {"unchecked"}


async def test_nothing_found_is_an_empty_list_and_no_error(connect: Connect, ask: Ask, settings: MakeSettings) -> None:
    answer = await search(connect, ask, settings, "empty")

    assert not answer.failed
    assert answer.listed["hits"] == []
    assert "No pictures found" in answer.text


async def test_the_same_picture_under_two_addresses_is_one_hit_and_ranks_are_kept(
    connect: Connect, ask: Ask, settings: MakeSettings, tmp_path: Path
) -> None:
    library = tmp_path / "library"
    library.mkdir()
    for number, colour in enumerate(("red", "grey", "red", "blue"), start=1):
        Image.new("RGB", (300, 200), colour).save(library / f"fox {number}.png")
    async with connect(settings(provider="sandbox", library=library)) as client:
        bare = await ask(client, "search_images", query="fox", count=4, check=False)
        checked = await ask(client, "search_images", query="fox", count=4)

    every = [hit["title"] for hit in bare.listed["hits"]]
    kept = [hit["title"] for hit in checked.listed["hits"]]
    assert len(every) == 4
    assert len(kept) == 3
    assert kept == [title for title in every if title in kept]
