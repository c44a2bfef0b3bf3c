"""Handles and ids of jobs are completed while a person types them, the caller's own alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from mcp.types import PromptReference, ResourceTemplateReference

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


@pytest.mark.parametrize("typed", ["img\\_", "img%", "_", "lightbox://images/", "x" * 10_000, "\0"])
async def test_what_begins_no_handle_has_none(connect: Connect, ask: Ask, settings: MakeSettings, typed: str) -> None:
    async with connect(settings()) as client:
        await ask(client, "generate_image", prompt="a fox", **PAINT)

        assert await offered(client, IMAGE, "handle", typed) == []
        assert await offered(client, "lightbox://nothing/{like}", "this", typed) == []
        told = await client.complete(PromptReference(name=typed), {"name": "handle", "value": "img_"})
        assert told.completion.values == []
