"""A misspelt image model asks back; a name that is like no other, or is insisted on, is taken as it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Ask, Connect, MakeSettings, Upstream


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("gpt-imag-2", "gpt-image-2"),
        ("GPT Image 2", "gpt-image-2"),
        ("gpt-image-2.5", "gpt-image-2.5-sunburst"),
        ("gpt-image-3", "gpt-image-2"),
    ],
)
async def test_a_name_that_is_much_like_a_known_one_asks_back_and_nothing_is_sent(
    connect: Connect, ask: Ask, settings: MakeSettings, upstream: Upstream, written: str, meant: str
) -> None:
    async with connect(settings(), mode="legacy") as client:
        made = await ask(client, "generate_image", prompt="a fox", model=written)
        edited = await ask(client, "edit_image", images=["file-abc"], prompt="bluer", model=written)
        call = {"prompt": "a fox", "model": written}
        priced = await ask(client, "estimate_cost", tool="generate_image", arguments=call)

    for answer in (made, edited, priced):
        assert answer.failed
        assert f"'{written}' is not an image model that Lightbox knows" in answer.text
        assert meant in answer.text
        assert f"model='={written}'" in answer.text
        assert "Nothing was sent" in answer.text
    assert upstream.paid == 0


async def test_whoever_insists_gets_exactly_that_model(connect: Connect, ask: Ask, settings: MakeSettings) -> None:
    call = {"prompt": "a fox", "model": "=gpt-imag-2", "size": "256x256"}
    async with connect(settings()) as client:
        priced = await ask(client, "estimate_cost", tool="generate_image", arguments=call)
        made = await ask(client, "generate_image", **call)

    assert " gpt-imag-2 " in priced.text
    assert "=gpt-imag-2" not in priced.text
    assert not made.failed, made.text


@pytest.mark.parametrize("name", ["a-model-that-nobody-knows", "my-deployment", "flux-9"])
async def test_a_name_that_is_like_no_other_is_taken_as_it_stands(
    connect: Connect, ask: Ask, settings: MakeSettings, name: str
) -> None:
    async with connect(settings()) as client:
        made = await ask(client, "generate_image", prompt="a fox", model=name, size="256x256")

    assert not made.failed, made.text


async def test_what_the_settings_name_is_meant(connect: Connect, ask: Ask, settings: MakeSettings) -> None:
    async with connect(settings(openai_image_model="gpt-image-9")) as client:
        made = await ask(client, "generate_image", prompt="a fox", size="1024x1024", quality="low")

    assert not made.failed, made.text
