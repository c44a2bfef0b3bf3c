"""Every setting by name, and homes that name a time and a weather as well."""

from __future__ import annotations

from typing import Final

from .places import countryside, rooms, space, towns, waters, woods
from .places.scene import Backdrop

BACKDROPS: Final[dict[str, Backdrop]] = {
    "mountains": countryside.mountains,
    "hills": countryside.hills,
    "meadow": countryside.meadow,
    "flowers": countryside.flowers,
    "garden": countryside.garden,
    "forest": woods.forest,
    "autumn": woods.autumn,
    "jungle": woods.jungle,
    "bamboo": woods.bamboo,
    "savanna": countryside.savanna,
    "desert": countryside.desert,
    "snow": countryside.snow,
    "lake": waters.lake,
    "sea": waters.sea,
    "beach": waters.beach,
    "coast": waters.coast,
    "bay": waters.bay,
    "city": towns.city,
    "street": towns.street,
    "park": towns.park,
    "underwater": waters.underwater,
    "space": space.space,
    "moon": space.moon,
    "mars": space.mars,
    "room": rooms.room,
    "table": rooms.table,
    "desk": rooms.desk,
    "lab": rooms.lab,
    "stage": rooms.stage,
    "stadium": towns.stadium,
    "blossom": countryside.blossom,
    "sky": space.sky_only,
    "studio": rooms.studio,
    "party": rooms.party,
    "winter blur": rooms.blur(((150, 190, 240), (220, 236, 255), (110, 140, 210))),
    "beach blur": rooms.blur(((250, 206, 150), (120, 206, 226), (250, 240, 210))),
}


COMPOUNDS: Final[dict[str, tuple[str, str, str | None]]] = {
    "woods at night": ("forest", "night", None),
    "sunset beach": ("beach", "sunset", None),
    "room at night": ("room", "night", None),
    "night sky": ("mountains", "night", None),
    "rainy street": ("street", "day", "rain"),
    "night street": ("street", "night", None),
}
"""Homes that name a setting, a time and a weather at once."""
