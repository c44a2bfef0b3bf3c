"""The models that are known: what each can do, accepts, counts and costs."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache, partial
from pathlib import Path
from typing import Generic, Literal, TypeVar

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
    PicturePriceRow,
    TokenPriceRow,
    TokenTier,
    TypicalRow,
    VisionRow,
)
from lightbox.errors import BadInput, SettingsError
from lightbox.vocabulary import Ability, Detail

Key = tuple[Hashable, ...]
DatedRow = TypeVar("DatedRow", bound=Dated)
Named = TypeVar("Named", ModelRow, ImageModelRow)

_ANY = "*"
_DAYS = 8
"""Views of how many days are kept: today's, and those of jobs that are still to be settled."""


class Catalogue:
    """Every known model, and with `at` the prices and ways of counting that are in force at a moment.

    A person's own file comes first: where it has a row in force, that row holds, else the one that is shipped.
    What is not known is None; nothing is ever taken from a model of a similar name.
    """

    def __init__(self, *layers: Sheet) -> None:
        self._layers = layers
        self._models = _by_name(row for layer in layers for row in layer.models)
        self._image_models = _by_name(row for layer in layers for row in layer.image_models)
        self._on: Callable[[date], Rates] = lru_cache(_DAYS)(partial(Rates, self, layers))

    @classmethod
    def load(cls, extra: Path | None = None) -> Catalogue:
        """Read `config/models/*.toml` and, where given, a person's own file, whose rows add to it and override it.

        Raises:
            SettingsError: A file can't be read or a row is wrong; the text names file, row and key.
        """
        layers = [_shipped(configuration_path("models"))]
        if extra is not None:
            layers.insert(0, read_sheet(extra))
        return cls(*layers)

    def at(self, moment: datetime) -> Rates:
        """Give what is in force at a moment; rows begin at midnight UTC."""
        return self._on(moment.astimezone(UTC).date())

    def model(self, provider: str, name: str) -> ModelRow | None:
        """Give what is known of a model that searches, describes or calls an image model."""
        return self._models.get((provider, name))

    def image_model(self, provider: str, name: str) -> ImageModelRow | None:
        """Give what is known of a model that paints."""
        return self._image_models.get((provider, name)) if name != _ANY else None

    def image_limits(self, provider: str, name: str) -> ImageModelRow | None:
        """Give what a model that paints accepts: one that is not known, what any other of its service does."""
        known = self.image_model(provider, name)
        if known is not None:
            return known
        other = self._image_models.get((provider, _ANY))
        return other.model_copy(update={"name": name}) if other else None

    def models(self, provider: str) -> tuple[ModelRow, ...]:
        """Give the models of a service."""
        return tuple(row for key, row in self._models.items() if key == (provider, row.name))

    def image_models(self, provider: str) -> tuple[ImageModelRow, ...]:
        """Give the models of a service that paint."""
        known = self._image_models.items()
        return tuple(row for key, row in known if key == (provider, row.name) and row.name != _ANY)

    def can(self, provider: str, model: str, ability: Ability) -> bool | None:
        """Say whether a model has an ability; None where that is not known."""
        row = self.model(provider, model)
        if row is None or ability not in (*row.abilities, *row.lacks):
            return None
        return ability not in row.lacks

    def check_ability(self, provider: str, model: str, ability: Ability) -> None:
        """Check that a model is not known to lack what it is asked for; an unknown one may have it.

        Raises:
            BadInput: It is known to lack it; the text names a model that has it.
        """
        row = self.model(provider, model)
        if row is None or self.can(provider, model, ability) is not False:
            return
        note = f" ({row.note})" if row.note else ""
        default = self.default(provider, ability)
        fix = f"try {default}" if default else f"no model of {provider} can do it"
        raise BadInput(f"{model} can't do {ability}{note}: {fix}")

    def providers(self) -> tuple[str, ...]:
        """Give the services that the catalogue knows."""
        return tuple(sorted({provider for provider, _ in self._models}))

    def default(self, provider: str, ability: Ability | Literal["image_model"]) -> str | None:
        """Give the model that a service is asked with when nobody names one; `image_model` is the one that paints."""
        return next((row.model for row in self.defaults(provider) if ability in row.abilities), None)

    def defaults(self, provider: str) -> tuple[DefaultRow, ...]:
        """Give all defaults of a service with the reasons for them, a person's own first."""
        return tuple(row for layer in self._layers for row in layer.defaults if row.provider == provider)

    def regions(self, provider: str) -> tuple[str | None, ...]:
        """Give the price sheets of a service; None is the one of a service that has no others."""
        priced = (row for layer in self._layers for row in (*layer.token_prices, *layer.picture_prices))
        return tuple(dict.fromkeys(row.region for row in priced if row.provider == provider))

    def priced(self) -> tuple[Dated, ...]:
        """Give all rows that say what something costs, whenever they hold."""
        tables = ("token_prices", "image_prices", "picture_prices", "fees")
        return tuple(row for layer in self._layers for table in tables for row in getattr(layer, table))

    def names(self, provider: str, model: str) -> tuple[str, ...]:
        """Give the names under which rows about a model may stand: its own, and that of which it is a dated name."""
        row = self.model(provider, model) or self.image_model(provider, model)
        return (model,) if row is None or row.name == model else (model, row.name)


