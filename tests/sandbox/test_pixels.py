"""What the painter paints, px for px.

`pixels.txt` holds a digest of the pixels for each of some hundred prompts; between them they take every branch of the
painter, with every word that it knows from one of them. A change that is meant to show writes them anew:
`python tests/sandbox/test_pixels.py`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import PIL
import pytest
from PIL import Image

from lightbox_sandbox.editing import edit
from lightbox_sandbox.painter import paint
from lightbox_sandbox.scenes import SCENES

DIGESTS = Path(__file__).with_name("pixels.txt")
SOURCE = "a red fox in a meadow"


@cache
def source(width: int, height: int) -> Image.Image:
    """Give what is edited."""
    return paint(SOURCE, width=width, height=height, quality="low")


class Sample(NamedTuple):
    """A prompt, how it is painted (`opaque`, `transparent` or `edit`), in which size and with which digest."""

    digest: str
    size: str
    way: str
    prompt: str

    def painted(self) -> Image.Image:
        width, height = map(int, self.size.split("x"))
        if self.way == "edit":
            return edit([source(width, height)], self.prompt, quality="low")
        return paint(self.prompt, width=width, height=height, quality="low", background=self.way)

    def anew(self) -> Sample:
        image = self.painted()
        pixels = f"{image.mode} {image.size} ".encode() + image.tobytes()
        return self._replace(digest=hashlib.sha256(pixels).hexdigest()[:16])


def samples() -> Iterator[Sample]:
    for line in DIGESTS.read_text("utf-8").splitlines():
        if not line.startswith("#"):
            yield Sample(*line.split(maxsplit=3))


def pillow() -> str:
    """Give Pillow's version, on whose filters the pixels rest."""
    return f"# Pillow {PIL.__version__.partition('.')[0]}"


@pytest.mark.slow
def test_every_prompt_is_painted_pixel_for_pixel_as_before() -> None:
    if DIGESTS.read_text("utf-8").splitlines()[0] != pillow():
        pytest.skip("the digests were taken with another Pillow, whose filters may differ")
    changed = [sample.prompt for sample in samples() if sample.anew() != sample]
    assert changed == []


def test_every_scene_of_the_library_is_among_the_samples() -> None:
    assert {scene.prompt for scene in SCENES.values()} <= {sample.prompt for sample in samples()}


if __name__ == "__main__":
    lines = [" ".join(sample.anew()) for sample in samples()]
    DIGESTS.write_text("\n".join([pillow(), *lines]) + "\n", "utf-8")
