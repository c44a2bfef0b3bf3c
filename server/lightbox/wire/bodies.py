"""JSON bodies: the pieces that requests are made of, and the reading of fields that answers may lack.

A field may also hold something else than was documented.
"""

from __future__ import annotations

import json
import math
import re
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from ipaddress import ip_address
from typing import Any, TypeAlias, cast
from urllib.parse import urlsplit

EMPTY: Mapping[str, Any] = {}

LONGEST_URL = 8_192
"""The longest address that is read, in characters; servers refuse requests for longer ones."""

LONGEST_NAME = 512
"""The longest name that is read, in characters: of an item, a response, a code, a size."""

MOST_PARTS = 100_000
"""The most values, and the most braces, that one JSON text may hold: each takes up to fifty times its own length in
memory. A hundred hits are about a thousand; a picture, however large, is one."""

_BLANKS = 100
_MOST = 2**62
_LARGE = 1024 * 1024
_WIDE_LETTERS = 1_000_000

_NOT_IN_URLS = re.compile(r"[\s\x00-\x1f\x7f-\x9f]")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")
_HALVES = re.compile("[\ud800-\udfff]")


def mapping(value: object) -> Mapping[str, Any]:
    """Give a JSON object as it is, anything else as an empty one."""
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else EMPTY


def sequence(value: object) -> Sequence[Any]:
    """Give a JSON array as it is, anything else as an empty one."""
    return cast("Sequence[Any]", value) if isinstance(value, list) else ()


def string(value: object) -> str | None:
    """Give a string that holds something other than blanks, else None."""
    return whole(value) if isinstance(value, str) and value and not value.isspace() else None


def name_of(value: object) -> str | None:
    """Give a name, as of an item or a code; None for what is longer than any name."""
    return string(value) if isinstance(value, str) and len(value) <= LONGEST_NAME else None


def words(value: object, longest: int) -> str | None:
    """Give what was worded, cut where it is longer than anyone reads."""
    text = value[:longest] if isinstance(value, str) else None
    return string(text)


def whole(text: str) -> str:
    """Give text without halves of characters: put together where both are there, else replaced.

    Services that count in UTF-16 cut a title, or a piece of a text, in the middle of an emoji. Half a character can be
    neither stored nor sent.
    """
    if text.isascii() or not _HALVES.search(text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def load(text: str) -> object:
    """Give the JSON of a text.

    Raises:
        ValueError: It is not JSON, or holds more values, or nests them deeper, than anything that has a meaning here.
    """
    if len(text) > MOST_PARTS and _places(text.find, ",[{") > MOST_PARTS:
        raise ValueError("too many values")
    return _parsed(text)


def load_bytes(data: bytearray) -> object:
    """Give the JSON of UTF-8 bytes, which are emptied on the way: a picture is not to be held twice.

    Raises:
        ValueError: As `load`.
    """
    if len(data) > MOST_PARTS and _places(data.find, (b",", b"[", b"{")) > MOST_PARTS:
        raise ValueError("too many values")
    if len(data) > _LARGE and not data.isascii():
        data = _escaped(data)
    text = data.decode("utf-8", "replace")
    data.clear()
    return _parsed(text)


def _parsed(text: str) -> object:
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _places(find: Callable[[Any, int], int], marks: Iterable[str | bytes]) -> int:
    """Count marks, no further than matters. Of a picture, which has hardly any, this takes a hundredth of `count`."""
    counted = 0
    for mark in marks:
        place = find(mark, 0)
        while place >= 0 and counted <= MOST_PARTS:
            counted += 1
            place = find(mark, place + 1)
    return counted


def _escaped(data: bytearray) -> bytearray:
    """Write letters beyond ASCII as JSON escapes: one emoji would make a text of megabytes four times as large."""
    told, decoder, letters = bytearray(), getincrementaldecoder("utf-8")("replace"), 0
    for start in range(0, len(data), _LARGE):
        piece = decoder.decode(data[start : start + _LARGE])
        if not piece.isascii():
            piece, found = _BEYOND_ASCII.subn(lambda run: json.dumps(run[0])[1:-1], piece)
            letters += found
        if letters > _WIDE_LETTERS or len(told) > 2 * len(data):
            raise ValueError("too many letters")
        told += piece.encode()
    data.clear()
    return told


def integer(value: object) -> int | None:
    """Give a JSON integer, else None; `true` is not one, nor is a number that no counter reaches."""
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _MOST else None


def amount(value: object) -> Decimal | None:
    """Give an amount of money as it was written, negative ones too; None for anything that is no number."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or abs(value) > _MOST:
        return None
    return Decimal(str(value))


def embedded(value: object) -> object:
    """Give the JSON that a string holds, None if it does not hold any; anything else than a string as it is."""
    if not isinstance(value, str):
        return value
    try:
        return load(value)
    except ValueError:
        return None


def web_url(value: object) -> str | None:
    """Give an http(s) URL that can be taken apart, else None: nobody after this needs to doubt it.

    Only fields that are documented to hold a URL are read with this.
    """
    if not isinstance(value, str) or len(value) > LONGEST_URL + _BLANKS:
        return None
    text = (string(value) or "").strip()
    if not text.lower().startswith(("http://", "https://")) or len(text) > LONGEST_URL or _NOT_IN_URLS.search(text):
        return None
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
        if parts.netloc.rpartition("@")[2].startswith("["):
            ip_address(host or "")  # the parser takes addresses of versions to come, which nobody can reach
    except ValueError:
        return None
    return text if host else None


Body: TypeAlias = dict[str, Any]


def text_part(text: str) -> Body:
    """Give a piece of text for a message's content."""
    return {"type": "input_text", "text": text}


def image_part(*, url: str | None = None, file_id: str | None = None, detail: str | None = None) -> Body:
    """Give a picture for a message's content: by URL or data URI, or by the service's file id."""
    return without_none({"type": "input_image", "image_url": url, "file_id": file_id, "detail": detail})


def user_message(parts: Iterable[Body]) -> Body:
    """Give what the user says, as an item of `input`."""
    return {"role": "user", "content": list(parts)}


def without_none(fields: Mapping[str, Any]) -> Body:
    """Leave out what is None: an absent field leaves the choice to the service."""
    return {name: value for name, value in fields.items() if value is not None}


def one_line(text: str) -> str:
    """Give text as one line: an order that reads like a list is taken for several."""
    return " ".join(text.split())
