"""Every answer ends with the next step that fits, by the caller's own tools, and says what its hits' states mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

import pytest

from lightbox.tools.hit_list import EXPLAINED
from lightbox.tools.next_step import AFTER, MOST_HANDLES, next_step
from lightbox.tools.table import TOOLS
from lightbox.vocabulary import HitState

if TYPE_CHECKING:
    from tests.conftest import Ask, Connect, MakeSettings, Mode
    from tests.tools.conftest import DataURI, Paint

PAINT: dict[str, Any] = {"model": "a-model-that-nobody-knows", "size": "256x256"}
ALL = {tool.name for tool in TOOLS}


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_each_answer_ends_with_a_call_that_can_be_made_with_its_handles(
    connect: Connect, ask: Ask, settings: MakeSettings, data_uri: DataURI, paint: Paint, mode: Mode
) -> None:
    given = [data_uri(paint("red", "blue")), data_uri(paint("green", "white"))]
    async with connect(settings(), mode=mode) as client:
        found = await ask(client, "search_images", query="a mountain lake", count=2)
        sheet = await ask(client, "view_images", images=given)
        seen = await ask(client, "view_images", images=given[:1])
        made = await ask(client, "generate_image", prompt="a fox", **PAINT)
        described = await ask(client, "describe_images", images=made.handles)
        priced = await ask(client, "estimate_cost", tool="generate_image", arguments={"prompt": "a fox"} | PAINT)
        spent = await ask(client, "get_spending")
        cut = await ask(client, "transform_image", images=made.handles, crop="square", size="64x64")
        saved = await ask(client, "save_images", images=made.handles, folder="foxes")
        listed = await ask(client, "list_images", query="foxes", origin="all")
        unlisted = await ask(client, "list_images", query="nothing like it")

    first, second = found.handles
    assert last(found.text) == f'next: view_images(images=["{first}", "{second}"]) shows them'
    assert found.listed["next"] == last(found.text)
    one = sheet.handles[0]
    assert last(sheet.text).startswith(f'next: view_images(images=["{one}"], layout="each") shows number 1 larger')
    assert last(seen.text).startswith(f'next: edit_image(images=["{seen.handles[0]}"], prompt="…") changes it')
    assert f'find_similar_images(image="{seen.handles[0]}")' in last(seen.text)
    assert last(made.text).startswith(f'next: edit_image(images=["{made.handles[0]}"], prompt="…") changes it')
    assert "view_images" not in last(made.text), "the preview is the whole picture"
    assert f'edit_image(images=["{made.handles[0]}"]' in last(described.text)
    assert last(priced.text) == "next: generate_image(…) with the same arguments makes the call"
    assert last(spent.text).startswith("next: estimate_cost(")
    assert last(cut.text) == f'next: save_images(images=["{cut.handles[0]}"], folder="…") keeps it'
    assert last(saved.text) == 'next: list_images(origin="all", query="foxes") finds the collection again'
    assert last(listed.text) == f'next: view_images(images=["{made.handles[0]}"]) shows them'
    assert last(unlisted.text).startswith("next: search_images(")
    for answer in (saved, listed, unlisted):
        assert answer.listed["next"] == last(answer.text)


async def test_a_made_picture_that_is_larger_than_its_preview_can_be_looked_at_larger(
    connect: Connect, ask: Ask, settings: MakeSettings
) -> None:
    async with connect(settings()) as client:
        made = await ask(client, "generate_image", prompt="a fox", size="1024x1024", quality="low")
        larger = await ask(client, "view_images", images=made.handles, max_side=1024)

    assert f'view_images(images=["{made.handles[0]}"], max_side=1024) shows it larger' in last(made.text)
    assert larger.pictures[0].size == (1024, 1024)


async def test_what_is_proposed_works(connect: Connect, ask: Ask, settings: MakeSettings) -> None:
    async with connect(settings()) as client:
        found = await ask(client, "search_images", query="a mountain lake", count=2)
        looked = await ask(client, "view_images", images=found.handles)
        [number] = [line for line in looked.text.splitlines() if line.startswith("2. ")]
        larger = await ask(client, "view_images", images=[number.split()[1]], layout="each")

    assert not looked.failed
    assert not larger.failed


async def test_a_call_that_goes_on_ends_with_how_to_ask_for_it(
    connect: Connect, ask: Ask, settings: MakeSettings
) -> None:
    async with connect(settings(wait_seconds=0.01)) as client:
        running = await ask(client, "generate_image", prompt="a fox", **PAINT)
        job = running.text.split("Still running: ")[1].split()[0]
        listed = await ask(client, "search_images", query="a quiet harbour at night", count=2)

    assert last(running.text) == f'next: get_job(job_id="{job}") waits for it'
    if listed.listed["status"] == "running":
        assert last(listed.text) == f'next: get_job(job_id="{listed.listed["job_id"]}") waits for it'


async def test_a_tool_that_nobody_can_serve_is_not_proposed(
    connect: Connect, ask: Ask, settings: MakeSettings, data_uri: DataURI, paint: Paint
) -> None:
    async with connect(settings().model_copy(update={"dashscope_api_key": None})) as client:
        seen = await ask(client, "view_images", images=[data_uri(paint())])

    assert "find_similar_images" not in seen.text
    assert last(seen.text).startswith("next: edit_image(")


async def test_a_picture_that_can_not_be_opened_is_proposed_for_nothing(
    connect: Connect, ask: Ask, settings: MakeSettings, data_uri: DataURI, paint: Paint
) -> None:
    async with connect(settings()) as client:
        seen = await ask(client, "view_images", images=[data_uri(paint()[:120])])

    assert "next:" not in seen.text


@pytest.mark.parametrize("moment", AFTER)
def test_no_step_names_a_tool_that_the_caller_lacks(moment: Any) -> None:
    known = {"job_id": "job_1", "tool": "generate_image", "number": "1", "collection": "deck"}

    assert next_step(ALL, moment, ["img_a"], **known)
    for lacking in ALL:
        line = next_step(ALL - {lacking}, moment, ["img_a"], **known)
        assert line is None or f"{lacking}(" not in line


def test_of_many_handles_a_step_names_the_first_few() -> None:
    many = [f"img_{number}" for number in range(MOST_HANDLES + 2)]

    assert next_step(ALL, "found", many) == 'next: view_images(images=["img_0", "img_1", "img_2", …]) shows them'


@pytest.mark.parametrize(
    ("fault", "state"), [("dead", "dead"), ("not_an_image", "not_an_image"), ("private", "blocked"), ("tiny", "tiny")]
)
async def test_a_state_is_explained_once_in_the_answer_where_it_occurs(
    connect: Connect, ask: Ask, settings: MakeSettings, fault: str, state: HitState
) -> None:
    async with connect(settings()) as client:
        model = f"sandbox-fault/hits={fault}"
        found = await ask(client, "search_images", query="a fox in the forest", count=3, model=model)
        well = await ask(client, "search_images", query="a fox in the forest", count=3)

    told = f"[{state}]: {EXPLAINED[state]}."
    assert found.listed["hits"]
    assert found.text.count(told) == 1
    assert told in found.listed["notes"]
    assert EXPLAINED[state] not in well.text


async def test_hits_that_nobody_checked_say_so_in_words(connect: Connect, ask: Ask, settings: MakeSettings) -> None:
    async with connect(settings()) as client:
        found = await ask(client, "search_images", query="a fox in the forest", count=3, check=False)

    assert found.text.count(EXPLAINED["unchecked"]) == 1


def test_every_state_but_ok_is_explained() -> None:
    assert set(EXPLAINED) == set(get_args(HitState)) - {"ok"}


def last(text: str) -> str:
    return text.splitlines()[-1]
