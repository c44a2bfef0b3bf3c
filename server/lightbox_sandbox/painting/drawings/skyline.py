"""A town's skyline: many high-rises, lit at night."""

from __future__ import annotations

import random

from lightbox_sandbox.painting.colour import LAMP, darker, lighter, mix
from lightbox_sandbox.painting.moods import Mood
from lightbox_sandbox.painting.outlines import Outline, block, stroke
from lightbox_sandbox.painting.surface import Surface


def skyline(surface: Surface, mood: Mood, chance: random.Random, base: float, *, neon: bool = False) -> None:
    """Stand three rows of high-rises on a line, windows lit when it is dark."""
    for row, distance in enumerate((0.72, 0.42, 0.08)):
        x = -0.04
        while x < 1.04:  # noqa: PLR2004 - past the right edge
            width = chance.uniform(0.045, 0.1) * (0.8 + row * 0.15)
            height = chance.uniform(0.14, 0.42) * (1.15 - 0.22 * row)
            _high_rise(surface, mood, chance, (x, base - height, x + width, base + 0.02), distance, neon=neon)
            x += width + chance.uniform(0.0, 0.022)
        surface.veil(mood.haze, (0, 0.35 * mood.air + 0.12), base - 0.2, base + 0.01)


def _high_rise(
    surface: Surface,
    mood: Mood,
    chance: random.Random,
    box: tuple[float, float, float, float],
    distance: float,
    *,
    neon: bool,
) -> None:
    left, top, right, bottom = box
    wall = chance.choice(((96, 112, 138), (128, 122, 132), (150, 138, 130), (82, 96, 116), (170, 164, 160)))
    if neon:
        wall = mix(wall, (40, 28, 70), 0.7)
    width = right - left
    crown = chance.randrange(4)
    outline = block(left, top, right, bottom)
    if crown == 1:
        outline = [
            (left, bottom),
            (left, top + 0.03),
            (left + width * 0.25, top),
            (right - width * 0.25, top),
            (right, top + 0.03),
            (right, bottom),
        ]
    surface.shapes([outline], (mood.seen(lighter(wall, 0.1), distance), mood.seen(darker(wall, 0.3), distance)))
    surface.shapes(
        [block(left + width * 0.72, top + 0.031 * (crown == 1), right, bottom)],
        mood.seen(darker(wall, 0.55), distance),
        opacity=0.4,
    )
    if crown == 2:  # noqa: PLR2004 - the third kind
        surface.shapes(
            [stroke([(left + width / 2, top), (left + width / 2, top - 0.07)], 0.004, 0.001)], mood.seen(wall, distance)
        )
    columns, rows = max(3, round(width * 75)), max(4, round((bottom - top) * 46))
    lit: list[Outline] = []
    dull: list[Outline] = []
    for column in range(columns):
        for row in range(rows):
            cx, cy = left + width * (column + 0.22) / columns, top + 0.035 + (bottom - top - 0.035) * row / rows
            pane = block(cx, cy, cx + width * 0.52 / columns, cy + (bottom - top) * 0.5 / rows)
            (lit if chance.random() < 0.12 + 0.42 * mood.dark else dull).append(pane)
    surface.shapes(dull, mood.seen(mix(wall, (150, 190, 220), 0.5), distance), opacity=0.42 * (1 - 0.6 * mood.dark))
    if mood.dark > 0.15:  # noqa: PLR2004 - lamps are lit from dusk on
        tone = (
            chance.choice(((255, 90, 190), (90, 220, 255), (190, 120, 255), (255, 190, 110)))
            if neon
            else chance.choice((LAMP, (255, 232, 180), (255, 198, 120)))
        )
        surface.shapes(lit, mix(tone, mood.haze, distance * 0.5), opacity=0.92)
    if neon and distance < 0.5 and chance.random() < 0.6:  # noqa: PLR2004 - the nearer ones, more often than not
        tone = chance.choice(((255, 60, 180), (60, 220, 255), (160, 90, 255)))
        sign = block(left + width * 0.2, top + 0.06, left + width * 0.34, top + 0.2)
        surface.shapes([sign], tone)
        surface.glow(left + width * 0.27, top + 0.13, 0.16, tone, 0.5)
