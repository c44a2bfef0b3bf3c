"""Waters: lake, sea, beach, coast, bay, and the deep."""

from __future__ import annotations

import math
import random

from PIL import Image, ImageChops

from lightbox_sandbox.painting import lands
from lightbox_sandbox.painting.colour import darker, lighter, mix
from lightbox_sandbox.painting.drawings.trees import bush, leafy_tree
from lightbox_sandbox.painting.moods import Mood
from lightbox_sandbox.painting.outlines import Outline, oval, smooth, stroke
from lightbox_sandbox.painting.pen import Pen
from lightbox_sandbox.painting.surface import Surface
from lightbox_sandbox.painting.water import water
from lightbox_sandbox.pixels import Colour, curve

from .scene import Scene


def lake(scene: Scene) -> float:
    """Fill a lake that mirrors mountains."""
    scene.sky(0.5)
    lands.mountains(*scene.parts, 0.5, scene.tint or (90, 110, 136))
    surface, mood, chance = scene.parts
    for index in range(26):
        bush_or_tree = bush if index % 3 else leafy_tree
        bush_or_tree(
            Pen(surface, mood, ((index + chance.random()) / 26, 0.555), chance.uniform(0.05, 0.1), distance=0.25),
            chance,
            (70, 112, 66),
        )
    water(surface, mood, chance, 0.55, (44, 104, 130), calm=True)
    return 0.82


def sea(scene: Scene) -> float:
    """Open the sea."""
    scene.sky(0.56)
    water(*scene.parts, 0.56, scene.tint or (36, 104, 146))
    return 0.78


def beach(scene: Scene) -> float:
    """Wash a beach under palms."""
    scene.sky(0.5)
    water(*scene.parts, 0.5, (40, 150, 172))
    lands.beach(*scene.parts, 0.72)
    return 0.9


def coast(scene: Scene) -> float:
    """Break waves on a rocky coast."""
    surface, mood, chance = scene.parts
    scene.sky(0.6)
    water(surface, mood, chance, 0.6, (34, 96, 132))
    rock: Colour = (112, 106, 106)
    for base, left, tone, distance in ((0.72, 0.4, darker(rock, 0.1), 0.16), (0.82, 0.12, rock, 0.0)):
        line = smooth(
            [
                (left, 1.05),
                (left + 0.1, base + 0.1),
                (left + 0.24, base + 0.03),
                (left + 0.4, base),
                (left + 0.62, base + 0.015),
                (1.1, base - 0.04),
                (1.1, 1.2),
            ],
            closed=False,
        )
        surface.shapes(
            [line], (mood.seen(lighter(tone, 0.12), distance), mood.seen(darker(tone, 0.5), distance)), volume=0.3
        )
        top = smooth(
            [
                (left + 0.12, base + 0.085),
                (left + 0.25, base + 0.02),
                (left + 0.4, base - 0.008),
                (left + 0.62, base + 0.008),
                (1.1, base - 0.05),
                (1.1, base + 0.03),
                (left + 0.5, base + 0.05),
            ],
            closed=False,
        )
        surface.shapes([top], (mood.seen((124, 160, 88), distance), mood.seen((84, 122, 66), distance)))
        foam = smooth(
            [
                (left - 0.08, 1.03),
                (left + 0.02, base + 0.16),
                (left + 0.1, base + 0.12),
                (left + 0.05, base + 0.2),
                (left + 0.02, 1.03),
            ]
        )
        surface.shapes([foam], (255, 255, 255), opacity=0.5, blur=0.012)
    return 0.81


def bay(scene: Scene) -> float:
    """Close a bay with mountains."""
    surface, mood, chance = scene.parts
    scene.sky(0.6)
    lands.mountains(surface, mood, chance, 0.62, (100, 116, 132), snow=False)
    water(surface, mood, chance, 0.62, (44, 104, 136))
    return 0.7


def underwater(scene: Scene) -> float:
    """Dive to the reef."""
    _reef(*scene.parts)
    return 0.8


def _reef(surface: Surface, mood: Mood, chance: random.Random) -> None:
    """Paint the deep: light from above, a reef below, bubbles."""
    surface.wash([mood.seen(c) for c in ((126, 218, 226), (44, 152, 190), (18, 92, 148), (10, 48, 96))])
    for _ in range(9):
        x = chance.uniform(-0.1, 1.1)
        lean = (x - 0.5) * 0.5
        width = chance.uniform(0.02, 0.09)
        ray = [(x, -0.05), (x + width, -0.05), (x + lean + width * 2.6, 0.9), (x + lean, 0.9)]
        surface.shapes([ray], ((206, 246, 240), (60, 140, 190)), opacity=0.13, blur=0.02)
    field = surface.noise(chance, (6, 7), 4)
    surface.lay(
        (190, 244, 240),
        ImageChops.multiply(curve(field, lambda v: 255 - abs(v - 128) * 14), _fade(surface, 0.45)),
        strength=0.25,
    )
    corals: tuple[Colour, ...] = ((240, 110, 120), (250, 170, 90), (190, 110, 200), (255, 214, 130), (110, 190, 150))
    for row, distance in enumerate((0.65, 0.3, 0.0)):
        base = 0.86 + row * 0.055
        surface.shapes(
            [
                smooth(
                    [
                        (-0.1, 1.2),
                        (-0.1, base),
                        (0.2, base - 0.05),
                        (0.45, base + 0.03),
                        (0.7, base - 0.03),
                        (1.1, base),
                        (1.1, 1.2),
                    ]
                )
            ],
            mix((26, 64, 92), (14, 74, 130), distance),
        )
        for _ in range(8):
            _coral(surface, chance, (chance.random(), base + 0.03), mix(chance.choice(corals), (20, 96, 150), distance))
    bubbles: list[Outline] = []
    for _ in range(34):
        r = chance.uniform(0.002, 0.009) * surface.unit
        bubbles.append(oval(chance.random() * surface.width, chance.random() * surface.height, r, r, steps=16))
    surface.polygons(bubbles, (226, 250, 255), opacity=0.42)


def _fade(surface: Surface, bottom: float) -> Image.Image:
    holder = Surface(surface.width, surface.height, "low", None)
    holder.veil((255, 255, 255), (1, 0), 0, bottom)
    return holder.image.getchannel("A")


def _coral(surface: Surface, chance: random.Random, place: tuple[float, float], tone: Colour) -> None:
    x, y = place[0] * surface.width, place[1] * surface.height
    size = chance.uniform(0.06, 0.15) * surface.unit
    branches: list[Outline] = []
    if chance.random() < 0.5:  # noqa: PLR2004 - one half each
        for index in range(7):
            a = -math.pi / 2 + (index - 3) * 0.26
            tip = (x + size * math.cos(a), y + size * math.sin(a) * chance.uniform(0.8, 1.2))
            bend = (x + size * 0.5 * math.cos(a * 1.04), y + size * 0.55 * math.sin(a))
            branches.append(stroke([(x, y), bend, tip], size * 0.14, size * 0.06))
            branches.append(oval(tip[0], tip[1], size * 0.055, size * 0.055, steps=12))
    else:
        branches = [
            oval(x + (i - 2) * size * 0.26, y - size * 0.12 * (2 - abs(i - 2)), size * 0.24, size * 0.3)
            for i in range(5)
        ]
    surface.polygons(branches, (lighter(tone, 0.2), darker(tone, 0.3)), volume=0.5)
