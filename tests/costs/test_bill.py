"""A bill comes from what the service reported, part by part; from the estimate, marked, where it reported nothing."""

import json
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from lightbox.costs.call import PaintedPicture, PricedCall, Report, SentSize
from lightbox.costs.catalogue.catalogue import Catalogue, Rates
from lightbox.costs.money import Money
from lightbox.costs.pricing.bill import Bill, bill
from lightbox.costs.pricing.estimate import estimate
from lightbox.wire.response import ImageUsage, Usage, read_usage

EXAMPLES = Path(__file__).parent.parent / "wire" / "examples"
SEARCH = PricedCall(ability="search", provider="dashscope", region="international", model="qwen3.7-plus", text="cats")
SETTLED = "settled by the high figure that was reserved, because of the service's usage: "
SIMILAR = replace(SEARCH, ability="similar", pictures=(SentSize(width=640, height=480),))
GENERATE = PricedCall(
    ability="generate",
    provider="openai",
    model="gpt-6.1-sol",
    image_model="gpt-image-2.5-sunburst",
    text="a cat and an otter",
    size="1024x1024",
    quality="low",
)
DESCRIBE = replace(GENERATE, ability="describe", image_model=None, size=None, quality=None)


def usd(text: str) -> Money:
    return Money(Decimal(text), "USD")


def reported(name: str) -> Usage | None:
    text = (EXAMPLES / name).read_text(encoding="utf-8")
    if name.endswith(".json"):
        return read_usage(json.loads(text))
    bodies: list[dict[str, Any]] = [
        json.loads(line.removeprefix("data:")) for line in text.splitlines() if line.startswith("data:")
    ]
    return read_usage(next(body["response"] for body in reversed(bodies) if "response" in body))


@pytest.mark.parametrize(
    ("example", "call", "amount"),
    [
        ("dashscope_search.sse", SEARCH, "0.0107624"),
        ("dashscope_similar.sse", SIMILAR, "0.0200156"),  # two image searches: 0.016, and 8,371 / 417 tokens
        ("dashscope_nothing.sse", SIMILAR, "0.009064"),  # what finds nothing is billed all the same
        ("openai_web_images.json", replace(GENERATE, ability="search", image_model=None), "0.0124"),
    ],
)
def test_an_example_of_the_wire_is_billed_as_it_reports(
    rates: Rates, example: str, call: PricedCall, amount: str
) -> None:
    settled = bill(call, [Report(usage=reported(example))], rates)
    assert settled.amount == usd(amount)
    assert not settled.estimated


def test_an_image_model_that_reports_nothing_is_billed_by_the_estimate_and_says_so(rates: Rates) -> None:
    settled = bill(GENERATE, [Report(usage=reported("openai_response.json"))], rates)
    assert settled.estimated
    lines = {part.what: part for part in settled.parts}
    assert not lines["input"].estimated
    assert lines["picture of 1024x1024 at low quality"].estimated
    expected = estimate(GENERATE, rates).parts[-1].amount
    assert lines["picture of 1024x1024 at low quality"].amount == expected


def test_the_image_model_is_billed_by_what_it_reports(rates: Rates) -> None:
    image = ImageUsage(input_tokens=1_024, input_text_tokens=24, input_image_tokens=1_000, output_tokens=196)
    settled = bill(GENERATE, [Report(usage=Usage(input_tokens=1_000, output_tokens=100, image=image))], rates)
    # 1,000 * 2 + 100 * 10 of the mainline model, 24 * 5 + 1,000 * 8 + 196 * 30 of the image model, per million
    assert settled.amount == usd("0.017")
    assert not settled.estimated


def test_pictures_count_as_the_service_reports_them_where_the_image_models_usage_is_not_told(rates: Rates) -> None:
    usage = Usage(input_tokens=10, output_tokens=1)
    asked = replace(GENERATE, image_model="gpt-image-2", size="auto", quality="auto")
    one = PaintedPicture(size="1024x1536", quality="medium", format="png")
    settled = bill(asked, [Report(usage=usage, pictures=(one,))], rates)
    exact = replace(asked, size="1024x1536", quality="medium")
    assert settled.amount == bill(exact, [Report(usage=usage)], rates).amount
    assert settled.amount != bill(asked, [Report(usage=usage)], rates).amount
    assert settled.estimated


