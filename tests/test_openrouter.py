"""OpenRouter through the whole server: a client's calls, the sandbox's wire in OpenRouter's own form, the ledger."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import httpx2
import pytest
from pydantic import SecretStr

from conftest import Ask, Connect, MakeSettings, Upstream
from lightbox.settings import Settings

pytestmark = pytest.mark.anyio

GEMINI = "google/gemini-3.1-flash-image"
LITE = "google/gemini-3.1-flash-lite-image"
KEY = "sk-or-v1-of-a-test"

MakeOpenRouter = Callable[..., Settings]


@pytest.fixture
def openrouter(settings: MakeSettings, upstream: Upstream) -> MakeOpenRouter:
    """Make settings that bring OpenRouter alone."""

    def make(**wanted: Any) -> Settings:
        alone = {"openai_api_key": None, "openai_base_url": None, "dashscope_api_key": None}
        own = {"openrouter_api_key": SecretStr(KEY), "openrouter_base_url": upstream.openrouter_url}
        return settings(**(alone | own | wanted))

    return make


def fault(upstream: Upstream, text: str) -> None:
    httpx2.put(f"{upstream.origin}/sandbox/fault", json={"fault": text}, trust_env=False).raise_for_status()


def sent(upstream: Upstream) -> list[dict[str, Any]]:
    """Give the bodies of what would be paid for."""
    return [one["body"] for one in upstream.seen()["requests"] if one["path"].endswith("/responses")]


def billed(text: str) -> Decimal:
    found = re.search(r"cost: ([0-9.]+) USD", text)
    assert found, text
    return Decimal(found[1])


async def test_a_picture_is_made_and_its_bill_is_what_the_service_says(
    openrouter: MakeOpenRouter, upstream: Upstream, connect: Connect, ask: Ask
) -> None:
    fault(upstream, "cost=0.0712")
    async with connect(openrouter()) as client:
        made = await ask(client, "generate_image", prompt="a red bicycle", size="16:9")
    assert not made.failed, made.text
    print(made.text)
