"""What the gallery is given beside an answer: in its `_meta`, which no model sees."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import anyio
from mcp.types import CallToolResult, ImageContent
from pydantic import BaseModel, ConfigDict, Field

from lightbox.errors import LightboxError
from lightbox.tools.answers import REVISED_LETTERS, cost_of, encoded_bytes, notes_of
from lightbox.tools.gallery_card import Card, Facts, card, facts, thumbnails
from lightbox.tools.outputs import Cost
from lightbox.untrusted import plain_values, tame, tame_prose

if TYPE_CHECKING:
    from lightbox.jobs.job import Job
    from lightbox.tools.tool import Arguments, Call, Showing, Tool

logger = logging.getLogger(__name__)

KEY = "lightbox/gallery"
SCHEMA = 1
MOST_BYTES = 130_000
"""Some hosts cut what is longer than 150,000 characters, and count what no model sees."""
ROOM_BYTES = 20_000
"""What a gallery may have in any case where the answer alone comes near that, if MAX_RESULT_BYTES lets it."""
SMALL_SIDE = 160
SMALL_BYTES = 4_500
SMALL_ROOM = 40_000
"""Thumbnails that come unasked: their longest side in px, the bytes of each, and the letters of all together."""
SECONDS = 1.5
LEAST_SECONDS = 0.3
"""How long a gallery may take, in any case and at most: the answer is there without it."""
LONGEST_ARGUMENTS = 6_000
_KEY_BYTES = 40

Status = Literal["completed", "running", "failed"]


class Gallery(BaseModel):
    """What the gallery shows of one answer.

    Attributes:
        schema_: Which form this is; a page that knows another shows the text alone.
        stage: What a running job is at.
        arguments: Of the call, so that it can be made again; None where they are too long for that.
        more: Handles of pictures that did not fit: `gallery_pictures` brings them.
    """

    model_config = ConfigDict(frozen=True, populate_by_name=True)

    schema_: int = Field(default=SCHEMA, alias="schema")
    tool: str
    status: Status = "completed"
    job_id: str | None = None
    stage: str | None = None
    pictures: list[Card] = Field(default_factory=list[Card])
    found: int | None = None
    page: int | None = None
    pages: int | None = None
    queries: list[str] = Field(default_factory=list[str])
    analysis: str | None = None
    cost: Cost | None = None
    notes: list[str] = Field(default_factory=list[str])
    arguments: dict[str, Any] | None = None
    more: list[str] = Field(default_factory=list[str])


async def add_gallery(call: Call, tool: Tool, arguments: Arguments, answer: CallToolResult) -> None:
    """Add to an answer what the gallery shows of it; where that fails, or takes too long, it stays as it is."""
    seconds = max(LEAST_SECONDS, min(SECONDS, call.remaining))
    until = anyio.current_time() + seconds
    with anyio.move_on_after(seconds + LEAST_SECONDS / 2):
        try:
            gallery, known = await _gallery(call, tool, arguments, answer)
            put(answer, await _fitted(call, gallery, known, answer, until))
        except LightboxError as error:
            logger.warning("the gallery of %s could not be made: %s", tool.name, error)
        except Exception:  # the answer may have been paid for
            logger.exception("the gallery of %s could not be made", tool.name)


def put(answer: CallToolResult, gallery: BaseModel | None) -> None:
    """Put what the gallery shows into an answer's `_meta`."""
    if gallery is not None:
        answer.meta = {**(answer.meta or {}), KEY: gallery.model_dump(mode="json", by_alias=True)}


def room_beside(answer: CallToolResult, max_bytes: int) -> int:
    """Give how many bytes the gallery of an answer may have."""
    alone = encoded_bytes(answer) + _KEY_BYTES
    return min(max_bytes, max(MOST_BYTES, alone + ROOM_BYTES)) - alone


def length(gallery: BaseModel) -> int:
    """Measure what the gallery shows in bytes, as it is encoded."""
    return len(json.dumps(gallery.model_dump(mode="json", by_alias=True), ensure_ascii=False).encode())


