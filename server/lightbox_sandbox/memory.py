"""Responses that are remembered: bounded in number and in bytes, the oldest go first."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, cast

import anyio

from .dialects import Dialect, Json, Rejected
from .stream import EventLog

MAX_RESPONSES: Final = 1_000
MAX_BYTES: Final = 256 * 1024 * 1024
FLAT_BYTES: Final = 8_192
"""What a response is taken to hold besides long strings."""
LONG: Final = 1_024
"""From how many characters on a string is long."""
UNSTORED_SECONDS: Final = 600.0
"""How long a background response that was not to be stored can still be asked for."""


@dataclass(eq=False)
class KeptResponse:
    """A response, what it was made from, and its events.

    Attributes:
        response: The response object, changed as the work goes on.
        context: The items that the model saw, those of earlier responses included.
        input: The items that came with this request.
        expires_at: When it is forgotten (`time.monotonic`), None for never.
    """

    response: Json
    dialect: Dialect
    input: list[Json]
    context: list[Json]
    stored: bool = True
    background: bool = False
    expires_at: float | None = None
    log: EventLog = field(default_factory=EventLog)
    scope: anyio.CancelScope = field(default_factory=anyio.CancelScope)

    @property
    def id(self) -> str:
        """The response's id."""
        return self.response["id"]

    def bulk(self) -> dict[int, int]:
        """Give the lengths of all long strings that it holds, by identity: pictures are what counts."""
        found: dict[int, int] = {}
        _gather([self.context, self.input, self.log.events], found)
        return found


class ResponseStore:
    """Finished and running responses by id, and their items by id."""

    def __init__(self, max_responses: int = MAX_RESPONSES, max_bytes: int = MAX_BYTES) -> None:
        self._max_responses = max_responses
        self._max_bytes = max_bytes
        self._records: OrderedDict[str, KeptResponse] = OrderedDict()
        self._bulk: dict[str, dict[int, int]] = {}

    def __len__(self) -> int:
        return len(self._records)

    @property
    def byte_count(self) -> int:
        """Bytes that the finished responses hold, roughly; a picture that several of them share counts once."""
        shared: dict[int, int] = {}
        for bulk in self._bulk.values():
            shared |= bulk
        return FLAT_BYTES * len(self._records) + sum(shared.values())

    def add(self, record: KeptResponse) -> None:
        """Remember a response; the oldest are forgotten where there are too many."""
        self._records[record.id] = record
        self._forget_surplus()

    def finished(self, record: KeptResponse) -> None:
        """Weigh a response that changes no more; the oldest are forgotten where they hold too much."""
        if record.id in self._records:
            self._bulk[record.id] = record.bulk()
            self._forget_surplus()

    def get(self, response_id: str) -> KeptResponse:
        """Give a response. Raises `Rejected` (404) for one that is not, or no longer, known."""
        record = self._records.get(response_id)
        if record is not None and record.expires_at is not None and record.expires_at < time.monotonic():
            self.remove(response_id)
            record = None
        if record is None:
            raise Rejected(f"Response with id '{response_id}' not found.", status=404)
        return record

    def previous(self, response_id: str) -> KeptResponse:
        """Give the response that a request goes on from. Raises `Rejected` (400) for an unknown one."""
        record = self._records.get(response_id)
        if record is None or not record.stored:
            raise Rejected(
                f"Previous response with id '{response_id}' not found.",
                code="previous_response_not_found",
                param="previous_response_id",
            )
        return record

    def remove(self, response_id: str) -> None:
        """Forget a response."""
        self._records.pop(response_id, None)
        self._bulk.pop(response_id, None)

    def item(self, item_id: str) -> Json:
        """Give an item of any stored response. Raises `Rejected` (404) for an unknown one."""
        for item in self._items():
            if item.get("id") == item_id:
                return item
        raise Rejected(
            f"Item with id '{item_id}' not found. Items are not persisted when `store` is set to false. "
            "Try again with `store` set to true, or remove this item from your input.",
            status=404,
            param="input",
        )

    def _items(self) -> Iterator[Json]:
        for record in reversed(self._records.values()):
            if record.stored:
                yield from record.response["output"]
                yield from record.input

    def _forget_surplus(self) -> None:
        for response_id in list(self._records)[:-1]:
            if len(self._records) <= self._max_responses and self.byte_count <= self._max_bytes:
                return
            if self._records[response_id].log.closed:
                self.remove(response_id)


def _gather(value: object, found: dict[int, int]) -> None:
    """Note all long strings in a JSON value."""
    if isinstance(value, str):
        if len(value) >= LONG:
            found[id(value)] = len(value)
    elif isinstance(value, dict):
        for child in cast("dict[str, Any]", value).values():
            _gather(child, found)
    elif isinstance(value, list):
        for child in cast("list[Any]", value):
            _gather(child, found)
