"""A scene: what every setting is painted from."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from lightbox_sandbox.painting import skies
from lightbox_sandbox.painting.moods import Mood
from lightbox_sandbox.painting.surface import Surface
from lightbox_sandbox.pixels import Colour


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
