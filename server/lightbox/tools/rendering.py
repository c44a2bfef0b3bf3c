"""From a job to its tool's answer: the same now, later, and in another process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mcp.types import CallToolResult, TextContent

from lightbox.errors import LightboxError
from lightbox.tools.answers.cost import cost_line, cost_of
from lightbox.tools.answers.hit_list import hit_list_answer
from lightbox.tools.answers.picture import Shown, picture_lines, with_previews
from lightbox.tools.answers.running import running_text
from lightbox.tools.call import ToolCall
from lightbox.tools.failure import failure
from lightbox.tools.untrusted import fence, tame_prose

if TYPE_CHECKING:
    from lightbox.jobs.job import Job

PREVIEW_SIDE = 768
"""Longest side of a preview in px."""


async def render(call: ToolCall, job: Job) -> CallToolResult:
    """Shape the answer of the tool that the job belongs to."""
    parts = await call.services.open()
    usual = None if job.done else await parts.journal.usual_seconds(job.order.tool, job.order.model)
    if job.error is not None:
        return failure(f"{job.order.tool}: {job.error}\n{cost_line(cost_of(job))}; {job.id}")
    if job.order.priced.ability in ("search", "similar"):
        return hit_list_answer(job, max_bytes=call.services.settings.max_result_bytes, usual_seconds=usual)
    if not job.done:
        return CallToolResult(content=[TextContent(type="text", text=running_text(job, usual))])
    if job.order.priced.ability == "describe":
        return _text_answer(job)
    return await _picture_answer(call, job)


def _text_answer(job: Job) -> CallToolResult:
    outcome = job.outcome
    prose = tame_prose(outcome.text) if outcome else None
    lines = [f"{job.order.provider}, {job.order.model}:", fence(prose or "(the model wrote nothing)"), *_tail(job)]
    return CallToolResult(content=[TextContent(type="text", text="\n".join(lines))])


async def _picture_answer(call: ToolCall, job: Job) -> CallToolResult:
    parts = await call.services.open()
    outcome = job.outcome
    made = outcome.pictures if outcome else ()
    shown: list[Shown] = []
    for one in made:
        picture = await parts.pictures.known(call.owner, one.image)
        try:
            picture, data = await parts.pictures.open(picture)
        except LightboxError as error:
            shown.append(Shown(picture, None, one.revised_prompt, str(error)))
        else:
            shown.append(Shown(picture, data, one.revised_prompt))
    verb = "Edited" if job.order.priced.ability == "edit" else "Made"
    number = f"{len(shown)} picture{'' if len(shown) == 1 else 's'}"
    lines = [f"{verb} {number} ({job.order.provider}, {job.order.model})."]
    links = parts.links if call.link_base else None
    for item in shown:
        lines.extend(picture_lines(item, links=links, link_base=call.link_base))
    lines.extend(_tail(job))
    return await with_previews(
        "\n".join(lines),
        [item.data for item in shown if item.data],
        max_side=PREVIEW_SIDE,
        max_bytes=call.services.settings.max_result_bytes,
    )


def _tail(job: Job) -> list[str]:
    notes = [*job.order.notes, *(job.outcome.notes if job.outcome else ())]
    return [*(f"note: {note}" for note in notes), f"{cost_line(cost_of(job))}; {job.id}"]
