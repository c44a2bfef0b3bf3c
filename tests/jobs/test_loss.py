"""What goes wrong here loses nothing that was paid for, and hides nothing that may have been billed."""

from __future__ import annotations

import json
import os
import signal
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from mcp import MCPError

from databases import change

if TYPE_CHECKING:
    from .conftest import Bench

SMALL = {"model": "gpt-image-2", "size": "1024x640", "quality": "low"}
GENERATE: dict[str, Any] = {"prompt": "a red fox", **SMALL}
STARTED = r"response\.in_progress"


async def test_a_picture_that_cannot_be_saved_is_billed_by_what_the_service_told(bench: Bench, tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.touch()
    settings = bench.settings(image_dir=in_the_way / "pictures")
    settings.state_dir.mkdir()
    (settings.state_dir / "pictures").touch()  # where it would be kept instead
    async with bench.connect(settings) as client:
        answer = await client.call_tool("generate_image", GENERATE)
        [row] = await bench.settled(settings)

    assert answer.is_error, bench.text(answer)
    assert str(in_the_way) in bench.text(answer)
    assert (row.state, row.reserved, row.estimated) == ("failed", 0, False)
    assert row.billed


async def test_a_job_cancelled_before_the_service_took_it_is_stopped_as_soon_as_it_has(bench: Bench) -> None:
    settings = bench.settings(wait_seconds=0.5)
    bench.line.fault = "delay=20"  # in the background, this is how long the work takes
    bench.line.hold()
    async with bench.connect(settings) as client:
        await client.call_tool("generate_image", GENERATE)
        [row] = bench.journal(settings)
        told = await client.call_tool("get_job", {"job_id": row.id, "cancel": True})
        bench.line.release()
        [row] = await bench.settled(settings)

    assert "has not taken the call yet" in bench.text(told)
    assert any(asked.endswith("/cancel") for asked in bench.line.asked)
    assert (row.state, row.reserved) == ("cancelled", 0)


async def test_when_one_of_several_pictures_fails_the_rest_come_and_are_billed(bench: Bench) -> None:
    settings = bench.settings()
    bench.line.fault = "status=400;message=No;times=1"
    async with bench.connect(settings) as client:
        answer = await client.call_tool("generate_image", GENERATE | {"count": 2})
        [row] = await bench.settled(settings)
        bench.line.fault = ""
        await client.call_tool("generate_image", GENERATE | {"prompt": "a red fox "})
        single = bench.journal(settings)[-1]

    assert not answer.is_error
    assert "1 of 2 did not come" in bench.text(answer)
    assert row.outcome
    assert len(row.outcome["pictures"]) == 1
    assert (row.state, row.billed) == ("completed", single.billed)


async def test_an_edit_whose_stored_response_is_gone_sends_the_picture_itself_and_is_billed_once(bench: Bench) -> None:
    settings = bench.settings()
    async with bench.connect(settings) as client:
        await client.call_tool("generate_image", GENERATE)
        [made] = await bench.settled(settings)
        assert made.outcome
        change(settings, "UPDATE pictures SET response_id = 'resp_gone'")  # as when the service has forgotten it
        edit = {"images": [made.outcome["pictures"][0]["image"]], "prompt": "make it blue", **SMALL}
        calling = bench.call(client, "edit_image", edit)
        answer = await calling.result()
        row = (await bench.settled(settings))[-1]

    assert not answer.is_error, bench.text(answer)
    assert "the stored response is gone: sending the picture itself" in [message for _, message in calling.progress]
    assert [sent.get("previous_response_id") for sent in bench.line.sent] == [None, "resp_gone", None]
    assert (row.state, row.reserved, row.estimated) == ("completed", 0, False)


@pytest.mark.slow
async def test_a_request_that_the_service_had_not_named_when_the_server_was_killed_counts_as_billed(
    bench: Bench,
) -> None:
    settings = bench.settings()
    bench.line.hold(STARTED)
    with suppress(MCPError):
        async with bench.connect(settings, "stdio") as client:
            calling = bench.call(client, "generate_image", GENERATE | {"count": 2})
            await bench.line.until(lambda: bench.line.held == 2)
            row = await bench.accepted(settings)
            os.kill(row.pid, signal.SIGKILL)
            await calling.done.wait()
    [killed] = bench.journal(settings)
    named = {"1": killed.responses["1"]} if "1" in killed.responses else {"0": killed.responses["0"]}
    change(settings, "UPDATE jobs SET responses = :named", named=json.dumps(named))  # as it stood a moment before
    async with bench.connect(settings) as client:
        answer = await client.call_tool("get_job", {"job_id": killed.id})
        [row] = await bench.settled(settings)

    assert not answer.is_error
    assert "1 of 2 did not come" in bench.text(answer)
    assert "may have been billed" in bench.text(answer)
    assert row.outcome
    assert len(row.outcome["pictures"]) == 1
    assert (row.state, row.reserved, row.estimated) == ("completed", 0, True)
    assert bench.line.posts == 2
