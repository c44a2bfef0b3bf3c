"""Which hits of a search are wanted, by shape and size: chosen when the answer is shaped, from all that came.

What was paid for stays whole in the journal, so that the same search with other wishes need not be paid again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args

from pydantic import BaseModel, ConfigDict, field_validator

from lightbox.images.picture import Hit
from lightbox.vocabulary import Shape

MOST_HITS_ASKED = 100
"""The most hits that a service is asked for, and that the answer of a search is chosen from."""
TIMES_ASKED = 3
"""How many times as many hits are asked for as are wanted, to make up for those that do not fit. The fee is by the
search; what more hits add to its tokens is in the estimate."""
SQUARE = 1.05
"""Up to which ratio of its long to its short side a picture counts as square."""

TOO_SMALL = "too small"
_USELESS = {"dead": "dead", "blocked": "blocked", "not_an_image": "not a picture"}
_SHAPES: tuple[Shape, ...] = get_args(Shape)


class Selection(BaseModel):
    """What a caller wants of a search.

    Attributes:
        count: How many hits at most.
        shape: Only hits of this shape.
        min_side: Only hits whose shorter side has at least so many px.
    """

    # Stored orders may have been written by a newer version: what it added is passed over.
    model_config = ConfigDict(frozen=True, extra="ignore")

    count: int
    shape: Shape | None = None
    min_side: int | None = None

    @property
    def asked(self) -> int:
        """How many hits the service is asked for."""
        return min(MOST_HITS_ASKED, TIMES_ASKED * self.count)

    @field_validator("shape", mode="before")
    @classmethod
    def _known_shape(cls, shape: object) -> object:
        """Read a shape that only a newer version knows as any."""
        return shape if shape in _SHAPES else None

    def of(self, hits: Sequence[Hit]) -> Selected:
        """Choose: what surely fits in the order of the hits, then what may fit, for its size is not known."""
        fit: list[Hit] = []
        unknown: list[Hit] = []
        left_out: Counter[str] = Counter()
        largest = 0, 0
        for hit in hits:
            if why := self._misfit(hit):
                left_out[why] += 1
                if why == TOO_SMALL:
                    largest = max(largest, (hit.width or 0, hit.height or 0), key=sorted)
            else:
                (fit if hit.width and hit.height else unknown).append(hit)
        shown = (*fit, *unknown)[: self.count]
        return Selected(shown, dict(left_out), largest, unknown=max(0, len(shown) - len(fit)))

    def _misfit(self, hit: Hit) -> str | None:
        """Say why a hit is left out; None where it fits, or may fit."""
        if hit.state in _USELESS:
            return _USELESS[hit.state]
        if hit.state == "tiny":
            return TOO_SMALL
        if not hit.width or not hit.height:
            return None
        if self.min_side and min(hit.width, hit.height) < self.min_side:
            return TOO_SMALL
        return f"not {self.shape}" if self.shape and shape_of(hit.width, hit.height) != self.shape else None


@dataclass(frozen=True, slots=True)
class Selected:
    """What was chosen.

    Attributes:
        hits: Those that the answer shows.
        left_out: How many were not chosen, by why: `too small`, `not landscape`, `dead`.
        largest: Width and height in px of the largest that was too small, by its shorter side.
        unknown: How many of those shown may not fit.
    """

    hits: tuple[Hit, ...]
    left_out: dict[str, int]
    largest: tuple[int, int]
    unknown: int


def shape_of(width: int, height: int) -> Shape:
    """Name the shape of a picture by its sides in px."""
    if max(width, height) <= SQUARE * min(width, height):
        return "square"
    return "landscape" if width > height else "portrait"
