"""get_job: wait for, ask about, or cancel a call that was not done in time."""

from __future__ import annotations

from typing import Annotated

from mcp.types import TextContent
from pydantic import Field

from lightbox.tools.arguments import Arguments
from lightbox.tools.call import ToolCall
from lightbox.tools.rendering import render
from lightbox.tools.tool import Answer, ToolDescription


class GetJob(Arguments):
    """Which job, and how long to wait for it."""

    job_id: Annotated[str, Field(description="As a tool answered it: job_ and 12 letters or digits.")]
    wait_seconds: Annotated[
        float | None, Field(ge=0, description="Left out, and at most: the server's WAIT_SECONDS.")
    ] = None
    cancel: Annotated[bool, Field(description="Stop it where the service can be told.")] = False


async def get_job(call: ToolCall, arguments: GetJob) -> Answer:
    """Answer as the job's own tool would."""
    parts = await call.services.open()
    said = await parts.runner.cancel(call.owner, arguments.job_id) if arguments.cancel else None
    wait = call.remaining if arguments.wait_seconds is None else min(arguments.wait_seconds, call.remaining)
    job = await parts.runner.wait(call.owner, arguments.job_id, wait, call.tell)
    answer = await render(call, job)
    if said is not None:
        answer.content.insert(0, TextContent(type="text", text=said))
    return answer


DESCRIPTION = ToolDescription(
    name="get_job",
    title="Get job",
    text=(
        "Get what a call brought that answered `running`: waits, then answers exactly as that call would have. Works "
        "after restarts too, and costs nothing. cancel=true stops it where the service can be told."
    ),
    arguments=GetJob,
    answers=get_job,
    changes=True,
    open_world=False,
)
