"""OpenRouter through the whole server: a client's calls, the sandbox's wire in OpenRouter's own form, the ledger."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from decimal import Decimal
from io import BytesIO
from typing import Any

import httpx2
import pytest
from PIL import Image
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


@pytest.fixture
def photo() -> str:
    """A small picture as a data URI."""
    drawn = BytesIO()
    Image.new("RGB", (640, 480), "teal").save(drawn, "PNG")
    return f"data:image/png;base64,{base64.b64encode(drawn.getvalue()).decode()}"


def fault(upstream: Upstream, text: str) -> None:
    httpx2.put(f"{upstream.origin}/sandbox/fault", json={"fault": text}, trust_env=False).raise_for_status()


def sent(upstream: Upstream) -> list[dict[str, Any]]:
    """Give the bodies of what would be paid for."""
    return [one["body"] for one in upstream.seen()["requests"] if one["path"].endswith("/responses")]


def billed(text: str) -> Decimal:
    found = re.search(r"cost: ([0-9.]+) USD", text)
    assert found, text
    return Decimal(found[1])


async def test_a_picture_is_made_by_the_tool_and_the_bill_is_what_the_service_says(
    openrouter: MakeOpenRouter, upstream: Upstream, connect: Connect, ask: Ask
) -> None:
    fault(upstream, "cost=0.0712")
    async with connect(openrouter()) as client:
        made = await ask(client, "generate_image", prompt="a red bicycle", size="16:9")
        spent = await ask(client, "get_spending")
    assert not made.failed, made.text
    assert billed(made.text) == Decimal("0.0712")
    assert "0.0712 USD" in spent.text
    assert "size: asked for 1376x768, cut to 1360x765 here for nothing" in made.text
    assert made.pictures
    [body] = sent(upstream)
    assert body["tools"] == [
        {"type": "openrouter:image_generation", "parameters": {"model": GEMINI, "aspect_ratio": "16:9"}}
    ]
    assert (body["tool_choice"], body["max_tool_calls"], body["store"], body["stream"]) == ("required", 1, False, True)
    assert not {"background", "previous_response_id"} & set(body)


async def test_a_larger_size_is_asked_for_in_2k_and_cut_to_the_px(
    openrouter: MakeOpenRouter, upstream: Upstream, connect: Connect, ask: Ask
) -> None:
    async with connect(openrouter()) as client:
        made = await ask(client, "generate_image", prompt="a wide beach", size="1920x1080")
    assert "1920x1080 px" in made.text
    assert "asked for 2752x1536" in made.text
    [body] = sent(upstream)
    assert body["tools"][0]["parameters"] == {"model": GEMINI, "aspect_ratio": "16:9", "size": "2K"}


@pytest.mark.parametrize("form", ["base64", "address", "data", "result"])
async def test_each_form_in_which_the_tool_gives_a_picture_is_read(
    openrouter: MakeOpenRouter, upstream: Upstream, connect: Connect, ask: Ask, form: str
) -> None:
    fault(upstream, f"form={form}")
    async with connect(openrouter()) as client:
        made = await ask(client, "generate_image", prompt="a small boat", model="openai/gpt-image-2", quality="low")
    assert not made.failed, made.text
    assert "Made 1 picture" in made.text
    assert upstream.paid == 1


async def test_an_address_that_the_guard_refuses_is_not_fetched(
    openrouter: MakeOpenRouter, upstream: Upstream, connect: Connect, ask: Ask
) -> None:
    fault(upstream, "form=address")
    async with connect(openrouter(fetch_allow=())) as client:
        made = await ask(client, "generate_image", prompt="a small boat")
    assert made.failed
    assert "The picture was made, but" in made.text
    assert billed(made.text) > 0  # it was made, so it is billed
    assert upstream.paid == 1


async def test_a_picture_whose_address_has_expired_is_named_and_not_made_again(
    openrouter: MakeOpenRouter, upstream: Upstream, connect: Connect, ask: Ask
) -> None:
    fault(upstream, "picture=expired")
    async with connect(openrouter()) as client:
        made = await ask(client, "generate_image", prompt="a small boat")
    assert made.failed
    assert "The picture was made, but" in made.text
    assert "403" in made.text
    assert upstream.paid == 1


async def test_an_edit_asks_the_image_model_itself_and_sends_the_picture_each_time(
    openrouter: MakeOpenRouter, upstream: Upstream, connect: Connect, ask: Ask
) -> None:
    async with connect(openrouter()) as client:
        made = await ask(client, "generate_image", prompt="a red bicycle")
        [handle] = made.handles
        upstream.forget()
        edited = await ask(client, "edit_image", images=[handle], prompt="make it blue", size="3:2", format="webp")
    assert not edited.failed, edited.text
    assert "image/webp" in edited.text
    [body] = sent(upstream)
    assert body["model"] == GEMINI
    assert body["modalities"] == ["image", "text"]
    assert body["image_config"] == {"aspect_ratio": "3:2"}
    assert "tools" not in body
    [message] = body["input"]
    assert [part["type"] for part in message["content"]] == ["input_text", "input_image"]
    assert billed(edited.text) > 0


async def test_a_maker_whose_models_write_no_words_is_asked_for_a_picture_alone(
    openrouter: MakeOpenRouter, upstream: Upstream, connect: Connect, ask: Ask, photo: str
) -> None:
    async with connect(openrouter()) as client:
        edited = await ask(client, "edit_image", images=[photo], prompt="snow", model="black-forest-labs/flux.2-pro")
    assert not edited.failed, edited.text
    [body] = sent(upstream)
    assert body["modalities"] == ["image"]


async def test_pictures_are_described_with_detail(
    openrouter: MakeOpenRouter, upstream: Upstream, connect: Connect, ask: Ask, photo: str
) -> None:
    async with connect(openrouter()) as client:
        described = await ask(client, "describe_images", images=[photo], question="What is it?", detail="low")
    assert not described.failed, described.text
    assert "openrouter, openai/gpt-5.6-luna" in described.text
    assert billed(described.text) > 0
    [body] = sent(upstream)
    assert body["input"][0]["content"][1]["detail"] == "low"


@pytest.mark.parametrize(
    "model",
    ["google/gemini-2.5-flash-image", "openai/gpt-image-2.5-flare", "bytedance-seed/seedream-4.5", "qwen/qwen-image-3"],
)
async def test_the_estimate_bounds_what_the_service_charges(
    openrouter: MakeOpenRouter, upstream: Upstream, connect: Connect, ask: Ask, photo: str, model: str
) -> None:
    del upstream
    async with connect(openrouter()) as client:
        for tool, more in (("generate_image", {}), ("edit_image", {"images": [photo]})):
            done = await ask(client, tool, prompt="a lighthouse", model=model, **more)
            assert not done.failed, done.text
            told = re.search(r"cost: ([0-9.]+) USD; estimate ([0-9.]+) USD(?: \(([0-9.]+) to ([0-9.]+)\))?", done.text)
            assert told, done.text
            cost, expected = Decimal(told[1]), Decimal(told[2])
            low, high = Decimal(told[3] or expected), Decimal(told[4] or expected)
            assert low <= cost <= high, done.text


async def test_any_model_may_be_named_and_its_bill_is_known_although_its_price_was_not(
    openrouter: MakeOpenRouter, connect: Connect, ask: Ask
) -> None:
    async with connect(openrouter()) as client:
        made = await ask(client, "generate_image", prompt="a kite", model="recraft/recraft-v4")
    assert not made.failed, made.text
    assert billed(made.text) > Decimal("0.04")
    assert "estimate unknown" in made.text


@pytest.mark.parametrize("lie", ["cost=-1", "cost=0", "cost=0.0000001", "cost=1000000"])
async def test_a_cost_that_can_not_be_true_is_settled_by_what_was_reserved(
    openrouter: MakeOpenRouter, upstream: Upstream, connect: Connect, ask: Ask, lie: str
) -> None:
    fault(upstream, lie)
    async with connect(openrouter()) as client:
        made = await ask(client, "generate_image", prompt="a kite")
    told = re.search(r"cost: ([0-9.]+) USD.*estimate [0-9.]+ USD \([0-9.]+ to ([0-9.]+)\)", made.text)
    assert told, made.text
    assert told[1] == told[2]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("status=402", ["No credit is left at openrouter", "https://openrouter.ai/settings/credits"]),
        ("status=402;code=openrouter_key_limit", ["This key has reached its own limit at openrouter"]),
        ("refusal=http", ["moderation refused the prompt or a picture sent with it", "violence"]),
        ("refusal=failed", ["moderation refused"]),
        ("status=429;retry_after=70", ["openrouter limits requests: try again in 70 s"]),
        (
            "status=429;retry_after=70;message=Rate limit exceeded: free-models-per-day",
            ["The free requests of this openrouter account are used up"],
        ),
        ("status=404;message=No endpoints found that support image output", ["Name another model"]),
        ("status=400;message=x/y is not a valid model ID", ["does not know", "lightbox doctor"]),
        ("status=400;message=aspect_ratio 7:3 is not supported", ["pass size=auto"]),
        ("status=403;message=Request blocked: prompt injection patterns detected", ["A guardrail of this openrouter"]),
    ],
)
async def test_each_fault_of_the_service_is_named_with_its_fix_and_nothing_is_paid(
    openrouter: MakeOpenRouter, upstream: Upstream, connect: Connect, ask: Ask, asked: str, said: list[str]
) -> None:
    fault(upstream, asked)
    async with connect(openrouter()) as client:
        made = await ask(client, "generate_image", prompt="a kite")
    assert made.failed
    for words in said:
        assert words in made.text
    assert upstream.paid == 1  # asked once


async def test_a_refusal_of_the_tool_itself_is_a_refusal(
    openrouter: MakeOpenRouter, upstream: Upstream, connect: Connect, ask: Ask
) -> None:
    fault(upstream, "refusal=item")
    async with connect(openrouter()) as client:
        made = await ask(client, "generate_image", prompt="a kite")
    assert made.failed
    assert "moderation refused" in made.text


async def test_a_key_of_another_service_is_named(openrouter: MakeOpenRouter, connect: Connect, ask: Ask) -> None:
    async with connect(openrouter(openrouter_api_key=SecretStr("wrong"))) as client:
        made = await ask(client, "generate_image", prompt="a kite")
    assert made.failed
    assert "check OPENROUTER_API_KEY" in made.text


async def test_what_a_known_model_lacks_is_told_before_anything_is_sent(
    openrouter: MakeOpenRouter, upstream: Upstream, connect: Connect, ask: Ask, photo: str
) -> None:
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"model": LITE}, f"{LITE} can't edit pictures: try model={GEMINI}"),
        ({"area": "left half"}, f"{GEMINI} takes no mask and no area"),
        ({"fidelity": "high"}, f"{GEMINI} takes no fidelity"),
        ({"quality": "high"}, f"{GEMINI} has no quality high"),
        ({"model": "x/y", "area": "left half"}, "takes no mask and no area"),
    ]
    async with connect(openrouter()) as client:
        for arguments, said in wrong:
            answer = await ask(client, "edit_image", images=[photo], prompt="snow", **arguments)
            assert answer.failed, arguments
            assert said in answer.text
    assert upstream.paid == 0


async def test_a_stream_that_breaks_is_not_sent_again(
    openrouter: MakeOpenRouter, upstream: Upstream, connect: Connect, ask: Ask
) -> None:
    fault(upstream, "drop=2")
    async with connect(openrouter()) as client:
        made = await ask(client, "generate_image", prompt="a kite")
    assert made.failed
    assert "may have been billed" in made.text
    assert upstream.paid == 1


async def test_a_service_that_is_full_is_asked_again(
    openrouter: MakeOpenRouter, upstream: Upstream, connect: Connect, ask: Ask
) -> None:
    fault(upstream, "status=503;retry_after=0;times=1")
    async with connect(openrouter()) as client:
        made = await ask(client, "generate_image", prompt="a kite")
    assert not made.failed, made.text
    assert upstream.paid == 2  # the first was turned away


async def test_openai_paints_where_both_keys_are_there_and_openrouter_what_only_it_has(
    openrouter: MakeOpenRouter, settings: MakeSettings, upstream: Upstream, connect: Connect, ask: Ask
) -> None:
    del openrouter
    both = settings(openrouter_api_key=SecretStr(KEY), openrouter_base_url=upstream.openrouter_url)
    async with connect(both) as client:
        usual = await ask(client, "estimate_cost", tool="generate_image", arguments={"prompt": "a kite"})
        flux = {"prompt": "a kite", "model": "black-forest-labs/flux.2-pro"}
        other = await ask(client, "estimate_cost", tool="generate_image", arguments=flux)
    assert "openai" in usual.text
    assert "openrouter" in other.text


async def test_the_key_is_never_shown(
    openrouter: MakeOpenRouter, upstream: Upstream, connect: Connect, ask: Ask
) -> None:
    fault(upstream, f"status=400;message=bad key {KEY}")
    async with connect(openrouter()) as client:
        made = await ask(client, "generate_image", prompt="a kite")
    assert made.failed
    assert KEY not in made.text


async def test_it_works_over_stdio_with_the_key_in_a_file(
    openrouter: MakeOpenRouter, connect: Connect, ask: Ask, tmp_path: Any
) -> None:
    (tmp_path / "key").write_text(f"{KEY}\n")
    kept = openrouter(openrouter_api_key=None, openrouter_api_key_file=tmp_path / "key")
    assert kept.openrouter_api_key is not None
    passed = kept.model_copy(update={"openrouter_api_key": None})  # the process reads the file itself
    async with connect(passed, "stdio") as client:
        made = await ask(client, "generate_image", prompt="a kite", model=LITE)
    assert not made.failed, made.text
    assert f"(openrouter, {LITE})" in made.text
    assert json.dumps(KEY) not in made.text
