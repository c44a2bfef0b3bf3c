"""Behind gateways, on Azure and on strict servers: through the whole server, over the wire, with a real client."""

from __future__ import annotations

from contextlib import asynccontextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import httpx2
import pytest

from lightbox_sandbox.multimodal import PATH

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from mcp import Client
    from tests.conftest import Ask, Connect, MakeSettings, Upstream

    Served = Callable[..., AbstractAsyncContextManager[Client]]

FOX: dict[str, Any] = {"prompt": "a red fox", "size": "1024x1024", "quality": "low", "provider": "openai"}
SEARCH: dict[str, Any] = {"query": "a red fox in the snow", "count": 3, "check": False}
OPAQUE = "LIGHTBOX_OPENAI_IMAGE_DEPLOYMENT"


@pytest.fixture
def served(connect: Connect, settings: MakeSettings, photo: Path) -> Served:
    """Connect a client to a server that may read the photo's folder."""

    @asynccontextmanager
    async def connected(**wanted: Any) -> AsyncGenerator[Client]:
        async with connect(settings(read_dirs=(photo.parent,), **wanted)) as client:
            yield client

    return connected


def inject(upstream: Upstream, fault: str) -> None:
    httpx2.put(f"{upstream.origin}/sandbox/fault", json={"fault": fault}, trust_env=False).raise_for_status()


def sent(upstream: Upstream) -> list[tuple[int, dict[str, Any]]]:
    """Give status and body of each request that asks for work."""
    return [(seen["status"], seen["body"]) for seen in upstream.seen()["requests"] if seen["method"] == "POST"]


async def spent(ask: Ask, client: Client) -> tuple[int, Decimal]:
    listed = (await ask(client, "get_spending")).listed
    billed = sum((Decimal(total["billed"]) for total in listed["totals"]), Decimal(0))
    return sum(line["jobs"] for line in listed["lines"]), billed


@pytest.mark.parametrize("words", ["openai", "pydantic"])
async def test_a_strict_server_gets_the_call_without_what_it_does_not_know_and_it_is_paid_once(
    served: Served, ask: Ask, upstream: Upstream, words: str
) -> None:
    inject(upstream, f"unknown=partial_images|background;strict={words}")
    async with served() as client:
        made = await ask(client, "generate_image", **FOX)
        assert not made.failed, made.text
        assert made.text.count("note: Sent without ") == 1
        assert "`background` and `tools.partial_images`, which this server does not know" in made.text
        assert "can't be taken up again" in made.text
        first = sent(upstream)
        again = await ask(client, "generate_image", **FOX | {"prompt": "a blue fox"})
        jobs, billed = await spent(ask, client)
    refusals = [status for status, _ in first]
    assert refusals == [422, 422, 200] if words == "pydantic" else [400, 400, 200]
    assert "Sent without" in again.text
    assert [status for status, _ in sent(upstream)[3:]] == [200]
    assert jobs == 2
    assert f"cost: {billed / 2} USD" in made.text


async def test_several_pictures_at_once_are_one_job_that_says_once_what_was_left_out(
    served: Served, ask: Ask, upstream: Upstream
) -> None:
    inject(upstream, "unknown=partial_images")
    async with served() as client:
        made = await ask(client, "generate_image", **FOX, count=2)
        assert (await spent(ask, client))[0] == 1
    assert not made.failed, made.text
    assert made.text.count("Sent without") == 1
    assert [status for status, _ in sent(upstream)].count(200) == 2


async def test_a_field_that_a_search_needs_is_named_and_nothing_is_paid(
    served: Served, ask: Ask, upstream: Upstream
) -> None:
    inject(upstream, "unknown=search_content_types;strict=serde")
    async with served() as client:
        found = await ask(client, "search_images", **SEARCH, provider="openai")
        assert found.failed
        assert "does not know `search_content_types`, and the call can't do without it" in found.text
        assert (await spent(ask, client))[1] == 0
    assert len(sent(upstream)) == 1


async def test_every_tool_reads_an_answer_that_comes_as_one_json(
    served: Served, ask: Ask, upstream: Upstream, photo: Path
) -> None:
    inject(upstream, "whole")
    async with served() as client:
        answers = {
            "search of one": await ask(client, "search_images", **SEARCH, provider="dashscope"),
            "search of the other": await ask(client, "search_images", **SEARCH, provider="openai"),
            "similar": await ask(client, "find_similar_images", image=str(photo), count=3, check=False),
            "describe of one": await ask(client, "describe_images", images=[str(photo)], provider="dashscope"),
            "describe of the other": await ask(client, "describe_images", images=[str(photo)], provider="openai"),
            "generate": await ask(client, "generate_image", **FOX),
            "edit": await ask(client, "edit_image", images=[str(photo)], **FOX),
        }
        assert (await spent(ask, client))[0] == len(answers)
    for what, answer in answers.items():
        assert not answer.failed, (what, answer.text)
        assert "cost: " in answer.text, what
        assert "from the estimate" not in answer.text, what
    assert all(body.get("stream", True) for _, body in sent(upstream))
    assert len(answers["generate"].pictures) == len(answers["edit"].pictures) == 1
    assert all(answers[one].handles for one in answers if one.startswith(("search", "similar")))


