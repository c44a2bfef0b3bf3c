"""What is known of a picture, written into its file: as XMP, and in a PNG as text too. No px is encoded anew.

A segment, chunk or tag is put in, and all else stays byte for byte as it was; what others wrote there stays as well.
Where a format has no place for it, or a file is not built as its format says, the bytes stay as they are.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from xml.sax.saxutils import escape

from lightbox.images.sniff import sniff

_LONGEST = 4_000  # characters of one text: a segment of a JPEG holds 64 KB
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MADE_BY_A_MODEL = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
_NAMESPACES = {
    "dc": "http://purl.org/dc/elements/1.1/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
    "lightbox": "urn:lightbox:picture:",
}
_HEAD = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
)
_RDF_END = "</rdf:RDF>"
_TAIL = f'{_RDF_END}</x:xmpmeta><?xpacket end="w"?>'


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is told of a picture in its file; None where it is not known.

    Attributes:
        handle: Its handle.
        collection: Where it is saved.
        origin: Where it came from.
        moment: When it was made, or first heard of.
        title: What the web, or its user, calls it.
        prompt: What a model was asked for.
        source: The page on which it was found, else its address.
        model: The service and the model that made it.
        price: What it cost, with the currency.
    """

    handle: str
    collection: str
    origin: str
    moment: datetime
    title: str | None = None
    prompt: str | None = None
    source: str | None = None
    model: str | None = None
    price: str | None = None


def with_facts(data: bytes, mime_type: str, facts: Facts) -> bytes:
    """Give a picture's bytes with what is known of it, or as they are where their format has no place for it."""
    write = _FORMATS.get(mime_type)
    try:
        written = write(data, facts) if write else data
    except (struct.error, IndexError, ValueError):  # cut off, or not what it says it is
        return data
    return written if sniff(written) == sniff(data) else data


def _plain(told: str | None) -> str | None:
    return _NOT_XML.sub("", told[:_LONGEST]) if told else None


def _properties(facts: Facts) -> dict[str, str]:
    """Give the properties of the XMP, by their names; those of the IPTC say that a model made it, and of what."""
    by_a_model = facts.model is not None
    told = {
        "dc:title": (facts.title, _ALTERNATIVES),
        "dc:description": (facts.prompt, _ALTERNATIVES),
        "dc:source": (facts.source, "{}"),
        "xmp:CreateDate": (facts.moment.isoformat(timespec="seconds") if facts.origin == "made" else None, "{}"),
        "xmp:CreatorTool": (facts.model, "{}"),
        "Iptc4xmpExt:DigitalSourceType": (_MADE_BY_A_MODEL if by_a_model else None, "{}"),
        "Iptc4xmpExt:AIPromptInformation": (facts.prompt if by_a_model else None, "{}"),
        "Iptc4xmpExt:AISystemUsed": (facts.model, "{}"),
        "lightbox:Handle": (facts.handle, "{}"),
        "lightbox:Origin": (facts.origin, "{}"),
        "lightbox:Date": (facts.moment.isoformat(timespec="seconds"), "{}"),
        "lightbox:Collection": (facts.collection, "{}"),
        "lightbox:Price": (facts.price, "{}"),
    }
    return {name: form.format(escape(text)) for name, (value, form) in told.items() if (text := _plain(value))}


_ALTERNATIVES = '<rdf:Alt><rdf:li xml:lang="x-default">{}</rdf:li></rdf:Alt>'


def _packet(facts: Facts, present: bytes | None = None) -> bytes:
    """Give the XMP: anew, or what is there with what it does not tell.

    Raises:
        ValueError: What is there can't be added to, or tells all of it.
    """
    there = present.decode("utf-8") if present is not None else _HEAD + _TAIL
    place = there.rfind(_RDF_END)
    new = {name: value for name, value in _properties(facts).items() if name not in there}
    if place < 0 or "lightbox:Handle" not in new:
        raise ValueError("an XMP packet that is not to be changed")
    spaces = "".join(f' xmlns:{prefix}="{uri}"' for prefix, uri in _NAMESPACES.items())
    told = "".join(f"<{name}>{value}</{name}>" for name, value in new.items())
    described = f'<rdf:Description rdf:about=""{spaces}>{told}</rdf:Description>'
    return (there[:place] + described + there[place:]).encode()


