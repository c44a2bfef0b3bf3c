"""Land under the sky: ranges, hills, meadows, woods, deserts, snow."""

from __future__ import annotations

import math
import random

from PIL import ImageChops

from lightbox_sandbox.pixels import Colour, curve

from .colour import darker, lighter, mix
from .drawings.trees import bush, conifer, leafy_tree
from .moods import Mood
from .outlines import Outline, Point, across, oval, ridge, smooth, stroke
from .pen import Pen
from .shapes import draw
from .surface import Surface, branch


def mountains(
    surface: Surface,
    mood: Mood,
    chance: random.Random,
    horizon: float,
    colour: Colour = (86, 104, 132),
    *,
    snow: bool = True,
) -> None:
    """Raise three ranges, each paler with distance, the first with snow and a lit side."""
    for index, distance in enumerate((0.72, 0.48, 0.2)):
        heights = [h + 0.35 * math.sin(i * 0.05 + index * 2) for i, h in enumerate(ridge(chance, 0.52))]
        base = horizon - 0.17 + index * 0.075
        outline = across(heights, base, 0.3 - index * 0.06, horizon + 0.14)
        top = mood.seen(lighter(colour, 0.1), distance)
        foot = mix(mood.seen(colour, distance), mood.haze, 0.55)
        surface.shapes([outline], (top, foot))
        mask = surface.covered([outline])
        field = surface.noise(chance, (7, 5), 4, 0.6)
        slope = ImageChops.subtract(
            field, ImageChops.offset(field, round(0.014 * surface.unit), round(0.008 * surface.unit)), 0.3, 110
        )
        surface.lay(
            mood.seen(darker(colour, 0.55), distance),
            ImageChops.multiply(curve(slope, lambda v: (120 - v) * 2.2), mask),
            strength=0.5,
        )
        surface.lay(
            mix(mood.seen(lighter(colour, 0.5), distance), mood.glow, 0.35),
            ImageChops.multiply(curve(slope, lambda v: (v - 128) * 2), mask),
            strength=0.4,
        )
        if snow and index:
            _snow_caps(surface, mood, outline, chance, distance, base)
        surface.veil(mood.haze, (0, 0.25 + 0.3 * mood.air, 0), horizon - 0.12 + 0.05 * index, horizon + 0.1)


def _snow_caps(
    surface: Surface, mood: Mood, outline: list[Point], chance: random.Random, distance: float, base: float
) -> None:
    mask = surface.covered([outline])
    field = surface.noise(chance, (12, 4), 4, 0.6)
    holder = Surface(surface.width, surface.height, "low", None)
    holder.veil((255, 255, 255), (1, 0.75, 0.25, 0), base - 0.2, base + 0.02)
    reach = ImageChops.add(holder.image.getchannel("A"), field, 2)
    cap = ImageChops.multiply(curve(reach, lambda v: (v - 138) * 9), mask)
    surface.lay(mood.seen((244, 248, 255), distance * 0.6), cap, strength=0.92)


def hills(
    surface: Surface,
    mood: Mood,
    chance: random.Random,
    horizon: float,
    colour: Colour = (104, 152, 78),
    layers: int = 4,
) -> None:
    """Roll hills towards the viewer, with trees on the far ones."""
    for index in range(layers):
        near = index / max(1, layers - 1)
        heights = ridge(chance, 0.34, 6)
        base = horizon + (0.9 - horizon) * near * 0.62
        outline = smooth(across(heights, base, 0.07 + 0.05 * near, 1.1)[:-2], closed=False, steps=3)
        outline += [(1.05, 1.05), (-0.05, 1.05)]
        tone = mix(lighter(mix(colour, (150, 176, 110), 0.35), 0.12), colour, near)
        distance = 0.5 * (1 - near)
        surface.shapes([outline], (mood.seen(lighter(tone, 0.18), distance), mood.seen(darker(tone, 0.3), distance)))
        if index < layers - 1:
            _copse(surface, mood, chance, heights, base, 0.07 + 0.05 * near, near, distance)


