"""Pictures as the demo shows them: small enough for its page."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass, replace

from PIL import Image


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
