"""OpenAI's prices agree with those of the genai-prices package; where they don't, the reason stands here."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from genai_prices.data_snapshot import get_snapshot

from lightbox.costs.catalogue.catalogue import Catalogue
from lightbox.costs.catalogue.rows import ImagePriceRow, TokenTier

ABSENT = {
    "gpt-image-2.6-sunburst": "the package does not know it yet",
    "gpt-image-2.6-flare": "the package does not know it yet",
}
"""Models of ours that the package lacks, and why."""

OTHER_SEARCH_FEE = {
    "gpt-5-chat-latest": "the package takes it for gpt-5, and lists the fee of that",
}

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
MODELS = [row.name for row in Catalogue.load().models("openai") if row.name not in ABSENT]
IMAGE_MODELS = [row.name for row in Catalogue.load().image_models("openai") if row.name not in ABSENT]
LONG = 300_000


def _theirs(model: str, at: datetime = NOW) -> Any:
    _, info = get_snapshot().find_provider_model(model, None, "openai", None)
    return info.get_prices(at)


def _at(price: Any, tokens: int) -> Decimal | None:
    """Give their price for a request of so many input tokens."""
    if price is None or isinstance(price, Decimal):
        return price
    above = [tier.price for tier in price.tiers if tokens > tier.start]
    return above[-1] if above else price.base


def _ours(tier: TokenTier) -> tuple[Decimal | None, ...]:
    return (
        tier.input_per_million_tokens,
        tier.cached_input_per_million_tokens,
        tier.cache_write_per_million_tokens,
        tier.output_per_million_tokens,
    )


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("tokens", [1_000, 272_000, 272_001, LONG])
@pytest.mark.parametrize("at", [NOW, datetime(2026, 7, 1, tzinfo=UTC)], ids=["now", "in July"])
def test_a_mainline_model_costs_the_same(catalogue: Catalogue, model: str, tokens: int, at: datetime) -> None:
    tier = catalogue.at(at).tier("openai", model, None, tokens)
    assert tier is not None
    theirs = _theirs(model, at)
    priced = (theirs.input_mtok, theirs.cache_read_mtok, theirs.cache_write_mtok, theirs.output_mtok)
    assert _ours(tier) == tuple(_at(price, tokens) for price in priced)


@pytest.mark.parametrize("model", MODELS)
def test_a_dated_name_is_the_same_model_to_them(catalogue: Catalogue, model: str) -> None:
    row = catalogue.model("openai", model)
    assert row is not None
    for name in row.also:
        assert _theirs(name) == _theirs(model)


@pytest.mark.parametrize("model", MODELS)
def test_a_web_search_costs_the_same(catalogue: Catalogue, model: str) -> None:
    row = catalogue.model("openai", model)
    fee = catalogue.at(NOW).fee("openai", "web_search", None, "USD")
    assert row is not None
    assert fee is not None
    theirs = _theirs(model).web_searches_kcount
    if catalogue.can("openai", model, "search"):
        assert theirs == fee.per_thousand_calls
    elif model not in OTHER_SEARCH_FEE:
        assert theirs is None


@pytest.mark.parametrize("model", IMAGE_MODELS)
def test_an_image_model_costs_the_same(catalogue: Catalogue, model: str) -> None:
    ours, theirs = catalogue.at(NOW).image_price("openai", model, None), _theirs(model)
    assert isinstance(ours, ImagePriceRow)
    assert ours.text_input_per_million_tokens == theirs.input_mtok
    assert ours.cached_text_input_per_million_tokens == theirs.cache_read_mtok
    assert ours.image_input_per_million_tokens == theirs.input_image_mtok
    assert ours.image_output_per_million_tokens == (theirs.output_image_mtok or theirs.output_mtok)
    if ours.text_output_per_million_tokens is not None:
        assert ours.text_output_per_million_tokens == theirs.output_mtok


def test_what_the_package_lacks_is_still_lacking() -> None:
    for model in ABSENT:
        with pytest.raises(LookupError):
            _theirs(model)