def test_each_of_several_pictures_counts_and_what_is_not_said_of_one_is_as_it_was_asked(rates: Rates) -> None:
    pictures = (PaintedPicture(size="1536x1024"), PaintedPicture(quality="high"), PaintedPicture(size="auto"))
    usage = Usage(input_tokens=10, output_tokens=1)
    for report in (Report(pictures=pictures, unheard=True), Report(usage=usage, pictures=pictures)):
        parts = {part.what: part for part in bill(GENERATE, [report], rates).parts}
        made = [what for what in parts if what.startswith("picture of")]
        assert made == [
            "picture of 1536x1024 at low quality",
            "picture of 1024x1024 at high quality",
            "picture of 1024x1024 at low quality",
        ]
        alone = bill(replace(GENERATE, quality="high"), [Report(unheard=True)], rates).parts[-1]
        assert parts["picture of 1024x1024 at high quality"] == alone


def test_a_reported_format_without_a_published_price_is_settled_by_what_was_reserved(rates: Rates) -> None:
    painted = Report(usage=Usage(input_tokens=10, output_tokens=1), pictures=(PaintedPicture(format="svg"),))
    settled = bill(GENERATE, [painted], rates)
    assert settled.amount == estimate(GENERATE, rates).high
    assert settled.reason == SETTLED + "how many tokens a picture as svg takes is not published"


def test_tokens_that_the_image_model_reports_rule_over_its_pictures(rates: Rates) -> None:
    image = ImageUsage(input_tokens=24, input_text_tokens=24, input_image_tokens=0, output_tokens=196)
    usage = Usage(input_tokens=1_000, output_tokens=100, image=image)
    pictures = (PaintedPicture(size="3840x2160", quality="high"),)
    assert bill(GENERATE, [Report(usage=usage, pictures=pictures)], rates) == bill(
        GENERATE, [Report(usage=usage)], rates
    )


def test_text_that_the_image_model_writes_has_its_own_price_or_none(rates: Rates) -> None:
    image = ImageUsage(0, 0, 0, output_tokens=200, output_text_tokens=100)
    usage = Usage(input_tokens=0, output_tokens=0, image=image)
    known = bill(replace(GENERATE, image_model="gpt-image-1.5"), [Report(usage=usage)], rates)
    assert known.amount == usd("0.0042")  # 100 * 32 + 100 * 10
    assert [part.what for part in known.parts[-2:]] == ["text of the image model", "pictures made"]
    unknown = bill(GENERATE, [Report(usage=usage)], rates)
    assert unknown.amount == estimate(GENERATE, rates).high
    assert unknown.reason == SETTLED + "no price is known for text that gpt-image-2.5-sunburst writes"


def test_input_that_is_not_split_is_split_as_the_estimate_would(rates: Rates) -> None:
    image = ImageUsage(input_tokens=50, output_tokens=196)
    text_only = bill(GENERATE, [Report(usage=Usage(input_tokens=1, output_tokens=1, image=image))], rates)
    assert not text_only.estimated
    edit = replace(GENERATE, ability="edit", model="gpt-5.6-luna", pictures=(SentSize(width=512, height=512),))
    split = bill(edit, [Report(usage=Usage(input_tokens=1, output_tokens=1, image=image))], rates)
    assert [(part.what, part.quantity and part.quantity.expected, part.estimated) for part in split.parts[2:]] == [
        ("prompt to the image model", 18, True),
        ("pictures to the image model", 32, True),
        ("pictures made", 196, False),
    ]


@pytest.mark.parametrize("told", [{"input_text_tokens": 14}, {"input_image_tokens": 36}])
def test_input_of_which_one_half_is_told_is_split_exactly(rates: Rates, told: dict[str, int]) -> None:
    image = ImageUsage(input_tokens=50, output_tokens=196, **told)
    settled = bill(GENERATE, [Report(usage=Usage(input_tokens=1, output_tokens=1, image=image))], rates)
    assert [(part.what, part.quantity and part.quantity.expected, part.estimated) for part in settled.parts[2:]] == [
        ("prompt to the image model", 14, False),
        ("pictures to the image model", 36, False),
        ("pictures made", 196, False),
    ]


def test_what_the_image_model_took_is_guessed_whole_where_nothing_is_told_of_it(rates: Rates) -> None:
    edit = replace(GENERATE, ability="edit", model="gpt-5.6-luna", pictures=(SentSize(width=512, height=512),))
    guessed = bill(edit, [Report(usage=Usage(input_tokens=10, output_tokens=1))], rates)
    assert [(part.what, part.quantity and part.quantity.expected, part.estimated) for part in guessed.parts[2:]] == [
        ("prompt to the image model", 18, True),
        ("picture of 512x512 px to the image model", 1_024, True),
        ("picture of 1024x1024 at low quality", 196, True),
    ]


def test_each_part_without_a_price_says_so(rates: Rates) -> None:
    usage = Usage(input_tokens=10, output_tokens=10)
    settled = bill(replace(GENERATE, ability="describe", model="gpt-of-tomorrow"), [Report(usage=usage)], rates)
    assert [(part.what, part.reason) for part in settled.parts] == [
        ("input", "no price is known for input"),
        ("output", "no price is known for output"),
    ]


