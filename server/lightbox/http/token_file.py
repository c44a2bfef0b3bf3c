"""The token file of a running server, which follows what is changed in it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from anyio.to_thread import run_sync

from lightbox.errors import SettingsError
from lightbox.http.entries import Entry, Listing, Stamp, read_listing, readable_by_others, stamp_of, token_hash

if TYPE_CHECKING:
    from lightbox.providers.endpoint import Endpoint
    from lightbox.settings import Settings

logger = logging.getLogger(__name__)

CHECK_SECONDS = 0.5
"""How long a change of the file may go unseen: a token that was removed opens nothing any more after that."""


class TokenFile:
    """Knows the callers of a file, and sees when it is changed.

    Args:
        path: The file.
        settings: The settings; what a caller does not bring itself is theirs.
        clock: Seconds, ever rising.

    Attributes:
        secrets: All keys that callers have brought so far; it grows, so that old ones are struck out too.

    Raises:
        SettingsError: The file can't be read, or is not right; the text says where and what would be.
    """

    def __init__(self, path: Path, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        self.path = path
        self.secrets: list[str] = []
        self._settings = settings
        self._clock = clock
        self._take(read_listing(path, settings))
        self._refused: Stamp | None = None
        self._checked_at = clock()
        self._checking = False
        if warning := readable_by_others(path):
            logger.warning("%s", warning)
        if not self.entries:
            logger.warning("%s names nobody yet: lightbox token add NAME lets the first caller in", path)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The callers, as the file named them last."""
        return self._listing.entries

    async def find(self, token: str) -> Entry | None:
        """Give the caller whose token this is, if it is anybody's."""
        await self._look()
        return self._by_hash.get(token_hash(token))

    def account(self, provider: str, account: str) -> Endpoint | None:
        """Give the service for which a caller brought the key of this fingerprint; None once it is gone."""
        return self._listing.accounts.get((provider, account))

    async def _look(self) -> None:
        """Read the file anew where it was changed. One that is wrong, or gone, changes nothing, and is told of once.

        Nobody waits for another's look: a disk that hangs holds up one request.
        """
        if self._checking or self._clock() - self._checked_at < CHECK_SECONDS:
            return
        self._checking = True
        try:
            stamp = await run_sync(stamp_of, (self.path, *self._listing.files))
            if stamp not in (self._listing.stamp, self._refused):
                await self._renew(stamp)
            self._checked_at = self._clock()
        finally:
            self._checking = False

    async def _renew(self, stamp: Stamp) -> None:
        try:
            self._take(await run_sync(partial(read_listing, self.path, self._settings)))
        except SettingsError as error:
            self._refused = stamp
            logger.warning("The token file was changed and can't be used; what it said before still holds. %s", error)
        else:
            self._refused = None
            logger.info("The token file was changed: %s callers", len(self.entries))

    def _take(self, listing: Listing) -> None:
        self._listing = listing
        self._by_hash = {entry.sha256: entry for entry in listing.entries}
        self.secrets.extend(secret for secret in listing.secrets if secret not in self.secrets)
