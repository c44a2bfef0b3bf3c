"""Every subject that can be painted: how it is drawn, how large, and where it belongs."""
# ruff: noqa: E501 - rows of a table are read as lines

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal

from lightbox.sandbox.pixels import Colour

from . import animals, buildings, food, herd, people, plants, things, vehicles
from .pen import Pen

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


def _own(draw: Callable[..., None], **fixed: Any) -> Draw:
    """Let a drawing keep its own colour where none is named."""

    def drawn(pen: Pen, chance: random.Random, colour: Colour | None) -> None:
        if colour is None:
            draw(pen, chance, **fixed)
        else:
            draw(pen, chance, colour=colour, **fixed)

    return drawn


def _sits(kind: str) -> Draw:
    return lambda pen, chance, colour: animals.sitting(pen, chance, kind, colour)


def _stands(kind: str) -> Draw:
    return lambda pen, chance, colour: herd.standing(pen, chance, kind, colour)


def _person(pose: str, hat: str = "") -> Draw:
    return lambda pen, chance, colour: people.person(pen, chance, colour, pose, hat)


def _fruit(kind: str, tone: Colour) -> Draw:
    return lambda pen, chance, colour: food.fruit(pen, chance, colour or tone, kind)


def _flower(kind: str, tone: Colour) -> Draw:
    return lambda pen, chance, colour: plants.flower(pen, chance, colour or tone, kind)


def _shelter(pen: Pen, chance: random.Random, colour: Colour | None) -> None:
    people.under_umbrella(pen, chance, lambda held: things.umbrella(held, chance, colour or (216, 66, 70)))


