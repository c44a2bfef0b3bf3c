"""The mask that the demo edits with."""

from __future__ import annotations

import io
from pathlib import Path


def paint_mask(picture: bytes, path: Path) -> bytes:
    """Save a mask of the picture's size at `path`, and give it small for the page.

    The services' rule: what is transparent is painted anew, what is opaque stays. Transparent is a disc in the upper
    right, where the sky is.
    """
    from PIL import Image, ImageDraw  # noqa: PLC0415 - heavy, and needed by the demo alone

    with Image.open(io.BytesIO(picture)) as image:
        width, height = image.size
    mask = Image.new("RGBA", (width, height), (20, 20, 24, 255))
    x, y, radius = width * 0.72, height * 0.24, min(width, height) * 0.17
    ImageDraw.Draw(mask).ellipse((x - radius, y - radius, x + radius, y + radius), fill=(0, 0, 0, 0))
    mask.save(path)
    mask.thumbnail((360, 360))
    small = io.BytesIO()
    mask.save(small, "PNG")
    return small.getvalue()
