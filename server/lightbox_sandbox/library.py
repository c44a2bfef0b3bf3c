"""The pictures that the sandbox finds: painted scenes, or the user's own folder."""

from __future__ import annotations

import hashlib
import io
import itertools
import os
import re
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from PIL import Image, ImageOps

from .embedded import embedded_text
from .encoding import Format, encode, flatten
from .index import Index, Record
from .likeness import COPY, Signature, nearest, signature
from .painter import paint
from .scenes import EDITION, SCENES, SKETCH, SceneSpec, shipped, sketched

MIME_TYPES: Final = {
    ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".webp": "image/webp", ".gif": "image/gif",
    ".bmp": "image/bmp", ".tif": "image/tiff", ".tiff": "image/tiff", ".avif": "image/avif",
}  # fmt: skip
FORMATS: Final[dict[str, Format]] = {".jpg": "jpeg", ".png": "png", ".webp": "webp", ".gif": "gif"}
THUMBNAIL: Final = 256

Stamp = tuple[str, int, int]
"""A file's path below the folder, its size in bytes, when it was last written in nanoseconds."""

BATCH: Final = 64
WORKERS: Final = 2
RESCAN_SECONDS: Final = 10.0
FUSION: Final = 60


@dataclass(frozen=True, slots=True)
class Entry:
    """One picture of the library.

    Attributes:
        key: A file name with its extension that is safe in a URL, e.g. `red-fox-in-snow.jpg`.
        title: A line that names the picture.
        tags: What is in it, most telling first.
        width: In px.
        height: In px.
        mime_type: E.g. `image/jpeg`.
    """

    key: str
    title: str
    tags: tuple[str, ...]
    width: int
    height: int
    mime_type: str


class Library:
    """Pictures that can be searched by words and by likeness; safe to use from several threads.

    Args:
        cache_dir: Where painted pictures, thumbnails and the index are kept.
        folder: The user's own pictures; the painted scenes where `None`.
    """

    def __init__(self, cache_dir: Path, folder: Path | None = None) -> None:
        name = (
            f"scenes-{EDITION}"
            if folder is None
            else f"folder-{hashlib.blake2s(str(folder.resolve()).encode(), digest_size=6).hexdigest()}"
        )
        self._cache = cache_dir / name
        self._folder = folder
        self._index: Index | None = None
        self._lock = threading.RLock()
        self._scanned = float("-inf")
        self._scan_took = 0.0

    def refresh(self, progress: Callable[[int, int], None] | None = None) -> None:
        """Bring the index up to date with new, changed and deleted files; `progress(done, total)` is called on the way.

        Painted scenes never change; with `progress`, what their signatures lack is computed now instead of at the first
        search by likeness.
        """
        with self._lock:
            began = time.monotonic()
            if self._folder is None:
                if progress:
                    self._sign_scenes(progress)
            else:
                self._scan(self._folder, progress)
            self._scanned = time.monotonic()
            self._scan_took = self._scanned - began

    def close(self) -> None:
        """Close the index."""
        with self._lock:
            if self._index:
                self._index.close()
                self._index = None

    def all(self) -> Iterable[Entry]:
        """Give every picture, one after another."""
        return (_entry(record) for record in self._fresh().all())

    def search(self, queries: Sequence[str], limit: int) -> list[Entry]:
        """Find pictures by words, the best first; the ranks of several queries are merged (reciprocal rank fusion)."""
        index = self._fresh()
        scores: dict[str, float] = {}
        records: dict[str, Record] = {}
        for query in queries:
            for rank, record in enumerate(index.search(query, limit + FUSION)):
                records[record.key] = record
                scores[record.key] = scores.get(record.key, 0.0) + 1 / (FUSION + rank)
        ranked = sorted(scores, key=lambda key: -scores[key])
        return [_entry(records[key]) for key in ranked[:limit]]

    def similar(
        self, image: Image.Image, limit: int, bbox: tuple[float, float, float, float] | None = None
    ) -> list[Entry]:
        """Find pictures that look like one, the likest first.

        Where the picture is a copy of one in the library, its subject counts as well: those with the same tags follow.

        Args:
            image: The picture to compare with.
            limit: How many at most.
            bbox: Left, top, right and bottom in px of the part that counts; everything where `None`.
        """
        index = self._fresh()
        if self._folder is None:
            with self._lock:
                self._sign_scenes(None)
        if bbox is not None:
            image = _cropped(image, bbox)
        signatures = index.signatures()
        if not signatures.ids:
            return []
        scored = nearest(
            image, signatures.shapes, signatures.tints, lambda places: index.grids([signatures.ids[p] for p in places])
        )
        records = index.by_ids([signatures.ids[position] for _, position in scored])
        likeness = {record.key: score for record, (score, _) in zip(records, scored, strict=True)}
        found = {record.key: record for record in records}
        if scored[0][0] >= COPY:
            for rank, record in enumerate(index.search(" ".join(records[0].tags), limit + 1)):
                found.setdefault(record.key, record)
                if record.key != records[0].key:
                    # A shared subject is worth a good deal of likeness, but never a place before a copy.
                    likeness[record.key] = min(0.85, likeness.get(record.key, 0.3)) + 0.35 / (1 + 0.15 * rank) * (
                        likeness.get(record.key, 0) < COPY
                    )
        return [_entry(found[key]) for key in _copies_first(likeness, records[0].key, scored[0][0])[:limit]]

    def entry(self, key: str) -> Entry | None:
        """Give the picture of a key, `None` for an unknown one."""
        record = self._opened().get(key)
        return _entry(record) if record else None

    def read(self, key: str) -> bytes:
        """Give a picture's file, painted when it is first asked for. Raises `KeyError` for an unknown key."""
        record = self._record(key)
        if self._folder is not None:
            return (self._folder / record.path).read_bytes()
        return self._kept("pictures", key, lambda: _painted(SCENES[key]))

    def thumbnail(self, key: str) -> bytes:
        """Give a small JPEG of a picture, at most 256 px wide and high. Raises `KeyError` for an unknown key."""
        record = self._record(key)
        if self._folder is None:
            return self._kept("thumbnails", f"{key}.jpg", lambda: sketched(SCENES[key])[0])
        name = f"{record.changed:x}-{key}.jpg"
        return self._kept("thumbnails", name, lambda: _small(io.BytesIO(self.read(key)), record.title))

    def _record(self, key: str) -> Record:
        record = self._opened().get(key)
        if record is None:
            raise KeyError(key)
        return record

    def _kept(self, kind: str, name: str, make: Callable[[], bytes]) -> bytes:
        """Give a file of the cache, made when it is first asked for; a half-written one is never seen."""
        path = self._cache / kind / name
        try:
            return path.read_bytes()
        except FileNotFoundError:
            data = make()
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as draft:
            draft.write(data)
        Path(draft.name).replace(path)
        return data

    def _opened(self) -> Index:
        with self._lock:
            if self._index is None:
                self._index = Index(self._cache / "index.sqlite")
                if self._folder is None and not self._index.stamps():
                    looks = shipped()
                    self._index.put(_scene_record(scene, looks.get(scene.key)) for scene in SCENES.values())
            return self._index

    def _fresh(self) -> Index:
        """Give the index, looking at the folder again if that was a while ago; a large one is looked at less often."""
        index = self._opened()
        if self._folder is not None:
            with self._lock:
                if time.monotonic() - self._scanned > max(RESCAN_SECONDS, 20 * self._scan_took):
                    self.refresh()
        return index

    def _sign_scenes(self, progress: Callable[[int, int], None] | None) -> None:
        index = self._opened()
        missing = index.unsigned()
        if not missing and progress is None:
            return
        total = len(SCENES)

        def sketch(key: str) -> tuple[str, Signature]:
            data, look = sketched(SCENES[key])
            self._kept("thumbnails", f"{key}.jpg", lambda: data)
            return key, look

        done = total - len(missing)
        with ThreadPoolExecutor(WORKERS) as pool:
            for key, look in pool.map(sketch, missing):
                index.sign(key, look)
                done += 1
                if progress:
                    progress(done, total)

    def _scan(self, folder: Path, progress: Callable[[int, int], None] | None) -> None:
        index = self._opened()
        known = index.stamps()
        changed: list[Stamp] = []
        for path, size, written in _files(folder):
            if known.pop(path, None) != (size, written):
                changed.append((path, size, written))
        index.remove(known)
        done = 0
        with ThreadPoolExecutor(WORKERS) as pool:
            for batch in _batches(changed):
                index.put(pool.map(partial(_read_record, folder), batch))
                done += len(batch)
                if progress:
                    progress(done, len(changed))


