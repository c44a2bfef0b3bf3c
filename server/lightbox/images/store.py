"""The picture store: every picture that the server knows, under its handle.

Rows are in the state database, bytes in folders. Importing this module imports SQLAlchemy.
"""

from __future__ import annotations

import logging
from asyncio import get_running_loop
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from anyio import CancelScope, move_on_after, sleep
from anyio.to_thread import run_sync

from lightbox.errors import BadReference, StorageFailed
from lightbox.images.copies import Copies
from lightbox.images.fetch import Fetcher
from lightbox.images.files import (
    PARTIALS,
    PICTURES,
    ContentFolder,
    PartialFolder,
    read_given,
    read_kept,
    recognisable_name,
    write_new,
)
from lightbox.images.inspection import MAX_BYTES, MAX_PIXELS, Inspected, inspect_bytes, inspect_made
from lightbox.images.picture import Picture
from lightbox.images.records import add_bytes, add_given_address, by_bytes, by_handle, derive_handle, mark_used, update
from lightbox.images.reference import DataURI, FileId, Handle, LocalFile, Reference, WebAddress, parse_reference
from lightbox.state.database import Database

if TYPE_CHECKING:
    from sqlalchemy import Connection

logger = logging.getLogger(__name__)

_LONG = 64 * 1024  # characters of a reference that is read off the event loop
_NOTE_SECONDS = 0.5
"""How long a call waits until what no answer depends on is written down; it is written all the same."""
MOST_FRESH = 32_000_000
"""How many bytes of pictures just made are held for their answers; the latest is, however large."""
FRESH_SECONDS = 30.0

RECORD_AGAIN_SECONDS = (0.5, 2.0, 8.0, 20.0, 30.0)
"""A database that is locked or full for a minute must not lose the handle of a picture that was paid for."""


def _now() -> datetime:
    return datetime.now().astimezone()


