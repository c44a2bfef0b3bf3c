"""`lightbox spending`: what all callers have spent, and what is left of each budget, as a table, CSV or JSON."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal, cast, get_args

import anyio

from lightbox.costs.conversion import Exchange
from lightbox.costs.money import plain
from lightbox.costs.pricing.budget import TOTAL_BUDGET, Cap
from lightbox.errors import BadInput
from lightbox.http.entries import read_listing
from lightbox.jobs.statement import JobRow, Statement, statement
from lightbox.settings import Settings
from lightbox.state.engines import open_database
from lightbox.tools.get_spending import totals
from lightbox.untrusted import tame
from lightbox.vocabulary import Period

if TYPE_CHECKING:
    from lightbox.jobs.statement import Caps

Form = Literal["table", "csv", "json"]
FORMULA = "=+-@\t\r"
"""What a spreadsheet takes for the beginning of a formula: anybody may have written a model's name."""


def report(settings: Settings, period: str, form: Form = "table", *, jobs: bool = False, check: bool = False) -> None:
    """Print what was spent in a period; with `jobs`, job by job.

    With `check`, the jobs for which the service says that it charged something else than our prices come to.

    Raises:
        BadInput: There is no such period.
        SettingsError: A budget is not right, or the token file is not.
    """
    if period not in get_args(Period):
        raise BadInput(f"period {period!r}: it is one of {', '.join(get_args(Period))}.")
    found = anyio.run(_read, settings, cast("Period", period), jobs or check)
    if check:
        found = replace(found, jobs=[job for job in found.jobs if job.told is not None])
    if form == "json":
        document = _checked(found, period) if check else _document(found, period, jobs=jobs)
        print(json.dumps(document, indent=1))  # noqa: T201 - what was asked for
    elif form == "csv":
        lines = _job_lines(_differing(found)) if check else _job_lines(found) if jobs else _ledger_lines(found)
        sys.stdout.write(_csv(lines, JOB if jobs or check else LEDGER))
    elif check:
        import_module("lightbox.commands.spending_table").show_check(found, period)
    else:
        import_module("lightbox.commands.spending_table").show(found, period, jobs=jobs)


def _differing(found: Statement) -> Statement:
    return replace(found, jobs=[job for job in found.jobs if job.differs])


def _checked(found: Statement, period: str) -> dict[str, Any]:
    """Give how many bills the services told themselves, and the jobs for which these differ from our prices."""
    return {
        "period": period,
        "since": _moment(found.since),
        "until": _moment(found.until),
        "told": len(found.jobs),
        "priced": sum(job.difference is not None for job in found.jobs),
        "differing": _job_lines(_differing(found)),
    }


async def _read(settings: Settings, period: Period, each: bool) -> Statement:  # noqa: FBT001 - anyio.run has no names
    database = open_database(settings.state_dir, settings.state_address)
    try:
        exchange = Exchange.parse(settings.rates)
        total = [Cap.parse(text, TOTAL_BUDGET, exchange) for text in settings.total_budget]
        found = await statement(database, period, caps=_caps(settings), total_caps=total, each=each)
    finally:
        await database.close()
    return found


def _caps(settings: Settings) -> Caps:
    """Give the budget of each owner: the token file's where that has one, else the server's."""
    exchange = Exchange.parse(settings.rates)
    usual = [Cap.parse(text, exchange=exchange) for text in settings.budget]
    own: dict[str, Sequence[Cap]] = {}
    if settings.tokens is not None and settings.tokens.exists():
        own = {
            entry.name: entry.caps
            for entry in read_listing(settings.tokens, settings).entries
            if entry.caps is not None
        }
    return lambda owner: own.get(owner, usual)


LEDGER = (
    "day",
    "tool",
    "provider",
    "model",
    "currency",
    "jobs",
    "expected",
    "billed",
    "estimated",
    "reserved",
    "unknown",
)
JOB = tuple(JobRow.__slots__)


def _ledger_lines(found: Statement) -> list[dict[str, Any]]:
    """Give the ledger's rows with what was expected of each before."""
    lines: list[dict[str, Any]] = []
    for row in found.rows:
        before = found.expected.get((row.day, row.tool, row.provider, row.model, row.currency))
        lines.append(_tamed(row.model_dump() | {"expected": None if before is None else plain(before)}))
    return lines


def _job_lines(found: Statement) -> list[dict[str, Any]]:
    return [_tamed(asdict(job) | {"made": " ".join(job.made)}) for job in found.jobs]


def _tamed(line: Mapping[str, Any]) -> dict[str, Any]:
    """Clean the names in a line: callers may have written any."""
    return {name: tame(value) if name in ("model", "owner", "made", "tool") else value for name, value in line.items()}


def _document(found: Statement, period: str, *, jobs: bool) -> dict[str, Any]:
    return {
        "period": period,
        "since": _moment(found.since),
        "until": _moment(found.until),
        "rows": _ledger_lines(found),
        "totals": [row.model_dump() for row in totals([*found.rows])],
        "unknown": sum(row.unknown for row in found.rows),
        "budgets": [asdict(budget) for budget in found.budgets],
        **({"jobs": _job_lines(found)} if jobs else {}),
    }


def _csv(lines: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in line.items()} for line in lines)
    return text.getvalue()


def _cell(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(tuple(FORMULA)) else value


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
