"""Skies: gradient, sun or moon, stars, clouds, what stands in them and falls from them, and lights out of focus."""

from __future__ import annotations

import math
import random

from PIL import Image, ImageChops

from lightbox_sandbox.pixels import Colour, curve

from .colour import WHITE, darker, lighter, mix
from .moods import Mood
from .outlines import Outline, Point, oval, smooth, stroke
from .surface import Surface, gradient, softened


def paint_sky(surface: Surface, mood: Mood, chance: random.Random, horizon: float = 0.62, *, lamp: bool = True) -> None:
    """Paint the sky down to the horizon; without `lamp` there is no sun or moon."""
    surface.wash(mood.sky, 0, horizon)
    surface.wash((mood.sky[-1], mood.haze), horizon, 1)
    if mood.stars > 0.02:  # noqa: PLR2004 - fewer can't be seen
        stars(surface, chance, mood.stars, horizon)
    if lamp:
        _lamp(surface, mood, chance)
    if mood.clouds > 0.02:  # noqa: PLR2004 - fewer can't be seen
        clouds(surface, mood, chance, horizon)


def _lamp(surface: Surface, mood: Mood, chance: random.Random) -> None:
    x, y = mood.sun
    x += chance.uniform(-0.06, 0.06)
    if mood.dark == 1.0:
        moon(surface, x, y, 0.065, mood.glow)
    else:
        sun(surface, x, y, 0.05 if mood.dark else 0.042, mood.glow)


def sun(surface: Surface, x: float, y: float, radius: float, colour: Colour) -> None:
    """Hang a sun with its light about it."""
    surface.glow(x, y, radius * 16, colour, 0.5, 2.4)
    surface.glow(x, y, radius * 6, lighter(colour, 0.3), 0.6, 2.0)
    disc(surface, x, y, radius, lighter(colour, 0.6), blur=0.003)


def moon(surface: Surface, x: float, y: float, radius: float, colour: Colour) -> None:
    """Hang a moon with its seas and its light about it."""
    surface.glow(x, y, radius * 9, mix(colour, (120, 150, 230), 0.5), 0.42, 2.4)
    surface.glow(x, y, radius * 2.6, colour, 0.5, 1.8)
    disc(surface, x, y, radius, colour, volume=0.35)
    for dx, dy, r in ((-0.3, -0.25, 0.24), (0.25, 0.1, 0.3), (-0.2, 0.42, 0.17), (0.38, -0.42, 0.12)):
        disc(
            surface,
            x + dx * radius * _narrow(surface),
            y + dy * radius * _low(surface),
            r * radius,
            (190, 192, 196),
            0.5,
            0.004,
        )


def _narrow(surface: Surface) -> float:
    return surface.unit / surface.width


def _low(surface: Surface) -> float:
    return surface.unit / surface.height


def disc(
    surface: Surface,
    x: float,
    y: float,
    radius: float,
    colour: Colour,
    opacity: float = 1.0,
    blur: float = 0.0,
    volume: float = 0.0,
) -> None:
    """Paint a disc, round whatever the picture's format; `radius` in shares of the shorter side."""
    r = radius * surface.unit
    surface.polygons(
        [oval(x * surface.width, y * surface.height, r, r, steps=90)], colour, opacity=opacity, blur=blur, volume=volume
    )


def stars(surface: Surface, chance: random.Random, amount: float, bottom: float = 1.0) -> None:
    """Strew stars of several sizes, the brightest with a halo."""
    tones: tuple[Colour, ...] = ((255, 255, 255), (255, 240, 214), (206, 222, 255))
    faint: list[list[Point]] = []
    for _ in range(round(420 * amount)):
        x, y = chance.random(), chance.random() * bottom
        r = (0.0006 + 0.0012 * chance.random() ** 3) * surface.unit + 0.25
        faint.append(oval(x * surface.width, y * surface.height, r, r, steps=8))
    surface.polygons(faint[::2], tones[0], opacity=0.85)
    surface.polygons(faint[1::2], tones[2], opacity=0.5)
    for _ in range(round(26 * amount)):
        x, y = chance.random(), chance.random() * bottom * 0.85
        tone = tones[chance.randrange(3)]
        surface.glow(x, y, chance.uniform(0.006, 0.018), tone, 0.7)
        disc(surface, x, y, chance.uniform(0.0012, 0.0026), tone)


def clouds(surface: Surface, mood: Mood, chance: random.Random, horizon: float = 0.62) -> None:
    """Let clouds of noise drift over the sky, lit from above, thinner towards the horizon."""
    field = surface.noise(chance, (3, 5), 5, 0.55)
    cover = 178 - 108 * mood.clouds
    mask = curve(field, lambda value: (value - cover) * 4.2)
    band = Image.new("L", mask.size)
    height = max(1, round(horizon * surface.height))
    band.paste(
        gradient((surface.width, height), [(255, 255, 255), (220, 220, 220), (90, 90, 90), (0, 0, 0)]).convert("L")
    )
    mask = curve(ImageChops.multiply(mask, band), lambda value: value * 0.9)
    shift = max(1, round(0.03 * surface.height))
    lit = ImageChops.subtract(field, ImageChops.offset(field, 0, -shift), 0.55, 150)
    bright = Image.composite(
        Image.new("RGB", mask.size, mood.cloud[0]),
        Image.new("RGB", mask.size, mood.cloud[1]),
        softened(lit, 0.008 * surface.unit),
    )
    surface.lay(bright, mask)


