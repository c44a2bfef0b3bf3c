"""What a service says that it charged, held against our prices: kept with the job, and shown by `spending --check`."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import anyio
import httpx2
import pytest
from pydantic import SecretStr

from conftest import Ask, Connect, MakeSettings, Upstream
from forking import warm_start
from lightbox.settings import Settings

pytestmark = pytest.mark.anyio

COMMAND = ("spending", "today", "--check")


async def test_a_charge_that_is_far_from_our_prices_is_shown_beside_them_and_one_that_is_near_is_not(
    settings: MakeSettings,
    upstream: Upstream,
    connect: Connect,
    ask: Ask,
    environment: Callable[[Settings], dict[str, str]],
) -> None:
    own = settings(
        provider="openrouter",
        openai_api_key=None,
        openai_base_url=None,
        dashscope_api_key=None,
        openrouter_api_key=SecretStr("sk-or-v1-of-a-test"),
        openrouter_base_url=upstream.openrouter_url,
    )

    async def shown(*options: str) -> str:
        done = await anyio.run_process([*warm_start(), *COMMAND, *options], env=environment(own))
        return done.stdout.decode()

    async with connect(own) as client:
        near = await ask(client, "generate_image", prompt="a red bicycle", size="16:9")
        httpx2.put(f"{upstream.origin}/sandbox/fault", json={"fault": "cost=0.5"}, trust_env=False).raise_for_status()
        far = await ask(client, "generate_image", prompt="a blue bicycle", size="16:9")
    assert not near.failed, near.text
    assert not far.failed, far.text

    document: dict[str, Any] = json.loads(await shown("--json"))
    table, [line] = await shown(), csv.DictReader(io.StringIO(await shown("--csv")))
    [job] = document["differing"]

    assert (document["told"], document["priced"]) == (2, 2)
    assert (job["told"], job["billed"], line["told"]) == ("0.5", "0.5", "0.5")
    assert Decimal(job["counted"]) < Decimal("0.2")
    percent = (Decimal("0.5") - Decimal(job["counted"])) / Decimal(job["counted"]) * 100
    assert "1 differ by more than 5 %" in table
    assert f"0.5 USD {job['counted']} {percent:+.0f} %" in " ".join(table.split())
