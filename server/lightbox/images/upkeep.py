"""One round of pruning: what nobody needs leaves the state database, and the folder or store of pictures, in steps.

Made pictures and the ledger's figures stay for ever.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import anyio
from anyio.to_thread import run_sync
from sqlalchemy import Connection

from lightbox.images.content import DAY, PARTIALS, PICTURES, Content, Kept, mime_type_of
from lightbox.images.content_folder import FolderContent
from lightbox.images.files import remove_unfinished
from lightbox.images.records import no_longer_in
from lightbox.state.database import Database
from lightbox.state.pruning import (
    ABANDONED_SECONDS,
    known_bytes,
    needed_bytes,
    open_jobs,
    prune_approvals,
    prune_found,
    prune_jobs,
)
from lightbox.state.shared_keys import shared_key

logger = logging.getLogger(__name__)

STEP = 200
"""Rows, or files, of one step."""
PAUSE_SECONDS = 0.01
"""Between two writing steps: what waits meanwhile has the disk to itself."""
IN_HAND_SECONDS = 3600.0
"""What was kept this short a time ago, a call may still be at work on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned:
    """What one round removed; `byte_count` is that of the files of pictures."""

    found: int = 0
    approvals: int = 0
    jobs: int = 0
    files: int = 0
    byte_count: int = 0
    partials: int = 0

    def __bool__(self) -> bool:
        """Whether there was anything to remove."""
        return any((self.found, self.approvals, self.jobs, self.files, self.partials))


async def prune(
    database: Database,
    content: Content,
    *,
    keep_days: float,
    cache_bytes: int,
    now: float,
    image_dir: Path | None = None,
    shared: bool = False,
) -> Pruned:
    """Carry out one round; a second one right after it finds nothing.

    Args:
        database: The state database.
        content: Where the bytes of pictures are. What there belongs to another database is left alone.
        keep_days: How long what may go is kept (the setting KEEP_DAYS).
        cache_bytes: How much of given and fetched pictures may be held (the setting CACHE_BYTES). Bytes of made
            pictures and recently given ones stay even where they alone are more.
        now: Seconds since 1970.
        image_dir: The folder for made pictures (the setting IMAGE_DIR): what was never finished there goes, no more.
        shared: Whether other servers work with these pictures too, as in an object store. Made ones are among them
            then, and count as no cache; what no row names goes after a day, however much room there is.

    Raises:
        StorageFailed: The database or the object store can't be used; what was removed until then stays removed.
    """
    before = now - keep_days * DAY
    found = await _stepwise(database, prune_found, before)
    approvals = await _stepwise(database, prune_approvals, now - ABANDONED_SECONDS)
    jobs = await _stepwise(database, prune_jobs, before)
    unfinished = await run_sync(remove_unfinished, image_dir, now - DAY) if image_dir is not None else 0
    done = Pruned(found=found, approvals=approvals, jobs=jobs, files=unfinished)
    if not await content.claim((await shared_key(database, "pictures")).hex()):
        logger.warning(
            "the pictures in LIGHTBOX_PICTURES_URL belong to another state database, so that none is removed: give "
            "each database a prefix of its own"
        )
        return done
    partials = await _prune_partials(database, content, now)
    gone = await _prune_pictures(database, content, before, cache_bytes, now, shared=shared)
    return replace(done, files=unfinished + gone.files, byte_count=gone.byte_count, partials=partials)


async def move_over(database: Database, spare: FolderContent, content: Content) -> int:
    """Move the pictures that lie in the state folder to where they belong, and give how many.

    They were kept there while the object store could not be written, or before there was one.

    Raises:
        StorageFailed: The database or the object store can't be used; what was moved until then stays moved.
    """
    moved = 0
    async for page in spare.listed(PICTURES):
        for one in page:
            data = await spare.get(one.key, one.byte_count)
            if data is None:
                continue
            await content.put(one.key, data, mime_type_of(one.key))
            here = str(spare.path(one.key))
            await database.write(partial(no_longer_in, sha256=one.name, path=here))
            await spare.forget(one.key)
            moved += 1
    return moved


async def _stepwise(database: Database, step: Callable[[Connection, float, int], int], before: float) -> int:
    """Repeat a step until it finds less than it might take."""
    gone = 0
    while True:
        went = await database.write(lambda connection: step(connection, before, STEP))
        gone += went
        if went < STEP:
            return gone
        await anyio.sleep(PAUSE_SECONDS)


async def _prune_partials(database: Database, content: Content, now: float) -> int:
    """Remove the unfinished pictures of jobs that have ended in any way, or are not known."""
    gone = await content.tidy(PARTIALS, now - DAY)
    async for page in content.listed(PARTIALS):
        for some in _steps(page):
            # Asked for after they were listed: a job that begins meanwhile is not among these.
            still_open = await database.read(partial(open_jobs, ids=[one.name for one in some]))
            gone += len(await content.remove([one for one in some if one.name not in still_open]))
    return gone


async def _prune_pictures(
    database: Database, content: Content, before: float, cache_bytes: int, now: float, *, shared: bool
) -> _Gone:
    """Remove what was never finished and what no row names, then the least recently used while there is too much."""
    gone = _Gone(await content.tidy(PICTURES, now - DAY))
    kept: list[Kept] = []
    async for page in content.listed(PICTURES):
        swept, rest = await _swept(database, content, page, now) if shared else ([], page)
        gone += swept
        kept += rest
    too_much = sum(one.byte_count for one in kept) - cache_bytes
    idle = [one for one in kept if one.used_at < now - IN_HAND_SECONDS]
    for some in _steps(sorted(idle, key=lambda one: one.used_at)):
        if too_much <= 0:
            break
        needed = await database.read(partial(needed_bytes, hashes=[one.name for one in some]))
        spare = [one for one in some if _is_spare(one, needed, before)]
        removed = await content.remove(list(_until(spare, too_much)))
        gone += removed
        too_much -= sum(one.byte_count for one in removed)
    return gone


async def _swept(
    database: Database, content: Content, page: Sequence[Kept], now: float
) -> tuple[list[Kept], list[Kept]]:
    """Remove what no row names after a day; gives what went, and what may go when there is too much.

    Bytes come first and rows after, so that a server that was killed leaves such. Made pictures are neither.
    """
    swept: list[Kept] = []
    rest: list[Kept] = []
    for some in _steps(page):
        made = await database.read(partial(known_bytes, hashes=[one.name for one in some]))
        swept += await content.remove([one for one in some if one.name not in made and one.used_at < now - DAY])
        rest += [one for one in some if made.get(one.name) is False]
    return swept, rest


@dataclass(slots=True)
class _Gone:
    """How many pictures went, and their bytes."""

    files: int = 0
    byte_count: int = 0

    def __add__(self, removed: Sequence[Kept]) -> _Gone:
        return _Gone(self.files + len(removed), self.byte_count + sum(one.byte_count for one in removed))


def _is_spare(one: Kept, needed: dict[str, bool], before: float) -> bool:
    """Tell whether bytes may go: a made picture's never may, a given one's only when it is old."""
    made = needed.get(one.name)
    return made is None or (not made and one.used_at < before)


def _until(kept: Sequence[Kept], byte_count: int) -> Iterator[Kept]:
    """Give pictures until they are this many bytes."""
    for one in kept:
        if byte_count <= 0:
            return
        byte_count -= one.byte_count
        yield one


def _steps(kept: Sequence[Kept]) -> Iterator[Sequence[Kept]]:
    return (kept[start : start + STEP] for start in range(0, len(kept), STEP))
