"""The rows of known pictures: plain functions over a connection, to be carried out by either door of the database.

They compose: whoever has a transaction of its own may call them inside it. All are right on SQLite and on PostgreSQL,
also where two servers add the same picture at once. Rows are written in the order of their handles, so that two such
transactions never wait for each other in a circle.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urldefrag, urlsplit

from sqlalchemy import Connection, bindparam, func, select

from lightbox.images.picture import Hit, Picture
from lightbox.images.searching import note_words
from lightbox.state.sharing import insert_new
from lightbox.state.tables import pictures

if TYPE_CHECKING:
    from lightbox.wire.response import FoundHit

_LENGTH = 10
_DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's: i, l, o and u are too easily misread on a contact sheet
_CHUNK = 200  # handles in one query
_LOOKED_THROUGH = 2_000  # pictures whose titles are looked through while somebody types
_LEARNT = ("title", "page_url", "thumbnail_url")
"""What a later search may tell of a picture that an earlier one left out."""
_SEEN = ("width", "height", "mime_type")
"""What a check of a hit tells; a picture's own bytes outweigh it."""
_REFRESHED = timedelta(days=1)
"""How old a found picture's moment may get although searches still bring it."""

_its_row = (pictures.c.owner == bindparam("its_owner")) & (pictures.c.handle == bindparam("its_handle"))


def derive_handle(owner: str, identity: str, attempt: int = 0) -> str:
    """Give `img_` and 10 letters or digits, e.g. for the identity `url:https://example.com/fox.jpg`.

    Derived from the owner and the URL or bytes, so that these always give the same. 50 bits: `attempt` is raised in
    the rare case that another identity of the owner holds the handle.
    """
    digest = sha256("\0".join([owner, identity, str(attempt)]).encode()).digest()
    number = int.from_bytes(digest, "big")
    letters: list[str] = []
    for _ in range(_LENGTH):
        number, digit = divmod(number, len(_DIGITS))
        letters.append(_DIGITS[digit])
    return "img_" + "".join(letters)


def by_handle(connection: Connection, owner: str, handle: str) -> Picture | None:
    """Look a picture of the owner's up by its handle."""
    return by_handles(connection, owner, [handle]).get(handle)


def by_handles(connection: Connection, owner: str, handles: Iterable[str]) -> dict[str, Picture]:
    """Look pictures of the owner's up by their handles; those that are not known are left out."""
    wanted = list(dict.fromkeys(handles))
    found: dict[str, Picture] = {}
    for start in range(0, len(wanted), _CHUNK):
        chunk = pictures.c.handle.in_(wanted[start : start + _CHUNK])
        rows = connection.execute(select(pictures).where(pictures.c.owner == owner, chunk)).mappings()
        found |= {row["handle"]: _picture(row) for row in rows}
    return found


def newest_titles(connection: Connection, owner: str, typed: str, limit: int) -> list[tuple[str, str | None]]:
    """Give handles of the owner's pictures with their titles, or what they were made from, the newest first.

    Those are given whose handle begins as was typed, or whose title or prompt holds it; of titles and prompts only
    those of the newest pictures are looked through.
    """
    told = func.coalesce(pictures.c.title, pictures.c.prompt)
    newest = pictures.c.created_at.desc(), pictures.c.handle
    own = select(pictures.c.handle, pictures.c.created_at, told.label("told")).where(pictures.c.owner == owner)
    begun = own.where(pictures.c.handle.startswith(typed, autoescape=True)).order_by(*newest).limit(limit)
    rows = [(row.handle, row.told) for row in connection.execute(begun)]
    if rows or not typed:
        return rows
    recent = own.order_by(*newest).limit(_LOOKED_THROUGH).subquery()
    named = select(recent.c.handle, recent.c.told).where(recent.c.told.icontains(typed, autoescape=True))
    wanted = named.order_by(recent.c.created_at.desc(), recent.c.handle).limit(limit)
    return [(row.handle, row.told) for row in connection.execute(wanted)]


def as_hit(owner: str, found: FoundHit) -> Hit | None:
    """Give what a service sent as a hit, with the handle that it most likely gets; None where its address is malformed.

    `add_found` gives it its handle for good: another picture of the owner's may have this one.
    """
    url = _plain_url(found.url)
    if url is None:
        return None
    return Hit(
        image=derive_handle(owner, f"url:{url}"),
        title=found.title,
        image_url=found.url,
        page_url=found.page_url,
        thumbnail_url=found.thumbnail_url,
    )


