"""Settings: which sky, land, water or room a scene has, and where its subjects stand."""
# ruff: noqa: E501 - outlines are read as drawings, a shape a line

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from lightbox.sandbox.pixels import Colour

from . import lands, places, skies
from .buildings import skyline
from .colour import darker, lighter, mix
from .moods import Mood
from .pen import Pen
from .plants import blossom_tree, bush, flower, leafy_tree
from .shapes import Outline, block, drop, oval, smooth, stroke
from .surface import Surface


@dataclass(frozen=True, slots=True)
class Scene:
    """What a backdrop is painted from.

    Attributes:
        surface: What is painted on.
        mood: The light.
        chance: Where everything that is left open is drawn from.
        tint: A colour that the prompt names for the whole, if any.
        neon: Whether the night is lit by neon.
        extras: What stands in the sky: aurora, rainbow, fireworks, milky way, lightning.
        snow: Whether snow lies.
    """

    surface: Surface
    mood: Mood
    chance: random.Random
    tint: Colour | None = None
    neon: bool = False
    extras: tuple[str, ...] = ()
    snow: bool = False

    @property
    def parts(self) -> tuple[Surface, Mood, random.Random]:
        """Surface, mood and chance, as most painting functions begin."""
        return self.surface, self.mood, self.chance

    def sky(self, horizon: float = 0.62, *, lamp: bool = True) -> None:
        """Paint the sky and what stands in it."""
        skies.paint_sky(self.surface, self.mood, self.chance, horizon, lamp=lamp)
        if "milky way" in self.extras:
            skies.milky_way(self.surface, self.chance)
            skies.stars(self.surface, self.chance, 0.8, horizon)
        if "aurora" in self.extras:
            skies.aurora(self.surface, self.chance)
        if "rainbow" in self.extras:
            skies.rainbow(self.surface)
        if "lightning" in self.extras:
            skies.lightning(self.surface, self.chance, horizon)
        if "fireworks" in self.extras:
            skies.fireworks(self.surface, self.chance)


Backdrop = Callable[[Scene], float]
"""Paints a setting and gives the height (in shares of the picture's) at which subjects stand."""

GREEN: Final[Colour] = (104, 152, 78)
SNOW: Final[Colour] = (232, 240, 250)


def _mountains(scene: Scene) -> float:
    scene.sky(0.6)
    lands.mountains(*scene.parts, 0.6, scene.tint or (86, 104, 132))
    if scene.snow:
        lands.snowfield(*scene.parts, 0.66)
    else:
        lands.hills(*scene.parts, 0.66, (88, 124, 76), 3)
        lands.grass(*scene.parts, 0.84, (84, 120, 66), flowers=((250, 220, 120), (240, 240, 250)))
    return 0.86


def _hills(scene: Scene) -> float:
    scene.sky(0.6)
    lands.mountains(*scene.parts, 0.57, (120, 140, 160), snow=False)
    lands.hills(*scene.parts, 0.58, SNOW if scene.snow else GREEN)
    if not scene.snow:
        lands.grass(*scene.parts, 0.82, (98, 146, 66), flowers=((250, 230, 130), (250, 250, 255)))
    return 0.84


def _meadow(scene: Scene) -> float:
    scene.sky(0.58)
    lands.hills(*scene.parts, 0.55, (112, 158, 84), 3)
    lands.grass(*scene.parts, 0.68, (104, 152, 66), flowers=((250, 230, 120), (252, 252, 255), (236, 130, 160)))
    return 0.88


