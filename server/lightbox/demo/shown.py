"""Pictures as the demo shows them: small enough for its page, and the mask that it edits with."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass, replace
from pathlib import Path

from PIL import Image, ImageDraw


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture on the page: bytes, type, caption, and the file beside the page that holds it in full."""

    data: bytes
    mime_type: str
    caption: str = ""
    file: str | None = None
    note: str = ""
    handle: str | None = None

    @property
    def uri(self) -> str:
        """The picture as a data URI, so that the page needs nothing beside it."""
        return f"data:{self.mime_type};base64,{base64.b64encode(self.data).decode('ascii')}"


def reduced(picture: Shown, side: int) -> Shown:
    """Make a picture small enough for the page: at most `side` px a side, as WebP."""
    with Image.open(io.BytesIO(picture.data)) as image:
        image.thumbnail((side, side))
        target = io.BytesIO()
        image.save(target, "WEBP", quality=82)
    return replace(picture, data=target.getvalue(), mime_type="image/webp")


def paint_mask(picture: bytes, path: Path) -> bytes:
    """Save a mask of the picture's size at `path`, and give it small for the page.

    The services' rule: what is transparent is painted anew, what is opaque stays. Transparent is a disc in the upper
    right, where the sky is.
    """
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
