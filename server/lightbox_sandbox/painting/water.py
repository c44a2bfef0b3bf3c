"""Water: it mirrors what stands above, with ripples and the light's path."""

from __future__ import annotations

import random

from PIL import ImageFilter, ImageOps

from lightbox_sandbox.painting.colour import darker, lighter
from lightbox_sandbox.painting.moods import Mood
from lightbox_sandbox.painting.outlines import Outline, smooth
from lightbox_sandbox.painting.surface import Surface, branch
from lightbox_sandbox.pixels import Colour


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
