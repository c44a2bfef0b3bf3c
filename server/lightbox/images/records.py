"""The rows of known pictures: looked up and added inside transactions, so that servers can share them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from lightbox.images.handle import derive_handle
from lightbox.images.picture import Picture
from lightbox.images.table import picture_of, pictures, row_of
from lightbox.state.database import Database

_CHUNK = 200  # handles in one query
_LEARNT = ("title", "page_url", "thumbnail_url", "width", "height", "mime_type")
"""What a later search may tell of a picture that an earlier one left out."""
_SEEN = frozenset({"width", "height", "mime_type"})
"""What the bytes tell best."""


class PictureRecords:
    """Every known picture of every owner, in the state database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def by_handle(self, owner: str, handle: str) -> Picture | None:
        """Look a picture up by its handle."""
        async with self._database.reading() as connection:
            return (await _by_handles(connection, owner, [handle])).get(handle)

    async def by_url(self, owner: str, candidates: Sequence[Picture]) -> list[Picture]:
        """Give pictures on the web their handles, adding those that are new; `candidates` need none yet.

        What is known stays; what was not told before is filled in.
        """
        async with self._database.writing() as connection:
            wanted = list(dict.fromkeys(candidate.url or "" for candidate in candidates))
            known = await _handles_of_urls(connection, owner, wanted)
            new: dict[str, Picture] = {}
            changed: dict[str, Picture] = {}
            given: list[Picture] = []
            for candidate in candidates:
                handle, earlier = known[candidate.url or ""]
                earlier = changed.get(handle) or new.get(handle) or earlier
                picture = replace(candidate, handle=handle) if earlier is None else _completed(earlier, candidate)
                if earlier is None or handle in new:
                    new[handle] = picture
                elif picture != earlier:
                    changed[handle] = picture
                given.append(picture)
            await _insert(connection, list(new.values()))
            await _update(connection, list(changed.values()))
        latest = new | changed
        return [latest.get(picture.handle, picture) for picture in given]

    async def add_bytes(self, candidate: Picture) -> Picture:
        """Give a picture known by its hash its handle; where the owner has the same bytes, that picture is given."""
        async with self._database.writing() as connection:
            known = await _by_bytes(connection, candidate.owner, candidate.sha256 or "")
            if known is not None:
                return known
            handle = await self._free_handle(connection, candidate.owner, f"bytes:{candidate.sha256}")
            picture = replace(candidate, handle=handle)
            await _insert(connection, [picture])
            return picture

    async def update(self, picture: Picture) -> None:
        """Write down what has been learnt of a known picture."""
        async with self._database.writing() as connection:
            await _update(connection, [picture])

    async def _free_handle(self, connection: AsyncConnection, owner: str, identity: str) -> str:
        attempt = 0
        while await _by_handles(connection, owner, [handle := derive_handle(owner, identity, attempt)]):
            attempt += 1
        return handle


async def _handles_of_urls(
    connection: AsyncConnection, owner: str, urls: Sequence[str]
) -> dict[str, tuple[str, Picture | None]]:
    """Find each URL's handle, and the picture that has it, if there is one already."""
    answer: dict[str, tuple[str, Picture | None]] = {}
    pending, attempt = list(urls), 0
    while pending:
        handles = {url: derive_handle(owner, f"url:{url}", attempt) for url in pending}
        rows = await _by_handles(connection, owner, list(handles.values()))
        answer |= {url: (handle, rows.get(handle)) for url, handle in handles.items()}
        pending = [url for url in pending if (row := answer[url][1]) is not None and row.url != url]
        attempt += 1
    return answer


async def _by_handles(connection: AsyncConnection, owner: str, handles: Sequence[str]) -> dict[str, Picture]:
    found: dict[str, Picture] = {}
    for start in range(0, len(handles), _CHUNK):
        chunk = handles[start : start + _CHUNK]
        rows = await connection.execute(select(pictures).where(pictures.c.owner == owner, pictures.c.handle.in_(chunk)))
        found |= {row["handle"]: picture_of(row) for row in _mappings(rows)}
    return found


async def _by_bytes(connection: AsyncConnection, owner: str, sha256: str) -> Picture | None:
    rows = await connection.execute(
        select(pictures)
        .where(pictures.c.owner == owner, pictures.c.sha256 == sha256)
        .order_by(pictures.c.created_at, pictures.c.handle)
        .limit(1)
    )
    return next((picture_of(row) for row in _mappings(rows)), None)


def _mappings(rows: Any) -> list[dict[str, Any]]:
    return [dict(row) for row in rows.mappings()]


async def _insert(connection: AsyncConnection, new: Sequence[Picture]) -> None:
    if new:
        await connection.execute(pictures.insert(), [row_of(picture) for picture in new])


async def _update(connection: AsyncConnection, changed: Sequence[Picture]) -> None:
    if changed:
        rows = [row_of(picture) for picture in changed]
        keys = [{"its_owner": row.pop("owner"), "its_handle": row.pop("handle")} for row in rows]
        statement = pictures.update().where(
            pictures.c.owner == bindparam("its_owner"), pictures.c.handle == bindparam("its_handle")
        )
        await connection.execute(statement, [row | key for row, key in zip(rows, keys, strict=True)])


def _completed(known: Picture, told: Picture) -> Picture:
    """Fill in what was not known; what the bytes told of a picture outweighs what a search says."""
    news: dict[str, Any] = {}
    for name in _LEARNT:
        earlier, later = getattr(known, name), getattr(told, name)
        settled = known.sha256 is not None or name not in _SEEN
        if later is not None and later != earlier and (earlier is None or not settled):
            news[name] = later
    return replace(known, **news) if news else known
