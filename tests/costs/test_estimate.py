"""An estimate bounds the bill, names its parts, and is unknown where something is unknown."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lightbox.costs.call import PricedCall, SentSize
from lightbox.costs.catalogue.catalogue import Catalogue, Rates
from lightbox.costs.counting.image_model import made_picture_tokens
from lightbox.costs.money import Money
from lightbox.costs.pricing.estimate import Estimate, estimate, estimates_total
from lightbox.vocabulary import Ability, Detail

SEARCH = PricedCall(
    ability="search", provider="dashscope", region="international", model="qwen3.7-plus", text="a red barn in snow"
)
GENERATE = PricedCall(
    ability="generate",
    provider="openai",
    model="gpt-5.6-luna",
    image_model="gpt-image-2.5-sunburst",
    text="a red barn in snow",
    size="1024x1024",
    quality="low",
)
PHOTO = SentSize(width=1024, height=768)
EDIT = replace(GENERATE, ability="edit", pictures=(PHOTO,))
DESCRIBE = PricedCall(
    ability="describe", provider="openai", model="gpt-5.6-terra", text="What is it?", detail="high", pictures=(PHOTO,)
)
NO_DETAIL: list[Detail | None] = [None]

sizes = st.builds(
    SentSize,
    width=st.one_of(st.none(), st.integers(10, 5_000)),
    height=st.one_of(st.none(), st.integers(10, 5_000)),
)
calls = st.builds(
    PricedCall,
    ability=st.sampled_from(get_args(Ability)),
    provider=st.sampled_from(["dashscope", "openai", "sandbox"]),
    region=st.sampled_from(["international", "mainland", None]),
    model=st.sampled_from(["qwen3.7-plus", "qwen3.5-flash", "gpt-5.6-luna", "gpt-6.1-sol", "sandbox", "no-such-model"]),
    text=st.text(max_size=200),
    pictures=st.lists(sizes, max_size=4).map(tuple),
    mask=st.one_of(st.none(), sizes),
    detail=st.sampled_from([*get_args(Detail), *NO_DETAIL]),
    analysis=st.booleans(),
    result_count=st.one_of(st.none(), st.integers(1, 100)),
    image_model=st.sampled_from(
        ["gpt-image-2.6-flare", "gpt-image-2", "gpt-image-1.5", "sandbox-image", "other", None]
    ),
    size=st.sampled_from(["auto", "1024x1024", "1536x1024", "3840x2160", "512x512", None]),
    quality=st.sampled_from(["auto", "low", "high", "max", None]),
    format=st.sampled_from(["png", "gif", None]),
    fidelity=st.sampled_from(["low", "high", None]),
    partial_images=st.integers(0, 3),
    continued=st.booleans(),
    count=st.integers(1, 4),
)


@given(calls)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_figures_rise_or_are_unknown_with_a_reason(rates: Rates, call: PricedCall) -> None:
    priced = estimate(call, rates)
    if priced.expected is None:
        assert priced.low is None
        assert priced.high is None
        assert priced.reason
    else:
        assert priced.low is not None
        assert priced.high is not None
        assert priced.low <= priced.expected <= priced.high
        assert all(part.currency == priced.expected.currency for part in priced.parts)
    assert Estimate.model_validate_json(priced.model_dump_json()) == priced


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (
            replace(SEARCH, model="qwen-of-tomorrow"),
            "no price is known for qwen-of-tomorrow",
        ),
        (replace(SEARCH, region=None), "no price is known for qwen3.7-plus at dashscope"),
        (replace(SEARCH, region="us"), "no price is known for qwen3.7-plus at dashscope (us)"),
        (replace(SEARCH, provider="other"), "how many tokens search takes at other is not known"),
        (replace(GENERATE, image_model="gpt-image-9"), "gpt-image-9"),
        (replace(GENERATE, image_model=None), "no image model is named"),
        (replace(GENERATE, format="gif"), "how many tokens a picture as gif takes is not published"),
        (replace(GENERATE, quality="ultra"), "ultra"),
        (replace(DESCRIBE, model="gpt-6.1-sol"), "how gpt-6.1-sol counts pictures is not known"),
    ],
)
def test_what_is_not_known_has_no_price_but_a_reason(rates: Rates, call: PricedCall, reason: str) -> None:
    priced = estimate(call, rates)
    assert priced.expected is None
    assert priced.reason is not None
    assert reason in priced.reason
    assert str(priced).startswith("unknown: ")


def test_an_estimate_names_everything_that_is_billed_and_all_that_it_assumes(rates: Rates) -> None:
    edit = replace(EDIT, text="a red barn", size="auto", quality="auto", mask=PHOTO, partial_images=1)
    priced = estimate(edit, rates)
    assert [(part.what, part.quantity) for part in priced.parts] == [
        ("text", (1, 3, 10)),
        ("tools and framing", (300, 2_300, 4_000)),
        ("picture of 1024x768 px", (922, 922, 3_688)),
        ("answer", (10, 200, 3_000)),
        ("prompt to the image model", (0, 14, 220)),
        ("picture of 1024x768 px to the image model", (768, 1_536, 1_536)),
        ("picture of auto at auto quality", (134, 343, 7_024)),
        ("partial pictures", (0, 100, 100)),
    ]
    assert priced.assumptions == (
        "the image tool adds about 2,300 input tokens of the mainline model, and the prompt is worded anew",
        "the tokens of texts are counted approximately",
        "the cap of 2,500 patches at high is measured; at original there is none",
        "size auto is taken to be one of 1024x1024, 1024x1536, 1536x1024, or the edited picture's own",
        "quality auto may become any quality that the image model has",
        "how this image model counts the pictures that it is given was measured twice and is not published",
        "whether a mask is billed as a picture is not published: the high figure counts it, the low one does not",
        "fewer partial pictures may come than are asked for",
        "the low figure counts input as read from the service's cache, the high one as written to it, where priced",
    )


def test_an_estimate_of_a_search_names_its_fee_and_its_results(rates: Rates) -> None:
    parts = estimate(SEARCH, rates).parts
    assert [part.what for part in parts] == ["web_search_image calls", "text", "search results", "answer"]


@pytest.mark.parametrize(
    ("count", "tokens"), [(None, (0, 3_100, 25_700)), (30, (0, 3_100, 25_700)), (60, (0, 6_100, 50_900))]
)
def test_more_results_than_usual_take_more_tokens(
    rates: Rates, count: int | None, tokens: tuple[int, int, int]
) -> None:
    similar = replace(SEARCH, ability="similar", pictures=(PHOTO,), result_count=count)
    parts = {part.what: part.quantity for part in estimate(similar, rates).parts}
    assert parts["search results"] == tokens


def test_what_has_no_known_number_or_price_is_a_part_that_says_so(rates: Rates) -> None:
    painted = estimate(replace(GENERATE, quality="ultra"), rates).parts[-1]
    assert str(painted) == "picture of 1024x1024 at ultra quality: unknown at 30 USD per million tokens"
    answer = estimate(replace(DESCRIBE, model="gpt-of-tomorrow"), rates).parts[-1]
    assert str(answer) == "answer: 1 to 4000, likely 350 tokens at price unknown"


def test_a_part_that_was_settled_by_the_most_says_so(rates: Rates) -> None:
    painted = estimate(GENERATE, rates).parts[-1]
    assert (
        str(painted.highest())
        == "picture of 1024x1024 at low quality: 196 tokens at 30 USD per million tokens = 0.00588 USD (estimated)"
    )


def test_what_auto_may_become_is_unknown_where_one_size_lacks_a_quality(rates: Rates) -> None:
    row = rates.image_output("openai", "gpt-image-1.5")
    assert row is not None
    assert row.tokens is not None
    whole = {size: row.tokens[size] for size in ("1024x1024", "1536x1024")}
    holed = {"1024x1024": whole["1024x1024"], "1536x1024": {"low": whole["1536x1024"]["low"]}}
    listed, lacking = (row.model_copy(update={"tokens": tokens}) for tokens in (whole, holed))
    assert made_picture_tokens(listed, None, "auto", "auto") is not None
    assert made_picture_tokens(lacking, None, "auto", "auto") is None


@pytest.mark.parametrize(("image_model", "tokens"), [("gpt-image-2.5-sunburst", 196), ("gpt-image-1.5", 272)])
def test_what_auto_becomes_is_guessed_for_a_model_whose_sizes_are_not_known(
    rates: Rates, image_model: str, tokens: int
) -> None:
    row = rates.image_output("openai", image_model)
    assert row is not None
    made = made_picture_tokens(row, None, "auto", "low")
    assert made is not None
    assert made.expected == tokens


def test_an_analysis_makes_a_search_more_expensive(rates: Rates) -> None:
    plain, analysed = estimate(SEARCH, rates), estimate(replace(SEARCH, analysis=True), rates)
    assert plain.expected is not None
    assert analysed.expected is not None
    assert analysed.expected > plain.expected


def test_a_dated_name_of_an_image_model_is_priced_as_the_model(rates: Rates) -> None:
    dated = estimate(replace(GENERATE, image_model="gpt-image-2-2026-04-21"), rates)
    assert dated.expected is not None
    assert dated.expected == estimate(replace(GENERATE, image_model="gpt-image-2"), rates).expected


def test_what_is_billed_has_one_price(rates: Rates) -> None:
    part = estimate(DESCRIBE, rates).parts[0]
    assert part.low_unit_price != part.high_unit_price
    settled = part.settled(estimated=False)
    assert (settled.low_unit_price, settled.unit_price, settled.high_unit_price) == (None, part.unit_price, None)


def test_partial_pictures_may_cost_as_much_as_was_asked_for_and_nothing_where_none_comes(rates: Rates) -> None:
    parts = {part.what: part.quantity for part in estimate(replace(GENERATE, partial_images=2), rates).parts}
    assert parts["partial pictures"] == (0, 200, 200)


def test_what_is_assumed_is_said_of_an_unknown_price_too(rates: Rates) -> None:
    unknown = estimate(replace(GENERATE, format="gif"), rates)
    assert unknown.expected is None
    assert unknown.assumptions == estimate(GENERATE, rates).assumptions


def test_a_model_before_its_first_row_has_no_price(catalogue: Catalogue, at: datetime) -> None:
    assert estimate(SEARCH, catalogue.at(at.replace(year=2020))).expected is None


def test_the_documented_searches_lie_within_the_estimate(rates: Rates) -> None:
    priced = estimate(replace(SEARCH, analysis=True), rates)
    assert priced.low is not None
    assert priced.high is not None
    for tokens_in, tokens_out in ((4_326, 645), (7_180, 558), (7_895, 318)):
        amount = Decimal("0.008") + tokens_in * Decimal("0.0000004") + tokens_out * Decimal("0.0000016")
        assert priced.low.amount <= amount <= priced.high.amount


def test_a_search_is_priced_by_how_often_it_may_search(rates: Rates) -> None:
    priced = estimate(SEARCH, rates)
    fee = priced.parts[0]
    assert str(fee) == (
        "web_search_image calls: 1 to 3, likely 1 calls at 8 USD per thousand calls = 0.008 to 0.024, likely 0.008 USD"
    )
    assert fee.source
    assert fee.checked
    assert "search once" in priced.assumptions[0]


def test_more_hits_may_take_more_input(rates: Rates) -> None:
    few, many = (estimate(replace(SEARCH, result_count=count), rates) for count in (10, 100))
    assert few.expected is not None
    assert many.expected is not None
    assert few.expected < many.expected


def test_a_picture_whose_size_is_given_is_priced_to_the_token(rates: Rates) -> None:
    part = estimate(replace(GENERATE, image_model="gpt-image-2", quality="medium"), rates).parts[-1]
    assert part.quantity is not None
    assert part.quantity.exact
    assert part.amount is not None
    assert part.amount.expected == Decimal("0.05268")


@pytest.mark.parametrize(
    "change",
    [
        {"size": "auto"},
        {"quality": "auto"},
        {"image_model": "gpt-image-2.6-sunburst"},
        {"image_model": "gpt-image-2.6-sunburst", "quality": "high"},
        {"partial_images": 2},
    ],
    ids=str,
)
def test_what_is_settled_only_by_the_service_is_a_range(rates: Rates, change: dict[str, str]) -> None:
    parts = estimate(replace(GENERATE, **change), rates).parts  # pyright: ignore[reportArgumentType] - fields by name
    assert any(
        part.quantity and not part.quantity.exact for part in parts if "picture" in part.what and part.unit == "token"
    )


def test_the_pictures_of_an_edit_are_billed_by_both_models(rates: Rates) -> None:
    parts = {part.what: part for part in estimate(EDIT, rates).parts}
    looked_at, given_to = parts["picture of 1024x768 px"], parts["picture of 1024x768 px to the image model"]
    assert looked_at.quantity is not None
    assert looked_at.quantity.low == 922  # 32 * 24 patches at 1.2
    assert given_to.quantity is not None
    assert given_to.quantity.expected == 768


def test_a_continued_edit_bills_its_earlier_context(rates: Rates) -> None:
    priced = estimate(replace(EDIT, continued=True), rates)
    assert any(part.what == "earlier context" for part in priced.parts)
    assert any("earlier context" in text for text in priced.assumptions)


def test_several_requests_are_priced_each(rates: Rates) -> None:
    one, four = (estimate(replace(GENERATE, count=count), rates) for count in (1, 4))
    assert one.high is not None
    assert four.high == one.high * 4
    assert one.times(4).high == four.high


def test_the_tier_of_a_long_request_prices_all_of_it(rates: Rates) -> None:
    long = estimate(replace(SEARCH, text="word " * 400_000), rates)
    text = next(part for part in long.parts if part.what == "text")
    answer = next(part for part in long.parts if part.what == "answer")
    assert (text.unit_price, answer.unit_price) == (Decimal("1.2"), Decimal("4.8"))


def test_input_may_come_from_the_cache_or_be_written_to_it(rates: Rates) -> None:
    text = next(part for part in estimate(GENERATE, rates).parts if part.what == "text")
    assert (text.low_unit_price, text.unit_price, text.high_unit_price) == (
        Decimal("0.02"),
        Decimal("0.2"),
        Decimal("0.25"),
    )


def test_shrinking_says_what_it_saves(rates: Rates) -> None:
    sent = SentSize(
        width=1_984, height=1_280, original_width=4_000, original_height=2_560, byte_count=1, original_byte_count=9
    )
    saving = estimate(replace(DESCRIBE, pictures=(sent, PHOTO)), rates).saving
    assert saving is not None
    assert saving.tokens == 12_000 - 2_976  # 125 * 80 against 62 * 40 patches, at 1.2
    assert saving.byte_count == 8
    assert saving.amount == Money(saving.tokens * Decimal("0.000002"), "USD")
    low = estimate(replace(DESCRIBE, detail="low", pictures=(sent, PHOTO)), rates).saving
    assert low is not None
    assert low.tokens > saving.tokens
    assert estimate(DESCRIBE, rates).saving is None


def test_the_sandbox_costs_nothing_and_knows_it(rates: Rates) -> None:
    for ability in get_args(Ability):
        call = PricedCall(ability=ability, provider="sandbox", model="sandbox", image_model="sandbox-image", text="x")
        assert estimate(call, rates).high == Money(Decimal(0), "USD")


def test_totals_keep_currencies_apart_and_say_what_they_lack(rates: Rates) -> None:
    here = estimate(replace(SEARCH, region="mainland"), rates)
    there = estimate(SEARCH, rates)
    unknown = estimate(replace(SEARCH, region=None), rates)
    total = estimates_total([here, there.times(3), unknown])
    assert [money.currency for money in total.expected] == ["CNY", "USD"]
    assert there.expected is not None
    assert total.expected[1] == there.expected * 3
    assert total.unknown == (unknown.reason,)


def test_many_calls_of_unknown_price_are_unknown(rates: Rates) -> None:
    many = estimate(replace(SEARCH, region=None), rates).times(3)
    assert (many.low, many.expected, many.high) == (None, None, None)


def test_the_sandbox_makes_every_format_for_nothing(rates: Rates) -> None:
    here = replace(GENERATE, provider="sandbox", model="sandbox", image_model="sandbox-image", format="gif")
    priced = estimate(here, rates)
    assert priced.expected is not None
    assert priced.expected.amount == 0


def test_an_edit_without_a_size_may_keep_that_of_its_picture(rates: Rates) -> None:
    tall = replace(EDIT, size="auto", pictures=(SentSize(width=1_024, height=3_072),))
    made = estimate(tall, rates).parts[-1].quantity
    assert made is not None
    assert (made.low, made.expected, made.high) == (103, 158, 196)  # its own size, 1024x1536, 1024x1024
    here = replace(tall, provider="sandbox", model="sandbox", image_model="sandbox-image")
    kept = estimate(here, rates).parts[-1].quantity
    assert kept is not None
    assert kept.exact


@pytest.mark.parametrize(
    ("width", "height", "tokens"),
    [
        (3_072, 1_024, 400),  # as 1536x1024
        (1_280, 1_024, 400),
        (1_100, 1_000, 272),  # as 1024x1024
        (1_000, 1_100, 272),
        (1_024, 1_300, 408),  # as 1024x1536
        (1_024, 3_072, 408),
    ],
)
def test_an_edit_without_a_size_is_expected_in_the_shape_of_its_picture(
    rates: Rates, width: int, height: int, tokens: int
) -> None:
    edit = replace(
        EDIT, image_model="gpt-image-1.5", size="auto", pictures=(SentSize(width=width, height=height), PHOTO)
    )
    made = estimate(edit, rates).parts[-1].quantity
    assert made is not None
    assert (made.low, made.expected, made.high) == (272, tokens, 408)


@pytest.mark.parametrize(("fidelity", "span"), [("low", (194, 194, 581)), ("high", (4_354, 4_354, 6_821))])
def test_a_picture_of_unknown_size_counts_for_an_image_model_as_a_square_or_up_to_a_strip(
    rates: Rates, fidelity: str, span: tuple[int, int, int]
) -> None:
    edit = replace(EDIT, image_model="gpt-image-1.5", fidelity=fidelity, pictures=(SentSize(),))
    parts = {part.what: part.quantity for part in estimate(edit, rates).parts}
    assert parts["picture of unknown size to the image model"] == span


def test_a_continued_edit_gives_the_image_model_a_picture_that_is_not_sent(rates: Rates) -> None:
    parts = estimate(replace(EDIT, continued=True, pictures=()), rates).parts
    given_to = next(part for part in parts if part.what == "earlier picture to the image model")
    assert given_to.quantity == (0, 1_024, 1_536)
