"""Whether bytes are a picture that can be opened: told before anything of it is decoded, in linear time.

The bounds are those of given, found and fetched pictures. What a model made is kept whatever it is; to be shown, it has
to be a picture that can be opened, too.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256

from lightbox.errors import BadPicture
from lightbox.images.sniff import TYPE_NAMES, UNKNOWN_TYPE, Sniffed, describe_bytes, sniff

MAX_BYTES = 20_000_000
"""The most bytes that a picture may have which no model made."""
MAX_PIXELS = 50_000_000
"""The most px that are ever decoded, width times height: 50 megapixels are 200 MB of memory."""
MAX_SECONDS = 15.0
"""The longest that the decoding and encoding of one picture may take."""

PLAIN_PIXELS = 4_000_000
"""Up to how many px a harmless picture is decoded inside the server."""
_PLAIN_BYTES = 8_000_000
_PLAIN_METADATA = 256 * 1024  # bytes before the picture itself
_PLAIN_PACKED = 16 * 1024  # bytes of compressed text: at most a thousand times as much is unpacked from them
_PLAIN_SCANS = 24
_ANY_SIDE = MAX_PIXELS  # px: no picture has a longer one
_REDUCTIONS = (2, 4, 8)  # how many times smaller on each side a JPEG can be decoded (Pillow's `draft`)

_MOST_HELD = 8 * MAX_PIXELS  # bytes in memory: four channels of 16 bits
_MOST_SCANNED = 24 * MAX_PIXELS  # px of a JPEG, all scans together: about five seconds
_MOST_PARTS = 50_000  # chunks and blocks
_MOST_SEGMENTS = 5_000  # of a JPEG: metadata come in segments of 64 KB
_MOST_PADDING = 1_000_000  # bytes of a JPEG: Pillow passes them one by one
_MOST_PACKED = 4_000_000  # bytes of compressed text and colour profiles
_MOST_REMARKS = 1_000_000  # bytes of a GIF's comments: Pillow adds block to block
_MOST_RUNS = 2_000_000  # px of a BMP that is packed in runs, which Pillow unpacks slowly
_MOST_TAGS = 4_096


@dataclass(frozen=True, slots=True)
class Inspected:
    """What the bytes of a picture tell without being decoded; sizes in px, as shown."""

    mime_type: str
    width: int | None
    height: int | None
    byte_count: int
    sha256: str
    plain_side: int = 0
    """With which longest side in px it may be decoded inside the server, as `is_plain` tells; 0: with none."""


def inspect_bytes(data: bytes, name: str, *, max_bytes: int | None = None, max_pixels: int = MAX_PIXELS) -> Inspected:
    """Check and hash a picture's bytes; `name` is what a user calls it.

    Raises:
        BadPicture: They are no picture, too much of one, or built so that decoding it would do harm.
    """
    if max_bytes is not None and len(data) > max_bytes:
        raise too_many_bytes(name, max_bytes)
    told = check_bytes(data, name, max_pixels=max_pixels)
    plain_side = check_structure(data, told, name)
    return Inspected(told.mime_type, told.width, told.height, len(data), sha256(data).hexdigest(), plain_side)


def inspect_made(data: bytes) -> Inspected:
    """Hash what a model made, and tell what can be told: it was paid for, so nothing about it is refused."""
    told = sniff(data) or Sniffed(UNKNOWN_TYPE)
    return Inspected(told.mime_type, told.width, told.height, len(data), sha256(data).hexdigest())


def check_bytes(data: bytes, name: str, *, max_pixels: int = MAX_PIXELS) -> Sniffed:
    """Make sure that bytes are a picture of px, and not of too many.

    Raises:
        BadPicture: They are not; the text says what they are.
    """
    told = sniff(data)
    if told is None:
        raise BadPicture(
            f"{name} is not a picture: it is {describe_bytes(data)}. Pass a PNG, JPEG, WebP, GIF, BMP or TIFF."
        )
    if told.mime_type == "image/svg+xml":
        raise BadPicture(f"{name} is an SVG drawing, which has no px: pass it as a PNG.")
    if told.width is None or told.height is None:
        kind = TYPE_NAMES[told.mime_type]
        raise BadPicture(f"{name} is a broken {kind}: its size can't be read. Pass a copy that opens elsewhere.")
    if told.width * told.height > max_pixels:
        raise BadPicture(
            f"{name} is {told.width}x{told.height} px ({told.width * told.height / 1e6:.0f} megapixels): "
            f"at most {max_pixels / 1e6:.0f} megapixels are opened. Pass a smaller copy."
        )
    return told


def check_structure(data: bytes, told: Sniffed, name: str) -> int:
    """Walk a picture's parts and make sure that decoding it takes no more than pictures of its size do.

    Gives the longest side in px with which it is plain.

    What is merely cut off or damaged is left to the decoder.

    Raises:
        BadPicture: It is built so that decoding would take too long or too much memory; the text says how.
    """
    structure = _structure(data, told)
    if structure.fault is not None:
        what = f"{name} is a {TYPE_NAMES[told.mime_type]} {structure.fault}"
        raise BadPicture(f"{what}: pass a copy that was saved again, as an ordinary PNG or JPEG.")
    return structure.plain_side


def too_many_bytes(name: str, max_bytes: int) -> BadPicture:
    """Say that a picture is above the bound in bytes."""
    return BadPicture(f"{name} is larger than {max_bytes / 1e6:.0f} MB: pass a smaller copy.")


def is_plain(data: bytes, *, side: int | None = None) -> bool:
    """Tell whether a picture is so small and ordinary that decoding it surely takes little time and memory.

    That is a PNG of 8 bits, not interlaced, or a JPEG of few scans: at most 4 megapixels, 8 MB and little metadata. Of
    a JPEG in one scan that is wanted with a longest side of `side` px, those px count at which it will be decoded.
    """
    told = sniff(data)
    if told is None or not told.width or not told.height:
        return False
    structure = _structure(data, told)
    return structure.fault is None and (side or max(told.width, told.height)) <= structure.plain_side


@dataclass(frozen=True, slots=True)
class _Structure:
    """What one walk over a picture's parts tells: what is wrong with it, and up to which side in px it `is_plain`."""

    fault: str | None = None
    plain_side: int = 0


