"""The ledger is the journal: every figure in it is a job's, once."""

from __future__ import annotations

import csv
import io
import json
import sys
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from lightbox.settings import Settings

if TYPE_CHECKING:
    from .conftest import Bench

COMMAND = [sys.executable, "-m", "lightbox", "spending"]
SMALL: dict[str, Any] = {"prompt": "a red fox", "model": "gpt-image-2", "size": "1024x640", "quality": "low"}


async def spend(bench: Bench, settings: Settings) -> None:
    """Make calls of every fate: billed by usage and by estimate, failed, cached, of unknown price."""
    async with bench.connect(settings) as client:
        await client.call_tool("search_images", {"query": "a lake", "provider": "dashscope"})
        await bench.settled(settings)
        await client.call_tool("search_images", {"query": "a lake", "provider": "dashscope"})
        await client.call_tool("generate_image", SMALL | {"count": 2})
        await client.call_tool("search_images", {"query": "a lake", "provider": "openai", "model": "gpt-of-tomorrow"})
        bench.line.fault = "usage=missing"
        await client.call_tool("search_images", {"query": "a hill", "provider": "openai"})
        bench.line.fault = "status=400"
        await client.call_tool("search_images", {"query": "a wood", "provider": "openai"})
        bench.line.fault = ""
        await bench.settled(settings)


async def test_get_spending_sums_the_journal_up(bench: Bench) -> None:
    settings = bench.settings()
    await spend(bench, settings)
    async with bench.connect(settings) as client:
        answer = await client.call_tool("get_spending", {})

    rows = bench.journal(settings)
    spent = answer.structured_content
    assert spent
    [total] = spent["totals"]
    billed = sum(Decimal(row.billed or 0) for row in rows) / 10**9
    assert len(rows) == 5
    assert Decimal(total["billed"]) == billed > 0
    assert Decimal(total["estimated"]) == sum(Decimal(row.billed or 0) for row in rows if row.estimated) / 10**9 > 0
    assert total["reserved"] == "0"
    assert spent["unknown"] == 1
    assert sum(line["jobs"] for line in spent["lines"]) == 5
    assert sum(Decimal(line["billed"]) for line in spent["lines"]) == billed
    assert f"{total['billed']} USD" in bench.text(answer)


async def test_what_is_reserved_is_shown_apart_until_it_is_billed(bench: Bench) -> None:
    settings = bench.settings(wait_seconds=0.5)
    bench.line.hold()
    async with bench.connect(settings) as client:
        await client.call_tool("generate_image", SMALL)
        [row] = bench.journal(settings)
        before = await client.call_tool("get_spending", {})
        bench.line.release()
        await bench.settled(settings)
        after = await client.call_tool("get_spending", {})

    assert before.structured_content
    assert after.structured_content
    [held], [billed] = before.structured_content["totals"], after.structured_content["totals"]
    assert (held["billed"], Decimal(held["reserved"])) == ("0", Decimal(row.reserved) / 10**9)
    assert Decimal(billed["billed"]) > 0
    assert billed["reserved"] == "0"
    assert "reserved" in bench.text(before)


async def test_the_command_gives_the_ledger_as_table_csv_and_json(bench: Bench, environment: Any) -> None:
    settings = bench.settings()
    await spend(bench, settings)
    rows = bench.journal(settings)
    billed = sum(Decimal(row.billed or 0) for row in rows) / 10**9

    async def shown(*options: str) -> str:
        done = await anyio.run_process([*COMMAND, *options], env=environment(settings))
        return done.stdout.decode()

    table, as_csv = await shown("today"), await shown("today", "--format", "csv")
    as_json, nothing = await shown("all", "--format", "json"), await shown("yesterday")
    listed = list(csv.DictReader(io.StringIO(as_csv)))
    document = json.loads(as_json)

    assert table.splitlines()[0].split()[:4] == ["day", "tool", "provider", "model"]
    assert "total USD: " in table
    assert sum(Decimal(line["billed"]) for line in listed) == billed
    assert sum(int(line["jobs"]) for line in listed) == len(rows)
    assert sum(int(line["unknown"]) for line in listed) == 1
    assert [row["billed"] for row in document["rows"]] == [line["billed"] for line in listed]
    assert Decimal(document["totals"][0]["billed"]) == billed
    assert nothing.strip() == "Nothing was spent in this period."


async def test_the_command_names_the_periods_that_there_are(bench: Bench, environment: Any) -> None:
    done = await anyio.run_process([*COMMAND, "fortnight"], env=environment(bench.settings()), check=False)

    assert done.returncode
    assert "hour, today, yesterday, week, month, year, all" in done.stderr.decode()


@pytest.mark.parametrize("period", ["hour", "today", "week", "month", "year", "all"])
async def test_every_period_holds_what_was_spent_a_moment_ago(bench: Bench, period: str) -> None:
    settings = bench.settings()
    async with bench.connect(settings) as client:
        await client.call_tool("search_images", {"query": "a lake"})
        await bench.settled(settings)
        answer = await client.call_tool("get_spending", {"period": period})

    assert answer.structured_content
    assert len(answer.structured_content["lines"]) == 1
