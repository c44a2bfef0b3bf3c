"""The work of get_spending: what was spent, reserved and left."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from mcp.types import CallToolResult, TextContent

from lightbox.costs.conversion import RATES, Exchange
from lightbox.costs.money import plain
from lightbox.costs.pricing.budget import Cap
from lightbox.jobs.spending import spending
from lightbox.tools.next_step import next_step
from lightbox.tools.outputs import Spending, Total
from lightbox.untrusted import tame

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightbox.jobs.ledger import LedgerRow
    from lightbox.tools.arguments import GetSpending
    from lightbox.tools.tool import Answer, Call


async def answer(call: Call, arguments: GetSpending) -> Answer:
    """Answer with the caller's own ledger."""
    rows = [_tamed(row) for row in await spending(call.parts.database, arguments.period, owner=call.owner)]
    summed = Spending(
        period=arguments.period,
        totals=totals(rows),
        unknown=sum(row.unknown for row in rows),
        lines=rows,
        budget=list(_budget(call)),
    )
    return CallToolResult(
        content=[TextContent(type="text", text=_text(summed, next_step(call.served, "spent")))],
        structured_content=summed.model_dump(mode="json"),
    )


def _budget(call: Call) -> Iterator[str]:
    """Give each cap, with the user's rates by which it counts other currencies."""
    exchange = Exchange.parse(call.settings.rates)
    for text in call.budget:
        rates = exchange.towards(Cap.parse(text).amount.currency)
        yield f"{text} ({RATES}, your own: {rates})" if rates else text


def _tamed(row: LedgerRow) -> LedgerRow:
    """Clean the names in a line: a caller may have written any model's, and an older version have kept it."""
    return row.model_copy(update={name: tame(getattr(row, name)) for name in ("tool", "provider", "model", "currency")})


def totals(rows: list[LedgerRow]) -> list[Total]:
    """Sum lines up, each currency by itself."""
    sums: dict[str, list[Decimal]] = {}
    for row in rows:
        if row.currency is not None:
            sums.setdefault(row.currency, [Decimal(0)] * 3)
            parts = (row.billed, row.estimated, row.reserved)
            sums[row.currency] = [a + Decimal(b) for a, b in zip(sums[row.currency], parts, strict=True)]
    return [
        Total(currency=currency, billed=plain(billed), estimated=plain(estimated), reserved=plain(reserved))
        for currency, (billed, estimated, reserved) in sorted(sums.items())
    ]


def _text(summed: Spending, following: str | None) -> str:
    lines = [f"Spent ({summed.period}):"]
    for total in summed.totals:
        extra = f", {total.estimated} of it from estimates" if Decimal(total.estimated) else ""
        held = f"; {total.reserved} reserved" if Decimal(total.reserved) else ""
        lines.append(f"{total.billed} {total.currency}{extra}{held}")
    if not summed.totals:
        lines.append("nothing")
    if summed.unknown:
        lines.append(f"{_jobs(summed.unknown)} of unknown price")
    lines.extend(map(_line, summed.lines))
    lines.append(f"budget: {', '.join(summed.budget)}" if summed.budget else "budget: not set")
    return "\n".join([*lines, *([following] if following else [])])


def _jobs(number: int) -> str:
    return f"{number} job{'' if number == 1 else 's'}"


def _line(row: LedgerRow) -> str:
    what = f"{row.day} {row.tool} {row.provider} {row.model}"
    return f"{what}: {_jobs(row.jobs)}, {row.billed} {row.currency or ''}".rstrip()
