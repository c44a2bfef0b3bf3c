"""Pictures in files: those that users give, and those that the server keeps."""

from __future__ import annotations

import errno
import os
import re
import secrets
import stat
import unicodedata
from collections.abc import Collection, Generator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from lightbox.errors import BadReference, Forbidden
from lightbox.images.guard import check_path
from lightbox.images.inspection import too_many_bytes
from lightbox.images.sniff import EXTENSIONS

_NAME_WORDS = 8
_NAME_LENGTH = 48  # characters: at most 192 bytes, where file systems take 255
_WORD = re.compile(r"\w+")
_HIDDEN = re.compile(r"\.[0-9a-f]{16}\.part")


def read_given(
    path: Path, read_dirs: Collection[Path], max_bytes: int, *, names_folders: bool = True
) -> tuple[Path, bytes]:
    """Read a file that a user named, and give its resolved path and bytes.

    Args:
        path: As the user named it; `~` is the home folder of the person who runs the server, and no other's is known.
        read_dirs: The folders below which it may be.
        max_bytes: The most that it may hold.
        names_folders: Whether errors may name this machine's folders.

    Raises:
        Forbidden: It is outside the folders that may be read.
        BadReference: It is missing, or no ordinary file.
        BadPicture: It has more than `max_bytes`.
    """
    if not read_dirs:  # nothing is looked up: not even whether it is there
        raise Forbidden(
            f"{path} can't be read: this server does not read files. Pass a URL, a data URI or a handle, "
            "or set LIGHTBOX_READ_DIRS to the folders below which it may read."
        )
    try:
        other = str(path).startswith("~") and path.parts[0] != "~"  # here, a name like any other
        resolved = check_path(Path.cwd() / path if other else path, read_dirs)
    except (BadReference, Forbidden):
        if names_folders:
            raise
        raise Forbidden(
            f"{path} can't be read: it is not below the folders that this server may read (LIGHTBOX_READ_DIRS)."
        ) from None
    try:
        with os.fdopen(_opened_below(resolved, read_dirs), "rb") as file:
            facts = os.fstat(file.fileno())
            if not stat.S_ISREG(facts.st_mode):
                raise BadReference(f"{path} is not an ordinary file: pass the path of a picture.")
            data = b"" if facts.st_size > max_bytes else file.read(max_bytes + 1)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise BadReference(f"{path} does not exist on the machine that this server runs on: check the path.") from error
    except OSError as error:
        raise BadReference(f"{path} can't be read ({error.strerror}): check the file and its permissions.") from error
    if facts.st_size > max_bytes or len(data) > max_bytes:
        raise too_many_bytes(str(path), max_bytes)
    return resolved, data


# O_NONBLOCK: a pipe must not hold the call up. O_NOFOLLOW: no link put there since the path was checked.
_READ = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)
_WALKS = os.open in os.supports_dir_fd and _NO_LINK != 0


def _opened_below(resolved: Path, read_dirs: Collection[Path]) -> int:
    """Open a path that was checked, and nothing that took its place, or a folder's on the way, since.

    Where the system can, every folder is opened inside the one before, links not followed; elsewhere what was opened is
    compared with what a second check finds.

    Raises:
        OSError: It can't be opened, or is not what it was.
    """
    if not _WALKS:
        opened = os.open(resolved, _READ)
        try:
            same = os.path.samestat(os.fstat(opened), os.lstat(check_path(resolved, read_dirs)))
        except BaseException:
            os.close(opened)
            raise
        if not same:
            os.close(opened)
            raise OSError(errno.ELOOP, "it was changed meanwhile")
        return opened
    roots = (folder.expanduser().resolve() for folder in read_dirs)
    root = next(folder for folder in roots if resolved.is_relative_to(folder))
    parts = resolved.relative_to(root).parts
    if not parts:  # a file may itself be what may be read
        return os.open(root, _READ)
    *folders, name = parts
    here = os.open(root, _READ | os.O_DIRECTORY)
    try:
        for folder in folders:
            inner = os.open(folder, _READ | os.O_DIRECTORY | _NO_LINK, dir_fd=here)
            os.close(here)
            here = inner
        return os.open(name, _READ | _NO_LINK, dir_fd=here)
    finally:
        os.close(here)


