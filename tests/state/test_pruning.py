"""What leaves the state database: step by step, by an index, and never a made picture or a figure of the ledger."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event, insert, select

from lightbox.state.database import Database
from lightbox.state.engines import open_database
from lightbox.state.pruning import needed_bytes, open_jobs, prune_approvals, prune_found, prune_jobs
from lightbox.state.tables import approvals, jobs, pictures

Step = Callable[[Connection, float, int], int]

FIGURES = (
    "delivered_at",
    "id",
    "key",
    "owner",
    "tool",
    "provider",
    "model",
    "state",
    "server",
    "beat",
    "created_at",
    "answered_at",
    "ended_at",
    "resumable",
    "currency",
    "reserved",
    "billed",
    "estimated",
    "kind",
    "past_call",
)


def picture(number: int, **told: Any) -> dict[str, Any]:
    row = {"owner": "me", "handle": f"img_{number:010}", "origin": "found", "created_at": 100.0, "used_at": None}
    return row | {"url": None, "sha256": None} | told


def job(number: int, **told: Any) -> dict[str, Any]:
    row = {
        "id": f"job_{number:012}",
        "key": "key",
        "owner": "me",
        "tool": "search_images",
        "provider": "openai",
        "model": "gpt-5.2",
        "state": "completed",
        "order": '{"arguments": {"query": "a secret plan"}}',
        "server": "one",
        "beat": 90.0,
        "created_at": 80.0,
        "answered_at": 95.0,
        "ended_at": 100.0,
        "stage": "searching",
        "responses": '{"0": "resp_1"}',
        "resumable": True,
        "outcome": '{"hits": []}',
        "error": "it broke",
        "bill": '{"lines": []}',
        "currency": "USD",
        "reserved": 3,
        "billed": 2,
        "estimated": True,
        "reusable": True,
    }
    return row | told


def approval(number: int, **told: Any) -> dict[str, Any]:
    row = {"id": f"ask{number}", "key": "key", "owner": "me", "amount": 1, "currency": "USD", "asked_at": 100.0}
    return row | {"used_at": None} | told


@pytest.fixture
async def database(tmp_path: Path, state_url: str | None) -> AsyncGenerator[Database]:
    database = open_database(tmp_path, state_url)

    def fill(connection: Connection) -> None:
        kinds: list[dict[str, Any]] = [
            {},
            {"created_at": 300.0},
            {"used_at": 150.0},
            {"origin": "made"},
            {"origin": "given"},
        ]
        connection.execute(insert(pictures), [picture(n, **kinds[n % 5]) for n in range(500)])
        ends: list[dict[str, Any]] = [
            {},
            {"ended_at": 300.0},
            {"ended_at": None, "state": "sent"},
            {"order": ""},
            {"state": "unknown"},
        ]
        connection.execute(insert(jobs), [job(n, **ends[n % 5]) for n in range(500)])
        asked: list[dict[str, Any]] = [
            {},
            {"used_at": 101.0},
            {"asked_at": 300.0},
            {"asked_at": 300.0, "used_at": 301.0},
        ]
        connection.execute(insert(approvals), [approval(n, **asked[n % 4]) for n in range(400)])

    await database.write(fill)
    yield database
    await database.close()


async def steps(database: Database, step: Step) -> list[int]:
    """Repeat a step until it finds nothing."""
    went = [-1]
    while went[-1]:
        went.append(await database.write(lambda connection: step(connection, 200.0, 60)))
    return went[1:]


async def rows(database: Database, table: Any) -> list[dict[str, Any]]:
    query = select(table).order_by(*table.primary_key)
    return await database.read(lambda connection: [dict(row) for row in connection.execute(query).mappings()])


@pytest.mark.usefixtures("either_database")
async def test_found_pictures_go_that_no_call_has_used_for_long_and_no_others(database: Database) -> None:
    before = await rows(database, pictures)
    assert await steps(database, prune_found) == [60, 40, 0]
    kept = [row for number, row in enumerate(before) if number % 5]
    assert await rows(database, pictures) == kept


@pytest.mark.usefixtures("either_database")
async def test_approvals_go_that_were_used_or_abandoned_and_those_of_late_stay(database: Database) -> None:
    assert await steps(database, prune_approvals) == [60, 60, 60, 20, 0]
    assert {row["asked_at"] for row in await rows(database, approvals)} == {300.0}


@pytest.mark.usefixtures("either_database")
async def test_of_old_jobs_the_texts_go_and_the_figures_stay(database: Database) -> None:
    before = await rows(database, jobs)
    assert await steps(database, prune_jobs) == [60, 60, 60, 20, 0]
    after = await rows(database, jobs)
    assert [[row[name] for name in FIGURES] for row in after] == [[row[name] for name in FIGURES] for row in before]
    texts = ("outcome", "error", "bill", "stage", "stop", "awaited_at")
    nothing = dict.fromkeys(texts) | {"order": "", "responses": "{}"}
    for number, (was, row) in enumerate(zip(before, after, strict=True)):
        if number % 5 in (0, 4):
            assert {name: row[name] for name in row if name not in FIGURES} == nothing | {"reusable": False}
        else:
            assert row == was


async def test_open_jobs_are_told_from_those_that_ended(database: Database) -> None:
    asked = ["job_000000000000", "job_000000000002", "job_nobody"]
    assert await database.read(partial(open_jobs, ids=asked)) == {"job_000000000002"}
    assert await database.read(partial(open_jobs, ids=[])) == set()


@pytest.mark.usefixtures("either_database")
async def test_bytes_are_needed_that_can_not_be_had_again(database: Database) -> None:
    def fill(connection: Connection) -> None:
        web = "https://example.com/fox.png"
        rows = [
            picture(1000, origin="made", sha256="made"),
            picture(1001, origin="given", sha256="given"),
            picture(1002, origin="given", sha256="web", url=web),
            picture(1003, sha256="found", url=web),
            picture(1004, sha256="made", url=web, owner="you"),
            picture(1005, origin="given", sha256="both"),
            picture(1006, origin="made", sha256="both", owner="you"),
            picture(1007, origin="given", sha256="both", owner="them"),
        ]
        connection.execute(insert(pictures), rows)

    await database.write(fill)
    hashes = ["made", "given", "web", "found", "both", "nobody's"]
    needed = await database.read(partial(needed_bytes, hashes=hashes))
    assert needed == {"made": True, "given": False, "both": True}


def look_for_open_jobs(connection: Connection, _before: float, _limit: int) -> int:
    return len(open_jobs(connection, ["a", "b"]))


def look_for_needed_bytes(connection: Connection, _before: float, _limit: int) -> int:
    return len(needed_bytes(connection, ["a", "b"]))


@pytest.mark.parametrize(
    ("step", "index"),
    [
        (prune_found, "pictures_to_prune"),
        (prune_approvals, "approvals_by_age"),
        (prune_jobs, "jobs_to_prune"),
        (look_for_open_jobs, "sqlite_autoindex_jobs_1"),
        (look_for_needed_bytes, "pictures_by_hash"),
    ],
)
async def test_every_step_goes_by_an_index(database: Database, step: Step, index: str) -> None:
    def plan(connection: Connection) -> list[str]:
        seen: list[tuple[str, Any]] = []

        def remember(_c: object, _cursor: object, statement: str, parameters: object, *_: object) -> None:
            seen.append((statement, parameters))

        event.listen(connection, "before_cursor_execute", remember)
        step(connection, 200.0, 60)
        event.remove(connection, "before_cursor_execute", remember)
        statement, parameters = seen[0]
        return [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]

    lines = await database.write(plan)
    assert any(f"USING INDEX {index}" in line or f"USING COVERING INDEX {index}" in line for line in lines)
    assert not [line for line in lines if line.startswith("SCAN") or "TEMP B-TREE" in line]