def add_found(connection: Connection, owner: str, hits: Sequence[Hit], provider: str, now: float) -> list[Hit]:
    """Give what a search found its handles, in the order of the hits; the same URL has the same handle.

    What is known of a picture stays, and what was not told before is filled in; sizes and types that a check of the
    hits told are written down, where the picture's own bytes have not told them.

    Args:
        connection: Of a transaction that may write.
        owner: Whose search it was.
        hits: As `as_hit` gives them, checked or not.
        provider: The service.
        now: Seconds since 1970.
    """
    addresses = [(hit, urldefrag(hit.image_url).url) for hit in hits]
    told: dict[str, Picture] = {}
    for hit, url in addresses:
        picture = Picture(
            handle="",
            owner=owner,
            origin="found",
            created_at=datetime.fromtimestamp(now, UTC),
            url=url,
            page_url=hit.page_url,
            thumbnail_url=hit.thumbnail_url,
            title=hit.title,
            provider=provider,
            width=hit.width,
            height=hit.height,
            mime_type=hit.mime_type,
        )
        told[url] = _completed(told[url], picture) if url in told else picture
    known = _placed(connection, owner, told)
    return [_hit(hit, known[url]) for hit, url in addresses]


def add_given_address(connection: Connection, owner: str, url: str, now: float) -> Picture:
    """Give the picture at an address that a user named; one that a search found before counts as used from here on.

    Raises:
        ValueError: The address is malformed; the guard's `check_url` refuses such.
    """
    url = urldefrag(url).url
    moment = datetime.fromtimestamp(now, UTC)
    given = Picture(handle="", owner=owner, origin="given", created_at=moment, used_at=moment, url=url)
    picture = _placed(connection, owner, {url: given})[url]
    if picture.used_at is not None:
        return picture
    mark_used(connection, owner, [picture.handle], now)
    return replace(picture, used_at=moment)


def add_bytes(connection: Connection, candidate: Picture) -> Picture:
    """Give a picture known by its hash its handle; where the owner has the same bytes, that picture is given."""
    known = by_bytes(connection, candidate.owner, candidate.sha256 or "")
    if known is not None:
        return known
    for attempt in count():
        handle = derive_handle(candidate.owner, f"bytes:{candidate.sha256}", attempt)
        picture = replace(candidate, handle=handle)
        if _insert(connection, [picture]):
            return picture
        held = by_handle(connection, candidate.owner, handle)
        if held is not None and held.sha256 == candidate.sha256:
            return held
    raise AssertionError  # pragma: no cover - counting has no end


def add_sheet(connection: Connection, candidate: Picture) -> Picture:
    """Give a contact sheet its handle; one that was made before is as old as its latest making."""
    known = add_bytes(connection, candidate)
    if known.origin != "sheet" or known.created_at >= candidate.created_at:
        return known
    again = replace(known, created_at=candidate.created_at, path=candidate.path)
    _update(connection, [again], ["created_at", "path"])
    return again


def update(connection: Connection, picture: Picture) -> None:
    """Write down what has been learnt of a known picture.

    Its use is left to `mark_used` alone: what was read before a call named it must not undo that.
    """
    _update(connection, [picture], [name for name in _COLUMNS if name not in {"owner", "handle", "used_at"}])


def mark_used(connection: Connection, owner: str, handles: Sequence[str], now: float) -> None:
    """Write down that a call has named pictures, so that they are not pruned; the first time counts."""
    unused = pictures.c.used_at.is_(None)
    rows = [{"its_owner": owner, "its_handle": handle, "moment": now} for handle in sorted(handles)]
    if rows:
        connection.execute(pictures.update().where(_its_row, unused).values(used_at=bindparam("moment")), rows)


def no_longer_in(connection: Connection, sha256: str, path: str) -> None:
    """Write down that the pictures of these bytes are no longer in a file, and forget what was said of that."""
    there = (pictures.c.sha256 == sha256) & (pictures.c.path == path)
    connection.execute(pictures.update().where(there).values(path=None, note=None))


