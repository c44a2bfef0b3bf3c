"""Picture answers: one complete text block, then previews, and nothing else."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mcp.types import CallToolResult, ContentBlock, ImageContent, TextContent

from lightbox.errors import BadPicture, LightboxError
from lightbox.images import rendering
from lightbox.images.sniff import sniff
from lightbox.tools.answers import encoded_bytes, last_line, notes_of, picture_bytes
from lightbox.untrusted import fence, plain_lines, tame, tame_address

if TYPE_CHECKING:
    from lightbox.images.picture import Picture
    from lightbox.images.rendering import Rendition
    from lightbox.jobs.job import Job
    from lightbox.tools.tool import Call

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
    shown = [await _made(call, one.image, one.revised_prompt) for one in (job.outcome.pictures if job.outcome else ())]
    verb = "Edited" if job.order.ability == "edit" else "Made"
    number = f"{len(shown)} picture{'' if len(shown) == 1 else 's'}"
    lines = [f"{verb} {number} ({job.order.provider}, {tame(job.order.model)})."]
    for item in shown:
        lines.extend(picture_lines(call, item))
    lines += foreign_lines(shown)
    lines += [*(f"note: {note}" for note in notes_of(job)), last_line(job)]
    previews = [item.data for item in shown if item.data]
    return await with_previews(call, "\n".join(lines), previews, max_side=PREVIEW_SIDE)


async def _made(call: Call, handle: str, revised_prompt: str | None) -> Shown:
    picture = await call.parts.pictures.known(call.owner, handle)
    try:
        picture, data = await call.parts.pictures.open(picture)
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


async def with_previews(call: Call, text: str, pictures: Sequence[bytes], *, max_side: int) -> CallToolResult:
    """Put previews behind a text, shrunk until the whole answer fits, and say so where that was needed."""
    max_bytes = call.settings.max_result_bytes
    alone = CallToolResult(content=[TextContent(type="text", text=text)])
    room = picture_bytes(max_bytes - encoded_bytes(alone) - 200, len(pictures))
    if pictures and room < SMALLEST_PREVIEW_BYTES:
        return blocks(f"{text}\npreview: left out, for it would not fit into MAX_RESULT_BYTES ({max_bytes:,}).", [])
    lines: list[str] = []
    previews: list[Rendition] = []
    for data in pictures:
        try:
            preview = await rendering.preview(data, max_side=max_side, max_bytes=room)
        except BadPicture as error:  # the picture is there all the same, and may have been paid for
            lines.append(f"preview: left out ({error})")
            continue
        previews.append(preview)
        hint = " (shrunk to fit this answer)" if _longest(preview) < min(max_side, _side(data)) else ""
        lines.append(f"preview: {preview.width}x{preview.height} {preview.mime_type}{hint}")
    return blocks("\n".join([text, *lines]), previews)


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
