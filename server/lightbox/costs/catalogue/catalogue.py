"""The models that are known: what each can do, accepts, counts and costs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, TypeVar

from lightbox.configuration import configuration_path
from lightbox.costs.catalogue.file import Sheet, joined, read_sheet
from lightbox.costs.catalogue.rows import (
    Dated,
    DefaultRow,
    FeeRow,
    ImageInputRow,
    ImageModelRow,
    ImageOutputRow,
    ImagePriceRow,
    ModelRow,
    OfModels,
    TokenPriceRow,
    TypicalRow,
    VisionRow,
)
from lightbox.errors import SettingsError
from lightbox.vocabulary import Ability

DatedRow = TypeVar("DatedRow", bound=Dated)
Named = TypeVar("Named", ModelRow, ImageModelRow)


class Catalogue:
    """Every known model and price, with the row in force at any time.

    A person's own file comes first: where it has a row in force, that row holds, else the one that is shipped.
    What is not known is None; nothing is ever taken from a model of a similar name.
    """

    def __init__(self, *layers: Sheet) -> None:
        self._layers = layers

    @classmethod
    def load(cls, extra: Path | None = None) -> Catalogue:
        """Read `config/models/*.toml` and, where given, a person's own file, whose rows add to it and override it.

        Raises:
            SettingsError: A file can't be read or a row is wrong; the text names file, row and key.
        """
        folder = configuration_path("models")
        shipped = [read_sheet(path) for path in sorted(folder.glob("*.toml"))]
        if not shipped:
            raise SettingsError(f"no model catalogue is in {folder}: install the package again")
        layers = [joined(shipped)]
        if extra is not None:
            layers.insert(0, read_sheet(extra))
        return cls(*layers)

    def as_document(self, at: datetime | None = None) -> dict[str, Any]:
        """Give all that is in force, ready for JSON."""
        from lightbox.costs.catalogue.document import as_document  # noqa: PLC0415 - it reads the catalogue, not the other way round

        return as_document(self, at or datetime.now(UTC))

    def model(self, provider: str, name: str) -> ModelRow | None:
        """Give what is known of a model that searches, describes or calls an image model."""
        for row in self.models(provider):
            if name == row.name or name in row.also:
                return row
        return None

    def image_model(self, provider: str, name: str) -> ImageModelRow | None:
        """Give what is known of a model that paints."""
        for row in self.image_models(provider):
            if name == row.name or name in row.also:
                return row
        return None

    def models(self, provider: str, ability: Ability | None = None) -> tuple[ModelRow, ...]:
        """Give the models of a service; with an ability, those that are known to have it."""
        rows = _first_by_name(row for layer in self._layers for row in layer.models if row.provider == provider)
        return tuple(row for row in rows if ability is None or row.can(ability))

    def image_models(self, provider: str) -> tuple[ImageModelRow, ...]:
        """Give the models of a service that paint."""
        return _first_by_name(row for layer in self._layers for row in layer.image_models if row.provider == provider)

    def providers(self) -> tuple[str, ...]:
        """Give the services that the catalogue knows."""
        return tuple(sorted({row.provider for layer in self._layers for row in layer.models}))

    def default(self, provider: str, ability: Ability | Literal["image_model"]) -> str | None:
        """Give the model that a service is asked with when nobody names one; `image_model` is the one that paints."""
        row = self.default_row(provider, ability)
        return row.model if row else None

    def default_row(self, provider: str, ability: Ability | Literal["image_model"]) -> DefaultRow | None:
        """Give the default with the reason for it."""
        for layer in self._layers:
            for row in layer.defaults:
                if row.provider == provider and ability in row.abilities:
                    return row
        return None

    def defaults(self, provider: str) -> tuple[DefaultRow, ...]:
        """Give all defaults of a service, a person's own first."""
        return tuple(row for layer in self._layers for row in layer.defaults if row.provider == provider)

    def regions(self, provider: str) -> tuple[str | None, ...]:
        """Give the price sheets of a service; None is the one of a service that has no others."""
        rows = (row.region for layer in self._layers for row in layer.token_prices if row.provider == provider)
        return tuple(dict.fromkeys(rows))

    def fees(self, provider: str, at: datetime) -> tuple[FeeRow, ...]:
        """Give the fees of a service that are in force."""
        rows = [row for layer in self._layers for row in layer.fees if row.provider == provider]
        keys = dict.fromkeys((row.tool, row.region, row.currency) for row in rows)
        found = (self.fee(provider, *key, at) for key in keys)
        return tuple(row for row in found if row is not None)

    def token_price(self, provider: str, model: str, region: str | None, at: datetime) -> TokenPriceRow | None:
        """Give what a model's tokens cost."""
        named = self._named(provider, model)
        return self._in_force(lambda sheet: [r for r in sheet.token_prices if named(r) and r.region == region], at)

    def image_price(self, provider: str, model: str, region: str | None, at: datetime) -> ImagePriceRow | None:
        """Give what an image model's tokens cost."""
        named = self._named(provider, model)
        return self._in_force(lambda sheet: [r for r in sheet.image_prices if named(r) and r.region == region], at)

    def fee(self, provider: str, tool: str, region: str | None, currency: str, at: datetime) -> FeeRow | None:
        """Give what a call of a service's own tool costs, on the price sheet of that currency."""
        wanted = (provider, tool, region, currency)
        return self._in_force(
            lambda sheet: [r for r in sheet.fees if (r.provider, r.tool, r.region, r.currency) == wanted], at
        )

    def vision(self, provider: str, model: str, at: datetime) -> VisionRow | None:
        """Give how a model counts the pictures that it is shown."""
        named = self._named(provider, model)
        return self._in_force(lambda sheet: filter(named, sheet.vision), at)

    def image_input(self, provider: str, model: str, at: datetime) -> ImageInputRow | None:
        """Give how an image model counts the pictures that it is given."""
        named = self._named(provider, model)
        return self._in_force(lambda sheet: filter(named, sheet.image_input), at)

    def image_output(self, provider: str, model: str, at: datetime) -> ImageOutputRow | None:
        """Give how an image model counts the pictures that it makes."""
        named = self._named(provider, model)
        return self._in_force(lambda sheet: filter(named, sheet.image_output), at)

    def typical(self, provider: str, ability: Ability, at: datetime, *, analysis: bool = False) -> TypicalRow | None:
        """Give what a kind of call was seen to take beside its text and pictures."""

        def fits(row: TypicalRow) -> bool:
            return row.provider == provider and ability in row.abilities and row.analysis in {None, analysis}

        return self._in_force(lambda sheet: filter(fits, sheet.typical), at)

    def _named(self, provider: str, model: str) -> Callable[[OfModels], bool]:
        known = self.model(provider, model) or self.image_model(provider, model)
        names = {model, known.name} if known else {model}
        return lambda row: row.provider == provider and not names.isdisjoint(row.models)

    def _in_force(self, rows: Callable[[Sheet], Iterable[DatedRow]], at: datetime) -> DatedRow | None:
        """Give the latest row that has begun, from the first layer that has one; days begin at midnight UTC."""
        day = at.astimezone(UTC).date()
        for layer in self._layers:
            begun = [row for row in rows(layer) if row.effective_from <= day]
            if begun:
                return max(begun, key=lambda row: row.effective_from)
        return None


def _first_by_name(rows: Iterable[Named]) -> tuple[Named, ...]:
    by_name: dict[str, Named] = {}
    for row in rows:
        by_name.setdefault(row.name, row)
    return tuple(by_name.values())