def test_the_tier_is_chosen_by_all_input_and_prices_all_tokens(rates: Rates) -> None:
    call = replace(SEARCH, ability="describe")
    below, above = (
        bill(call, [Report(usage=Usage(input_tokens=tokens, output_tokens=1_000))], rates)
        for tokens in (262_144, 262_145)
    )
    assert below.amount == usd("0.1064576")
    assert above.amount == usd("0.319374")


def test_cached_input_costs_what_the_service_says(rates: Rates) -> None:
    call = PricedCall(ability="describe", provider="openai", model="gpt-5.6-sol", text="?")
    usage = Usage(input_tokens=3_000, cached_tokens=1_000, cache_write_tokens=500, output_tokens=0)
    settled = bill(call, [Report(usage=usage)], rates)
    assert settled.amount == usd("0.0089")  # 1,500 * 4 + 1,000 * 0.4 + 500 * 5
    assert [part.what for part in settled.parts] == ["input", "input from the cache", "input to the cache", "output"]


def test_more_input_from_and_to_the_cache_than_there_was_is_billed_up_to_what_there_was(rates: Rates) -> None:
    call = PricedCall(ability="describe", provider="openai", model="gpt-5.6-sol", text="?")
    both = Usage(input_tokens=1_000, cached_tokens=800, cache_write_tokens=500, output_tokens=0)
    assert bill(call, [Report(usage=both)], rates).amount == usd("0.00132")  # 800 * 0.4 + 200 * 5
    read = Usage(input_tokens=1_000, cached_tokens=1_200, cache_write_tokens=500, output_tokens=0)
    assert bill(call, [Report(usage=read)], rates).amount == usd("0.0004")  # 1,000 * 0.4


def test_cached_input_without_a_known_price_costs_what_input_costs_and_is_marked(rates: Rates) -> None:
    usage = Usage(input_tokens=1_000, cached_tokens=400, output_tokens=0, tool_calls={"web_search_image": 1})
    settled = bill(SEARCH, [Report(usage=usage)], rates)
    assert settled.amount == usd("0.0084")
    assert settled.estimated


@pytest.mark.parametrize(
    ("tier", "amount"),
    [("flex", "0.006"), ("batch", "0.006"), ("priority", "0.024"), ("fast", "0.024"), ("default", "0.012")],
)
def test_a_request_that_was_served_otherwise_is_billed_at_the_prices_of_that(
    rates: Rates, tier: str, amount: str
) -> None:
    body = {"service_tier": tier, "usage": {"input_tokens": 1_000, "output_tokens": 1_000}}
    settled = bill(DESCRIBE, [Report(usage=read_usage(body))], rates)
    assert (settled.amount, settled.estimated) == (usd(amount), False)


def test_a_picture_of_a_request_with_priority_costs_what_pictures_do(rates: Rates) -> None:
    image = ImageUsage(input_tokens=10, input_text_tokens=10, input_image_tokens=0, output_tokens=196)
    told = Usage(input_tokens=1_000, output_tokens=100, image=image, service_tier="priority")
    # 1,000 * 4 + 100 * 20 of the mainline model, 10 * 5 + 196 * 30 of the image model, per million
    assert bill(GENERATE, [Report(usage=told)], rates).amount == usd("0.01193")


def test_what_the_image_model_read_from_the_cache_costs_what_the_service_says(rates: Rates) -> None:
    image = {
        "input_tokens": 1_100,
        "input_tokens_details": {"text_tokens": 100, "image_tokens": 1_000},
        "cached_tokens": 840,
        "cached_tokens_details": {"cached_text_tokens": 40, "cached_image_tokens": 800},
        "output_tokens": 196,
        "total_tokens": 1_296,
    }
    body = {"usage": {"input_tokens": 1_000, "output_tokens": 100}, "tool_usage": {"image_gen": image}}
    settled = bill(GENERATE, [Report(usage=read_usage(body))], rates)
    # 1,000 * 2 + 100 * 10; 60 * 5 + 40 * 1.25 + 200 * 8 + 800 * 2 + 196 * 30, per million
    assert (settled.amount, settled.estimated) == (usd("0.01243"), False)


def test_what_came_from_the_image_models_cache_counts_as_words_first_where_it_is_not_split(rates: Rates) -> None:
    image = ImageUsage(
        input_tokens=1_100, input_text_tokens=100, input_image_tokens=1_000, output_tokens=196, cached_tokens=840
    )
    settled = bill(GENERATE, [Report(usage=Usage(input_tokens=1_000, output_tokens=100, image=image))], rates)
    # 1,000 * 2 + 100 * 10; 100 * 1.25 + 260 * 8 + 740 * 2 + 196 * 30, per million
    assert (settled.amount, settled.estimated) == (usd("0.012565"), True)


