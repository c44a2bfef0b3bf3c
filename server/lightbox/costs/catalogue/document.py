"""The catalogue as a document: what the `lightbox://models` resource holds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lightbox.costs.catalogue.catalogue import Rates
from lightbox.costs.catalogue.rows import (
    Dated,
    ImageModelRow,
    ImagePriceRow,
    ModelRow,
    PicturePriceRow,
    TokenPriceRow,
)

_HIDDEN = {"provider", "models", "name", "model"}


def as_document(rates: Rates) -> dict[str, Any]:
    """Give every known model with what it can do, accepts, counts and costs on a day, ready for JSON.

    A price that is not known is null. Amounts are decimal text, in the unit that their key names.
    """
    return {
        "day": rates.day.isoformat(),
        "providers": [_provider(rates, name) for name in rates.catalogue.providers()],
    }


def _provider(rates: Rates, provider: str) -> dict[str, Any]:
    catalogue = rates.catalogue
    return {
        "provider": provider,
        "defaults": [_plain_row(row, hidden={"provider"}) for row in catalogue.defaults(provider)],
        "models": [_model(rates, row) for row in catalogue.models(provider)],
        "image_models": [_image_model(rates, row) for row in catalogue.image_models(provider)],
        "fees": [_plain_row(row) for row in rates.fees(provider)],
    }


def _model(rates: Rates, row: ModelRow) -> dict[str, Any]:
    return {
        "name": row.name,
        **_plain_row(row),
        "prices": [_plain_row(price) for price in _token_prices(rates, row)] or None,
        "vision": _plain_or_none(rates.vision(row.provider, row.name)),
    }


def _image_model(rates: Rates, row: ImageModelRow) -> dict[str, Any]:
    return {
        "name": row.name,
        **_plain_row(row),
        "prices": [_plain_row(price) for price in _image_prices(rates, row)] or None,
        "input_count": _plain_or_none(rates.image_input(row.provider, row.name)),
        "output_count": _plain_or_none(rates.image_output(row.provider, row.name)),
    }


def _token_prices(rates: Rates, row: ModelRow) -> Iterable[TokenPriceRow]:
    for region in rates.catalogue.regions(row.provider):
        price = rates.token_price(row.provider, row.name, region)
        if price:
            yield price


def _image_prices(rates: Rates, row: ImageModelRow) -> Iterable[ImagePriceRow | PicturePriceRow]:
    for region in dict.fromkeys((*rates.catalogue.regions(row.provider), None)):
        for price in (
            rates.image_price(row.provider, row.name, region),
            rates.picture_price(row.provider, row.name, region),
        ):
            if price:
                yield price


def _plain_row(row: Any, *, hidden: set[str] = _HIDDEN) -> dict[str, Any]:
    return row.model_dump(mode="json", exclude=hidden, exclude_defaults=True)


def _plain_or_none(row: Dated | None) -> dict[str, Any] | None:
    return _plain_row(row) if row else None