def _copse(
    surface: Surface,
    mood: Mood,
    chance: random.Random,
    heights: list[float],
    base: float,
    height: float,
    near: float,
    distance: float,
) -> None:
    for _ in range(9):
        place = chance.random()
        y = base - heights[round(place * (len(heights) - 1))] * height + 0.012
        size = (0.035 + 0.05 * near) * chance.uniform(0.7, 1.3)
        tree = conifer if chance.random() < 0.5 else bush  # noqa: PLR2004 - one half each
        tree(Pen(surface, mood, (place, y), size, distance=distance + 0.1), chance)


def grass(
    surface: Surface,
    mood: Mood,
    chance: random.Random,
    top: float,
    colour: Colour = (92, 140, 62),
    *,
    flowers: tuple[Colour, ...] = (),
) -> None:
    """Grow blades of grass over the foreground, denser and longer towards the viewer."""
    chance = branch(chance)
    count = {"low": 160, "medium": 420, "high": 700}[surface.quality]
    tones = (darker(colour, 0.35), darker(colour, 0.12), colour, lighter(colour, 0.2))
    blades: list[list[list[Point]]] = [[], [], [], []]
    buds: list[list[Point]] = []
    for index in range(count):
        depth = index / count
        x, y = chance.uniform(-0.02, 1.02) * surface.width, (top + (1.03 - top) * depth) * surface.height
        length = (0.014 + 0.055 * depth**1.4) * surface.unit * chance.uniform(0.6, 1.3)
        lean = chance.uniform(-0.5, 0.5) * length
        tip = (x + lean, y - length)
        blades[chance.randrange(4)].append(
            stroke([(x, y), (x + lean * 0.3, y - length * 0.6), tip], length * 0.085, 0.3, curved=False)
        )
        if flowers and chance.random() < 0.12:  # noqa: PLR2004 - how many bloom
            buds.append([tip])
    for tone, lines in zip(tones, blades, strict=True):
        surface.polygons(lines, mood.seen(tone))
    for index, flower in enumerate(flowers):
        heads: list[Outline] = []
        for ((x, y),) in buds[index :: len(flowers)]:
            r = (0.0035 + 0.011 * max(0.0, y / surface.height - top)) * surface.unit
            heads += [
                oval(x + r * math.cos(a * 1.257), y + r * math.sin(a * 1.257), r * 0.75, r * 0.75, steps=10)
                for a in range(5)
            ]
        surface.polygons(heads, mood.seen(flower))


def woods(
    surface: Surface,
    mood: Mood,
    chance: random.Random,
    horizon: float,
    *,
    tone: Colour | None = None,
    conifers: bool = True,
) -> None:
    """Stand rows of trees behind each other, mist between them."""
    chance = branch(chance)
    rows = 5
    for row in range(rows):
        near = row / (rows - 1)
        y = horizon + 0.03 + (0.86 - horizon) * near * 0.75
        distance = 0.75 * (1 - near) ** 1.3
        count = round(20 - 11 * near)
        for index in range(count):
            x = (index + chance.uniform(0.1, 0.9)) / count
            if near > 0.6 and 0.26 < x < 0.74:  # noqa: PLR2004 - a clearing for the subject
                continue
            size = (0.24 + 0.52 * near) * chance.uniform(0.75, 1.2)
            pen = Pen(surface, mood, (x, y + chance.uniform(-0.01, 0.015)), size, distance=distance)
            if conifers:
                conifer(pen, chance, tone or (44, 88, 66))
            else:
                leafy_tree(pen, chance, tone or (98, 138, 58))
        surface.veil(mood.haze, (0, 0.18 + 0.3 * mood.air * (1 - near), 0), y - 0.16, y + 0.07)


