"""What the server gives out and takes back (links, questions to the person), sealed so that nobody else can make it."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from functools import cached_property
from pathlib import Path

from mcp.server.request_state import AESGCMRequestStateCodec

from lightbox.errors import StorageFailed

KEY_FILE = "link.key"
KEY_BYTES = 32


class Seal:
    """Seals and opens texts with a key from the state folder, so that servers that share the folder open each other's.

    The key is read, or made, when it is first needed.

    Args:
        state_dir: The state folder.
    """

    def __init__(self, state_dir: Path) -> None:
        self._path = state_dir / KEY_FILE

    def seal(self, payload: bytes) -> str:
        """Give a token that nobody else can read or make; it may stand in a URL.

        Raises:
            StorageFailed: The state folder can't be written.
        """
        return self._codec.seal(payload)

    def unseal(self, token: str) -> bytes:
        """Give what was sealed.

        Raises:
            InvalidRequestState: The token is not ours.
            StorageFailed: The state folder can't be written.
        """
        return self._codec.unseal(token)

    @cached_property
    def _codec(self) -> AESGCMRequestStateCodec:
        folder = self._path.parent
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            return AESGCMRequestStateCodec([self._read() or self._make()])
        except OSError as error:
            raise StorageFailed(
                f"The state folder {folder} can't be written ({error.strerror}): "
                "set LIGHTBOX_STATE_DIR to a folder that can be."
            ) from error

    def _read(self) -> bytes | None:
        """Give the key; a file that is too short for one (a full disk, a copy that broke off) is removed."""
        if not self._path.exists():
            return None
        key = self._path.read_bytes()
        if len(key) >= KEY_BYTES:
            return key
        self._path.unlink(missing_ok=True)
        return None

    def _make(self) -> bytes:
        """Make the key, readable by its user alone, or take the one that another server has just made."""
        fresh = self._path.with_suffix(f".{secrets.token_hex(4)}")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(secrets.token_bytes(KEY_BYTES))
            with suppress(FileExistsError):
                os.link(fresh, self._path)  # whoever is first makes the key; nobody ever reads half of one
        finally:
            fresh.unlink()
        return self._path.read_bytes()