def puff(
    surface: Surface, x: float, y: float, size: float, colours: tuple[Colour, Colour], chance: random.Random
) -> None:
    """Hang one heaped cloud."""
    outlines: list[list[Point]] = []
    unit = surface.unit
    for index in range(7):
        r = size * unit * (0.55 - abs(index - 3) * 0.11) * chance.uniform(0.85, 1.15)
        outlines.append(
            oval(x * surface.width + (index - 3) * size * unit * 0.36, y * surface.height - r * 0.55, r, r * 0.86)
        )
    surface.polygons(outlines, colours, opacity=0.92, blur=0.006, volume=0.5)


def aurora(surface: Surface, chance: random.Random) -> None:
    """Draw curtains of northern light."""
    tones: tuple[Colour, ...] = ((70, 240, 160), (60, 210, 200), (150, 110, 240))
    for index, tone in enumerate(tones):
        base, phase = 0.34 - index * 0.07, chance.uniform(0, 6)
        for layer in range(3):
            path = [
                (x / 12, base + 0.07 * math.sin(x * 0.7 + phase) + 0.03 * math.sin(x * 1.7 + phase * 2) - layer * 0.05)
                for x in range(-1, 14)
            ]
            edge = smooth(path, closed=False)
            curtain = [*edge, *[(x, y - 0.2 + layer * 0.03) for x, y in reversed(edge)]]
            surface.shapes(
                [curtain], (mix(tone, (90, 60, 190), 0.5), tone), opacity=0.2 - layer * 0.03, blur=0.022 + layer * 0.016
            )


def rainbow(surface: Surface, opacity: float = 0.42) -> None:
    """Span a rainbow."""
    tones: tuple[Colour, ...] = (
        (236, 74, 74), (246, 150, 60), (250, 220, 90), (96, 200, 110), (70, 150, 230), (130, 96, 210),
    )  # fmt: skip
    width, height, unit = surface.width, surface.height, surface.unit
    for index, tone in enumerate(tones):
        rx, ry = 0.46 * width - index * 0.017 * unit, 0.56 * height - index * 0.017 * unit
        turns = [math.pi + math.pi * step / 48 for step in range(49)]
        arc = [(width * 0.5 + rx * math.cos(turn), height * 0.66 + ry * math.sin(turn)) for turn in turns]
        surface.polygons([stroke(arc, 0.022 * unit, curved=False)], tone, opacity=opacity, blur=0.004)


def lightning(surface: Surface, chance: random.Random, horizon: float) -> None:
    """Let a bolt strike."""
    x, y = chance.uniform(0.25, 0.75), 0.0
    path: list[Point] = [(x, y)]
    while y < horizon:
        y += chance.uniform(0.03, 0.07)
        x += chance.uniform(-0.045, 0.045)
        path.append((x, y))
    px = [(a * surface.width, b * surface.height) for a, b in path]
    fork = px[len(px) // 2 :]
    fork = [
        fork[0],
        *[(fork[0][0] + (a - fork[0][0]) * 2.5 + 0.05 * surface.unit * i, b) for i, (a, b) in enumerate(fork[1:5], 1)],
    ]
    for line, width in ((px, 0.009), (fork, 0.005)):
        body = [stroke(line, width * surface.unit, 0.001 * surface.unit, curved=False)]
        surface.polygons(body, (190, 200, 255), opacity=0.8, blur=0.016)
        surface.polygons(body, WHITE)
    surface.glow(path[-1][0], horizon, 0.5, (190, 200, 255), 0.35)


def milky_way(
    surface: Surface, chance: random.Random, tones: tuple[Colour, Colour] = ((120, 120, 210), (220, 150, 190))
) -> None:
    """Let the galaxy's band shimmer across the sky."""
    field = surface.noise(chance, (4, 3), 5, 0.6)
    width, height = surface.width, surface.height
    band = Image.new("L", (width, height))
    path = [
        stroke(
            [(0.05 * width, height * 1.0), (0.5 * width, 0.4 * height), (0.92 * width, -0.1 * height)],
            0.2 * surface.unit,
            0.3 * surface.unit,
        )
    ]
    holder = Surface(width, height, "low", None)
    holder.polygons(path, WHITE, blur=0.09)
    band = holder.image.getchannel("A")
    for tone, floor in ((tones[0], 60), (tones[1], 130), (lighter(tones[1], 0.6), 175)):
        surface.lay(
            tone, ImageChops.multiply(curve(field, lambda value, low=floor: (value - low) * 2.6), band), strength=0.6
        )


def fireworks(surface: Surface, chance: random.Random, count: int = 5) -> None:
    """Burst fireworks over the scene."""
    tones: tuple[Colour, ...] = ((255, 120, 110), (255, 214, 120), (120, 220, 255), (220, 140, 255), (150, 255, 170))
    for index in range(count):
        cx = (index + 0.5) / count * surface.width + chance.uniform(-0.06, 0.06) * surface.width
        cy = chance.uniform(0.12, 0.42) * surface.height
        reach, tone = chance.uniform(0.09, 0.19) * surface.unit, tones[index % 5]
        surface.glow(cx / surface.width, cy / surface.height, 0.2, tone, 0.4)
        rays: list[list[Point]] = []
        sparks: list[list[Point]] = []
        for ray in range(34):
            angle = 2 * math.pi * ray / 34 + chance.uniform(-0.06, 0.06)
            far = reach * chance.uniform(0.72, 1.05)
            ex, ey = cx + far * math.cos(angle), cy + far * math.sin(angle) + far * 0.1
            start = (cx + 0.25 * far * math.cos(angle), cy + 0.25 * far * math.sin(angle))
            rays.append(stroke([start, (ex, ey)], 0.0008 * surface.unit, 0.0036 * surface.unit))
            sparks.append(oval(ex, ey, 0.0036 * surface.unit, 0.0036 * surface.unit, steps=10))
        surface.polygons(rays, tone, opacity=0.9)
        surface.polygons(sparks, lighter(tone, 0.65))


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
