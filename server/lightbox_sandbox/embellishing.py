"""What an edit adds to a picture: subjects, words, and things in the sky."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Final

from PIL import Image, ImageChops

from .masks import sky_mask
from .painter import paint
from .painting.brief import read
from .painting.inscription import letter
from .painting.moods import MOODS
from .painting.outlines import Point
from .painting.skies import aurora, disc, falling, fireworks, lightning, moon, puff, rainbow, stars
from .painting.surface import Surface
from .pixels import resized

Box = tuple[int, int, int, int]
Addition = Callable[[Image.Image, Box, int], Image.Image]
Draw = Callable[[Surface, random.Random, Point], None]
"""Draws into the open box; the point, in its shares, is where a sun or moon has room."""

SKY: Final = 0.08
"""The share of a picture from which on its upper part counts as sky."""

PLACES: Final[tuple[Point, ...]] = ((0.76, 0.2), (0.24, 0.2), (0.84, 0.13), (0.16, 0.13), (0.5, 0.16))
GRID: Final = 24
"""How finely open sky is looked for: places are tried in so many parts of width and height."""

HEADWEAR: Final = frozenset({"hat"})
FLYING: Final = frozenset(
    {"bird", "birds", "eagle", "butterfly", "bee", "airplane", "balloon", "star", "heart", "lantern", "rocket"}
)


def add_subjects(
    image: Image.Image, prompt: str, box: Box, *, quality: str, seed: int | None, masked: bool
) -> Image.Image:
    """Paint the subjects of a prompt into the open box, or where such things are: on ground or head, in the air."""
    names = {named.name for named in read(prompt).subjects}
    left, top, right, bottom = box
    if not masked:
        side = round(min(image.size) * 0.42)
        left = (image.width - side) // 2 if names & HEADWEAR else round((image.width - side) * 0.92)
        top = round(image.height * 0.03) if names & (HEADWEAR | FLYING) else round((image.height - side) * 0.95)
        right, bottom = left + side, top + side
    figure = paint(
        prompt,
        width=max(1, right - left),
        height=max(1, bottom - top),
        quality=quality,
        seed=seed,
        background="transparent",
    )
    result = image.copy()
    result.alpha_composite(figure, (left, top))
    return result


def add_words(image: Image.Image, words: str, box: Box) -> Image.Image:
    """Write words into the open box."""
    surface = Surface(max(1, box[2] - box[0]), max(1, box[3] - box[1]), "medium", None)
    letter(surface, words)
    result = image.copy()
    result.alpha_composite(surface.image, box[:2])
    return result


def _drawn(draw: Draw, *, behind: bool = True) -> Addition:
    """Let what is drawn be laid over the open box of a picture; `behind` sets it behind what stands before the sky."""

    def added(image: Image.Image, box: Box, seed: int) -> Image.Image:
        surface = Surface(max(1, box[2] - box[0]), max(1, box[3] - box[1]), "medium", None)
        sky = sky_mask(image).crop(box)
        if not behind or sum(sky.histogram()[128:]) < SKY * sky.width * sky.height:
            sky = Image.new("L", sky.size, 255)
        draw(surface, random.Random(seed), _open_place(sky))  # noqa: S311 - a painting needs no secrets
        layer = surface.image
        layer.putalpha(ImageChops.multiply(layer.getchannel("A"), sky))
        result = image.copy()
        result.alpha_composite(layer, box[:2])
        return result

    return added


def _open_place(sky: Image.Image) -> Point:
    """Give the place for a sun or moon: the first of `PLACES` with open sky all around, else the one with most."""
    grid = resized(sky, (GRID, GRID), Image.Resampling.BOX)

    def openness(place: Point) -> float:
        x, y = round(place[0] * GRID), round(place[1] * GRID)
        around = grid.crop((x - 2, y - 2, x + 2, y + 2))
        return sum(around.tobytes()) / (16 * 255)

    return next((place for place in PLACES if openness(place) > 0.98), max(PLACES, key=openness))  # noqa: PLR2004 - but for a speck


def _sun(surface: Surface, _: random.Random, place: Point) -> None:
    """Draw a sun that shows before a pale sky as well: its disc is deeper than the sky is bright."""
    surface.glow(*place, 0.42, (255, 226, 140), 0.75, 2.0)
    surface.glow(*place, 0.17, (255, 190, 70), 0.8, 1.6)
    disc(surface, *place, 0.078, (255, 204, 66), blur=0.002)
    disc(surface, *place, 0.066, (255, 224, 110), blur=0.008)


def _clouds(surface: Surface, chance: random.Random, _: Point) -> None:
    for x, y, size in ((0.24, 0.2, 0.11), (0.7, 0.15, 0.15), (0.46, 0.29, 0.08)):
        puff(surface, x, y, size, MOODS["day"].cloud, chance)


ADDITIONS: Final[dict[str, Addition]] = {
    "sun": _drawn(_sun),
    "moon": _drawn(lambda surface, _, place: moon(surface, *place, 0.08, (246, 244, 224))),
    "stars": _drawn(lambda surface, chance, _: stars(surface, chance, 0.8, 0.6)),
    "clouds": _drawn(_clouds),
    "rainbow": _drawn(lambda surface, _chance, _place: rainbow(surface, 0.78)),
    "snow": _drawn(lambda surface, chance, _: falling(surface, MOODS["day"], chance, "snow"), behind=False),
    "rain": _drawn(lambda surface, chance, _: falling(surface, MOODS["day"], chance, "rain"), behind=False),
    "fireworks": _drawn(lambda surface, chance, _: fireworks(surface, chance)),
    "aurora": _drawn(lambda surface, chance, _: aurora(surface, chance)),
    "lightning": _drawn(lambda surface, chance, _: lightning(surface, chance, 0.7)),
}
"""Everything that can be added to a sky, by name."""
