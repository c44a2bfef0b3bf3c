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

from databases import rows as stored
from lightbox.settings import Settings
from terminal import in_terminal

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

    table, as_csv = await shown("today"), await shown("today", "--csv")
    as_json, nothing = await shown("all", "--json"), await shown("yesterday")
    listed = list(csv.DictReader(io.StringIO(as_csv)))
    document = json.loads(as_json)

    assert table.startswith("Spent (today): ")
    [total] = [line.split() for line in table.splitlines() if line.startswith("total USD")]
    assert Decimal(total[3]) == billed
    assert "price unknown 1 job" in " ".join(table.split())
    assert sum(Decimal(line["billed"]) for line in listed) == billed
    assert sum(int(line["jobs"]) for line in listed) == len(rows)
    assert sum(int(line["unknown"]) for line in listed) == 1
    assert [row["billed"] for row in document["rows"]] == [line["billed"] for line in listed]
    assert Decimal(document["totals"][0]["billed"]) == billed
    assert nothing.strip() == "Nothing was spent in this period."


@pytest.mark.usefixtures("either_database")
async def test_the_command_shows_each_job_with_its_estimate_beside_its_bill(bench: Bench, environment: Any) -> None:
    settings = bench.settings(budget=("5 USD/day", "2 CNY/hour"), total_budget=("50 USD/month",), allow_unpriced=True)
    await spend(bench, settings)
    rows = bench.journal(settings)

    async def shown(*options: str) -> str:
        done = await anyio.run_process([*COMMAND, "today", *options], env=environment(settings))
        return done.stdout.decode()

    kept = stored(settings, 'SELECT id, "order" FROM jobs')
    orders = {row["id"]: json.loads(row["order"]) for row in kept}
    table, listed = await shown("--jobs"), list(csv.DictReader(io.StringIO(await shown("--jobs", "--csv"))))
    document = json.loads(await shown("--jobs", "--json"))

    assert [line["id"] for line in listed] == [row.id for row in rows]
    assert [job["id"] for job in document["jobs"]] == [line["id"] for line in listed]
    assert {line["state"] for line in listed} == {"completed", "failed"}
    for line, row in zip(listed, rows, strict=True):
        estimate = orders[row.id]["estimate"]["expected"]
        assert line["expected"] == (estimate["amount"] if estimate else "")
        assert Decimal(line["billed"] or -1) == (-1 if row.billed is None else Decimal(row.billed) / 10**9)
    [made] = [line["made"].split() for line in listed if line["tool"] == "generate_image"]
    assert len(made) == 2
    assert all(handle in table for handle in made)
    assert "~" in table  # one was settled by its estimate
    spent = sum(Decimal(row.billed or 0) for row in rows) / 10**9
    day, hour, total = document["budgets"]
    assert (Decimal(day["spent"]), Decimal(day["left"])) == (spent, 5 - spent)
    assert (hour["cap"], hour["left"], total["owner"]) == ("2 CNY/hour", "2", None)
    assert Decimal(total["left"]) == 50 - spent
    assert "50 USD/month, all callers" in table


async def test_the_table_needs_no_more_than_80_columns_no_colours_and_no_unicode(
    bench: Bench, environment: Any
) -> None:
    settings = bench.settings(budget=("5 USD/day",), allow_unpriced=True)
    await spend(bench, settings)
    plain = environment(settings) | {"PYTHONIOENCODING": "ascii"}
    for options in (("today",), ("today", "--jobs")):
        code, shown = in_terminal([*COMMAND, *options], 80, plain | {"TERM": "dumb"}, settings.state_dir)
        assert code == 0
        assert max(map(len, shown.splitlines())) <= 80
        assert "\x1b" not in shown
        assert "?" not in shown
        assert shown.isascii()
    assert "####" in (await anyio.run_process([*COMMAND, "today"], env=plain)).stdout.decode()


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
