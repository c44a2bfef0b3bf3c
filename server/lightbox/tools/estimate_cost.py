"""estimate_cost: what a call would cost, before it is made."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Any, Literal

from mcp.types import CallToolResult, TextContent
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lightbox.costs.money import Money, plain
from lightbox.errors import BadInput
from lightbox.tools.answers.measure import encoded_bytes
from lightbox.tools.arguments import Arguments
from lightbox.tools.call import ToolCall
from lightbox.tools.describe_images import DescribeImages, plan_describe
from lightbox.tools.edit_image import EditImage, plan_edit
from lightbox.tools.failure import explain
from lightbox.tools.find_similar_images import FindSimilarImages, plan_similar
from lightbox.tools.generate_image import GenerateImage, plan_generate
from lightbox.tools.search_images import SearchImages, plan_search
from lightbox.tools.tool import Answer, ToolDescription

if TYPE_CHECKING:
    from lightbox.costs.pricing.estimate import Estimate, Part
    from lightbox.jobs.order import Plan

PricedTool = Literal[
    "search_images",
    "find_similar_images",
    "generate_image",
    "edit_image",
    "describe_images",
    "view_images",
    "get_job",
    "get_spending",
]

PLANNERS: dict[str, tuple[type[Arguments], Callable[[ToolCall, Any], Awaitable[Plan]]]] = {
    "search_images": (SearchImages, plan_search),
    "find_similar_images": (FindSimilarImages, plan_similar),
    "generate_image": (GenerateImage, plan_generate),
    "edit_image": (EditImage, plan_edit),
    "describe_images": (DescribeImages, plan_describe),
}
FREE = ("view_images", "get_job", "get_spending")


class OneCall(Arguments):
    """A call that might be made."""

    tool: PricedTool
    arguments: Annotated[dict[str, Any], Field(description="Exactly those of the call.")]
    times: Annotated[int, Field(ge=1, le=1_000_000, description="How often.")] = 1


class EstimateCost(OneCall):
    """What might be called, how often, and with what else."""

    more: Annotated[list[OneCall], Field(max_length=20, description="Further calls, for totals over all of them.")] = (
        Field(default_factory=list[OneCall])
    )


class Line(BaseModel):
    """One part of a price; quantities and amounts as decimal text."""

    model_config = ConfigDict(frozen=True)

    what: str
    quantity_low: str | None
    quantity: str | None
    quantity_high: str | None
    unit: str
    unit_price: str | None
    per: str
    low: str | None
    expected: str | None
    high: str | None
    currency: str | None
    source: str | None
    checked: str | None = Field(description="When the price was last read at its source.")
    reason: str | None


class CallEstimate(BaseModel):
    """One call's price, times included; null where not known, with the reason."""

    model_config = ConfigDict(frozen=True)

    tool: str
    provider: str | None
    model: str | None
    times: int
    currency: str | None
    low: str | None
    expected: str | None
    high: str | None
    reason: str | None
    parts: list[Line]
    assumptions: list[str]
    saving: str | None = Field(description="What shrinking the pictures before sending saves.")


class TotalEstimate(BaseModel):
    """All calls of one currency together."""

    model_config = ConfigDict(frozen=True)

    currency: str
    low: str
    expected: str
    high: str


class Estimates(BaseModel):
    """What the calls would cost. Nothing was sent that bills."""

    model_config = ConfigDict(frozen=True)

    calls: list[CallEstimate]
    totals: list[TotalEstimate] = Field(description="One for each currency; currencies are never mixed.")
    unknown: list[str] = Field(description="Why some calls have no price; they are not in the totals.")
    notes: list[str] = Field(default_factory=list[str])


async def estimate_cost(call: ToolCall, arguments: EstimateCost) -> Answer:
    """Price the calls as they would be made: same references, same shrinking, same models."""
    from lightbox.costs.pricing.estimate import estimates_total  # noqa: PLC0415 - with the first call

    call.estimating = True
    wanted: list[OneCall] = [arguments, *arguments.more]
    priced = [(one, await _plan(call, one)) for one in wanted]
    estimates = [plan.order.estimate.times(one.times) for one, plan in priced if plan is not None]
    total = estimates_total(estimates)
    answer = Estimates(
        calls=[_call_estimate(one, plan) for one, plan in priced],
        totals=[
            TotalEstimate(
                currency=low.currency, low=plain(low.amount), expected=plain(expected.amount), high=plain(high.amount)
            )
            for low, expected, high in zip(total.low, total.expected, total.high, strict=True)
        ],
        unknown=list(total.unknown),
    )
    return _fitted(answer, call.services.settings.max_result_bytes)


