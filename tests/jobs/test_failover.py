"""A primary that dies under a paid call: its standby has all that was acknowledged, and nothing is paid twice."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from anyio.to_thread import run_sync
from pydantic import SecretStr

from clusters import Pair, pair

if TYPE_CHECKING:
    from collections.abc import Generator

    from tests.conftest import HTTPProcess

    from databases import Postgres
    from lightbox.settings import Settings

    from .conftest import Bench

pytestmark = [pytest.mark.slow, pytest.mark.one_database("postgresql", "a file has no standby")]

STARTED = r"response\.in_progress"
PAINT: dict[str, Any] = {"prompt": "a red fox", "model": "gpt-image-2", "size": "1024x640", "quality": "low"}
SEARCH: dict[str, Any] = {"query": "a red fox in snow", "provider": "dashscope", "count": 3}
PATIENCE = 20


@pytest.fixture
def servers(postgres: Postgres) -> Generator[Pair]:
    with pair(postgres) as started:
        yield started


@pytest.fixture
def settings_of_both(bench: Bench, servers: Pair) -> Settings:
    return bench.settings(state_url=SecretStr(servers.url), wait_seconds=1)


@pytest.fixture
def url(settings_of_both: Settings, http_process: HTTPProcess) -> Generator[str]:
    with http_process(settings_of_both) as url:
        yield url


async def test_a_job_whose_database_fails_over_is_settled_and_billed_once_and_not_paid_again(
    bench: Bench, servers: Pair, settings_of_both: Settings, url: str
) -> None:
    before = bench.settings(state_url=SecretStr(servers.primary.url))
    after = bench.settings(state_url=SecretStr(servers.standby.url))
    async with bench.connect(settings_of_both, "http", url=url) as client:
        await client.call_tool("search_images", SEARCH)
        await bench.settled(before)
        found = await client.call_tool("search_images", SEARCH)
        bench.line.hold(STARTED)
        running = await client.call_tool("generate_image", PAINT)
        row = await bench.accepted(before)
        servers.primary.send(signal.SIGKILL)
        bench.line.release()  # the picture comes while there is no database
        while_away = await client.call_tool("search_images", SEARCH | {"query": "a mountain lake"})
        sent = bench.line.posts
        await run_sync(servers.standby.promote)
        with anyio.fail_after(PATIENCE):
            made = await client.call_tool("generate_image", PAINT)
            while "Made 1 picture" not in bench.text(made):
                made = await client.call_tool("generate_image", PAINT)
        rows = await bench.settled(after)
        again = await client.call_tool("search_images", SEARCH)
        [handle] = [word.strip(":,.") for word in bench.text(made).split() if word.startswith("img_")][:1]
        seen = await client.call_tool("view_images", {"images": [handle]})

    assert row.id in bench.text(running)
    assert while_away.is_error
    assert sent == 2  # what can't be written down is not sent
    assert row.id in bench.text(made)
    assert [(row.tool, row.state, row.reserved, row.estimated) for row in rows] == [
        ("search_images", "completed", 0, False),
        ("generate_image", "completed", 0, False),
    ]
    assert all(row.billed for row in rows)
    assert found.structured_content
    assert again.structured_content
    assert again.structured_content["cached"]
    assert again.structured_content["hits"] == found.structured_content["hits"]
    assert not seen.is_error, bench.text(seen)
    assert bench.line.posts == bench.line.upstream.paid == 2
