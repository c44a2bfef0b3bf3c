"""A lying service before the whole server: the journal counts what was reserved."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.conftest import Connect, MakeSettings

    from conftest import Service

LIES: tuple[dict[str, Any], ...] = (
    {"input_tokens": -(10**9), "output_tokens": 100},
    {"input_tokens": 10**15, "output_tokens": 100},
)


@pytest.mark.parametrize("usage", LIES)
async def test_a_lie_leaves_the_reserved_figure_in_the_ledger(
    service: Service, connect: Connect, settings: MakeSettings, usage: dict[str, Any]
) -> None:
    body = json.loads(service.example("openai_web_images.json")) | {"usage": usage}
    service.answer(service.body(body))
    asked = {"query": "a red fox", "provider": "openai", "check": False}
    async with connect(settings(openai_base_url=service.url)) as client:
        answer = (await client.call_tool("search_images", asked)).structured_content
    assert answer
    cost = answer["cost"]
    assert (cost["basis"], cost["billed"]) == ("estimate", cost["estimate_high"])
    assert cost["reason"].startswith("settled by the high figure that was reserved")
    assert service.posts == 1
