"""The library of painted scenes, which is searched where no folder of pictures is named."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from .encoding import Format, encode
from .index import Index, IndexedPicture
from .library import MIME_TYPES, WORKERS, Library, Progress
from .likeness import Signature
from .painter import paint
from .scenes import EDITION, SCENES, SceneSpec, shipped, sketched

FORMATS: Final[dict[str, Format]] = {".jpg": "jpeg", ".png": "png", ".webp": "webp", ".gif": "gif"}


class PaintedLibrary(Library):
    """The scenes, each painted when it is first asked for.

    Args:
        cache_dir: Where painted pictures, thumbnails and the index are kept.
    """

    def __init__(self, cache_dir: Path) -> None:
        super().__init__(cache_dir / f"scenes-{EDITION}")

    def refresh(self, progress: Progress | None = None) -> None:
        """Compute what the scenes' signatures lack now, instead of at the first search by likeness.

        The scenes themselves never change.
        """
        with self._lock:
            self._sign(progress)

    def read(self, key: str) -> bytes:
        """Give a picture's file, painted when it is first asked for. Raises `KeyError` for an unknown key."""
        self._record(key)
        return self._kept("pictures", key, lambda: _painted(SCENES[key]))

    def thumbnail(self, key: str) -> bytes:
        """Give a JPEG of a scene, at most 192 px wide and high. Raises `KeyError` for an unknown key."""
        self._record(key)
        return self._kept("thumbnails", f"{key}.jpg", lambda: sketched(SCENES[key])[0])

    def _open(self) -> Index:
        index = super()._open()
        if not index.stamps():
            looks = shipped()
            index.put(_scene_record(scene, looks.get(scene.key)) for scene in SCENES.values())
        return index

    def _signed(self) -> Index:
        with self._lock:
            self._sign(None)
        return self._opened()

    def _sign(self, progress: Progress | None) -> None:
        index = self._opened()
        missing = index.unsigned()
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


def _scene_record(scene: SceneSpec, look: Signature | None) -> IndexedPicture:
    mime_type = MIME_TYPES[Path(scene.key).suffix]
    return IndexedPicture(
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