async def test_prices_behind_a_gateway_are_those_of_the_region_that_is_set(
    served: Served, ask: Ask, upstream: Upstream
) -> None:
    behind = {"dashscope_base_url": f"{upstream.origin}/gateway/compatible-mode/v1", "openai_api_key": None}
    behind |= {"openai_base_url": "https://api.openai.com/v1", "budget": ("5 USD/day", "5 CNY/day")}
    costs: dict[str, str] = {}
    for region in ("international", "mainland"):
        async with served(**behind, dashscope_region=region) as client:
            found = await ask(client, "search_images", **SEARCH | {"query": f"a red fox, {region}"})
            made = await ask(client, "generate_image", prompt="a red fox", size="512x512")
        assert not found.failed, found.text
        assert not made.failed, made.text
        costs[region] = found.text.partition("cost: ")[2].partition(";")[0].rpartition(" ")[2]
    assert costs == {"international": "USD", "mainland": "CNY"}
    assert {seen["path"] for seen in upstream.seen()["requests"] if seen["method"] == "POST"} == {
        "/gateway/compatible-mode/v1/responses",
        f"/gateway{PATH}",
    }


@pytest.mark.parametrize("tool", ["search_images", "generate_image"])
async def test_a_budget_that_can_not_limit_a_call_behind_a_gateway_names_the_setting(
    served: Served, ask: Ask, upstream: Upstream, tool: str
) -> None:
    behind = {"dashscope_base_url": f"{upstream.origin}/gateway/compatible-mode/v1", "openai_api_key": None}
    arguments = SEARCH if tool == "search_images" else {"prompt": "a red fox"}
    async with served(**behind, openai_base_url="https://api.openai.com/v1", budget=("5 USD/day",)) as client:
        answer = await ask(client, tool, **arguments)
    assert answer.failed
    assert "in an unknown region (set DASHSCOPE_REGION)" in answer.text
    assert not upstream.paid


async def test_a_gateway_without_the_services_own_address_is_named_with_a_way_out(
    served: Served, ask: Ask, upstream: Upstream
) -> None:
    behind = {"dashscope_base_url": f"{upstream.origin}/elsewhere/v1", "openai_api_key": None}
    async with served(**behind, openai_base_url="https://api.openai.com/v1") as client:
        answer = await ask(client, "generate_image", prompt="a red fox", size="512x512")
        assert (await spent(ask, client))[1] == 0
    assert answer.failed
    assert f"No pictures are made at {upstream.origin}/elsewhere{PATH}" in answer.text
    assert "LIGHTBOX_GENERATE_PROVIDER" in answer.text


@pytest.mark.parametrize("how", ["named", "opaque"])
async def test_azure_without_its_header_leads_to_the_setting_and_with_it_makes_pictures(
    served: Served, ask: Ask, upstream: Upstream, photo: Path, how: str
) -> None:
    inject(upstream, f"azure={how}")
    async with served() as client:
        refused = await ask(client, "generate_image", **FOX)
        assert (await spent(ask, client))[1] == 0
    assert refused.failed
    assert "set LIGHTBOX_OPENAI_IMAGE_DEPLOYMENT to" in refused.text
    assert len(sent(upstream)) == 1
    async with served(openai_image_deployment="my-gpt-image-2") as client:
        made = await ask(client, "generate_image", **FOX)
        edited = await ask(client, "edit_image", images=[str(photo)], **FOX)
    assert not made.failed, made.text
    assert not edited.failed, edited.text


async def test_an_edit_goes_on_with_the_picture_where_a_gateway_kept_a_response_and_the_service_did_not(
    served: Served, ask: Ask, upstream: Upstream
) -> None:
    async with served() as client:
        made = await ask(client, "generate_image", **FOX)
        message = "Item with id 'ig_1' not found. Items are not persisted when `store` is set to false."
        inject(upstream, f"status=404;message={quote(message)};times=1")
        edited = await ask(client, "edit_image", images=made.handles[:1], **FOX)
    assert not edited.failed, edited.text
    *_, (_, gone), (status, body) = sent(upstream)
    assert "previous_response_id" in gone
    assert status == 200
    assert body["input"][0]["content"][1]["image_url"].startswith("data:image/")