def _structure(data: bytes, told: Sniffed) -> _Structure:
    find = _STRUCTURES.get(told.mime_type)
    try:
        return find(data, told) if find else _Structure()
    except (struct.error, IndexError):  # cut off
        return _Structure()


_MARKER = re.compile(rb"\xff[\x02-\xcf\xd8-\xfe]")
_END, _SCAN, _EXIF = 0xD9, 0xDA, 0xE1
_SEQUENTIAL = frozenset({0xC0, 0xC1})
_FRAMES = _SEQUENTIAL | {0xC2}  # and the progressive one


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, int]]:
    """Give marker and place of every segment, without the picture's own bytes, up to the end of the first picture."""
    place = 2
    while found := _MARKER.search(data, place):
        place = found.end()
        marker = data[place - 1]
        yield marker, place
        if marker == _END:
            return
        if marker > 0xD8:  # noqa: PLR2004 - the start of another picture has no length
            place += int.from_bytes(data[place : place + 2], "big")


def _jpeg_structure(data: bytes, told: Sniffed) -> _Structure:
    fault, segments = _walked_jpeg(data, told)
    return _Structure(fault, 0 if fault else _plain_jpeg_side(data, told, segments))


def _walked_jpeg(data: bytes, told: Sniffed) -> tuple[str | None, list[tuple[int, int]]]:
    """Give what is wrong with a JPEG, and marker and place of the segments that were passed until that was clear.

    A walk takes a tenth of the time of decoding at reduced scale, and holds every other thread up.
    """
    segments: list[tuple[int, int]] = []
    # Single bytes are counted in a third of the time of pairs.
    if data.count(b"\xff") > _MOST_PADDING and 2 * data.count(b"\xff\xff") > _MOST_PADDING:
        return f"with more than {_MOST_PADDING / 1e6:.0f} MB of padding", segments
    for marker, place in _jpeg_segments(data):
        if len(segments) >= _MOST_SEGMENTS:
            return f"of more than {_MOST_SEGMENTS:,} segments", segments
        segments.append((marker, place))
        if marker == _EXIF and data[place + 2 : place + 8] == b"Exif\0\0":
            fault = _directory_fault(data[place + 8 : place + int.from_bytes(data[place : place + 2], "big")])
            if fault is not None:
                return fault, segments
    scans = sum(marker == _SCAN for marker, _ in segments)
    if scans * (told.width or 0) * (told.height or 0) > _MOST_SCANNED:
        return f"that is built up in {scans:,} scans, too many for {told.width}x{told.height} px", segments
    return None, segments


