"""`make prices`: what differs from other tables is listed, and what is old, and what ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from lightbox.commands.price_checks import OLD_DAYS, check_prices
from lightbox.configuration import configuration_path
from price_comparison import GenaiPrices, LiteLLM, compared, ending, genai_prices, lines, old

if TYPE_CHECKING:
    from lightbox.costs.catalogue.catalogue import Catalogue, Rates
    from price_comparison import Quote


@dataclass(frozen=True)
class OneModel:
    """A table that knows gpt-5.4 alone."""

    price: Decimal
    name: str = "a table"

    def tokens(self, provider: str, model: str, count: int, service_tier: str | None) -> Quote | None:
        known = (provider, model, service_tier, count) == ("openai", "gpt-5.4", None, 1)
        return {"input": self.price, "cached input": Decimal("0.25")} if known else None

    def ends(self, provider: str, model: str) -> date | None:
        return date(2027, 1, 1) if (provider, model) == ("openai", "gpt-5.4") else None


def test_a_price_that_differs_is_listed_with_both_figures_and_the_others_are_counted(rates: Rates) -> None:
    found = compared(rates, [OneModel(Decimal(3))])
    assert found.differing == ["openai gpt-5.4: input 2.5 here, 3 in a table"]
    assert found.agreeing == {"a table": 1}
    assert "openai gpt-5.5" in found.unknown
    assert "openai gpt-5.4" not in found.unknown
    assert compared(rates, [OneModel(Decimal("2.5"))]).differing == []


def test_every_price_that_the_installed_table_knows_agrees(rates: Rates, at: datetime) -> None:
    found = compared(rates, [genai_prices(at)])
    assert not found.differing
    assert sum(found.agreeing.values()) > 500


def test_prices_of_single_tokens_are_read_by_length_and_service_tier() -> None:
    row = {
        "input_cost_per_token": 2.5e-06,
        "input_cost_per_token_priority": 5e-06,
        "input_cost_per_token_above_272k_tokens": 5e-06,
        "deprecation_date": "2027-04-01",
    }
    table = LiteLLM("a table", {"gpt-5.4": row})
    assert table.tokens("openai", "gpt-5.4", 1, None) == {"input": Decimal("2.5")}
    assert table.tokens("openai", "gpt-5.4", 272_001, None) == {"input": Decimal(5)}
    assert table.tokens("openai", "gpt-5.4", 1, "priority") == {"input": Decimal(5)}
    assert table.tokens("openai", "gpt-5.4", 1, "flex") is None
    assert table.tokens("openrouter", "gpt-5.4", 1, None) is None
    assert table.ends("openai", "gpt-5.4") == date(2027, 4, 1)


def test_a_model_of_a_service_that_a_table_lacks_is_not_taken_from_another(at: datetime) -> None:
    assert GenaiPrices("a table", {}, at).tokens("openai", "gpt-5.4", 1, None) is None


def test_ends_are_listed_with_what_others_say_of_them(catalogue: Catalogue) -> None:
    told = list(ending(catalogue, [OneModel(Decimal(1))], date(2026, 11, 22)))
    assert "openai gpt-5.4: no end is known here; 2027-01-01 in a table" in told
    assert "openai gpt-image-1: ended 2026-10-23" in told
    assert "openai gpt-image-1.5: ends 2026-12-01" in told


def test_what_was_checked_too_long_ago_is_listed(rates: Rates) -> None:
    folder = configuration_path("models")
    assert not list(old(folder, date(2026, 11, 22)))
    late = list(old(folder, date(2026, 11, 22) + timedelta(days=OLD_DAYS + 1)))
    assert any(line.startswith("openai.toml: ") and "checked 2026-11-2" in line for line in late)
    written = list(lines(compared(rates, []), [], late))
    assert f"\nChecked more than {OLD_DAYS} days ago: {len(late)}" in written


def test_doctor_says_how_old_the_prices_of_the_services_in_use_are(catalogue: Catalogue) -> None:
    good = check_prices(catalogue, ["openai", "sandbox"], date(2026, 11, 23))
    assert good.good is True
    assert "the oldest 2 days ago" in good.text
    old_ones = check_prices(catalogue, ["openai"], date(2027, 2, 1))
    assert old_ones.good is None
    assert f"more than {OLD_DAYS}" in old_ones.text
    assert "LIGHTBOX_PRICES" in old_ones.text
    assert "free" in check_prices(catalogue, ["sandbox"], date(2027, 2, 1)).text
