"""Indoors: room, table, laboratory, stage, studio."""

from __future__ import annotations

import math
import random

from PIL import Image, ImageChops

from lightbox_sandbox.painting import skies
from lightbox_sandbox.painting.colour import darker, lighter, mix
from lightbox_sandbox.painting.moods import Mood
from lightbox_sandbox.painting.outlines import block, oval, smooth, stroke
from lightbox_sandbox.painting.pen import Pen
from lightbox_sandbox.painting.skies import bokeh, disc
from lightbox_sandbox.painting.surface import Surface
from lightbox_sandbox.pixels import Colour, curve

from .scene import Backdrop, Scene


def room(scene: Scene) -> float:
    """Furnish a room."""
    _room_of(*scene.parts, scene.tint or (226, 206, 182))
    return 0.88


def table(scene: Scene) -> float:
    """Set a wooden table."""
    _table_of(*scene.parts, scene.tint or (206, 178, 148))
    return 0.86


def desk(scene: Scene) -> float:
    """Set a desk before a cooler wall."""
    _table_of(*scene.parts, scene.tint or (120, 144, 168))
    return 0.88


def lab(scene: Scene) -> float:
    """Fill a laboratory with lit panels."""
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


def stage(scene: Scene) -> float:
    """Light a stage with beams."""
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


def studio(scene: Scene) -> float:
    """Hang seamless paper in a studio."""
    _studio_of(scene.surface, scene.chance, scene.tint or (214, 220, 228))
    return 0.88


def party(scene: Scene) -> float:
    """Hang party lights out of focus."""
    bokeh(scene.surface, scene.chance, ((250, 150, 120), (250, 210, 120), (200, 120, 220), (120, 170, 250)))
    return 0.86


def blur(colours: tuple[Colour, ...]) -> Backdrop:
    """Give a backdrop of lights of these colours, out of focus."""

    def painted(scene: Scene) -> float:
        bokeh(scene.surface, scene.chance, colours)
        return 0.9

    return painted


def _room_of(
    surface: Surface, mood: Mood, chance: random.Random, wall: Colour = (226, 206, 182), *, window: bool = True
) -> None:
    """Paint a room: wall, floor, window light, a picture and a plant."""
    surface.wash((mood.seen(lighter(wall, 0.25)), mood.seen(wall)), 0, 0.74)
    floor: Colour = (170, 122, 84)
    surface.wash((mood.seen(darker(floor, 0.15)), mood.seen(lighter(floor, 0.1))), 0.74, 1)
    boards = [stroke([(0.5 + (i - 8) * 0.07, 0.74), (0.5 + (i - 8) * 0.19, 1.02)], 0.0025) for i in range(17)]
    surface.shapes(boards, mood.seen(darker(floor, 0.45)), opacity=0.45)
    surface.shapes([block(0, 0.715, 1, 0.742)], (mood.seen((250, 246, 240)), mood.seen((210, 202, 194))))
    if window:
        view = (lighter(mood.sky[0], 0.1), mood.sky[-1])
        surface.shapes([block(0.07, 0.1, 0.33, 0.52)], mood.seen((250, 248, 244)))
        surface.shapes([block(0.083, 0.12, 0.317, 0.5)], view)
        surface.shapes(
            [smooth([(0.083, 0.5), (0.083, 0.4), (0.17, 0.36), (0.24, 0.41), (0.317, 0.37), (0.317, 0.5)], steps=3)],
            mood.seen((110, 150, 96), 0.3),
        )
        surface.shapes(
            [block(0.196, 0.12, 0.204, 0.5), block(0.083, 0.305, 0.317, 0.315), block(0.055, 0.515, 0.345, 0.535)],
            mood.seen((250, 248, 244)),
        )
        if mood.dark < 0.5:  # noqa: PLR2004 - by day
            surface.shapes(
                [[(0.32, 0.74), (0.62, 0.74), (0.86, 1.02), (0.5, 1.02)]],
                lighter(mood.glow, 0.2),
                opacity=0.32,
                blur=0.012,
            )
            surface.shapes(
                [[(0.083, 0.12), (0.317, 0.12), (0.8, 0.76), (0.4, 0.8)]],
                lighter(mood.glow, 0.2),
                opacity=0.13,
                blur=0.03,
            )
    surface.shapes([block(0.68, 0.13, 0.87, 0.39)], mood.seen((92, 66, 52)))
    surface.shapes([block(0.693, 0.15, 0.857, 0.37)], (mood.seen((246, 220, 176)), mood.seen((216, 128, 104))))
    surface.shapes(
        [smooth([(0.693, 0.37), (0.693, 0.31), (0.75, 0.26), (0.8, 0.31), (0.857, 0.28), (0.857, 0.37)], steps=3)],
        mood.seen((86, 84, 122)),
    )
    pot = Pen(surface, mood, (0.93, 0.84), 0.4)
    pot.blob(
        [(-0.17, -0.3), (-0.12, 0.0), (0.12, 0.0), (0.17, -0.3)], paint=((206, 128, 92), (150, 84, 66)), volume=0.6
    )
    for index in range(9):
        a = -math.pi / 2 + (index - 4) * 0.27 + chance.uniform(-0.05, 0.05)
        reach = 0.62 - 0.04 * abs(index - 4)
        tip = (reach * math.cos(a), -0.28 + reach * math.sin(a))
        mid = (tip[0] * 0.42, -0.28 + (tip[1] + 0.28) * 0.62)
        tone = ((90, 150, 96), (62, 120, 80))[index % 2]
        pot.blob(
            [(0, -0.27), (mid[0] - 0.055, mid[1]), tip, (mid[0] + 0.06, mid[1] + 0.02)],
            paint=(lighter(tone, 0.15), darker(tone, 0.15)),
            volume=0.3,
        )


