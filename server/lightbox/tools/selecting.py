"""What both searches share: wishes about the shape and the size of hits, and what they do to the one request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightbox.errors import BadInput
from lightbox.images.selection import Selection

if TYPE_CHECKING:
    from lightbox.tools.arguments import FindSimilarImages, SearchImages


def selection_of(arguments: SearchImages | FindSimilarImages) -> Selection | None:
    """Give what is wanted of the hits; None where any will do.

    Raises:
        BadInput: Shape or size are wanted of hits that are not to be looked at: no service tells their sizes.
    """
    if arguments.shape is None and arguments.min_side is None:
        return None
    if not arguments.check:
        named = " and ".join(name for name in ("shape", "min_side") if getattr(arguments, name) is not None)
        raise BadInput(
            f"{named} can't be had with check=false: services tell no sizes, only the check does. Leave check out, "
            f"or {named}. Nothing was sent."
        )
    return Selection(count=arguments.count, shape=arguments.shape, min_side=arguments.min_side)
