"""Hits that are wanted in a shape and a size: what does not fit is left out and counted, and nothing is lost."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from lightbox.tools import arguments
from lightbox.tools.hit_list import LICENCES

if TYPE_CHECKING:
    from tests.conftest import Answer, Ask, Connect, MakeSettings
    from tests.tools.conftest import DataURI, Paint

SIZES = {
    "wide 1": (1280, 720),
    "tall 1": (720, 1280),
    "small 1": (320, 200),
    "square 1": (900, 900),
    "wide 2": (1600, 900),
    "small 2": (160, 100),
    "small 3": (200, 300),
}


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """Pictures of foxes in many shapes and sizes, for the sandbox to find."""
    folder = tmp_path / "library"
    folder.mkdir()
    for number, (name, size) in enumerate(SIZES.items()):
        Image.new("RGB", size, (30 * number, 90, 40)).save(folder / f"fox {name}.png")
    return folder


def shapes(answer: Answer) -> set[str]:
    return {hit["title"].removeprefix("fox ").rpartition(" ")[0] for hit in answer.listed["hits"]}


async def search(connect: Connect, ask: Ask, made: Any, **arguments: Any) -> Answer:
    async with connect(made) as client:
        answer = await ask(client, "search_images", query="fox", **arguments)
    assert not answer.failed, answer.text
    return answer


@pytest.mark.parametrize(
    ("wanted", "left", "said"),
    [
        ({"shape": "landscape"}, {"wide", "small"}, "Left out: 3 of 7 were not landscape."),
        (
            {"shape": "landscape", "min_side": 700},
            {"wide"},
            "Left out: 3 of 7 were too small, 2 were not landscape. The largest too small one has 320x200 px.",
        ),
        ({"shape": "square"}, {"square"}, "Left out: 6 of 7 were not square."),
        ({"min_side": 900}, {"wide", "square"}, "Left out: 5 of 7 were too small. The largest too small one has "),
        (
            {"shape": "portrait", "min_side": 200},
            {"tall", "small"},
            "Left out: 4 of 7 were not portrait, 1 was too small.",
        ),
    ],
)
async def test_hits_that_do_not_fit_are_left_out_and_counted(
    connect: Connect,
    ask: Ask,
    settings: MakeSettings,
    library: Path,
    wanted: dict[str, Any],
    left: set[str],
    said: str,
) -> None:
    answer = await search(connect, ask, settings(provider="sandbox", library=library), **wanted)

    assert shapes(answer) == left
    assert any(said in note for note in answer.listed["notes"]), answer.text
    assert f"note: {answer.listed['notes'][0]}" in answer.text
    assert answer.listed["found"] == 7
    assert f"{len(answer.listed['hits'])} picture" in answer.text


async def test_where_none_fits_the_answer_says_so_with_the_largest_there_is(
    connect: Connect, ask: Ask, settings: MakeSettings, library: Path
) -> None:
    answer = await search(connect, ask, settings(provider="sandbox", library=library), min_side=2000)

    assert answer.listed["hits"] == []
    assert "None of 7 pictures found fits" in answer.text
    assert "No pictures found" not in answer.text
    assert "The largest too small one has 1600x900 px." in answer.text
    assert answer.text.endswith("next: search_images(…) with another shape or a smaller min_side")


async def test_more_are_asked_for_so_that_as_many_fit_as_are_wanted(
    connect: Connect, ask: Ask, settings: MakeSettings, library: Path
) -> None:
    made = settings(provider="sandbox", library=library)
    bare = await search(connect, ask, made, count=4)
    wanted = await search(connect, ask, made, count=4, shape="landscape")

    assert len(bare.listed["hits"]) == bare.listed["found"] == 4
    assert len(wanted.listed["hits"]) == 4
    assert wanted.listed["found"] == 7


async def test_what_was_left_out_is_known_by_its_handle_all_the_same(
    connect: Connect, ask: Ask, settings: MakeSettings, library: Path
) -> None:
    made = settings(provider="sandbox", library=library)
    async with connect(made) as client:
        await ask(client, "search_images", query="fox", count=5, shape="square")
        every = await ask(client, "search_images", query="fox", count=15)
        seen = await ask(client, "view_images", images=[hit["image"] for hit in every.listed["hits"]])

    assert every.listed["cached"]  # with the handles that the first search gave
    assert len(every.listed["hits"]) == 7
    assert not seen.failed, seen.text


async def test_similar_pictures_are_wanted_in_a_shape_too(
    connect: Connect, ask: Ask, settings: MakeSettings, library: Path, paint: Paint, data_uri: DataURI
) -> None:
    async with connect(settings(provider="sandbox", library=library)) as client:
        answer = await ask(
            client, "find_similar_images", image=data_uri(paint()), count=4, shape="portrait", min_side=500
        )

    assert shapes(answer) == {"tall"}
    assert "were too small" in answer.text


@pytest.mark.parametrize("tool", ["search_images", "find_similar_images"])
async def test_a_shape_of_hits_that_are_not_to_be_checked_is_refused(
    connect: Connect, ask: Ask, settings: MakeSettings, paint: Paint, data_uri: DataURI, tool: str
) -> None:
    what = {"query": "fox"} if tool == "search_images" else {"image": data_uri(paint())}
    async with connect(settings()) as client:
        answer = await ask(client, tool, **what, check=False, shape="square", min_side=300)

    assert answer.failed
    assert "shape and min_side can't be had with check=false" in answer.text
    assert "Nothing was sent" in answer.text


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("dead", "were dead"),
        ("not_an_image", "were not a picture"),
        ("private", "were blocked"),
        ("tiny", "1 of 1 was too small"),
    ],
)
async def test_what_is_of_no_use_is_left_out_and_counted_as_what_it_is(
    connect: Connect, ask: Ask, settings: MakeSettings, fault: str, said: str
) -> None:
    async with connect(settings()) as client:
        model = f"sandbox-fault/hits={fault}"
        answer = await ask(client, "search_images", query="a fox in the forest", shape="landscape", model=model)

    assert answer.listed["hits"] == []
    assert said in answer.listed["notes"][0]
    assert "None of " in answer.text or "The 1 picture found does not fit" in answer.text


async def test_hits_that_could_not_be_checked_in_time_are_kept_and_said_to_be_so(
    connect: Connect, ask: Ask, settings: MakeSettings
) -> None:
    async with connect(settings()) as client:
        answer = await ask(
            client,
            "search_images",
            query="a fox in the forest",
            count=2,
            min_side=500,
            model="sandbox-fault/hits=slow",
        )

    assert {hit["state"] for hit in answer.listed["hits"]} == {"unchecked"}
    assert len(answer.listed["hits"]) == 2
    assert "2 of these could not be checked in time and may not fit" in answer.text


async def test_a_list_says_once_that_no_licence_is_told_and_only_where_there_are_hits(
    connect: Connect, ask: Ask, settings: MakeSettings, library: Path
) -> None:
    made = settings(provider="sandbox", library=library)
    some = await search(connect, ask, made)
    none = await search(connect, ask, made, min_side=2000)

    assert some.text.count(LICENCES) == 1
    assert some.listed["notes"].count(LICENCES) == 1
    assert LICENCES not in none.text


async def test_a_hit_names_its_page_where_the_service_tells_it(
    connect: Connect, ask: Ask, settings: MakeSettings
) -> None:
    async with connect(settings()) as client:
        told = await ask(client, "search_images", query="a fox", count=3, provider="openai")

    assert told.listed["hits"]
    for hit in told.listed["hits"]:
        assert "/pages/" in hit["page_url"]
        assert f"{hit['image_url']} on {hit['page_url']}" in told.text


def test_a_call_that_leaves_the_new_arguments_out_is_the_call_that_it_was() -> None:
    """What names a call in the journal is made of these: an upgrade must not send a journaled search again."""
    search = arguments.SearchImages.model_validate({"query": "a fox"})
    edit = arguments.EditImage.model_validate({"images": ["fox.png"], "prompt": "at night"})

    assert set(search.given()) == {"query", "count", "analysis", "check", "provider"}
    assert not {"area", "mask"} & set(edit.given())
