"""What is left out of requests to a strict server: the fields that it does not know and a call can do without."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, cast

from lightbox.providers.endpoint import Endpoint
from lightbox.wire.bodies import Body

MOST_REPEATS = 3
"""How often one call is sent again without a further field."""

KEEPING = frozenset({"store", "background"})
"""The fields by which a response is kept; where the server lacks one, it can't be taken up again."""

_OF_TOOLS = "tools."


class Omissions:
    """What each server was found not to know, for as long as this process lives."""

    def __init__(self) -> None:
        self._fields: dict[tuple[str, str], tuple[str, ...]] = {}

    def of(self, endpoint: Endpoint) -> tuple[str, ...]:
        """Give the fields that a server does not know, in the order in which it refused them."""
        return self._fields.get((endpoint.provider, endpoint.base_url), ())

    def add(self, endpoint: Endpoint, field: str) -> None:
        """Remember that a server does not know a field."""
        known = self.of(endpoint)
        if field not in known:
            self._fields[endpoint.provider, endpoint.base_url] = (*known, field)


def spare(told: str | None, body: Body, expendable: Collection[str]) -> str | None:
    """Give the field of a body that a server refused and the call can do without; None where it can't.

    Args:
        told: What the server calls it: `store`, `tools.action`, or a tool's field without its place.
        body: What was sent.
        expendable: What the call can do without.
    """
    if told is None:
        return None
    places = (told,) if told.startswith(_OF_TOOLS) else (told, f"{_OF_TOOLS}{told}")
    return next((place for place in places if place in expendable and _holds(body, place)), None)


def without(body: Body, fields: Collection[str]) -> tuple[Body, tuple[str, ...]]:
    """Leave fields out of a body; give what is left, and which of them it had."""
    had = tuple(field for field in fields if _holds(body, field))
    if not had:
        return body, ()
    left = {name: value for name, value in body.items() if name not in had}
    if not KEEPING.isdisjoint(had):  # the one is nothing without the other
        left = {name: False if name == "store" else value for name, value in left.items() if name != "background"}
    if of_tools := {field.removeprefix(_OF_TOOLS) for field in had if field.startswith(_OF_TOOLS)}:
        left["tools"] = [{name: value for name, value in tool.items() if name not in of_tools} for tool in _tools(body)]
    return left, had


def _holds(body: Body, field: str) -> bool:
    if not field.startswith(_OF_TOOLS):
        return field in body
    return any(field.removeprefix(_OF_TOOLS) in tool for tool in _tools(body))


def _tools(body: Body) -> list[dict[str, Any]]:
    return cast("list[dict[str, Any]]", body.get("tools") or [])
