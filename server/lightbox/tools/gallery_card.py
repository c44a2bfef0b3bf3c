"""One picture as the gallery shows it: what is known of it, and a thumbnail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import anyio
from pydantic import BaseModel, ConfigDict, Field

from lightbox.costs.money import Money, plain
from lightbox.errors import LightboxError
from lightbox.images import rendering
from lightbox.images.records import by_handles
from lightbox.images.reference import data_uri
from lightbox.images.searching import Price, children_of, collections_of, prices
from lightbox.state.words import picture_name
from lightbox.tools.answers import picture_bytes
from lightbox.untrusted import tame, tame_address
from lightbox.vocabulary import HitState, Origin

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from lightbox.images.picture import Picture
    from lightbox.tools.tool import Call

PROMPT_LETTERS = 1_000
NAME_LETTERS = 80
TYPE_LETTERS = 40
LONGEST_ADDRESS = 2_000
MOST_RELATED = 24
"""How many children, and how many collections, a card names."""
AT_ONCE = 6
"""How many pictures are opened side by side: each is whole in memory."""


class CardCost(BaseModel):
    """What a made picture cost: its part of its job's bill, as decimal text; None where that is not known."""

    model_config = ConfigDict(frozen=True)

    amount: str | None
    currency: str | None = None
    estimated: bool = False


class Card(BaseModel):
    """What the gallery shows of a picture. All text is tamed; it is shown as text, never as HTML.

    Attributes:
        number: Its place in the answer: on the contact sheet, or in the list.
        state: What a look at a hit told; None of what is no hit.
        title: What the web calls it, or the name of its file.
        path: Where it is on this machine; None over HTTP.
        link: Where it is fetched over HTTP; None over stdio.
        parent: What it was made from.
        children: What was made from it.
        thumbnail: A small version as a data URI.
    """

    model_config = ConfigDict(frozen=True)

    image: str
    number: int | None = None
    origin: Origin
    state: HitState | None = None
    title: str | None = None
    prompt: str | None = None
    revised_prompt: str | None = None
    width: int | None = None
    height: int | None = None
    bytes: int | None = None
    mime_type: str | None = None
    page_url: str | None = None
    image_url: str | None = None
    provider: str | None = None
    model: str | None = None
    cost: CardCost | None = None
    created_at: str | None = Field(default=None, description="ISO 8601, UTC.")
    collections: list[str] = Field(default_factory=list[str])
    path: str | None = None
    link: str | None = None
    parent: str | None = None
    children: list[str] = Field(default_factory=list[str])
    thumbnail: str | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What the database holds of some pictures, by their handles."""

    pictures: Mapping[str, Picture]
    prices: Mapping[str, Price]
    collections: Mapping[str, list[str]]
    children: Mapping[str, list[str]]


def facts(connection: Connection, owner: str, handles: Sequence[str]) -> Facts:
    """Read what is known of an owner's pictures; those that are not known are left out."""
    known = by_handles(connection, owner, handles)
    return Facts(
        pictures=known,
        prices=prices(connection, owner, known.values()),
        collections=collections_of(connection, owner, list(known)),
        children=children_of(connection, owner, list(known), MOST_RELATED),
    )


def card(call: Call, picture: Picture, known: Facts, **more: Any) -> Card:
    """Make the card of a picture; `more` is what its answer says of it, and comes first."""
    link = call.caller.link
    told: dict[str, Any] = {
        "image": picture.handle,
        "origin": picture.origin,
        "title": tame(picture.title) or tame(_name(picture)),
        "prompt": tame(picture.prompt, PROMPT_LETTERS),
        "width": picture.width,
        "height": picture.height,
        "bytes": picture.byte_count,
        "mime_type": tame(picture.mime_type, TYPE_LETTERS),
        "page_url": address(picture.page_url),
        "image_url": address(picture.url),
        "provider": tame(picture.provider, NAME_LETTERS),
        "model": tame(picture.model, NAME_LETTERS),
        "cost": _cost(picture, known.prices.get(picture.handle)),
        "created_at": picture.created_at.isoformat(timespec="seconds"),
        "collections": [tame(name) or "" for name in known.collections.get(picture.handle, [])[:MOST_RELATED]],
        "path": str(picture.path) if picture.path and link is None else None,
        "link": link(picture.handle) if link else None,
        "parent": picture.parent,
        "children": known.children.get(picture.handle, []),
    }
    return Card(**(told | {name: value for name, value in more.items() if value is not None}))


def address(url: str | None) -> str | None:
    """Give a foreign address fit to be shown; none that is longer than any that leads anywhere."""
    tamed = tame_address(url) if url and len(url) <= LONGEST_ADDRESS else None
    return tamed if tamed and tamed.startswith(("http://", "https://")) else None


def _name(picture: Picture) -> str | None:
    """Give the name of a file or an address; the file of a made picture is named after its prompt."""
    if picture.origin == "made":
        return None
    return picture_name(picture.origin, str(picture.path) if picture.path else None, picture.url)


def _cost(picture: Picture, price: Price | None) -> CardCost | None:
    if price is not None:
        amount = Money.of_billionths(price.billionths, price.currency).amount
        return CardCost(amount=plain(amount), currency=price.currency, estimated=price.estimated)
    if picture.origin != "made":
        return None
    return CardCost(amount="0" if picture.provider is None else None)  # a transformation is free


@dataclass(frozen=True, slots=True)
class Thumbnails:
    """What became of thumbnails that were wanted, by handle.

    Attributes:
        small: They, as data URIs.
        opened: The pictures, with what their bytes told.
        problems: Why there is none; what is in none of these was not done in time.
        left_out: Those for which there was no room, though they could be opened.
    """

    small: Mapping[str, str]
    opened: Mapping[str, Picture]
    problems: Mapping[str, str]
    left_out: Sequence[str]


async def thumbnails(
    call: Call,
    wanted: Sequence[Picture],
    *,
    side: int,
    room: int,
    seconds: float,
    most_bytes: int | None = None,
    fetch: bool = False,
) -> Thumbnails:
    """Make thumbnails, as many as there is room for, in the order of the pictures.

    Args:
        call: The call that is answered.
        wanted: Of what.
        side: Their longest side in px.
        room: How long all data URIs together may be.
        seconds: How long all of it may take.
        most_bytes: The most bytes that one may have, unencoded.
        fetch: Whether pictures are fetched that do not lie here.
    """
    made: dict[str, str] = {}
    opened: dict[str, Picture] = {}
    problems: dict[str, str] = {}
    most = min(picture_bytes(room), most_bytes or room)
    places = anyio.CapacityLimiter(AT_ONCE)

    async def one(picture: Picture) -> None:
        async with places:
            try:
                seen, data = await call.load(picture) if fetch else (picture, await call.opened.pictures.kept(picture))
                if data is None:
                    return
                opened[picture.handle] = seen
                preview = await rendering.preview(data, max_side=side, max_bytes=most)
            except LightboxError as error:
                problems[picture.handle] = str(error)
            else:
                made[picture.handle] = data_uri(preview.data, preview.mime_type)

    with anyio.move_on_after(seconds):
        async with anyio.create_task_group() as tasks:
            for picture in wanted:
                tasks.start_soon(one, picture)
    fitting: dict[str, str] = {}
    for picture in wanted:
        thumbnail = made.get(picture.handle)
        if thumbnail is not None and len(thumbnail) <= room:
            fitting[picture.handle] = thumbnail
            room -= len(thumbnail)
    return Thumbnails(fitting, opened, problems, [handle for handle in made if handle not in fitting])
