"""Space, the Moon, Mars, and the sky above the clouds."""

from __future__ import annotations

import random
from dataclasses import replace

from lightbox_sandbox.painting import lands, skies
from lightbox_sandbox.painting.colour import darker, lighter, mix
from lightbox_sandbox.painting.moods import Mood
from lightbox_sandbox.painting.outlines import oval, smooth, star
from lightbox_sandbox.painting.skies import milky_way, stars
from lightbox_sandbox.painting.surface import Surface
from lightbox_sandbox.pixels import Colour, curve

from .scene import Scene


def space(scene: Scene) -> float:
    """Look into deep space."""
    _deep(*scene.parts, scene.tint)
    return 0.8


def moon(scene: Scene) -> float:
    """Stand on the Moon, the Earth above."""
    _deep(*scene.parts)
    skies.disc(scene.surface, 0.78, 0.24, 0.1, (90, 150, 220), volume=1.0)
    _craters(*scene.parts, 0.6, scene.tint or (160, 156, 160))
    return 0.86


def mars(scene: Scene) -> float:
    """Stand on Mars."""
    surface, mood, chance = scene.parts
    surface.wash(((120, 70, 60), (200, 130, 96), (240, 190, 146)))
    skies.stars(surface, chance, 0.12, 0.3)
    skies.sun(surface, 0.24, 0.3, 0.028, (255, 240, 220))
    lands.mountains(
        surface,
        replace(mood, haze=(232, 168, 124), light=(255, 220, 196), clouds=0),
        chance,
        0.6,
        (176, 92, 66),
        snow=False,
    )
    _craters(surface, mood, chance, 0.6, (196, 104, 70))
    return 0.86


def sky_only(scene: Scene) -> float:
    """Rise above the clouds."""
    scene.sky(1.0)
    for x, y, size in ((0.2, 0.86, 0.2), (0.8, 0.92, 0.26), (0.52, 1.04, 0.3)):
        skies.puff(scene.surface, x, y, size, scene.mood.cloud, scene.chance)
    return 0.8


def _deep(surface: Surface, mood: Mood, chance: random.Random, tint: Colour | None = None) -> None:
    """Paint deep space: nebulae and stars."""
    del mood
    surface.wash(((8, 8, 26), (16, 14, 44), (10, 10, 30)))
    first: Colour = tint or chance.choice(((96, 60, 170), (36, 98, 170), (150, 52, 120), (32, 120, 130)))
    milky_way(surface, chance, (first, lighter(mix(first, (250, 130, 120), 0.5), 0.1)))
    field = surface.noise(chance, (3, 3), 5, 0.6)
    surface.lay(darker(first, 0.1), curve(field, lambda v: (v - 125) * 1.5), strength=0.42)
    stars(surface, chance, 1.4)
    for _ in range(5):
        x, y, r = (
            chance.random() * surface.width,
            chance.random() * surface.height,
            chance.uniform(0.008, 0.02) * surface.unit,
        )
        surface.polygons([star(x, y, r, 4, 0.1)], (255, 255, 255), opacity=0.9)
        surface.glow(x / surface.width, y / surface.height, 0.03, (210, 220, 255), 0.6)


def _craters(
    surface: Surface, mood: Mood, chance: random.Random, horizon: float, colour: Colour = (160, 156, 160)
) -> None:
    """Paint the ground of a moon or a red planet, with craters."""
    del mood
    for index in range(3):
        base = horizon + 0.02 + 0.11 * index
        line = smooth(
            [(-0.1, base), (0.2, base - 0.03), (0.5, base + 0.02), (0.8, base - 0.025), (1.1, base)], closed=False
        )
        tone = darker(colour, 0.35 - 0.16 * index)
        surface.shapes([[*line, (1.1, 1.1), (-0.1, 1.1)]], (lighter(tone, 0.1), darker(tone, 0.35)))
        for _ in range(7):
            x, y = chance.uniform(0, 1), base + chance.uniform(0.03, 0.12)
            rx = chance.uniform(0.012, 0.045) * (0.6 + index * 0.5)
            surface.shapes([oval(x, y, rx, rx * 0.3)], (darker(tone, 0.45), lighter(tone, 0.05)))
            surface.shapes([oval(x, y + rx * 0.06, rx * 0.9, rx * 0.24)], (darker(tone, 0.3), tone))