def _table_of(surface: Surface, mood: Mood, chance: random.Random, wall: Colour = (214, 182, 150)) -> None:
    """Paint a table top before a wall out of focus, with lights in the blur."""
    surface.wash((mood.seen(darker(wall, 0.35)), mood.seen(wall), mood.seen(darker(wall, 0.15))), 0, 0.64)
    for _ in range(20):
        disc(
            surface,
            chance.random(),
            chance.uniform(0.02, 0.5),
            chance.uniform(0.025, 0.085),
            mix(lighter(wall, 0.65), (255, 214, 150), chance.random()),
            chance.uniform(0.1, 0.3),
            0.004,
        )
    surface.glow(0.22, 0.1, 0.9, (255, 240, 212), 0.4)
    wood: Colour = (150, 98, 62)
    surface.wash((mood.seen(darker(wood, 0.25)), mood.seen(lighter(wood, 0.14)), mood.seen(wood)), 0.62, 1)
    field = surface.noise(chance, (2, 44), 4, 0.6)
    mask = Image.new("L", field.size)
    top = round(0.62 * surface.height)
    mask.paste(255, (0, top, surface.width, surface.height))
    surface.lay(
        mood.seen(darker(wood, 0.5)), ImageChops.multiply(curve(field, lambda v: (v - 130) * 2.6), mask), strength=0.42
    )
    surface.shapes([block(-0.1, 0.616, 1.1, 0.626)], mood.seen(lighter(wood, 0.4)), opacity=0.55)
    surface.veil((255, 236, 204), (0.3, 0.0), 0.62, 0.8)


def _studio_of(surface: Surface, chance: random.Random, colour: Colour) -> None:
    """Paint a studio's seamless paper, lit from the upper left."""
    del chance
    surface.wash((lighter(colour, 0.22), lighter(colour, 0.1), colour, darker(colour, 0.1)))
    surface.glow(0.3, 0.25, 1.1, lighter(colour, 0.6), 0.55)
    surface.veil(darker(colour, 0.3), (0, 0.22, 0.06), 0.68, 1)
