"""A collection: a folder below the image folder in which a person keeps pictures, and what is told of them beside.

Files are never overwritten, and `collection.json` is read anew, added to and replaced as a whole, by one server at a
time: what a person, or another server, has written there stays.
"""

from __future__ import annotations

import json
import re
import sys
import time
import unicodedata
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from lightbox.errors import BadInput, StorageFailed
from lightbox.images.content import DAY
from lightbox.images.files import read_kept, remove_unfinished, write_once, write_whole
from lightbox.images.reference import shorten
from lightbox.images.sniff import EXTENSIONS

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

BOOK = "collection.json"
"""The file beside the pictures that tells of them."""

_LONGEST = 80  # characters of a folder's or a file's name: at most 240 bytes, where file systems take 255
_DEEPEST = 4
_MOST_BYTES = 50_000_000  # of a collection.json: some hundred thousand pictures
_WAIT_SECONDS = 10.0
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE)
_FORBIDDEN = re.compile(r'[<>:"|?*\\/\x00-\x1f\x7f]')
_DRIVE = re.compile(r"[A-Za-z]:|[\\/~]")


def collection_name(folder: str) -> str:
    """Check what a user calls a collection, e.g. `slides` or `client/slides`, and give it.

    Raises:
        BadInput: It can't be a folder below the image folder, on any system; the text says why.
    """
    if _DRIVE.match(folder):
        raise BadInput(
            f"folder {shorten(folder)} is not below the image folder: pass a name such as slides, or client/slides."
        )
    parts = unicodedata.normalize("NFC", folder).rstrip("/").split("/")
    if len(parts) > _DEEPEST:
        raise BadInput(f"folder {shorten(folder)} has more than {_DEEPEST} levels: pass a shorter one.")
    for part in parts:
        _check(part, f"folder {shorten(folder)}")
    return "/".join(parts)


def file_stem(name: str) -> str:
    """Check what a user calls a file, and give it without a picture's extension.

    Raises:
        BadInput: It can't be a file's name, on any system; the text says why.
    """
    name = unicodedata.normalize("NFC", name)
    stem, dot, extension = name.rpartition(".")
    stem = stem if f"{dot}{extension}".lower() in {*EXTENSIONS.values(), ".jpeg"} and stem else name
    _check(stem, f"name {shorten(name)}")
    return stem


def safe_stem(words: str, otherwise: str) -> str:
    """Give words as the name of a file, which no system takes for a device's."""
    return f"image-{words}" if _RESERVED.fullmatch(words) else words or otherwise


