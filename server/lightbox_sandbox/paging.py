"""Lists that are given page by page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from .dialects import Json, Rejected

USUAL: Final = 20
MOST: Final = 100


def page_of(rows: Sequence[Json], query: Mapping[str, str], *, usual: int = USUAL, most: int = MOST) -> Json:
    """Give the page that `after`, `limit` and `order` ask for; `rows` come oldest first, pages newest first.

    Raises `Rejected` (400) for a limit or an order that there is none of.
    """
    limit = _limit(query.get("limit"), usual, most)
    order = query.get("order", "desc")
    if order not in {"asc", "desc"}:
        raise Rejected(f"Invalid value: '{order}'. Supported values are: 'asc' and 'desc'.", param="order")
    ordered = list(rows) if order == "asc" else list(reversed(rows))
    if after := query.get("after"):
        places = [place for place, row in enumerate(ordered) if row.get("id") == after]
        if not places:
            raise Rejected(f"There is no '{after}' in this list.", code="invalid_value", param="after")
        ordered = ordered[places[0] + 1 :]
    page = ordered[:limit]
    return {
        "object": "list",
        "data": page,
        "first_id": page[0]["id"] if page else None,
        "last_id": page[-1]["id"] if page else None,
        "has_more": len(ordered) > limit,
    }


def _limit(text: str | None, usual: int, most: int) -> int:
    if text is None:
        return usual
    if not text.isdecimal() or not 1 <= int(text) <= most:
        raise Rejected(f"Invalid 'limit': expected a value from 1 to {most}, got {text}.", param="limit")
    return int(text)
