"""How small a picture may be sent to a model by name."""

from __future__ import annotations

from datetime import UTC, datetime

from lightbox.costs.catalogue.catalogue import Catalogue
from lightbox.costs.counting import vision
from lightbox.vocabulary import Detail


def seen_size(
    catalogue: Catalogue,
    provider: str,
    model: str,
    width: int,
    height: int,
    detail: Detail | None = None,
    at: datetime | None = None,
) -> tuple[int, int]:
    """Give the size in px to which a picture can be shrunk without the model seeing less.

    Image models and models that the catalogue does not know get their pictures as they are: no service says how small
    a picture may be before an edit of it suffers.
    """
    row = catalogue.vision(provider, model, at or datetime.now(UTC))
    return vision.seen_size(row, width, height, detail)
