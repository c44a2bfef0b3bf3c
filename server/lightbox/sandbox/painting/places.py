"""Places that are not land: water, the deep, space, streets, rooms, studios."""

from __future__ import annotations

import math
import random

from PIL import Image, ImageChops, ImageFilter, ImageOps

from lightbox.sandbox.pixels import Colour, curve

from .buildings import skyline
from .colour import darker, lighter, mix
from .moods import Mood
from .pen import Pen
from .plants import bush
from .shapes import Outline, block, oval, smooth, star, stroke
from .skies import disc, milky_way, stars
from .surface import Surface, branch, softened


def water(
    surface: Surface,
    mood: Mood,
    chance: random.Random,
    horizon: float,
    colour: Colour = (40, 104, 140),
    *,
    calm: bool = False,
) -> None:
    """Lay water from the horizon down: it mirrors what stands above, with ripples and the light's path."""
    width, height = surface.width, surface.height
    line = round(horizon * height)
    depth = height - line
    if depth < 2:  # noqa: PLR2004 - nothing to see
        return
    above = surface.image.crop((0, max(0, line - depth), width, line))
    mirror = ImageOps.flip(above).resize((width, depth))  # pyright: ignore[reportUnknownMemberType] - Pillow names numpy, which we don't install
    mirror = mirror.filter(ImageFilter.GaussianBlur(surface.unit * (0.004 if calm else 0.014)))
    surface.image.paste(mirror, (0, line))
    near, far = mood.seen(darker(colour, 0.25)), mood.seen(lighter(colour, 0.25), 0.5)
    surface.veil(far, (0.25, 0.4), horizon, horizon + (1 - horizon) * 0.3)
    surface.veil(near, (0.3, 0.6, 0.85) if not calm else (0.1, 0.35, 0.6), horizon, 1)
    _ripples(surface, mood, chance, horizon)
    _light_path(surface, mood, chance, horizon)
    surface.veil(mood.haze, (0, 0.5 * mood.air + 0.2, 0), horizon - 0.03, horizon + 0.05)


def _ripples(surface: Surface, mood: Mood, chance: random.Random, horizon: float) -> None:
    chance = branch(chance)
    rows = {"low": 60, "medium": 130, "high": 210}[surface.quality]
    tones = (mood.seen((236, 246, 252)), mood.seen((20, 48, 84)))
    lines: tuple[list[Outline], list[Outline]] = ([], [])
    for index in range(rows):
        t = (index / rows) ** 1.5
        y = horizon + 0.01 + (1 - horizon) * t
        x, reach = chance.random(), (0.018 + 0.1 * t) * chance.uniform(0.5, 1.4)
        thick = 0.0012 + 0.0055 * t
        ripple = smooth(
            [
                (x - reach, y),
                (x - reach * 0.3, y - thick),
                (x + reach * 0.4, y + thick * 0.3),
                (x + reach, y),
                (x + reach * 0.2, y + thick),
                (x - reach * 0.4, y + thick * 0.6),
            ],
            steps=5,
        )
        lines[index % 2].append(ripple)
    surface.shapes(lines[0], tones[0], opacity=0.28)
    surface.shapes(lines[1], tones[1], opacity=0.22)


def _light_path(surface: Surface, mood: Mood, chance: random.Random, horizon: float) -> None:
    x0 = mood.sun[0]
    glints: list[Outline] = []
    for index in range(90):
        t = (index / 90) ** 1.3
        y = horizon + 0.006 + (1 - horizon) * t
        x = x0 + chance.gauss(0, 0.018 + 0.05 * t)
        reach = (0.006 + 0.034 * t) * chance.uniform(0.5, 1.5)
        glints.append([(x - reach, y), (x, y - 0.0014 - 0.0022 * t), (x + reach, y), (x, y + 0.0014 + 0.0022 * t)])
    surface.shapes(glints, lighter(mood.glow, 0.3), opacity=0.75)
    surface.glow(x0, horizon, 0.3, mood.glow, 0.3)


def underwater(surface: Surface, mood: Mood, chance: random.Random) -> None:
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


def space(surface: Surface, mood: Mood, chance: random.Random, tint: Colour | None = None) -> None:
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


def moonscape(
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


def street(surface: Surface, mood: Mood, chance: random.Random, horizon: float, *, neon: bool = False) -> None:
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


def room(
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


def table(surface: Surface, mood: Mood, chance: random.Random, wall: Colour = (214, 182, 150)) -> None:
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


def studio(surface: Surface, chance: random.Random, colour: Colour) -> None:
    """Paint a studio's seamless paper, lit from the upper left."""
    del chance
    surface.wash((lighter(colour, 0.22), lighter(colour, 0.1), colour, darker(colour, 0.1)))
    surface.glow(0.3, 0.25, 1.1, lighter(colour, 0.6), 0.55)
    surface.veil(darker(colour, 0.3), (0, 0.22, 0.06), 0.68, 1)


def falling(surface: Surface, mood: Mood, chance: random.Random, weather: str) -> None:
    """Let rain or snow fall over the whole picture."""
    if weather == "snow":
        for blur, size, count, opacity in (
            (0.0, 0.0028, 150, 0.9),
            (0.0016, 0.0055, 70, 0.85),
            (0.006, 0.013, 20, 0.6),
        ):
            flakes: list[Outline] = []
            for _ in range(count):
                r = size * surface.unit * chance.uniform(0.6, 1.3)
                flakes.append(oval(chance.random() * surface.width, chance.random() * surface.height, r, r, steps=12))
            surface.polygons(flakes, lighter(mood.light, 0.7), opacity=opacity, blur=blur)
        return
    drops: list[Outline] = []
    for _ in range(170):
        x, y, length = chance.uniform(-0.1, 1.1), chance.uniform(-0.1, 1.0), chance.uniform(0.03, 0.085)
        drops.append(
            [(x, y), (x + 0.0016, y), (x - length * 0.22 + 0.0022, y + length), (x - length * 0.22, y + length)]
        )
    surface.shapes(drops, lighter(mood.light, 0.5), opacity=0.32)


def bokeh(surface: Surface, chance: random.Random, colours: tuple[Colour, ...]) -> None:
    """Fill the picture with lights out of focus."""
    surface.wash((darker(colours[0], 0.75), darker(colours[-1], 0.6)))
    for _ in range(70):
        x, y, r = chance.random(), chance.random(), chance.uniform(0.02, 0.1)
        tone = lighter(chance.choice(colours), chance.uniform(0, 0.35))
        disc(surface, x, y, r, tone, chance.uniform(0.12, 0.45), 0.003)
        disc(surface, x, y, r * 0.92, lighter(tone, 0.3), 0.08)
    field = softened(surface.noise(chance, (3, 3), 3), 0.02 * surface.unit)
    surface.lay(lighter(colours[0], 0.4), curve(field, lambda v: (v - 140) * 1.4), strength=0.3)
