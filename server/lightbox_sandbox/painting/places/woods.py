"""Woods: forest, autumn, jungle, bamboo."""

from __future__ import annotations

import math
import random

from lightbox_sandbox.painting import lands
from lightbox_sandbox.painting.colour import darker, lighter, mix
from lightbox_sandbox.painting.drawings.trees import leafy_tree
from lightbox_sandbox.painting.outlines import Outline, block, drop, oval, smooth
from lightbox_sandbox.painting.pen import Pen
from lightbox_sandbox.painting.surface import Surface
from lightbox_sandbox.pixels import Colour

from .countryside import SNOW
from .scene import Scene


def forest(scene: Scene) -> float:
    """Stand before a forest, on its mossy or snowy floor."""
    scene.sky(0.5)
    surface, mood, chance = scene.parts
    lands.hills(surface, mood, chance, 0.5, SNOW if scene.snow else (84, 112, 70), 2)
    lands.woods(surface, mood, chance, 0.5, tone=(120, 150, 150) if scene.snow else None)
    _floor(scene, (74, 100, 56))
    return 0.88


def _floor(scene: Scene, colour: Colour) -> None:
    surface, mood, chance = scene.parts
    if scene.snow:
        lands.snowfield(surface, mood, chance, 0.74)
        return
    surface.shapes(
        [smooth([(-0.1, 1.2), (-0.1, 0.8), (0.25, 0.77), (0.6, 0.8), (1.1, 0.775), (1.1, 1.2)])],
        (mood.seen(lighter(colour, 0.15)), mood.seen(darker(colour, 0.3))),
    )
    lands.grass(surface, mood, chance, 0.8, colour, flowers=((250, 240, 170),))


def autumn(scene: Scene) -> float:
    """Let leaves fall in an autumn forest."""
    surface, mood, chance = scene.parts
    scene.sky(0.5)
    lands.hills(surface, mood, chance, 0.5, (190, 138, 66), 2)
    tones: tuple[Colour, ...] = ((216, 106, 42), (232, 158, 52), (186, 70, 46), (206, 130, 48))
    for row in range(3):
        near = row / 2
        for index in range(9 - 2 * row):
            x = (index + chance.uniform(0.1, 0.9)) / (9 - 2 * row)
            if near == 1 and 0.25 < x < 0.75:  # noqa: PLR2004 - a clearing for the subject
                continue
            leafy_tree(
                Pen(surface, mood, (x, 0.62 + 0.13 * near), 0.34 + 0.26 * near, distance=0.45 * (1 - near)),
                chance,
                chance.choice(tones),
            )
        surface.veil(mood.haze, (0, 0.25 * (1 - near), 0), 0.45, 0.72)
    _floor(scene, (176, 122, 58))
    leaves = [
        oval(
            chance.random() * surface.width,
            chance.uniform(0.3, 1) * surface.height,
            0.009 * surface.unit,
            0.005 * surface.unit,
            chance.random() * 3,
            12,
        )
        for _ in range(110)
    ]
    for index, tone in enumerate(tones):
        surface.polygons(leaves[index::4], mood.seen(tone))
    return 0.88


def jungle(scene: Scene) -> float:
    """Frame a clearing with jungle fronds."""
    surface, mood, chance = scene.parts
    surface.wash([mood.seen(c) for c in ((206, 232, 170), (110, 168, 104), (38, 88, 58))])
    surface.glow(0.35, 0.1, 0.9, (250, 250, 206), 0.5)
    for depth in range(4):
        for _ in range(9):
            x, y = chance.uniform(-0.05, 1.05), chance.choice((chance.uniform(-0.1, 0.2), chance.uniform(0.75, 1.1)))
            tone = mood.seen(mix((52, 120, 66), (24, 66, 46), depth / 3), 0.5 - depth * 0.16)
            _fronds(surface, chance, x, y, 0.2 + 0.08 * depth, tone)
    _floor(scene, (58, 96, 52))
    return 0.9


def _fronds(surface: Surface, chance: random.Random, x: float, y: float, size: float, tone: Colour) -> None:
    turn = chance.uniform(0, 6.28)
    unit = surface.unit * size
    px, py = x * surface.width, y * surface.height
    leaves: list[Outline] = []
    for index in range(6):
        a = turn + index * 1.05
        tip = (px + unit * math.cos(a), py + unit * math.sin(a))
        side = (-math.sin(a) * unit * 0.16, math.cos(a) * unit * 0.16)
        middle = (px + unit * 0.5 * math.cos(a), py + unit * 0.5 * math.sin(a))
        leaves.append(
            smooth(
                [(px, py), (middle[0] + side[0], middle[1] + side[1]), tip, (middle[0] - side[0], middle[1] - side[1])],
                steps=5,
            )
        )
    surface.polygons(leaves, (lighter(tone, 0.12), darker(tone, 0.2)), volume=0.3)


def bamboo(scene: Scene) -> float:
    """Open a clearing in a bamboo grove."""
    surface, mood, chance = scene.parts
    surface.wash([mood.seen(c) for c in ((226, 240, 196), (170, 210, 140), (96, 146, 88))])
    surface.glow(0.4, 0.2, 0.9, (255, 252, 220), 0.5)
    for row in range(3):
        for _ in range(12 - row * 3):
            x = chance.random()
            if row == 2 and 0.25 < x < 0.75:  # noqa: PLR2004 - a clearing for the subject
                continue
            width = (0.012 + 0.012 * row) * surface.unit
            tone: Colour = mix((150, 190, 110), (70, 130, 66), row / 2)
            px = x * surface.width
            seen = mood.seen(tone, 0.45 - 0.2 * row)
            surface.polygons([block(px - width / 2, -9, px + width / 2, surface.height * 0.9)], seen, volume=0.6)
            joints = [
                block(px - width * 0.62, y * surface.height, px + width * 0.62, y * surface.height + width * 0.16)
                for y in [j * 0.13 + x * 0.1 for j in range(7)]
            ]
            surface.polygons(joints, darker(seen, 0.3))
            leaves = [
                drop(
                    px + chance.uniform(-3, 3) * width, chance.random() * 0.6 * surface.height, width * 0.5, width * 3.2
                )
                for _ in range(7)
            ]
            surface.polygons(leaves, lighter(seen, 0.1), opacity=0.85)
        surface.veil((236, 246, 214), (0.1, 0.25, 0.1))
    _floor(scene, (96, 140, 70))
    return 0.9
