"""`lightbox spending`: the ledger of all callers as a table, CSV or JSON."""

from __future__ import annotations

import csv
import io
import json
from typing import Literal, cast, get_args

import anyio

from lightbox.errors import BadInput
from lightbox.jobs.ledger import LedgerRow
from lightbox.jobs.spending import spending
from lightbox.settings import Settings
from lightbox.state.engines import open_database
from lightbox.tools.get_spending import totals
from lightbox.vocabulary import Period

Form = Literal["table", "csv", "json"]
COLUMNS = tuple(LedgerRow.model_fields)


def report(settings: Settings, period: str, form: Form) -> None:
    """Print what was spent in a period.

    Raises:
        BadInput: There is no such period.
    """
    print(anyio.run(show, settings, period, form))  # noqa: T201 - what was asked for


async def show(settings: Settings, period: str, form: Form) -> str:
    """Give the ledger of a period as text.

    Raises:
        BadInput: There is no such period.
    """
    if period not in get_args(Period):
        raise BadInput(f"period {period!r}: it is one of {', '.join(get_args(Period))}.")
    database = open_database(settings.state_dir, settings.state_address)
    try:
        rows = await spending(database, cast("Period", period))
    finally:
        await database.close()
    if form == "json":
        document = {"rows": [row.model_dump() for row in rows], "totals": [row.model_dump() for row in totals(rows)]}
        return json.dumps(document, indent=1)
    return _csv(rows) if form == "csv" else _table(rows)


def _csv(rows: list[LedgerRow]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(row.model_dump() for row in rows)
    return text.getvalue().rstrip("\n")


def _table(rows: list[LedgerRow]) -> str:
    if not rows:
        return "Nothing was spent in this period."
    cells = [
        list(COLUMNS),
        *([str(value if value is not None else "-") for value in row.model_dump().values()] for row in rows),
    ]
    widths = [max(len(line[column]) for line in cells) for column in range(len(COLUMNS))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in cells]
    sums = [
        f"total {row.currency}: {row.billed} billed, {row.estimated} of it estimated, {row.reserved} reserved"
        for row in totals(rows)
    ]
    return "\n".join([*lines, "", *sums])