def _flowers(scene: Scene) -> float:
    surface, mood, chance = scene.parts
    scene.sky(0.5)
    lands.hills(surface, mood, chance, 0.47, (118, 156, 96), 2)
    tones: tuple[Colour, ...] = (scene.tint,) * 3 if scene.tint else ((232, 70, 90), (250, 190, 70), (190, 110, 200))
    for row in range(11):
        near = row / 10
        y = 0.53 + 0.47 * near**1.25
        tone = tones[row % len(tones)]
        surface.shapes(
            [block(-0.1, y - 0.012, 1.1, y + 0.09)], mood.seen(mix((80, 130, 64), tone, 0.25), 0.4 * (1 - near))
        )
        heads: list[Outline] = []
        for _ in range(round(110 - 60 * near)):
            r = (0.004 + 0.017 * near) * surface.unit * chance.uniform(0.7, 1.2)
            x, top = chance.random() * surface.width, (y + chance.uniform(-0.02, 0.03) * (0.4 + near)) * surface.height
            heads += [drop(x, top + r, r * 1.5, r * 2.2), drop(x - r * 0.4, top + r, r * 1.2, r * 2)]
        half = len(heads) // 2
        surface.polygons(heads[:half], mood.seen(darker(tone, 0.15), 0.35 * (1 - near)))
        surface.polygons(heads[half:], mood.seen(lighter(tone, 0.15), 0.35 * (1 - near)))
    return 0.84


def _garden(scene: Scene) -> float:
    surface, mood, chance = scene.parts
    surface.wash([mood.seen(c) for c in ((190, 220, 160), (120, 172, 104), (62, 112, 66))])
    for _ in range(46):
        tone = chance.choice(((250, 230, 150), (246, 180, 200), (190, 226, 150), (90, 150, 90), (230, 246, 210)))
        skies.disc(
            surface,
            chance.random(),
            chance.random() * 0.9,
            chance.uniform(0.02, 0.11),
            mood.seen(tone),
            chance.uniform(0.1, 0.36),
            0.006,
        )
    for _ in range(9):
        pen = Pen(
            surface, mood, (chance.random(), chance.uniform(0.94, 1.06)), chance.uniform(0.16, 0.3), distance=0.25
        )
        flower(pen, chance, chance.choice(((246, 170, 190), (250, 220, 130), (214, 160, 230))))
    surface.veil(mood.haze, (0.2, 0.0))
    lands.grass(surface, mood, chance, 0.88, (84, 138, 62))
    return 0.96


def _forest(scene: Scene) -> float:
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


def _autumn(scene: Scene) -> float:
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


def _jungle(scene: Scene) -> float:
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


def _bamboo(scene: Scene) -> float:
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


def _savanna(scene: Scene) -> float:
    surface, mood, chance = scene.parts
    scene.sky(0.66)
    lands.hills(surface, mood, chance, 0.62, (196, 160, 88), 3)
    for x, size in ((0.12, 0.3), (0.83, 0.42), (0.66, 0.18)):
        pen = Pen(surface, mood, (x, 0.66 + size * 0.16), size, distance=0.42 - size * 0.6)
        pen.line([(0, 0), (0.02, -0.4), (-0.02, -0.72)], 0.06, 0.03, paint=(84, 60, 46))
        for tip in (-0.42, 0.4, 0.15):
            pen.line([(0, -0.4), (tip * 0.5, -0.62), (tip, -0.78)], 0.035, 0.012, paint=(84, 60, 46))
        pen.blob(
            [(-0.7, -0.76), (-0.4, -0.9), (0, -0.96), (0.42, -0.9), (0.7, -0.78), (0.3, -0.74), (-0.3, -0.73)],
            paint=((122, 140, 70), (72, 94, 52)),
            volume=0.3,
        )
    lands.grass(surface, mood, chance, 0.76, (196, 158, 82))
    return 0.88


def _desert(scene: Scene) -> float:
    scene.sky(0.56)
    lands.dunes(*scene.parts, 0.56, scene.tint or (222, 174, 112))
    return 0.84


def _snow(scene: Scene) -> float:
    surface, mood, chance = scene.parts
    scene.sky(0.58)
    lands.mountains(surface, mood, chance, 0.58, (120, 140, 172))
    lands.woods(surface, mood, chance, 0.5, tone=(104, 136, 140))
    lands.snowfield(surface, mood, chance, 0.66)
    return 0.86


def _lake(scene: Scene) -> float:
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
    places.water(surface, mood, chance, 0.55, (44, 104, 130), calm=True)
    return 0.82


