"""Files that clients upload, kept in memory: bounded in number and in bytes."""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from .dialects import Json, Rejected, out_of_range
from .items import new_id

MAX_FILE_BYTES: Final = 50 * 1024 * 1024
MAX_BYTES: Final = 256 * 1024 * 1024
LIFETIME: Final = "expires_after[seconds]"
SHORTEST, LONGEST = 3_600, 2_592_000
"""For how many seconds a file may be kept, where the client says so: an hour to 30 days."""
PURPOSES: Final = frozenset({"assistants", "batch", "fine-tune", "vision", "user_data", "evals"})


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One uploaded file; times are seconds since 1970."""

    id: str
    name: str
    purpose: str
    data: bytes
    created_at: int
    expires_at: int | None = None

    def body(self) -> Json:
        """Give the file object that clients read."""
        body: Json = {
            "id": self.id,
            "object": "file",
            "bytes": len(self.data),
            "created_at": self.created_at,
            "filename": self.name,
            "purpose": self.purpose,
            "status": "processed",
            "status_details": None,
        }
        return body | ({"expires_at": self.expires_at} if self.expires_at else {})


class FileStore:
    """Uploaded files by id; the oldest go where there are too many bytes."""

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._files: OrderedDict[str, StoredFile] = OrderedDict()

    def add(self, name: str, purpose: str, data: bytes, lifetime: int | None = None) -> StoredFile:
        """Keep a file, for `lifetime` seconds if given. Raises `Rejected` for a wrong purpose or size."""
        if purpose not in PURPOSES:
            raise Rejected(f"'{purpose}' is not one of {sorted(PURPOSES)} - 'purpose'", param="purpose")
        if not data:
            raise Rejected("The file is empty.", code="empty_file", param="file")
        if len(data) > MAX_FILE_BYTES:
            raise Rejected(f"The file is larger than {MAX_FILE_BYTES} bytes.", status=413, param="file")
        now = int(time.time())
        file = StoredFile(new_id("file").replace("_", "-", 1), name, purpose, data, now, lifetime and now + lifetime)
        self._files[file.id] = file
        while sum(len(kept.data) for kept in self._files.values()) > self._max_bytes:
            self._files.popitem(last=False)
        return file

    def get(self, file_id: str) -> StoredFile:
        """Give a file. Raises `Rejected` (404) for one that is not, or no longer, there."""
        file = self._files.get(file_id)
        if file is not None and file.expires_at is not None and file.expires_at < time.time():
            file = self._files.pop(file_id) and None
        if file is None:
            raise Rejected(f"No such File object: {file_id}", status=404, param="id")
        return file

    def remove(self, file_id: str) -> None:
        """Forget a file. Raises `Rejected` (404) for an unknown one."""
        self.get(file_id)
        del self._files[file_id]

    def all(self, purpose: str | None = None) -> list[StoredFile]:
        """Give all files, or those of one purpose, the oldest first."""
        return [file for file in self._files.values() if purpose in {None, file.purpose}]


def lifetime_of(text: str) -> int | None:
    """Read for how many seconds an upload is to be kept, None where it does not say. Raises `Rejected` (400)."""
    if not text:
        return None
    try:
        seconds = int(text)
    except ValueError:
        raise Rejected(
            f"Invalid type for '{LIFETIME}': expected a whole number of seconds.", code="invalid_type", param=LIFETIME
        ) from None
    if not SHORTEST <= seconds <= LONGEST:
        raise out_of_range(LIFETIME, seconds, SHORTEST, LONGEST)
    return seconds