def _check(part: str, what: str) -> None:
    found = _FORBIDDEN.search(part)
    if found:
        mark = repr(found[0])
        raise BadInput(f"{what} can't be used: a name has no {mark}. Use letters, digits, spaces and hyphens.")
    if part.strip() in {"", ".", ".."}:
        raise BadInput(f"{what} can't be used: each part needs a name of its own, such as slides.")
    if part != part.strip() or part.startswith(".") or part.endswith("."):
        raise BadInput(f"{what} can't be used: a name neither begins nor ends with a dot or a space.")
    if _RESERVED.fullmatch(part):
        raise BadInput(f"{what} can't be used: {part} is the name of a device on Windows. Pass another name.")
    if len(part) > _LONGEST:
        raise BadInput(f"{what} is too long: a name has at most {_LONGEST} characters.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One picture to be saved.

    Attributes:
        handle: Its handle.
        sha256: The hash of its bytes as the server knows them: the same picture is saved once.
        data: The bytes for its file.
        name: The name for its file.
        told: What `collection.json` says of it.
    """

    handle: str
    sha256: str
    data: bytes = field(repr=False)
    name: str
    told: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """What became of one picture: its file, and whether that was there before; or what kept it from being saved."""

    handle: str
    path: Path | None = None
    was_there: bool = False
    problem: str | None = None


def save(image_dir: Path, collection: str, entries: Sequence[Entry]) -> tuple[list[Saved], list[str]]:
    """Save pictures in a collection; gives what became of each, and what the person should know. Blocks.

    Raises:
        BadInput: The collection leads out of the image folder, or is a file.
        StorageFailed: The folder can't be made, or another program holds it.
    """
    folder = _folder(image_dir, collection)
    with _alone_in(folder):
        remove_unfinished(folder, time.time() - DAY)
        book, notes = _read(folder)
        known = {str(each.get("sha256")): each for each in _images(book)}
        saved: list[Saved] = []
        for entry in entries:
            there = _file_of(folder, known.get(entry.sha256))
            if there is not None:
                saved.append(Saved(handle=entry.handle, path=there, was_there=True))
                continue
            try:
                path = write_once(folder, entry.name, entry.data)
            except OSError as error:
                saved.append(Saved(handle=entry.handle, problem=f"the folder can't be written ({error.strerror})"))
                continue
            known[entry.sha256] = {"file": path.name, "sha256": entry.sha256} | entry.told
            book["images"].append(known[entry.sha256])
            saved.append(Saved(handle=entry.handle, path=path))
        if any(one.path and not one.was_there for one in saved):
            notes += _write(folder, book, collection)
    return saved, notes


def _folder(image_dir: Path, collection: str) -> Path:
    """Make the folder of a collection, below the image folder wherever links lead."""
    folder = image_dir
    try:
        image_dir.mkdir(parents=True, exist_ok=True)
        root = image_dir.resolve()
        for part in collection.split("/"):
            folder = folder / part
            if not folder.resolve().is_relative_to(root):
                raise BadInput(
                    f"folder {shorten(collection)} is a link that leads out of the image folder: pass another."
                )
            folder.mkdir(exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise BadInput(f"folder {shorten(collection)} can't be used: {folder.name} is a file. Pass another.") from error
    except (OSError, RuntimeError) as error:  # the latter of links that lead in a circle
        why = error.strerror if isinstance(error, OSError) else "its links lead in a circle"
        raise StorageFailed(
            f"The folder {folder} can't be made ({why}): make room, or set LIGHTBOX_IMAGE_DIR to a folder that can be "
            "written. Nothing was saved."
        ) from error
    return folder


@contextmanager
def _alone_in(folder: Path) -> Generator[None]:
    """Let no other server write in a folder meanwhile; where the file system has no locks, nobody is kept out.

    Raises:
        StorageFailed: Another one does not let go.
    """
    deadline = time.monotonic() + _WAIT_SECONDS
    with _lockable(folder) as lockable:
        while not _locked(lockable):
            if time.monotonic() > deadline:
                raise StorageFailed(f"Another program holds the folder {folder}: try again. Nothing was saved.")
            time.sleep(0.02)
        yield


if sys.platform == "win32":

    @contextmanager
    def _lockable(folder: Path) -> Generator[int]:
        with suppress(OSError), (folder / ".collection.lock").open("a+b") as file:
            yield file.fileno()
            return
        yield -1

    def _locked(lockable: int) -> bool:
        if lockable < 0:
            return True
        with suppress(OSError):
            msvcrt.locking(lockable, msvcrt.LK_NBLCK, 1)
            return True
        return False

else:
    import os

    @contextmanager
    def _lockable(folder: Path) -> Generator[int]:
        opened = -1
        with suppress(OSError):
            opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            yield opened
        finally:
            if opened >= 0:
                os.close(opened)

    def _locked(lockable: int) -> bool:
        try:
            if lockable >= 0:
                fcntl.flock(lockable, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            return True
        return True


def _read(folder: Path) -> tuple[dict[str, Any], list[str]]:
    """Read what is told of a collection; what can't be read is moved aside, not lost."""
    path = folder / BOOK
    data = read_kept(path, None) if path.exists() and path.stat().st_size <= _MOST_BYTES else None
    if data is not None:
        with suppress(ValueError, RecursionError):
            book = json.loads(data.decode("utf-8-sig"))
            if isinstance(book, dict) and isinstance(cast("dict[str, Any]", book).setdefault("images", []), list):
                return cast("dict[str, Any]", book), []
    if not path.exists() and not path.is_symlink():
        return {"images": []}, []
    aside = next(
        name for number in range(1, 1000) if not (name := folder / f"collection-unreadable-{number}.json").exists()
    )
    try:
        path.rename(aside)
    except OSError as error:
        raise StorageFailed(f"{path} can't be read, nor moved aside ({error.strerror}): nothing was saved.") from error
    return {"images": []}, [f"{BOOK} could not be read: it is {aside.name} now, and a new one was begun."]


def _images(book: dict[str, Any]) -> list[dict[str, Any]]:
    images = cast("list[Any]", book["images"])
    return [cast("dict[str, Any]", image) for image in images if isinstance(image, dict)]


def _file_of(folder: Path, told: dict[str, Any] | None) -> Path | None:
    """Give the file of a picture that is there; None where it was removed, or is told to be elsewhere."""
    name = told.get("file") if told else None
    if not isinstance(name, str) or not name or _FORBIDDEN.search(name):
        return None
    with suppress(OSError):
        return folder / name if (folder / name).is_file() else None
    return None


def _write(folder: Path, book: dict[str, Any], collection: str) -> list[str]:
    try:
        text = json.dumps({"collection": collection} | book, ensure_ascii=False, indent=2)
        write_whole(folder / BOOK, text.encode("utf-8", "replace") + b"\n")
    except OSError as error:
        return [
            f"{BOOK} can't be written ({error.strerror}): the pictures are there, and what is known of them is not."
        ]
    return []