def _plain_jpeg_side(data: bytes, told: Sniffed, segments: list[tuple[int, int]]) -> int:
    """Give the side with which a JPEG is plain; one that is not small has to be in one scan, to be decoded reduced."""
    scans = [place for marker, place in segments if marker == _SCAN]
    if len(data) > _PLAIN_BYTES or not 0 < len(scans) <= _PLAIN_SCANS or scans[0] > _PLAIN_METADATA:
        return 0
    if _is_small(told):
        return _ANY_SIDE
    kinds = [marker for marker, _ in segments if marker in _FRAMES or marker == _SCAN]
    if len(kinds) != 2 or kinds[0] not in _SEQUENTIAL or kinds[1] != _SCAN:  # noqa: PLR2004 - a frame and its scan
        return 0
    width, height = told.width or 0, told.height or 0
    scales = (scale for scale in _REDUCTIONS if width * height <= PLAIN_PIXELS * scale**2)
    return max(width, height) // next(scales, MAX_PIXELS)


_DEPTHS = {0: {1, 2, 4, 8, 16}, 2: {8, 16}, 3: {1, 2, 4, 8}, 4: {8, 16}, 6: {8, 16}}
"""The bits of each colour type of a PNG."""
_PACKED = frozenset({b"zTXt", b"iTXt", b"iCCP"})


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Give kind, place and length of every chunk."""
    place = 8
    while place + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, place)
        yield kind, place + 8, length
        place += 12 + length


def _png_fault(data: bytes, _: Sniffed) -> str | None:
    length, kind, _w, _h, depth, colour, packing, filtering, interlace = struct.unpack_from(">I4sIIBBBBB", data, 8)
    known = depth in _DEPTHS.get(colour, ()) and packing == filtering == 0 and interlace in {0, 1}
    if kind != b"IHDR" or length != 13 or not known:  # noqa: PLR2004 - the header's own length
        return "whose header is not valid"
    packed = 0
    for number, (kind, place, length) in enumerate(_png_chunks(data)):
        if number >= _MOST_PARTS:
            return f"of more than {_MOST_PARTS:,} chunks"
        packed += length if kind in _PACKED else 0
        if packed > _MOST_PACKED:
            return f"with more than {_MOST_PACKED / 1e6:.0f} MB of compressed text"
        if kind == b"eXIf" and (fault := _directory_fault(data[place : place + length])):
            return fault
    return None


def _png_structure(data: bytes, told: Sniffed) -> _Structure:
    fault = _png_fault(data, told)
    return _Structure(fault, _ANY_SIDE if fault is None and _is_plain_png(data, told) else 0)


def _is_plain_png(data: bytes, told: Sniffed) -> bool:
    depth, interlace = data[24], data[28]
    if told.animated or len(data) > _PLAIN_BYTES or not _is_small(told) or depth != 8 or interlace:  # noqa: PLR2004 - bits
        return False
    packed = metadata = 0
    for kind, _, length in _png_chunks(data):
        packed += length if kind in _PACKED else 0
        metadata += length if kind != b"IDAT" else 0
    return packed <= _PLAIN_PACKED and metadata <= _PLAIN_METADATA


def _is_small(told: Sniffed) -> bool:
    return (told.width or 0) * (told.height or 0) <= PLAIN_PIXELS


def _gif_fault(data: bytes, _: Sniffed) -> str | None:
    """Walk to the first image, which may be larger than the canvas."""
    place = 13 + (3 << ((data[10] & 0x07) + 1) if data[10] & 0x80 else 0)
    begin = place
    for _number in range(_MOST_PARTS):
        match data[place]:
            case 0x2C:
                left, top, width, height = struct.unpack_from("<HHHH", data, place + 1)
                if (left + width) * (top + height) > MAX_PIXELS:
                    return f"whose first frame reaches to {left + width}x{top + height} px"
                return f"with {place - begin:,} bytes of comments" if place - begin > _MOST_REMARKS else None
            case 0x21:
                place += 2
                while data[place] and place - begin <= _MOST_REMARKS:
                    place += 1 + data[place]
                if data[place]:
                    return f"with more than {_MOST_REMARKS / 1e6:.0f} MB of comments"
                place += 1
            case 0x3B:
                return None
            case _:
                place += 1
    return f"of more than {_MOST_PARTS:,} blocks before its first frame"


def _webp_fault(data: bytes, told: Sniffed) -> str | None:
    place = 12
    for _ in range(_MOST_PARTS):
        if place + 8 > len(data):
            return None
        kind, length = struct.unpack_from("<4sI", data, place)
        frame = _webp_frame(data, kind, place + 8)
        if frame is not None and frame != (told.width, told.height):
            return f"that says it is {told.width}x{told.height} px and holds {frame[0]}x{frame[1]} px"
        if kind == b"EXIF":
            fault = _directory_fault(data[place + 8 : place + 8 + length].removeprefix(b"Exif\0\0"))
            if fault is not None:
                return fault
        place += 8 + length + length % 2
    return f"of more than {_MOST_PARTS:,} chunks"


def _webp_frame(data: bytes, kind: bytes, place: int) -> tuple[int, int] | None:
    """Give the size of a still picture in its own words; an animation's frames are checked by the decoder."""
    if kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, place + 1)
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", data, place + 6)
        return width & 0x3FFF, height & 0x3FFF
    return None


