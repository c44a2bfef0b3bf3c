"""Copies of the files that users give, made a moment after the call that named them: nobody waits for the disk.

A handle is to outlive its file, so its bytes are copied into the state folder. Until then they are held in memory, and
should the server be killed before, the file itself is still there: what is read from it is told by its hash.
"""

from __future__ import annotations

import logging
import time
from threading import Lock, Timer

from lightbox.errors import StorageFailed
from lightbox.images.content import content_key
from lightbox.images.content_folder import FolderContent
from lightbox.images.inspection import Inspected

logger = logging.getLogger(__name__)

SETTLE_SECONDS = 2.0
"""How long after the latest file was given, or looked at, copying begins: its call has been answered by then."""
LONGEST_SECONDS = 10.0
"""How long a file waits at most, however many come after it."""
MOST_HELD = 200_000_000
"""How many bytes wait in memory; what is given beyond is copied at once."""


class Copies:
    """Files given a moment ago, held until they are copied.

    Args:
        folder: Where they are copied to.
        settle_seconds: How long after the latest one that begins.
        most_held: How many bytes wait at most.
    """

    def __init__(
        self, folder: FolderContent, *, settle_seconds: float = SETTLE_SECONDS, most_held: int = MOST_HELD
    ) -> None:
        self._folder = folder
        self._settle_seconds = settle_seconds
        self._most_held = most_held
        self._held: dict[str, tuple[bytes, Inspected]] = {}
        self._first = self._latest = 0.0
        self._waiting = False
        self._lock = Lock()

    def put(self, data: bytes, inspected: Inspected) -> None:
        """Take a file's bytes to be copied soon; blocks while they are copied where too much waits already.

        Raises:
            StorageFailed: They were to be copied at once, and the folder can't be written.
        """
        with self._lock:
            self._latest = time.monotonic()
            self._first = self._first if self._held else self._latest
            room = sum(len(held) for held, _ in self._held.values()) + len(data) <= self._most_held
            if room:
                self._held[inspected.sha256] = data, inspected
                self._wait()
        if not room:
            self._copy(data, inspected)

    def get(self, sha256: str) -> bytes | None:
        """Give the bytes of a file that waits; `None` where none does."""
        with self._lock:
            data, _ = self._held.get(sha256, (None, None))
            if data is not None:
                self._latest = time.monotonic()
            return data

    def inspected(self, sha256: str) -> Inspected | None:
        """Give what the bytes of a file that waits told; `None` where none does."""
        with self._lock:
            _, inspected = self._held.get(sha256, (None, None))
            return inspected

    def close(self) -> None:
        """Copy what waits; blocks until that is done."""
        while held := self._next():
            try:
                self._copy(*held)
            except StorageFailed as error:
                logger.warning("a given picture could not be kept: %s", error)
            finally:
                with self._lock:
                    self._held.pop(held[1].sha256, None)

    def _copy(self, data: bytes, inspected: Inspected) -> None:
        self._folder.put_now(content_key(inspected.sha256, inspected.mime_type), data)

    def _next(self) -> tuple[bytes, Inspected] | None:
        with self._lock:
            return next(iter(self._held.values()), None)

    def _wait(self) -> None:
        """Look again when the latest call has been answered; whoever calls this holds the lock."""
        if self._held and not self._waiting:
            self._waiting = True
            timer = Timer(max(0.0, self._due() - time.monotonic()), self._look)
            timer.daemon = True
            timer.start()

    def _due(self) -> float:
        return min(self._latest + self._settle_seconds, self._first + LONGEST_SECONDS)

    def _look(self) -> None:
        if time.monotonic() >= self._due():
            self.close()
        with self._lock:
            self._waiting = False
            self._wait()
