"""The work of gallery_jobs: the newest jobs, what they are at, and their estimates beside their bills."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

import anyio
from mcp.types import CallToolResult, TextContent
from pydantic import BaseModel, ConfigDict, Field

from lightbox.errors import LightboxError
from lightbox.images import rendering
from lightbox.images.reference import data_uri
from lightbox.jobs.history import PastJob, history
from lightbox.tools.answers import LONGEST_REASON, cost_of, picture_bytes
from lightbox.tools.gallery_answer import SCHEMA, Status, length, put, room_beside
from lightbox.tools.gallery_card import NAME_LETTERS
from lightbox.untrusted import tame

if TYPE_CHECKING:
    from lightbox.tools.arguments import GalleryJobs
    from lightbox.tools.tool import Answer, Call

WORDS_LETTERS = 300
MOST_IMAGES = 24
PARTIAL_SIDE = 512
PARTIAL_ROOM = 60_000
MOST_PARTIAL = 4
SECONDS = 3.0
"""Unfinished pictures: their longest side in px, the letters of all together, how many, and how long they may take."""


class JobCard(BaseModel):
    """One job as the gallery shows it; amounts as decimal text, None where they are not known.

    Attributes:
        words: What was asked for.
        seconds: How long it took, or has been at work.
        images: Handles of what it made or found.
        partial: The unfinished picture of a running one, as a data URI.
        reason: Why it failed, or why an amount is not known.
    """

    model_config = ConfigDict(frozen=True)

    job_id: str
    tool: str
    status: Status
    stage: str | None = None
    provider: str | None
    model: str | None
    words: str | None = None
    created_at: str
    seconds: float
    currency: str | None = None
    estimate_low: str | None = None
    estimate: str | None = None
    estimate_high: str | None = None
    billed: str | None = None
    basis: Literal["usage", "estimate", "pending", "cached"] | None = None
    reason: str | None = None
    images: list[str] = Field(default_factory=list[str])
    partial: str | None = None


class GalleryJobList(BaseModel):
    """The newest jobs."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)

    schema_: int = Field(default=SCHEMA, alias="schema")
    tool: str = "gallery_jobs"
    status: Status = "completed"
    jobs: list[JobCard]


async def answer(call: Call, arguments: GalleryJobs) -> Answer:
    """Answer with the caller's own newest jobs; an id that is none of theirs brings an empty list."""
    owner, count, job_id = call.owner, arguments.count, arguments.job_id
    past = await call.opened.database.read(lambda connection: history(connection, owner, count, job_id))
    cards = [_card(call, one) for one in past]
    result = CallToolResult(content=[TextContent(type="text", text=f"{len(cards)} jobs for the gallery.")])
    room = room_beside(result, call.settings.max_result_bytes)
    while cards and length(GalleryJobList(jobs=cards)) > room:
        cards.pop()
    room = min(PARTIAL_ROOM, room - length(GalleryJobList(jobs=cards)))
    put(result, GalleryJobList(jobs=await _with_partials(call, cards, room)))
    return result


def _card(call: Call, past: PastJob) -> JobCard:
    job, run = past.job, call.parts.runner.runs.get(past.id)
    until = past.answered_at or time.time()
    running = past.open and past.answered_at is None
    card: dict[str, Any] = {
        "job_id": past.id,
        "tool": tame(past.tool, NAME_LETTERS) or "",
        "status": "running" if running else "completed" if past.open or past.state == "completed" else "failed",
        "stage": tame(run.stage if run else past.stage) if running else None,
        "provider": tame(past.provider, NAME_LETTERS),
        "model": tame(past.model, NAME_LETTERS),
        "created_at": datetime.fromtimestamp(past.created_at, UTC).isoformat(timespec="seconds"),
        "seconds": round(max(0.0, until - past.created_at), 1),
    }
    if job is None:  # only its bill is still kept
        basis = "pending" if past.open else "estimate" if past.estimated else "usage"
        return JobCard(**card, currency=past.currency, billed=past.billed, basis=basis if past.billed else None)
    cost = cost_of(job).model_dump()
    if job.error is not None:
        cost["reason"] = tame(job.error, LONGEST_REASON)
    images: list[str] = []
    if job.outcome is not None:
        images = [one.image for one in (*job.outcome.pictures, *job.outcome.hits)]
    return JobCard(**card, **cost, words=_words(job.order.arguments), images=images[:MOST_IMAGES])


def _words(arguments: dict[str, Any]) -> str | None:
    """Give what was asked for, in the caller's words."""
    said = next((arguments[name] for name in ("prompt", "query", "question", "about") if arguments.get(name)), None)
    return tame(said, WORDS_LETTERS) if isinstance(said, str) else None


async def _with_partials(call: Call, cards: list[JobCard], room: int) -> list[JobCard]:
    """Add the unfinished pictures of running jobs, as far as they are there soon and there is room."""
    painting = [one.job_id for one in cards if one.status == "running" and one.tool in ("generate_image", "edit_image")]
    painting = painting[:MOST_PARTIAL]
    made: dict[str, str] = {}
    if not painting or room <= 0:
        return cards
    most = picture_bytes(room, len(painting))

    async def one(job_id: str) -> None:
        try:
            data = await call.parts.pictures.partial(job_id)
            if data is not None:
                preview = await rendering.preview(data, max_side=PARTIAL_SIDE, max_bytes=most)
                made[job_id] = data_uri(preview.data, preview.mime_type)
        except LightboxError:  # the next one may come whole
            return

    with anyio.move_on_after(min(SECONDS, call.remaining)):
        async with anyio.create_task_group() as tasks:
            for job_id in painting:
                tasks.start_soon(one, job_id)
    return [one.model_copy(update={"partial": made.get(one.job_id)}) for one in cards]
