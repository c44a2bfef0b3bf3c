"""Late bills put right what a call is expected to cost, and nothing else."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lightbox.costs.call import PaintedPicture, PricedCall, Report, SentSize
from lightbox.costs.catalogue.catalogue import Catalogue, Rates
from lightbox.costs.money import Money, Span
from lightbox.costs.pricing.bill import Bill, bill
from lightbox.costs.pricing.estimate import Estimate, estimate
from lightbox.costs.pricing.learned import ENOUGH, MOST_WIDENED, PastCall, kind_of, learned, past_call
from lightbox.wire.response import Usage

CATALOGUE = Catalogue.load()
SEARCH = PricedCall(
    ability="search",
    provider="dashscope",
    region="international",
    model="qwen3.7-plus",
    text="a red barn in snow",
    result_count=10,
)
PHOTO = SentSize(width=512, height=512)
DESCRIBE = PricedCall(
    ability="describe", provider="openai", model="gpt-5.6-luna", text="What is it?", detail="high", pictures=(PHOTO,)
)


def settled(rates: Rates, call: PricedCall, input_tokens: int, output_tokens: int, searches: int | None = None) -> Bill:
    usage = Usage(input_tokens=input_tokens, output_tokens=output_tokens)
    return bill(call, [Report(usage=usage)], rates, searches=searches)


def taught(
    rates: Rates, call: PricedCall, input_tokens: int, output_tokens: int, searches: int | None = None
) -> PastCall:
    past = past_call(call, estimate(call, rates), settled(rates, call, input_tokens, output_tokens, searches))
    assert past is not None
    return past


def amount(money: Money | None) -> Decimal:
    assert money is not None
    return money.amount


def bounds(priced: Estimate) -> tuple[Decimal, Decimal]:
    return amount(priced.low), amount(priced.high)


def looked_at(priced: Estimate) -> Span | None:
    return next(part.quantity for part in priced.parts if "px" in part.what)


def test_what_such_calls_did_cost_is_what_the_next_is_expected_to_cost(rates: Rates) -> None:
    catalogue = estimate(SEARCH, rates)
    seen = settled(rates, SEARCH, 1_000, 5, searches=1)
    priced = learned(catalogue, SEARCH, [taught(rates, SEARCH, 1_000, 5, searches=1)] * 12)

    assert abs(amount(priced.expected) - amount(seen.amount)) < Decimal("0.00001")
    assert amount(catalogue.expected) > amount(seen.amount) * Decimal("1.2")
    assert priced.learned_from == 12
    assert bounds(priced) == bounds(catalogue)
    assert sum(part.amount.expected for part in priced.parts if part.amount) == amount(priced.expected)


def test_of_too_few_calls_nothing_is_learned(rates: Rates) -> None:
    catalogue = estimate(SEARCH, rates)
    few = [taught(rates, SEARCH, 1_000, 5, searches=1)] * (ENOUGH - 1)

    assert learned(catalogue, SEARCH, few) == catalogue
    assert learned(catalogue, SEARCH, []) is catalogue


def test_an_odd_bill_among_many_moves_nothing(rates: Rates) -> None:
    usual = [taught(rates, SEARCH, 1_000 + number, 5, searches=1) for number in range(9)]
    odd = taught(rates, SEARCH, 20_000, 600, searches=3)
    catalogue = estimate(SEARCH, rates)
    without, with_it = (amount(learned(catalogue, SEARCH, past).expected) for past in (usual, [*usual, odd]))

    assert abs(with_it - without) < without / 100


def test_what_differs_within_a_kind_is_still_counted_by_formula(rates: Rates) -> None:
    past = [taught(rates, DESCRIBE, 350, 90)] * 8
    larger = replace(DESCRIBE, pictures=(SentSize(width=1_024, height=1_024),))
    small, large = (learned(estimate(call, rates), call, past) for call in (DESCRIBE, larger))
    assert amount(large.expected) > amount(small.expected)
    assert [looked_at(priced) for priced in (small, large)] == [
        looked_at(estimate(call, rates)) for call in (DESCRIBE, larger)
    ]


def test_an_answer_about_more_pictures_is_expected_to_be_as_much_longer_as_such_answers_were(rates: Rates) -> None:
    def call(pictures: int) -> PricedCall:
        return replace(DESCRIBE, pictures=(PHOTO,) * pictures)

    past = [taught(rates, call(number), 300 * number + 50, 70 * number) for number in (1, 2, 4, 1, 4, 2)]
    for number in (1, 3, 4):
        priced = learned(estimate(call(number), rates), call(number), past)
        [answer] = [part.quantity for part in priced.parts if part.kind == "output"]
        assert answer is not None
        assert abs(answer.expected - 70 * number) <= 3


def test_a_cost_that_the_service_tells_as_one_sum_is_learned_as_one(rates: Rates) -> None:
    catalogue = estimate(DESCRIBE, rates)
    half = amount(catalogue.expected) / 2
    told = Bill(amount=Money(half, "USD"))  # without parts
    past = past_call(DESCRIBE, catalogue, told)
    assert past is not None
    assert past.parts == {}
    priced = learned(catalogue, DESCRIBE, [past] * 6)

    assert abs(amount(priced.expected) - half) <= half / 50


def test_a_bill_in_part_estimated_teaches_nothing(rates: Rates) -> None:
    silent = bill(SEARCH, [Report()], rates)
    stopped = bill(SEARCH, [Report(unheard=True)], rates)
    foreign = Bill(amount=Money(Decimal(1), "CNY"))
    unknown = Bill(amount=None, reason="no price is known")

    catalogue = estimate(SEARCH, rates)
    assert [past_call(SEARCH, catalogue, one) for one in (silent, stopped, foreign, unknown)] == [None] * 4


def test_what_costs_nothing_teaches_nothing(rates: Rates) -> None:
    here = replace(SEARCH, provider="sandbox", region=None, model="sandbox")

    assert past_call(here, estimate(here, rates), settled(rates, here, 100, 5, searches=1)) is None


def test_bounds_are_widened_by_what_was_seen_outside_of_them(rates: Rates) -> None:
    catalogue = estimate(SEARCH, rates)
    low, high = bounds(catalogue)
    over = Bill(amount=Money(high * 2, "USD"))
    under = Bill(amount=Money(low / 2, "USD"))
    past = [one for told in (over, under) if (one := past_call(SEARCH, catalogue, told)) is not None]
    priced = learned(catalogue, SEARCH, past)

    assert amount(priced.high) >= high * 2
    assert amount(priced.low) <= low / 2
    assert priced.learned_from == 0
    assert sum(part.highest().amount.expected for part in priced.parts if part.amount) == amount(priced.high)  # pyright: ignore[reportOptionalMemberAccess]


def test_a_mistake_in_a_bill_does_not_block_a_budget(rates: Rates) -> None:
    catalogue = estimate(SEARCH, rates)
    absurd = past_call(SEARCH, catalogue, Bill(amount=Money(amount(catalogue.high) * 99, "USD")))
    assert absurd is not None

    assert amount(learned(catalogue, SEARCH, [absurd]).high) <= amount(catalogue.high) * MOST_WIDENED * Decimal("1.01")


figures = st.decimals(0, 1_000, places=6)


@settings(max_examples=100, deadline=None)
@given(
    told=st.lists(st.tuples(figures, figures, figures), min_size=1, max_size=20),
    count=st.integers(1, 100),
    split=st.booleans(),
)
def test_whatever_services_report_makes_no_room_in_a_budget(
    told: list[tuple[Decimal, Decimal, Decimal]], count: int, *, split: bool
) -> None:
    rates = CATALOGUE.at(datetime.now(UTC))
    call = replace(SEARCH, result_count=count)
    catalogue = estimate(call, rates)
    expected = {part.kind: part.amount.expected for part in catalogue.parts if part.amount and part.kind}
    past = [
        PastCall(
            size=number,
            low=amount(catalogue.low),
            expected=amount(catalogue.expected),
            high=amount(catalogue.high),
            billed=sum(billed, Decimal(0)),
            parts=dict(zip(expected, zip(expected.values(), billed, strict=False), strict=False)) if split else {},
        )
        for number, billed in enumerate(told)
    ]
    priced = learned(catalogue, call, past)

    assert amount(priced.low) <= amount(priced.expected) <= amount(priced.high)
    assert amount(priced.low) <= amount(catalogue.low)
    assert amount(priced.high) >= amount(catalogue.high)


@pytest.mark.parametrize(
    "other",
    [
        {"provider": "openai", "region": None},
        {"region": "mainland"},
        {"model": "qwen3.5-flash"},
        {"analysis": True},
        {"ability": "similar"},
        {"detail": "low"},
        {"quality": "low"},
        {"size": "auto"},
        {"image_model": "gpt-image-2"},
        {"continued": True},
        {"mask": PHOTO},
        {"pictures": (SentSize(),)},
    ],
    ids=lambda other: next(iter(other)),
)
def test_calls_are_of_one_kind_unless_the_catalogue_may_be_off_otherwise(other: dict[str, Any]) -> None:
    here = "https://one.example/v1"

    assert kind_of(SEARCH, here) != kind_of(replace(SEARCH, **other), here)
    assert kind_of(SEARCH, here) != kind_of(SEARCH, "https://two.example/v1")
    assert kind_of(SEARCH, here) == kind_of(replace(SEARCH, text="another", result_count=40, count=3), here)


def test_a_picture_in_a_bill_is_compared_with_the_picture_that_was_expected(rates: Rates) -> None:
    call = PricedCall(
        ability="generate",
        provider="openai",
        model="gpt-5.6-luna",
        image_model="gpt-image-2",
        text="a red barn",
        size="1024x1024",
        quality="low",
    )
    made = PaintedPicture(size="1024x1024", quality="low", format="png")
    told = bill(call, [Report(usage=Usage(input_tokens=2_400, output_tokens=90), pictures=(made,))], rates)
    catalogue = estimate(call, rates)
    kinds = {part.kind for part in catalogue.parts}

    assert {part.kind for part in told.parts} <= kinds
    assert kinds == {"input", "output", "image_text_input", "image_output"}
