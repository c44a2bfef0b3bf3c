"""The events of a stream, one at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from lightbox.wire.failure import Failure, read_failure
from lightbox.wire.fields import integer, mapping, string
from lightbox.wire.items import Item, read_item
from lightbox.wire.response import ENDED, Response, read_response


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseEvent:
    """The response as a whole: begun, still going, or over (`ended`)."""

    response: Response
    ended: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemEvent:
    """An item was added or is done; `index` is its place in the output."""

    change: Literal["added", "done"]
    item: Item
    index: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartialImageEvent:
    """An unfinished picture, as base64; `index` counts from 0."""

    item_id: str | None
    index: int
    data: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class TextEvent:
    """Text of a message: a piece of it to append, or (`whole`) all of it."""

    text: str
    index: int | None = None
    whole: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorEvent:
    """The stream ends with a fault."""

    failure: Failure


Event: TypeAlias = ResponseEvent | ItemEvent | PartialImageEvent | TextEvent | ErrorEvent


def read_event(data: Mapping[str, Any], name: str = "") -> Event | None:
    """Read the JSON of one event; None for kinds that Lightbox has no use for.

    Args:
        data: The parsed `data` field.
        name: The frame's `event` field, for services that do not repeat it as `type`.
    """
    kind = string(data.get("type")) or name
    if kind == "error" or (not kind and data.get("error")):
        return ErrorEvent(failure=read_failure(data))
    subject, _, change = kind.removeprefix("response.").partition(".")
    if not kind.startswith("response.") or subject not in _READERS:
        return None
    return _READERS[subject](data, subject if subject in _WHOLE else change)


def _response_event(data: Mapping[str, Any], kind: str) -> ResponseEvent:
    body = mapping(data.get("response"))
    ended = kind in ENDED
    if ended and string(body.get("status")) not in ENDED:
        body = {**body, "status": kind}
    return ResponseEvent(response=read_response(body), ended=ended)


def _item_event(data: Mapping[str, Any], change: str) -> ItemEvent | None:
    item = read_item(data.get("item"))
    if item is None or change not in ("added", "done"):
        return None
    return ItemEvent(change=change, item=item, index=integer(data.get("output_index")))


def _text_event(data: Mapping[str, Any], change: str) -> TextEvent | None:
    whole = change == "done"
    text = data.get("text" if whole else "delta")
    return TextEvent(text=text, index=integer(data.get("output_index")), whole=whole) if isinstance(text, str) else None


def _partial_image(data: Mapping[str, Any], change: str) -> PartialImageEvent | None:
    picture = string(data.get("partial_image_b64"))
    if picture is None or change != "partial_image":
        return None
    index = integer(data.get("partial_image_index")) or 0
    return PartialImageEvent(item_id=string(data.get("item_id")), index=index, data=picture)


_WHOLE = frozenset({"created", "queued", "in_progress"}) | ENDED

_READERS: dict[str, Callable[[Mapping[str, Any], str], Event | None]] = {
    **dict.fromkeys(_WHOLE, _response_event),
    "output_item": _item_event,
    "output_text": _text_event,
    "image_generation_call": _partial_image,
}
