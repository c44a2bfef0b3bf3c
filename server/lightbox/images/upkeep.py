"""One round of pruning: what nobody needs leaves the state database and the state folder, in steps that give way.

Made pictures and the ledger's figures stay for ever.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import anyio
from anyio.to_thread import run_sync
from sqlalchemy import Connection

from lightbox.images.files import DAY, PARTIALS, PICTURES, is_unfinished, remove_unfinished
from lightbox.state.database import Database
from lightbox.state.pruning import (
    ABANDONED_SECONDS,
    needed_bytes,
    open_jobs,
    prune_approvals,
    prune_found,
    prune_jobs,
)

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


@dataclass(frozen=True, slots=True)
class _File:
    """One kept file: where it is, its length in bytes, and when it was last used."""

    path: Path
    byte_count: int
    used_at: float


async def prune(
    database: Database,
    state_dir: Path,
    *,
    keep_days: float,
    cache_bytes: int,
    now: float,
    image_dir: Path | None = None,
) -> Pruned:
    """Carry out one round; a second one right after it finds nothing.

    Args:
        database: The state database.
        state_dir: The state folder.
        keep_days: How long what may go is kept (the setting KEEP_DAYS).
        cache_bytes: How much the folder of pictures may hold (the setting CACHE_BYTES). Bytes of made pictures and
            recently given ones stay even where they alone are more.
        now: Seconds since 1970.
        image_dir: The folder for made pictures (the setting IMAGE_DIR): what was never finished there goes, no more.

    Raises:
        StorageFailed: The database can't be used; what was removed until then stays removed.
    """
    before = now - keep_days * DAY
    found = await _stepwise(database, prune_found, before)
    approvals = await _stepwise(database, prune_approvals, now - ABANDONED_SECONDS)
    jobs = await _stepwise(database, prune_jobs, before)
    partials = await _prune_partials(database, state_dir / PARTIALS, now)
    files, byte_count = await _prune_files(database, state_dir / PICTURES, before, cache_bytes, now)
    if image_dir is not None:
        files += await run_sync(remove_unfinished, image_dir, now - DAY)
    return Pruned(found=found, approvals=approvals, jobs=jobs, files=files, byte_count=byte_count, partials=partials)


async def _stepwise(database: Database, step: Callable[[Connection, float, int], int], before: float) -> int:
    """Repeat a step until it finds less than it might take."""
    gone = 0
    while True:
        went = await database.write(lambda connection: step(connection, before, STEP))
        gone += went
        if went < STEP:
            return gone
        await anyio.sleep(PAUSE_SECONDS)


async def _prune_partials(database: Database, folder: Path, now: float) -> int:
    """Remove the unfinished pictures of jobs that have ended in any way, or are not known."""
    gone = 0
    for files in _steps(await run_sync(_listed, folder)):
        # Asked for after the files were listed: a job that begins meanwhile is not among these.
        still_open = await database.read(partial(open_jobs, ids=[file.path.name for file in files]))
        ended = [file for file in files if _has_ended(file, still_open, now)]
        gone += len(await run_sync(_removed, ended))
    return gone


def _has_ended(file: _File, still_open: set[str], now: float) -> bool:
    if is_unfinished(file.path.name):
        return file.used_at < now - DAY
    return file.path.name not in still_open


async def _prune_files(
    database: Database, folder: Path, before: float, cache_bytes: int, now: float
) -> tuple[int, int]:
    """Remove what was never finished, then the least recently used while there is too much."""
    kept: list[_File] = []
    gone = gone_bytes = 0
    for part in await run_sync(_parts, folder):
        files = await run_sync(_listed, part)
        broken_off = [file for file in files if is_unfinished(file.path.name) and file.used_at < now - DAY]
        gone += len(await run_sync(_removed, broken_off))
        kept += [file for file in files if not is_unfinished(file.path.name)]
    held = sum(file.byte_count for file in kept)
    idle = [file for file in kept if file.used_at < now - IN_HAND_SECONDS]
    for files in _steps(sorted(idle, key=lambda file: file.used_at)):
        if held <= cache_bytes:
            break
        needed = await database.read(partial(needed_bytes, hashes=[file.path.stem for file in files]))
        spare = [file for file in files if _is_spare(file, needed, before)]
        removed = await run_sync(_removed, list(_until(spare, held - cache_bytes)))
        freed = sum(file.byte_count for file in removed)
        held, gone, gone_bytes = held - freed, gone + len(removed), gone_bytes + freed
    return gone, gone_bytes


def _is_spare(file: _File, needed: dict[str, bool], before: float) -> bool:
    """Tell whether a file may go: a made picture's never may, a given one's only when it is old."""
    made = needed.get(file.path.stem)
    return made is None or (not made and file.used_at < before)


def _until(files: Sequence[_File], byte_count: int) -> Iterator[_File]:
    """Give files until they are this many bytes."""
    for file in files:
        if byte_count <= 0:
            return
        byte_count -= file.byte_count
        yield file


def _parts(folder: Path) -> list[Path]:
    with suppress(OSError):
        return [Path(entry.path) for entry in os.scandir(folder) if entry.is_dir(follow_symlinks=False)]
    return []


def _listed(folder: Path) -> list[_File]:
    """List a folder's files; one that goes meanwhile is left out."""
    files: list[_File] = []
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            with suppress(OSError):
                facts = entry.stat(follow_symlinks=False)
                if entry.is_file(follow_symlinks=False):
                    files.append(_File(Path(entry.path), facts.st_size, facts.st_mtime))
    return files


def _removed(files: Sequence[_File]) -> list[_File]:
    """Remove files, save those that were used since they were listed, and give what went."""
    gone: list[_File] = []
    for file in files:
        with suppress(OSError):
            if file.path.stat().st_mtime == file.used_at:
                file.path.unlink()
                gone.append(file)
    return gone


def _steps(files: Sequence[_File]) -> Iterator[Sequence[_File]]:
    return (files[start : start + STEP] for start in range(0, len(files), STEP))
