"""With a DashScope key alone, pictures are made and edited: through the whole server, at the service's own address."""

from __future__ import annotations

from contextlib import asynccontextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from lightbox_sandbox.multimodal import PATH

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from mcp import Client
    from tests.conftest import Ask, Connect, MakeSettings, Upstream

    Alone = Callable[..., AbstractAsyncContextManager[Client]]

FOX = {"prompt": "a red fox", "size": "512x512"}


@pytest.fixture
def alone(connect: Connect, settings: MakeSettings, prices: Path) -> Alone:
    """Connect a client to a server that has a key of DashScope's alone, and its international prices."""

    @asynccontextmanager
    async def connected(**wanted: Any) -> AsyncGenerator[Client]:
        only = {"openai_api_key": None, "openai_base_url": "https://api.openai.com/v1", "prices": prices}
        async with connect(settings(**(only | wanted))) as client:
            yield client

    return connected


def inject(upstream: Upstream, fault: str) -> None:
    httpx2.put(f"{upstream.origin}/sandbox/fault", json={"fault": fault}, trust_env=False).raise_for_status()


def sent(upstream: Upstream) -> list[dict[str, Any]]:
    return [seen["body"] for seen in upstream.seen()["requests"] if seen["path"] == PATH]


async def spent(ask: Ask, client: Client) -> Decimal:
    answer = await ask(client, "get_spending")
    return sum((Decimal(total["billed"]) for total in answer.listed["totals"]), Decimal(0))


async def test_pictures_are_made_and_edited_with_a_dashscope_key_alone(
    alone: Alone, ask: Ask, upstream: Upstream
) -> None:
    async with alone() as client:
        texts = {tool.name: tool.description or "" for tool in (await client.list_tools()).tools}
        assert "Bills per picture (about 0.035 USD a picture, qwen-image-2.0)" in texts["generate_image"]
        made = await ask(client, "generate_image", **FOX)
        edited = await ask(client, "edit_image", images=made.handles[:1], prompt="make it blue")
        assert "Made 1 picture (dashscope, qwen-image-2.0)." in made.text
        assert "Edited 1 picture (dashscope, qwen-image-2.0)." in edited.text
        assert "cost: 0.035 USD" in made.text
        assert made.pictures[0].size == (512, 512)
        assert await spent(ask, client) == Decimal("0.07")
    first, second = sent(upstream)
    assert first == {
        "model": "qwen-image-2.0",
        "input": {"messages": [{"role": "user", "content": [{"text": "a red fox"}]}]},
        "parameters": {"n": 1, "size": "512*512", "prompt_extend": True, "watermark": False},
    }
    picture, words = second["input"]["messages"][0]["content"]
    assert picture["image"].startswith("data:image/png;base64,")
    assert words == {"text": "make it blue"}


async def test_two_pictures_are_two_requests_each_paid_once(alone: Alone, ask: Ask, upstream: Upstream) -> None:
    async with alone() as client:
        made = await ask(client, "generate_image", **FOX, count=2)
        assert len(made.pictures) == 2
        assert "cost: 0.07 USD" in made.text
        assert [body["parameters"]["n"] for body in sent(upstream)] == [1, 1]


async def test_a_size_and_a_format_that_the_model_lacks_are_made_here_for_nothing(
    alone: Alone, ask: Ask, upstream: Upstream
) -> None:
    async with alone() as client:
        made = await ask(client, "generate_image", prompt="a red fox", size="700x520", format="jpeg")
    assert "700x520 px  image/jpeg" in made.text
    assert "size: asked for 704x528, " in made.text
    assert "format: made as png, written as jpeg here for nothing" in made.text
    assert sent(upstream)[0]["parameters"]["size"] == "704*528"


async def test_a_ratio_is_asked_for_in_px_of_a_model_that_is_not_known_too(
    alone: Alone, ask: Ask, upstream: Upstream
) -> None:
    async with alone() as client:
        made = await ask(client, "generate_image", prompt="a red fox", size="4:1", model="=qwen-image-9")
    assert not made.failed, made.text
    assert sent(upstream)[0]["parameters"]["size"] == "2048*512"
    assert "no price is known for qwen-image-9 at dashscope" in made.text


@pytest.mark.parametrize(
    ("tool", "wanted", "text"),
    [
        ("edit_image", {"area": "left half"}, "qwen-image-2.0 takes no mask and no area"),
        ("edit_image", {"images": 4}, "qwen-image-2.0 takes 3 pictures at once, not 4: leave some out"),
        ("edit_image", {"model": "z-image-turbo"}, "z-image-turbo can't edit pictures: try model=qwen-image-2.0"),
        ("edit_image", {"fidelity": "high"}, "qwen-image-2.0 takes no fidelity"),
        ("generate_image", {"model": "qwen-image-edit-plus"}, "qwen-image-edit-plus can't generate pictures"),
        ("generate_image", {"quality": "high"}, "qwen-image-2.0 has no quality high"),
        ("generate_image", {"background": "transparent"}, "qwen-image-2.0 has no background transparent"),
        ("generate_image", {"format": "svg"}, "qwen-image-2.0 has no format svg: it has png, jpeg and webp"),
        ("generate_image", {"model": "gpt-image-2"}, "gpt-image-2 is a model of openai, not of dashscope"),
        ("generate_image", {"model": "qwen3.7-plus"}, "does not make pictures: pass an image model"),
    ],
)
async def test_what_the_model_can_not_do_is_said_before_anything_is_sent(
    alone: Alone, ask: Ask, upstream: Upstream, photo: Path, tool: str, wanted: dict[str, Any], text: str
) -> None:
    number = wanted.pop("images", 1) if tool == "edit_image" else 0
    arguments = {"prompt": "x", **({"images": [str(photo)] * number} if number else {}), **wanted}
    for named in ({}, {"provider": "dashscope"}):
        if "model of openai" in text and named:
            continue  # who names both is taken at their word
        async with alone(read_dirs=(photo.parent,)) as client:
            answer = await ask(client, tool, **arguments, **named)
        assert answer.failed
        assert text in answer.text
    assert not upstream.paid


