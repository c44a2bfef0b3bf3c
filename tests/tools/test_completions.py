"""Handles and ids of jobs are completed while a person types them, the caller's own alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from mcp.types import PromptReference, ResourceTemplateReference

from lightbox.tools.completions import TITLES
from lightbox.tools.resource_list import IMAGE, JOB, JOB_PREVIEW, PREVIEW

if TYPE_CHECKING:
    from mcp import Client
    from tests.conftest import Ask, Connect, MakeSettings, Mode

PAINT = {"model": "a-model-that-nobody-knows", "size": "256x256"}


async def offered(client: Client, template: str, argument: str, beginning: str = "") -> list[str]:
    told = await client.complete(ResourceTemplateReference(uri=template), {"name": argument, "value": beginning})
    return told.completion.values


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_the_newest_handles_and_jobs_are_offered_first(
    connect: Connect, ask: Ask, settings: MakeSettings, mode: Mode
) -> None:
    async with connect(settings(), mode=mode) as client:
        made = [await ask(client, "generate_image", prompt=text, **PAINT) for text in ("a fox", "a barn")]
        handles = [answer.handles[0] for answer in reversed(made)]

        for template in (IMAGE, PREVIEW):
            assert await offered(client, template, "handle") == handles
            assert await offered(client, template, "handle", handles[1][:8]) == [handles[1]]
        jobs = await offered(client, JOB, "job_id")
        assert len(jobs) == 2
        assert await offered(client, JOB_PREVIEW, "job_id", jobs[1]) == [jobs[1]]


async def completed(client: Client, prompt: str, argument: str, typed: str) -> tuple[list[str], dict[str, str]]:
    told = await client.complete(PromptReference(name=prompt), {"name": argument, "value": typed})
    return told.completion.values, (told.meta or {}).get(TITLES, {})


async def test_a_picture_is_offered_by_its_handle_and_by_words_and_its_title_is_told_beside_it(
    connect: Connect, ask: Ask, settings: MakeSettings
) -> None:
    async with connect(settings()) as client:
        fox, barn = [
            (await ask(client, "generate_image", prompt=text, **PAINT)).handles[0]
            for text in ("A Red Fox, 100% wool", "a barn")
        ]

        assert await completed(client, "restyle", "image", fox[:9]) == ([fox], {fox: "A Red Fox, 100% wool"})
        assert await completed(client, "restyle", "image", "red f") == ([fox], {fox: "A Red Fox, 100% wool"})
        assert (await completed(client, "restyle", "image", "100%"))[0] == [fox]
        assert (await completed(client, "restyle", "image", "1_0%"))[0] == []
        assert (await completed(client, "restyle", "image", ""))[0] == [barn, fox]
        assert (await completed(client, "compare", "images", f"{fox} bar"))[0] == [f"{fox} {barn}"]
        assert (await completed(client, "compare", "images", f"{fox} "))[0] == [f"{fox} {barn}"]


async def test_models_sizes_and_collections_are_offered_to_prompts(
    connect: Connect, ask: Ask, settings: MakeSettings
) -> None:
    async with connect(settings()) as client:
        made = await ask(client, "generate_image", prompt="a fox", **PAINT)
        for name in ("posters", "deck"):
            await ask(client, "save_images", images=made.handles, folder=name)
        models, _ = await completed(client, "slide_background", "model", "SUN")
        sizes, _ = await completed(client, "slide_background", "size", "1920x")
        collections, _ = await completed(client, "moodboard", "collection", "")
        posters, _ = await completed(client, "slide_background", "collection", "po")
        ratios, _ = await completed(client, "slide_background", "size", "16:")
        nothing, _ = await completed(client, "moodboard", "subject", "a")
        foreign, _ = await completed(client, "compare", "model", "gpt")

    assert models == ["gpt-image-2.6-sunburst", "gpt-image-2.5-sunburst"]
    assert sizes == ["1920x1080"]
    assert collections == ["deck", "posters"]
    assert (posters, ratios) == (["posters"], ["16:9"])
    assert (nothing, foreign) == ([], [])


@pytest.mark.parametrize("typed", ["img\\_", "img%", "_", "lightbox://images/", "x" * 10_000, "\0"])
async def test_what_begins_no_handle_has_none(connect: Connect, ask: Ask, settings: MakeSettings, typed: str) -> None:
    async with connect(settings()) as client:
        await ask(client, "generate_image", prompt="a fox", **PAINT)

        assert await offered(client, IMAGE, "handle", typed) == []
        assert await offered(client, "lightbox://nothing/{like}", "this", typed) == []
        told = await client.complete(PromptReference(name=typed), {"name": "handle", "value": "img_"})
        assert told.completion.values == []
