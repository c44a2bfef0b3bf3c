"""Mixing paint: small functions on RGB triples."""

from __future__ import annotations

from typing import Final

from lightbox_sandbox.pixels import Colour

WHITE: Final[Colour] = (255, 255, 255)
DARK: Final[Colour] = (34, 28, 34)
"""What eyes, noses and claws are drawn with: black, a little warm."""

LAMP: Final[Colour] = (255, 214, 130)
"""The light of lamps and lit windows."""


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """Mix two colours; `share` 0 is the first, 1 the second."""
    keep = 1 - share
    return (
        round(first[0] * keep + second[0] * share),
        round(first[1] * keep + second[1] * share),
        round(first[2] * keep + second[2] * share),
    )


def lighter(colour: Colour, share: float) -> Colour:
    """Mix a colour with white."""
    return mix(colour, WHITE, share)


def darker(colour: Colour, share: float) -> Colour:
    """Mix a colour with a deep blue, which makes kinder shadows than black."""
    return mix(colour, (14, 12, 34), share)


def under(colour: Colour, light: Colour) -> Colour:
    """Show a colour as it looks under a coloured light."""
    return (colour[0] * light[0] // 255, colour[1] * light[1] // 255, colour[2] * light[2] // 255)
