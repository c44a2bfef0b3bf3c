"""What a state of years costs, 200,000 pictures and 20,000 jobs, against an empty state of the same run.

`YEARS=5` in the environment makes it a million pictures and 100,000 jobs.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import statistics
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.conftest import MakeSettings, Show

    from .conftest import Serve, Server

pytestmark = pytest.mark.slow

TIMES = int(os.environ.get("YEARS", "1"))
PICTURES = 200_000 * TIMES
JOBS = 20_000 * TIMES
YEARS_SECONDS = 2 * 365 * 86_400
KEPT_SECONDS = 89 * 86_400
"""What is older has been pruned: a server of years does so daily."""
STARTS = 5
ROUNDS = 15
BUDGET = ("1000 USD/day", "10000 USD/month")

# Two years, evenly; a tenth made, a tenth given, three tenths found and used, the rest found lately and never used.
PICTURES_OF_YEARS = """
INSERT INTO pictures (owner, handle, origin, created_at, url, page_url, thumbnail_url, title, prompt, provider, model,
                      path, width, height, mime_type, byte_count, sha256, used_at)
WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < :pictures - 1)
SELECT CASE WHEN i % 4 THEN 'local' ELSE 'owner' || (i % 12) END,
       printf('img_%010d', i),
       CASE i % 10 WHEN 0 THEN 'made' WHEN 1 THEN 'given' ELSE 'found' END,
       :now - CASE WHEN i % 10 < 5 THEN :years * (1.0 - 1.0 * i / :pictures)
                   ELSE :kept * (1.0 - 1.0 * i / :pictures) END,
       CASE WHEN i % 10 > 1 THEN 'https://pictures.example.com/' || (i % 997) || '/a-picture-of-something-' || i END,
       CASE WHEN i % 10 > 1 THEN 'https://www.example.com/pages/' || (i % 9973) END,
       CASE WHEN i % 10 > 1 THEN 'https://thumbnails.example.com/t/' || i END,
       CASE WHEN i % 10 > 1 THEN 'A picture of something, number ' || i END,
       CASE WHEN i % 10 = 0 THEN 'Paint something, as number ' || i END,
       'dashscope', CASE WHEN i % 10 = 0 THEN 'gpt-image-2' END,
       CASE WHEN i % 10 = 0 THEN '/home/someone/Pictures/Lightbox/something-' || i || '.png' END,
       CASE WHEN i % 10 < 5 THEN 1024 END, CASE WHEN i % 10 < 5 THEN 768 END,
       CASE WHEN i % 10 < 5 THEN 'image/png' END, CASE WHEN i % 10 < 5 THEN 400000 END,
       CASE WHEN i % 10 < 5 THEN lower(hex(randomblob(32))) END,
       CASE WHEN i % 10 BETWEEN 1 AND 4 THEN :now - :years * (1.0 - 1.0 * i / :pictures) END
FROM n
"""
# Like the one search that is there: whole where it is young, else without its texts.
JOBS_OF_YEARS = """
INSERT INTO jobs (id, key, owner, tool, provider, model, state, "order", server, beat, created_at, answered_at,
                  ended_at, delivered_at, responses, resumable, outcome, bill, currency, reserved, billed,
                  estimated, reusable)
WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < :jobs - 1),
     t(i, at) AS (SELECT i, :now - :years * (1.0 - 1.0 * i / :jobs) - 1 FROM n)
SELECT printf('job_%012d', i), lower(hex(randomblob(32))), CASE WHEN i % 4 THEN 'local' ELSE 'owner' || (i % 12) END,
       CASE i % 3 WHEN 0 THEN 'generate_image' WHEN 1 THEN tool ELSE 'describe_images' END, provider, model,
       'completed', CASE WHEN at > :now - :kept THEN "order" ELSE '' END, server, at, at, at + 5, at + 6, at + 6,
       responses, 0, CASE WHEN at > :now - :kept THEN outcome END, CASE WHEN at > :now - :kept THEN bill END,
       'USD', 0, 10000000, 0, at > :now - :kept AND i % 3 = 1