class Rates:
    """What of a catalogue is in force on one day (UTC): prices, fees, and ways of counting. Made by `Catalogue.at`.

    What is not known is None.

    Attributes:
        catalogue: The models, which no day changes.
        day: The day.
    """

    def __init__(self, catalogue: Catalogue, layers: tuple[Sheet, ...], day: date) -> None:
        self.catalogue = catalogue
        self.day = day
        self._token_prices = _InForce(day, [layer.token_prices for layer in layers], _served)
        self._image_prices = _InForce(day, [layer.image_prices for layer in layers], _served)
        self._picture_prices = _InForce(day, [layer.picture_prices for layer in layers], _regional)
        self._fees = _InForce(day, [layer.fees for layer in layers], _fee)
        self._vision = _InForce(day, [layer.vision for layer in layers], _of_models)
        self._image_input = _InForce(day, [layer.image_input for layer in layers], _of_models)
        self._image_output = _InForce(day, [layer.image_output for layer in layers], _of_models)
        self._typical = _InForce(day, [layer.typical for layer in layers], _kinds)

    def token_price(
        self, provider: str, model: str, region: str | None, service_tier: str | None = None
    ) -> TokenPriceRow | None:
        """Give what a model's tokens cost, served as `service_tier` says; None is the standard."""
        names = self.catalogue.names(provider, model)
        return self._token_prices.latest((provider, name, region, service_tier) for name in names)

    def tier(
        self,
        provider: str,
        model: str,
        region: str | None,
        input_tokens: Decimal | int,
        service_tier: str | None = None,
    ) -> TokenTier | None:
        """Give what tokens cost in a request of so many input tokens; None above the end of the last tier too."""
        row = self.token_price(provider, model, region, service_tier)
        return row.tier(input_tokens) if row else None

    def image_price(
        self, provider: str, model: str, region: str | None, service_tier: str | None = None
    ) -> ImagePriceRow | None:
        """Give what an image model's tokens cost, served as `service_tier` says; None is the standard."""
        names = self.catalogue.names(provider, model)
        return self._image_prices.latest((provider, name, region, service_tier) for name in names)

    def picture_price(self, provider: str, model: str, region: str | None) -> PicturePriceRow | None:
        """Give what an image model costs by the picture; None for one that is billed otherwise."""
        return self._picture_prices.latest((provider, name, region) for name in self.catalogue.names(provider, model))

    def fee(self, provider: str, tool: str, region: str | None, currency: str) -> FeeRow | None:
        """Give what a call of a service's own tool costs, on the price sheet of that currency."""
        return self._fees.latest([(provider, tool, region, currency)])

    def fees(self, provider: str) -> tuple[FeeRow, ...]:
        """Give the fees of a service."""
        return tuple(row for row in self._fees.rows() if row.provider == provider)

    def vision(self, provider: str, model: str) -> VisionRow | None:
        """Give how a model counts the pictures that it is shown."""
        return self._vision.latest((provider, name) for name in self.catalogue.names(provider, model))

    def image_input(self, provider: str, model: str) -> ImageInputRow | None:
        """Give how an image model counts the pictures that it is given."""
        return self._image_input.latest((provider, name) for name in self.catalogue.names(provider, model))

    def image_output(self, provider: str, model: str) -> ImageOutputRow | None:
        """Give how an image model counts the pictures that it makes."""
        return self._image_output.latest((provider, name) for name in self.catalogue.names(provider, model))

    def typical(self, provider: str, ability: Ability, *, analysis: bool = False) -> TypicalRow | None:
        """Give what a kind of call was seen to take beside its text and pictures."""
        return self._typical.latest([(provider, ability, analysis)])

    def check_detail(self, provider: str, model: str, detail: Detail | None) -> None:
        """Check how closely a model shall look against what it can; an unknown model may look as it likes.

        Raises:
            BadInput: The model has no such detail; the text names those it has.
        """
        row = self.vision(provider, model)
        if row is None or not row.details or detail is None or detail in row.details:
            return
        *most, last = row.details
        raise BadInput(f"{model} has no detail {detail}: it looks at {', '.join(most)} and {last} (try high)")


