"""Published and measured figures come out to the unit."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from lightbox.costs.call import PricedCall, Report
from lightbox.costs.catalogue.catalogue import Catalogue, Rates
from lightbox.costs.counting.image_model import given_picture_tokens, made_picture_tokens
from lightbox.costs.counting.vision import patch_count, patch_size, picture_tokens
from lightbox.costs.money import Money, Span
from lightbox.costs.pricing.bill import bill
from lightbox.wire.response import ImageUsage, Usage

VECTORS: dict[str, list[dict[str, Any]]] = json.loads(
    Path(__file__).with_name("tokens_and_prices.json").read_text(encoding="utf-8")
)


def _named(row: dict[str, Any]) -> str:
    return " ".join(
        str(row[key]) for key in ("tool", "model", "image_model", "quality", "size", "width", "height") if key in row
    )


@pytest.mark.parametrize("row", VECTORS["vision_tokens"], ids=_named)
def test_a_picture_that_is_looked_at_counts_as_published(row: dict[str, Any], rates: Rates) -> None:
    provider = "dashscope" if row["model"].startswith("qwen") else "openai"
    rule = rates.vision(provider, row["model"])
    assert rule is not None
    assert picture_tokens(rule, row["width"], row["height"], row.get("detail")) == Span.exactly(row["tokens"])
    if "patches" in row:
        size = patch_size(row["width"], row["height"], rule.high)
        assert patch_count(*size) == row["patches"]
        assert list(size) == row.get("resized", [row["width"], row["height"]])


@pytest.mark.parametrize("row", VECTORS["image_output_tokens"], ids=_named)
def test_a_made_picture_counts_as_published(row: dict[str, Any], catalogue: Catalogue, rates: Rates) -> None:
    rule = rates.image_output("openai", row["model"])
    assert rule is not None
    model = catalogue.image_model("openai", row["model"])
    assert made_picture_tokens(rule, model, row["size"], row["quality"]) == Span.exactly(row["tokens"])


@pytest.mark.parametrize("row", VECTORS["image_input_tokens"], ids=_named)
def test_a_picture_given_to_an_image_model_counts_as_measured(row: dict[str, Any], rates: Rates) -> None:
    rule = rates.image_input("openai", row["model"])
    assert rule is not None
    count = given_picture_tokens(rule, row["width"], row["height"], row.get("input_fidelity"))
    assert count == Span.exactly(row["tokens"])


@pytest.mark.parametrize("row", VECTORS["call_price"][:2], ids=_named)
def test_a_search_costs_its_tokens_and_its_fee(row: dict[str, Any], rates: Rates) -> None:
    similar = row["tool"] == "find_similar_images"
    call = PricedCall(
        ability="similar" if similar else "search", provider=row["provider"], region=row["region"], model=row["model"]
    )
    calls = {"image_search" if similar else "web_search_image": row["calls"]}
    usage = Usage(input_tokens=row["input_tokens"], output_tokens=row["output_tokens"], tool_calls=calls)
    settled = bill(call, [Report(usage=usage)], rates)
    assert settled.amount == Money(Decimal(row["amount"]), row["currency"])
    assert not settled.estimated


def test_a_made_picture_costs_its_output_tokens(rates: Rates) -> None:
    row = VECTORS["call_price"][2]
    call = PricedCall(ability="generate", provider="openai", model="gpt-5.6-luna", image_model=row["image_model"])
    image = ImageUsage(0, 0, 0, row["image_output_tokens"])
    settled = bill(call, [Report(usage=Usage(input_tokens=0, output_tokens=0, image=image))], rates)
    assert settled.amount == Money(Decimal(row["amount"]), row["currency"])
