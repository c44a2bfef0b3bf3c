"""The work of get_job: wait for, ask about, or cancel a call that was not done in time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mcp.types import TextContent

from lightbox.tools.paid import render

if TYPE_CHECKING:
    from lightbox.tools.arguments import GetJob
    from lightbox.tools.tool import Answer, Call


async def answer(call: Call, arguments: GetJob) -> Answer:
    """Answer as the job's own tool would."""
    job_id, parts = arguments.job_id, call.parts
    said = await parts.stopping.cancel(call.owner, job_id) if arguments.cancel else None
    wait = call.remaining if arguments.wait_seconds is None else min(arguments.wait_seconds, call.remaining)
    answered = await render(call, await parts.waiting.wait(call.owner, job_id, wait, call.tell))
    if said is not None:
        answered.content.insert(0, TextContent(type="text", text=said))
    return answered
