"""A whole response: what a service answers at once, and what a stream adds up to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lightbox.wire.failure import Failure, is_failure, read_failure
from lightbox.wire.fields import mapping, sequence, string
from lightbox.wire.items import FoundHit, Item, MessageItem, PictureItem, SearchItem, merge_hits, read_item
from lightbox.wire.usage import Usage, read_usage

ENDED = frozenset({"completed", "incomplete", "failed", "cancelled"})
"""Statuses after which nothing more comes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """A response as far as it is known. What the service did not send is None."""

    id: str | None = None
    model: str | None = None
    status: str | None = None
    incomplete_reason: str | None = None
    items: tuple[Item, ...] = ()
    usage: Usage | None = None
    failure: Failure | None = None

    @property
    def searches(self) -> tuple[SearchItem, ...]:
        """The search calls, in their order."""
        return tuple(item for item in self.items if isinstance(item, SearchItem))

    @property
    def pictures(self) -> tuple[PictureItem, ...]:
        """The calls of the image tool, in their order."""
        return tuple(item for item in self.items if isinstance(item, PictureItem))

    @property
    def hits(self) -> tuple[FoundHit, ...]:
        """What all search calls found, in their order, each URL once."""
        return merge_hits(hit for search in self.searches for hit in search.hits or ())

    @property
    def message(self) -> MessageItem | None:
        """The last message; earlier ones only announce what the model is about to do."""
        messages = [item for item in self.items if isinstance(item, MessageItem)]
        return messages[-1] if messages else None

    @property
    def text(self) -> str:
        """The text of the last message, `""` if there is none. URLs in it may be invented: never take them from it."""
        return self.message.text if self.message else ""


def read_response(value: object) -> Response:
    """Read a response body. Its own `status` and `error` decide whether it failed, not the HTTP status."""
    body = mapping(value)
    failed = is_failure(body)
    return Response(
        id=string(body.get("id")),
        model=string(body.get("model")),
        status=_status(body, failed=failed),
        incomplete_reason=string(mapping(body.get("incomplete_details")).get("reason")),
        items=tuple(item for entry in sequence(body.get("output")) if (item := read_item(entry))),
        usage=read_usage(body),
        failure=read_failure({"error": body["error"]} if body.get("error") else body) if failed else None,
    )


def _status(body: Mapping[str, Any], *, failed: bool) -> str | None:
    if failed:
        return "failed"
    return string(body.get("status"))
