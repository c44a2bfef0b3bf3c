from __future__ import annotations

import io
import random
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from PIL import Image, ImageEnhance, ImageOps

from lightbox_sandbox.likeness import SKETCH
from lightbox_sandbox.painted import PaintedLibrary
from lightbox_sandbox.painter import paint
from lightbox_sandbox.scenes import SCENES, shipped, sketched

if TYPE_CHECKING:
    from tests.conftest import Show

Change = Callable[[Image.Image, random.Random], Image.Image]


def _resized(image: Image.Image, chance: random.Random) -> Image.Image:
    small = image.copy()
    small.thumbnail((chance.randint(70, 190), chance.randint(70, 190)))
    return small


def _recompressed(image: Image.Image, chance: random.Random) -> Image.Image:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=chance.randint(15, 45))
    return Image.open(file)


def _cropped(image: Image.Image, chance: random.Random) -> Image.Image:
    left, top, right, bottom = (chance.uniform(0, 0.08) for _ in range(4))
    width, height = image.size
    return image.crop(
        (round(width * left), round(height * top), round(width * (1 - right)), round(height * (1 - bottom)))
    )


def _brightened(image: Image.Image, chance: random.Random) -> Image.Image:
    return ImageEnhance.Brightness(image).enhance(chance.uniform(0.75, 1.35))


def _grey(image: Image.Image, _: random.Random) -> Image.Image:
    return image.convert("L")


def _mirrored(image: Image.Image, _: random.Random) -> Image.Image:
    return ImageOps.mirror(image)


CHANGES: dict[str, Change] = {
    "resized": _resized, "recompressed": _recompressed, "cropped": _cropped,
    "brightened": _brightened, "grey": _grey, "mirrored": _mirrored,
}  # fmt: skip


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PaintedLibrary]:
    painted = PaintedLibrary(tmp_path_factory.mktemp("cache"))
    yield painted
    painted.close()


@pytest.fixture(scope="module")
def pictures() -> dict[str, Image.Image]:
    """A third of the scenes, painted in their true composition at middling size."""
    chosen = random.Random(4).sample(sorted(SCENES), 34)  # noqa: S311 - no secrets
    return {
        key: paint(SCENES[key].prompt, width=SCENES[key].width // 3, height=SCENES[key].height // 3) for key in chosen
    }


@pytest.mark.slow
def test_a_changed_copy_comes_before_every_other_picture(
    library: PaintedLibrary, pictures: dict[str, Image.Image], show: Show
) -> None:
    chance = random.Random(5)  # noqa: S311 - no secrets
    found = {
        name: sum(library.similar(change(image, chance), 3)[0].key == key for key, image in pictures.items())
        for name, change in CHANGES.items()
    }
    rate = sum(found.values()) / (len(CHANGES) * len(pictures))
    trials = len(CHANGES) * len(pictures)
    show(f"Likeness: the original came first in {rate:.1%} of {trials} trials; of {len(pictures)} each: {found}")
    assert rate >= 0.95
    assert min(found.values()) >= 0.9 * len(pictures)


def test_after_the_copy_come_pictures_of_the_same_subject(library: PaintedLibrary) -> None:
    key = "grey-kitten-on-white.jpg"
    image = paint(SCENES[key].prompt, width=320, height=320)
    assert "ginger-cat-by-the-window.jpg" in [entry.key for entry in library.similar(image, 6)]


def test_a_box_says_which_part_counts(library: PaintedLibrary) -> None:
    key = "pizza-with-olives-and-basil.jpg"
    inner = paint(SCENES[key].prompt, width=300, height=300)
    sheet = Image.new("RGB", (700, 400), (20, 90, 200))
    sheet.paste(inner, (350, 50))
    assert library.similar(sheet, 1, (350, 50, 650, 350))[0].key == key


def test_the_limit_is_kept_and_odd_pictures_are_borne(library: PaintedLibrary) -> None:
    assert len(library.similar(Image.new("RGB", (1, 1)), 4)) == 4
    assert len(library.similar(Image.new("RGBA", (3, 500)), 4)) == 4
    assert len(library.similar(Image.new("P", (40, 30)), 2, (900, 900, 800, 800))) == 2


def test_the_shipped_signatures_are_those_that_the_painter_gives() -> None:
    """Fails after a change of the painter: `python -m lightbox_sandbox.signing` computes them anew."""
    looks = shipped()
    assert set(looks) == set(SCENES)
    for key in random.Random(6).sample(sorted(SCENES), 8):  # noqa: S311 - no secrets
        fresh = sketched(SCENES[key])[1]
        assert (fresh.shape ^ looks[key].shape).bit_count() < 40, key


def test_a_sketch_is_small() -> None:
    data, _ = sketched(SCENES["red-rose.jpg"])
    with Image.open(io.BytesIO(data)) as file:
        assert max(file.size) == SKETCH
