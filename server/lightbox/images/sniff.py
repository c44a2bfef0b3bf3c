"""What a picture is, told from its first bytes: its type and its size in px."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sniffed:
    """What the first bytes of a picture tell.

    Attributes:
        mime_type: e.g. `image/png`.
        width: In px as stored (before EXIF rotation); `None` where the bytes at hand don't tell.
        height: Likewise.
        animated: Whether there is more than one frame, as far as the bytes at hand tell.
    """

    mime_type: str
    width: int | None = None
    height: int | None = None
    animated: bool = False


def sniff(data: bytes) -> Sniffed | None:
    """Tell type and size of a picture from its first kilobytes (or all of it); `None` for what is no picture."""
    raise NotImplementedError
