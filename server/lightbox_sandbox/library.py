"""What both libraries have in common: pictures are searched by words and by likeness, and read by their keys."""

from __future__ import annotations

import heapq
import tempfile
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PIL import Image

from .index import Index, IndexedPicture
from .likeness import COPY, Looks

MIME_TYPES: Final = {
    ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".webp": "image/webp", ".gif": "image/gif",
    ".bmp": "image/bmp", ".tif": "image/tiff", ".tiff": "image/tiff", ".avif": "image/avif",
}  # fmt: skip
WORKERS: Final = 2
FUSION: Final = 60
MOST_AKIN: Final = 200
"""How many pictures that share a subject, a place or a light are compared."""

GUESS: Final = 0.4
"""Up to which likeness nothing can be said of what is in a picture."""

KNOWN: Final = 0.75
"""How much less the looks count where it is known what is in a picture."""

UNSEEN: Final = 0.4
"""What colours alone are worth, of a picture whose shapes are not among the nearest."""

FIRST: Final = 9.0
"""The points of a copy: nothing comes before it."""

Progress = Callable[[int, int], None]
"""Called with how many pictures are done, and how many there are."""


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


class Library(ABC):
    """Pictures that can be searched by words and by likeness; safe to use from several threads.

    Args:
        cache: The folder in which the index, thumbnails and painted pictures are kept.
    """

    def __init__(self, cache: Path) -> None:
        self._cache = cache
        self._index: Index | None = None
        self._lock = threading.RLock()

    @abstractmethod
    def refresh(self, progress: Progress | None = None) -> None:
        """Bring the index up to date; `progress(done, total)` is called on the way."""

    @abstractmethod
    def read(self, key: str) -> bytes:
        """Give a picture's file. Raises `KeyError` for an unknown key."""

    @abstractmethod
    def thumbnail(self, key: str) -> bytes:
        """Give a small JPEG of a picture. Raises `KeyError` for an unknown key."""

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
        records: dict[str, IndexedPicture] = {}
        for query in queries:
            for rank, record in enumerate(index.search(query, limit + FUSION)):
                records[record.key] = record
                scores[record.key] = scores.get(record.key, 0.0) + 1 / (FUSION + rank)
        ranked = sorted(scores, key=lambda key: -scores[key])
        return [_entry(records[key]) for key in ranked[:limit]]

    def similar(
        self,
        image: Image.Image,
        limit: int,
        bbox: tuple[float, float, float, float] | None = None,
        about: str = "",
    ) -> list[Entry]:
        """Find pictures that are like one, the likest first.

        Where it is known what is in the picture, the same subject comes first, then the same place, then the same
        colours. It is known of a copy of a picture in the library, and of what was painted here. Of any other picture,
        what looks most like it lets one guess.

        Args:
            image: The picture to compare with.
            limit: How many at most.
            bbox: Left, top, right and bottom in px of the part that counts; everything where `None`.
            about: The prompt for which the picture was painted, where that is known.
        """
        index = self._signed()
        if bbox is not None:
            image, about = _cropped(image, bbox), ""
        signatures = index.signatures()
        if not signatures.ids:
            return []
        looks = Looks(image, signatures.shapes, signatures.tints)
        nearest = [
            (score, signatures.ids[position])
            for score, position in looks.nearest(lambda places: index.grids([signatures.ids[p] for p in places]))
        ]
        best, first = nearest[0]
        titles = ("", *(record.title for record in index.by_ids([first])))
        copy = best >= COPY and about in titles  # a small thing in a large place makes no copy of the place
        kinships = index.kinships()
        if about and not copy:
            akin, sure = kinships.with_prompt(about), 1.0
        else:
            akin, sure = kinships.with_picture(first), _certainty(best)
        points = {number: score * (1 - sure * KNOWN) for score, number in nearest}
        positions = {number: position for position, number in enumerate(signatures.ids)}
        for number in heapq.nlargest(MOST_AKIN + limit, akin, key=lambda number: akin[number]):
            looked = points.get(number, looks.colours(positions[number]) * UNSEEN * (1 - sure * KNOWN))
            points[number] = looked + sure * akin[number]
        if copy:
            points[first] = FIRST
        ranked = sorted(points, key=lambda number: (-points[number], number))
        return [_entry(record) for record in index.by_ids(ranked[:limit])]

    def entry(self, key: str) -> Entry | None:
        """Give the picture of a key, `None` for an unknown one."""
        record = self._opened().get(key)
        return _entry(record) if record else None

    def _opened(self) -> Index:
        with self._lock:
            if self._index is None:
                self._index = self._open()
            return self._index

    def _open(self) -> Index:
        return Index(self._cache / "index.sqlite")

    def _fresh(self) -> Index:
        """Give the index, up to date as far as words go."""
        return self._opened()

    def _signed(self) -> Index:
        """Give the index, up to date as far as likeness goes."""
        return self._fresh()

    def _record(self, key: str) -> IndexedPicture:
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


def _certainty(best: float) -> float:
    """Tell how sure it is, from 0 to 1, that a picture shows what the one shows that looks most like it."""
    return max(0.0, min(1.0, (best - GUESS) / (COPY - GUESS)))


def _entry(record: IndexedPicture) -> Entry:
    return Entry(record.key, record.title, record.tags, record.width, record.height, record.mime_type)


def _cropped(image: Image.Image, bbox: tuple[float, float, float, float]) -> Image.Image:
    left, top, right, bottom = (round(value) for value in bbox)
    box = (max(0, left), max(0, top), min(image.width, right), min(image.height, bottom))
    return image.crop(box) if box[0] < box[2] and box[1] < box[3] else image
