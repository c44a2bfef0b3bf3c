"""A transformed picture written: as the format that is wanted, with its profile and metadata, in so many bytes."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any

from PIL import Image, PngImagePlugin

from lightbox.errors import BadPicture
from lightbox.images.raster import BROKEN, FINE
from lightbox.images.rendition import Rendition
from lightbox.images.transform import LOSSY, MIME_TYPES, Transformation
from lightbox.images.transform_metadata import Metadata

_LONGEST_SIDE = {"webp": 16_383, "jpeg": 65_500, "gif": 65_535, "avif": 65_535}
"""The longest side in px that a format can hold."""
_RUNGS = (85, 78, 70, 62, 54, 46, 38, 30, 22, 15, 8)
"""The qualities that are tried where a file is to be small."""
_WHOLE_COLOUR = 90
"""From this quality on, JPEG keeps colour as finely as brightness."""
_LARGE = 4_000_000
"""From how many px on a file is written more quickly, and gets a little larger."""
_PALETTES = (256, 128, 64, 32, 16)
_GIF_CLEAR = 255
_UNSEEN = [255 * (level < 128) for level in range(256)]  # noqa: PLR2004 - half
_XMP = "XML:com.adobe.xmp"


def encoded(
    pixels: Image.Image,
    name: str,
    wanted: Transformation,
    profile: bytes | None,
    metadata: Metadata,
    notes: tuple[str, ...],
) -> Rendition:
    """Write px as a format, at most as large as wanted.

    Raises:
        BadPicture: The format can't hold so many px a side, or they don't fit into so many bytes.
    """
    most = _LONGEST_SIDE.get(name, max(pixels.size))
    if max(pixels.size) > most:
        raise BadPicture(
            f"{pixels.width}x{pixels.height} px do not go into {name}, which holds at most {most:,} px a side: pass "
            "size, or format=png."
        )
    writer = _Writer(pixels, name, wanted.quality, profile, metadata)
    try:
        data, note = _smallest_that_fits(writer, wanted.max_bytes) if wanted.max_bytes else (writer.usual(), None)
    except BROKEN as error:
        raise BadPicture(f"The picture can't be written as {name} ({error}): pass format=png.") from error
    return Rendition(data, MIME_TYPES[name], *pixels.size, notes=(*notes, note) if note else notes)


class _Writer:
    """Writes one picture in one format, better or smaller."""

    def __init__(
        self, pixels: Image.Image, name: str, quality: int | None, profile: bytes | None, metadata: Metadata
    ) -> None:
        self.pixels, self.name, self.metadata = pixels, name, metadata
        self._profile = profile
        self._quality = quality

    @property
    def best(self) -> int:
        """The quality from which smaller ones are tried."""
        return FINE if self._quality is None else self._quality

    def usual(self) -> bytes:
        """Write it as well as is wanted."""
        if self.name == "jpeg" and self._quality is None and self.metadata.tables and self._has_tables_for():
            sampling = {"subsampling": self.metadata.sampling} if self.pixels.mode == "RGB" else {}
            return self._saved(self.pixels, qtables=self.metadata.tables, optimize=True, **sampling)
        return self.at(self.best) if self.name in LOSSY else self.lossless()

    def at(self, quality: int) -> bytes:
        """Write it at a quality of 0 to 100."""
        match self.name:
            case "jpeg":
                sampling = {"subsampling": 0 if quality >= _WHOLE_COLOUR else 2} if self.pixels.mode == "RGB" else {}
                return self._saved(self.pixels, quality=max(1, quality), optimize=True, **sampling)
            case "webp":
                return self._saved(self.pixels, quality=quality, method=2 if self._is_large else 4)
            case _:
                return self._saved(self.pixels, quality=quality, speed=10 if self._is_large else 8)

    def lossless(self, *, optimize: bool = False) -> bytes:
        """Write it with nothing lost but what the format has no place for."""
        match self.name:
            case "gif":
                return self.in_colours(_PALETTES[0])
            case "tiff":
                return self._saved(self.pixels, compression="tiff_adobe_deflate")
            case _:
                packing = {"compress_level": 3} if self._is_large and not optimize else {}
                return self._saved(self.pixels, optimize=optimize, **packing)

    def in_colours(self, number: int) -> bytes:
        """Write it in so few colours."""
        pixels = self.pixels
        if self.name == "png":
            return self._saved(_in_palette(pixels, number), optimize=True)
        if pixels.mode != "RGBA":
            return self._saved(pixels.convert("RGB").quantize(number))
        drawn = pixels.convert("RGB").quantize(min(number, _GIF_CLEAR))
        unseen = pixels.getchannel("A").point(_UNSEEN)  # pyright: ignore[reportUnknownMemberType] - Pillow's types name numpy's
        drawn.paste(_GIF_CLEAR, mask=unseen)
        return self._saved(drawn, transparency=_GIF_CLEAR)

    @property
    def _is_large(self) -> bool:
        return self.pixels.width * self.pixels.height > _LARGE

    def _has_tables_for(self) -> bool:
        return self.metadata.mode == self.pixels.mode

    def _saved(self, pixels: Image.Image, **options: Any) -> bytes:
        buffer = BytesIO()
        pixels.info = {}  # or else Pillow writes comments and profiles from there that were to be left out
        pixels.save(buffer, self.name.upper(), **options, **self._embedded())
        return buffer.getvalue()

    def _embedded(self) -> dict[str, Any]:
        """Give what the format has a place for, of profile and metadata."""
        told, name = self.metadata, self.name
        embedded: dict[str, Any] = {}
        if self._profile and name != "gif":
            embedded["icc_profile"] = self._profile
        if told.exif and name in {"jpeg", "webp", "avif", "png"}:
            embedded["exif"] = told.exif
        if told.dpi and name in {"jpeg", "png", "tiff"}:
            embedded["dpi"] = told.dpi
        if told.xmp and name in {"jpeg", "webp", "avif"}:
            embedded["xmp"] = told.xmp
        if name == "png" and (told.texts or told.xmp):
            info = PngImagePlugin.PngInfo()
            for key, text in told.texts.items():
                info.add_itxt(key, text)
            if told.xmp:
                info.add_itxt(_XMP, told.xmp.decode("utf-8", "replace"))
            embedded["pnginfo"] = info
        return embedded


def _in_palette(pixels: Image.Image, number: int) -> Image.Image:
    if pixels.mode == "RGBA":
        return pixels.quantize(number, method=Image.Quantize.FASTOCTREE)
    return pixels.convert("RGB").quantize(number)


def _smallest_that_fits(writer: _Writer, max_bytes: int) -> tuple[bytes, str | None]:
    """Write a picture as well as so many bytes let it; px stay as many as they are.

    Raises:
        BadPicture: They don't; the text says how small it gets.
    """
    first = writer.usual()
    if len(first) <= max_bytes:
        return first, None
    if writer.name in LOSSY:
        return _at_lower_quality(writer, max_bytes, first)
    smallest = first
    for data, note in _with_less(writer):
        if len(data) <= max_bytes:
            return data, note
        smallest = min(smallest, data, key=len)
    raise _too_large(writer, max_bytes, smallest)


def _with_less(writer: _Writer) -> Iterator[tuple[bytes, str | None]]:
    """Write what has no quality ever smaller: packed harder, then in fewer colours."""
    if writer.name == "tiff":
        return
    if writer.name == "png":
        yield writer.lossless(optimize=True), None
    for number in _PALETTES:
        yield writer.in_colours(number), f"in {number} colours, to fit into max_kilobytes"


def _at_lower_quality(writer: _Writer, max_bytes: int, first: bytes) -> tuple[bytes, str | None]:
    """Find the best quality that fits, in few tries: every one of them takes as long as writing the picture."""
    rungs = [rung for rung in (FINE, *_RUNGS) if rung <= writer.best] or [writer.best]
    smallest = writer.at(rungs[-1])
    if len(smallest) > max_bytes:
        raise _too_large(writer, max_bytes, min(smallest, first, key=len))
    fits, low, high = smallest, 0, len(rungs) - 1
    while low < high:
        middle = (low + high) // 2
        data = writer.at(rungs[middle])
        if len(data) <= max_bytes:
            fits, high = data, middle
        else:
            low = middle + 1
    return fits, f"at quality {rungs[high]}, to fit into max_kilobytes"


def _too_large(writer: _Writer, max_bytes: int, smallest: bytes) -> BadPicture:
    pixels, name = writer.pixels, writer.name
    least = -(-len(smallest) // 100) / 10
    ways = ["a smaller size"]
    if name not in {"webp", "avif"}:
        ways.append("format=webp")
    if writer.metadata != Metadata() or writer.pixels.mode == "CMYK":
        ways.append("metadata=strip")
    return BadPicture(
        f"max_kilobytes {max_bytes / 1000:g} can't be reached: as {name}, {pixels.width}x{pixels.height} px take at "
        f"least {least:g} kB (try max_kilobytes={least:g}, or {' or '.join(ways)})."
    )
