"""What every answer has: its size on the wire, its cost, what is said of a job that is not done; and picture answers.

A picture answer is one complete text block, then previews, and nothing else.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from mcp.types import CallToolResult, ContentBlock, ImageContent, TextContent

from lightbox.costs.money import Money, plain
from lightbox.errors import LightboxError
from lightbox.images import rendering
from lightbox.images.rendition import MAX_INLINE_SIDE
from lightbox.images.sniff import sniff
from lightbox.tools.next_step import next_step
from lightbox.tools.outputs import Cost
from lightbox.tools.sizing import size_lines
from lightbox.untrusted import fence, plain_lines, tame, tame_address

if TYPE_CHECKING:
    from lightbox.images.picture import Picture
    from lightbox.images.rendering import Rendition
    from lightbox.jobs.job import Job, Order
    from lightbox.tools.tool import Call

ENVELOPE_BYTES = 1_500
"""What the protocol puts around a result: ids, and the server's description in every answer of the 2026 era."""
BASE64 = 4 / 3
LONGEST_REASON = 400
LONGEST_NOTE = 2_000
"""How much of a note is shown, in characters: some hold what a service said."""


def encoded_bytes(result: CallToolResult) -> int:
    """Measure an answer in bytes, encoded as JSON in UTF-8, with its envelope."""
    return len(result.model_dump_json(by_alias=True, exclude_none=True).encode()) + ENVELOPE_BYTES


def picture_bytes(room: int, pictures: int = 1) -> int:
    """Give how many bytes each of some pictures may have, unencoded, to fit into `room` bytes of JSON."""
    wrapping = 100  # {"type": "image", "data": "", "mimeType": "image/webp"}
    return max(0, int((room / max(1, pictures) - wrapping) / BASE64))


def cost_of(job: Job) -> Cost:
    """Sum up what is known about a job's price."""
    estimate, bill = job.order.estimate, job.bill
    known = estimate.expected or (bill.amount if bill else None)
    amounts = {
        "currency": known.currency if known else None,
        "estimate_low": amount_text(estimate.low),
        "estimate": amount_text(estimate.expected),
        "estimate_high": amount_text(estimate.high),
        "estimate_basis": basis_of(job.order) if estimate.expected else None,
    }
    if job.cached:
        return Cost(**amounts, billed="0", basis="cached")
    if bill is None:
        return Cost(**amounts, basis="pending", reason=tame(estimate.reason, LONGEST_REASON))
    basis = "estimate" if bill.estimated else "usage"
    return Cost(**amounts, billed=amount_text(bill.amount), basis=basis, reason=tame(bill.reason, LONGEST_REASON))


def cost_line(cost: Cost) -> str:
    """Say the same in one line."""
    span = _span(cost)
    if cost.basis == "cached":
        return "cost: 0, answered from the journal; an earlier call paid"
    if cost.basis == "pending":
        return f"cost: the bill is not settled yet; estimate {span}"
    billed = f"{cost.billed} {cost.currency}" if cost.billed is not None else f"unknown ({cost.reason})"
    source = "" if cost.basis == "usage" else ", from the estimate, because the service reported no usage"
    return f"cost: {billed}{source}; estimate {span}"


def last_line(job: Job) -> str:
    """Give the line that every answer of a job ends with: what it cost, and its id."""
    return f"{cost_line(cost_of(job))}; {job.id}"


def notes_of(job: Job) -> list[str]:
    """Give what the reader should know, of the order and of what came."""
    notes = [*job.order.notes, *(job.outcome.notes if job.outcome else ())]
    return [" ".join(plain_lines(note[:LONGEST_NOTE]).split()) for note in notes]


