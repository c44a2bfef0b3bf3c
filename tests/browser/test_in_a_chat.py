"""The gallery in a chat: a host of MCP Apps shows it below an answer, and everything is done in it that a person can."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

if TYPE_CHECKING:
    from .conftest import Host

FOX = {"query": "a red fox", "count": 4}


@pytest.mark.parametrize("era", ["auto", "legacy"])
async def test_the_hits_of_a_search_are_shown_in_either_era(host: Host, era: str) -> None:
    view = await host.open("search_images", FOX, era=era)

    await expect(view.get_by_test_id("gallery")).to_contain_text("img_")
