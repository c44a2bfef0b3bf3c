"""Known pictures found again: by words, by date, by collection. Plain functions over a connection, as in `records`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Connection, and_, func, select

from lightbox.state.sharing import insert_into
from lightbox.state.tables import jobs, picture_words, pictures, saved_pictures
from lightbox.state.words import Wanted, picture_name, row_id, words_of

if TYPE_CHECKING:
    from lightbox.images.picture import Picture
    from lightbox.vocabulary import Origin

_CHUNK = 200


def note_words(connection: Connection, known: Sequence[Picture], *, new: bool = False) -> None:
    """Write down by which words pictures are found, collections included; those that are new are in none yet."""
    if not known:
        return
    saved = {} if new else _texts_of_collections(connection, known)
    rows = [
        {
            "id": row_id(picture.owner, picture.handle),
            "owner": picture.owner,
            "handle": picture.handle,
            "created_at": picture.created_at.timestamp(),
            "words": words_of(picture.owner, picture.origin, [*_texts(picture), *saved.get(picture.handle, ())]),
        }
        for picture in sorted(known, key=lambda picture: picture.handle)
    ]
    insert = insert_into(connection, picture_words)
    told = insert.excluded
    changed = (picture_words.c.words != told.words) | (picture_words.c.created_at != told.created_at)
    values = {"words": told.words, "created_at": told.created_at}
    connection.execute(insert.on_conflict_do_update(index_elements=["id"], set_=values, where=changed), rows)


def _texts(picture: Picture) -> Iterable[str | None]:
    path = str(picture.path) if picture.path else None
    return picture.title, picture.prompt, picture_name(picture.origin, path, picture.url)


def _texts_of_collections(connection: Connection, known: Sequence[Picture]) -> dict[str, list[str]]:
    texts: dict[str, list[str]] = {}
    for picture in known:
        mine = (saved_pictures.c.owner == picture.owner) & (saved_pictures.c.handle == picture.handle)
        for row in connection.execute(select(saved_pictures.c.collection, saved_pictures.c.file).where(mine)):
            texts.setdefault(picture.handle, []).extend(row)
    return texts


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What a made picture cost: its job's bill, divided by the pictures of that job.

    Attributes:
        billionths: Of the currency.
        estimated: Whether the bill is from the estimate, for the service reported no usage.
    """

    billionths: int
    currency: str
    estimated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some of the pictures that fit, the newest first.

    Attributes:
        handles: Theirs.
        total: How many fit in all.
    """

    handles: list[str]
    total: int


def newest(
    connection: Connection,
    owner: str,
    *,
    origins: Collection[Origin] = (),
    query: str | None = None,
    since: datetime | None = None,
    limit: int,
    offset: int = 0,
) -> Page:
    """Find pictures of an owner's, the newest first.

    Args:
        connection: Of either door.
        owner: Whose.
        origins: Where from; none for anywhere.
        query: Words, all of which must be in title, prompt, file name or collection, each perhaps only begun.
        since: From when on.
        limit: How many at most.
        offset: How many newer ones are passed over.
    """
    table = pictures if query is None else picture_words
    chosen = select(table.c.handle)
    if query is None:
        chosen = chosen.where(table.c.owner == owner)
        if origins:
            chosen = chosen.where(pictures.c.origin.in_(sorted(origins)))
    else:
        wanted = Wanted(owner, origins, query)
        if not wanted.words:
            return Page(handles=[], total=0)
        chosen = chosen.where(wanted.condition(connection))
    if since is not None:
        chosen = chosen.where(table.c.created_at >= since.timestamp())
    total = int(connection.execute(select(func.count()).select_from(chosen.subquery())).scalar_one())
    page = chosen.order_by(table.c.created_at.desc(), table.c.handle).limit(limit).offset(offset)
    return Page(handles=list(connection.execute(page).scalars()) if total > offset else [], total=total)


def prices(connection: Connection, owner: str, known: Iterable[Picture]) -> dict[str, Price]:
    """Give what made pictures cost, by their handles; those whose job has no bill, or is not known, are left out.

    A picture that was brought to its size here, of one that the same job made, cost what that one did.
    """
    by_job: dict[str, list[str]] = {}
    for picture in known:
        if picture.job_id is not None:
            by_job.setdefault(picture.job_id, []).append(picture.handle)
    if not by_job:
        return {}
    numbers = _numbers(connection, owner, by_job)
    billed = (jobs.c.owner == owner) & jobs.c.id.in_(by_job) & jobs.c.billed.is_not(None)
    found: dict[str, Price] = {}
    for job in connection.execute(select(jobs.c.id, jobs.c.billed, jobs.c.currency, jobs.c.estimated).where(billed)):
        share = job.billed // max(1, numbers.get(job.id, 1))
        price = Price(billionths=share, currency=job.currency or "", estimated=job.estimated)
        found |= dict.fromkeys(by_job[job.id], price)
    return found


def _numbers(connection: Connection, owner: str, job_ids: Iterable[str]) -> Mapping[str, int]:
    """Count the pictures that jobs made, without what was made of those here."""
    whole = pictures.alias("whole")
    same_job = and_(whole.c.owner == owner, whole.c.handle == pictures.c.parent, whole.c.job_id == pictures.c.job_id)
    counted = (
        select(pictures.c.job_id, func.count())
        .select_from(pictures.outerjoin(whole, same_job))
        .where(pictures.c.owner == owner, pictures.c.job_id.in_(list(job_ids)), whole.c.handle.is_(None))
        .group_by(pictures.c.job_id)
    )
    return {row[0]: row[1] for row in connection.execute(counted)}


def collections_of(connection: Connection, owner: str, handles: Sequence[str]) -> dict[str, list[str]]:
    """Give the collections that pictures are saved in, by their handles."""
    mine = (saved_pictures.c.owner == owner) & saved_pictures.c.handle.in_(handles)
    found: dict[str, list[str]] = {}
    order = (saved_pictures.c.saved_at, saved_pictures.c.collection)
    for row in connection.execute(
        select(saved_pictures.c.handle, saved_pictures.c.collection).where(mine).order_by(*order)
    ):
        found.setdefault(row.handle, []).append(row.collection)
    return found


def children_of(connection: Connection, owner: str, handles: Sequence[str], limit: int) -> dict[str, list[str]]:
    """Give what was made of pictures, the oldest first, by their handles; at most `limit` of each."""
    mine = (pictures.c.owner == owner) & pictures.c.parent.in_(handles)
    found: dict[str, list[str]] = {}
    for row in connection.execute(
        select(pictures.c.parent, pictures.c.handle).where(mine).order_by(pictures.c.created_at, pictures.c.handle)
    ):
        children = found.setdefault(row.parent, [])
        if len(children) < limit:
            children.append(row.handle)
    return found


def newest_collections(connection: Connection, owner: str, beginning: str, limit: int) -> list[str]:
    """Give the names of the owner's collections that begin so, the one last saved to first."""
    name = saved_pictures.c.collection
    mine = (saved_pictures.c.owner == owner) & name.startswith(beginning, autoescape=True)
    latest = func.max(saved_pictures.c.saved_at).desc()
    return list(connection.execute(select(name).where(mine).group_by(name).order_by(latest).limit(limit)).scalars())


def note_saved(
    connection: Connection, owner: str, collection: str, files: Mapping[str, str], known: Sequence[Picture], now: float
) -> None:
    """Write down in which collection pictures were saved, and as which file, by their handles."""
    insert = insert_into(connection, saved_pictures)
    keys = ["owner", "handle", "collection"]
    again = insert.on_conflict_do_update(index_elements=keys, set_={"file": insert.excluded.file})
    rows = [
        {"owner": owner, "handle": handle, "collection": collection, "file": file, "saved_at": now}
        for handle, file in sorted(files.items())
    ]
    if rows:
        connection.execute(again, rows)
        note_words(connection, [picture for picture in known if picture.handle in files])
