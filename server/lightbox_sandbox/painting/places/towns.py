"""Towns: skyline, street, park, stadium."""

from __future__ import annotations

import random

from PIL import ImageFilter, ImageOps

from lightbox_sandbox.painting import lands
from lightbox_sandbox.painting.colour import darker, lighter
from lightbox_sandbox.painting.drawings.skyline import skyline
from lightbox_sandbox.painting.drawings.trees import bush, leafy_tree
from lightbox_sandbox.painting.moods import Mood
from lightbox_sandbox.painting.outlines import block, oval, smooth
from lightbox_sandbox.painting.pen import Pen
from lightbox_sandbox.painting.surface import Surface
from lightbox_sandbox.painting.water import water
from lightbox_sandbox.pixels import Colour

from .scene import Scene


def city(scene: Scene) -> float:
    """Raise a skyline over the water."""
    surface, mood, chance = scene.parts
    scene.sky(0.66)
    skyline(surface, mood, chance, 0.72, neon=scene.neon)
    water(surface, mood, chance, 0.72, (48, 78, 112), calm=True)
    return 0.86


def street(scene: Scene) -> float:
    """Run a street through the town."""
    scene.sky(0.6)
    _road(*scene.parts, 0.6, neon=scene.neon)
    return 0.87


def park(scene: Scene) -> float:
    """Wind a path through the city park."""
    surface, mood, chance = scene.parts
    scene.sky(0.55)
    skyline(surface, mood, chance, 0.56)
    lands.hills(surface, mood, chance, 0.57, (112, 160, 84), 2)
    for x, size in ((0.08, 0.5), (0.27, 0.34), (0.76, 0.36), (0.94, 0.54)):
        leafy_tree(Pen(surface, mood, (x, 0.62 + size * 0.22), size, distance=0.3 - size * 0.4), chance)
    path = smooth(
        [(0.42, 0.62), (0.5, 0.72), (0.4, 0.84), (0.2, 1.1), (0.85, 1.1), (0.62, 0.84), (0.57, 0.72), (0.45, 0.62)],
        closed=False,
    )
    surface.shapes([path], (mood.seen((220, 204, 172)), mood.seen((196, 174, 138))))
    lands.grass(surface, mood, chance, 0.9, (98, 150, 70), flowers=((250, 240, 150),))
    return 0.86


def stadium(scene: Scene) -> float:
    """Seat a crowd around the pitch."""
    surface, mood, chance = scene.parts
    scene.sky(0.4)
    surface.shapes(
        [smooth([(-0.1, 0.3), (0.5, 0.36), (1.1, 0.3), (1.1, 0.6), (-0.1, 0.6)])],
        (mood.seen((92, 98, 122)), mood.seen((60, 62, 84))),
    )
    for tone in ((236, 90, 80), (90, 130, 210), (250, 230, 190), (250, 190, 80)):
        surface.polygons(
            [
                oval(
                    chance.random() * surface.width,
                    chance.uniform(0.36, 0.55) * surface.height,
                    0.005 * surface.unit,
                    0.006 * surface.unit,
                    steps=8,
                )
                for _ in range(170)
            ],
            mood.seen(tone),
        )
    for index in range(8):
        y = 0.56 + 0.44 * (index / 8) ** 1.3
        surface.shapes([block(-0.1, y, 1.1, 1.1)], mood.seen((96, 164, 80) if index % 2 else (82, 148, 70)))
    surface.shapes([block(-0.1, 0.63, 1.1, 0.637)], (250, 250, 250), opacity=0.8)
    for x in (0.06, 0.94):
        surface.glow(x, 0.1, 0.3, (255, 255, 240), 0.8)
    return 0.86


def _road(surface: Surface, mood: Mood, chance: random.Random, horizon: float, *, neon: bool = False) -> None:
    """Paint a town behind a road that runs across."""
    skyline(surface, mood, chance, horizon + 0.05, neon=neon)
    for index in range(16):
        bush(
            Pen(surface, mood, ((index + chance.random()) / 16, horizon + 0.09), chance.uniform(0.07, 0.12)),
            chance,
            (70, 116, 66),
        )
    pavement: Colour = (170, 166, 166)
    road: Colour = (84, 86, 98)
    top = horizon + 0.08
    surface.shapes([block(-0.1, top, 1.1, 1.1)], (mood.seen(lighter(pavement, 0.1)), mood.seen(pavement)))
    surface.shapes([block(-0.1, top + 0.05, 1.1, 1.1)], (mood.seen(lighter(road, 0.12)), mood.seen(darker(road, 0.35))))
    surface.shapes([block(-0.1, top + 0.044, 1.1, top + 0.054)], mood.seen((206, 202, 200)))
    middle = (top + 1.09) / 2 + 0.03
    surface.shapes(
        [
            [(x, middle), (x + 0.1, middle), (x + 0.094, middle + 0.014), (x - 0.008, middle + 0.014)]
            for x in [i * 0.19 - 0.04 for i in range(6)]
        ],
        mood.seen((240, 234, 214)),
        opacity=0.85,
    )
    for x in (0.1, 0.48, 0.86):
        pen = Pen(surface, mood, (x, top + 0.04), 0.34)
        pen.line([(0, 0), (0, -0.9), (0.04, -0.98), (0.16, -0.99)], 0.03, 0.018, paint=(64, 66, 78))
        pen.oval(0.17, -0.975, 0.06, 0.022, paint=(255, 236, 186), lit=mood.dark < 0.3)  # noqa: PLR2004 - lamps are lit from dusk on
        if mood.dark > 0.3:  # noqa: PLR2004 - as above
            pen.glow(0.17, -0.95, 0.6, (255, 220, 150), 0.55)
    if neon:
        mirror = ImageOps.flip(
            surface.image.crop((0, round((2 * top - 0.9) * surface.height), surface.width, round(top * surface.height)))
        )
        mirror = mirror.filter(ImageFilter.GaussianBlur(0.012 * surface.unit)).convert("RGB")
        holder = Surface(mirror.width, mirror.height, "low", None)
        holder.veil((255, 255, 255), (0.65, 0.2))
        surface.lay(mirror, holder.image.getchannel("A"), (0, round((top + 0.055) * surface.height)))
