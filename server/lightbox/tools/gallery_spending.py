"""The work of gallery_spending: what charts need of the ledger, in plain lists."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

from mcp.types import CallToolResult, TextContent
from pydantic import BaseModel, ConfigDict, Field

from lightbox.costs.conversion import Exchange
from lightbox.costs.money import plain
from lightbox.costs.pricing.budget import Cap
from lightbox.jobs.statement import statement
from lightbox.tools.gallery_answer import SCHEMA, Status, length, put, room_beside
from lightbox.tools.gallery_card import NAME_LETTERS
from lightbox.untrusted import tame
from lightbox.vocabulary import Period, Window

if TYPE_CHECKING:
    from lightbox.jobs.ledger import LedgerRow
    from lightbox.jobs.statement import BudgetRow, Statement
    from lightbox.tools.arguments import GallerySpending
    from lightbox.tools.tool import Answer, Call

S = TypeVar("S", bound="Sums")

MOST_DAYS = (366, 92, 31, 7)
"""How many days are told one by one: as many of these as fit."""
MOST_NAMES = 40
MOST_CURRENCIES = 8


class Sums(BaseModel):
    """Amounts of one currency, as decimal text; `expected` is None where not all orders are kept."""

    model_config = ConfigDict(frozen=True)

    jobs: int
    billed: str
    estimated: str = Field(description="Part of billed that the services did not report.")
    reserved: str
    expected: str | None = Field(description="The estimates before the calls.")
    unknown: int = Field(description="Jobs whose price is not known.")


class DaySums(Sums):
    """One day, in UTC."""

    day: str


class ModelSums(Sums):
    """One model of one service."""

    provider: str
    model: str


class ToolSums(Sums):
    """One tool."""

    tool: str


class CurrencySums(Sums):
    """All of one currency; currencies are never mixed. None: what has no price."""

    currency: str | None
    by_day: list[DaySums]
    by_model: list[ModelSums]
    by_tool: list[ToolSums]


class BudgetLeft(BaseModel):
    """What is left of one cap."""

    model_config = ConfigDict(frozen=True)

    limit: str
    spent: str
    reserved: str
    left: str
    currency: str
    period: Window
    free_again: str


class Charts(BaseModel):
    """The ledger of a period, and the budget."""

    model_config = ConfigDict(frozen=True)

    period: Period
    since: str
    until: str
    currencies: list[CurrencySums]
    budget: list[BudgetLeft]


class GallerySpent(BaseModel):
    """What was spent."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)

    schema_: int = Field(default=SCHEMA, alias="schema")
    tool: str = "gallery_spending"
    status: Status = "completed"
    spending: Charts


async def answer(call: Call, arguments: GallerySpending) -> Answer:
    """Answer with the caller's own ledger; nothing of what others have spent is told."""
    result = CallToolResult(content=[TextContent(type="text", text="Spending for the gallery.")])
    exchange = Exchange.parse(call.settings.rates)
    caps = [Cap.parse(text, exchange=exchange) for text in call.budget]
    found = await statement(call.opened.database, arguments.period, caps=lambda _: caps, owner=call.owner)
    budget = [_left(cap, row) for cap, row in zip(caps, found.budgets, strict=True)]
    room = room_beside(result, call.settings.max_result_bytes)
    for most_days in MOST_DAYS:
        charts = Charts(
            period=arguments.period,
            since=found.since.isoformat(timespec="seconds"),
            until=found.until.isoformat(timespec="seconds"),
            currencies=_currencies(found, most_days),
            budget=budget,
        )
        spent = GallerySpent(spending=charts)
        if length(spent) <= room:
            put(result, spent)
            break
    return result


def _left(cap: Cap, row: BudgetRow) -> BudgetLeft:
    return BudgetLeft(
        limit=plain(cap.amount.amount),
        spent=row.spent,
        reserved=row.reserved,
        left=row.left,
        currency=row.currency,
        period=cap.window,
        free_again=row.free_again,
    )


def _currencies(found: Statement, most_days: int) -> list[CurrencySums]:
    by_currency = _grouped(found.rows, lambda row: row.currency or "")
    summed = [
        CurrencySums(
            **_sums(found, rows),
            currency=currency or None,
            by_day=[
                DaySums(day=day, **_sums(found, some))
                for day, some in sorted(_grouped(rows, lambda row: row.day).items())[-most_days:]
            ],
            by_model=_largest(
                ModelSums(provider=_name(some[0].provider), model=_name(some[0].model), **_sums(found, some))
                for some in _grouped(rows, lambda row: f"{row.provider}\0{row.model}").values()
            ),
            by_tool=_largest(
                ToolSums(tool=_name(tool), **_sums(found, some))
                for tool, some in _grouped(rows, lambda row: row.tool).items()
            ),
        )
        for currency, rows in by_currency.items()
    ]
    return sorted(summed, key=lambda one: -one.jobs)[:MOST_CURRENCIES]


def _grouped(rows: Iterable[LedgerRow], of: Callable[[LedgerRow], str]) -> dict[str, list[LedgerRow]]:
    groups: dict[str, list[LedgerRow]] = {}
    for row in rows:
        groups.setdefault(of(row), []).append(row)
    return groups


def _sums(found: Statement, rows: Sequence[LedgerRow]) -> dict[str, Any]:
    before = [found.expected.get((row.day, row.tool, row.provider, row.model, row.currency)) for row in rows]
    known = [amount for amount in before if amount is not None]
    return {
        "jobs": sum(row.jobs for row in rows),
        "billed": plain(sum((Decimal(row.billed) for row in rows), Decimal(0))),
        "estimated": plain(sum((Decimal(row.estimated) for row in rows), Decimal(0))),
        "reserved": plain(sum((Decimal(row.reserved) for row in rows), Decimal(0))),
        "expected": plain(sum(known, Decimal(0))) if len(known) == len(before) else None,
        "unknown": sum(row.unknown for row in rows),
    }


def _largest(sums: Iterable[S]) -> list[S]:
    """Give what cost the most first."""
    return sorted(sums, key=lambda one: (-Decimal(one.billed), -one.jobs))[:MOST_NAMES]


def _name(text: str) -> str:
    return tame(text, NAME_LETTERS) or ""