def _bmp_fault(data: bytes, told: Sniffed) -> str | None:
    (header,) = struct.unpack_from("<I", data, 14)
    if header == 12:  # noqa: PLR2004 - the oldest header
        return None
    bits, packing = struct.unpack_from("<HI", data, 28)
    if bits not in {1, 4, 8, 16, 24, 32} or packing not in {0, 1, 2, 3, 6}:
        return "whose header is not valid"
    if packing in {1, 2} and (told.width or 0) * (told.height or 0) > _MOST_RUNS:
        return f"that is packed in runs, of more than {_MOST_RUNS / 1e6:.0f} megapixels"
    return None


_UNITS = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8}
"""The bytes of one value of each TIFF type."""
_BITS, _SAMPLES = 258, 277
_INSIDE = 4  # bytes that stand in the entry itself


def _tags(data: bytes) -> Iterator[tuple[int, int, int, int]]:
    """Give tag, type, count and place of every entry of the first directory."""
    order = "<" if data[:2] == b"II" else ">"
    (place,) = struct.unpack_from(order + "I", data, 4)
    (entries,) = struct.unpack_from(order + "H", data, place)
    for entry in range(place + 2, place + 2 + 12 * entries, 12):
        yield *struct.unpack_from(order + "HHI", data, entry), entry + 8


def _directory_fault(data: bytes) -> str | None:
    """Look at the tags of a TIFF or of EXIF data: each is read whole, and all may claim the same bytes."""
    claimed = 0
    with suppress(struct.error):
        for number, (_, kind, count, _) in enumerate(_tags(data)):
            length = _UNITS.get(kind, 1) * count
            claimed += length if _INSIDE < length <= len(data) else 0
            if number >= _MOST_TAGS or claimed > 2 * len(data) + 65_536:
                return "with more tags than its bytes can hold"
    return None


def _tiff_fault(data: bytes, told: Sniffed) -> str | None:
    fault = _directory_fault(data)
    if fault is not None:
        return fault
    order = "<" if data[:2] == b"II" else ">"
    bits, samples = 1, 1
    for tag, _, count, place in _tags(data):
        if tag == _BITS:
            if count > 2:  # noqa: PLR2004 - what does not fit into the entry stands elsewhere
                (place,) = struct.unpack_from(order + "I", data, place)  # noqa: PLW2901 - followed
            (bits,) = struct.unpack_from(order + "H", data, place)
        elif tag == _SAMPLES:
            (samples,) = struct.unpack_from(order + "H", data, place)
    held = (told.width or 0) * (told.height or 0) * bits * samples // 8
    return f"of {samples} channels of {bits} bits, {held / 1e6:,.0f} MB in memory" if held > _MOST_HELD else None


def _faulty(find: Callable[[bytes, Sniffed], str | None]) -> Callable[[bytes, Sniffed], _Structure]:
    """Give the structure of a type that is never plain."""
    return lambda data, told: _Structure(find(data, told))


_STRUCTURES: dict[str, Callable[[bytes, Sniffed], _Structure]] = {
    "image/jpeg": _jpeg_structure,
    "image/png": _png_structure,
    "image/gif": _faulty(_gif_fault),
    "image/webp": _faulty(_webp_fault),
    "image/bmp": _faulty(_bmp_fault),
    "image/tiff": _faulty(_tiff_fault),
}