def read_kept(path: Path, byte_count: int | None) -> bytes | None:
    """Read a picture that the server knows; `None` where it is gone, has another length, or is not an ordinary file."""
    with suppress(OSError):
        if not stat.S_ISREG(path.stat().st_mode):  # opening a device may already do something
            return None
        with os.fdopen(os.open(path, _READ), "rb") as file:
            facts = os.fstat(file.fileno())
            if stat.S_ISREG(facts.st_mode) and byte_count in {None, facts.st_size}:
                return file.read(facts.st_size + 1)
    return None


def name_words(text: str) -> str:
    """Give the first words of a text as a file's name has them, e.g. `a-red-fox-in-snow`; maybe none."""
    words = _WORD.findall(unicodedata.normalize("NFKC", text[:400]).lower())
    return "-".join(words[:_NAME_WORDS])[:_NAME_LENGTH].strip("-_")


def recognisable_name(prompt: str, handle: str, mime_type: str, moment: datetime) -> str:
    """Name a made picture's file, e.g. `2026-11-21-a-red-fox-in-snow-img_4k2x9w1qza.png`."""
    parts = [f"{moment:%Y-%m-%d}", name_words(prompt), handle]
    return "-".join(part for part in parts if part) + EXTENSIONS[mime_type]


def write_new(folder: Path, name: str, data: bytes) -> Path:
    """Write a file that was not there before, down to the disk; a name that is taken gets a number.

    The file appears under its name only when it is whole: a process that is killed leaves at most a hidden one.

    Raises:
        OSError: The folder can't be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    stem, extension = Path(name).stem, Path(name).suffix
    with _unnamed(folder, data) as unnamed:
        for number in range(1, 1000):
            path = folder / (name if number == 1 else f"{stem}-{number}{extension}")
            if _named(unnamed, path):
                _sync_folder(folder)
                return path
    raise OSError(errno.EEXIST, f"{folder} holds a thousand files named {name}")


def write_once(folder: Path, name: str, data: bytes) -> Path:
    """Do as `write_new`, unless a file of that name, with or without a number, has these bytes already.

    Raises:
        OSError: The folder can't be written.
    """
    stem, extension = Path(name).stem, Path(name).suffix
    path, number = folder / name, 1
    while path.exists():
        if read_kept(path, len(data)) == data:  # saved by a server that was killed before it wrote that down
            return path
        number += 1
        path = folder / f"{stem}-{number}{extension}"
    return write_new(folder, name, data)


@contextmanager
def _unnamed(folder: Path, data: bytes, *, lasting: bool = True) -> Generator[Path]:
    """Write bytes under a hidden name of their own, which is gone in the end; `lasting`: down to the disk."""
    path = folder / f".{secrets.token_hex(8)}.part"
    try:
        with path.open("xb") as file:
            file.write(data)
            if lasting:
                file.flush()
                os.fsync(file.fileno())
        yield path
    finally:
        with suppress(OSError):
            path.unlink()


def _named(unnamed: Path, path: Path) -> bool:
    """Give a file its name, unless there is one of that name."""
    try:
        if os.name == "nt":
            unnamed.rename(path)  # which there overwrites nothing
        else:
            path.hardlink_to(unnamed)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        if path.exists() or path.is_symlink():
            return False
        unnamed.rename(path)
    return True


_NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EACCES}
"""What file systems without hard links say, FAT for one."""


def _sync_folder(folder: Path) -> None:
    """Bring a folder's names down to the disk, where the system can."""
    if os.name == "nt":
        return
    with suppress(OSError):
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


def write_whole(path: Path, data: bytes, *, lasting: bool = True) -> None:
    """Write a file that appears under its name only when it is whole, in place of one that was there.

    What is not `lasting` may be gone after a power cut: it can be made again.

    Raises:
        OSError: The folder can't be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with _unnamed(path.parent, data, lasting=lasting) as unnamed:
        unnamed.replace(path)
    if lasting:
        _sync_folder(path.parent)


def write_first(path: Path, data: bytes) -> None:
    """Write a file unless there is one of its name; of several that write at once, one is the first.

    Raises:
        OSError: The folder can't be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with _unnamed(path.parent, data) as unnamed:
        _named(unnamed, path)


def remove_unfinished(folder: Path, before: float) -> int:
    """Remove what writers that were killed have left in a folder, and nothing else; give the number of files."""
    gone = 0
    with suppress(OSError):
        for file in folder.glob(".*.part"):
            with suppress(OSError):
                if _HIDDEN.fullmatch(file.name) and file.lstat().st_mtime < before:
                    file.unlink()
                    gone += 1
    return gone


def is_unfinished(name: str) -> bool:
    """Tell whether a file's name is that of one that is still being written."""
    return name.startswith(".")
