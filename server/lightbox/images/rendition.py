"""What is shown of a picture: made to fit, or in its place on a contact sheet. Imports nothing: workers start fast."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

    from lightbox.images.inspection import Inspected

MAX_INLINE_SIDE = 2000
"""The longest side in px of anything that is put inline: some clients end the session above it."""

TITLE_BAND = 56
"""The most px that the title of a contact sheet takes of its height."""


@dataclass(frozen=True, slots=True)
class Rendition:
    """A picture encoded for a purpose; sizes in px. `notes` say what a user should know of how it was made."""

    data: bytes = field(repr=False)
    mime_type: str
    width: int
    height: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One picture of a contact sheet; `problem` says in a few words why there is no `data`; sizes in px.

    `inspected` is what the data told, where that is known; `photo` is the picture once it has been decoded, in the size
    of its place.
    """

    handle: str
    data: bytes | None = field(default=None, repr=False)
    photo: Image | None = field(default=None, repr=False)
    title: str | None = None
    width: int | None = None
    height: int | None = None
    problem: str | None = None
    inspected: Inspected | None = field(default=None, repr=False)