def _batches(items: list[Stamp]) -> Iterator[list[Stamp]]:
    for first in range(0, len(items), BATCH):
        yield list(itertools.islice(items, first, first + BATCH))


def _copies_first(likeness: dict[str, float], best: str, score: float) -> list[str]:
    if score >= COPY:
        likeness[best] = 9.0
    return sorted(likeness, key=lambda key: -likeness[key])


def _entry(record: Record) -> Entry:
    return Entry(record.key, record.title, record.tags, record.width, record.height, record.mime_type)


def _cropped(image: Image.Image, bbox: tuple[float, float, float, float]) -> Image.Image:
    left, top, right, bottom = (round(value) for value in bbox)
    box = (max(0, left), max(0, top), min(image.width, right), min(image.height, bottom))
    return image.crop(box) if box[0] < box[2] and box[1] < box[3] else image


def _scene_record(scene: SceneSpec, look: Signature | None) -> Record:
    mime_type = MIME_TYPES[Path(scene.key).suffix]
    return Record(
        key=scene.key,
        path=scene.key,
        title=scene.title,
        tags=scene.tags,
        width=scene.width,
        height=scene.height,
        mime_type=mime_type,
        caption=scene.prompt,
        signature=look,
    )


def _painted(scene: SceneSpec) -> bytes:
    image = paint(scene.prompt, width=scene.width, height=scene.height)
    return encode(image, FORMATS[Path(scene.key).suffix], None, prompt=scene.title)


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


def _read_record(folder: Path, stamp: Stamp) -> Record:
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
        return Record(key, path, stem, (), 0, 0, "", size, changed)
    title = next(iter(said.captions), "") or re.sub(r"[-_.]+", " ", stem).strip()
    tags = (*said.keywords, *Path(path).parent.parts)
    return Record(key, path, title[:200], tags, width, height, mime_type, size, changed, " ".join(said.captions), look)