def _sea(scene: Scene) -> float:
    scene.sky(0.56)
    places.water(*scene.parts, 0.56, scene.tint or (36, 104, 146))
    return 0.78


def _beach(scene: Scene) -> float:
    scene.sky(0.5)
    places.water(*scene.parts, 0.5, (40, 150, 172))
    lands.beach(*scene.parts, 0.72)
    return 0.9


def _coast(scene: Scene) -> float:
    surface, mood, chance = scene.parts
    scene.sky(0.6)
    places.water(surface, mood, chance, 0.6, (34, 96, 132))
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


def _bay(scene: Scene) -> float:
    surface, mood, chance = scene.parts
    scene.sky(0.6)
    lands.mountains(surface, mood, chance, 0.62, (100, 116, 132), snow=False)
    places.water(surface, mood, chance, 0.62, (44, 104, 136))
    return 0.7


def _city(scene: Scene) -> float:
    surface, mood, chance = scene.parts
    scene.sky(0.66)
    skyline(surface, mood, chance, 0.72, neon=scene.neon)
    places.water(surface, mood, chance, 0.72, (48, 78, 112), calm=True)
    return 0.86


def _street(scene: Scene) -> float:
    scene.sky(0.6)
    places.street(*scene.parts, 0.6, neon=scene.neon)
    return 0.87


def _park(scene: Scene) -> float:
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


def _underwater(scene: Scene) -> float:
    places.underwater(*scene.parts)
    return 0.8


def _space(scene: Scene) -> float:
    places.space(*scene.parts, scene.tint)
    return 0.8


def _moon(scene: Scene) -> float:
    places.space(*scene.parts)
    skies.disc(scene.surface, 0.78, 0.24, 0.1, (90, 150, 220), volume=1.0)
    places.moonscape(*scene.parts, 0.6, scene.tint or (160, 156, 160))
    return 0.86


def _mars(scene: Scene) -> float:
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
    places.moonscape(surface, mood, chance, 0.6, (196, 104, 70))
    return 0.86


def _room(scene: Scene) -> float:
    places.room(*scene.parts, scene.tint or (226, 206, 182))
    return 0.88


def _table(scene: Scene) -> float:
    places.table(*scene.parts, scene.tint or (206, 178, 148))
    return 0.86


def _desk(scene: Scene) -> float:
    places.table(*scene.parts, scene.tint or (120, 144, 168))
    return 0.88


def _lab(scene: Scene) -> float:
    surface, _, chance = scene.parts
    surface.wash(((46, 66, 98), (84, 124, 156), (40, 54, 84)))
    for row in range(4):
        for column in range(7):
            left, top = 0.02 + column * 0.142, 0.05 + row * 0.165
            surface.shapes([block(left, top, left + 0.125, top + 0.14, 0.008)], ((66, 96, 132), (38, 56, 90)))
            lights = [
                block(
                    left + 0.012 + 0.018 * i, top + 0.02 + 0.022 * j, left + 0.022 + 0.018 * i, top + 0.03 + 0.022 * j
                )
                for i in range(6)
                for j in range(5)
                if chance.random() < 0.4  # noqa: PLR2004 - how many shine
            ]
            surface.shapes(lights, chance.choice(((110, 230, 255), (130, 255, 190), (255, 200, 120))), opacity=0.8)
    surface.shapes([block(-0.1, 0.74, 1.1, 1.1)], ((70, 92, 122), (24, 32, 56)))
    surface.shapes(
        [stroke([(0.5 + (i - 6) * 0.1, 0.74), (0.5 + (i - 6) * 0.26, 1.02)], 0.003, curved=False) for i in range(13)],
        (110, 170, 210),
        opacity=0.35,
    )
    surface.glow(0.5, 0.45, 0.8, (150, 220, 255), 0.4)
    return 0.88