class PictureStore:
    """Every picture that the server knows, under its handle.

    Args:
        database: The state database.
        image_dir: The folder for made pictures (the setting IMAGE_DIR).
        state_dir: The state folder; bytes of given and fetched pictures are kept in its `pictures`, unfinished
            ones in its `partials`.
        fetcher: Fetches found pictures.
        read_dirs: Folders below which given files may be (the setting READ_DIRS); none over HTTP.
        clock: Gives the time, with its zone: a saved picture is named by the day there.
        record_again: The pauses, in seconds, after which a made picture is written down again where that failed.
        max_bytes: The most bytes that a given picture may have.
        max_pixels: The most px that a picture may have, width times height.
        shows_paths: Whether callers may read this machine's paths: not over HTTP, where the log alone names them.
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
        record_again: Sequence[float] = RECORD_AGAIN_SECONDS,
        max_bytes: int = MAX_BYTES,
        max_pixels: int = MAX_PIXELS,
        shows_paths: bool = True,
    ) -> None:
        self._shows_paths = shows_paths
        self._database = database
        self._image_dir = image_dir
        self._content = ContentFolder(state_dir / PICTURES, None if shows_paths else "The state folder")
        self._copies = Copies(self._content)
        self._partials = PartialFolder(state_dir / PARTIALS)
        self._fetcher = fetcher
        self._read_dirs = tuple(read_dirs)
        self._clock = clock
        self._record_again = tuple(record_again)
        self._max_bytes = max_bytes
        self._max_pixels = max_pixels
        self._fresh: dict[str, bytes] = {}

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

        Where the image folder can't be written, the picture is kept in the state folder and its `note` says so. What
        was paid for is kept however large it is, and whatever it is: a drawing, or bytes that nobody here knows.

        Raises:
            StorageFailed: Neither folder can be written, or the database; then the text says where the picture is.
        """
        news = {
            "origin": "made",
            "prompt": prompt,
            "provider": provider,
            "model": model,
            "response_id": response_id,
            "item_id": item_id,
        }
        made = self._new(owner, **news)
        with CancelScope(shield=True):  # a caller that goes must not lose what was paid for
            inspected = await run_sync(inspect_made, data)
            known = await self._of_same_bytes(owner, inspected.sha256)
            if known is not None and known.origin == "made" and await run_sync(self._kept, known) is not None:
                path, note = known.path, known.note
            else:
                handle = known.handle if known else derive_handle(owner, f"bytes:{inspected.sha256}")
                path, note = await run_sync(self._save, handle, prompt, data, inspected)
            made = replace(made, path=path, note=note, **_told(inspected))
            made = await self._recorded(made)
            self._refresh(inspected.sha256, data)
        return made

    async def keep_damaged(self, data: bytes) -> Path:
        """Save what came in the place of a made picture and can't be read, beside the pictures; gives its path.

        Raises:
            StorageFailed: The image folder can't be written.
        """
        name = f"{self._clock():%Y-%m-%d}-{sha256(data).hexdigest()[:12]}.damaged"
        try:
            return await run_sync(write_new, self._image_dir, name, data)
        except OSError as error:
            raise StorageFailed(
                f"The image folder {self._image_dir} can't be written ({error.strerror}): "
                "set LIGHTBOX_IMAGE_DIR to a folder that can be."
            ) from error

    async def known(self, owner: str, handle: str) -> Picture:
        """Give the picture of a handle that a call names; from here on it counts as used.

        Raises:
            BadReference: The owner has no such picture.
        """
        picture = await self._database.read(partial(by_handle, owner=owner, handle=handle))
        if picture is None:
            raise BadReference(
                f"No picture is known here as {handle}: pass a handle exactly as a tool gave it, or the picture itself "
                "(an http(s) URL, a path or a data URI)."
            )
        await self._mark_used(picture)
        return picture

    async def resolve(self, owner: str, reference: str) -> Picture | FileId:
        """Turn any image reference into a picture with a handle; a provider's file id passes through.

        A URL is not fetched (`load` does that); a file or data URI is read, checked and kept.

        Raises:
            BadReference: The reference is in no known form, or names nothing.
            BadPicture: What it names is no picture, or too much of one.
            Forbidden: A file outside the folders that may be read, or a URL that may not be fetched.
        """
        match await self._parse(reference):
            case Handle(value):
                return await self.known(owner, value)
            case WebAddress(url):
                return await self._given_address(owner, url)
            case LocalFile(path):
                read = partial(read_given, path, self._read_dirs, self._max_bytes, names_folders=self._shows_paths)
                resolved, data = await run_sync(read, abandon_on_cancel=True)  # a network disk may take its time
                return await self._given_bytes(owner, data, str(path), resolved)
            case DataURI(data=data):
                return await self._given_bytes(owner, data, "The data URI", None)
            case FileId() as file:
                return file

    async def load(self, picture: Picture) -> bytes:
        """Give the true bytes of a picture: from its file, from what was kept, or from the web.

        Raises:
            FetchFailed, Forbidden: The web does not give it.
            BadPicture: The web gives something that is no picture, or too much of one.
            BadReference: Its file is gone or was changed.
        """
        _, data = await self.open(picture)
        return data

    async def open(self, picture: Picture) -> tuple[Picture, bytes]:
        """Give the bytes, and the picture with what they tell (size, type, hash); raises as `load` does."""
        if picture.sha256 is not None:
            data = await run_sync(self._kept, picture)
            if data is not None:
                return picture, data
        if picture.url is None:
            raise BadReference(self._gone(picture))
        return await self._fetched(picture, picture.url)

    async def open_made(self, picture: Picture) -> tuple[Picture, bytes]:
        """Give a picture for the answer of the job that made it, without reading back what was just written."""
        data = self._fresh.pop(picture.sha256 or "", None)
        return (picture, data) if data is not None else await self.open(picture)

    def inspected(self, picture: Picture) -> Inspected | None:
        """Give what the bytes of a picture told, where its file was given a moment ago; `None` of all others."""
        return self._copies.inspected(picture.sha256 or "")

    async def close(self) -> None:
        """Copy the given files that wait for it."""
        await run_sync(self._copies.close)

    async def save_partial(self, job_id: str, data: bytes) -> None:
        """Keep the latest unfinished picture of a job; where that fails, nothing is lost but the look at it."""
        try:
            await run_sync(self._partials.put, job_id, data)
        except OSError as error:
            logger.warning("the unfinished picture of %s could not be kept: %s", job_id, error.strerror)

    async def partial(self, job_id: str) -> bytes | None:
        """Give the latest unfinished picture of a job; `None` where there is none."""
        return await run_sync(self._partials.get, job_id)

    async def forget_partial(self, job_id: str) -> None:
        """Remove the unfinished picture of a job that has ended."""
        await run_sync(self._partials.remove, job_id)

    def _refresh(self, sha256: str, data: bytes) -> None:
        """Hold what was just made for its answer, which is about to be shaped: to read it back takes a while."""
        self._fresh[sha256] = data
        while sum(map(len, self._fresh.values())) > MOST_FRESH and len(self._fresh) > 1:
            del self._fresh[next(iter(self._fresh))]
        get_running_loop().call_later(FRESH_SECONDS, self._fresh.pop, sha256, None)

    async def _mark_used(self, picture: Picture) -> None:
        """Write down the first use of a found picture, so that it is not pruned."""
        if picture.origin == "found" and picture.used_at is None:
            now = self._clock().timestamp()
            await self._note(partial(mark_used, owner=picture.owner, handles=[picture.handle], now=now))

    async def _note(self, function: Callable[[Connection], None]) -> None:
        """Write down what no answer depends on: a database that fails, or takes its time, is not in the way."""
        try:
            with move_on_after(_NOTE_SECONDS):
                await self._database.write(function)
        except StorageFailed as error:
            logger.warning("what was learnt of a picture could not be written down: %s", error)

    async def _parse(self, reference: str) -> Reference:
        """Read a reference; a long one, a picture as a data URI, off the event loop."""
        limit = self._max_bytes * 3 // 2
        if len(reference) > limit:
            raise BadReference(
                f"An image reference is {len(reference):,} characters long: a data URI may hold "
                f"{self._max_bytes / 1e6:.0f} MB. Pass a path or a URL, or a smaller copy."
            )
        if len(reference) > _LONG:
            return await run_sync(parse_reference, reference)
        return parse_reference(reference)

    async def _given_address(self, owner: str, url: str) -> Picture:
        self._fetcher.guard.check_url(url)
        now = self._clock().timestamp()
        return await self._database.write(partial(add_given_address, owner=owner, url=url, now=now))

    async def _given_bytes(self, owner: str, data: bytes, name: str, path: Path | None) -> Picture:
        inspected = await run_sync(
            partial(inspect_bytes, data, name, max_bytes=self._max_bytes, max_pixels=self._max_pixels)
        )
        # A file is copied when its call has been answered; what came inside the call is nowhere else.
        await run_sync(self._content.put if path is None else self._copies.put, data, inspected)
        candidate = self._new(owner, origin="given", path=path, **_told(inspected))
        picture = await self._database.write(partial(add_bytes, candidate=candidate))
        await self._mark_used(picture)
        return picture

    async def _of_same_bytes(self, owner: str, sha256: str) -> Picture | None:
        """Give the picture that the owner has of these bytes; None where there is none, or nobody can tell now."""
        try:
            return await self._database.read(partial(by_bytes, owner=owner, sha256=sha256))
        except StorageFailed:
            return None

    async def _recorded(self, made: Picture) -> Picture:
        """Give a made picture, which is saved, its handle, again and again while the database can't be written.

        Raises:
            StorageFailed: It can't be, for a minute; the text says where the picture is.
        """

        def write(connection: Connection) -> Picture:
            known = add_bytes(connection, made)
            kept = replace(made, handle=known.handle, created_at=known.created_at)
            update(connection, kept)
            return kept

        for pause in self._record_again:
            try:
                return await self._database.write(write)
            except StorageFailed:
                logger.warning("a made picture could not be written down yet; it is tried again")
                await sleep(pause)
        try:
            return await self._database.write(write)
        except StorageFailed as error:
            raise self._unrecorded(made.path) from error

    def _new(self, owner: str, **told: Any) -> Picture:
        """Make a picture that has no handle yet."""
        return Picture(handle="", owner=owner, created_at=self._clock().astimezone(UTC), **told)

    def _save(self, handle: str, prompt: str, data: bytes, inspected: Inspected) -> tuple[Path, str | None]:
        """Write a made picture where the person looks for it; where that fails, where it is not lost."""
        name = recognisable_name(prompt, handle, inspected.mime_type, self._clock())
        there = self._image_dir / name
        if read_kept(there, len(data)) == data:  # saved by a server that was killed before it wrote that down
            return there, None
        try:
            return write_new(self._image_dir, name, data), None
        except OSError as error:
            logger.warning("the image folder %s can't be written: %s", self._image_dir, error.strerror)
            folder = f"The image folder {self._image_dir}" if self._shows_paths else "The image folder"
            trouble = f"{folder} can't be written ({error.strerror}): set LIGHTBOX_IMAGE_DIR to a folder that can be."
        try:
            return self._content.put(data, inspected), f"{trouble} The picture was kept in the state folder instead."
        except StorageFailed as error:
            raise StorageFailed(f"{trouble} {error}") from error

    def _kept(self, picture: Picture) -> bytes | None:
        """Read a picture that was seen before; a file that was changed since is another picture."""
        if picture.sha256 is None or picture.mime_type is None:
            return None
        data = self._copies.get(picture.sha256) or self._content.get(picture.sha256, picture.mime_type)
        if data is not None and len(data) == picture.byte_count:
            return data
        if picture.path is None:
            return None
        data = read_kept(picture.path, picture.byte_count)
        return data if data is not None and sha256(data).hexdigest() == picture.sha256 else None

    def _unrecorded(self, path: Path | None) -> StorageFailed:
        logger.warning("a picture was saved as %s, but the state database can't be written", path)
        saved, pass_it = (f"saved as {path}", "pass its path, and see") if self._shows_paths else ("saved", "see")
        return StorageFailed(
            f"The picture was {saved}, but the state database can't be written, so it has no handle: "
            f"{pass_it} to the state folder (LIGHTBOX_STATE_DIR)."
        )

    def _gone(self, picture: Picture) -> str:
        if picture.path is None:
            return f"The bytes of {picture.handle} are no longer kept here: pass the picture again."
        if not self._shows_paths:
            return f"The file of {picture.handle} is gone or was changed since: pass the picture again."
        return (
            f"The file of {picture.handle}, {picture.path}, is gone or was changed since: "
            "pass the path of the picture as it is now."
        )

    async def _fetched(self, picture: Picture, url: str) -> tuple[Picture, bytes]:
        data = await self._fetcher.fetch(url)
        inspected = await run_sync(partial(inspect_bytes, data, url, max_pixels=self._max_pixels))
        with suppress(StorageFailed):  # a picture that can't be kept can still be shown
            await run_sync(self._content.put, data, inspected)
        seen = replace(picture, **_told(inspected))
        if seen != picture:
            await self._note(partial(update, picture=seen))
        return seen, data


def _told(inspected: Inspected) -> dict[str, Any]:
    return {
        "width": inspected.width,
        "height": inspected.height,
        "mime_type": inspected.mime_type,
        "byte_count": inspected.byte_count,
        "sha256": inspected.sha256,
    }