async def test_auto_goes_to_the_service_that_can_do_what_is_asked(
    connect: Connect, settings: MakeSettings, ask: Ask, photo: Path
) -> None:
    both = settings(generate_provider="dashscope", read_dirs=(photo.parent,))
    async with connect(both) as client:
        plain = await ask(client, "edit_image", images=[str(photo)], prompt="x", size="1024x1024")
        masked = await ask(client, "edit_image", images=[str(photo)], prompt="x", area="left half", size="1024x1024")
    assert "(dashscope, qwen-image-2.0)" in plain.text
    assert "(openai, " in masked.text
    async with connect(settings()) as client:
        named = await ask(client, "generate_image", **FOX, model="z-image-turbo")
    assert "(dashscope, z-image-turbo)" in named.text, named.text


async def test_where_several_services_lack_something_it_is_said_what_each_lacks(
    connect: Connect, settings: MakeSettings, ask: Ask, upstream: Upstream
) -> None:
    async with connect(settings(openai_image_model="gpt-image-2")) as client:
        answer = await ask(client, "generate_image", prompt="x", background="transparent", format="jpeg")
    assert answer.failed
    assert "openai: " in answer.text
    assert "dashscope: qwen-image-2.0 has no background transparent" in answer.text
    assert not upstream.paid


@pytest.mark.parametrize(
    ("fault", "text", "billed"),
    [
        ("status=200;code=Arrearage;message=Overdue", "top it up or raise its limit", "0"),
        ("status=403;code=AllocationQuota.FreeTierOnly;message=Used", "turn off “use free tier only”", "0"),
        ("refusal=failed", "dashscope's moderation refused this", "0"),
        ("refusal=http", "dashscope's moderation refused this", "0"),
        ("status=401", "Keys belong to one region", "0"),
        ("picture=expired", "Such addresses expire", "0.035"),
        ("hits=dead", "can't be fetched", "0.035"),
        ("hits=private", "can't be", "0.035"),
        ("truncate=0", "may have been billed", "0.035"),
    ],
)
async def test_what_goes_wrong_is_named_with_its_fix_and_nothing_is_paid_twice(
    alone: Alone, ask: Ask, upstream: Upstream, fault: str, text: str, billed: str
) -> None:
    inject(upstream, fault)
    async with alone() as client:
        answer = await ask(client, "generate_image", **FOX)
        assert answer.failed
        assert text in answer.text, answer.text
        assert await spent(ask, client) == Decimal(billed)
    assert upstream.paid == 1


async def test_a_busy_service_is_asked_again_and_paid_once(alone: Alone, ask: Ask, upstream: Upstream) -> None:
    inject(upstream, "status=429;retry_after=0;times=1")
    async with alone() as client:
        answer = await ask(client, "generate_image", **FOX)
        assert not answer.failed, answer.text
        assert await spent(ask, client) == Decimal("0.035")
    assert upstream.paid == 2


async def test_an_answer_without_counts_is_settled_by_what_was_reserved(
    alone: Alone, ask: Ask, upstream: Upstream
) -> None:
    inject(upstream, "usage=missing")
    async with alone() as client:
        answer = await ask(client, "generate_image", **FOX)
    assert not answer.failed
    assert "cost: 0.035 USD" in answer.text
    assert "estimate" in answer.text


async def test_a_budget_holds_the_price_of_a_picture_before_it_is_made(
    alone: Alone, ask: Ask, upstream: Upstream
) -> None:
    async with alone(budget=("0.05 USD/day",)) as client:
        first = await ask(client, "generate_image", **FOX)
        second = await ask(client, "generate_image", **FOX | {"prompt": "a blue fox"})
    assert not first.failed, first.text
    assert second.failed
    assert "0.035 USD" in second.text
    assert upstream.paid == 1


async def test_the_price_is_told_before_the_call_by_the_class_of_size(alone: Alone, ask: Ask) -> None:
    told: dict[str, tuple[Any, ...]] = {}
    async with alone() as client:
        for size in ("1024x1024", "2048x2048", "auto"):
            arguments = {"prompt": "x", "size": size, "model": "qwen-image-3.0-pro"}
            [one] = (await ask(client, "estimate_cost", tool="generate_image", arguments=arguments)).listed["calls"]
            told[size] = (one["low"], one["high"])
    assert told == {"1024x1024": ("0.04", "0.04"), "2048x2048": ("0.075", "0.075"), "auto": ("0.04", "0.075")}


async def test_a_setting_names_the_image_model_and_is_looked_past_where_it_can_not_edit(
    alone: Alone, ask: Ask, photo: Path
) -> None:
    async with alone(dashscope_image_model="z-image-turbo", read_dirs=(photo.parent,)) as client:
        made = await ask(client, "generate_image", **FOX)
        edited = await ask(client, "edit_image", images=[str(photo)], prompt="x", size="512x512")
    assert "(dashscope, z-image-turbo)" in made.text
    assert "cost: 0.015 USD" in made.text
    assert "(dashscope, qwen-image-2.0)" in edited.text, edited.text
