"""Painting, editing, looking and finding, done in worker threads so that no request waits for another's pixels."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar
from urllib.parse import quote

import anyio
import anyio.to_thread

from .faults import HitFault
from .image_options import ImageOptions
from .pictures import GivenPicture, Painting
from .whereabouts import HERE

if TYPE_CHECKING:
    from .library import Entry, Library, Progress
    from .paintings import Paintings

Result = TypeVar("Result")

THREADS: Final = 4
MOST_PROMPTS: Final = 10_000


def _pixels():  # noqa: ANN202 - a module has no type of its own
    """Give what works on pixels. It is imported in a thread when it is first needed: the sandbox starts at once."""
    from . import easel  # noqa: PLC0415

    return easel


@dataclass(frozen=True, slots=True)
class Finding:
    """A picture that was found, by its addresses on the sandbox."""

    title: str
    url: str
    thumbnail_url: str
    page_url: str


class Studio:
    """Everything with pixels, behind coroutines.

    Args:
        cache_dir: Where painted pictures and the index are kept.
        folder: The user's own pictures, None for the painted ones.
    """

    def __init__(self, cache_dir: Path, folder: Path | None) -> None:
        self._cache_dir = cache_dir
        self._folder = folder
        self._library: Library | None = None
        self._paintings: Paintings | None = None
        self._lock = threading.Lock()
        self._limiter = anyio.CapacityLimiter(THREADS)
        self._takes: Counter[str] = Counter()

    async def index(self, progress: Progress | None) -> None:
        """Bring the index of the user's own pictures up to date; there is nothing to do for the painted ones."""
        if self._folder is not None:
            await self.run(lambda: self._opened().refresh(progress))

    async def close(self) -> None:
        """Close the library, if it was ever opened."""
        if self._library is not None:
            await self.run(self._library.close)

    async def search(self, queries: Sequence[str], limit: int, fault: HitFault | None) -> list[Finding]:
        """Find pictures by words, the best first."""
        if fault == "empty":
            return []
        entries = await self.run(lambda: self._opened().search(queries, limit))
        return [_hit(entry, fault) for entry in entries]

    async def similar(
        self, picture: GivenPicture, limit: int, bbox: tuple[float, float, float, float] | None, fault: HitFault | None
    ) -> list[Finding]:
        """Find pictures that look like one; `bbox` in thousandths of its sides. Raises `Rejected` for no picture."""
        if fault == "empty":
            return []

        def find() -> list[Entry]:
            image = _pixels().decode(picture)
            about = self._painted().prompt_of(image)
            box = bbox and tuple(side * scale / 1000 for side, scale in zip(bbox, image.size * 2, strict=True))
            return self._opened().similar(image, limit, box, about)  # pyright: ignore[reportArgumentType] - four sides in, four out

        return [_hit(entry, fault) for entry in await self.run(find)]

    async def file(self, key: str, *, thumbnail: bool = False) -> tuple[bytes, str]:
        """Give a picture of the library and its type. Raises `KeyError` for an unknown key."""

        def read() -> tuple[bytes, str]:
            library = self._opened()
            if thumbnail:
                return library.thumbnail(key), "image/jpeg"
            data = library.read(key)
            entry = library.entry(key)
            return data, entry.mime_type if entry else "application/octet-stream"

        return await self.run(read)

    async def entry(self, key: str) -> Entry:
        """Say what is known of a picture of the library. Raises `KeyError` for an unknown key."""
        entry = await self.run(lambda: self._opened().entry(key))
        if entry is None:
            raise KeyError(key)
        return entry

    async def measure(self, pictures: Sequence[GivenPicture]) -> list[tuple[int, int]]:
        """Give the sides of pictures in px. Raises `Rejected` (400) for bytes that are none."""
        return await self.run(lambda: _pixels().measure(pictures))

    async def describe(self, pictures: Sequence[GivenPicture], question: str) -> str:
        """Say what can be measured in pictures."""
        return await self.run(lambda: _pixels().look(pictures, question))

    async def check_mask(self, mask: GivenPicture, source: GivenPicture) -> None:
        """Raise `Rejected` (400) for a mask that does not fit its picture."""
        await self.run(lambda: _pixels().fitting_mask(mask, source))

    async def make(
        self, prompt: str, options: ImageOptions, sources: Sequence[GivenPicture], mask: GivenPicture | None
    ) -> Painting:
        """Paint a picture, or change the first of `sources`. Raises `Rejected` (400) for a mask that does not fit.

        Asked for again, a prompt gives another picture, as it does with the services; the first is always the same.
        """
        take = self._take(prompt)
        return await self.run(lambda: _pixels().make(prompt, options, sources, mask, take, self._painted()))

    def start_anew(self) -> None:
        """Forget how often each prompt was asked for."""
        self._takes.clear()

    def _take(self, prompt: str) -> int | None:
        if len(self._takes) >= MOST_PROMPTS:
            self._takes.clear()
        self._takes[prompt] += 1
        return self._takes[prompt] - 1 or None

    async def run(self, work: Callable[[], Result]) -> Result:
        """Do blocking work in one of the studio's threads."""
        return await anyio.to_thread.run_sync(work, abandon_on_cancel=True, limiter=self._limiter)

    def _painted(self) -> Paintings:
        with self._lock:
            if self._paintings is None:
                self._paintings = _pixels().Paintings()
            return self._paintings

    def _opened(self) -> Library:
        """Open the library when it is first needed."""
        with self._lock:
            if self._library is None:
                self._library = _pixels().library(self._cache_dir, self._folder)
            return self._library


def _hit(entry: Entry, fault: HitFault | None) -> Finding:
    key, here = quote(entry.key), HERE.get().url
    folder = f"faulty/{fault}" if fault else "pictures"
    return Finding(
        title=entry.title,
        url=f"{here}/{folder}/{key}",
        thumbnail_url=f"{here}/thumbnails/{key}",
        page_url=f"{here}/pages/{key}",
    )
