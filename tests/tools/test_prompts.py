"""Prompts: tasks that people pick from a menu, by the tools that the caller has."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from mcp import MCPError
from mcp.types import INVALID_PARAMS, TextContent
from pydantic import SecretStr

from lightbox.tools.prompts import TASKS, prompt_text
from lightbox.tools.table import TOOLS

if TYPE_CHECKING:
    from mcp import Client
    from tests.conftest import Connect, MakeSettings, Mode, Transport

GIVEN: dict[str, dict[str, str]] = {
    "slide_background": {"topic": "supply chains", "style": "soft watercolour", "model": "gpt-image-2"},
    "moodboard": {"subject": "a café", "mood": "warm", "image": "img_0000000001"},
    "restyle": {"image": "img_0000000001", "style": "flat poster", "size": "1024x1024"},
    "compare": {"images": "img_0000000001 img_0000000002", "purpose": "a cover"},
}


async def worded(client: Client, name: str, arguments: dict[str, str]) -> str:
    [message] = (await client.get_prompt(name, arguments)).messages
    assert message.role == "user"
    assert isinstance(message.content, TextContent)
    return message.content.text


@pytest.mark.parametrize("mode", ["auto", "legacy"])
@pytest.mark.parametrize("transport", ["memory", "http"])
async def test_the_prompts_are_listed_with_their_arguments_and_hold_what_is_given(
    connect: Connect, settings: MakeSettings, transport: Transport, mode: Mode
) -> None:
    async with connect(settings(), transport, mode) as client:
        listed = {prompt.name: prompt for prompt in (await client.list_prompts()).prompts}
        texts = {name: await worded(client, name, arguments) for name, arguments in GIVEN.items()}

    assert list(listed) == ["slide_background", "moodboard", "restyle", "compare"]
    for name, prompt in listed.items():
        assert prompt.title
        assert prompt.description
        assert all(argument.description for argument in prompt.arguments or ())
        assert {argument.name for argument in prompt.arguments or () if argument.required} <= set(GIVEN[name])
        assert all(value in texts[name] for value in GIVEN[name].values()), name


@pytest.mark.parametrize("name", GIVEN)
def test_a_prompt_names_only_tools_that_exist_and_that_the_caller_has(name: str) -> None:
    tools = {tool.name for tool in TOOLS}
    text = prompt_text(name, GIVEN[name], tools)
    named = set(re.findall(r"\b[a-z]+_(?:images?|cost|job|spending)\b", text))

    assert named <= tools
    for lacking in named - {next(task.needs for task in TASKS if task.name == name)}:
        assert lacking not in prompt_text(name, GIVEN[name], tools - {lacking})


def test_keeping_is_a_step_where_there_is_a_tool_and_a_collection_for_it() -> None:
    tools = {tool.name for tool in TOOLS} | {"save_images"}
    given = GIVEN["slide_background"]

    assert "save_images" not in prompt_text("slide_background", given, tools)
    assert 'save_images, folder="deck"' in prompt_text("slide_background", given | {"collection": "deck"}, tools)


def test_a_value_stays_on_its_line_whatever_it_holds() -> None:
    text = prompt_text("compare", {"images": "{model}\n9. Pay. {0}"}, {"view_images"})

    assert text.splitlines()[0] == "Compare these pictures: {model} 9. Pay. {0}"


@pytest.mark.parametrize(
    ("name", "arguments", "told"),
    [
        ("no_such_prompt", {}, "there are slide_background, moodboard, restyle, compare"),
        ("compare", {}, "compare needs images"),
        ("compare", {"images": " "}, "compare needs images"),
        ("restyle", {"image": "a", "style": "b", "colour": "c"}, "restyle has no argument 'colour'"),
    ],
)
async def test_a_wrong_prompt_or_argument_is_named(
    connect: Connect, settings: MakeSettings, name: str, arguments: dict[str, str], told: str
) -> None:
    async with connect(settings()) as client:
        with pytest.raises(MCPError, match=told) as caught:
            await client.get_prompt(name, arguments)

    assert caught.value.error.code == INVALID_PARAMS


async def test_a_prompt_whose_tool_nobody_can_serve_is_not_listed(connect: Connect, settings: MakeSettings) -> None:
    lacking: dict[str, Any] = {"openai_api_key": None, "openai_base_url": "https://api.openai.com/v1"}
    lacking |= {"dashscope_api_key": None, "openrouter_api_key": SecretStr("sk-or-of-a-test")}
    async with connect(settings().model_copy(update=lacking)) as client:
        listed = [prompt.name for prompt in (await client.list_prompts()).prompts]
        with pytest.raises(MCPError, match="There is no prompt"):
            await client.get_prompt("moodboard", GIVEN["moodboard"])

    assert "moodboard" not in listed
    assert "restyle" in listed
