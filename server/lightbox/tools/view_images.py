"""view_images: look at pictures, together on one contact sheet or one by one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

import anyio
from pydantic import Field

from lightbox.errors import BadReference, LightboxError
from lightbox.tools.answers.measure import picture_bytes
from lightbox.tools.answers.picture import Shown, blocks, picture_lines, with_previews
from lightbox.tools.arguments import Arguments, References
from lightbox.tools.call import ToolCall
from lightbox.tools.sending import load
from lightbox.tools.tool import Answer, ToolDescription
from lightbox.tools.untrusted import fence, tame

if TYPE_CHECKING:
    from lightbox.images.rendering import Tile

SHEET_SIDE = 1600
"""Longest side of a contact sheet in px; a single `max_side` bounds pictures that are shown one by one."""
AT_ONCE = 8


class ViewImages(Arguments):
    """What to look at."""

    images: Annotated[References, Field(min_length=1, max_length=24, description="1 to 24 image references.")]
    layout: Annotated[
        Literal["auto", "sheet", "each"],
        Field(description="sheet: one numbered picture of all. each: one by one. auto: a sheet for several."),
    ] = "auto"
    max_side: Annotated[int, Field(ge=64, le=2000, description="Longest side in px of a picture shown by itself.")] = (
        768
    )


async def view_images(call: ToolCall, arguments: ViewImages) -> Answer:
    """Fetch at once, show what came, and name what did not.

    Raises:
        BadReference: Nothing came; the text names everything and why.
    """
    views = await _fetch(call, arguments.images)
    if not any(view.data for view in views):
        raise BadReference("\n".join(dict.fromkeys(view.problem or "" for view in views)))
    if arguments.layout == "sheet" or (arguments.layout == "auto" and len(views) > 1):
        return await _on_a_sheet(call, views)
    return await _one_by_one(call, views, arguments.max_side)


@dataclass(frozen=True, slots=True)
class _View:
    """One reference: the picture with its bytes, or what kept it from being shown."""

    reference: str
    shown: Shown | None
    problem: str | None = None

    @property
    def data(self) -> bytes | None:
        return self.shown.data if self.shown else None


async def _fetch(call: ToolCall, wanted: list[str]) -> list[_View]:
    views: dict[int, _View] = {}
    places = anyio.CapacityLimiter(AT_ONCE)

    async def one(index: int, reference: str) -> None:
        async with places:
            views[index] = await _view(call, reference)
        await call.tell(f"fetched {len(views)} of {len(wanted)}")

    async with anyio.create_task_group() as tasks:
        for index, reference in enumerate(wanted):
            tasks.start_soon(one, index, reference)
    return [views[index] for index in range(len(wanted))]


async def _view(call: ToolCall, reference: str) -> _View:
    from lightbox.images.reference import FileId, shorten  # noqa: PLC0415 - with the first call

    parts = await call.services.open()
    try:
        found = await parts.pictures.resolve(call.owner, reference)
    except LightboxError as error:
        return _View(shorten(reference, 40), None, str(error))
    if isinstance(found, FileId):
        return _View(found.value, None, f"{found.value} is a provider's file id: only the provider can read it.")
    try:
        picture, data = await load(call, found)
    except LightboxError as error:
        return _View(found.handle, Shown(found, None, problem=str(error)), str(error))
    return _View(found.handle, Shown(picture, data))


async def _one_by_one(call: ToolCall, views: list[_View], max_side: int) -> Answer:
    parts = await call.services.open()
    links = parts.links if call.link_base else None
    lines: list[str] = []
    for view in views:
        if view.shown is None:
            lines.append(f"{view.reference}  not shown: {view.problem}")
        else:
            lines.extend(picture_lines(view.shown, links=links, link_base=call.link_base))
            lines.extend(_title(view.shown))
    pictures = [view.data for view in views if view.data]
    max_bytes = call.services.settings.max_result_bytes
    return await with_previews("\n".join(lines), pictures, max_side=max_side, max_bytes=max_bytes)


async def _on_a_sheet(call: ToolCall, views: list[_View]) -> Answer:
    from lightbox.images import rendering  # noqa: PLC0415 - Pillow comes with the first picture

    max_bytes = call.services.settings.max_result_bytes
    lines = [_line(number, view) for number, view in enumerate(views, start=1)]
    missing = sum(view.data is None for view in views)
    head = f"Contact sheet of {len(views)} pictures" + (f", {missing} of them not shown." if missing else ".")
    text = f"{head}\n{fence(chr(10).join(lines))}\nview_images with layout=each shows one larger."
    room = picture_bytes(max_bytes - len(text.encode()) - 4_000)
    tiles = [_tile(view) for view in views]
    sheet = await rendering.contact_sheet(tiles, max_side=SHEET_SIDE, max_bytes=room)
    return blocks(text, [sheet])


def _line(number: int, view: _View) -> str:
    if view.shown is None or view.data is None:
        return f"{number}. {view.reference} not shown: {tame(view.problem)}"
    picture = view.shown.picture
    title = f" “{tame(picture.title)}”" if picture.title else ""
    return f"{number}. {picture.handle} {picture.width}x{picture.height} {picture.mime_type}{title}"


def _title(shown: Shown) -> list[str]:
    return [fence(f"title: {tame(shown.picture.title)}")] if shown.picture.title else []


def _tile(view: _View) -> Tile:
    from lightbox.images.rendering import Tile  # noqa: PLC0415

    if view.shown is None:
        return Tile(handle=view.reference, problem=view.problem)
    picture = view.shown.picture
    return Tile(
        handle=picture.handle,
        data=view.data,
        title=tame(picture.title) or picture.prompt,
        width=picture.width,
        height=picture.height,
        problem=view.problem,
    )


DESCRIPTION = ToolDescription(
    name="view_images",
    title="View images",
    text=(
        "Look at pictures yourself: several on one numbered contact sheet, or one by one, larger. Takes any image "
        "references: handles of hits or made pictures, URLs, files. Costs nothing. Use it after a search to choose."
    ),
    arguments=ViewImages,
    answers=view_images,
)
