"""What was painted here lately: shown again, a picture is known by its looks, or by what its file says."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from collections.abc import Hashable
from typing import Final

from PIL import Image

from .embedded import painted_for
from .likeness import COPY, Looks, Signature, signature
from .pictures import Painting

MOST: Final = 500
MOST_BYTES: Final = 64 * 1024 * 1024
"""How much of the finished work is kept, as base64: whoever runs the same tests again does not wait for it again."""


class Paintings:
    """The latest paintings with their prompts; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rows: deque[tuple[Signature, str]] = deque(maxlen=MOST)
        self._finished: OrderedDict[Hashable, Painting] = OrderedDict()
        self._bytes = 0

    def again(self, asked: Hashable) -> Painting | None:
        """Give what was painted when the same was asked for, where it is still kept."""
        with self._lock:
            if asked in self._finished:
                self._finished.move_to_end(asked)
            return self._finished.get(asked)

    def keep(self, asked: Hashable, painting: Painting) -> None:
        """Keep what was painted; the oldest goes where there is no room."""
        with self._lock:
            before = self._finished.pop(asked, None)
            self._finished[asked] = painting
            self._bytes += _length(painting) - (_length(before) if before else 0)
            while self._bytes > MOST_BYTES:
                self._bytes -= _length(self._finished.popitem(last=False)[1])

    def remember(self, image: Image.Image, prompt: str) -> None:
        """Keep for which prompt a picture was painted."""
        look = signature(image)
        with self._lock:
            self._rows.append((look, prompt))

    def prompt_of(self, image: Image.Image) -> str:
        """Give the prompt for which a picture was painted, "" where it was not painted here."""
        with self._lock:
            rows = list(self._rows)
        if rows:
            looks = Looks(image, [look.shape for look, _ in rows], [look.tint for look, _ in rows])
            best, place = looks.nearest(lambda places: [rows[one][0].grid for one in places])[0]
            if best >= COPY:
                return rows[place][1]
        return painted_for(image)


def _length(painting: Painting) -> int:
    return len(painting.result) + sum(map(len, painting.partials))
