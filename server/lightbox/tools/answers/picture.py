"""Picture answers: one complete text block, then previews, and nothing else."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mcp.types import CallToolResult, ContentBlock, ImageContent, TextContent

from lightbox.errors import BadPicture
from lightbox.images.sniff import sniff
from lightbox.tools.answers.measure import encoded_bytes, picture_bytes
from lightbox.tools.untrusted import tame

if TYPE_CHECKING:
    from lightbox.http.links import Links
    from lightbox.images.picture import Picture
    from lightbox.images.rendering import Rendition

SMALLEST_PREVIEW_BYTES = 2_000
"""Below this a preview shows nothing worth its place."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture of the answer with its true bytes, where they could be had."""

    picture: Picture
    data: bytes | None
    revised_prompt: str | None = None
    problem: str | None = None


def picture_lines(shown: Shown, *, links: Links | None, link_base: str | None) -> list[str]:
    """Say where a picture is and what it is; the path only to callers on this machine."""
    picture = shown.picture
    size = f"{picture.width}x{picture.height} px" if picture.width else "size unknown"
    count = f"{picture.byte_count:,} bytes" if picture.byte_count else "bytes unknown"
    lines = [f"{picture.handle}  {size}  {picture.mime_type or 'type unknown'}  {count}"]
    if shown.problem:
        lines.append(f"not shown: {shown.problem}")
    if link_base is None and picture.path:
        lines.append(f"path: {picture.path}")
    lines.append(f"resource: {picture.resource_uri}")
    if links is not None and link_base is not None:
        lines.append(f"link: {links.make(link_base, picture.owner, picture.handle)}")
    if picture.url:
        lines.append(f"url: {picture.url}")
    if shown.revised_prompt:
        lines.append(f"revised prompt (the model's words): “{tame(shown.revised_prompt, 1_000)}”")
    return lines


async def with_previews(text: str, pictures: Sequence[bytes], *, max_side: int, max_bytes: int) -> CallToolResult:
    """Put previews behind a text, shrunk until the whole answer fits, and say so where that was needed."""
    from lightbox.images import rendering  # noqa: PLC0415 - Pillow comes with the first picture

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
