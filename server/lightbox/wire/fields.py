"""Reading fields of bodies that may lack them, or hold something else there than was documented."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, cast

EMPTY: Mapping[str, Any] = {}


def mapping(value: object) -> Mapping[str, Any]:
    """Give a JSON object as it is, anything else as an empty one."""
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else EMPTY


def sequence(value: object) -> Sequence[Any]:
    """Give a JSON array as it is, anything else as an empty one."""
    return cast("Sequence[Any]", value) if isinstance(value, list) else ()


def string(value: object) -> str | None:
    """Give a string that holds something other than blanks, else None."""
    return value if isinstance(value, str) and value.strip() else None


def integer(value: object) -> int | None:
    """Give a JSON integer, else None; `true` is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def embedded(value: object) -> object:
    """Give the JSON that a string holds, None if it holds none; what is no string is given as it is."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return None


def web_url(value: object) -> str | None:
    """Give an http(s) URL, else None. Only fields that are documented to hold a URL are read with this."""
    text = (string(value) or "").strip()
    return text if text.lower().startswith(("http://", "https://")) else None
