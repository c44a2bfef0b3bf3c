"""The work of list_images: pictures that are known, the newest first."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, get_args

from mcp.types import CallToolResult, TextContent

from lightbox.costs.money import Money, plain
from lightbox.errors import BadInput
from lightbox.images.records import by_handles
from lightbox.images.reference import RESOURCE_PREFIX, shorten
from lightbox.images.searching import Price, collections_of, newest, prices
from lightbox.jobs.spending import window
from lightbox.state.words import picture_name
from lightbox.tools.answers import encoded_bytes
from lightbox.tools.next_step import next_step
from lightbox.tools.outputs import ImageList, ListedImage
from lightbox.untrusted import fence, tame, tame_address
from lightbox.vocabulary import Origin, Period

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from lightbox.images.picture import Picture
    from lightbox.tools.arguments import ListImages
    from lightbox.tools.tool import Answer, Call

_SINCE: tuple[Period, ...] = get_args(Period)
_DATE = re.compile(r"\d{4}-\d\d-\d\d([T ].*)?")


@dataclass(frozen=True, slots=True)
class _Found:
    """What the database holds of one page."""

    pictures: list[Picture]
    total: int
    costs: dict[str, Price]
    collections: dict[str, list[str]]
    elsewhere: int = 0


async def answer(call: Call, arguments: ListImages) -> Answer:
    """Answer one page of the caller's own pictures.

    Raises:
        BadInput: `since` is no date.
    """
    origins: tuple[Origin, ...] = () if arguments.origin == "all" else (arguments.origin,)
    since = _moment(arguments.since) if arguments.since else None

    def look(connection: Connection) -> _Found:
        page = newest(
            connection,
            call.owner,
            origins=origins,
            query=arguments.query,
            since=since,
            limit=arguments.count,
            offset=(arguments.page - 1) * arguments.count,
        )
        known = by_handles(connection, call.owner, page.handles)
        pictures = [known[handle] for handle in page.handles if handle in known]
        saved = collections_of(connection, call.owner, list(known))
        costs = prices(connection, call.owner, pictures)
        elsewhere = 0
        if origins and not page.total:
            elsewhere = newest(connection, call.owner, query=arguments.query, since=since, limit=1).total
        return _Found(pictures, page.total, costs, saved, elsewhere)

    found = await call.opened.database.read(look)
    listed = ImageList(
        hits=[_listed(call, picture, found) for picture in found.pictures],
        found=found.total,
        page=arguments.page,
        notes=_notes(arguments, found),
        next=next_step(
            call.served,
            "listed" if found.pictures else "listed nothing",
            [picture.handle for picture in found.pictures],
        ),
    )
    return _fitted(listed, arguments, call.settings.max_result_bytes)


def _moment(told: str) -> datetime:
    """Read a date, a moment or the name of a period.

    Raises:
        BadInput: It is none of these.
    """
    for period in _SINCE:
        if told.lower() == period:
            return window(period, datetime.now(UTC))[0]
    with suppress(ValueError, OverflowError):
        moment = datetime.fromisoformat(told if _DATE.fullmatch(told) else "")
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        moment.timestamp()
        return moment
    raise BadInput(
        f"since {shorten(told, 40)} is no date: write it as 2026-11-30 or 2026-11-30T18:00:00Z, "
        f"or one of {', '.join(_SINCE)}."
    )


def _listed(call: Call, picture: Picture, found: _Found) -> ListedImage:
    link = call.caller.link
    here = link(picture.handle) if link else f"{RESOURCE_PREFIX}{picture.handle}"
    price = found.costs.get(picture.handle)
    free = picture.origin == "sheet" or (picture.origin == "made" and picture.provider is None)
    return ListedImage(
        image=picture.handle,
        title=_title(picture),
        image_url=tame_address(picture.url) if picture.url else here,
        page_url=tame_address(picture.page_url) if picture.page_url else None,
        thumbnail_url=tame_address(picture.thumbnail_url) if picture.thumbnail_url else None,
        width=picture.width,
        height=picture.height,
        mime_type=tame(picture.mime_type, 40),
        state="ok" if picture.sha256 else "unchecked",
        origin=picture.origin,
        created_at=picture.created_at.isoformat(timespec="seconds"),
        cost=plain(Money.of_billionths(price.billionths, price.currency).amount) if price else "0" if free else None,
        currency=price.currency if price else None,
        estimated=bool(price and price.estimated),
        path=str(picture.path) if picture.path and link is None else None,
        collections=found.collections.get(picture.handle, []),
        parent=picture.parent,
    )


def _title(picture: Picture) -> str | None:
    name = picture_name(picture.origin, str(picture.path) if picture.path else None, picture.url)
    return tame(picture.title) or tame(picture.prompt) or tame(name)


def _notes(arguments: ListImages, found: _Found) -> list[str]:
    if found.elsewhere:
        are = "picture fits" if found.elsewhere == 1 else "pictures fit"
        return [f"{found.elsewhere} other {are}, of other origins: origin=all lists them."]
    if found.total and not found.pictures:
        pages = -(-found.total // arguments.count)
        return [f"There is no page {arguments.page}: the last one is {pages}."]
    return []


def _fitted(listed: ImageList, arguments: ListImages, max_bytes: int) -> CallToolResult:
    """Shape the answer; what would not fit is left out from the end, and the answer says so."""
    result = _result(listed, arguments)
    while encoded_bytes(result) > max_bytes and listed.hits:
        keep = min(len(listed.hits) - 1, int(len(listed.hits) * max_bytes / encoded_bytes(result)))
        note = f"Only the first {keep} of this page fit into this answer: ask with a smaller count."
        listed = listed.model_copy(update={"hits": listed.hits[:keep], "notes": [note]})
        result = _result(listed, arguments)
    return result


def _result(listed: ImageList, arguments: ListImages) -> CallToolResult:
    before = (arguments.page - 1) * arguments.count
    lines = [_head(listed, arguments)]
    if listed.hits:
        told = (_line(number, image) for number, image in enumerate(listed.hits, start=before + 1))
        lines.append(fence("\n".join(told)))
    lines += [f"note: {note}" for note in listed.notes]
    if before + len(listed.hits) < listed.found and listed.hits:
        lines.append(f"page={arguments.page + 1} lists the next.")
    if listed.next:
        lines.append(listed.next)
    return CallToolResult(
        content=[TextContent(type="text", text="\n".join(lines))], structured_content=listed.model_dump(mode="json")
    )


def _head(listed: ImageList, arguments: ListImages) -> str:
    kind = "" if arguments.origin == "all" else f" {arguments.origin}"
    if not listed.found:
        return f"No{kind} pictures are known that fit." if arguments.query or arguments.since else f"No{kind} pictures."
    shown = len(listed.hits)
    return f"{shown} of {listed.found}{kind} picture{'' if listed.found == 1 else 's'}, newest first."


def _line(number: int, image: ListedImage) -> str:
    size = f"{image.width}x{image.height}" if image.width and image.height else "size unknown"
    parts = [
        f"{number}. {image.image} [{image.origin}] {size}",
        image.mime_type,
        image.created_at[:16].replace("T", " "),
    ]
    if image.origin == "made":
        about = "about " if image.estimated else ""
        parts.append(
            f"{about}{image.cost} {image.currency}" if image.currency else "free" if image.cost else "cost unknown"
        )
    parts.append(f"“{image.title or 'untitled'}”")
    if image.collections:
        parts.append("in " + ", ".join(image.collections))
    parts.append(image.path or image.image_url)
    parts.append(f"on {image.page_url}" if image.page_url else None)
    return " ".join(part for part in parts if part)
