"""An image reference: how a user names a picture, in one string.

Five forms: a handle, an http(s) URL, a path, a data URI, a provider's file id.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Handle:
    """A picture that the server knows, e.g. `img_4k2x9w1qza`."""

    value: str


@dataclass(frozen=True, slots=True)
class WebAddress:
    """A picture on the web, e.g. `https://example.com/fox.jpg`."""

    url: str


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A picture in a file of the machine that the server runs on, e.g. `~/Pictures/fox.jpg`; `~` is resolved."""

    path: Path


@dataclass(frozen=True, slots=True)
class DataURI:
    """A picture inside the reference itself, e.g. `data:image/png;base64,iVBOR…`, decoded.

    `mime_type` is what the URI claims; the type that counts comes from the bytes.
    """

    mime_type: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class FileId:
    """A file that the user uploaded to a provider, e.g. `file-abc123`; only that provider can read it."""

    value: str


Reference = Handle | WebAddress | LocalFile | DataURI | FileId


def parse_reference(text: str) -> Reference:
    """Read an image reference, e.g. `parse_reference("img_4k2x9w1qza")`.

    Raises:
        BadReference: The text is in none of the five forms.
    """
    raise NotImplementedError
