"""A budget says what may be spent, and when there is room again."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lightbox.costs.conversion import Exchange
from lightbox.costs.money import Money
from lightbox.costs.pricing.budget import Cap, needs_confirmation, refusal, uncovered
from lightbox.errors import SettingsError

NOW = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
CAP = Cap.parse("5 USD/day")


def usd(text: str) -> Money:
    return Money(Decimal(text), "USD")


@pytest.mark.parametrize("text", ["5 USD/day", "2 CNY/hour", "100 USD/month", "0.5 EUR/day"])
def test_a_cap_is_written_as_it_is_read(text: str) -> None:
    assert str(Cap.parse(text)) == text


@pytest.mark.parametrize(
    "text", ["5 USD", "5/day", "USD/day", "5 USD/week", "-5 USD/day", "5 dollars/day", "NaN USD/day"]
)
def test_a_cap_written_otherwise_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(SettingsError, match=r"like (5 USD/day|0\.50 USD)"):
        Cap.parse(text)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("1 USD/hour", datetime(2026, 12, 31, 23, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)),
        ("1 USD/day", datetime(2026, 12, 31, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)),
        ("1 USD/month", datetime(2026, 12, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_window_is_the_calendars_in_utc(text: str, start: datetime, end: datetime) -> None:
    cap = Cap.parse(text)
    elsewhere = NOW.astimezone(timezone(timedelta(hours=8)))
    assert (cap.window_start(elsewhere), cap.window_end(elsewhere)) == (start, end)


@given(st.integers(0, 20 * 365 * 24 * 3600), st.sampled_from(["hour", "day", "month"]))
def test_every_moment_lies_in_its_window_and_windows_follow_on_each_other(seconds: int, period: str) -> None:
    at = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    cap = Cap.parse(f"1 USD/{period}")
    assert cap.window_start(at) <= at < cap.window_end(at)
    assert cap.window_start(cap.window_end(at)) == cap.window_end(at)
    assert cap.window_end(cap.window_start(at)) == cap.window_end(at)


def test_a_call_that_fits_is_let_through_to_the_last_cent() -> None:
    assert refusal(CAP, spent=usd("4"), reserved=usd("0.5"), needed=usd("0.5"), at=NOW) is None


def test_a_refusal_names_cap_spent_reserved_needed_and_when() -> None:
    text = refusal(CAP, spent=usd("4.8"), reserved=usd("0.1"), needed=usd("0.3"), at=NOW)
    assert text == (
        "The budget of 5 USD/day has no room: 4.8 USD spent, 0.1 USD reserved by calls under way, up to 0.3 USD needed "
        "for this one. There is room again at 2027-01-01 00:00 UTC."
    )


def test_room_that_only_reservations_take_comes_back_when_they_are_billed() -> None:
    text = refusal(CAP, spent=usd("1"), reserved=usd("4"), needed=usd("0.1"), at=NOW)
    assert text is not None
    assert "when the calls under way are billed" in text


def test_a_call_above_the_cap_never_finds_room() -> None:
    text = refusal(CAP, spent=usd("0"), reserved=usd("0"), needed=usd("6"), at=NOW)
    assert text is not None
    assert "above it" in text


def test_a_cap_of_another_currency_says_nothing() -> None:
    zero = Money(Decimal(0), "CNY")
    assert refusal(CAP, spent=zero, reserved=zero, needed=Money(Decimal(9), "CNY"), at=NOW) is None


def test_a_call_that_no_cap_bounds_is_refused_with_the_way_to_allow_it() -> None:
    assert uncovered(usd("1"), (CAP,)) is None
    assert uncovered(None, ()) is None
    unknown, other = uncovered(None, (CAP,), "no price is known for x"), uncovered(Money(Decimal(1), "CNY"), (CAP,))
    assert unknown == (
        "The budget of 5 USD/day can't limit this call, because its price is unknown (no price is known for x). "
        "Add the price to the file that LIGHTBOX_PRICES names, choose a model with a known price, or set "
        "LIGHTBOX_ALLOW_UNPRICED=true."
    )
    assert "(it is in no price list here)" in (uncovered(None, (CAP,)) or "")
    assert other == (
        "The budget of 5 USD/day does not cover CNY, and this call costs up to 1 CNY. Add a cap like 5 CNY/day to "
        "LIGHTBOX_BUDGET, or a rate of your own between CNY and USD to LIGHTBOX_RATES, or set "
        "LIGHTBOX_ALLOW_UNPRICED=true."
    )


def test_a_cap_holds_for_another_currency_by_the_rate_that_was_set() -> None:
    cap = Cap.parse("7.2 CNY/day", exchange=Exchange.parse(["1 USD = 7.2 CNY"]))
    none = Money(Decimal(0), "CNY")
    assert uncovered(usd("1"), (cap,)) is None
    assert refusal(cap, spent=none, reserved=none, needed=usd("1"), at=NOW) is None
    text = refusal(cap, spent=Money(Decimal("0.000001"), "CNY"), reserved=none, needed=usd("1"), at=NOW)
    assert text == (
        "The budget of 7.2 CNY/day has no room: 0.000001 CNY spent, 0 CNY reserved by calls under way, up to 1 USD "
        "needed for this one (7.2 CNY, by your rate of 1 USD = 7.2 CNY, LIGHTBOX_RATES). "
        "There is room again at 2027-01-01 00:00 UTC."
    )


def test_whoever_is_asked_above_a_threshold_is_asked_by_the_rate_that_was_set() -> None:
    exchange = Exchange.parse(["1 USD = 7.2 CNY"])
    assert not needs_confirmation(Money(Decimal("3.6"), "CNY"), usd("0.5"), exchange)
    assert needs_confirmation(Money(Decimal("3.7"), "CNY"), usd("0.5"), exchange)
    assert needs_confirmation(Money(Decimal("0.1"), "EUR"), usd("0.5"), exchange)


def test_a_free_call_needs_no_cap_in_its_currency() -> None:
    assert uncovered(Money(Decimal(0), "CNY"), (CAP,)) is None


def test_confirmation_is_wanted_above_the_threshold_and_where_nothing_can_be_compared() -> None:
    threshold = Money.parse("0.50 USD")
    assert not needs_confirmation(usd("0.5"), threshold)
    assert needs_confirmation(usd("0.51"), threshold)
    assert needs_confirmation(None, threshold)
    assert needs_confirmation(Money(Decimal("0.1"), "CNY"), threshold)
