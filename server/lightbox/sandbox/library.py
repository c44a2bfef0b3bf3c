"""The pictures that the sandbox finds: painted scenes, or the user's own folder."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PIL import Image

from .encoding import encode
from .painter import paint

MIME_TYPES: Final = {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp", "gif": "image/gif"}


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
    """Pictures that can be searched by words and by likeness.

    Args:
        cache_dir: Where painted pictures, thumbnails and the index are kept.
        folder: The user's own pictures; the painted scenes where `None`.
    """

    def __init__(self, cache_dir: Path, folder: Path | None = None) -> None:
        self._cache_dir = cache_dir
        self._folder = folder
        self._lock = threading.Lock()
        self._entries = {
            f"{name}.jpg": Entry(f"{name}.jpg", name.title(), (name,), 960, 540, "image/jpeg")
            for name in ("forest", "fox", "city", "sea", "mountain", "circuit")
        }

    def refresh(self, progress: Callable[[int, int], None] | None = None) -> None:
        """Bring the index up to date; `progress(done, total)` is called on the way."""
        if progress:
            progress(len(self._entries), len(self._entries))

    def all(self) -> Iterable[Entry]:
        """Give every picture."""
        return list(self._entries.values())

    def search(self, queries: Sequence[str], limit: int) -> list[Entry]:
        """Find pictures by words, the best first; several queries are merged."""
        words = {word for query in queries for word in query.lower().split()}
        return [entry for entry in self._entries.values() if words & set(entry.tags)][:limit]

    def similar(
        self, image: Image.Image, limit: int, bbox: tuple[float, float, float, float] | None = None
    ) -> list[Entry]:
        """Find pictures that look like one, the likest first.

        Args:
            image: The picture to compare with.
            limit: How many at most.
            bbox: Left, top, right and bottom in px of the part that counts; everything where `None`.
        """
        del image, bbox
        return list(self._entries.values())[:limit]

    def entry(self, key: str) -> Entry | None:
        """Give the picture of a key, `None` for an unknown one."""
        return self._entries.get(key)

    def read(self, key: str) -> bytes:
        """Give a picture's file, painted when it is first asked for. Raises `KeyError` for an unknown key."""
        entry = self._entries[key]
        return encode(paint(entry.title, width=entry.width, height=entry.height), "jpeg", prompt=entry.title)

    def thumbnail(self, key: str) -> bytes:
        """Give a small JPEG of a picture, at most 256 px wide and high. Raises `KeyError` for an unknown key."""
        entry = self._entries[key]
        return encode(paint(entry.title, width=256, height=256, quality="low"), "jpeg", prompt=entry.title)
