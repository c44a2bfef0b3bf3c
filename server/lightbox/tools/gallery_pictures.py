"""The work of gallery_pictures: thumbnails, and what is known of their pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mcp.types import CallToolResult, TextContent
from pydantic import BaseModel, ConfigDict, Field

from lightbox.tools.gallery_answer import Gallery, length, put, room_beside
from lightbox.tools.gallery_card import Card, card, facts, thumbnails
from lightbox.untrusted import tame

if TYPE_CHECKING:
    from lightbox.tools.arguments import GalleryPictures
    from lightbox.tools.tool import Answer, Call

SECONDS = 12.0
"""How long a page waits for thumbnails at most: what comes later is there when it asks again."""
LEAST_SECONDS = 0.5
ANSWER_SECONDS = 1.0
REASON_LETTERS = 160
_REASON_BYTES = 260  # of one that is as long as that, with what is around it

TOOL = "gallery_pictures"
UNKNOWN = "No picture is known here by this handle."
LATE = "It was not there in time: ask for it again."
LEFT_OUT = "There was no room for it in this answer: ask for it again."


class Missing(BaseModel):
    """A picture without a thumbnail, and why."""

    model_config = ConfigDict(frozen=True)

    image: str
    reason: str


class GalleryPage(Gallery):
    """Cards with thumbnails.

    Attributes:
        missing: Those without one. What is in `more` as well, is there when it is asked for again.
    """

    missing: list[Missing] = Field(default_factory=list[Missing])


async def answer(call: Call, arguments: GalleryPictures) -> Answer:
    """Answer with cards, and as many thumbnails as there is room and time for.

    Looking at a found picture in a gallery does not keep it: nobody has chosen it yet.
    """
    wanted, owner = list(dict.fromkeys(arguments.images)), call.owner
    known = await call.opened.database.read(lambda connection: facts(connection, owner, wanted))
    pictures = [known.pictures[image] for image in wanted if image in known.pictures]
    result = CallToolResult(content=[TextContent(type="text", text=f"{len(pictures)} pictures for the gallery.")])
    room = room_beside(result, call.settings.max_result_bytes) - len(wanted) * _REASON_BYTES
    cards = _fitting([card(call, picture, known) for picture in pictures], room // 2)
    room -= length(GalleryPage(tool=TOOL, pictures=cards, more=wanted))
    seconds = max(LEAST_SECONDS, min(SECONDS, call.remaining - ANSWER_SECONDS))
    told = pictures[: len(cards)]
    made = await thumbnails(call, told, side=arguments.side, room=max(0, room), seconds=seconds, fetch=True)
    cards = [
        card(call, made.opened.get(picture.handle, picture), known, thumbnail=made.small.get(picture.handle))
        for picture in told
    ]
    left_out = [*made.left_out, *(picture.handle for picture in pictures[len(cards) :])]
    problems = dict.fromkeys(wanted, UNKNOWN) | dict.fromkeys(known.pictures, LATE)
    problems |= {image: tame(why, REASON_LETTERS) or LATE for image, why in made.problems.items()}
    problems |= dict.fromkeys(left_out, LEFT_OUT)
    missing = [Missing(image=image, reason=problems[image]) for image in wanted if image not in made.small]
    more = [image for image in wanted if image in left_out]
    put(result, GalleryPage(tool=TOOL, pictures=cards, missing=missing, more=more))
    return result


def _fitting(cards: list[Card], room: int) -> list[Card]:
    """Give as many cards as fit, and one in any case: the half of the room that is left is for their thumbnails."""
    while len(cards) > 1 and length(GalleryPage(tool=TOOL, pictures=cards)) > room:
        cards = cards[:-1]
    return cards
