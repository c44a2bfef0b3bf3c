"""What the tools cost, as their texts say it: worked out from the catalogue, for who would serve and by which model.

Imported only where the list of tools is really made: what a client was told once is kept for the next start.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from lightbox.costs.call import PricedCall, SentSize
from lightbox.costs.catalogue.catalogue import Catalogue, Rates
from lightbox.costs.money import Money, plain
from lightbox.costs.pricing.estimate import estimate
from lightbox.errors import NoProvider, SettingsError
from lightbox.providers.roster import PROVIDERS, choose
from lightbox.tools.tool import PRICE
from lightbox.vocabulary import Ability

if TYPE_CHECKING:
    from lightbox.providers.endpoint import Endpoint
    from lightbox.settings import Settings
    from lightbox.tools.tool import Tool

SIDE = 1024
"""Of a picture whose price stands for others, px."""
QUERY = "a red fox in the snow at dawn"
PROMPT = "A red fox in the snow at dawn, seen from the side, with soft light and much empty space on the left. " * 2
"""Words as long as people's are."""


@dataclass(frozen=True, slots=True)
class _Usual:
    """A usual call: who would be asked, and by which model."""

    ability: Ability
    endpoint: Endpoint
    model: str
    image_model: str | None
    rates: Rates

    def price(self, quality: str | None = None, *, pictures: int = 0) -> Money | None:
        """Give what such a call is expected to cost; None where that is not known."""
        call = PricedCall(
            ability=self.ability,
            provider=self.endpoint.provider,
            region=self.endpoint.region,
            model=self.model,
            image_model=self.image_model,
            text=PROMPT if self.image_model else QUERY,
            pictures=(SentSize(width=SIDE, height=SIDE),) * pictures,
            size=f"{SIDE}x{SIDE}" if self.image_model else None,
            quality=quality,
            format="png" if self.image_model else None,
        )
        return estimate(call, self.rates).expected


def priced_texts(
    tools: tuple[Tool, ...], settings: Settings, available: Mapping[str, Endpoint], on: datetime | None = None
) -> dict[str, str]:
    """Give the texts of tools with their prices filled in, by the tools' names.

    Reads the catalogue: not for the event loop. Where it can't be read, the texts are without prices.

    Args:
        tools: The tools.
        settings: The settings: whom they name, by which models.
        available: The services that are configured.
        on: When the prices are to hold; left out: now.
    """
    try:
        rates = _catalogue(settings.prices, _state(settings.prices)).at(on or datetime.now(UTC))
    except SettingsError:  # the first call tells
        return {tool.name: tool.unpriced_text for tool in tools}
    said = dict(_said(settings, available, rates))
    return {tool.name: tool.text.replace(PRICE, said.get(tool.name, "")) for tool in tools}


@lru_cache(4)
def _catalogue(extra: Path | None, _: tuple[int, int] | None) -> Catalogue:
    return Catalogue.load(extra)


def _state(file: Path | None) -> tuple[int, int] | None:
    """Tell one state of a person's own file from another; an error is told by whoever reads it."""
    try:
        found = file.stat() if file else None
    except OSError:
        return None
    return (found.st_mtime_ns, found.st_size) if found else None


def _said(settings: Settings, available: Mapping[str, Endpoint], rates: Rates) -> Iterator[tuple[str, str]]:
    for name, (ability, say) in _SAYING.items():
        usual = _usual(ability, settings, available, rates)
        if usual is not None:
            yield name, say(usual)


def _usual(ability: Ability, settings: Settings, available: Mapping[str, Endpoint], rates: Rates) -> _Usual | None:
    """Say who would be asked by whoever names neither a provider nor a model; None where nobody can."""
    try:
        endpoint = choose(ability, settings, available)
    except NoProvider:
        return None
    row, name = PROVIDERS[endpoint.provider], endpoint.provider
    paints = ability in ("generate", "edit")
    painter = row.image_model(settings) or rates.catalogue.default(name, "image_model") if paints else None
    mainline = row.model(settings) or rates.catalogue.default(name, ability)
    model = mainline if row.carries(ability) else painter
    return _Usual(ability, endpoint, model, painter, rates) if model and bool(painter) == paints else None


def _search(usual: _Usual) -> str:
    return _about(usual.price(), f" on {usual.endpoint.provider}")


def _similar(usual: _Usual) -> str:
    return _about(usual.price(pictures=1), f" on {usual.endpoint.provider}")


def _generate(usual: _Usual) -> str:
    """Name each quality's price; the model's own qualities, where it is known."""
    known = usual.rates.catalogue.image_model(usual.endpoint.provider, usual.image_model or "")
    prices = {quality: usual.price(quality) for quality in known.qualities} if known else {}
    if known and not known.qualities:
        return _about(usual.price(), f" a picture, {usual.image_model}")
    told = {quality: price for quality, price in prices.items() if price is not None}
    if not told:
        return f" (price of {usual.image_model} not known)"
    if not any(price.amount for price in told.values()):
        return f" (0 USD on {usual.endpoint.provider})"
    [currency] = {price.currency for price in told.values()}
    each = ", ".join(f"{quality} {rounded(price.amount)}" for quality, price in told.items())
    return f", in {currency} at {SIDE}x{SIDE}: {each} ({usual.image_model})"


def _edit(usual: _Usual) -> str:
    """Say what each picture that is sent adds."""
    one, two = (usual.price("low", pictures=number) for number in (1, 2))
    if one is None or two is None or not (added := two.amount - one.amount):
        return ""
    return f", about {rounded(added)} {one.currency} for each image sent"


def _describe(usual: _Usual) -> str:
    return _about(usual.price(pictures=1), " a picture")


_SAYING: Mapping[str, tuple[Ability, Callable[[_Usual], str]]] = {
    "search_images": ("search", _search),
    "find_similar_images": ("similar", _similar),
    "generate_image": ("generate", _generate),
    "edit_image": ("edit", _edit),
    "describe_images": ("describe", _describe),
}
"""What is said of each tool that bills."""


def _about(price: Money | None, where: str) -> str:
    if price is None:
        return " (price not known)"
    if not price.amount:
        return f" (0 {price.currency}{where})"
    return f" (about {rounded(price.amount)} {price.currency}{where})"


def rounded(amount: Decimal) -> str:
    """Write an amount with two digits that count: `0.0538` as `0.054`."""
    return plain(amount.quantize(Decimal(1).scaleb(amount.adjusted() - 1)))