def test_a_request_whose_usage_the_service_left_out_is_settled_by_what_was_reserved(rates: Rates) -> None:
    for call in (SEARCH, SIMILAR, GENERATE):
        for report in (Report(), Report(answered=True), Report(pictures=(PaintedPicture(quality="low"),))):
            settled = bill(call, [report], rates)
            assert settled.estimated
            assert settled.amount == estimate(call, rates).high
            assert settled.reason == SETTLED + "none was reported"


def test_a_request_that_was_stopped_from_here_is_billed_as_expected(rates: Rates) -> None:
    for call in (SEARCH, SIMILAR, GENERATE):
        settled = bill(call, [Report(unheard=True)], rates)
        assert settled.estimated
        assert settled.amount == estimate(call, rates).expected
        assert settled.reason is None


def test_several_requests_make_one_bill(rates: Rates) -> None:
    usage = reported("dashscope_search.sse")
    settled = bill(SEARCH, [Report(usage=usage), Report(usage=usage), Report()], rates)
    one = bill(SEARCH, [Report(usage=usage)], rates).amount
    guessed = bill(SEARCH, [Report()], rates).amount
    assert one is not None
    assert guessed is not None
    assert settled.amount == one + one + guessed
    assert settled.estimated
    assert [part.what for part in settled.parts if not part.estimated] == ["web_search_image calls", "input", "output"]


def test_what_several_requests_took_of_one_kind_is_one_part(rates: Rates) -> None:
    call = PricedCall(ability="describe", provider="openai", model="gpt-5.6-sol", text="?")
    reports = [Report(usage=Usage(input_tokens=tokens, output_tokens=10)) for tokens in (1_000, 3_000)]
    parts = [(part.what, part.quantity and part.quantity.expected) for part in bill(call, reports, rates).parts]
    assert parts == [("input", 4_000), ("output", 20)]


def test_a_request_that_failed_bills_nothing(rates: Rates) -> None:
    settled = bill(SEARCH, [], rates)
    assert settled.amount == usd("0")
    assert not settled.estimated
    assert settled.reason == "nothing was billed"


def test_searches_that_the_usage_does_not_count_are_taken_from_the_answer(rates: Rates) -> None:
    usage = Usage(input_tokens=1_000, output_tokens=100)
    assert bill(SEARCH, [Report(usage=usage)], rates, searches=2).amount == usd("0.01656")
    assert bill(SEARCH, [Report(usage=usage)], rates, searches=0).amount == usd("0.00056")
    guessed = bill(SEARCH, [Report(usage=usage)], rates)
    assert guessed.amount == usd("0.00856")
    assert guessed.estimated


def test_all_searches_that_were_seen_before_a_call_was_stopped_are_billed(rates: Rates) -> None:
    expected = estimate(SIMILAR, rates).expected
    assert expected is not None
    for searches in (0, 1):
        assert bill(SIMILAR, [Report(unheard=True)], rates, searches=searches).amount == expected
    two = bill(SIMILAR, [Report(unheard=True)], rates, searches=2)
    assert two.amount == expected + usd("0.008")
    assert two.estimated


def test_a_model_without_a_price_has_no_bill_but_its_reason(rates: Rates) -> None:
    usage = Usage(input_tokens=10, output_tokens=10, tool_calls={"web_search_image": 1})
    for report in (Report(usage=usage), Report()):
        settled = bill(replace(SEARCH, model="qwen-of-tomorrow"), [report], rates)
        assert settled.amount is None
        assert settled.reason
        assert settled.parts


def test_a_bill_goes_through_json_unchanged(rates: Rates) -> None:
    settled = bill(GENERATE, [Report(usage=reported("openai_response.json")), Report()], rates)
    assert Bill.model_validate_json(settled.model_dump_json()) == settled
    assert "E" not in json.loads(settled.model_dump_json())["amount"]["amount"]


def test_a_bill_uses_the_row_of_its_time(catalogue: Catalogue, rates: Rates, at: datetime) -> None:
    call = PricedCall(ability="describe", provider="openai", model="gpt-5.6-luna", text="?")
    usage = Usage(input_tokens=1_000_000, output_tokens=0)
    assert bill(call, [Report(usage=usage)], rates).amount == usd("0.4")
    assert bill(call, [Report(usage=usage)], catalogue.at(at.replace(month=7, day=29))).amount == usd("2")
