"""What the server gives out and takes back (links, questions to the person), sealed so that nobody else can make it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mcp.server.request_state import AESGCMRequestStateCodec, InvalidRequestState

if TYPE_CHECKING:
    from lightbox.state.database import Database

KEY_NAME = "seal"


class Seal:
    """Seals and opens texts with a key from the state database, so that servers that share it open each other's.

    Args:
        key: 32 random bytes, where they are known already; else `take_key` is to be called first.
    """

    def __init__(self, key: bytes | None = None) -> None:
        self._codec = AESGCMRequestStateCodec([key]) if key else None

    async def take_key(self, database: Database) -> None:
        """Take the key that all servers of a database share.

        Raises:
            StorageFailed: The database can't be used.
        """
        from lightbox.state.shared_keys import shared_key  # noqa: PLC0415 - the first call has opened the database

        self._codec = AESGCMRequestStateCodec([await shared_key(database, KEY_NAME)])

    def seal(self, payload: bytes) -> str:
        """Give a token that nobody else can read or make; it may stand in a URL."""
        if self._codec is None:
            raise RuntimeError("nothing is sealed before a server's parts are opened")
        return self._codec.seal(payload)

    def unseal(self, token: str) -> bytes:
        """Give what was sealed.

        Raises:
            InvalidRequestState: The token is not ours, or the key was never taken.
        """
        if self._codec is None:
            raise InvalidRequestState("no key")
        return self._codec.unseal(token)
