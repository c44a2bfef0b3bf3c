"""The breeds of grazing animals: what tells a deer from a camel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from lightbox_sandbox.pixels import Colour


@dataclass(frozen=True, slots=True)
class Breed:
    """What tells one grazing animal from another; lengths in the animal's height.

    Attributes:
        colour: The coat.
        back: How high the back stands.
        length: From chest to rump.
        depth: How thick the trunk is.
        neck: How high the head stands over the back.
        leg: How thick the legs are.
        head: How long the head is.
        extra: Horns, antlers, mane, trunk, wool or patches.
    """

    colour: Colour
    back: float
    length: float
    depth: float
    neck: float
    leg: float
    head: float
    extra: Literal["none", "antlers", "mane", "trunk", "wool", "patches", "giraffe", "zebra", "hump"] = "none"

    @property
    def belly(self) -> float:
        """The height of the belly, negative as heights are."""
        return self.depth - self.back


BREEDS: Final[dict[str, Breed]] = {
    "deer": Breed((168, 112, 68), 0.56, 0.46, 0.2, 0.26, 0.05, 0.15, "antlers"),
    "horse": Breed((126, 76, 48), 0.66, 0.56, 0.24, 0.24, 0.07, 0.21, "mane"),
    "cow": Breed((244, 240, 234), 0.72, 0.72, 0.34, 0.06, 0.085, 0.21, "patches"),
    "sheep": Breed((244, 238, 228), 0.74, 0.6, 0.4, 0.06, 0.07, 0.17, "wool"),
    "elephant": Breed((142, 144, 156), 0.84, 0.74, 0.46, 0.0, 0.16, 0.26, "trunk"),
    "giraffe": Breed((230, 180, 104), 0.5, 0.34, 0.17, 0.44, 0.045, 0.12, "giraffe"),
    "zebra": Breed((244, 242, 238), 0.66, 0.56, 0.24, 0.22, 0.065, 0.19, "zebra"),
    "camel": Breed((204, 164, 112), 0.66, 0.52, 0.22, 0.24, 0.055, 0.16, "hump"),
}
