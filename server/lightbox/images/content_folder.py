"""Bytes of pictures in a folder: in the state folder, or in one that servers on several machines see."""

from __future__ import annotations

import os
import stat
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import anyio
from anyio.to_thread import run_sync

from lightbox.errors import StorageFailed
from lightbox.images.content import CLAIM, DAY, Kept
from lightbox.images.files import is_unfinished, read_kept, write_first, write_whole

PAGE = 1_000
PIECE_BYTES = 256 * 1024


class FolderContent:
    """Bytes in files below a folder, e.g. `FolderContent(state_dir)`; a file appears only when it is whole.

    Args:
        folder: The state folder; made when something is kept.
        called: What errors call it, where they may not name it.
    """

    setting = "LIGHTBOX_STATE_DIR"
    usually_called = "The state folder"

    def __init__(self, folder: Path, called: str | None = None) -> None:
        self.folder = folder
        self._called = called or f"{self.usually_called} {folder}"

    def path(self, key: str) -> Path:
        """Give the file of a key, whether it is there or not."""
        return self.folder / key

    async def get(self, key: str, byte_count: int | None = None) -> bytes | None:
        """Give what is kept under a key; see `Content.get`."""
        return await run_sync(self._get, key, byte_count)

    async def put(self, key: str, data: bytes, mime_type: str) -> Path:
        """Keep bytes and give their file; see `Content.put`."""
        del mime_type
        return await run_sync(self.put_now, key, data)

    def put_now(self, key: str, data: bytes, *, lasting: bool = True) -> Path:
        """Do as `put`, on a thread that may wait for the disk; `lasting` as for `write_whole`."""
        path = self.path(key)
        if path.exists():
            _touch(path)
        else:
            self._write(key, data, lasting=lasting)
        return path

    async def replace(self, key: str, data: bytes) -> None:
        """Keep bytes in place of those that were there; see `Content.replace`."""
        await run_sync(self._write, key, data)

    async def forget(self, key: str) -> None:
        """Remove what is kept under a key; see `Content.forget`."""
        with suppress(OSError):
            await run_sync(self.path(key).unlink)

    async def remove(self, kept: Sequence[Kept]) -> list[Kept]:
        """Remove what was listed, save what was used since; see `Content.remove`."""
        return await run_sync(self._remove, kept)

    async def listed(self, prefix: str) -> AsyncIterator[Sequence[Kept]]:
        """List files, a thousand at a time; see `Content.listed`."""
        pages = self._pages(self.folder / prefix)
        while page := await run_sync(next, pages, None):
            yield page

    async def tidy(self, prefix: str, before: float) -> int:
        """Remove what was never finished; see `Content.tidy`."""
        return await run_sync(self._tidy, self.folder / prefix, before)

    async def stream(self, key: str, byte_count: int) -> AsyncIterator[bytes] | None:
        """Give a file in pieces; see `Content.stream`."""
        with suppress(OSError):
            facts = await run_sync(self.path(key).stat)
            if stat.S_ISREG(facts.st_mode) and facts.st_size == byte_count:
                return self._pieces(key)
        return None

    async def address(self, key: str, seconds: int) -> None:
        """Give no address: the server itself sends what is in its folders."""
        del key, seconds

    async def claim(self, database_id: str) -> bool:
        """Tell that all belongs to the database of this state folder."""
        del database_id
        return True

    async def check(self) -> None:
        """Make sure that the folder can be written; see `Content.check`."""
        await run_sync(self._check)

    def _get(self, key: str, byte_count: int | None) -> bytes | None:
        path = self.path(key)
        data = read_kept(path, byte_count)
        if data is not None:
            _touch(path)
        return data

    def _write(self, key: str, data: bytes, *, lasting: bool = True) -> None:
        try:
            # What users give is theirs.
            (self.folder / Path(key).parts[0]).mkdir(parents=True, exist_ok=True, mode=0o700)
            write_whole(self.path(key), data, lasting=lasting)
        except OSError as error:
            raise self._unwritable(error) from error

    def _check(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with tempfile.TemporaryFile(dir=self.folder):
                pass
        except OSError as error:
            raise self._unwritable(error) from error

    def _unwritable(self, error: OSError) -> StorageFailed:
        return StorageFailed(
            f"{self._called} can't be written ({error.strerror}): "
            f"make room, or set {self.setting} to a folder that can be written."
        )

    async def _pieces(self, key: str) -> AsyncIterator[bytes]:
        async with await anyio.open_file(self.path(key), "rb") as file:
            while piece := await file.read(PIECE_BYTES):
                yield piece

    def _pages(self, folder: Path) -> Iterator[list[Kept]]:
        """List the files of a folder and of those in it; one that goes meanwhile is left out."""
        page: list[Kept] = []
        for part in [folder, *_folders(folder)]:
            for entry in _entries(part):
                with suppress(OSError):
                    facts = entry.stat(follow_symlinks=False)
                    if stat.S_ISREG(facts.st_mode) and not is_unfinished(entry.name):
                        key = Path(entry.path).relative_to(self.folder).as_posix()
                        page.append(Kept(key, facts.st_size, facts.st_mtime))
                if len(page) == PAGE:
                    yield page
                    page = []
        yield page

    def _remove(self, kept: Sequence[Kept]) -> list[Kept]:
        gone: list[Kept] = []
        for one in kept:
            with suppress(OSError):
                if self.path(one.key).stat().st_mtime == one.used_at:
                    self.path(one.key).unlink()
                    gone.append(one)
        return gone

    def _tidy(self, folder: Path, before: float) -> int:
        gone = 0
        for entry in (entry for part in [folder, *_folders(folder)] for entry in _entries(part)):
            with suppress(OSError):
                if is_unfinished(entry.name) and entry.stat(follow_symlinks=False).st_mtime < before:
                    Path(entry.path).unlink()
                    gone += 1
        return gone


class SharedFolder(FolderContent):
    """Bytes in files below a folder that several servers see, such as a network disk."""

    setting = "LIGHTBOX_PICTURES_URL"
    usually_called = "The folder of pictures"

    async def claim(self, database_id: str) -> bool:
        """Tell whether the folder belongs to a database; see `Content.claim`."""
        return await run_sync(self._claim, database_id.encode())

    def _claim(self, database_id: bytes) -> bool:
        try:
            if not self.path(CLAIM).exists():
                write_first(self.path(CLAIM), database_id)
        except OSError as error:
            raise self._unwritable(error) from error
        return read_kept(self.path(CLAIM), len(database_id)) == database_id


def _folders(folder: Path) -> list[Path]:
    return [Path(entry.path) for entry in _entries(folder) if entry.is_dir(follow_symlinks=False)]


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    with suppress(OSError), os.scandir(folder) as entries:
        return list(entries)
    return []


def _touch(path: Path) -> None:
    """Say that a file was used, at most once a day: pruning takes what was not used for longest."""
    with suppress(OSError):
        if time.time() - path.stat().st_mtime > DAY:
            os.utime(path)