def _fitted(answer: Estimates, max_bytes: int) -> CallToolResult:
    """Shape the answer; where it would not fit, the last calls lose their parts, never their sums."""
    result = _result(answer)
    keep = len(answer.calls)
    while encoded_bytes(result) > max_bytes and keep:
        keep -= 1
        bare = [call.model_copy(update={"parts": [], "assumptions": []}) for call in answer.calls[keep:]]
        note = f"Only the first {keep} calls are shown part by part, so that the answer fits: ask for fewer at once."
        result = _result(answer.model_copy(update={"calls": [*answer.calls[:keep], *bare], "notes": [note]}))
    return result


def _result(answer: Estimates) -> CallToolResult:
    return CallToolResult(
        content=[TextContent(type="text", text=_text(answer))], structured_content=answer.model_dump(mode="json")
    )


async def _plan(call: ToolCall, one: OneCall) -> Plan | None:
    """Plan a call without sending it; None for one that never bills.

    Raises:
        BadInput: The arguments are not those of the tool.
    """
    if one.tool in FREE:
        return None
    model, planner = PLANNERS[one.tool]
    try:
        arguments = model.model_validate(one.arguments)
    except ValidationError as error:
        raise BadInput(explain(f"arguments of {one.tool}", error, list(model.model_fields))) from error
    return await planner(call, arguments)


def _call_estimate(one: OneCall, plan: Plan | None) -> CallEstimate:
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
            assumptions=[f"{one.tool} never bills"],
            saving=None,
        )
    estimate: Estimate = plan.order.estimate.times(one.times)
    return CallEstimate(
        tool=one.tool,
        provider=plan.order.provider,
        model=plan.order.model,
        times=one.times,
        currency=estimate.expected.currency if estimate.expected else None,
        low=_amount(estimate.low),
        expected=_amount(estimate.expected),
        high=_amount(estimate.high),
        reason=estimate.reason,
        parts=[_line(part) for part in estimate.parts],
        assumptions=list(estimate.assumptions),
        saving=str(estimate.saving) if estimate.saving else None,
    )


def _line(part: Part) -> Line:
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
        source=part.source,
        checked=part.checked.isoformat() if part.checked else None,
        reason=part.reason,
    )


def _amount(money: Money | None) -> str | None:
    return plain(money.amount) if money else None


def _text(answer: Estimates) -> str:
    lines: list[str] = []
    for call in answer.calls:
        times = f" × {call.times}" if call.times > 1 else ""
        who = f" ({call.provider}, {call.model})" if call.provider else ""
        lines.append(f"{call.tool}{who}{times}: {_span(call)}")
        for part in call.parts:
            price = f"{part.unit_price} {part.currency} {part.per}" if part.unit_price else "price unknown"
            amount = f"{part.expected} {part.currency} ({part.low} to {part.high})" if part.expected else "unknown"
            source = f" [{part.source}, {part.checked}]" if part.source else ""
            lines.append(f"- {part.what}: {part.quantity or 'unknown'} {part.unit}s at {price} = {amount}{source}")
        lines.extend(f"- assumed: {assumption}" for assumption in call.assumptions)
        if call.saving:
            lines.append(f"- {call.saving}")
    if len(answer.calls) > 1:
        lines.extend(f"total: {row.expected} {row.currency} ({row.low} to {row.high})" for row in answer.totals)
    lines.extend(f"note: {note}" for note in answer.notes)
    lines.append("Nothing was sent that bills.")
    return "\n".join(lines)


def _span(call: CallEstimate) -> str:
    if call.expected is None:
        return f"unknown: {call.reason}"
    if call.currency is None:
        return "0, it never bills"
    if call.low == call.high:
        return f"{call.expected} {call.currency}"
    return f"{call.expected} {call.currency} expected, {call.low} to {call.high}"


DESCRIPTION = ToolDescription(
    name="estimate_cost",
    title="Estimate cost",
    text=(
        "Tell what a call would cost before it is made: pass the tool's name and exactly its arguments. Answers low, "
        "expected and high, a line per part with its source, and totals over several calls. Sends nothing that bills; "
        "works for providers without a key too."
    ),
    arguments=EstimateCost,
    answers=estimate_cost,
    output=Estimates,
)