class _InForce(Generic[DatedRow]):
    """The rows of one table that have begun, by what they are about.

    The first layer that has begun rows for a thing rules over the others, and in it the latest row: which names a
    thing goes by is known only when it is asked for, so rows are kept with their rank.
    """

    def __init__(
        self, day: date, layers: Iterable[Iterable[DatedRow]], keys: Callable[[DatedRow], Iterable[Key]]
    ) -> None:
        self._ranked: dict[Key, tuple[tuple[int, date], DatedRow]] = {}
        for number, rows in enumerate(layers):
            for row in rows:
                if row.effective_from <= day:
                    self._add((-number, row.effective_from), row, keys(row))

    def _add(self, rank: tuple[int, date], row: DatedRow, keys: Iterable[Key]) -> None:
        for key in keys:
            known = self._ranked.get(key)
            if known is None or known[0] < rank:
                self._ranked[key] = rank, row

    def latest(self, keys: Iterable[Key]) -> DatedRow | None:
        """Give the row that rules for a thing which has these keys; None where there is none."""
        found = [ranked for key in keys if (ranked := self._ranked.get(key)) is not None]
        return max(found, key=lambda ranked: ranked[0])[1] if found else None

    def rows(self) -> Iterable[DatedRow]:
        """Give all rows that rule for something."""
        return (row for _, row in self._ranked.values())


def _of_models(row: OfModels) -> Iterable[Key]:
    return ((row.provider, model) for model in row.models)


def _regional(row: PicturePriceRow) -> Iterable[Key]:
    return ((row.provider, model, row.region) for model in row.models)


def _served(row: TokenPriceRow | ImagePriceRow) -> Iterable[Key]:
    tiers = row.service_tiers or (None,)
    return ((row.provider, model, row.region, tier) for model in row.models for tier in tiers)


def _fee(row: FeeRow) -> Iterable[Key]:
    return [(row.provider, row.tool, row.region, row.currency)]


def _kinds(row: TypicalRow) -> Iterable[Key]:
    analysis = (True, False) if row.analysis is None else (row.analysis,)
    return ((row.provider, ability, each) for ability in row.abilities for each in analysis)


@lru_cache(1)
def _shipped(folder: Path) -> Sheet:
    """Read what is shipped, once for a process: nobody changes it while it runs."""
    sheets = [read_sheet(path) for path in sorted(folder.glob("*.toml"))]
    if not sheets:
        raise SettingsError(f"no model catalogue is in {folder}: install the package again")
    return joined(sheets)


def _by_name(rows: Iterable[Named]) -> dict[tuple[str, str], Named]:
    """Give the rows by service and name, their dated names included; of two for one name the first holds."""
    first: dict[tuple[str, str], Named] = {}
    for row in rows:
        first.setdefault((row.provider, row.name), row)
    by_name = dict(first)
    for row in first.values():
        for name in row.also:
            by_name.setdefault((row.provider, name), row)
    return by_name
