"""What an edit adds to a picture: subjects, words, and things in the sky."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Final

from PIL import Image, ImageChops

from .painter import paint
from .painting.brief import read
from .painting.lettering import letter
from .painting.moods import MOODS
from .painting.skies import aurora, fireworks, lightning, moon, puff, rainbow, stars, sun
from .painting.surface import Surface
from .painting.weather import falling
from .retouching import sky_mask

Box = tuple[int, int, int, int]
Addition = Callable[[Image.Image, Box, int], Image.Image]
SKY: Final = 0.08
"""The share of a picture from which on its upper part counts as sky."""

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


def _drawn(draw: Callable[[Surface, random.Random], None], *, behind: bool = True) -> Addition:
    """Let what is drawn be laid over the open box of a picture; `behind` sets it behind what stands before the sky."""

    def added(image: Image.Image, box: Box, seed: int) -> Image.Image:
        surface = Surface(max(1, box[2] - box[0]), max(1, box[3] - box[1]), "medium", None)
        draw(surface, random.Random(seed))  # noqa: S311 - a painting needs no secrets
        layer = surface.image
        sky = sky_mask(image).crop(box)
        if behind and sum(sky.histogram()[128:]) > SKY * layer.width * layer.height:
            layer.putalpha(ImageChops.multiply(layer.getchannel("A"), sky))
        result = image.copy()
        result.alpha_composite(layer, box[:2])
        return result

    return added


def _clouds(surface: Surface, chance: random.Random) -> None:
    for x, y, size in ((0.24, 0.2, 0.11), (0.7, 0.15, 0.15), (0.46, 0.29, 0.08)):
        puff(surface, x, y, size, MOODS["day"].cloud, chance)


ADDITIONS: Final[dict[str, Addition]] = {
    "sun": _drawn(lambda surface, _: sun(surface, 0.76, 0.2, 0.075, (255, 226, 130))),
    "moon": _drawn(lambda surface, _: moon(surface, 0.76, 0.2, 0.08, (246, 244, 224))),
    "stars": _drawn(lambda surface, chance: stars(surface, chance, 0.8, 0.6)),
    "clouds": _drawn(_clouds),
    "rainbow": _drawn(lambda surface, _: rainbow(surface)),
    "snow": _drawn(lambda surface, chance: falling(surface, MOODS["day"], chance, "snow"), behind=False),
    "rain": _drawn(lambda surface, chance: falling(surface, MOODS["day"], chance, "rain"), behind=False),
    "fireworks": _drawn(fireworks),
    "aurora": _drawn(aurora),
    "lightning": _drawn(lambda surface, chance: lightning(surface, chance, 0.7)),
}
"""Everything that can be added to a sky, by name."""
