"""Whether this server can do its work: what `/ready` says to whoever decides where requests go."""

from __future__ import annotations

import asyncio
import logging
import shutil
import tempfile
import time
from collections.abc import Awaitable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from anyio.to_thread import run_sync

from lightbox.errors import LightboxError, StorageFailed
from lightbox.http.limits import MIB

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from lightbox.tools.tool import Opening

logger = logging.getLogger(__name__)

CHECK_SECONDS = 2.0
"""How long an answer waits for a check; probes wait for a few seconds at most."""
GOOD_FOR_SECONDS = 1.0
"""How long what was found is told again, so that nobody can wear out the database by asking."""
LEAST_FREE_BYTES = 64 * MIB

DATABASE = "The database does not answer."
PICTURES = "The folder of pictures can't be written."
STORE = "The store of pictures does not answer."
STATE = "The state folder can't be written."
ROOM = "The disk is nearly full."
OPENING = "The server can't be opened: its log says why."
STARTING = "The server is still starting."
SLOW = "A check takes too long: the database or the disk is held up."


class Readiness:
    """Looks at what the tools work with. One check runs at a time, however many ask, and however long it takes.

    Args:
        opening: What the tools are served from.
        check_seconds: How long an answer waits for a check.
        good_for_seconds: How long what was found is told again.
    """

    def __init__(
        self, opening: Opening, *, check_seconds: float = CHECK_SECONDS, good_for_seconds: float = GOOD_FOR_SECONDS
    ) -> None:
        self._opening = opening
        self._check_seconds = check_seconds
        self._good_for_seconds = good_for_seconds
        self._checking: asyncio.Task[list[str]] | None = None
        self._faults: list[str] = []
        self._good_until = 0.0
        self._started = False

    async def faults(self) -> list[str]:
        """Say what is not ready, in words that name no secret, no path and no host; nothing where all is."""
        if self._checking is None:
            if time.monotonic() < self._good_until:
                return self._faults
            self._checking = asyncio.create_task(self._check())
        checking = self._checking
        await asyncio.wait({checking}, timeout=self._check_seconds)
        if checking.done():
            return checking.result()
        return [SLOW] if self._started else [STARTING]

    async def _check(self) -> list[str]:
        faults: list[str] = []
        why = ""
        try:
            faults = await self._found()
        except Exception as error:
            if not isinstance(error, LightboxError | OSError):
                logger.exception("the check whether the server is ready ended in a crash")
            faults, why = [OPENING], f" {error}"
        finally:
            self._checking = None
            self._good_until = time.monotonic() + self._good_for_seconds
            if faults != self._faults:
                logger.warning("ready: %s%s", " ".join(faults) or "again", why)
            self._faults = faults
        return faults

    async def _found(self) -> list[str]:
        parts = await self._opening.open()
        self._started = True
        settings = self._opening.settings
        folders = [settings.state_dir]
        found = [
            await _fault(parts.database.read(_select), DATABASE),
            await _fault(run_sync(_write, settings.state_dir, 0o700), STATE),
        ]
        if settings.pictures_url:
            found.append(await _fault(parts.content.check(), STORE))
        else:
            folders.append(settings.image_dir)
            found.append(await _fault(run_sync(_write, settings.image_dir), PICTURES))
        found.append(await _fault(run_sync(_has_room, *folders), ROOM))
        return [fault for fault in found if fault]


async def _fault(check: Awaitable[object], words: str) -> str | None:
    try:
        await check
    except (LightboxError, OSError) as error:
        logger.debug("%s %s", words, error)
        return words
    return None


def _select(connection: Connection) -> None:
    connection.exec_driver_sql("SELECT id FROM jobs LIMIT 1")  # a statement without a table asks some engines nothing


def _write(folder: Path, mode: int = 0o777) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=mode)
    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(b"lightbox")
        file.flush()


def _has_room(*folders: Path) -> None:
    for folder in folders:
        with suppress(OSError):  # a folder that is not there is another fault
            free = shutil.disk_usage(folder).free
            if free < LEAST_FREE_BYTES:
                raise StorageFailed(f"{free} bytes are free")
