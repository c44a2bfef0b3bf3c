"""Every statement that the tools make finds its rows by an index: nothing takes longer because years have passed."""

from __future__ import annotations

import socket
import threading
from collections.abc import Generator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast, get_args

import pytest
from mcp import Client
from PIL import Image
from sqlalchemy import Connection, Engine, event

from lightbox.app import Lifespan, make_server
from lightbox.jobs.spending import spending
from lightbox.state.tables import jobs, metadata
from lightbox.vocabulary import Period

if TYPE_CHECKING:
    from tests.conftest import MakeSettings

    from lightbox.settings import Settings
    from lightbox.tools.parts import Parts

PERIODS: tuple[Period, ...] = get_args(Period)
SMALL = {"size": "1024x1024", "quality": "low"}
NEVER_A_PROCESS = 4_194_305  # above the largest number that Linux gives
BUDGET = ("1000 USD/hour", "1000 USD/day", "1000 USD/month")
Seen = dict[str, Any]
"""Statements, each with parameters that it was carried out with."""


@pytest.fixture
def seen() -> Generator[Seen]:
    """Every statement on one of our tables, from any thread."""
    statements: Seen = {}
    lock = threading.Lock()

    def remember(_c: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        if statement.startswith(("SELECT", "INSERT", "UPDATE", "DELETE")):
            with lock:
                statements.setdefault(
                    statement, cast("list[Any]", parameters)[0] if isinstance(parameters, list) else parameters
                )

    event.listen(Engine, "before_cursor_execute", remember)
    yield statements
    event.remove(Engine, "before_cursor_execute", remember)


async def use_everything(settings: Settings, given: Path) -> Parts:
    """Call the tools, so that each kind of statement is made, and give what they worked with."""
    lifespan = Lifespan(settings)
    async with Client(make_server(lifespan)) as client:

        async def call(tool: str, **arguments: Any) -> Any:
            result = await client.call_tool(tool, arguments)
            assert not result.is_error, result.content
            return result

        found = await call("search_images", query="a lake", provider="openai")
        await call("search_images", query="a lake at dusk", provider="openai", check=False)  # finds some again
        hit, listed = found.structured_content["hits"][0], found.structured_content
        await call("view_images", images=[hit["image"], hit["image_url"], str(given)])
        await call("generate_image", prompt="a lake", **SMALL)
        await call("edit_image", images=[str(given)], prompt="make it blue", **SMALL)
        await call("describe_images", images=[hit["image"]])
        await call("get_job", job_id=listed["job_id"])
        await call("get_spending", period="today")
        await call("save_images", images=[hit["image"]], folder="slides")
        for asked in (
            {},
            {"origin": "all"},
            {"query": "lake"},
            {"query": "lake", "since": "today"},
            {"since": "today"},
        ):
            await call("list_images", **asked)
        await client.list_resources()
        parts = await lifespan.open()
        await parts.journal.usual_seconds("search_images", listed["model"])
        await leave_an_orphan(parts, listed["job_id"])
        assert await parts.recovery.recover() == 1
        for period in PERIODS:
            for owner in (None, "local"):
                await spending(parts.database, period, owner=owner, now=lambda: datetime.now(UTC))
    return parts


async def leave_an_orphan(parts: Parts, job_id: str) -> None:
    """Make a job look as a server leaves it that was killed."""
    await parts.journal.beat({job_id: "searching"})
    gone = {"state": "sent", "server": f"{socket.gethostname()}:{NEVER_A_PROCESS}:0", "beat": 0.0, "ended_at": None}

    def leave(connection: Connection) -> None:
        connection.execute(jobs.update().where(jobs.c.id == job_id).values(gone))

    await parts.database.write(leave)


async def test_no_statement_of_a_tool_looks_at_every_row(settings: MakeSettings, seen: Seen, tmp_path: Path) -> None:
    given = tmp_path / "given" / "teal.png"
    given.parent.mkdir()
    Image.new("RGB", (120, 80), "teal").save(given)
    made = settings(budget=BUDGET, total_budget=BUDGET, read_dirs=(given.parent,))
    database = (await use_everything(made, given)).database
    statements = dict(seen)

    def plans(connection: Connection) -> dict[str, list[str]]:
        return {
            statement: [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
            for statement, parameters in statements.items()
        }

    found = await database.read(plans)
    await database.close()
    told = "\n".join(found)
    for part in ("INSERT INTO jobs", "INSERT INTO pictures", "UPDATE jobs SET beat", "sum(jobs.reserved)", "GROUP BY"):
        assert part in told
    sums = {text: lines for text, lines in found.items() if "sum(jobs.reserved)" in text}
    budgets = [lines[0] for text, lines in sums.items() if text.endswith("GROUP BY jobs.currency")]
    for index in ("jobs_by_owner", "jobs_by_day"):  # inside the transaction that all others wait for
        assert any(f"USING COVERING INDEX {index}" in line for line in budgets), budgets
    [late] = [lines for text, lines in found.items() if text.startswith("SELECT jobs.past_call")]
    assert any("jobs_by_kind" in line for line in late), late
    assert not any("TEMP B-TREE" in line for line in late), late
    whole = tuple(f"SCAN {name}" for name in metadata.tables)
    assert [f"{line}: {text}" for text, lines in found.items() for line in lines if line.startswith(whole)] == []
