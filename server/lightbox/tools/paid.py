"""How a paid tool answers: reserved, sent, waited for, and shaped; or running, with its job id."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio
from mcp.types import CallToolResult, TextContent

from lightbox.errors import OverBudget
from lightbox.tools.answers import last_line, notes_of, running_text
from lightbox.tools.call import Call
from lightbox.tools.consent import ask_consent
from lightbox.tools.failure import failure
from lightbox.tools.hit_list import hit_list_answer
from lightbox.tools.showing import picture_answer
from lightbox.tools.table import named
from lightbox.tools.untrusted import fence, tame_prose

if TYPE_CHECKING:
    from lightbox.jobs.job import Job, Plan
    from lightbox.jobs.journal import Opened
    from lightbox.tools.tool import Answer


async def answer_paid(call: Call, plan: Plan) -> Answer:
    """Carry out a plan and answer in time, whatever the service does.

    Raises:
        OverBudget: Nothing was sent.
    """
    opened = None
    if call.settings.confirm_above is not None:  # only what may be paid for needs consent
        opened = await call.parts.journal.equal(plan.order)
        question = None if opened else await ask_consent(call, plan)
        if question is not None:
            return question
    opened = opened or await _start(call, plan)
    if opened.how == "cached":
        return await render(call, opened.job)
    if opened.how == "joined":
        await call.tell(f"joined {opened.job.id}, which runs already")
    try:
        job = await call.parts.waiting.wait(call.owner, opened.job.id, call.remaining, call.tell)
    except anyio.get_cancelled_exc_class():
        if call.remaining:  # else the client still waits, and something held up the answer
            call.parts.stopping.abandon(opened.job.id)
        raise
    return await render(call, job)


async def render(call: Call, job: Job) -> CallToolResult:
    """Shape the answer of the tool that a job belongs to: the same now, later, and in another process."""
    tool = named(job.order.tool)
    usual = None if job.done else await call.parts.journal.usual_seconds(job.order.tool, job.order.model)
    if job.error is not None:
        return failure(f"{job.order.tool}: {job.error}\n{last_line(job)}")
    if tool is not None and tool.bills == "list":
        return hit_list_answer(job, max_bytes=call.settings.max_result_bytes, usual_seconds=usual)
    if not job.done:
        return _text(running_text(job, usual))
    if tool is not None and tool.bills == "picture":
        return await picture_answer(call, job)
    prose = tame_prose(job.outcome.text) if job.outcome else None
    lines = [f"{job.order.provider}, {job.order.model}:", fence(prose or "(the model wrote nothing)")]
    return _text("\n".join([*lines, *(f"note: {note}" for note in notes_of(job)), last_line(job)]))


async def _start(call: Call, plan: Plan) -> Opened:
    """Begin; a budget whose room is held by a server that died meanwhile is looked at again."""
    try:
        return await call.parts.carrier.start(plan)
    except OverBudget:
        if not await call.parts.recovery.recover():
            raise
    return await call.parts.carrier.start(plan)


def _text(text: str) -> CallToolResult:
    return CallToolResult(content=[TextContent(type="text", text=text)])
