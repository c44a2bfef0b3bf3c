"""Every subject that can be painted: how it is drawn, how large, and where it belongs."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal

from lightbox_sandbox.pixels import Colour

from .figures import (
    birds,
    buildings,
    craft,
    devices,
    flowers,
    fruit,
    furnishings,
    gifts,
    grazing,
    insects,
    meals,
    outdoors,
    people,
    planets,
    sealife,
    sitting,
    sweets,
    tableware,
    trees,
    wheels,
)
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
    return lambda pen, chance, colour: sitting.animal(pen, chance, kind, colour)


def _stands(kind: str) -> Draw:
    return lambda pen, chance, colour: grazing.animal(pen, chance, kind, colour)


def _person(pose: str, hat: str = "") -> Draw:
    return lambda pen, chance, colour: people.person(pen, chance, colour, pose, hat)


def _fruit(kind: str, tone: Colour) -> Draw:
    return lambda pen, chance, colour: fruit.fruit(pen, chance, colour or tone, kind)


def _flower(kind: str, tone: Colour) -> Draw:
    return lambda pen, chance, colour: flowers.flower(pen, chance, colour or tone, kind)


def _shelter(pen: Pen, chance: random.Random, colour: Colour | None) -> None:
    people.under_umbrella(pen, chance, lambda held: outdoors.umbrella(held, chance, colour or (216, 66, 70)))


SUBJECTS: Final[dict[str, Subject]] = {
    "fox": Subject(_sits("fox"), 0.56, "forest"),
    "cat": Subject(_sits("cat"), 0.56, "room"),
    "kitten": Subject(_sits("kitten"), 0.56, "room"),
    "dog": Subject(_sits("dog"), 0.56, "meadow"),
    "wolf": Subject(_sits("wolf"), 0.56, "forest"),
    "bear": Subject(_sits("bear"), 0.56, "forest"),
    "polar bear": Subject(_sits("polar bear"), 0.56, "snow"),
    "panda": Subject(_sits("panda"), 0.56, "bamboo"),
    "rabbit": Subject(_sits("rabbit"), 0.56, "meadow"),
    "tiger": Subject(_sits("tiger"), 0.56, "jungle"),
    "lion": Subject(_sits("lion"), 0.56, "savanna"),
    "raccoon": Subject(_sits("raccoon"), 0.56, "forest"),
    "mouse": Subject(_sits("mouse"), 0.56, "meadow"),
    "koala": Subject(_sits("koala"), 0.56, "jungle"),
    "squirrel": Subject(_sits("squirrel"), 0.56, "autumn"),
    "deer": Subject(_stands("deer"), 0.56, "forest", width=1.1),
    "horse": Subject(_stands("horse"), 0.52, "meadow", width=1.1),
    "cow": Subject(_stands("cow"), 0.42, "meadow", width=1.1),
    "sheep": Subject(_stands("sheep"), 0.36, "hills", width=1.1),
    "elephant": Subject(_stands("elephant"), 0.5, "savanna", width=1.1),
    "giraffe": Subject(_stands("giraffe"), 0.66, "savanna", width=1.1),
    "zebra": Subject(_stands("zebra"), 0.48, "savanna", width=1.1),
    "camel": Subject(_stands("camel"), 0.48, "desert", width=1.1),
    "bird": Subject(_own(birds.bird), 0.5, "blossom", "air", 1.0),
    "birds": Subject(_own(birds.flock), 0.6, "sea", "air", 1.4),
    "eagle": Subject(_own(birds.eagle), 0.5, "mountains", "air", 1.2),
    "owl": Subject(_own(birds.owl), 0.58, "woods at night", "air", 1.0),
    "penguin": Subject(_own(birds.penguin), 0.46, "snow"),
    "swan": Subject(_own(birds.swan), 0.36, "lake", "water", 1.0),
    "fish": Subject(_own(sealife.fish), 0.4, "underwater", "deep", 1.1),
    "whale": Subject(_own(sealife.whale), 0.56, "underwater", "deep", 1.3),
    "turtle": Subject(_own(sealife.turtle), 0.5, "underwater", "deep", 1.1),
    "butterfly": Subject(_own(insects.butterfly), 0.46, "flowers", "air", 1.0),
    "bee": Subject(_own(insects.bee), 0.36, "flowers", "air", 1.0),
    "person": Subject(_person("stand"), 0.5, "hills"),
    "traveller": Subject(_person("walk", "straw"), 0.46, "mountains"),
    "runner": Subject(_person("run"), 0.46, "park"),
    "dancer": Subject(_person("dance"), 0.52, "stage"),
    "reader": Subject(_person("sit"), 0.46, "park"),
    "people": Subject(
        lambda pen, chance, colour: people.crowd(pen, chance, 3, "stand", colour), 0.46, "sunset beach", width=1.3
    ),
    "couple": Subject(
        lambda pen, chance, colour: people.crowd(pen, chance, 2, "stand", colour), 0.44, "sunset beach", width=1.0
    ),
    "portrait": Subject(_own(people.portrait), 0.92, "studio", width=0.9),
    "house": Subject(_own(buildings.house), 0.4, "hills", width=1.1),
    "castle": Subject(_own(buildings.castle), 0.54, "mountains", width=1.1),
    "lighthouse": Subject(_own(buildings.lighthouse), 0.66, "coast"),
    "windmill": Subject(_own(buildings.windmill), 0.56, "flowers"),
    "pagoda": Subject(_own(buildings.pagoda), 0.6, "blossom", width=0.9),
    "bridge": Subject(_own(buildings.bridge), 0.42, "bay", "water", 2.0),
    "tower": Subject(_own(buildings.tower), 0.68, "city"),
    "tree": Subject(_own(trees.leafy_tree), 0.64, "hills"),
    "pine": Subject(_own(trees.conifer), 0.6, "snow"),
    "cherry tree": Subject(_own(trees.blossom_tree), 0.66, "hills"),
    "palm": Subject(_own(trees.palm), 0.6, "beach"),
    "cactus": Subject(_own(trees.cactus), 0.46, "desert"),
    "flower": Subject(_flower("flower", (244, 130, 160)), 0.6, "garden"),
    "rose": Subject(_flower("rose", (206, 40, 66)), 0.62, "garden"),
    "tulip": Subject(_flower("tulip", (236, 84, 92)), 0.56, "garden"),
    "sunflower": Subject(_flower("sunflower", (252, 196, 48)), 0.7, "meadow"),
    "lotus": Subject(_flower("lotus", (244, 150, 184)), 0.42, "lake", "water", 1.0),
    "bouquet": Subject(flowers.bouquet, 0.62, "table", "table"),
    "leaf": Subject(_own(flowers.leaf), 0.62, "garden"),
    "mushroom": Subject(_own(flowers.mushroom), 0.42, "forest"),
    "snowflake": Subject(_own(outdoors.snowflake), 0.5, "winter blur", "air"),
    "car": Subject(_own(wheels.car), 0.34, "street", width=2.0),
    "bus": Subject(_own(wheels.bus), 0.36, "street", width=2.0),
    "train": Subject(_own(wheels.train), 0.36, "hills", width=2.0),
    "bicycle": Subject(_own(wheels.bicycle), 0.42, "street", width=1.5),
    "sailboat": Subject(_own(craft.sailboat), 0.5, "sea", "water", 1.0),
    "ship": Subject(_own(craft.ship), 0.36, "sea", "water", 1.8),
    "airplane": Subject(_own(craft.airplane), 0.46, "sky", "air", 1.6),
    "balloon": Subject(_own(craft.balloon), 0.46, "mountains", "air"),
    "rocket": Subject(_own(craft.rocket), 0.56, "space", "space", 0.6),
    "satellite": Subject(_own(craft.satellite), 0.46, "space", "space", 1.2),
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
    "coffee": Subject(_own(tableware.cup, kind="coffee"), 0.46, "table", "table", 1.1),
    "tea": Subject(_own(tableware.cup, kind="tea"), 0.46, "table", "table", 1.1),
    "cake": Subject(_own(sweets.cake), 0.54, "table", "table", 1.2),
    "pizza": Subject(_own(meals.pizza), 0.66, "table", "table", 1.0),
    "bread": Subject(_own(sweets.bread), 0.5, "table", "table", 1.2),
    "sushi": Subject(_own(meals.sushi), 0.5, "table", "table", 1.7),
    "noodles": Subject(_own(meals.noodles), 0.5, "table", "table", 1.2),
    "burger": Subject(_own(meals.burger), 0.5, "table", "table", 1.0),
    "ice cream": Subject(_own(sweets.ice_cream), 0.66, "beach blur", "table", 0.5),
    "cheese": Subject(_own(sweets.cheese), 0.46, "table", "table", 1.1),
    "robot": Subject(_own(devices.robot), 0.58, "lab"),
    "laptop": Subject(_own(devices.laptop), 0.56, "desk", "table", 1.4),
    "phone": Subject(_own(devices.phone), 0.6, "desk", "table", 0.5),
    "camera": Subject(_own(devices.camera), 0.44, "desk", "table", 1.1),
    "book": Subject(_own(furnishings.book), 0.5, "table", "table", 1.1),
    "guitar": Subject(_own(furnishings.guitar), 0.74, "room", width=0.5),
    "clock": Subject(_own(furnishings.clock), 0.5, "table", "table"),
    "lamp": Subject(_own(furnishings.lamp), 0.56, "room at night", "table", 0.6),
    "umbrella": Subject(_shelter, 0.56, "rainy street"),
    "gift": Subject(_own(gifts.gift), 0.5, "party", "table", 0.9),
    "heart": Subject(_own(gifts.heart), 0.6, "party", "air", 1.0),
    "star": Subject(_own(gifts.star_shape), 0.5, "night sky", "air", 1.0),
    "gem": Subject(_own(gifts.gem), 0.5, "studio", "air", 1.0),
    "planet": Subject(_own(planets.planet), 0.62, "space", "space", 1.4),
    "earth": Subject(_own(planets.earth), 0.66, "space", "space", 1.0),
    "chair": Subject(_own(furnishings.chair), 0.5, "room"),
    "hat": Subject(_own(people.hat), 0.4, "studio", width=1.0),
    "ball": Subject(_own(gifts.ball), 0.4, "meadow"),
    "football": Subject(_own(gifts.football), 0.36, "stadium"),
    "lantern": Subject(_own(outdoors.lantern), 0.44, "night street", "air"),
    "sign": Subject(_own(outdoors.sign), 0.6, "hills", width=1.2),
    "snowman": Subject(_own(outdoors.snowman), 0.56, "snow"),
}
