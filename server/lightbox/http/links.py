"""Links to full pictures over HTTP: good for 15 minutes, and for one picture of one caller."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from mcp.server.request_state import InvalidRequestState

from lightbox.http.sealing import Seal

GOOD_FOR_SECONDS = 15 * 60

_KIND = "link"
"""What is sealed says what it is for: a question's token opens no picture, and a link answers no question."""


@dataclass(frozen=True, slots=True)
class Link:
    """What a link opens: a picture of this caller's, for so many seconds more."""

    owner: str
    seconds: int


class Links:
    """Makes links and opens them.

    Args:
        seal: What they are sealed with.
        clock: Seconds since the epoch.
    """

    def __init__(self, seal: Seal, clock: Callable[[], float] = time.time) -> None:
        self._seal = seal
        self._clock = clock

    def make(self, base: str, owner: str, handle: str) -> str:
        """Give a link to a picture, e.g. `http://host/images/img_…?token=…`; `base` is the server's address."""
        expires = int(self._clock()) + GOOD_FOR_SECONDS
        token = self._seal.seal(json.dumps([_KIND, owner, handle, expires], separators=(",", ":")).encode())
        return f"{base}/images/{quote(handle)}?{urlencode({'token': token})}"

    def opened(self, handle: str, token: str) -> Link | None:
        """Give what a link opens; None where it is not ours, or not good any more."""
        try:
            kind, owner, sealed_handle, expires = json.loads(self._seal.unseal(token))
        except (InvalidRequestState, ValueError):
            return None
        left = int(expires - self._clock()) if kind == _KIND and sealed_handle == handle else -1
        return Link(owner, left) if left >= 0 else None
