"""A journal in which a newer version has written: what this one can't read it leaves alone, and all else goes on."""

from __future__ import annotations

import json
import socket
import time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from databases import change
from databases import rows as selected

if TYPE_CHECKING:
    from tests.conftest import Ask

    from lightbox.settings import Settings

    from .conftest import Bench

SEARCH: dict[str, Any] = {"query": "a mountain lake", "provider": "dashscope", "count": 3}
NEVER_A_PROCESS = 4_194_305  # above the largest number that Linux gives
DEAD = f"{socket.gethostname()}:{NEVER_A_PROCESS}:00000000"
ELSEWHERE = "fleet-eu/replica-7"
PATIENCE = 20


def put(settings: Settings, changes: dict[str, dict[str, Any]]) -> None:
    """Copy the journal's one row, once for each name, with changes; a dictionary changes the JSON inside a column."""
    [known] = selected(settings, "SELECT * FROM jobs")
    for name, changed in changes.items():
        row = known | {"id": f"job_{name}", "key": name}
        for column, value in changed.items():
            row[column] = json.dumps(json.loads(row[column]) | value) if isinstance(value, dict) else value
        names = ", ".join(f'"{column}"' for column in row)
        marks = ", ".join(f":{column}" for column in row)
        change(settings, f"INSERT INTO jobs ({names}) VALUES ({marks})", **row)  # noqa: S608 - ours


def stored(settings: Settings) -> dict[str, dict[str, Any]]:
    return {row["id"].removeprefix("job_"): row for row in selected(settings, "SELECT * FROM jobs")}


def opened(server: str, beat: float, **told: Any) -> dict[str, Any]:
    """Make a finished row one of a call that a server is, or was, at work on."""
    nothing = {"outcome": None, "bill": None, "billed": None, "ended_at": None, "answered_at": None}
    return nothing | {"state": "sent", "reserved": 5, "server": server, "beat": beat} | told


@pytest.fixture
async def newer(bench: Bench) -> Settings:
    """The state of a server with one job, and rows of newer versions beside it."""
    settings = bench.settings()
    async with bench.connect(settings) as client:
        await client.call_tool("search_images", SEARCH)
        [row] = await bench.settled(settings)
    assert row.billed
    now = time.time()
    of_tomorrow = {"priced": {"ability": "imagine"}, "mood": "happy"}
    put(
        settings,
        {
            "ability": {"order": of_tomorrow, "tool": "imagine_film", "model": "film-9"},
            "state": {"state": "paused"},
            "paused": opened(DEAD, now - 9_999, state="paused"),
            "fields": {"order": {"mood": "happy"}, "outcome": {"mood": "happy"}, "bill": {"mood": "happy"}},
            "broken": {"outcome": "[1, 2"},
            "currency": {"currency": "JPY", "billed": 7 * 10**9},
            "named": {"server": ELSEWHERE},
            "alien": opened(DEAD, now - 9_999, order=of_tomorrow, tool="imagine_film"),
            "answers": opened(DEAD, now - 9_999, responses='["resp_1"]'),
            "orphan": opened(DEAD, now),
            "silent": opened(ELSEWHERE, now - 9_999),
            "busy": opened(ELSEWHERE, now + 9_999),
        },
    )
    return settings


async def test_rows_of_a_newer_version_neither_stop_a_server_nor_are_touched(
    bench: Bench, newer: Settings, ask: Ask
) -> None:
    settings = newer
    before = stored(settings)
    async with bench.connect(settings, "stdio") as client:
        fresh = await ask(client, "search_images", **SEARCH | {"query": "a hill"})
        cached = await ask(client, "search_images", **SEARCH)
        with anyio.fail_after(PATIENCE):
            while any(stored(settings)[name]["state"] == "sent" for name in ("orphan", "silent")):  # noqa: ASYNC110
                await anyio.sleep(0.05)
    after = stored(settings)

    assert not fresh.failed, fresh.text
    assert cached.listed["cached"] is True
    taken_over = {name for name, row in before.items() if row != after[name]}
    assert taken_over == {"orphan", "silent"}
    assert {after[name]["state"] for name in taken_over} == {"unknown"}
    assert {after[name]["reserved"] for name in taken_over} == {0}


async def test_a_job_of_a_newer_version_is_told_apart_and_counted(bench: Bench, newer: Settings, ask: Ask) -> None:
    settings = newer
    async with bench.connect(settings) as client:
        unread = {
            name: await ask(client, "get_job", job_id=f"job_{name}", wait_seconds=0)
            for name in ("ability", "state", "paused", "broken", "alien", "answers")
        }
        read = {name: await ask(client, "get_job", job_id=f"job_{name}") for name in ("fields", "named", "currency")}
        spent = await ask(client, "get_spending", period="all")
    rows = stored(settings).values()

    for answer in unread.values():
        assert answer.failed, answer.text
        assert "was written by a newer version of Lightbox" in answer.text
    for answer in read.values():
        assert not answer.failed, answer.text
        assert len(answer.listed["hits"]) == 3
    assert sum(line["jobs"] for line in spent.listed["lines"]) == len(rows)
    assert {line["tool"] for line in spent.listed["lines"]} == {"search_images", "imagine_film"}
    totals = {total["currency"]: Decimal(total["billed"]) for total in spent.listed["totals"]}
    billed = {
        currency: Decimal(sum(row["billed"] or 0 for row in rows if row["currency"] == currency)) / 10**9
        for currency in ("JPY", "USD")
    }
    assert totals == billed


async def test_a_budget_counts_what_a_newer_version_has_spent(bench: Bench, newer: Settings, ask: Ask) -> None:
    settings = newer
    put_aside = sum(row["billed"] or 0 for row in stored(settings).values() if row["currency"] == "USD")
    tight = settings.model_copy(update={"budget": (f"{Decimal(put_aside) / 10**9} USD/day",)})
    async with bench.connect(tight) as client:
        answer = await ask(client, "search_images", **SEARCH | {"query": "a hill"})

    assert answer.failed
    assert "has no room" in answer.text or "above it" in answer.text
