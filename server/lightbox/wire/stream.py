"""A response that comes in pieces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from lightbox.wire.events import ErrorEvent, Event, ItemEvent, ResponseEvent, TextEvent, read_event
from lightbox.wire.fields import integer, whole
from lightbox.wire.items import Item, MessageItem
from lightbox.wire.response import Response


class ResponseStream:
    """Adds the events of a stream up to a response, which holds at any time what has come so far.

    Attributes:
        ended: Whether the service has said that nothing more comes. A stream that stops before was interrupted.
        sequence: The number of the last event, from which a stored stream can be taken up again.
    """

    def __init__(self, *, after: int | None = None) -> None:
        self.ended = False
        self.sequence = after
        self._response = Response()
        self._items: dict[int, Item] = {}
        self._texts: dict[int, str] = {}

    @property
    def response(self) -> Response:
        """What has come so far. After an end it is the service's own summary, where that holds any output."""
        if self._response.items and (self.ended or not self._items):
            return self._response
        items = dict(self._items)
        for index, text in self._texts.items():
            item = items.get(index, MessageItem(id=None))
            if isinstance(item, MessageItem) and not item.text:
                items[index] = replace(item, text=whole(text))  # a piece may end in half a character
        return replace(self._response, items=tuple(items[index] for index in sorted(items)))

    def feed(self, data: Mapping[str, Any], name: str = "") -> Event | None:
        """Take in the JSON of one event, and tell what it was; None if it means nothing here.

        Args:
            data: The parsed `data` field.
            name: The frame's `event` field.
        """
        self.sequence = _later(self.sequence, integer(data.get("sequence_number")))
        event = None if self.ended else read_event(data, name)
        match event:
            case ResponseEvent():
                self.add_response(event.response, ended=event.ended)
            case ItemEvent():
                self._add_item(event)
            case TextEvent():
                self._add_text(event)
            case ErrorEvent():
                self.ended = True
                self._response = replace(self._response, status="failed", failure=event.failure)
            case _:
                pass
        return event

    def add_response(self, response: Response, *, ended: bool) -> None:
        """Take in a whole response, from an event or from a body; keeps what it leaves out and was known."""
        known = self._response
        self.ended = ended
        self._response = replace(
            response,
            id=response.id or known.id,
            model=response.model or known.model,
            usage=response.usage or known.usage,
        )

    def _add_item(self, event: ItemEvent) -> None:
        index = event.index if event.index is not None else self._place(event.item)
        self._items[index] = event.item

    def _place(self, item: Item) -> int:
        """Find where an item without an index belongs: where its id is already, else at the end."""
        same = (index for index, known in self._items.items() if item.id and known.id == item.id)
        return next(same, max(self._items, default=-1) + 1)

    def _add_text(self, event: TextEvent) -> None:
        index = event.index if event.index is not None else max(self._items, default=0)
        self._texts[index] = event.text if event.whole else self._texts.get(index, "") + event.text


def _later(known: int | None, told: int | None) -> int | None:
    return told if known is None else known if told is None else max(known, told)
