"""What a picture's file holds besides its px, as far as it still holds of a picture that was transformed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast

from PIL import JpegImagePlugin

from lightbox.images.raster import BROKEN

if TYPE_CHECKING:
    from PIL import Image

_KEPT = frozenset(
    {
        *(270, 271, 272),  # description, make, model
        *(282, 283, 296),  # resolution
        *(305, 306, 315, 33_432),  # software, date, artist, copyright
        *(34_665, 34_853),  # how it was taken, and where
        *range(40_091, 40_096),  # title, comment, author, keywords, subject
    }
)
"""The EXIF tags that are about the picture; the others are about how its bytes lay in the file."""
_TAKEN = 34_665
_SIDES = (0xA002, 0xA003)
_ORIENTATION_TOLD = re.compile(rb"""tiff:Orientation(=["']\d["']|>\d</tiff:Orientation>)""")
_UPRIGHT = {b"=": b'tiff:Orientation="1"', b">": b"tiff:Orientation>1</tiff:Orientation>"}


@dataclass(frozen=True, slots=True)
class Metadata:
    """What is written with the px again.

    Attributes:
        exif: Without orientation, which the px have, and without thumbnails.
        xmp: Likewise.
        dpi: How many px an inch has in print.
        texts: The texts of a PNG.
        tables: How finely a JPEG was written, to write it no worse and no larger; `sampling` of its colours.
        mode: The mode for which the tables were made.
        damaged: Whether there was more, which can't be read.
    """

    exif: bytes | None = None
    xmp: bytes | None = None
    dpi: tuple[float, float] | None = None
    texts: dict[str, str] = field(default_factory=dict[str, str])
    tables: dict[int, list[int]] | None = None
    sampling: int = 0
    mode: str | None = None
    damaged: bool = False


def read_metadata(image: Image.Image) -> Metadata:
    """Read them of a picture that is open and loaded."""
    told = Metadata(xmp=_xmp(image.info.get("xmp")), dpi=_dpi(image.info.get("dpi")), texts=_texts(image))
    told = _with_tables(told, image)
    try:
        return replace(told, exif=_exif(image))
    except (*BROKEN, AttributeError):
        return replace(told, damaged=True)


def _exif(image: Image.Image) -> bytes | None:
    exif = image.getexif()
    for tag in [tag for tag in exif if tag not in _KEPT]:
        del exif[tag]
    for tag in _SIDES:
        exif.get_ifd(_TAKEN).pop(tag, None)
    return exif.tobytes() if len(exif) else None


def _xmp(told: object) -> bytes | None:
    if isinstance(told, str):
        told = told.encode()
    if not isinstance(told, bytes):
        return None
    return _ORIENTATION_TOLD.sub(lambda match: _UPRIGHT[match[1][:1]], told)


def _dpi(told: Any) -> tuple[float, float] | None:
    try:
        across, down = (float(each) for each in told)
    except (TypeError, ValueError, ArithmeticError):
        return None
    return (across, down) if min(across, down) >= 1 and max(across, down) < 65_536 else None  # noqa: PLR2004 - 16 bits


def _texts(image: Image.Image) -> dict[str, str]:
    if image.format != "PNG":
        return {}
    texts = cast("dict[str, str]", getattr(image, "text", {}))
    return {key: str(text) for key, text in texts.items() if not key.startswith(("XML:", "Raw profile"))}


def _with_tables(told: Metadata, image: Image.Image) -> Metadata:
    if not isinstance(image, JpegImagePlugin.JpegImageFile):
        return told
    sampling = JpegImagePlugin.get_sampling(image)
    if sampling < 0:
        return told
    return replace(told, tables=dict(image.quantization), sampling=sampling, mode=image.mode)
