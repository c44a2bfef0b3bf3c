"""What falls from the sky: rain and snow."""

from __future__ import annotations

import random

from lightbox_sandbox.painting.colour import lighter
from lightbox_sandbox.painting.moods import Mood
from lightbox_sandbox.painting.outlines import Outline, oval
from lightbox_sandbox.painting.surface import Surface


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
