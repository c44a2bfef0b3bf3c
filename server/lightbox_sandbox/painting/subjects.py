"""Every subject that can be painted: how it is drawn, how large, and where it belongs."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final, Literal, cast

from lightbox_sandbox.pixels import Colour

from .drawings import people, planets, spans, trees
from .pen import Pen
from .shapes import draw

Draw = Callable[[Pen, random.Random, Colour | None], None]
Spot = Literal["ground", "air", "water", "deep", "space", "table"]


@dataclass(frozen=True, slots=True)
class Subject:
    """One thing that can be painted.

    Attributes:
        draw: Draws it with a pen; a colour of `None` is its own.
        size: Its height in shares of the picture's shorter side.
        home: The setting it is shown in when the prompt names none.
        spot: Where in a picture it goes.
        width: How wide it is, in its own heights.
    """

    draw: Draw
    size: float
    home: str
    spot: Spot = "ground"
    width: float = 0.8


def _own(draw: Callable[..., None]) -> Draw:
    """Let a drawing keep its own colour where none is named."""

    def drawn(pen: Pen, chance: random.Random, colour: Colour | None) -> None:
        if colour is None:
            draw(pen, chance)
        else:
            draw(pen, chance, colour)

    return drawn


_COMPUTED: Final[dict[str, Draw]] = {
    "person": people.person,
    "traveller": partial(people.person, pose="walk", hat=True),
    "runner": partial(people.person, pose="run"),
    "dancer": partial(people.person, pose="dance"),
    "reader": partial(people.person, pose="sit"),
    "people": partial(people.crowd, count=3),
    "couple": partial(people.crowd, count=2),
    "umbrella": people.under_umbrella,
    "bridge": _own(spans.bridge),
    "tower": _own(spans.tower),
    "tree": _own(trees.leafy_tree),
    "pine": _own(trees.conifer),
    "cherry tree": _own(trees.blossom_tree),
    "planet": _own(planets.planet),
}
"""How those are drawn that are not told in `drawings/*.shapes`."""


def _read() -> dict[str, Subject]:
    spots = tomllib.loads(Path(__file__).with_name("subjects.toml").read_text("utf-8"))
    return {
        name: Subject(_COMPUTED.get(name) or partial(draw, name.replace(" ", "-")), spot=cast("Spot", spot), **row)
        for spot, rows in cast("dict[str, dict[str, Any]]", spots).items()
        for name, row in rows.items()
    }


SUBJECTS: Final = _read()
"""All subjects by name."""
