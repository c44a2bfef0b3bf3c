"""`lightbox state copy`: the journal, the handles and the approvals moved between SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
from sqlalchemy import select

from lightbox.errors import BadInput
from lightbox.jobs.job import OPEN_STATES
from lightbox.jobs.journal import STALE_SECONDS
from lightbox.jobs.server_identity import lives
from lightbox.settings import Settings, check_state_url
from lightbox.state.copying import Row, copy_all, counts
from lightbox.state.engines import open_database
from lightbox.state.schema import NEWEST, version
from lightbox.state.sharing import now
from lightbox.state.sqlite import FILE
from lightbox.state.tables import jobs

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from lightbox.state.database import Database


def copy(settings: Settings, action: str, source: str, target: str | None) -> None:
    """Copy a state, and print what was copied.

    Args:
        settings: Name the target where `target` does not.
        action: "copy", so far.
        source: A state folder, or a PostgreSQL URL.
        target: Likewise.

    Raises:
        BadInput: There is nothing to copy, or the target is not empty.
        SettingsError, StorageFailed: One of them can't be used.
    """
    del action
    print(anyio.run(_copy, settings, source, target))  # noqa: T201 - what was asked for


async def _copy(settings: Settings, source: str, target: str | None) -> str:
    old = _database("FROM", source)
    new = open_database(settings.state_dir, settings.state_address) if target is None else _database("TO", target)
    try:
        return await copied(old, new)
    finally:
        await old.close()
        await new.close()


async def copied(old: Database, new: Database) -> str:
    """Copy all rows in one transaction, and say how many there were.

    Raises:
        BadInput: A server is at work on the old one, the new one is not empty, or a newer version wrote the old one.
    """
    where, to = await old.describe(), await new.describe()
    if await old.read(version) > NEWEST:
        raise BadInput(f"A newer version of Lightbox wrote {where}: copy it with that one.")
    if busy := await old.read(_busy):
        raise BadInput(
            f"A server still works on {busy} jobs in {where}: stop it first, for what it writes is not copied."
        )
    loop = asyncio.get_running_loop()

    def fetch(function: Callable[[Connection], Sequence[Row]]) -> Sequence[Row]:
        return asyncio.run_coroutine_threadsafe(old.read(function), loop).result()

    numbers = await new.write(partial(_fill, to=to, fetch=fetch))
    told = ", ".join(f"{number} {name}" for name, number in numbers.items())
    return (
        f"Copied {told}\n  from {where}\n  to   {to}.\n"
        "The files of pictures stay where they are: keep LIGHTBOX_IMAGE_DIR and LIGHTBOX_STATE_DIR."
    )


def _fill(
    connection: Connection, to: str, fetch: Callable[[Callable[[Connection], Sequence[Row]]], Sequence[Row]]
) -> dict[str, int]:
    there = {name: number for name, number in counts(connection).items() if number}
    if there:
        told = ", ".join(f"{number} {name}" for name, number in there.items())
        raise BadInput(f"{to} is not empty ({told}): nothing was copied. Name a new folder or an empty database.")
    return copy_all(connection, fetch)


def _busy(connection: Connection) -> int:
    """Count the jobs that a server works on."""
    moment = now(connection, time.time)
    rows = connection.execute(select(jobs.c.server, jobs.c.beat).where(jobs.c.state.in_(OPEN_STATES)))
    return sum(lives(row.server) is not False and row.beat > moment - STALE_SECONDS for row in rows)


def _database(what: str, named: str) -> Database:
    if "://" in named:
        check_state_url(what, named)
        return open_database(Path(), named)
    folder = Path(named).expanduser()
    if what == "FROM" and not (folder / FILE).is_file():
        raise BadInput(f"FROM {named}: there is no state in this folder ({FILE} is missing).")
    return open_database(folder)