def running_text(job: Job, usual_seconds: float | None) -> str:
    """Say what the job is doing, how long such calls take, and how to ask again."""
    since = (datetime.now(UTC) - job.created_at).total_seconds()
    doing = tame(job.stage) or "waiting for its turn"
    usual = f"; such calls usually take {usual_seconds:.0f} s" if usual_seconds else ""
    lines = [
        f"Still running: {job.id} ({doing}, for {since:.0f} s{usual}).",
        "The work goes on and is paid once; the same call made again joins it.",
    ]
    if doing.startswith("partial"):
        lines.append(f"Unfinished picture: lightbox://jobs/{job.id}/preview")
    return "\n".join(lines)


def amount_text(money: Money | None) -> str | None:
    """Write an amount without its currency; None where it is not known."""
    return plain(money.amount) if money else None


CATALOGUE = "catalogue"
_CALLS = {
    "search": "searches",
    "similar": "searches by picture",
    "generate": "such pictures",
    "edit": "such edits",
    "describe": "such questions",
}


def basis_of(order: Order) -> str:
    """Say what an order's expected price is from: `your last 12 searches`, or the catalogue."""
    number = order.estimate.learned_from
    return f"your last {number} {_CALLS.get(order.ability, 'such calls')}" if number else CATALOGUE


def _span(cost: Cost) -> str:
    if cost.estimate is None:
        return f"unknown ({cost.reason})" if cost.reason else "unknown"
    if cost.estimate_low == cost.estimate_high:
        return f"{cost.estimate} {cost.currency}"
    learned = f", from {cost.estimate_basis}" if cost.estimate_basis not in {None, CATALOGUE} else ""
    return f"{cost.estimate} {cost.currency} ({cost.estimate_low} to {cost.estimate_high}{learned})"


PREVIEW_SIDE = 768
"""Longest side of a preview in px."""
REVISED_LETTERS = 1_000
SMALLEST_PREVIEW_BYTES = 2_000
"""Below this a preview shows nothing worth its place."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture of the answer with its true bytes, where they could be had."""

    picture: Picture
    data: bytes | None
    revised_prompt: str | None = None
    problem: str | None = None


async def picture_answer(call: Call, job: Job) -> CallToolResult:
    """Shape the answer of a job that made pictures."""
    made = job.outcome.pictures if job.outcome else ()
    shown = [await _made(call, one.image, one.revised_prompt) for one in made]
    verb = "Edited" if job.order.ability == "edit" else "Made"
    number = f"{len(shown)} picture{'' if len(shown) == 1 else 's'}"
    lines = [f"{verb} {number} ({job.order.provider}, {tame(job.order.model)})."]
    for one, item in zip(made, shown, strict=True):
        lines.extend(picture_lines(call, item))
        original = await call.parts.pictures.known(call.owner, one.original) if one.original else None
        lines.extend(size_lines(job.order, item.picture, original, with_path=call.caller.link is None))
    lines += foreign_lines(shown)
    lines += [*(f"note: {note}" for note in notes_of(job)), last_line(job)]
    previews = [item.data for item in shown if item.data]
    call.showing.images = [item.picture.handle for item in sorted(shown, key=lambda item: item.data is None)]
    longest = max((max(item.picture.width or 0, item.picture.height or 0) for item in shown[:1]), default=0)
    larger = {"larger": str(min(longest, MAX_INLINE_SIDE))} if longest > PREVIEW_SIDE else {}
    following = next_step(call.served, "made", [item.picture.handle for item in shown], **larger)
    return await with_previews(
        call, "\n".join(lines), previews, max_side=PREVIEW_SIDE, following=following, following_unseen=following
    )


async def _made(call: Call, handle: str, revised_prompt: str | None) -> Shown:
    picture = await call.parts.pictures.known(call.owner, handle)
    try:
        picture, data = await call.parts.pictures.open_made(picture)
    except LightboxError as error:
        return Shown(picture, None, revised_prompt, str(error))
    return Shown(picture, data, revised_prompt)


