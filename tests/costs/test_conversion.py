"""Currencies are converted by the rates that the user has set, and by no others."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lightbox.costs.conversion import NO_RATES, Exchange
from lightbox.costs.money import Money
from lightbox.errors import SettingsError

RATES = Exchange.parse(["1 USD = 7.2 CNY", "1 EUR = 1.1 USD"])


@pytest.mark.parametrize(
    ("amount", "currency", "counted"),
    [("2 USD", "CNY", "14.4 CNY"), ("7.2 CNY", "USD", "1 USD"), ("2 EUR", "USD", "2.2 USD"), ("3 USD", "USD", "3 USD")],
)
def test_a_rate_leads_both_ways(amount: str, currency: str, counted: str) -> None:
    assert RATES.converted(Money.parse(amount), currency) == Money.parse(counted)


def test_no_rate_is_made_of_two_others_and_none_is_known_of_itself() -> None:
    assert RATES.converted(Money.parse("1 EUR"), "CNY") is None
    assert NO_RATES.converted(Money.parse("1 USD"), "CNY") is None


def test_the_rates_that_lead_to_a_currency_are_told() -> None:
    assert RATES.leading_to("USD") == ("USD", "CNY", "EUR")
    assert RATES.towards("USD") == "1 USD = 7.2 CNY, 1 EUR = 1.1 USD"
    assert RATES.towards("JPY") == ""


@given(st.integers(0, 2**62), st.integers(1, 10**9), st.integers(1, 10**9))
def test_an_amount_never_counts_for_less_than_it_is_worth(billionths: int, one: int, other: int) -> None:
    rates = Exchange.parse([f"{one} USD = {other} CNY"])
    money = Money.of_billionths(billionths, "CNY")
    counted = rates.converted(money, "USD")
    assert counted is not None
    back = Decimal(billionths) * one  # in whole numbers, which nothing rounds
    assert int(counted.amount.scaleb(12)) * other >= int(back) * 1_000
    assert (int(counted.amount.scaleb(12)) - 1) * other < int(back) * 1_000


@pytest.mark.parametrize(
    "text",
    [
        *("7.2", "USD = CNY", "1 USD = 7.2", "1 USD 7.2 CNY", "1 USD = 7.2 USD", "0 USD = 7.2 CNY", "1 USD = 0 CNY"),
        *(
            "1 USD = -7 CNY",
            "1 USD = NaN CNY",
            "1 USD = Infinity CNY",
            "1 USD = 7.2 CNY = 1 EUR",
            "",
            "1 dollar = 7 yuan",
        ),
    ],
)
def test_a_rate_written_otherwise_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(SettingsError, match=r"is not valid: .* like 1 USD = 7\.2 CNY"):
        Exchange.parse([text])


@pytest.mark.parametrize("second", ["1 USD = 7.1 CNY", "1 CNY = 0.14 USD", "1 USD = 7.2 CNY"])
def test_two_rates_of_the_same_currencies_are_refused(second: str) -> None:
    with pytest.raises(SettingsError, match="of the same currencies: leave one out"):
        Exchange.parse(["1 USD = 7.2 CNY", second])