def snowfield(surface: Surface, mood: Mood, chance: random.Random, horizon: float) -> None:
    """Spread drifts of snow, blue in their shadows."""
    for index in range(4):
        base = horizon + 0.1 * index
        crest = smooth(across(ridge(chance, 0.3, 4), base, 0.06, 1.1)[:-2], closed=False, steps=6)
        outline = [*crest, (1.05, 1.05), (-0.05, 1.05)]
        distance = 0.3 * (1 - index / 3)
        surface.shapes([outline], (mood.seen((250, 252, 255), distance), mood.seen((196, 212, 236), distance)))
    field = surface.noise(chance, (5, 14), 3)
    holder = Surface(surface.width, surface.height, "low", None)
    holder.veil((255, 255, 255), (0, 1, 1), horizon + 0.06, 1)
    surface.lay(
        mood.seen((168, 190, 226)),
        ImageChops.multiply(curve(field, lambda v: (v - 150) * 3), holder.image.getchannel("A")),
        strength=0.3,
    )


def dunes(
    surface: Surface, mood: Mood, chance: random.Random, horizon: float, colour: Colour = (222, 174, 112)
) -> None:
    """Sweep dunes with a lit and a shaded side."""
    for index in range(5):
        near = index / 4
        base = horizon + 0.015 + (0.95 - horizon) * near * 0.72
        crest_x = chance.uniform(0.2, 0.8)
        crest = base - (0.05 + 0.1 * near)
        line = smooth(
            [
                (-0.1, base),
                (crest_x * 0.5, base - 0.02 * near),
                (crest_x, crest),
                (crest_x + 0.3, base + 0.01),
                (1.1, base - 0.02),
            ],
            closed=False,
            steps=16,
        )
        distance = 0.55 * (1 - near)
        lit, shaded = mood.seen(lighter(colour, 0.22), distance), mood.seen(colour, distance)
        surface.shapes([[*line, (1.1, 1.1), (-0.1, 1.1)]], (lit, shaded))
        foot = [
            (crest_x, crest),
            (crest_x + 0.03, base + 0.05),
            (crest_x - 0.02, base + 0.13),
            (crest_x + 0.16, 1.1),
            (1.1, 1.1),
        ]
        lee = [p for p in line if p[0] >= crest_x]
        surface.shapes(
            [[*smooth(foot[:4], closed=False), (1.1, 1.1), *reversed(lee)]],
            (mood.seen(darker(colour, 0.38), distance), mood.seen(darker(colour, 0.12), distance)),
            opacity=0.75,
            blur=0.004,
        )
    field = surface.noise(chance, (3, 46), 3, 0.6)
    holder = Surface(surface.width, surface.height, "low", None)
    holder.veil((255, 255, 255), (0, 0.5, 1), horizon + 0.1, 1)
    surface.lay(
        mood.seen(darker(colour, 0.3)),
        ImageChops.multiply(curve(field, lambda v: (v - 140) * 2.4), holder.image.getchannel("A")),
        strength=0.22,
    )


def beach(surface: Surface, mood: Mood, chance: random.Random, top: float) -> None:
    """Lay sand in front of the sea, with foam along it and a palm or two."""
    edge = [(x / 8, top + 0.05 * math.sin(x * 1.1 + 0.6) + 0.06 * (1 - x / 8)) for x in range(-1, 10)]
    line = smooth(edge, closed=False)
    sand = (232, 206, 158)
    for shift, tone, opacity in (
        (-0.028, (255, 255, 255), 0.55),
        (-0.012, (255, 255, 255), 0.8),
        (0.0, darker(sand, 0.2), 1.0),
        (0.03, sand, 1.0),
    ):
        surface.shapes(
            [[*[(x, y + shift) for x, y in line], (1.2, 1.2), (-0.2, 1.2)]],
            mood.seen(tone),
            opacity=opacity,
            blur=0.003 if shift else 0.001,
        )
    surface.veil(mood.seen(darker(sand, 0.3)), (0, 0, 0.35), top, 1)
    for x, size, flip in ((0.9, 0.72, True), (0.07, 0.56, False)):
        draw("palm", Pen(surface, mood, (x, top + 0.16), size * chance.uniform(0.9, 1.05), flip=flip), chance)