def _plain_url(url: str) -> str | None:
    """Give an address without its fragment; None where it is so malformed that it can't be kept."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port  # reading them is what checks them
        url.encode()
    except ValueError:
        return None
    return urldefrag(url).url if host and "\0" not in url else None


def _hit(told: Hit, known: Picture) -> Hit:
    return told.model_copy(
        update={
            "image": known.handle,
            "title": told.title or known.title,
            "page_url": told.page_url or known.page_url,
            "thumbnail_url": told.thumbnail_url or known.thumbnail_url,
            "width": told.width or known.width,
            "height": told.height or known.height,
            "mime_type": told.mime_type or known.mime_type,
        }
    )


def _placed(connection: Connection, owner: str, told: Mapping[str, Picture]) -> dict[str, Picture]:
    """Give pictures on the web, by their addresses, their handles: those that are new are added."""
    placed: dict[str, Picture] = {}
    changed: list[Picture] = []
    pending, attempt = list(told), 0
    while pending:
        handles = {url: derive_handle(owner, f"url:{url}", attempt) for url in pending}
        new = {handle: replace(told[url], handle=handle) for url, handle in handles.items()}
        added = _insert(connection, list(new.values()))
        earlier = by_handles(connection, owner, new.keys() - added)
        for url, handle in handles.items():
            held = new[handle] if handle in added else earlier.get(handle)
            if held is None or held.url != url:  # another picture has this handle
                continue
            placed[url] = held if handle in added else _completed(held, told[url])
            if placed[url] is not held:
                changed.append(placed[url])
        pending, attempt = [url for url in pending if url not in placed], attempt + 1
    _update(connection, changed, (*_LEARNT, *_SEEN, "created_at"))
    return placed


def _completed(known: Picture, told: Picture) -> Picture:
    """Fill in what was not known; a found picture that nobody has used is as old as the latest search for it."""
    news: dict[str, Any] = {
        name: later for name in _LEARNT if getattr(known, name) is None and (later := getattr(told, name)) is not None
    }
    if told.mime_type is not None and known.sha256 is None:
        news |= {name: later for name in _SEEN if (later := getattr(told, name)) not in (None, getattr(known, name))}
    if known.origin == "found" and known.used_at is None and told.created_at - known.created_at > _REFRESHED:
        news["created_at"] = told.created_at
    return replace(known, **news) if news else known


def by_bytes(connection: Connection, owner: str, sha256: str) -> Picture | None:
    """Look the owner's first picture of these bytes up by their hash."""
    query = (
        select(pictures)
        .where(pictures.c.owner == owner, pictures.c.sha256 == sha256)
        .order_by(pictures.c.created_at, pictures.c.handle)
        .limit(1)
    )
    row = connection.execute(query).mappings().first()
    return None if row is None else _picture(row)


def _insert(connection: Connection, new: Sequence[Picture]) -> set[str]:
    """Add rows and give the handles of those that were new: another server may have added the others meanwhile."""
    if not new:
        return set()
    statement = insert_new(connection, pictures).returning(pictures.c.handle)
    rows = [_row(picture) for picture in sorted(new, key=lambda picture: picture.handle)]
    added = set(connection.execute(statement, rows).scalars())
    note_words(connection, [picture for picture in new if picture.handle in added], new=True)
    return added


def _update(connection: Connection, changed: Sequence[Picture], names: Sequence[str]) -> None:
    if changed:
        whole = [_row(picture) for picture in sorted(changed, key=lambda picture: picture.handle)]
        keys = ({"its_owner": row["owner"], "its_handle": row["handle"]} for row in whole)
        rows = [{name: row[name] for name in names} | key for row, key in zip(whole, keys, strict=True)]
        connection.execute(pictures.update().where(_its_row), rows)
        note_words(connection, changed)


_COLUMNS = tuple(column.name for column in pictures.columns)


def _row(picture: Picture) -> dict[str, Any]:
    row = {name: getattr(picture, name) for name in _COLUMNS}
    row["path"] = None if picture.path is None else str(picture.path)
    row["created_at"] = picture.created_at.timestamp()
    row["used_at"] = None if picture.used_at is None else picture.used_at.timestamp()
    return row


def _picture(row: Mapping[Any, Any]) -> Picture:
    values = {name: row[name] for name in _COLUMNS}
    values["path"] = None if row["path"] is None else Path(row["path"])
    values["created_at"] = datetime.fromtimestamp(row["created_at"], UTC)
    values["used_at"] = None if row["used_at"] is None else datetime.fromtimestamp(row["used_at"], UTC)
    return Picture(**values)
