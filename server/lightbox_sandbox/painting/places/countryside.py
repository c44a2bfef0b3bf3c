"""Open country: mountains, hills, meadows, deserts, snow."""

from __future__ import annotations

from typing import Final

from lightbox_sandbox.painting import lands, skies
from lightbox_sandbox.painting.colour import darker, lighter, mix
from lightbox_sandbox.painting.drawings.trees import blossom_tree
from lightbox_sandbox.painting.outlines import Outline, block, drop, oval
from lightbox_sandbox.painting.pen import Pen
from lightbox_sandbox.painting.shapes import draw
from lightbox_sandbox.pixels import Colour

from .scene import Scene

GREEN: Final[Colour] = (104, 152, 78)


SNOW: Final[Colour] = (232, 240, 250)


def mountains(scene: Scene) -> float:
    """Raise a mountain range over meadows or snow."""
    scene.sky(0.6)
    lands.mountains(*scene.parts, 0.6, scene.tint or (86, 104, 132))
    if scene.snow:
        lands.snowfield(*scene.parts, 0.66)
    else:
        lands.hills(*scene.parts, 0.66, (88, 124, 76), 3)
        lands.grass(*scene.parts, 0.84, (84, 120, 66), flowers=((250, 220, 120), (240, 240, 250)))
    return 0.86


def hills(scene: Scene) -> float:
    """Roll hills to the horizon, under snow in winter."""
    scene.sky(0.6)
    lands.mountains(*scene.parts, 0.57, (120, 140, 160), snow=False)
    lands.hills(*scene.parts, 0.58, SNOW if scene.snow else GREEN)
    if not scene.snow:
        lands.grass(*scene.parts, 0.82, (98, 146, 66), flowers=((250, 230, 130), (250, 250, 255)))
    return 0.84


def meadow(scene: Scene) -> float:
    """Lay out a meadow in flower."""
    scene.sky(0.58)
    lands.hills(*scene.parts, 0.55, (112, 158, 84), 3)
    lands.grass(*scene.parts, 0.68, (104, 152, 66), flowers=((250, 230, 120), (252, 252, 255), (236, 130, 160)))
    return 0.88


def flowers(scene: Scene) -> float:
    """Plant fields of tulips or lavender in rows."""
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


def garden(scene: Scene) -> float:
    """Let a garden blur behind the flowers in front."""
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
        draw("flower", pen, chance, chance.choice(((246, 170, 190), (250, 220, 130), (214, 160, 230))))
    surface.veil(mood.haze, (0.2, 0.0))
    lands.grass(surface, mood, chance, 0.88, (84, 138, 62))
    return 0.96


def savanna(scene: Scene) -> float:
    """Spread the savanna with its umbrella trees."""
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


def desert(scene: Scene) -> float:
    """Heap the dunes of a desert."""
    scene.sky(0.56)
    lands.dunes(*scene.parts, 0.56, scene.tint or (222, 174, 112))
    return 0.84


def snow(scene: Scene) -> float:
    """Cover the land before mountains with snow."""
    surface, mood, chance = scene.parts
    scene.sky(0.58)
    lands.mountains(surface, mood, chance, 0.58, (120, 140, 172))
    lands.woods(surface, mood, chance, 0.5, tone=(104, 136, 140))
    lands.snowfield(surface, mood, chance, 0.66)
    return 0.86


def blossom(scene: Scene) -> float:
    """Let cherry trees blossom."""
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
