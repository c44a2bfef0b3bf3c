"""Consent: a call that may cost more than CONFIRM_ABOVE is put to the person, where the client can ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mcp.shared.exceptions import NoBackChannelError
from mcp.types import ElicitRequest, ElicitRequestFormParams, ElicitResult, InputRequiredResult
from pydantic import BaseModel, Field

from lightbox.costs.conversion import Exchange
from lightbox.costs.money import Money
from lightbox.costs.pricing.budget import needs_confirmation
from lightbox.errors import OverBudget
from lightbox.tools.tool import Call
from lightbox.untrusted import tame

if TYPE_CHECKING:
    from lightbox.jobs.job import Plan

MULTI_ROUND_SINCE = "2026-07-28"
"""From this protocol on a question is an answer of its own, and the call comes again with what was said."""
QUESTION = "consent"


class Consent(BaseModel):
    """What the person is asked."""

    agree: bool = Field(description="Make this call at this price?")


async def ask_consent(call: Call, plan: Plan) -> InputRequiredResult | None:
    """Let a call through, put it to the person, or refuse it.

    Returns:
        None when the call may be made, or the question that the client puts to the person.

    Raises:
        OverBudget: The person declined, or the client can't ask; the text says which setting would allow the call.
    """
    settings = call.settings
    if settings.confirm_above is None:
        return None
    limit = Money.parse(settings.confirm_above)
    high = plan.order.estimate.high
    if high is None:
        if settings.allow_unpriced:
            return None
        raise OverBudget(
            f"The price of this call is unknown ({plan.order.estimate.reason}) while CONFIRM_ABOVE is {limit}: "
            "set LIGHTBOX_ALLOW_UNPRICED=true to allow such calls, or use a model with a known price. Nothing was sent."
        )
    if high.amount == 0 or not needs_confirmation(high, limit, Exchange.parse(settings.rates)):
        return None
    return await _ask(call, plan, high, limit)


async def _ask(call: Call, plan: Plan, high: Money, limit: Money) -> InputRequiredResult | None:
    question = (
        f"{plan.order.tool} with {tame(plan.order.model)} may cost up to {high} "
        f"(expected {plan.order.estimate.expected}), more than {limit}. Make the call?"
    )
    capabilities = call.context.client_capabilities
    if capabilities is None or capabilities.elicitation is None:
        raise _refused(high, limit, "this client can't ask the person")
    if (call.context.protocol_version or "") < MULTI_ROUND_SINCE:
        return await _ask_now(call, question, high, limit)
    answer = (call.context.input_responses or {}).get(QUESTION)
    if answer is None or call.context.request_state is None:
        return _question(question, await call.parts.approvals.ask(plan.order, high))
    if not isinstance(answer, ElicitResult) or not _agreed(answer):
        raise _refused(high, limit, "the person declined")
    if not await call.parts.approvals.use(call.context.request_state, plan.order, high):
        raise _refused(
            high, limit, "this approval was used before or is too old; make the call again to be asked again"
        )
    return None


async def _ask_now(call: Call, question: str, high: Money, limit: Money) -> None:
    try:
        result = await call.context.elicit(question, Consent)
    except NoBackChannelError:
        raise _refused(high, limit, "over HTTP this client has opened no session in which to ask the person") from None
    if result.action != "accept" or not result.data.agree:
        raise _refused(high, limit, "the person declined")


def _question(question: str, asked: str) -> InputRequiredResult:
    schema = {
        "type": "object",
        "properties": {"agree": {"type": "boolean", "title": "Make this call at this price?"}},
        "required": ["agree"],
    }
    request = ElicitRequest(params=ElicitRequestFormParams(message=question, requested_schema=schema))
    return InputRequiredResult(input_requests={QUESTION: request}, request_state=asked)


def _agreed(answer: ElicitResult) -> bool:
    return answer.action == "accept" and bool((answer.content or {}).get("agree"))


def _refused(high: Money, limit: Money, why: str) -> OverBudget:
    return OverBudget(
        f"This call may cost up to {high}, more than CONFIRM_ABOVE ({limit}), and {why}. Nothing was sent. "
        "To allow it, raise LIGHTBOX_CONFIRM_ABOVE in the server's settings; a budget (LIGHTBOX_BUDGET) caps the sum."
    )
