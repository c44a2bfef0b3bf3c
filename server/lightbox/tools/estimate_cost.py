"""The work of estimate_cost: what a call would cost, before it is made."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from mcp.types import CallToolResult, TextContent
from pydantic import ValidationError

from lightbox.costs.conversion import RATES, Exchange, rounded
from lightbox.costs.money import plain
from lightbox.costs.pricing.budget import Cap
from lightbox.costs.pricing.estimate import estimates_total
from lightbox.errors import BadInput, LightboxError
from lightbox.providers.roster import ORDER, PROVIDERS, choose
from lightbox.tools.answers import CATALOGUE, amount_text, basis_of, encoded_bytes
from lightbox.tools.failure import explain
from lightbox.tools.next_step import next_step
from lightbox.tools.outputs import CallEstimate, Estimates, Line, Source, TotalEstimate
from lightbox.tools.sizing import planned
from lightbox.tools.table import ESTIMATED, EstimateCost, OneCall
from lightbox.tools.tool import work_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from lightbox.costs.pricing.estimate import Estimate, Part
    from lightbox.jobs.job import Order
    from lightbox.tools.tool import Answer, Call


@dataclass(frozen=True, slots=True)
class _Priced:
    """A call and its order; None where it never bills. `choice`: the service, where it is one of those to be had."""

    one: OneCall
    order: Order | None
    choice: str | None = None

    @property
    def estimate(self) -> Estimate | None:
        """What it costs, as often as it is made."""
        return self.order.estimate.times(self.one.times) if self.order else None


async def answer(call: Call, arguments: EstimateCost) -> Answer:
    """Price the calls as they would be made: same references, same shrinking, same models."""
    call.estimating = True
    wanted: list[OneCall] = [arguments, *arguments.more]
    planned = [priced for one in wanted for priced in await _planned(call, one)]
    priced = await _learned(call, planned)
    estimates = [estimate for each in priced if (estimate := each.estimate) is not None]
    sources = list(dict.fromkeys(source for each in estimates for part in each.parts if (source := _source(part))))
    told = Estimates(
        calls=[_call_estimate(each, sources) for each in priced],
        totals=list(_totals(priced)),
        unknown=list(estimates_total(estimates).unknown),
        sources=sources,
        notes=[*_notes(priced), *_against_budget(call, priced)],
    )
    following = next_step(call.served, "estimated", tool=arguments.tool)
    return _fitted(told, call.settings.max_result_bytes, following)


async def _planned(call: Call, one: OneCall) -> list[_Priced]:
    """Plan a call; where no service is configured, once for each that could be had and can make it.

    Raises:
        LightboxError: None can make it; as the first of them says.
    """
    priced: list[_Priced] = []
    failures: list[LightboxError] = []
    for choice in _choices(call, one):
        named = one if choice is None else one.model_copy(update={"arguments": one.arguments | {"provider": choice}})
        try:
            priced.append(_Priced(one, await _order(call, named), choice))
        except LightboxError as error:
            failures.append(error)
    if failures and not priced:
        raise failures[0]
    return priced


def _choices(call: Call, one: OneCall) -> tuple[str | None, ...]:
    """Name the services that could be had for a call that only the sandbox would make; else leave it as it is."""
    abilities, settings = ESTIMATED[one.tool].abilities, call.settings
    if ESTIMATED[one.tool].bills is None or one.arguments.get("provider") not in {None, "auto"}:
        return (None,)
    [ability] = abilities
    if choose(ability, settings, call.endpoints, for_price=True).provider != "sandbox":
        return (None,)
    if PROVIDERS["sandbox"].endpoint(settings) is not None:  # a setting names it
        return (None,)
    model, catalogue = str(one.arguments.get("model") or ""), call.parts.catalogue
    knowing = [name for name in ORDER[ability] if catalogue.model(name, model) or catalogue.image_model(name, model)]
    return tuple(knowing or ORDER[ability])


async def _learned(call: Call, priced: Sequence[_Priced]) -> list[_Priced]:
    """Put all prices right by late bills, in one read."""
    orders = iter(await call.parts.journal.learned([each.order for each in priced if each.order]))
    return [replace(each, order=next(orders)) if each.order else each for each in priced]


def _totals(priced: Sequence[_Priced]) -> Iterator[TotalEstimate]:
    """Add up what is called; of calls that several services could make, by each that could make them all."""
    yield from _total(None, [each for each in priced if each.choice is None])
    open_calls = {id(each.one) for each in priced if each.choice}
    for choice in dict.fromkeys(each.choice for each in priced if each.choice):
        own = [each for each in priced if each.choice == choice]
        if {id(each.one) for each in own} == open_calls:
            yield from _total(choice, own)


def _total(provider: str | None, priced: Iterable[_Priced]) -> Iterator[TotalEstimate]:
    total = estimates_total(estimate for each in priced if (estimate := each.estimate) is not None)
    for low, expected, high in zip(total.low, total.expected, total.high, strict=True):
        yield TotalEstimate(
            provider=provider,
            currency=low.currency,
            low=plain(low.amount),
            expected=plain(expected.amount),
            high=plain(high.amount),
        )


def _notes(priced: Iterable[_Priced]) -> Iterator[str]:
    keys = dict.fromkeys(key for each in priced if each.choice and (key := PROVIDERS[each.choice].key))
    if keys:
        yield (
            "No key is set: such a call is made on the sandbox, for nothing. These are the prices with "
            f"{' or '.join(keys)}; provider=sandbox prices the sandbox."
        )


def _against_budget(call: Call, priced: Iterable[_Priced]) -> Iterator[str]:
    """Say what amounts count for against a budget of another currency, by the rate that the user has set."""
    exchange = Exchange.parse(call.settings.rates)
    highs = estimates_total(estimate for each in priced if (estimate := each.estimate) and each.choice is None).high
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
        notes = [*answer.notes, note]
        shortened = answer.model_copy(update={"calls": [*answer.calls[:keep], *bare], "notes": notes})
        result = _result(shortened, following)
    return result


def _result(answer: Estimates, following: str | None) -> CallToolResult:
    return CallToolResult(
        content=[TextContent(type="text", text=_text(answer, following))],
        structured_content=answer.model_dump(mode="json"),
    )


async def _order(call: Call, one: OneCall) -> Order | None:
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
    return (await (await work_of(tool)).plan(call, arguments)).order


def _call_estimate(priced: _Priced, sources: list[Source]) -> CallEstimate:
    one, order, estimate = priced.one, priced.order, priced.estimate
    if order is None or estimate is None:
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
            basis=None,
            saving=None,
            size=None,
        )
    return CallEstimate(
        tool=one.tool,
        provider=order.provider,
        model=order.model,
        times=one.times,
        currency=estimate.expected.currency if estimate.expected else None,
        low=amount_text(estimate.low),
        expected=amount_text(estimate.expected),
        high=amount_text(estimate.high),
        reason=estimate.reason,
        parts=[_line(part, sources) for part in estimate.parts],
        assumptions=list(estimate.assumptions),
        basis=basis_of(order) if estimate.expected else None,
        size=planned(order),
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
        lines.extend(map(_summed_up, answer.totals))
    if answer.sources:
        lines.append("prices: " + "; ".join(map(str, answer.sources)))
    lines.extend(f"note: {note}" for note in answer.notes)
    lines.append("No paid call was made.")
    return "\n".join([*lines, *([following] if following else [])])


def _summed_up(total: TotalEstimate) -> str:
    where = f" at {total.provider}" if total.provider else ""
    return f"total{where}: {total.expected} {total.currency} ({total.low} to {total.high})"


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
    basis = CATALOGUE if call.basis == CATALOGUE else f"from {call.basis}"
    return f"{call.expected} {call.currency} expected ({basis}), {call.low} to {call.high}"
