"""The picture store: every picture that the server knows, under its handle.

Rows are in the state database, bytes in folders. Importing this module imports SQLAlchemy.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime
from pathlib import Path

from lightbox.images.fetch import Fetcher
from lightbox.images.picture import FoundPicture, Picture
from lightbox.images.reference import FileId
from lightbox.state import Database


def _now() -> datetime:
    return datetime.now(UTC)


class PictureStore:
    """Every picture that the server knows, under its handle.

    Args:
        database: The state database.
        image_dir: The folder for made pictures (the setting IMAGE_DIR).
        state_dir: The state folder; bytes of given and fetched pictures are kept in its `pictures`.
        fetcher: Fetches found pictures.
        read_dirs: Folders below which given files may be (the setting READ_DIRS); none over HTTP.
        clock: Gives the time, with its zone.
        max_bytes: The most bytes that a given picture may have.
        max_pixels: The most px that a picture may have, width times height.
    """

    def __init__(
        self,
        database: Database,
        *,
        image_dir: Path,
        state_dir: Path,
        fetcher: Fetcher,
        read_dirs: Collection[Path] = (),
        clock: Callable[[], datetime] = _now,
        max_bytes: int = 32 * 1024 * 1024,
        max_pixels: int = 80_000_000,
    ) -> None:
        raise NotImplementedError

    async def found(self, owner: str, hits: Sequence[FoundPicture], provider: str) -> list[Picture]:
        """Give every hit its handle, in the order of the hits and in one transaction; the same URL, the same handle."""
        raise NotImplementedError

    async def keep(
        self,
        owner: str,
        data: bytes,
        *,
        prompt: str,
        provider: str,
        model: str | None = None,
        response_id: str | None = None,
        item_id: str | None = None,
    ) -> Picture:
        """Save a made picture in the image folder under a name that one recognises; nothing is overwritten.

        Where the image folder can't be written, the picture is kept in the state folder and its `note` says so.

        Raises:
            BadPicture: The bytes are no picture.
            StorageFailed: Neither folder can be written.
        """
        raise NotImplementedError

    async def known(self, owner: str, handle: str) -> Picture:
        """Give the picture of a handle.

        Raises:
            BadReference: The owner has no such picture.
        """
        raise NotImplementedError

    async def resolve(self, owner: str, reference: str) -> Picture | FileId:
        """Turn any image reference into a picture with a handle; a provider's file id passes through.

        A URL is not fetched (`load` does that); a file or data URI is read, checked and kept.

        Raises:
            BadReference: The reference is in no known form, or names nothing.
            BadPicture: What it names is no picture, or too much of one.
            Forbidden: A file outside the folders that may be read, or a URL that may not be fetched.
        """
        raise NotImplementedError

    async def load(self, picture: Picture) -> bytes:
        """Give the true bytes of a picture: from its file, from what was kept, or from the web.

        Raises:
            FetchFailed, Forbidden: The web does not give it.
            BadPicture: The web gives something that is no picture, or too much of one.
            BadReference: Its file is gone or was changed.
        """
        raise NotImplementedError

    async def open(self, picture: Picture) -> tuple[Picture, bytes]:
        """Give the bytes, and the picture with what they tell (size, type, hash); raises as `load` does."""
        raise NotImplementedError