FROM t, (SELECT * FROM jobs LIMIT 1) AS one
"""


OLDEST = """
SELECT id FROM jobs WHERE owner = 'local' AND tool = 'search_images' AND "order" <> '' ORDER BY created_at LIMIT 1
"""

Work = Callable[["Server", "State", int], Awaitable[Any]]


def _age(database: sqlite3.Connection) -> None:
    """Fill a database with what years leave in it; its indexes are made afterwards, which is quicker."""
    indexes = [text for (text,) in database.execute("SELECT sql FROM sqlite_master WHERE type = 'index' AND sql <> ''")]
    names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'index' AND sql <> ''")]
    database.execute("PRAGMA synchronous=OFF")
    for name in names:
        database.execute(f"DROP INDEX {name}")
    known = {"now": time.time(), "years": YEARS_SECONDS, "kept": KEPT_SECONDS, "pictures": PICTURES, "jobs": JOBS}
    database.execute(PICTURES_OF_YEARS, known)
    database.execute(JOBS_OF_YEARS, known)
    for index in indexes:
        database.execute(index)
    database.commit()
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")


@dataclass(frozen=True)
class State:
    """A state folder, and a job in it that is almost too old."""

    folder: Path
    old_job: str


@dataclass(frozen=True)
class Compared:
    """An empty state and one of years; each is measured in turn, so that a busy moment of the machine meets both."""

    serve: Serve
    settings: MakeSettings
    states: dict[str, State]

    async def starts(self) -> dict[str, float]:
        """Give the seconds from a server's making to its first answer."""
        times: dict[str, list[float]] = {name: [] for name in self.states}
        for _ in range(STARTS + 1):
            for name, state in self.states.items():
                began = time.perf_counter()
                async with self.serve(self.settings(state_dir=state.folder)) as one:
                    await one.call("get_spending", period="today")
                    times[name].append(time.perf_counter() - began)
        return {name: statistics.median(each[1:]) for name, each in times.items()}

    async def calls(self, work: Work, **wanted: Any) -> dict[str, float]:
        """Give the seconds that some work takes in servers that have warmed up."""
        times: dict[str, list[float]] = {name: [] for name in self.states}
        async with AsyncExitStack() as ending:
            servers = {
                name: await ending.enter_async_context(self.serve(self.settings(state_dir=state.folder, **wanted)))
                for name, state in self.states.items()
            }
            for number in range(-2, ROUNDS):
                for name, one in servers.items():
                    began = time.perf_counter()
                    await work(one, self.states[name], number)
                    times[name].append(time.perf_counter() - began)
                    await one.settled()
        return {name: statistics.median(each[2:]) for name, each in times.items()}


@pytest.fixture
async def compared(settings: MakeSettings, serve: Serve, tmp_path: Path) -> AsyncGenerator[Compared]:
    empty, aged = tmp_path / "empty", tmp_path / "aged"
    async with serve(settings(state_dir=empty)) as one:
        await one.call("search_images", query="the first of all", check=False, provider="openai")
        await one.settled()
    shutil.copytree(empty, aged)
    found: dict[str, State] = {}
    for name, folder in (("empty", empty), ("of years", aged)):
        with closing(sqlite3.connect(folder / "lightbox.sqlite3")) as database:
            if folder == aged:
                _age(database)
            (old_job,) = database.execute(OLDEST).fetchone()
        found[name] = State(folder, old_job)
    yield Compared(serve, settings, found)
    shutil.rmtree(aged)  # half a gigabyte


async def search(one: Server, state: State, number: int) -> None:
    words = f"years {state.old_job} {number} {one.lifespan.settings.budget}"
    await one.call("search_images", query=words, check=False, provider="openai")


async def get_job(one: Server, state: State, _: int) -> None:
    await one.call("get_job", job_id=state.old_job)


async def get_spending(one: Server, _: State, __: int) -> None:
    await one.call("get_spending", period="today")


async def recover(one: Server, _: State, __: int) -> None:
    await (await one.parts()).recovery.recover()


async def test_a_state_of_years_against_an_empty_one(compared: Compared, show: Show) -> None:
    rows = {
        "start to the first answer": await compared.starts(),
        "a search": await compared.calls(search),
        "a search under a budget of day and month": await compared.calls(search, budget=BUDGET),
        "get_job of an old job": await compared.calls(get_job),
        "get_spending today": await compared.calls(get_spending),
        "what dead servers left, looked for": await compared.calls(recover),
    }
    lines = [f"{f'{PICTURES:,} pictures, {JOBS:,} jobs (ms)':44} {'empty':>9} {'of years':>9} {'× empty':>9}"]
    for name, row in rows.items():
        few, many = row["empty"], row["of years"]
        lines.append(f"{name:44} {few * 1000:9.1f} {many * 1000:9.1f} {many / few:9.2f}")
    show("\n".join(lines))
