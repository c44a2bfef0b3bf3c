"""OpenRouter's answers as its documentation writes them, read exactly; what is not confirmed has a name of its own.

The examples in `tests/wire/examples/openrouter_*` are written from its guides “Image Generation” (server tool),
“Errors and Debugging” and “Responses API: Error Handling”, and from the types of its published library 1.3.84; nobody
here has called the live service.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from lightbox.commands.key_checks import key_doubt
from lightbox.costs.call import PaintedPicture, PricedCall, Report, SentSize
from lightbox.costs.catalogue.catalogue import Catalogue, Rates
from lightbox.costs.counting.image_size import choose_size
from lightbox.costs.money import Money
from lightbox.costs.pricing.bill import Bill, bill
from lightbox.costs.pricing.estimate import estimate
from lightbox.errors import KeyRejected, QuotaExhausted, Refused, Throttled
from lightbox.providers.calls import GenerateCall, OutputOptions
from lightbox.providers.failures import Sent, error_for
from lightbox.providers.openrouter import DIALECT, openrouter_endpoint
from lightbox.providers.reading import Reading, verdict
from lightbox.providers.updates import Finished, Made, MadeAt
from lightbox.wire.events import Frames
from lightbox.wire.response import Usage, read_failure, read_usage

EXAMPLES = Path(__file__).parents[1] / "wire" / "examples"
GEMINI = "google/gemini-3.1-flash-image"
LUNA = "openai/gpt-5.6-luna"
ENDPOINT = openrouter_endpoint(SecretStr("sk-or-v1-of-a-test"))
SENT = Sent(endpoint=ENDPOINT, dialect=DIALECT, models=(LUNA, GEMINI))
CALL = PricedCall(
    ability="generate",
    provider="openrouter",
    model=LUNA,
    image_model=GEMINI,
    text="a kite",
    size="1024x1024",
    quality="auto",
    format="png",
)
PAINTED = (PaintedPicture(),)


@pytest.fixture(scope="module")
def rates() -> Rates:
    return Catalogue.load().at(datetime(2026, 11, 22, tzinfo=UTC))


def example(name: str) -> Any:
    return json.loads((EXAMPLES / name).read_text("utf-8"))


def settled(rates: Rates, usage: Usage, call: PricedCall = CALL) -> Bill:
    return bill(call, [Report(usage=usage, pictures=PAINTED, answered=True)], rates)


def test_the_stream_of_the_tool_tells_one_picture_by_its_address_and_what_was_charged() -> None:
    reading = Reading("generate", cost_currency="USD")
    frames = Frames(100_000)
    told = [
        update
        for frame in frames.feed((EXAMPLES / "openrouter_generate.sse").read_bytes())
        for update in reading.event(frame.data, frame.name)
    ]
    [made] = [update for update in told if isinstance(update, MadeAt)]
    assert made.url == "https://openrouter-images.example/gen-1795/0.png?Expires=1795303600"
    assert made.revised_prompt == "A mountain landscape at dawn, mist in the valley."
    [end] = [update for update in told if isinstance(update, Finished)]
    assert end.usage is not None
    assert (end.usage.cost, end.usage.cost_currency) == (Decimal("0.04182"), "USD")
    assert verdict(reading, SENT) is None


def test_an_answer_of_the_image_model_itself_is_read_with_the_bill_of_both_who_charge() -> None:
    reading = Reading("edit", cost_currency="USD")
    told = reading.body(bytearray((EXAMPLES / "openrouter_edit.json").read_bytes()))
    [made] = [update for update in told if isinstance(update, Made)]
    assert made.data == b"\x89PNG\r\n\x1a\n"
    [end] = [update for update in told if isinstance(update, Finished)]
    assert end.usage is not None
    assert end.usage.cost == Decimal("0.07088")  # OpenRouter's fee, and what the maker takes for a key of one's own


def test_a_cost_is_believed_only_of_a_service_that_is_known_to_tell_it() -> None:
    reading = Reading("edit")
    told = reading.body(bytearray((EXAMPLES / "openrouter_edit.json").read_bytes()))
    [end] = [update for update in told if isinstance(update, Finished)]
    assert end.usage is not None
    assert end.usage.cost is None


@pytest.mark.parametrize(
    ("name", "status", "kind", "words"),
    [
        ("openrouter_flagged_403.json", 403, Refused, "refused the prompt or a picture sent with it (`violence`)"),
        ("openrouter_no_credit_402.json", 402, QuotaExhausted, "No credit is left at openrouter"),
        ("openrouter_failed.json", None, KeyRejected, "check OPENROUTER_API_KEY"),
    ],
)
def test_a_fault_is_what_its_own_words_say(name: str, status: int | None, kind: type[Exception], words: str) -> None:
    error = error_for(read_failure(example(name), http_status=status), SENT)
    assert type(error) is kind
    assert words.replace("`", "") in str(error).replace("`", "")
    assert error.accepted is (status is None)


def test_a_fault_in_the_middle_of_a_stream_is_told_by_its_number_and_not_sent_again() -> None:
    told = {"type": "error", "error": {"code": 429, "message": "Slow down", "metadata": {"error_type": "x"}}}
    error = error_for(read_failure(told), SENT)
    assert type(error) is Throttled
    assert error.accepted


def test_a_key_of_another_service_is_seen_by_its_beginning() -> None:
    other = replace(ENDPOINT, key=SecretStr("sk-of-a-test"))
    error = error_for(
        read_failure({"error": {"code": 401, "message": "No"}}, http_status=401), replace(SENT, endpoint=other)
    )
    assert "Keys of OpenRouter begin with sk-or-" in str(error)
    assert "of OpenAI" in str(key_doubt("OPENROUTER_API_KEY", "sk-proj-x", "openrouter.ai"))
    assert "does not begin with sk-or-" in str(key_doubt("OPENROUTER_API_KEY", "sk-x", "openrouter.ai"))
    assert "of OpenRouter" in str(key_doubt("OPENAI_API_KEY", "sk-or-x", "api.openai.com"))
    assert key_doubt("OPENROUTER_API_KEY", "sk-or-v1-x", "openrouter.ai") is None


@pytest.mark.parametrize(
    "address", ["https://openrouter.ai", "https://openrouter.ai/api", "https://openrouter.ai/api/v1/"]
)
def test_the_address_is_completed(address: str) -> None:
    endpoint = openrouter_endpoint(SecretStr("sk-or-x"), base_url=address)
    assert endpoint.url("responses") == "https://openrouter.ai/api/v1/responses"


def test_what_the_service_charged_is_the_bill_and_our_count_stands_beside_it(rates: Rates) -> None:
    usage = read_usage({"usage": {"input_tokens": 400, "output_tokens": 60, "cost": 0.0712}})
    assert usage is not None
    told = settled(rates, replace(usage, cost_currency="USD"))
    assert (told.amount, told.told, told.estimated) == (Money(Decimal("0.0712"), "USD"),) * 2 + (False,)
    assert told.parts


@pytest.mark.parametrize(
    ("usage", "why"),
    [
        ({"cost": -0.01}, "a figure is negative"),
        ({"cost": 0.01, "is_byok": True, "cost_details": {"upstream_inference_cost": -5}}, "a figure is negative"),
        ({"cost": 0}, "it counts nothing although work was done"),
        ({"cost": 1e-7}, "it comes to less than a tenth of the least that such work costs"),
        ({"cost": 0.001, "is_byok": True}, "it comes to less than a tenth of the least that such work costs"),
        ({"cost": 1e6}, "it comes to more than 100 times what was reserved"),
        ({"cost": "0.01"}, "cost is not an amount"),
        ({"cost": True}, "cost is not an amount"),
        ({"cost": float("inf")}, "cost is not an amount"),
    ],
)
def test_a_cost_that_can_not_be_true_makes_no_room_in_a_budget(rates: Rates, usage: dict[str, Any], why: str) -> None:
    read = read_usage({"usage": {"input_tokens": 400, "output_tokens": 60} | usage})
    assert read is not None
    told = settled(rates, replace(read, cost_currency="USD"))
    assert told.amount == estimate(CALL, rates).high
    assert told.told is None
    assert why in (told.reason or "")


def test_a_model_that_is_free_may_cost_nothing(rates: Rates) -> None:
    free = PricedCall(ability="describe", provider="openrouter", model="qwen/qwen3-vl:free", text="what?")
    usage = Usage(input_tokens=300, output_tokens=20, cost=Decimal(0), cost_currency="USD")
    told = bill(free, [Report(usage=usage, answered=True)], rates)
    assert told.amount == Money(Decimal(0), "USD")


def test_several_requests_of_which_one_told_no_cost_are_added_up(rates: Rates) -> None:
    one = Report(
        usage=Usage(input_tokens=9, output_tokens=9, cost=Decimal("0.07"), cost_currency="USD"), pictures=PAINTED
    )
    silent = Report(pictures=PAINTED)
    told = bill(replace(CALL, count=2), [one, silent], rates)
    high = estimate(CALL, rates).high
    assert high is not None
    assert told.amount == Money(Decimal("0.07"), "USD") + high


@pytest.mark.parametrize(
    ("model", "wanted", "asked", "name"),
    [
        (GEMINI, "16:9", "1376x768", "16:9"),
        (GEMINI, "3:2", "1264x848", "3:2"),
        (GEMINI, "7:3", "1584x672", "21:9"),
        (GEMINI, "1920x1080", "2752x1536", "16:9 2K"),
        ("google/gemini-2.5-flash-image", "2:1", "1344x768", "16:9"),
        ("bytedance-seed/seedream-4.5", "1:1", "2048x2048", "1:1 2K"),
    ],
)
def test_a_size_is_asked_for_as_the_ratio_that_the_model_calls_so_or_the_nearest(
    rates: Rates, model: str, wanted: str, asked: str, name: str
) -> None:
    row = rates.catalogue.image_model("openrouter", model)
    assert row is not None
    chosen = choose_size(row, wanted)
    assert (chosen.asked, row.size_rule.ratios[chosen.asked]) == (asked, name)


def test_the_ten_models_that_people_use_most_have_a_price_before_the_call(rates: Rates) -> None:
    priced = [
        row.name
        for row in rates.catalogue.image_models("openrouter")
        if estimate(replace(CALL, image_model=row.name, size=choose_size(row, "1:1").asked), rates).high is not None
    ]
    makers = {name.partition("/")[0] for name in priced}
    assert len(priced) >= 10
    assert {"google", "openai", "black-forest-labs", "bytedance-seed", "qwen"} <= makers


@pytest.mark.parametrize("cost", ["0.0004", "0.004"])
def test_unconfirmed_that_the_cost_holds_what_the_picture_of_the_tool_costs(rates: Rates, cost: str) -> None:
    """Nobody publishes it. Were it what the model that calls the tool costs alone, it would not be believed."""
    usage = Usage(input_tokens=1_400, output_tokens=60, cost=Decimal(cost), cost_currency="USD")
    told = settled(rates, usage)
    assert (told.told, told.amount) == (None, estimate(CALL, rates).high)
    of_the_tool = rates.typical("openrouter", "generate")
    assert of_the_tool is not None
    assert of_the_tool.source.startswith("unconfirmed: ")


def test_unconfirmed_that_an_edit_is_asked_of_the_image_model_itself_and_takes_no_other_tokens(rates: Rates) -> None:
    """The tool is documented for words alone; `modalities` over /responses stands in the library's types only."""
    edit = replace(CALL, ability="edit", model=GEMINI, pictures=(SentSize(width=640, height=480),))
    parts = estimate(edit, rates).parts
    assert [part.what for part in parts] == [
        "prompt to the image model",
        "picture of 640x480 px to the image model",
        "picture of 1024x1024 at auto quality",
    ]


def test_unconfirmed_that_a_larger_picture_is_asked_of_the_tool_as_size_2k() -> None:
    """The guide to the Image API takes a tier as `size`; the tool is said to pass its parameters on."""
    output = OutputOptions(size="2752x1536", aspect_ratio="16:9", resolution="2K")
    call = GenerateCall(model=LUNA, image_model=GEMINI, prompt="a kite", output=output)
    [tool] = DIALECT.words["generate"](call)["tools"]
    assert tool["parameters"] == {"model": GEMINI, "aspect_ratio": "16:9", "size": "2K"}


def test_unconfirmed_that_flux_bills_a_picture_of_1024_px_as_one_megapixel_or_a_little_more(rates: Rates) -> None:
    flux = estimate(replace(CALL, image_model="black-forest-labs/flux.2-pro"), rates)
    [picture] = [part for part in flux.parts if part.unit == "picture"]
    assert (picture.unit_price, picture.high_unit_price) == (Decimal("0.03"), Decimal("0.0315"))
