"""Where the bytes of pictures are kept, whatever is behind it: a folder of this machine, or an object store.

Nobody above knows which of the two it is. Both hold the same bytes under the same keys: pictures by the hash of their
bytes, so that to keep the same ones again changes nothing; unfinished ones by their job.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from lightbox.images.sniff import EXTENSIONS, UNKNOWN_TYPE

DAY = 86_400.0  # seconds
PICTURES = "pictures"
"""What the keys of given and fetched pictures begin with, and of made ones where other servers read them too."""
PARTIALS = "partials"
"""What the keys of the unfinished pictures of open jobs begin with."""

CLAIM = "database"
"""The key of the mark that says whose pictures these are, where several databases might think so."""


def content_key(sha256: str, mime_type: str) -> str:
    """Give the key of a picture, e.g. `pictures/9f/9f86….png`."""
    return f"{PICTURES}/{sha256[:2]}/{sha256}{EXTENSIONS[mime_type]}"


def mime_type_of(key: str) -> str:
    """Give the type of the picture of a key."""
    return next((kind for kind, extension in EXTENSIONS.items() if key.endswith(extension)), UNKNOWN_TYPE)


def partial_key(job_id: str) -> str:
    """Give the key of the latest unfinished picture of a job."""
    return f"{PARTIALS}/{job_id}"


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept under one key.

    Attributes:
        key: e.g. `pictures/9f/9f86….png`.
        byte_count: Its length in bytes.
        used_at: When it was last used, in seconds since 1970, to the day.
    """

    key: str
    byte_count: int
    used_at: float

    @property
    def name(self) -> str:
        """The key's last part without its extension: a picture's hash, or a job's id."""
        return self.key.rpartition("/")[2].partition(".")[0]


class Content(Protocol):
    """Bytes under keys. What is read or kept again counts as used, once a day."""

    async def get(self, key: str, byte_count: int | None = None) -> bytes | None:
        """Give what is kept under a key; None where nothing is, or what is there has another length.

        Raises:
            StorageFailed: Nobody can tell now.
        """
        ...

    async def put(self, key: str, data: bytes, mime_type: str) -> Path | None:
        """Keep bytes under a key that is derived from them; gives their file where they are in one on this machine.

        Raises:
            StorageFailed: They can't be kept; the text says why.
        """
        ...

    async def replace(self, key: str, data: bytes) -> None:
        """Keep bytes in place of those that were there; whoever reads gets the ones or the others, whole.

        Raises:
            StorageFailed: They can't be kept.
        """
        ...

    async def forget(self, key: str) -> None:
        """Remove what is kept under a key, if anything is and it can be: what stays is pruned."""
        ...

    async def remove(self, kept: Sequence[Kept]) -> list[Kept]:
        """Remove what was listed, save what was used since, and give what went."""
        ...

    def listed(self, prefix: str) -> AsyncIterator[Sequence[Kept]]:
        """List what is kept under keys that begin with `prefix/`, in pages.

        Raises:
            StorageFailed: It can't be listed.
        """
        ...

    async def tidy(self, prefix: str, before: float) -> int:
        """Remove what writers that were killed before a moment left behind; gives how many."""
        ...

    async def stream(self, key: str, byte_count: int) -> AsyncIterator[bytes] | None:
        """Give what is kept under a key in pieces; None where nothing is, or what is there has another length.

        Raises:
            StorageFailed: Nobody can tell now.
        """
        ...

    async def address(self, key: str, seconds: int) -> str | None:
        """Give an address under which anybody fetches it for so long; None where it must be sent by this server."""
        ...

    async def claim(self, database_id: str) -> bool:
        """Tell whether what is kept here belongs to a database; what nobody has claimed belongs to whoever asks first.

        Raises:
            StorageFailed: Nobody can tell now.
        """
        ...

    async def check(self) -> None:
        """Make sure that it can be reached, with the rights that are needed, in the one second that a probe has.

        Raises:
            StorageFailed: It can't; the text says why and what to do.
        """
        ...