_JPEG_XMP = b"http://ns.adobe.com/xap/1.0/\0"
_APP0, _APP1, _APP15 = 0xE0, 0xE1, 0xEF
_MOST_IN_SEGMENT = 65_533


def _jpeg(data: bytes, facts: Facts) -> bytes:
    """Put a segment behind those with which a JPEG begins, JFIF and Exif, or in the place of the XMP that is there."""
    start = end = place = 2
    present: bytes | None = None
    while data[place] == 0xFF and _APP0 <= data[place + 1] <= _APP15:  # noqa: PLR2004 - a marker
        marker, (length,) = data[place + 1], struct.unpack_from(">H", data, place + 2)
        inner, after = data[place + 4 : place + 2 + length], place + 2 + length
        if marker == _APP1 and inner.startswith(_JPEG_XMP):
            start, end, present = place, after, inner[len(_JPEG_XMP) :]
            break
        if marker == _APP0 or (marker == _APP1 and inner.startswith(b"Exif\0")):
            start = end = after
        place = after
    segment = _JPEG_XMP + _packet(facts, present)
    if len(segment) > _MOST_IN_SEGMENT:
        raise ValueError("too much for one segment")
    return data[:start] + struct.pack(">BBH", 0xFF, _APP1, len(segment) + 2) + segment + data[end:]


_PNG_XMP = b"XML:com.adobe.xmp"
_TEXTS = frozenset({b"tEXt", b"zTXt", b"iTXt"})


def _png(data: bytes, facts: Facts) -> bytes:
    """Put text chunks behind a PNG's header, and its XMP there or in the place of the one that is there."""
    told: set[bytes] = set()
    start = end = header = 33
    present: bytes | None = None
    for kind, place, length in _png_chunks(data):
        if kind not in _TEXTS:
            continue
        keyword, _, rest = data[place : place + length].partition(b"\0")
        told.add(keyword)
        if keyword == _PNG_XMP and kind == b"iTXt":
            packed, _method, *_ = rest[0], rest[1]
            _language, _translated, text = rest[2:].split(b"\0", 2)
            if packed:
                raise ValueError("XMP that is packed")
            start, end, present = place - 8, place + length + 4, text
    xmp = _png_text(_PNG_XMP.decode(), _packet(facts, present))
    texts = b"".join(_png_text(key, text.encode()) for key, text in _texts(facts) if key.encode() not in told)
    return data[:header] + texts + data[header:start] + xmp + data[end:]


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    place = 8
    while place + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, place)
        yield kind, place + 8, length
        place += 12 + length


def _png_text(keyword: str, text: bytes) -> bytes:
    content = keyword.encode("latin-1") + b"\0\0\0\0\0" + text
    return struct.pack(">I", len(content)) + b"iTXt" + content + struct.pack(">I", zlib.crc32(b"iTXt" + content))


def _texts(facts: Facts) -> Iterator[tuple[str, str]]:
    """Give the texts of a PNG, under the keywords that its specification knows."""
    told: Mapping[str, str | None] = {
        "Title": facts.title,
        "Description": facts.prompt,
        "Creation Time": format_datetime(facts.moment),
        "Software": facts.model,
        "Source": facts.source,
        "Collection": facts.collection,
        "Comment": f"Price: {facts.price}" if facts.price else None,
    }
    for key, value in told.items():
        if text := _plain(value):
            yield key, text


_XMP_FLAG, _ALPHA_FLAG = 0x04, 0x10


