"""The pieces that every request body is made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

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
