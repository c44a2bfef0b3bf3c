"""JSON bodies: the pieces that requests are made of, and the reading of fields that answers may lack.

A field may also hold something else than was documented.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from ipaddress import ip_address
from typing import Any, TypeAlias, cast
from urllib.parse import urlsplit

EMPTY: Mapping[str, Any] = {}

LONGEST_URL = 8_192
"""The longest address that is read, in characters; servers refuse requests for longer ones."""

_NOT_IN_URLS = re.compile(r"[\s\x00-\x1f\x7f-\x9f]")
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


def whole(text: str) -> str:
    """Give text without halves of characters: put together where both are there, else replaced.

    Services that count in UTF-16 cut a title, or a piece of a text, in the middle of an emoji. Half a character can be
    neither stored nor sent.
    """
    if text.isascii() or not _HALVES.search(text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def load(text: str | bytes) -> object:
    """Give the JSON of a text.

    Raises:
        ValueError: It is not JSON, or nested deeper than anything that has a meaning here.
    """
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def integer(value: object) -> int | None:
    """Give a JSON integer, else None; `true` is not one."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


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
