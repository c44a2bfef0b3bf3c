"""The catalogue as a document: what the `lightbox://models` resource holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from lightbox.costs.catalogue.catalogue import Catalogue
from lightbox.costs.catalogue.rows import Dated, ImageModelRow, ModelRow, TokenPriceRow

_HIDDEN = {"provider", "models", "name", "model"}


def as_document(catalogue: Catalogue, at: datetime) -> dict[str, Any]:
    """Give every known model with what it can do, accepts, counts and costs at a time, ready for JSON.

    A price that is not known is null. Amounts are decimal text, in the unit that their key names.
    """
    return {"at": at.isoformat(), "providers": [_provider(catalogue, name, at) for name in catalogue.providers()]}


def _provider(catalogue: Catalogue, provider: str, at: datetime) -> dict[str, Any]:
    return {
        "provider": provider,
        "defaults": [_plain_row(row, hidden={"provider"}) for row in catalogue.defaults(provider)],
        "models": [_model(catalogue, row, at) for row in catalogue.models(provider)],
        "image_models": [_image_model(catalogue, row, at) for row in catalogue.image_models(provider)],
        "fees": [_plain_row(row) for row in catalogue.fees(provider, at)],
    }


def _model(catalogue: Catalogue, row: ModelRow, at: datetime) -> dict[str, Any]:
    vision = catalogue.vision(row.provider, row.name, at)
    return {
        "name": row.name,
        **_plain_row(row),
        "prices": [_plain_row(price) for price in _token_prices(catalogue, row, at)] or None,
        "vision": _plain_row(vision) if vision else None,
    }


def _image_model(catalogue: Catalogue, row: ImageModelRow, at: datetime) -> dict[str, Any]:
    def looked_up(find: Callable[[str, str, datetime], Dated | None]) -> dict[str, Any] | None:
        found = find(row.provider, row.name, at)
        return _plain_row(found) if found else None

    price = catalogue.image_price(row.provider, row.name, None, at)
    return {
        "name": row.name,
        **_plain_row(row),
        "prices": [_plain_row(price)] if price else None,
        "input_count": looked_up(catalogue.image_input),
        "output_count": looked_up(catalogue.image_output),
    }


def _token_prices(catalogue: Catalogue, row: ModelRow, at: datetime) -> Iterable[TokenPriceRow]:
    for region in catalogue.regions(row.provider):
        price = catalogue.token_price(row.provider, row.name, region, at)
        if price:
            yield price


def _plain_row(row: Any, *, hidden: set[str] = _HIDDEN) -> dict[str, Any]:
    return row.model_dump(mode="json", exclude=hidden, exclude_defaults=True)
