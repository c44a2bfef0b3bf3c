"""The library of a folder: the user's own pictures, wherever below it they are."""

from __future__ import annotations

import hashlib
import io
import itertools
import os
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Final

from PIL import Image, ImageOps

from .embedded import embedded_text
from .encoding import encode, flatten
from .index import Index, IndexedPicture
from .library import MIME_TYPES, WORKERS, Library, Progress
from .likeness import SKETCH, signature

THUMBNAIL: Final = 256

Stamp = tuple[str, int, int]
"""A file's path below the folder, its size in bytes, when it was last written in nanoseconds."""

BATCH: Final = 64
RESCAN_SECONDS: Final = 10.0


class FolderLibrary(Library):
    """The pictures of a folder, which is looked through again now and then.

    Args:
        cache_dir: Where thumbnails and the index are kept.
        folder: The user's own pictures.
    """

    def __init__(self, cache_dir: Path, folder: Path) -> None:
        name = hashlib.blake2s(str(folder.resolve()).encode(), digest_size=6).hexdigest()
        super().__init__(cache_dir / f"folder-{name}")
        self._folder = folder
        self._scanned = float("-inf")
        self._scan_took = 0.0

    def refresh(self, progress: Progress | None = None) -> None:
        """Bring the index up to date with new, changed and deleted files; `progress(done, total)` is told of these."""
        with self._lock:
            began = time.monotonic()
            self._scan(progress)
            self._scanned = time.monotonic()
            self._scan_took = self._scanned - began

    def read(self, key: str) -> bytes:
        """Give a picture's file. Raises `KeyError` for an unknown key."""
        return (self._folder / self._record(key).path).read_bytes()

    def thumbnail(self, key: str) -> bytes:
        """Give a small JPEG of a picture, at most 256 px wide and high. Raises `KeyError` for an unknown key."""
        record = self._record(key)
        name = f"{record.changed:x}-{key}.jpg"
        return self._kept("thumbnails", name, lambda: _small(io.BytesIO(self.read(key)), record.title))

    def _fresh(self) -> Index:
        """Give the index, looking at the folder again if that was a while ago; a large one is looked at less often."""
        with self._lock:
            if time.monotonic() - self._scanned > max(RESCAN_SECONDS, 20 * self._scan_took):
                self.refresh()
        return self._opened()

    def _scan(self, progress: Progress | None) -> None:
        index = self._opened()
        known = index.stamps()
        changed: list[Stamp] = []
        for path, size, written in _files(self._folder):
            if known.pop(path, None) != (size, written):
                changed.append((path, size, written))
        index.remove(known)
        done = 0
        with ThreadPoolExecutor(WORKERS) as pool:
            for batch in _batches(changed):
                index.put(pool.map(partial(_read_record, self._folder), batch))
                done += len(batch)
                if progress:
                    progress(done, len(changed))


def _batches(items: list[Stamp]) -> Iterator[list[Stamp]]:
    for first in range(0, len(items), BATCH):
        yield list(itertools.islice(items, first, first + BATCH))


def _small(file: io.BytesIO, title: str) -> bytes:
    with Image.open(file) as image:
        image.draft("RGB", (THUMBNAIL, THUMBNAIL))
        small = flatten(ImageOps.exif_transpose(image))
    small.thumbnail((THUMBNAIL, THUMBNAIL))
    return encode(small, "jpeg", 85, prompt=title)


def _files(folder: Path) -> Iterator[Stamp]:
    """Give the stamp of every picture below a folder; hidden files and folders are left out."""
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if Path(name).suffix.lower() in MIME_TYPES and not name.startswith("."):
                path = Path(place) / name
                try:
                    status = path.stat()
                except OSError:
                    continue
                yield path.relative_to(folder).as_posix(), status.st_size, status.st_mtime_ns


def _read_record(folder: Path, stamp: Stamp) -> IndexedPicture:
    """Read what the index keeps of a file; one that is no picture is kept as such, so that it is not read again."""
    path, size, changed = stamp
    stem, suffix = Path(path).stem, Path(path).suffix.lower()
    slug = re.sub(r"[^a-z0-9]+", "-", stem.lower()).strip("-")[:60] or "picture"
    key = f"{slug}-{hashlib.blake2s(path.encode(), digest_size=5).hexdigest()}{suffix}"
    try:
        with Image.open(folder / path) as image:
            said = embedded_text(image)
            mime_type = Image.MIME.get(image.format or "", MIME_TYPES[suffix])
            turned = image.getexif().get(0x0112, 1) >= 5  # noqa: PLR2004 - from 5 on, EXIF's orientations lie on their side
            width, height = image.size[::-1] if turned else image.size
            image.draft("RGB", (SKETCH, SKETCH))
            look = signature(ImageOps.exif_transpose(image))
    except (OSError, SyntaxError, ValueError, TypeError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        return IndexedPicture(key, path, stem, (), 0, 0, "", size, changed)
    title = next(iter(said.captions), "") or re.sub(r"[-_.]+", " ", stem).strip()
    tags = (*said.keywords, *Path(path).parent.parts)
    return IndexedPicture(
        key, path, title[:200], tags, width, height, mime_type, size, changed, " ".join(said.captions), look
    )