def picture_lines(call: Call, shown: Shown) -> list[str]:
    """Say where a picture is and what it is; the path only to callers on this machine."""
    picture, link = shown.picture, call.caller.link
    size = f"{picture.width}x{picture.height} px" if picture.width else "size unknown"
    count = f"{picture.byte_count:,} bytes" if picture.byte_count else "bytes unknown"
    lines = [f"{picture.handle}  {size}  {picture.mime_type or 'type unknown'}  {count}"]
    if shown.problem:
        lines.append(f"not shown: {plain_lines(shown.problem)}")
    if link is None and picture.path:
        lines.append(f"path: {picture.path}")
    lines.append(f"resource: lightbox://images/{picture.handle}")
    if link is not None:
        lines.append(f"link: {link(picture.handle)}")
    return lines


def foreign_lines(shown: Sequence[Shown]) -> list[str]:
    """Give what the web, or a model, said of the pictures, in one fence; nothing where nobody said anything."""
    lines: list[str] = []
    for item in shown:
        picture = item.picture
        told = {
            "title": tame(picture.title),
            "url": tame_address(picture.url) if picture.url else None,
            "revised prompt": tame(item.revised_prompt, REVISED_LETTERS),
        }
        lines.extend(f"{picture.handle} {what}: {words}" for what, words in told.items() if words)
    return [fence("\n".join(lines))] if lines else []


async def with_previews(
    call: Call,
    text: str,
    pictures: Sequence[bytes],
    *,
    max_side: int,
    following: str | None = None,
    following_unseen: str | None = None,
) -> CallToolResult:
    """Put previews behind a text, shrunk until the whole answer fits, and say so where that was needed.

    The text ends with the next step: `following`, or `following_unseen` where no picture could be opened.
    """
    max_bytes = call.settings.max_result_bytes
    last = [following] if following else []
    if turned_off := previews_off(call):
        return blocks("\n".join([text, f"preview: left out, because {turned_off}", *last]), [])
    alone = CallToolResult(content=[TextContent(type="text", text="\n".join([text, *last]))])
    room = picture_bytes(max_bytes - encoded_bytes(alone) - 200, len(pictures))
    if pictures and room < SMALLEST_PREVIEW_BYTES:
        call.showing.unseen = range(len(pictures))
        left_out = f"preview: left out, because it does not fit into MAX_RESULT_BYTES ({max_bytes:,})."
        return blocks("\n".join([text, left_out, *last]), [])
    lines: list[str] = []
    previews: list[Rendition] = []
    made = await rendering.previews(pictures, max_side=max_side, max_bytes=room)
    call.showing.unseen = [place for place, preview in enumerate(made) if isinstance(preview, str)]
    for data, preview in zip(pictures, made, strict=True):  # each picture is there, and may have been paid for
        if isinstance(preview, str):
            lines.append(f"preview: left out ({preview})")
            continue
        previews.append(preview)
        hint = " (shrunk to fit this answer)" if _longest(preview) < min(max_side, _side(data)) else ""
        lines.append(f"preview: {preview.width}x{preview.height} {preview.mime_type}{hint}")
    if not previews:
        last = [following_unseen] if following_unseen else []
    return blocks("\n".join([text, *lines, *last]), previews)


def previews_off(call: Call) -> str | None:
    """Say that the settings let no answer hold a picture, and what to do instead; None where they do."""
    if call.settings.previews != "off":
        return None
    instead = "; describe_images tells what is in a picture" if "describe_images" in call.served else ""
    return f"LIGHTBOX_PREVIEWS is off on this server{instead}."


def _longest(preview: Rendition) -> int:
    return max(preview.width, preview.height)


def _side(data: bytes) -> int:
    """Give the longest side of a picture in px; 0 where its head does not tell."""
    told = sniff(data)
    return max(told.width or 0, told.height or 0) if told else 0


def blocks(text: str, previews: Sequence[Rendition]) -> CallToolResult:
    """Give a text block and image blocks, in the one order that every client takes."""
    blocks: list[ContentBlock] = [TextContent(type="text", text=text)]
    for preview in previews:
        data = base64.b64encode(preview.data).decode("ascii")
        blocks.append(ImageContent(type="image", data=data, mime_type=preview.mime_type))
    return CallToolResult(content=blocks)
