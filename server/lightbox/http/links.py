"""Links to full pictures over HTTP: signed, and good for a while."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import secrets
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, urlencode

from lightbox.errors import StorageFailed

GOOD_FOR_SECONDS = 24 * 3600
KEY_BYTES = 32

_SECONDS = re.compile(r"[0-9]{1,12}")


class Links:
    """Signs and checks links, with a key that replicas of one state folder share.

    Args:
        key: The secret.
        clock: Seconds since the epoch.
    """

    def __init__(self, key: bytes, clock: Callable[[], float] = time.time) -> None:
        self._key = key
        self._clock = clock

    @classmethod
    def load(cls, state_dir: Path) -> Links:
        """Read the key below the state folder, or make it; readable by its user alone.

        Raises:
            StorageFailed: The state folder can't be written.
        """
        path = state_dir / "link.key"
        try:
            state_dir.mkdir(parents=True, exist_ok=True)
            return cls(path.read_bytes() if path.exists() else cls._made(path))
        except OSError as error:
            raise StorageFailed(
                f"The state folder {state_dir} can't be written ({error.strerror}): "
                "set LIGHTBOX_STATE_DIR to a folder that can be."
            ) from error

    @staticmethod
    def _made(path: Path) -> bytes:
        """Make the key, or read the one that another server has just made."""
        fresh = path.with_suffix(f".{secrets.token_hex(4)}")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
        try:
            os.link(fresh, path)  # whoever is first makes the key; nobody ever reads half of one
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
        return path.read_bytes()

    def key_for(self, purpose: str) -> bytes:
        """Give a key of 32 bytes for another purpose, the same for all servers of one state folder."""
        return hmac.new(self._key, purpose.encode(), hashlib.sha256).digest()

    def sign(self, base: str, owner: str, handle: str) -> str:
        """Give a link to a picture, e.g. `http://host/images/img_…?owner=…&expires=…&signature=…`."""
        expires = int(self._clock()) + GOOD_FOR_SECONDS
        query = {"owner": owner, "expires": expires, "signature": self._signature(owner, handle, expires)}
        return f"{base}/images/{quote(handle)}?{urlencode(query)}"

    def good(self, owner: str, handle: str, expires: str, signature: str) -> bool:
        """Tell whether a link is ours and has not expired."""
        if not _SECONDS.fullmatch(expires) or int(expires) < self._clock():
            return False
        return hmac.compare_digest(signature.encode(), self._signature(owner, handle, int(expires)).encode())

    def _signature(self, owner: str, handle: str, expires: int) -> str:
        signed = json.dumps([owner, handle, expires])  # no two triples read the same
        return hmac.new(self._key, signed.encode(), hashlib.sha256).hexdigest()
