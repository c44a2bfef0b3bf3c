"""LIGHTBOX_PREVIEWS=off: no tool answers with a picture, and each answer says where it is and what to do instead."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from mcp.types import TextContent

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Answer, Ask, Connect, MakeSettings

BASE64 = re.compile(r"[A-Za-z0-9+/]{200,}|;base64,")
INSTEAD = "LIGHTBOX_PREVIEWS is off on this server; describe_images tells what is in a picture."


def without_pictures(answer: Answer) -> bool:
    whole = answer.result.model_dump_json(by_alias=True)
    return all(isinstance(block, TextContent) for block in answer.result.content) and not BASE64.search(whole)


async def test_no_tool_answers_with_a_picture_or_its_letters(
    connect: Connect, ask: Ask, settings: MakeSettings, photo: Path
) -> None:
    off = settings(previews="off", read_dirs=(photo.parent,))
    answers: dict[str, Answer] = {}
    async with connect(off) as client:

        async def call(tool: str, /, **arguments: Any) -> Answer:
            answers[tool] = await ask(client, tool, **arguments)
            assert not answers[tool].failed, answers[tool].text
            return answers[tool]

        hits = (await call("search_images", query="a lighthouse", count=3)).listed["hits"]
        found = [hit["image"] for hit in hits]
        made = await call("generate_image", prompt="a fox", size="256x256")
        await call("find_similar_images", image=found[0], count=2)
        await call("edit_image", images=[str(photo)], prompt="bluer")
        await call("transform_image", images=[made.handles[0]], size="64x64")
        await call("view_images", images=found)
        await call("describe_images", images=found[:1])
        await call("list_images")
        await call("save_images", images=found[:1], folder="kept")
        await call("estimate_cost", tool="generate_image", arguments={"prompt": "a fox"})
        job = re.findall(r"job_\w+", made.text)[0]
        again = await call("get_job", job_id=job)
        await call("get_spending")
        alone = await ask(client, "view_images", images=found[:1])
        each = await ask(client, "view_images", images=found, layout="each")
        tools = (await client.list_tools()).tools

    assert {tool.name for tool in tools} == answers.keys()
    assert [tool for tool, answer in answers.items() if not without_pictures(answer)] == []
    for answer in (made, again, answers["edit_image"], answers["transform_image"], alone, each):
        assert without_pictures(answer)
        assert f"preview: left out, because {INSTEAD}" in answer.text
        assert "path: " in answer.text or "resource: lightbox://images/" in answer.text
    assert f"It is saved and not shown here, because {INSTEAD}" in answers["view_images"].text
    assert "path: " in answers["view_images"].text
    steps = [line for answer in answers.values() for line in answer.text.splitlines() if line.startswith("next: ")]
    assert "next: describe_images(" in answers["search_images"].text
    assert not any("view_images" in step for step in steps), steps


async def test_pictures_are_shown_unless_that_is_turned_off(connect: Connect, ask: Ask, settings: MakeSettings) -> None:
    async with connect(settings()) as client:
        answer = await ask(client, "generate_image", prompt="a fox", size="256x256")
        told = client.instructions

    assert len(answer.pictures) == 1
    assert "PREVIEWS" not in answer.text
    assert "call view_images" in (told or "")


@pytest.mark.parametrize("provider", ["sandbox", "auto"])
async def test_the_instructions_send_nobody_to_look_where_nothing_is_shown(
    connect: Connect, settings: MakeSettings, provider: str
) -> None:
    async with connect(settings(previews="off", provider=provider)) as client:
        told = client.instructions or ""

    assert "view_images" not in told
    assert "LIGHTBOX_PREVIEWS is off" in told
    assert len(told.encode()) <= 2_000
