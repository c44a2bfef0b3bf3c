"""Pictures in files: those that users give, and those that the server keeps."""

from __future__ import annotations

import os
import re
import stat
import time
import unicodedata
from collections.abc import Collection
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from lightbox.errors import BadReference, StorageFailed
from lightbox.images.guard import check_path
from lightbox.images.inspection import Inspected, too_many_bytes
from lightbox.images.sniff import EXTENSIONS

DAY = 86_400.0  # seconds
PICTURES = "pictures"
"""The folder in the state folder that holds the bytes of given and fetched pictures."""
PARTIALS = "partials"
"""The folder in the state folder that holds the unfinished pictures of open jobs."""

_NAME_WORDS = 8
_NAME_LENGTH = 48  # characters: at most 192 bytes, where file systems take 255
_WORD = re.compile(r"\w+")


def read_given(path: Path, read_dirs: Collection[Path], max_bytes: int) -> tuple[Path, bytes]:
    """Read a file that a user named, and give its resolved path and bytes.

    Raises:
        Forbidden: It is outside the folders that may be read.
        BadReference: It is missing, or no ordinary file.
        BadPicture: It has more than `max_bytes`.
    """
    resolved = check_path(path, read_dirs)
    try:
        # O_NONBLOCK: a pipe must not hold the call up. O_NOFOLLOW: no link put there since the path was checked.
        flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
        with os.fdopen(os.open(resolved, flags), "rb") as file:
            facts = os.fstat(file.fileno())
            if not stat.S_ISREG(facts.st_mode):
                raise BadReference(f"{path} is no ordinary file: pass the path of a picture.")
            data = b"" if facts.st_size > max_bytes else file.read(max_bytes + 1)
    except FileNotFoundError as error:
        raise BadReference(f"{path} does not exist on the machine that this server runs on: check the path.") from error
    except OSError as error:
        raise BadReference(f"{path} can't be read ({error.strerror}): check the file and its permissions.") from error
    if facts.st_size > max_bytes or len(data) > max_bytes:
        raise too_many_bytes(str(path), max_bytes)
    return resolved, data


def recognisable_name(prompt: str, handle: str, mime_type: str, moment: datetime) -> str:
    """Name a made picture's file, e.g. `2026-11-21-a-red-fox-in-snow-img_4k2x9w1qza.png`."""
    words = _WORD.findall(unicodedata.normalize("NFKC", prompt[:400]).lower())
    words = "-".join(words[:_NAME_WORDS])[:_NAME_LENGTH].strip("-_")
    parts = [f"{moment:%Y-%m-%d}", words, handle]
    return "-".join(part for part in parts if part) + EXTENSIONS[mime_type]


def write_new(folder: Path, name: str, data: bytes) -> Path:
    """Write a file that was not there before, down to the disk; a name that is taken gets a number.

    Raises:
        OSError: The folder can't be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    stem, extension = Path(name).stem, Path(name).suffix
    for number in range(1, 1000):
        path = folder / (name if number == 1 else f"{stem}-{number}{extension}")
        try:
            file = path.open("xb")
        except FileExistsError:
            continue
        try:
            with file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        except OSError:
            with suppress(OSError):
                path.unlink()
            raise
        return path
    raise OSError(f"{folder} holds a thousand files named {name}")


class ContentFolder:
    """A folder of pictures named by their hash: the same bytes are kept once. What is read is touched, once a day."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, sha256: str, mime_type: str) -> Path:
        """Give the place of a picture, whether it is there or not."""
        return self.folder / sha256[:2] / f"{sha256}{EXTENSIONS[mime_type]}"

    def get(self, sha256: str, mime_type: str) -> bytes | None:
        """Give the bytes of a picture; `None` where they are not kept."""
        path = self.path(sha256, mime_type)
        try:
            data = path.read_bytes()
        except OSError:
            return None
        _touch(path)
        return data

    def put(self, data: bytes, inspected: Inspected) -> Path:
        """Keep a picture; it appears under its name only when it is whole.

        Raises:
            StorageFailed: The folder can't be written.
        """
        path = self.path(inspected.sha256, inspected.mime_type)
        if path.exists():
            _touch(path)
            return path
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)  # what users give is theirs
            write_whole(path, data)
        except OSError as error:
            raise StorageFailed(
                f"The state folder {self.folder} can't be written ({error.strerror}): "
                "make room, or set LIGHTBOX_STATE_DIR to a folder that can be written."
            ) from error
        return path


class PartialFolder:
    """A folder of unfinished pictures, the latest of each job that is at work."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def get(self, job_id: str) -> bytes | None:
        """Give the latest unfinished picture of a job; `None` where there is none."""
        with suppress(OSError):
            return (self.folder / job_id).read_bytes()
        return None

    def put(self, job_id: str, data: bytes) -> None:
        """Keep the latest unfinished picture of a job; whoever reads gets this one or the one before, whole.

        Raises:
            OSError: The folder can't be written.
        """
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_whole(self.folder / job_id, data)

    def remove(self, job_id: str) -> None:
        """Remove the unfinished picture of a job, if there is one."""
        with suppress(OSError):
            (self.folder / job_id).unlink()


def write_whole(path: Path, data: bytes) -> None:
    """Write a file that appears under its name only when it is whole, in place of one that was there.

    Raises:
        OSError: The folder can't be written.
    """
    write_new(path.parent, f".{path.name}.{os.getpid()}", data).replace(path)


def is_unfinished(name: str) -> bool:
    """Tell whether a file's name is that of one that is still being written."""
    return name.startswith(".")


def _touch(path: Path) -> None:
    """Say that a file was used, at most once a day: pruning takes what was not used for longest."""
    with suppress(OSError):
        if time.time() - path.stat().st_mtime > DAY:
            os.utime(path)
