"""The work of estimate_cost: what a call would cost, before it is made."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from mcp.types import CallToolResult, TextContent
from pydantic import ValidationError

from lightbox.costs.conversion import RATES, Exchange, rounded
from lightbox.costs.money import plain
from lightbox.costs.pricing.budget import Cap
from lightbox.costs.pricing.estimate import estimates_total
from lightbox.errors import BadInput
from lightbox.tools.answers import amount_text, encoded_bytes
from lightbox.tools.failure import explain
from lightbox.tools.next_step import next_step
from lightbox.tools.outputs import CallEstimate, Estimates, Line, Source, TotalEstimate
from lightbox.tools.sizing import planned
from lightbox.tools.table import ESTIMATED, EstimateCost, OneCall
from lightbox.tools.tool import work_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lightbox.costs.money import Money
    from lightbox.costs.pricing.estimate import Estimate, Part
    from lightbox.jobs.job import Plan
    from lightbox.tools.tool import Answer, Call


async def answer(call: Call, arguments: EstimateCost) -> Answer:
    """Price the calls as they would be made: same references, same shrinking, same models."""
    call.estimating = True
    wanted: list[OneCall] = [arguments, *arguments.more]
    priced = [(one, await _plan(call, one)) for one in wanted]
    estimates = [plan.order.estimate.times(one.times) for one, plan in priced if plan is not None]
    total = estimates_total(estimates)
    sources = list(dict.fromkeys(source for each in estimates for part in each.parts if (source := _source(part))))
    told = Estimates(
        calls=[_call_estimate(one, plan, sources) for one, plan in priced],
        totals=[
            TotalEstimate(
                currency=low.currency, low=plain(low.amount), expected=plain(expected.amount), high=plain(high.amount)
            )
            for low, expected, high in zip(total.low, total.expected, total.high, strict=True)
        ],
        unknown=list(total.unknown),
        sources=sources,
    )
    told = told.model_copy(update={"notes": [*told.notes, *_against_budget(call, total.high)]})
    following = next_step(call.served, "estimated", tool=arguments.tool)
    return _fitted(told, call.settings.max_result_bytes, following)


def _against_budget(call: Call, highs: Iterable[Money]) -> Iterator[str]:
    """Say what amounts count for against a budget of another currency, by the rate that the user has set."""
    exchange = Exchange.parse(call.settings.rates)
    for high in highs:
        caps = [Cap.parse(text) for text in call.budget]
        for currency in dict.fromkeys(cap.amount.currency for cap in caps):
            counted, rate = exchange.converted(high, currency), exchange.between(high.currency, currency)
            if counted and rate:
                figures = f"Up to {high} counts as {rounded(counted.amount)} {currency}"
                yield f"{figures} against your budget, by your rate of {rate} ({RATES})."


def _fitted(answer: Estimates, max_bytes: int, following: str | None) -> CallToolResult:
    """Shape the answer; where it would not fit, the last calls lose their parts, never their sums."""
    result = _result(answer, following)
    keep = len(answer.calls)
    while encoded_bytes(result) > max_bytes and keep:
        keep -= 1
        bare = [call.model_copy(update={"parts": [], "assumptions": []}) for call in answer.calls[keep:]]
        note = f"Only the first {keep} calls are shown part by part, so that the answer fits: ask for fewer at once."
        shortened = answer.model_copy(update={"calls": [*answer.calls[:keep], *bare], "notes": [note]})
        result = _result(shortened, following)
    return result


def _result(answer: Estimates, following: str | None) -> CallToolResult:
    return CallToolResult(
        content=[TextContent(type="text", text=_text(answer, following))],
        structured_content=answer.model_dump(mode="json"),
    )


async def _plan(call: Call, one: OneCall) -> Plan | None:
    """Plan a call without sending it; None for one that never bills.

    Raises:
        BadInput: The arguments are not those of the tool.
    """
    tool = ESTIMATED[one.tool]
    if tool.bills is None:
        return None
    try:
        arguments = tool.arguments.model_validate(one.arguments)
    except ValidationError as error:
        raise BadInput(explain(f"arguments of {one.tool}", error, list(tool.arguments.model_fields))) from error
    return await (await work_of(tool)).plan(call, arguments)


def _call_estimate(one: OneCall, plan: Plan | None, sources: list[Source]) -> CallEstimate:
    if plan is None:
        return CallEstimate(
            tool=one.tool,
            provider=None,
            model=None,
            times=one.times,
            currency=None,
            low="0",
            expected="0",
            high="0",
            reason=None,
            parts=[],
            assumptions=[f"{one.tool} is free"],
            saving=None,
            size=None,
        )
    estimate: Estimate = plan.order.estimate.times(one.times)
    return CallEstimate(
        tool=one.tool,
        provider=plan.order.provider,
        model=plan.order.model,
        times=one.times,
        currency=estimate.expected.currency if estimate.expected else None,
        low=amount_text(estimate.low),
        expected=amount_text(estimate.expected),
        high=amount_text(estimate.high),
        reason=estimate.reason,
        parts=[_line(part, sources) for part in estimate.parts],
        assumptions=list(estimate.assumptions),
        size=planned(plan.order),
        saving=str(estimate.saving) if estimate.saving else None,
    )


def _source(part: Part) -> Source | None:
    return Source(name=part.source, checked=part.checked.isoformat() if part.checked else None) if part.source else None


def _line(part: Part, sources: list[Source]) -> Line:
    source = _source(part)
    quantity, amount = part.quantity, part.amount
    return Line(
        what=part.what,
        quantity_low=plain(quantity.low) if quantity else None,
        quantity=plain(quantity.expected) if quantity else None,
        quantity_high=plain(quantity.high) if quantity else None,
        unit=part.unit,
        unit_price=plain(part.unit_price) if part.unit_price is not None else None,
        per=part.per,
        low=plain(amount.low) if amount else None,
        expected=plain(amount.expected) if amount else None,
        high=plain(amount.high) if amount else None,
        currency=part.currency,
        source=sources.index(source) if source else None,
        reason=part.reason,
    )


def _text(answer: Estimates, following: str | None) -> str:
    """Say the sums, and what most of each goes for; the parts and what was assumed are in the structured half."""
    lines = [_summed(call) for call in answer.calls]
    if len(answer.calls) > 1:
        lines.extend(f"total: {row.expected} {row.currency} ({row.low} to {row.high})" for row in answer.totals)
    if answer.sources:
        lines.append("prices: " + "; ".join(map(str, answer.sources)))
    lines.extend(f"note: {note}" for note in answer.notes)
    lines.append("No paid call was made.")
    return "\n".join([*lines, *([following] if following else [])])


def _summed(call: CallEstimate) -> str:
    times = f" × {call.times}" if call.times > 1 else ""
    who = f" ({call.provider}, {call.model})" if call.provider else ""
    most = max(call.parts, key=lambda part: Decimal(part.expected or 0), default=None)
    mostly = f"; mostly {most.what}, {most.expected}" if most and most.expected and len(call.parts) > 1 else ""
    saved = f". {call.saving}" if call.saving else ""
    sized = f". {call.size}" if call.size else ""
    return f"{call.tool}{who}{times}: {_span(call)}{mostly}{saved}{sized}"


def _span(call: CallEstimate) -> str:
    if call.expected is None:
        return f"unknown: {call.reason}"
    if call.currency is None:
        return "0 (it is free)"
    if call.low == call.high:
        return f"{call.expected} {call.currency}"
    return f"{call.expected} {call.currency} expected, {call.low} to {call.high}"
