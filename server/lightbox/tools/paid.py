"""How a paid tool answers: reserved, sent, waited for, and shaped; or running, with its job id."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio

from lightbox.tools.call import ToolCall
from lightbox.tools.consent import ask_consent
from lightbox.tools.rendering import render
from lightbox.tools.tool import Answer

if TYPE_CHECKING:
    from lightbox.jobs.order import Plan


async def answer_paid(call: ToolCall, plan: Plan) -> Answer:
    """Carry out a plan and answer in time, whatever the service does.

    Raises:
        OverBudget: Nothing was sent.
    """
    parts = await call.services.open()
    opened = await parts.journal.equal(plan.order)
    if opened is None:  # only what may be paid for needs consent
        question = await ask_consent(call, plan)
        if question is not None:
            return question
        opened = await parts.runner.start(plan)
    if opened.how == "cached":
        return await render(call, opened.job)
    if opened.how == "joined":
        await call.tell(f"joined {opened.job.id}, which runs already")
    try:
        job = await parts.runner.wait(call.owner, opened.job.id, call.remaining, call.tell)
    except anyio.get_cancelled_exc_class():
        parts.runner.abandon(opened.job.id)
        raise
    return await render(call, job)
