"""The prices that tools tell in their texts are the catalogue's, for whoever would serve, and change with it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from lightbox.costs.money import plain
from lightbox.providers.roster import PROVIDERS, configured
from lightbox.tools.prices import priced_texts
from lightbox.tools.table import TOOLS

if TYPE_CHECKING:
    from tests.conftest import Ask, Connect, MakeSettings

    from lightbox.settings import Settings

BILLS = [tool.name for tool in TOOLS if tool.bills]
WORDS = "A red fox in the snow at dawn, seen from the side, with soft light and much empty space on the left. " * 2


async def texts(connect: Connect, settings: Settings) -> dict[str, str]:
    async with connect(settings) as client:
        return {tool.name: tool.description or "" for tool in (await client.list_tools()).tools}


def two_digits(amount: str) -> str:
    number = Decimal(amount)
    return plain(number.quantize(Decimal(1).scaleb(number.adjusted() - 1)))


async def test_each_quality_is_told_at_what_estimate_cost_says_of_it(
    connect: Connect, ask: Ask, settings: MakeSettings
) -> None:
    async with connect(settings(partial_images=0)) as client:
        listed = (await client.list_tools()).tools
        text = next(tool.description or "" for tool in listed if tool.name == "generate_image")
        told = dict(re.findall(r"(low|medium|high|xhigh|max) (0[.]\d+)", text))
        for quality, amount in told.items():
            call = {"prompt": WORDS, "size": "1024x1024", "quality": quality}
            priced = await ask(client, "estimate_cost", tool="generate_image", arguments=call)
            assert amount == two_digits(priced.listed["calls"][0]["expected"]), quality

    assert list(told) == ["low", "medium", "high", "xhigh", "max"]
    assert "in USD at 1024x1024" in text


async def test_a_search_and_a_look_are_told_at_what_estimate_cost_says_of_them(
    connect: Connect, ask: Ask, settings: MakeSettings
) -> None:
    there = {"dashscope_base_url": PROVIDERS["dashscope"].keyless.base_url, "dashscope_workspace_id": "w"}
    async with connect(settings().model_copy(update=there)) as client:
        listed = {tool.name: tool.description or "" for tool in (await client.list_tools()).tools}
        call = {"query": "a red fox in the snow at dawn"}
        search = await ask(client, "estimate_cost", tool="search_images", arguments=call)

    assert f"(about {two_digits(search.listed['calls'][0]['expected'])} USD on dashscope)" in listed["search_images"]
    assert re.search(r"\(about 0[.]\d+ USD on dashscope\)", listed["find_similar_images"])
    assert re.search(r"\(about 0[.]\d+ USD a picture\)", listed["describe_images"])
    assert re.search(r"about 0[.]\d+ USD for each image sent", listed["edit_image"])


async def test_a_changed_price_changes_the_text(connect: Connect, settings: MakeSettings, tmp_path: Path) -> None:
    own = tmp_path / "prices.toml"
    row = """
        provider = "openai"
        [sources.own]
        text = "our contract"
        checked = 2026-11-21
        [[image_prices]]
        models = ["gpt-image-2.5-sunburst"]
        currency = "EUR"
        text_input_per_million_tokens = 0
        image_input_per_million_tokens = 0
        image_output_per_million_tokens = %d
        effective_from = 2026-01-01
        source = "own"
        [[token_prices]]
        models = ["gpt-5.6-luna"]
        currency = "EUR"
        tiers = [{ input_per_million_tokens = 0, output_per_million_tokens = 0 }]
        effective_from = 2026-01-01
        source = "own"
    """
    told: list[str] = []
    for price in (30, 300):
        own.write_text(row % price, "utf-8")
        told.append((await texts(connect, settings(prices=own)))["generate_image"])

    assert "in EUR at 1024x1024: low 0.0059" in told[0]
    assert "in EUR at 1024x1024: low 0.059" in told[1]


async def test_a_price_that_nobody_knows_is_said_to_be_unknown(connect: Connect, settings: MakeSettings) -> None:
    told = await texts(connect, settings(openai_image_model="gpt-image-9"))

    assert "(price of gpt-image-9 not known)" in told["generate_image"]


async def test_on_the_sandbox_everything_costs_nothing(connect: Connect, settings: MakeSettings) -> None:
    told = await texts(connect, settings(provider="sandbox"))

    for name in ("search_images", "find_similar_images", "generate_image", "describe_images"):
        assert "(0 USD" in told[name], name


@pytest.mark.parametrize("wanted", [{}, {"provider": "sandbox"}, {"openai_image_model": "gpt-image-1"}])
async def test_no_text_shows_the_place_of_a_price(
    connect: Connect, settings: MakeSettings, wanted: dict[str, Any]
) -> None:
    assert "{" not in "".join((await texts(connect, settings(**wanted))).values())


async def test_prices_that_can_not_be_read_leave_the_list_without_them(
    connect: Connect, settings: MakeSettings, tmp_path: Path
) -> None:
    broken = tmp_path / "prices.toml"
    broken.write_text("[[", "utf-8")
    told = await texts(connect, settings(prices=broken))

    assert set(BILLS) <= set(told)
    assert "USD" not in "".join(told.values())


def test_a_text_holds_the_prices_of_its_day(settings: MakeSettings) -> None:
    made = settings()
    before = priced_texts(TOOLS, made, configured(made), datetime(2025, 1, 1, tzinfo=UTC))

    assert "not known" in before["generate_image"]