SUBJECTS: Final[dict[str, Subject]] = {
    **{kind: Subject(_sits(kind), 0.56, home) for kind, home in (
        ("fox", "forest"), ("cat", "room"), ("kitten", "room"), ("dog", "meadow"), ("wolf", "forest"), ("bear", "forest"),
        ("polar bear", "snow"), ("panda", "bamboo"), ("rabbit", "meadow"), ("tiger", "jungle"), ("lion", "savanna"),
        ("raccoon", "forest"), ("mouse", "meadow"), ("koala", "jungle"), ("squirrel", "autumn"),
    )},
    **{kind: Subject(_stands(kind), size, home, width=1.1) for kind, home, size in (
        ("deer", "forest", 0.56), ("horse", "meadow", 0.52), ("cow", "meadow", 0.42), ("sheep", "hills", 0.36),
        ("elephant", "savanna", 0.5), ("giraffe", "savanna", 0.66), ("zebra", "savanna", 0.48), ("camel", "desert", 0.48),
    )},
    "bird": Subject(_own(herd.bird), 0.5, "blossom", "air", 1.0),
    "birds": Subject(_own(herd.flock), 0.6, "sea", "air", 1.4),
    "eagle": Subject(_own(herd.eagle), 0.5, "mountains", "air", 1.2),
    "owl": Subject(_own(herd.owl), 0.58, "woods at night", "air", 1.0),
    "penguin": Subject(_own(herd.penguin), 0.46, "snow"),
    "swan": Subject(_own(herd.swan), 0.36, "lake", "water", 1.0),
    "fish": Subject(_own(herd.fish), 0.4, "underwater", "deep", 1.1),
    "whale": Subject(_own(herd.whale), 0.56, "underwater", "deep", 1.3),
    "turtle": Subject(_own(herd.turtle), 0.5, "underwater", "deep", 1.1),
    "butterfly": Subject(_own(herd.butterfly), 0.46, "flowers", "air", 1.0),
    "bee": Subject(_own(herd.bee), 0.36, "flowers", "air", 1.0),
    "person": Subject(_person("stand"), 0.5, "hills"),
    "traveller": Subject(_person("walk", "straw"), 0.46, "mountains"),
    "runner": Subject(_person("run"), 0.46, "park"),
    "dancer": Subject(_person("dance"), 0.52, "stage"),
    "reader": Subject(_person("sit"), 0.46, "park"),
    "people": Subject(lambda pen, chance, colour: people.crowd(pen, chance, 3, "stand", colour), 0.46, "sunset beach", width=1.3),
    "couple": Subject(lambda pen, chance, colour: people.crowd(pen, chance, 2, "stand", colour), 0.44, "sunset beach", width=1.0),
    "portrait": Subject(_own(people.portrait), 0.92, "studio", width=0.9),
    "house": Subject(_own(buildings.house), 0.4, "hills", width=1.1),
    "castle": Subject(_own(buildings.castle), 0.54, "mountains", width=1.1),
    "lighthouse": Subject(_own(buildings.lighthouse), 0.66, "coast"),
    "windmill": Subject(_own(buildings.windmill), 0.56, "flowers"),
    "pagoda": Subject(_own(buildings.pagoda), 0.6, "blossom", width=0.9),
    "bridge": Subject(_own(buildings.bridge), 0.42, "bay", "water", 2.0),
    "tower": Subject(_own(buildings.tower), 0.68, "city"),
    "tree": Subject(_own(plants.leafy_tree), 0.64, "hills"),
    "pine": Subject(_own(plants.conifer), 0.6, "snow"),
    "cherry tree": Subject(_own(plants.blossom_tree), 0.66, "hills"),
    "palm": Subject(_own(plants.palm), 0.6, "beach"),
    "cactus": Subject(_own(plants.cactus), 0.46, "desert"),
    "flower": Subject(_flower("flower", (244, 130, 160)), 0.6, "garden"),
    "rose": Subject(_flower("rose", (206, 40, 66)), 0.62, "garden"),
    "tulip": Subject(_flower("tulip", (236, 84, 92)), 0.56, "garden"),
    "sunflower": Subject(_flower("sunflower", (252, 196, 48)), 0.7, "meadow"),
    "lotus": Subject(_flower("lotus", (244, 150, 184)), 0.42, "lake", "water", 1.0),
    "bouquet": Subject(plants.bouquet, 0.62, "table", "table"),
    "leaf": Subject(_own(plants.leaf), 0.62, "garden"),
    "mushroom": Subject(_own(plants.mushroom), 0.42, "forest"),
    "snowflake": Subject(_own(plants.snowflake), 0.5, "winter blur", "air"),
    "car": Subject(_own(vehicles.car), 0.34, "street", width=2.0),
    "bus": Subject(_own(vehicles.bus), 0.36, "street", width=2.0),
    "train": Subject(_own(vehicles.train), 0.36, "hills", width=2.0),
    "bicycle": Subject(_own(vehicles.bicycle), 0.42, "street", width=1.5),
    "sailboat": Subject(_own(vehicles.sailboat), 0.5, "sea", "water", 1.0),
    "ship": Subject(_own(vehicles.ship), 0.36, "sea", "water", 1.8),
    "airplane": Subject(_own(vehicles.airplane), 0.46, "sky", "air", 1.6),
    "balloon": Subject(_own(vehicles.balloon), 0.46, "mountains", "air"),
    "rocket": Subject(_own(vehicles.rocket), 0.56, "space", "space", 0.6),
    "satellite": Subject(_own(vehicles.satellite), 0.46, "space", "space", 1.2),
    "astronaut": Subject(_own(people.astronaut), 0.5, "moon"),
    "apple": Subject(_fruit("apple", (206, 44, 48)), 0.44, "table", "table"),
    "pear": Subject(_fruit("pear", (186, 196, 76)), 0.5, "table", "table"),
    "orange": Subject(_fruit("orange", (246, 144, 40)), 0.42, "table", "table"),
    "lemon": Subject(_fruit("lemon", (250, 216, 66)), 0.42, "table", "table", 1.0),
    "peach": Subject(_fruit("peach", (250, 166, 132)), 0.42, "table", "table"),
    "cherry": Subject(_fruit("cherry", (176, 24, 50)), 0.36, "table", "table"),
    "strawberry": Subject(_fruit("strawberry", (222, 44, 58)), 0.46, "table", "table"),
    "watermelon": Subject(_fruit("watermelon", (60, 130, 70)), 0.5, "table", "table", 1.2),
    "banana": Subject(_fruit("banana", (250, 212, 78)), 0.46, "table", "table", 1.0),
    "grapes": Subject(_fruit("grape", (120, 64, 140)), 0.5, "table", "table"),
    "coffee": Subject(_own(food.cup, kind="coffee"), 0.46, "table", "table", 1.1),
    "tea": Subject(_own(food.cup, kind="tea"), 0.46, "table", "table", 1.1),
    "cake": Subject(_own(food.cake), 0.54, "table", "table", 1.2),
    "pizza": Subject(_own(food.pizza), 0.66, "table", "table", 1.0),
    "bread": Subject(_own(food.bread), 0.5, "table", "table", 1.2),
    "sushi": Subject(_own(food.sushi), 0.5, "table", "table", 1.7),
    "noodles": Subject(_own(food.noodles), 0.5, "table", "table", 1.2),
    "burger": Subject(_own(food.burger), 0.5, "table", "table", 1.0),
    "ice cream": Subject(_own(food.ice_cream), 0.66, "beach blur", "table", 0.5),
    "cheese": Subject(_own(food.cheese), 0.46, "table", "table", 1.1),
    "robot": Subject(_own(things.robot), 0.58, "lab"),
    "laptop": Subject(_own(things.laptop), 0.56, "desk", "table", 1.4),
    "phone": Subject(_own(things.phone), 0.6, "desk", "table", 0.5),
    "camera": Subject(_own(things.camera), 0.44, "desk", "table", 1.1),
    "book": Subject(_own(things.book), 0.5, "table", "table", 1.1),
    "guitar": Subject(_own(things.guitar), 0.74, "room", width=0.5),
    "clock": Subject(_own(things.clock), 0.5, "table", "table"),
    "lamp": Subject(_own(things.lamp), 0.56, "room at night", "table", 0.6),
    "umbrella": Subject(_shelter, 0.56, "rainy street"),
    "gift": Subject(_own(things.gift), 0.5, "party", "table", 0.9),
    "heart": Subject(_own(things.heart), 0.6, "party", "air", 1.0),
    "star": Subject(_own(things.star_shape), 0.5, "night sky", "air", 1.0),
    "gem": Subject(_own(things.gem), 0.5, "studio", "air", 1.0),
    "planet": Subject(_own(things.planet), 0.62, "space", "space", 1.4),
    "earth": Subject(_own(things.earth), 0.66, "space", "space", 1.0),
    "chair": Subject(_own(things.chair), 0.5, "room"),
    "hat": Subject(_own(people.hat), 0.4, "studio", width=1.0),
    "ball": Subject(_own(things.ball), 0.4, "meadow"),
    "football": Subject(_own(things.football), 0.36, "stadium"),
    "lantern": Subject(_own(things.lantern), 0.44, "night street", "air"),
    "sign": Subject(_own(things.sign), 0.6, "hills", width=1.2),
    "snowman": Subject(_own(things.snowman), 0.56, "snow"),
}  # fmt: skip
