"""Prices of one's own, as the page on costs shows them, are read, and calls are priced by them."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from PIL import Image

from lightbox.commands.docs import pages

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Connect, MakeSettings


async def test_the_example_of_the_page_on_costs_prices_a_call(
    connect: Connect, settings: MakeSettings, tmp_path: Path
) -> None:
    [example] = re.findall(r"```toml\n(provider.*?)```", pages()["costs"].source, re.DOTALL)
    own = tmp_path / "prices.toml"
    own.write_text(example, "utf-8")
    given = tmp_path / "given.png"
    Image.new("RGB", (64, 64), "red").save(given)
    arguments = {"images": [str(given)], "question": "What is it?", "model": "gpt-mine"}
    async with connect(
        settings(prices=own, openai_api_key="sk-test", provider="openai", read_dirs=(tmp_path,))
    ) as client:
        answer = await client.call_tool("estimate_cost", {"tool": "describe_images", "arguments": arguments})

    assert answer.structured_content, answer
    [call] = answer.structured_content["calls"]
    parts = {part["what"]: part for part in call["parts"]}
    assert (call["currency"], parts["text"]["unit_price"], parts["answer"]["unit_price"]) == ("EUR", "1.5", "6")
    assert Decimal(call["expected"]) > 0
    assert {"name": "my contract", "checked": "2026-11-01"} in answer.structured_content["sources"]