def _stage(scene: Scene) -> float:
    surface, _, chance = scene.parts
    tone = scene.tint or (110, 50, 120)
    surface.wash((darker(tone, 0.8), darker(tone, 0.5), darker(tone, 0.75)))
    for x in (0.08, 0.3, 0.5, 0.7, 0.92):
        beam = [
            (x - 0.01, -0.02),
            (x + 0.01, -0.02),
            (0.5 + (x - 0.5) * 0.25 + 0.13, 0.84),
            (0.5 + (x - 0.5) * 0.25 - 0.13, 0.84),
        ]
        surface.shapes([beam], (lighter(tone, 0.75), lighter(tone, 0.2)), opacity=0.22, blur=0.012)
    surface.shapes([oval(0.5, 0.86, 0.36, 0.075)], lighter(tone, 0.7), opacity=0.6, blur=0.02)
    for _ in range(40):
        skies.disc(surface, chance.random(), chance.random(), chance.uniform(0.002, 0.006), (255, 240, 220), 0.5)
    return 0.87


def _stadium(scene: Scene) -> float:
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


def _blossom(scene: Scene) -> float:
    surface, mood, chance = scene.parts
    scene.sky(0.66)
    lands.hills(surface, mood, chance, 0.64, (130, 172, 104), 2)
    for x, size in ((0.1, 0.62), (0.9, 0.72), (0.3, 0.3), (0.7, 0.32)):
        blossom_tree(Pen(surface, mood, (x, 0.74 + size * 0.16), size, distance=0.3 - size * 0.4), chance)
    lands.grass(surface, mood, chance, 0.86, (112, 160, 84), flowers=((250, 200, 216), (255, 236, 242)))
    petals = [
        oval(
            chance.random() * surface.width,
            chance.random() * surface.height,
            0.006 * surface.unit,
            0.0035 * surface.unit,
            chance.random() * 3,
            10,
        )
        for _ in range(80)
    ]
    surface.polygons(petals, mood.seen((255, 206, 222)), opacity=0.9)
    return 0.86


def _sky_only(scene: Scene) -> float:
    scene.sky(1.0)
    for x, y, size in ((0.2, 0.86, 0.2), (0.8, 0.92, 0.26), (0.52, 1.04, 0.3)):
        skies.puff(scene.surface, x, y, size, scene.mood.cloud, scene.chance)
    return 0.8


def _studio(scene: Scene) -> float:
    places.studio(scene.surface, scene.chance, scene.tint or (214, 220, 228))
    return 0.88


def _party(scene: Scene) -> float:
    places.bokeh(scene.surface, scene.chance, ((250, 150, 120), (250, 210, 120), (200, 120, 220), (120, 170, 250)))
    return 0.86


def _blur(colours: tuple[Colour, ...]) -> Backdrop:
    def painted(scene: Scene) -> float:
        places.bokeh(scene.surface, scene.chance, colours)
        return 0.9

    return painted


BACKDROPS: Final[dict[str, Backdrop]] = {
    "mountains": _mountains, "hills": _hills, "meadow": _meadow, "flowers": _flowers, "garden": _garden, "forest": _forest,
    "autumn": _autumn, "jungle": _jungle, "bamboo": _bamboo, "savanna": _savanna, "desert": _desert, "snow": _snow,
    "lake": _lake, "sea": _sea, "beach": _beach, "coast": _coast, "bay": _bay, "city": _city, "street": _street, "park": _park,
    "underwater": _underwater, "space": _space, "moon": _moon, "mars": _mars, "room": _room, "table": _table, "desk": _desk, "lab": _lab,
    "stage": _stage, "stadium": _stadium, "blossom": _blossom, "sky": _sky_only, "studio": _studio, "party": _party,
    "winter blur": _blur(((150, 190, 240), (220, 236, 255), (110, 140, 210))),
    "beach blur": _blur(((250, 206, 150), (120, 206, 226), (250, 240, 210))),
}  # fmt: skip

COMPOUNDS: Final[dict[str, tuple[str, str, str | None]]] = {
    "woods at night": ("forest", "night", None),
    "sunset beach": ("beach", "sunset", None),
    "room at night": ("room", "night", None),
    "night sky": ("mountains", "night", None),
    "rainy street": ("street", "day", "rain"),
    "night street": ("street", "night", None),
}
"""Homes that name a setting, a time and a weather at once."""
