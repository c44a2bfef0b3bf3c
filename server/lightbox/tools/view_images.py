"""The work of view_images: look at pictures, together on one contact sheet or one by one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import anyio

from lightbox.errors import BadInput, BadReference, LightboxError, StorageFailed
from lightbox.images import rendering
from lightbox.images.reference import FileId, shorten
from lightbox.images.rendition import TITLE_BAND, Tile
from lightbox.tools.answers import (
    Shown,
    blocks,
    foreign_lines,
    picture_bytes,
    picture_lines,
    previews_off,
    with_previews,
)
from lightbox.tools.next_step import next_step
from lightbox.tools.tool import Showing
from lightbox.untrusted import fence, plain_lines, tame

if TYPE_CHECKING:
    from lightbox.tools.arguments import ViewImages
    from lightbox.tools.tool import Answer, Call

SHEET_SIDE = 1600
"""Longest side of a contact sheet in px; a single `max_side` bounds pictures that are shown one by one."""
AT_ONCE = 8
_SHEET_LINES = 5_000  # bytes: what is said of the sheet once it is made, and the envelope


async def answer(call: Call, arguments: ViewImages) -> Answer:
    """Fetch at once, show what came, and name what did not.

    Raises:
        BadReference: Nothing came; the text names everything and why.
    """
    title = arguments.title
    if title and arguments.layout == "each":
        raise BadInput("title stands on a contact sheet, and layout=each makes none: leave one of the two out.")
    on_a_sheet = arguments.layout == "sheet" or (
        arguments.layout == "auto" and (len(arguments.images) > 1 or bool(title))
    )
    side = SHEET_SIDE - TITLE_BAND if title else SHEET_SIDE
    views = await _fetch(call, arguments.images, side if on_a_sheet else None)
    if not any(view.data for view in views):
        raise BadReference("\n".join(dict.fromkeys(view.problem or "" for view in views)))
    if on_a_sheet:
        return await _on_a_sheet(call, views, side, title)
    return await _one_by_one(call, views, arguments.max_side)


@dataclass(frozen=True, slots=True)
class _View:
    """One reference: the picture with its bytes, or what kept it from being shown; on a sheet, its tile."""

    reference: str
    shown: Shown | None
    problem: str | None = None
    tile: Tile | None = None

    @property
    def data(self) -> bytes | None:
        return self.shown.data if self.shown else None


async def _fetch(call: Call, wanted: list[str], sheet_side: int | None) -> list[_View]:
    """Fetch side by side; what is to be on a sheet of so many px is decoded as it comes."""
    views: dict[int, _View] = {}
    places = anyio.CapacityLimiter(AT_ONCE)

    async def one(index: int, reference: str) -> None:
        async with places:
            views[index] = await _view(call, reference)
        await call.tell(f"fetched {len(views)} of {len(wanted)}")
        if sheet_side:
            tile = await rendering.opened(_tile(call, views[index]), count=len(wanted), max_side=sheet_side)
            views[index] = replace(views[index], tile=tile)

    async with anyio.create_task_group() as tasks:
        for index, reference in enumerate(wanted):
            tasks.start_soon(one, index, reference)
    return [views[index] for index in range(len(wanted))]


async def _view(call: Call, reference: str) -> _View:
    try:
        found = await call.opened.pictures.resolve(call.owner, reference)
    except LightboxError as error:
        return _View(shorten(reference, 40), None, str(error))
    if isinstance(found, FileId):
        return _View(found.value, None, f"{found.value} is a provider's file id: only the provider can read it.")
    try:
        picture, data = await call.load(found)
    except LightboxError as error:
        return _View(found.handle, Shown(found, None, problem=str(error)), str(error))
    return _View(found.handle, Shown(picture, data))


async def _one_by_one(call: Call, views: list[_View], max_side: int) -> Answer:
    lines: list[str] = []
    for view in views:
        if view.shown is None:
            lines.append(f"{view.reference}  not shown: {plain_lines(view.problem or '')}")
        else:
            lines.extend(picture_lines(call, view.shown))
    lines.extend(foreign_lines([view.shown for view in views if view.shown]))
    pictures = [view.data for view in views if view.data]
    known = sorted((view.shown for view in views if view.shown), key=lambda shown: shown.data is None)
    call.showing = Showing(images=[shown.picture.handle for shown in known])
    following = next_step(call.served, "looked", [view.reference for view in views if view.data])
    return await with_previews(call, "\n".join(lines), pictures, max_side=max_side, following=following)


async def _on_a_sheet(call: Call, views: list[_View], side: int, title: str | None) -> Answer:
    max_bytes = call.settings.max_result_bytes
    lines = [_line(number, view) for number, view in enumerate(views, start=1)]
    missing = sum(view.data is None for view in views)
    pictures = f"{len(views)} picture{'' if len(views) == 1 else 's'}"
    turned_off = previews_off(call)
    head = f"Contact sheet of {pictures}" + (f", {missing} of them not shown." if missing else ".")
    head += f" It is saved and not shown here, because {turned_off}" if turned_off else ""
    tiles = [view.tile for view in views if view.tile]
    drawn = [title or "", *(tile.title or "" for tile in tiles)]
    left_out = _left_out(await rendering.undrawable(drawn))
    text = "\n".join(filter(None, [head, fence("\n".join(lines)), left_out]))
    room = picture_bytes(max_bytes - len(text.encode()) - _SHEET_LINES)
    sheet = await rendering.contact_sheet(tiles, max_side=side, max_bytes=room, title=title)
    try:
        kept = await call.opened.pictures.keep_sheet(call.owner, sheet, title or f"Contact sheet of {pictures}")
        call.showing = Showing(images=[view.reference for view in views], sheet=kept.handle)
        own = ["The sheet itself:", *picture_lines(call, Shown(kept, sheet.data))]
    except StorageFailed as error:
        own = [f"note: this sheet has no handle: {plain_lines(str(error))}"]
    number, first = next((number, view) for number, view in enumerate(views, start=1) if view.data)
    following = next_step(call.served, "looked at a sheet", [first.reference], number=str(number))
    return blocks("\n".join(filter(None, [text, *own, following])), [] if turned_off else [sheet])


def _left_out(scripts: list[str]) -> str | None:
    """Say which letters the sheet does not show, for want of a font."""
    if not scripts:
        return None
    *most, last = scripts
    named = f"{', '.join(most)} and {last}" if most else last
    return (
        f"note: no font on this machine has {named} letters: the sheet leaves them out, this list has them. "
        "`lightbox doctor` says which font to install."
    )


def _line(number: int, view: _View) -> str:
    if view.shown is None or view.data is None:
        return f"{number}. {view.reference} not shown: {tame(view.problem)}"
    picture = view.shown.picture
    title = f" “{tame(picture.title)}”" if picture.title else ""
    return f"{number}. {picture.handle} {picture.width}x{picture.height} {tame(picture.mime_type, 40)}{title}"


def _tile(call: Call, view: _View) -> Tile:
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
        inspected=call.opened.pictures.inspected(picture),
    )
