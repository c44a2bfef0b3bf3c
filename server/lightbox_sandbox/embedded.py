"""Captions and keywords that travel inside a picture's file: EXIF, IPTC, XMP, PNG text, GIF comments."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from PIL import Image, ImageFile, IptcImagePlugin

from .encoding import EXIF_SOFTWARE, SOFTWARE

IMAGE_DESCRIPTION: Final = 0x010E
EXIF_POINTER: Final = 0x8769
USER_COMMENT: Final = 0x9286
XP_CAPTIONS: Final = (0x9C9B, 0x9C9C, 0x9C9F)  # title, comment, subject: UTF-16, written by Windows
XP_KEYWORDS: Final = 0x9C9E
IPTC_CAPTIONS: Final = ((2, 5), (2, 105), (2, 120))  # object name, headline, caption
IPTC_KEYWORDS: Final = (2, 25)
TEXT_KEYS: Final = ("Title", "Description", "Comment", "comment", "Caption")
LONGEST: Final = 4000


@dataclass(frozen=True, slots=True)
class EmbeddedText:
    """What a file says about its picture.

    Attributes:
        captions: Titles and descriptions, without repetition.
        keywords: Single terms.
    """

    captions: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()


def embedded_text(image: Image.Image) -> EmbeddedText:
    """Read the captions and keywords of an opened picture; damaged metadata counts as none."""
    captions: list[str] = []
    keywords: list[str] = []
    for found in (_exif(image), _iptc(image), _xmp(image), _text(image)):
        for kind, value in found:
            (keywords if kind == "keyword" else captions).append(value)
    return EmbeddedText(_cleaned(captions), _cleaned(keywords))


def painted_for(image: Image.Image) -> str:
    """Give the prompt for which the sandbox painted an opened picture, "" where its file does not say so."""
    if isinstance(comment := image.info.get("comment"), bytes) and comment.startswith(f"{SOFTWARE}: ".encode()):
        return comment.decode("utf-8", "replace").removeprefix(f"{SOFTWARE}: ")
    try:
        software = image.info.get("Software") or image.getexif().get(EXIF_SOFTWARE)
    except (OSError, SyntaxError, ValueError, KeyError, TypeError):
        return ""
    return next(iter(embedded_text(image).captions), "") if software == SOFTWARE else ""


def _cleaned(values: list[str]) -> tuple[str, ...]:
    stripped = (" ".join(value.replace("\x00", " ").split())[:LONGEST] for value in values)
    return tuple(dict.fromkeys(value for value in stripped if value))


def _exif(image: Image.Image) -> Iterator[tuple[str, str]]:
    try:
        exif = image.getexif()
        inner = exif.get_ifd(EXIF_POINTER)
    except (OSError, SyntaxError, ValueError, KeyError, TypeError):
        return
    yield "caption", _decoded(exif.get(IMAGE_DESCRIPTION, ""))
    for tag in XP_CAPTIONS:
        yield "caption", _utf16(exif.get(tag, b""))
    for keyword in _utf16(exif.get(XP_KEYWORDS, b"")).split(";"):
        yield "keyword", keyword
    comment = inner.get(USER_COMMENT, b"")
    if isinstance(comment, bytes):
        code, rest = comment[:8], comment[8:]
        yield "caption", rest.decode("utf-16", "ignore") if code.startswith(b"UNICODE") else _decoded(rest)


def _decoded(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    try:
        # Pillow reads EXIF text as Latin-1; what was UTF-8 becomes so again.
        return str(value).encode("latin-1").decode("utf-8")
    except UnicodeError:
        return str(value)


def _utf16(value: Any) -> str:
    return value.decode("utf-16-le", "ignore") if isinstance(value, bytes) else ""


def _iptc(image: Image.Image) -> Iterator[tuple[str, str]]:
    try:
        info = IptcImagePlugin.getiptcinfo(image) if isinstance(image, ImageFile.ImageFile) else None
    except (OSError, SyntaxError, ValueError, KeyError, IndexError):
        return
    for tag in (*IPTC_CAPTIONS, IPTC_KEYWORDS):
        value = (info or {}).get(tag)
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, bytes):
                yield ("keyword" if tag == IPTC_KEYWORDS else "caption"), _decoded(part)


_ITEM = re.compile(r"<rdf:li[^>]*>([^<]{1,4000})</rdf:li>")
_BLOCK = re.compile(r"<(dc:title|dc:description|dc:subject|photoshop:Headline)\b[^>]*>(.{1,20000}?)</\1>", re.DOTALL)


def _xmp(image: Image.Image) -> Iterator[tuple[str, str]]:
    """Read Dublin Core by pattern: no XML parser, so no entity in a stranger's file can blow up."""
    raw = image.info.get("xmp") or image.info.get("XML:com.adobe.xmp") or b""
    text = raw.decode("utf-8", "replace") if isinstance(raw, bytes) else str(raw)
    for name, body in _BLOCK.findall(text[:500_000]):
        kind = "keyword" if name == "dc:subject" else "caption"
        for value in _ITEM.findall(body) or ([] if "<" in body else [body]):
            yield kind, html.unescape(value)


def _text(image: Image.Image) -> Iterator[tuple[str, str]]:
    for key in TEXT_KEYS:
        value = image.info.get(key)
        if isinstance(value, str | bytes):
            yield "caption", _decoded(value) if isinstance(value, bytes) else value
    for keyword in str(image.info.get("Keywords", "")).split(","):
        yield "keyword", keyword