def _webp(data: bytes, facts: Facts) -> bytes:
    """Put a chunk at the end of a WebP, whose header says so; a plain one is given the header that can."""
    chunks = list(_webp_chunks(data))
    head, *_ = chunks
    told = sniff(data)
    if told is None or not told.width or not told.height:
        raise ValueError("no size")
    present = next((content for kind, content in chunks if kind == b"XMP "), None)
    packet = _packet(facts, present)
    if head[0] == b"VP8X":
        flags, rest = head[1][0] | _XMP_FLAG, head[1][1:]
        chunks = chunks[1:]
    else:
        transparent = head[0] == b"VP8L" and head[1][4] & 0x10
        flags = _XMP_FLAG | (_ALPHA_FLAG if transparent else 0)
        rest = bytes(3) + (told.width - 1).to_bytes(3, "little") + (told.height - 1).to_bytes(3, "little")
    kept = [(kind, content) for kind, content in chunks if kind != b"XMP "]
    whole = [(b"VP8X", bytes([flags]) + rest), *kept, (b"XMP ", packet)]
    body = b"WEBP" + b"".join(
        kind + struct.pack("<I", len(content)) + content + bytes(len(content) % 2) for kind, content in whole
    )
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _webp_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    place, end = 12, 8 + int.from_bytes(data[4:8], "little")
    if end > len(data):
        raise ValueError("cut off")
    while place + 8 <= end:
        kind, length = struct.unpack_from("<4sI", data, place)
        yield kind, data[place + 8 : place + 8 + length]
        place += 8 + length + length % 2


_GIF_XMP = b"\x21\xff\x0bXMP DataXMP"
_GIF_TRAILER = b"\x01" + bytes(range(0xFF, -1, -1)) + b"\0"
"""Leads whoever reads the packet as blocks to their end, whatever byte of it they take for a length."""


def _gif(data: bytes, facts: Facts) -> bytes:
    """Put an extension behind a GIF's palette; one that has such an extension stays as it is."""
    if _GIF_XMP in data:
        raise ValueError("XMP is there")
    place = 13 + (3 << ((data[10] & 0x07) + 1) if data[10] & 0x80 else 0)
    return b"GIF89a" + data[6:place] + _GIF_XMP + _packet(facts) + _GIF_TRAILER + data[place:]


_TIFF_XMP, _BYTE = 700, 1


def _tiff(data: bytes, facts: Facts) -> bytes:
    """Put a new first directory at the end of a TIFF, with one entry more; all else stays where it is."""
    order = "<" if data[:2] == b"II" else ">"
    magic, directory = struct.unpack_from(f"{order}HI", data, 2)
    if magic != 42:  # noqa: PLR2004 - of a TIFF whose offsets have 32 bits
        raise ValueError("a BigTIFF")
    (number,) = struct.unpack_from(f"{order}H", data, directory)
    entries = [data[place : place + 12] for place in range(directory + 2, directory + 2 + 12 * number, 12)]
    following = data[directory + 2 + 12 * number :][:4]
    present: bytes | None = None
    for entry in list(entries):
        tag, kind, length, place = struct.unpack(f"{order}HHII", entry)
        if tag == _TIFF_XMP:
            if kind not in {_BYTE, 7} or place + length > len(data):
                raise ValueError("XMP of another kind")
            present = data[place : place + length].rstrip(b"\0")
            entries.remove(entry)
    packet = _packet(facts, present)
    start = len(data) + len(data) % 2
    entries.append(struct.pack(f"{order}HHII", _TIFF_XMP, _BYTE, len(packet), start))
    entries.sort(key=lambda entry: struct.unpack_from(f"{order}H", entry))
    whole = data[:4] + struct.pack(f"{order}I", start + len(packet) + len(packet) % 2) + data[8:] + bytes(len(data) % 2)
    told = struct.pack(f"{order}H", len(entries)) + b"".join(entries) + following
    return whole + packet + bytes(len(packet) % 2) + told


_FORMATS: Mapping[str, Callable[[bytes, Facts], bytes]] = {
    "image/jpeg": _jpeg,
    "image/png": _png,
    "image/webp": _webp,
    "image/gif": _gif,
    "image/tiff": _tiff,
}