async def _gallery(call: Call, tool: Tool, arguments: Arguments, answer: CallToolResult) -> tuple[Gallery, Facts]:
    showing = call.showing
    listed: dict[str, Any] = answer.structured_content or {}
    hits: list[dict[str, Any]] = listed.get("hits", [])
    about = _job_words(showing.job) if showing.job else _call_words(tool, arguments, answer)
    about |= {name: listed[name] for name in ("found", "page", "queries", "analysis", "notes") if listed.get(name)}
    if listed.get("page"):
        about["pages"] = max(1, -(-listed["found"] // arguments.given()["count"]))
    first = (listed.get("page", 1) - 1) * arguments.given().get("count", 0) + 1
    pictures = _of_hits(hits, first) if hits else _of_showing(showing)
    handles = [one.handle for one in pictures]
    owner = call.owner
    known = await call.opened.database.read(lambda connection: facts(connection, owner, handles))
    return Gallery(**about, pictures=_cards(call, pictures, known)), known


@dataclass(frozen=True, slots=True)
class _Shown:
    """A picture of the answer, and what the answer says of it."""

    handle: str
    more: Mapping[str, Any]


def _of_hits(hits: Sequence[Mapping[str, Any]], first: int) -> list[_Shown]:
    names = ("title", "width", "height", "mime_type", "state")
    return [
        _Shown(hit["image"], {"number": number, **{name: hit.get(name) for name in names}})
        for number, hit in enumerate(hits, start=first)
    ]


def _of_showing(showing: Showing) -> list[_Shown]:
    """Give what is on the sheet by its numbers; or else what has a preview in the order of those, then the rest."""
    if showing.sheet:
        numbered = [_Shown(image, {"number": number}) for number, image in enumerate(showing.images, start=1)]
        return [_Shown(showing.sheet, {}), *numbered]
    made = showing.job.outcome.pictures if showing.job and showing.job.outcome else ()
    revised = {one.image: tame(one.revised_prompt, REVISED_LETTERS) for one in made}
    places = sorted(range(len(showing.images)), key=lambda place: place in showing.unseen)
    images = [showing.images[place] for place in places]
    return [_Shown(image, {"revised_prompt": revised.get(image)}) for image in images]


def _cards(call: Call, pictures: Sequence[_Shown], known: Facts) -> list[Card]:
    there = ((one, known.pictures.get(one.handle)) for one in pictures)
    return [card(call, picture, known, **one.more) for one, picture in there if picture is not None]


def _job_words(job: Job) -> dict[str, Any]:
    """Say how a job stands; of a search the answer itself has the rest."""
    described = job.order.ability == "describe" and job.outcome is not None
    return {
        "tool": job.order.tool,
        "status": "failed" if job.error is not None else "completed" if job.done else "running",
        "job_id": job.id,
        "stage": None if job.done else tame(job.stage),
        "analysis": tame_prose(job.outcome.text) if described and job.outcome else None,
        "cost": cost_of(job),
        "notes": notes_of(job),
        "arguments": _again(job.order.arguments),
    }


def _call_words(tool: Tool, arguments: Arguments, answer: CallToolResult) -> dict[str, Any]:
    status: Status = "failed" if answer.is_error else "completed"
    return {"tool": tool.name, "status": status, "arguments": _again(arguments.given())}


def _again(arguments: Mapping[str, Any]) -> dict[str, Any] | None:
    """Give arguments with which the call can be made again; cut, they would make another one."""
    if len(json.dumps(arguments, default=str)) > LONGEST_ARGUMENTS:
        return None
    return plain_values(dict(arguments), LONGEST_ARGUMENTS)


async def _fitted(call: Call, gallery: Gallery, known: Facts, answer: CallToolResult, until: float) -> Gallery | None:
    """Let pictures go from the end until the rest fits, and use the room that is left for thumbnails."""
    room = room_beside(answer, call.settings.max_result_bytes)
    while (over := length(gallery) - room) > 0 and gallery.pictures:
        each = max(1, length(gallery) // len(gallery.pictures))
        keep = max(0, len(gallery.pictures) - max(1, over // each))
        gone = [one.image for one in gallery.pictures[keep:]]
        gallery = gallery.model_copy(update={"pictures": gallery.pictures[:keep], "more": [*gone, *gallery.more]})
    if over > 0:
        return None
    # The previews of a picture answer are larger than any thumbnail; all but a sheet's pictures have theirs there.
    previewed = any(isinstance(block, ImageContent) for block in answer.content)
    small = gallery.pictures if call.showing.sheet or not previewed else []
    here = [picture for one in small if (picture := known.pictures[one.image]).sha256 and picture.origin != "sheet"]
    room, seconds = min(SMALL_ROOM, -over), until - anyio.current_time()
    if not here or room < SMALL_BYTES or seconds <= 0:
        return gallery
    made = await thumbnails(call, here, side=SMALL_SIDE, room=room, seconds=seconds, most_bytes=SMALL_BYTES)
    cards = [one.model_copy(update={"thumbnail": made.small.get(one.image)}) for one in gallery.pictures]
    return gallery.model_copy(update={"pictures": cards})
