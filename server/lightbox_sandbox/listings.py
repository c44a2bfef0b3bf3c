"""Lists: page by page, and the models that the sandbox has.

All that the catalogue knows is listed; any other name is accepted just as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from .consumption import OWN, PROVIDERS, catalogue
from .dialects import Dialect, Json, Rejected

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


RELEASED: Final = 1_767_225_600
"""2026-01-01: the API gives models a date, and the catalogue has none."""


def model_body(name: str) -> Json:
    """Give the model object of any name."""
    owner = next((provider for provider in PROVIDERS if _knows(provider, name)), OWN)
    return {"id": name, "object": "model", "created": RELEASED, "owned_by": owner}


def models_body(dialect: Dialect) -> Json:
    """Give the list of a service's models."""
    rows = [*catalogue().models(dialect), *catalogue().image_models(dialect)]
    rows += [*catalogue().models(OWN), *catalogue().image_models(OWN)]
    return {"object": "list", "data": [model_body(row.name) for row in rows]}


def _knows(provider: str, name: str) -> bool:
    return (catalogue().model(provider, name) or catalogue().image_model(provider, name)) is not None
