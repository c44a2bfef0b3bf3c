"""Lights out of focus."""

from __future__ import annotations

import random

from lightbox_sandbox.painting.colour import darker, lighter
from lightbox_sandbox.painting.skies import disc
from lightbox_sandbox.painting.surface import Surface, softened
from lightbox_sandbox.pixels import Colour, curve


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
