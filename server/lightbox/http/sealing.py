"""Questions to the person travel to the client and back sealed, with a key that servers of one state folder share."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from mcp.server.request_state import AESGCMRequestStateCodec

from lightbox.http.links import Links


class SharedSeal:
    """Seals with a key from the state folder, which is looked for when the first question is asked.

    So a call that one server put to the person can be taken up by another behind the same balancer.
    """

    def __init__(self, state_dir: Path) -> None:
        self._state_dir = state_dir

    def seal(self, payload: bytes) -> str:
        """Give a token that nobody else can read or make."""
        return self._codec.seal(payload)

    def unseal(self, token: str) -> bytes:
        """Give what was sealed.

        Raises:
            InvalidRequestState: The token is not ours.
        """
        return self._codec.unseal(token)

    @cached_property
    def _codec(self) -> AESGCMRequestStateCodec:
        return AESGCMRequestStateCodec([Links.load(self._state_dir).key_for("questions to the person")])
