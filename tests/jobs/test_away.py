"""A PostgreSQL that restarts, or is away: nothing that was paid for is lost, and nothing is sent without its row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anyio
import pytest
from pydantic import SecretStr

from databases import Postgres
from lightbox.errors import StorageFailed
from lightbox.jobs.journal import Journal
from lightbox.jobs.server_identity import living_server
from lightbox.state.postgres import PostgresDatabase
from orders import ORDER
from pooler import Pooler, pooling

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from lightbox.settings import Settings

    from .conftest import Bench

pytestmark = pytest.mark.one_database("postgresql", "a pooler stands before it; test_locked.py is for both")

STARTED = r"response\.in_progress"
PAINT: dict[str, Any] = {"prompt": "a red fox", "model": "gpt-image-2", "size": "1024x640", "quality": "low"}
SEARCH: dict[str, Any] = {"query": "a red fox in snow", "provider": "dashscope", "count": 3}


@pytest.fixture
async def pooler(postgres: Postgres) -> AsyncGenerator[Pooler]:
    postgres.empty()
    async with pooling(postgres) as pooler:
        yield pooler


def past_the_pooler(bench: Bench, postgres: Postgres) -> Settings:
    """Settings by which a test looks at the rows: the pooler can't answer while the test itself waits for it."""
    return bench.settings(state_url=SecretStr(postgres.url))


async def test_calls_that_are_under_way_while_the_database_restarts_are_answered_kept_and_paid_once(
    bench: Bench, pooler: Pooler, postgres: Postgres
) -> None:
    settings = bench.settings(state_url=SecretStr(pooler.url))
    bench.line.hold(STARTED)
    async with bench.connect(settings) as client:
        callings = [bench.call(client, "generate_image", PAINT), bench.call(client, "search_images", SEARCH)]
        await bench.line.until(lambda: bench.line.held == 2)
        pooler.away = True
        await pooler.cut()
        bench.line.release()
        await anyio.sleep(1)
        pooler.away = False
        answers = [await calling.result() for calling in callings]
        rows = await bench.settled(past_the_pooler(bench, postgres))

    assert [answer.is_error for answer in answers] == [False, False]
    assert "Made 1 picture" in bench.text(answers[0])
    assert {(row.state, row.reserved, row.estimated) for row in rows} == {("completed", 0, False)}
    assert bench.line.posts == bench.line.upstream.paid == 2


async def test_while_the_database_is_away_nothing_is_sent_and_the_caller_is_told(
    bench: Bench, pooler: Pooler, postgres: Postgres
) -> None:
    settings = bench.settings(state_url=SecretStr(pooler.url), wait_seconds=1)
    async with bench.connect(settings, "http") as client:
        await client.call_tool("get_spending", {})
        pooler.away = True
        await pooler.cut()
        refused = await client.call_tool("search_images", SEARCH)
        sent = bench.line.posts
        pooler.away = False
        found = await client.call_tool("search_images", SEARCH)
        await bench.settled(past_the_pooler(bench, postgres))

    assert refused.is_error
    assert "the state database or the network is held up" in " ".join(bench.text(refused).split())
    assert "nothing is paid twice" in bench.text(refused)
    assert sent == 0
    assert not found.is_error
    assert bench.line.posts == 1


async def test_a_job_whose_row_was_written_though_nobody_heard_of_it_is_the_callers_own(pooler: Pooler) -> None:
    database = PostgresDatabase(pooler.url)
    await database.read(lambda _: None)
    with living_server() as server:
        pooler.lose_commits = 1
        opened = await Journal(database, server).open(ORDER)
        again = await Journal(database, server).open(ORDER)
    await database.close()

    assert pooler.lose_commits == 0
    assert opened.how == "new"
    assert (again.how, again.job.id) == ("joined", opened.job.id)


async def test_a_job_that_was_written_but_never_begun_is_settled_as_never_sent(pooler: Pooler) -> None:
    database = PostgresDatabase(pooler.url, write_seconds=0.2)
    await database.read(lambda _: None)
    with living_server() as server:
        journal = Journal(database, server)
        pooler.lose_commits, pooler.goes_with_them = 1, True
        with pytest.raises(StorageFailed):
            await journal.open(ORDER)
        pooler.away = False
        adopted = await journal.adopt_orphans()
    await database.close()

    assert [job.state for job in adopted] == ["reserved"]
