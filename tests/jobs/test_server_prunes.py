"""A server removes by itself what is old, after its first call and never in the way of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anyio
import pytest

from databases import change, rows
from lightbox.opening import PRUNE_AFTER_SECONDS

if TYPE_CHECKING:
    from tests.conftest import Ask

    from .conftest import Bench

OLD = 100 * 86_400
PATIENCE = 20
SEARCH: dict[str, Any] = {"query": "a mountain lake", "provider": "dashscope", "count": 3}
PAINT: dict[str, Any] = {"prompt": "a red fox", "model": "gpt-image-2", "size": "1024x640", "quality": "low"}
FIGURES = (
    "id, tool, provider, model, state, created_at, answered_at, ended_at, currency, reserved, billed, estimated, owner"
)
STILL_THERE = "SELECT 1 FROM pictures WHERE origin = 'found' UNION SELECT 1 FROM jobs WHERE bill <> ''"


@pytest.mark.slow
async def test_what_is_old_goes_by_itself_soon_after_the_first_call(bench: Bench, ask: Ask) -> None:
    settings = bench.settings()
    async with bench.connect(settings) as client:
        await ask(client, "search_images", **SEARCH)
        made = await ask(client, "generate_image", **PAINT)
        [search, painting] = await bench.settled(settings)
    change(settings, "UPDATE pictures SET created_at = created_at - :old", old=OLD)
    moments = ("created_at", "answered_at", "ended_at")
    earlier = ", ".join(f"{moment} = {moment} - :old" for moment in moments)
    change(settings, f"UPDATE jobs SET {earlier}", old=OLD)  # noqa: S608 - ours
    figures = rows(settings, f"SELECT {FIGURES} FROM jobs ORDER BY id")  # noqa: S608 - ours
    async with bench.connect(settings, "stdio") as client:
        before = await ask(client, "get_spending", period="all")
        began = anyio.current_time()
        at_first = rows(settings, "SELECT handle FROM pictures WHERE origin = 'found'")
        with anyio.fail_after(PATIENCE):
            while rows(settings, STILL_THERE):  # noqa: ASYNC110 - a database tells nobody of its changes
                await anyio.sleep(0.1)
        took = anyio.current_time() - began
        after = await ask(client, "get_spending", period="all")
        told = [await ask(client, "get_job", job_id=job.id) for job in (search, painting)]
        seen = await ask(client, "view_images", images=made.handles)

    assert at_first  # not in the way of the first call
    assert took > PRUNE_AFTER_SECONDS / 2
    assert before.listed == after.listed
    assert rows(settings, f"SELECT {FIGURES} FROM jobs ORDER BY id") == figures  # noqa: S608 - ours
    for answer in told:
        assert answer.failed
        assert "only its bill is still kept" in answer.text
    assert not seen.failed, seen.text
    assert len(seen.pictures) == 1
    assert [picture.is_file() for picture in settings.image_dir.rglob("*.png")] == [True]
