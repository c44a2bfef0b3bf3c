"""The picture store: every picture that the server knows, under its handle.

Rows are in the state database, bytes in a folder or an object store; what a model made is in the image folder too,
under a name that one recognises. Importing this module imports SQLAlchemy.
"""

from __future__ import annotations

import logging
from asyncio import get_running_loop
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from anyio import CancelScope, create_task_group, move_on_after, sleep
from anyio.to_thread import run_sync

from lightbox.errors import BadReference, StorageFailed
from lightbox.images.content import Content, content_key, partial_key
from lightbox.images.content_folder import FolderContent
from lightbox.images.copies import Copies
from lightbox.images.fetch import Fetcher
from lightbox.images.files import read_given, read_kept, recognisable_name, write_new, write_once
from lightbox.images.inspection import MAX_BYTES, MAX_PIXELS, Inspected, inspect_bytes, inspect_made
from lightbox.images.picture import Picture
from lightbox.images.records import (
    add_bytes,
    add_given_address,
    add_sheet,
    by_bytes,
    by_handle,
    derive_handle,
    mark_used,
    update,
)
from lightbox.images.reference import DataURI, FileId, Handle, LocalFile, Reference, WebAddress, parse_reference
from lightbox.images.rendition import Rendition
from lightbox.state.database import Database
from lightbox.telemetry.observer import UNOBSERVED, Observer

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
        content: Where the bytes of given, fetched and unfinished pictures are kept.
        spare: The state folder: where made pictures are kept when they can't be kept where they belong.
        image_dir: The folder for made pictures (the setting IMAGE_DIR); None where nobody looks into it, for callers
            are elsewhere and `content` has them all.
        keeps_made: Whether `content` gets the made pictures too: other servers read it.
        fetcher: Fetches found pictures.
        read_dirs: Folders below which given files may be (the setting READ_DIRS); none over HTTP.
        clock: Gives the time, with its zone: a saved picture is named by the day there.
        record_again: The pauses, in seconds, after which a made picture is written down again where that failed.
        max_bytes: The most bytes that a given picture may have.
        max_pixels: The most px that a picture may have, width times height.
        shows_paths: Whether callers may read this machine's paths: not over HTTP, where the log alone names them.
        observer: Is told how many bytes are kept.
        on_made: Is told the owner of each picture that was made.
    """

    def __init__(
        self,
        database: Database,
        *,
        content: Content,
        spare: FolderContent,
        image_dir: Path | None,
        keeps_made: bool = False,
        fetcher: Fetcher,
        read_dirs: Collection[Path] = (),
        clock: Callable[[], datetime] = _now,
        record_again: Sequence[float] = RECORD_AGAIN_SECONDS,
        max_bytes: int = MAX_BYTES,
        max_pixels: int = MAX_PIXELS,
        shows_paths: bool = True,
        observer: Observer = UNOBSERVED,
        on_made: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._on_made = on_made
        self._observer = observer
        self._shows_paths = shows_paths
        self._database = database
        self._image_dir = image_dir
        self._content = content
        self._spare = spare
        self._copies = Copies(spare) if content is spare else None
        self._keeps_made = keeps_made or image_dir is None
        self._fetcher = fetcher
        self._read_dirs = tuple(read_dirs)
        self._clock = clock
        self._record_again = tuple(record_again)
        self._max_bytes = max_bytes
        self._max_pixels = max_pixels
        self._fresh: dict[str, bytes] = {}
        self._unfinished: set[str] = set()

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
        parent: str | None = None,
        job_id: str | None = None,
    ) -> Picture:
        """Save a made picture in the image folder under a name that one recognises; nothing is overwritten.

        Where other servers share the pictures, it is also, or only, in the object store. Where it can't be written, the
        picture is kept in the state folder and its `note` says so. What was paid for is kept however large it is, and
        whatever it is: a drawing, or bytes that nobody here knows.

        Raises:
            StorageFailed: It can be written nowhere, or not the database; then the text says where the picture is.
        """
        news = {
            "origin": "made",
            "prompt": prompt,
            "provider": provider,
            "model": model,
            "response_id": response_id,
            "item_id": item_id,
            "parent": parent,
            "job_id": job_id,
        }
        made = self._new(owner, **news)
        with CancelScope(shield=True):  # a caller that goes must not lose what was paid for
            inspected = await run_sync(inspect_made, data)
            known = await self._of_same_bytes(owner, inspected.sha256)
            if known is not None and known.origin == "made" and await self._is_kept(known):
                made = replace(made, path=known.path, note=known.note)
            else:
                made = await self._written(made, known, prompt, data, inspected)
            made = await self._recorded(replace(made, **_told(inspected)))
            self._announce(made, data)
        return made

    async def keep_transformed(self, data: bytes, parent: Picture, *, same_work: bool = False) -> Picture:
        """Save what was made here of a picture, as `keep` does; bytes that the owner has already stay what they are.

        `same_work`: it is still what a model made for its job, though in another size; no response holds it.

        Raises:
            StorageFailed: As `keep`.
        """
        prompt, title = parent.prompt, parent.title
        made = self._new(parent.owner, origin="made", prompt=prompt, title=title, parent=parent.handle)
        if same_work:
            made = replace(made, provider=parent.provider, model=parent.model, job_id=parent.job_id)
        inspected = await run_sync(inspect_made, data)
        known = await self._of_same_bytes(parent.owner, inspected.sha256)
        if known is not None and await self._is_kept(known):
            return known
        words = prompt or title or (parent.path.stem if parent.path else "")
        with CancelScope(shield=True):  # a file is never left without its row
            made = await self._written(made, known, words, data, inspected)
            made = await self._recorded(replace(made, **_told(inspected)))
            self._announce(made, data)
        return made

    async def _written(
        self, made: Picture, known: Picture | None, words: str, data: bytes, inspected: Inspected
    ) -> Picture:
        """Write the file of a made picture, under the handle of the one of the same bytes that is `known`."""
        handle = known.handle if known else derive_handle(made.owner, f"bytes:{inspected.sha256}")
        path, note = await self._save(handle, words, data, inspected)
        self._observer.moved("stored", len(data))
        return replace(made, path=path, note=note)

    def _announce(self, made: Picture, data: bytes) -> None:
        """Say that there is one more made picture, which is about to be answered."""
        self._on_made(made.owner)
        self._refresh(made.sha256 or "", data)

    async def keep_sheet(self, owner: str, sheet: Rendition, title: str) -> Picture:
        """Keep a contact sheet for a while under a handle: it can be made again, so nobody waits for the disk.

        Raises:
            StorageFailed: It can't be kept.
        """
        digest = sha256(sheet.data).hexdigest()
        key = content_key(digest, sheet.mime_type)
        candidate = self._new(
            owner,
            origin="sheet",
            title=title,
            width=sheet.width,
            height=sheet.height,
            mime_type=sheet.mime_type,
            byte_count=len(sheet.data),
            sha256=digest,
        )
        if self._content is not self._spare:
            path = await self._content.put(key, sheet.data, sheet.mime_type)
            return await self._database.write(partial(add_sheet, candidate=replace(candidate, path=path)))
        candidate = replace(candidate, path=self._spare.path(key))
        kept: list[Picture] = []

        async def note() -> None:
            kept.append(await self._database.write(partial(add_sheet, candidate=candidate)))

        try:
            async with create_task_group() as tasks:
                tasks.start_soon(note)
                await run_sync(partial(self._spare.put_now, key, sheet.data, lasting=False))
        except* StorageFailed as group:
            raise StorageFailed(str(group.exceptions[0])) from group
        return kept[0]

    async def keep_damaged(self, data: bytes) -> Path:
        """Save what came in the place of a made picture and can't be read, beside the pictures; gives its path.

        Raises:
            StorageFailed: The folder can't be written.
        """
        folder = self._image_dir or self._spare.folder / "damaged"
        name = f"{self._clock():%Y-%m-%d}-{sha256(data).hexdigest()[:12]}.damaged"
        try:
            return await run_sync(write_new, folder, name, data)
        except OSError as error:
            what = "LIGHTBOX_IMAGE_DIR" if self._image_dir else "LIGHTBOX_STATE_DIR"
            raise StorageFailed(
                f"The folder {folder} can't be written ({error.strerror}): set {what} to a folder that can be."
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
            StorageFailed: The object store does not answer.
        """
        _, data = await self.open(picture)
        return data

    async def open(self, picture: Picture) -> tuple[Picture, bytes]:
        """Give the bytes, and the picture with what they tell (size, type, hash); raises as `load` does."""
        try:
            data = await self.kept(picture)
        except StorageFailed as error:
            if picture.url is None:
                raise
            logger.warning("%s is fetched again: %s", picture.handle, error)
            data = None
        if data is not None:
            return picture, data
        if picture.url is None:
            raise BadReference(self._gone(picture))
        return await self._fetched(picture, picture.url)

    async def hold(self, picture: Picture, data: bytes) -> None:
        """Make sure that the bytes of a picture are where every server finds them, as those of a saved one must be.

        Raises:
            StorageFailed: They can't be kept.
        """
        if picture.sha256 is not None and picture.mime_type is not None:
            await self._content.put(content_key(picture.sha256, picture.mime_type), data, picture.mime_type)

    async def open_made(self, picture: Picture) -> tuple[Picture, bytes]:
        """Give a picture for the answer of the job that made it, without reading back what was just written."""
        data = self._fresh.pop(picture.sha256 or "", None)
        return (picture, data) if data is not None else await self.open(picture)

    def inspected(self, picture: Picture) -> Inspected | None:
        """Give what the bytes of a picture told, where its file was given a moment ago; `None` of all others."""
        return self._copies.inspected(picture.sha256 or "") if self._copies else None

    async def close(self) -> None:
        """Copy the given files that wait for it."""
        if self._copies:
            await run_sync(self._copies.close)

    async def address(self, picture: Picture, seconds: int) -> str | None:
        """Give an address, signed by the object store, under which anybody fetches a picture for so long.

        None where this server has to send it.
        """
        if picture.sha256 is None or picture.mime_type is None:
            return None
        return await self._content.address(content_key(picture.sha256, picture.mime_type), seconds)

    async def stream(self, picture: Picture) -> AsyncIterator[bytes] | None:
        """Give the true bytes of a picture in pieces; None where they must be opened (`open`).

        Raises:
            StorageFailed: The object store does not answer.
        """
        if picture.sha256 is None or picture.mime_type is None or picture.byte_count is None:
            return None
        return await self._content.stream(content_key(picture.sha256, picture.mime_type), picture.byte_count)

    async def save_partial(self, job_id: str, data: bytes) -> None:
        """Keep the latest unfinished picture of a job; where that fails, nothing is lost but the look at it."""
        self._unfinished.add(job_id)
        try:
            await self._content.replace(partial_key(job_id), data)
        except StorageFailed as error:
            logger.warning("the unfinished picture of %s could not be kept: %s", job_id, error)

    async def partial(self, job_id: str) -> bytes | None:
        """Give the latest unfinished picture of a job; `None` where there is none."""
        return await self._content.get(partial_key(job_id))

    async def forget_partial(self, job_id: str) -> None:
        """Remove the unfinished picture of a job that has ended here; those of servers that were killed are pruned."""
        if job_id in self._unfinished:
            self._unfinished.discard(job_id)
            await self._content.forget(partial_key(job_id))

    def _refresh(self, sha256: str, data: bytes) -> None:
        """Hold what was just made for its answer, which is about to be shaped: to read it back takes a while."""
        self._fresh[sha256] = data
        while sum(map(len, self._fresh.values())) > MOST_FRESH and len(self._fresh) > 1:
            del self._fresh[next(iter(self._fresh))]
        get_running_loop().call_later(FRESH_SECONDS, self._fresh.pop, sha256, None)

    async def _mark_used(self, picture: Picture) -> None:
        """Write down the first use of a found picture, so that it is not pruned."""
        if picture.origin in {"found", "sheet"} and picture.used_at is None:
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
        if self._copies and path:  # a file is copied when its call has been answered; what came inside is nowhere else
            await run_sync(self._copies.put, data, inspected)
        else:
            await self._put(data, inspected)
        self._observer.moved("stored", len(data))
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
            parent = None if made.parent == known.handle else made.parent  # an edit that changed nothing
            kept = replace(made, handle=known.handle, created_at=known.created_at, parent=parent)
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

    async def _save(
        self, handle: str, prompt: str, data: bytes, inspected: Inspected
    ) -> tuple[Path | None, str | None]:
        """Write a made picture where others read it and where the person looks for it, or else where it is not lost.

        Gives its file, and what the person should know.
        """
        kept, troubles = False, list[str]()
        if self._keeps_made:
            try:
                await self._put(data, inspected)
                kept = True
            except StorageFailed as error:
                logger.warning("a made picture could not be kept: %s", error)
                troubles.append(str(error))
        if self._image_dir is not None:
            name = recognisable_name(prompt, handle, inspected.mime_type, self._clock())
            try:
                path = await run_sync(write_once, self._image_dir, name, data)
            except OSError as error:
                logger.warning("the image folder %s can't be written: %s", self._image_dir, error.strerror)
                folder = f"The image folder {self._image_dir}" if self._shows_paths else "The image folder"
                why = f"{folder} can't be written ({error.strerror})"
                troubles.append(f"{why}: set LIGHTBOX_IMAGE_DIR to a folder that can be.")
            else:
                only_here = [*troubles, "The picture is on this machine alone."]
                return path, " ".join(only_here) if troubles else None
        trouble = " ".join(troubles)
        if kept:
            return None, f"{trouble} The picture was kept in the object store." if trouble else None
        try:
            path = await self._put(data, inspected, self._spare)
        except StorageFailed as error:
            raise StorageFailed(f"{trouble} {error}") from error
        return path, f"{trouble} The picture was kept in the state folder instead."

    async def _put(self, data: bytes, inspected: Inspected, where: Content | None = None) -> Path | None:
        key = content_key(inspected.sha256, inspected.mime_type)
        return await (where or self._content).put(key, data, inspected.mime_type)

    async def _is_kept(self, picture: Picture) -> bool:
        """Tell whether a picture's bytes are there; not, where nobody can tell now."""
        try:
            return await self.kept(picture) is not None
        except StorageFailed:
            return False

    async def kept(self, picture: Picture) -> bytes | None:
        """Read a picture that was seen before: a made one from its file if it can be, others from what was kept.

        Nothing is fetched: None where its bytes are not here.

        Raises:
            StorageFailed: The object store does not answer, and there is no file.
        """
        if picture.sha256 is None or picture.mime_type is None:
            return None
        data = self._copies.get(picture.sha256) if self._copies else None
        if data is None and picture.origin == "made":
            data = await run_sync(_read_unchanged, picture)
        if data is not None:
            return data
        key = content_key(picture.sha256, picture.mime_type)
        try:
            data = await self._content.get(key, picture.byte_count)
        except StorageFailed:
            data = await run_sync(_read_unchanged, picture)
            if data is None:
                raise
        return data if data is not None else await run_sync(_read_unchanged, picture)

    def _unrecorded(self, path: Path | None) -> StorageFailed:
        where = path or "in the object store"
        logger.warning("a picture was saved (%s), but the state database can't be written", where)
        named = path is not None and self._shows_paths
        saved, pass_it = (f"saved as {path}", "pass its path, and see") if named else ("saved", "see")
        return StorageFailed(
            f"The picture was {saved}, but the state database can't be written, so it has no handle: "
            f"{pass_it} to the state folder (LIGHTBOX_STATE_DIR)."
        )

    def _gone(self, picture: Picture) -> str:
        if picture.origin == "sheet":
            return f"The contact sheet {picture.handle} is no longer kept: view_images makes it again."
        if picture.path is None:
            return f"The bytes of {picture.handle} are no longer kept here: pass the picture again."
        if not self._shows_paths:
            return (
                f"The file of {picture.handle} is gone or was changed since, or another server has it: "
                "pass the picture again."
            )
        return (
            f"The file of {picture.handle}, {picture.path}, is gone or was changed since: "
            "pass the path of the picture as it is now."
        )

    async def _fetched(self, picture: Picture, url: str) -> tuple[Picture, bytes]:
        data = await self._fetcher.fetch(url)
        inspected = await run_sync(partial(inspect_bytes, data, url, max_pixels=self._max_pixels))
        with suppress(StorageFailed):  # a picture that can't be kept can still be shown
            await self._put(data, inspected)
            self._observer.moved("stored", len(data))
        seen = replace(picture, **_told(inspected))
        if seen != picture:
            await self._note(partial(update, picture=seen))
        return seen, data


def _read_unchanged(picture: Picture) -> bytes | None:
    """Read the file of a picture; one that was changed since is another picture."""
    data = None if picture.path is None else read_kept(picture.path, picture.byte_count)
    return data if data is not None and sha256(data).hexdigest() == picture.sha256 else None


def _told(inspected: Inspected) -> dict[str, Any]:
    return {
        "width": inspected.width,
        "height": inspected.height,
        "mime_type": inspected.mime_type,
        "byte_count": inspected.byte_count,
        "sha256": inspected.sha256,
    }
