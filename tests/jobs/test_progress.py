"""Progress that one can see, and that never costs anything."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from mcp import MCPError
from mcp.types import BlobResourceContents

if TYPE_CHECKING:
    from .conftest import Bench, Paid

SMALL = {"model": "gpt-image-2", "size": "1024x640", "quality": "low"}
STAGES = {
    "search_images": ["sent to", "searching", "found"],
    "find_similar_images": ["sent to", "searching", "found"],
    "generate_image": ["sent to", "painting", "partial 1 of 1", "saving"],
    "edit_image": ["sent to", "painting", "partial 1 of 1", "saving"],
    "describe_images": ["sent to", "writing the answer"],
}


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_each_stage_is_told_with_rising_numbers_and_nothing_after_the_answer(
    bench: Bench, paid: Paid, arguments: dict[str, Any], mode: str
) -> None:
    settings = bench.settings()
    bench.line.fault = "gap=0.02"
    async with bench.connect(settings, "memory", "legacy" if mode == "legacy" else "auto") as client:
        calling = bench.call(client, paid.tool, arguments)
        await calling.result()
        told = list(calling.progress)
        await bench.settled(settings)

    numbers = [number for number, _ in told]
    messages = [message for _, message in told]
    assert numbers == sorted(set(numbers))
    positions = [next(n for n, text in enumerate(messages) if stage in text) for stage in STAGES[paid.tool]]
    assert positions == sorted(positions)
    assert calling.progress == told


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_a_failing_progress_callback_never_ends_a_paid_call(bench: Bench, mode: str) -> None:
    settings = bench.settings()

    async def fail(progress: float, total: float | None, message: str | None) -> None:
        raise RuntimeError(progress, total, message)

    async with bench.connect(settings, "memory", "legacy" if mode == "legacy" else "auto") as client:
        answer = await client.call_tool("search_images", {"query": "a lake"}, progress_callback=fail)
        [row] = await bench.settled(settings)

    assert not answer.is_error
    assert (row.state, bench.line.posts) == ("completed", 1)


async def test_a_progress_callback_that_never_returns_holds_up_neither_the_work_nor_the_answer(bench: Bench) -> None:
    settings = bench.settings()

    async def hang(progress: float, total: float | None, message: str | None) -> None:
        del progress, total, message
        await anyio.sleep_forever()

    async with bench.connect(settings) as client:
        with anyio.fail_after(15):
            answer = await client.call_tool("search_images", {"query": "a lake"}, progress_callback=hang)
        [row] = await bench.settled(settings)

    assert not answer.is_error
    assert row.state == "completed"


async def test_an_unfinished_picture_can_be_read_while_the_job_runs_and_is_gone_after_it(bench: Bench) -> None:
    settings = bench.settings()
    bench.line.hold("partial_image")
    async with bench.connect(settings) as client:
        calling = bench.call(client, "generate_image", {"prompt": "a red fox", **SMALL})
        await calling.hears("partial 1 of 1")
        [row] = bench.journal(settings)
        uri = f"lightbox://jobs/{row.id}/preview"
        [content] = (await client.read_resource(uri)).contents
        bench.line.release()
        answer = await calling.result()
        await bench.settled(settings)
        with pytest.raises(MCPError, match="has no unfinished picture"):
            await client.read_resource(uri)

    assert isinstance(content, BlobResourceContents)
    assert content.mime_type in {"image/png", "image/webp", "image/jpeg"}
    assert len(base64.b64decode(content.blob)) > 100
    assert not answer.is_error
    assert not list((settings.state_dir / "partials").iterdir())
