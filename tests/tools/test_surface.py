"""What a client sees before it calls: names, texts, schemas and annotations, and the shape of what comes back."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from mcp.types import Tool

from lightbox.app import Lifespan, make_server
from lightbox.settings import Settings
from lightbox.tools.table import TOOLS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Answer, Ask, Connect, MakeSettings, Mode, Transport, Upstream

SNAPSHOTS = Path(__file__).parent / "snapshots"
RENEW = "RENEW_SNAPSHOTS"
NAMES = [tool.name for tool in TOOLS]
LISTS = {"search_images", "find_similar_images", "list_images", "save_images"}
FIGURES = {"estimate_cost", "get_spending"}
PICTURES = {"generate_image", "edit_image", "view_images", "transform_image"}
BILLS = {"search_images", "find_similar_images", "generate_image", "edit_image", "describe_images"}
CHANGES = {"get_job", "save_images", "transform_image"}
CLOSED = {"get_job", "get_spending", "list_images"}
GEMINI = {
    *("type", "format", "title", "description", "nullable", "enum", "maxItems", "minItems", "properties", "required"),
    *("minProperties", "maxProperties", "minLength", "maxLength", "pattern", "example", "anyOf", "propertyOrdering"),
    *("default", "items", "minimum", "maximum"),
}
"""What Gemini's `Schema` knows; an unknown keyword fails the whole request (https://ai.google.dev/api/caching#Schema)."""
MOST_BYTES = 2_000
"""Some clients cut descriptions and instructions at 2 KB."""
SMALL: dict[str, Any] = {"model": "a-model-that-nobody-knows", "size": "256x256"}


@pytest.fixture
async def tools(connect: Connect, settings: MakeSettings) -> dict[str, Tool]:
    async with connect(settings()) as client:
        return {tool.name: tool for tool in (await client.list_tools()).tools}


@pytest.mark.parametrize("name", NAMES)
async def test_a_changed_tool_is_a_reviewed_change(tools: dict[str, Tool], name: str) -> None:
    tool = tools[name].model_dump(mode="json", by_alias=True, exclude_none=True)
    path = SNAPSHOTS / f"{name}.json"
    if os.environ.get(RENEW):
        path.write_text(json.dumps(tool, ensure_ascii=False, indent=2) + "\n", "utf-8")

    assert json.loads(path.read_text("utf-8")) == tool, f"if this is meant: {RENEW}=1 pytest {Path(__file__).name}"


def test_there_is_a_snapshot_for_every_tool_and_for_nothing_else() -> None:
    assert sorted(path.stem for path in SNAPSHOTS.glob("*.json")) == sorted(NAMES)


def test_the_design_names_all_tools_in_this_order() -> None:
    assert NAMES == [
        "search_images",
        "find_similar_images",
        "generate_image",
        "edit_image",
        "view_images",
        "describe_images",
        "transform_image",
        "list_images",
        "save_images",
        "estimate_cost",
        "get_job",
        "get_spending",
    ]


async def test_every_tool_has_a_title_and_a_text_below_2_kb(tools: dict[str, Tool]) -> None:
    for tool in tools.values():
        assert tool.title
        assert tool.annotations
        assert len((tool.description or "").encode()) < MOST_BYTES
        assert tool.description


async def test_what_bills_cancels_or_saves_is_not_called_read_only(tools: dict[str, Tool]) -> None:
    read_only = {name for name, tool in tools.items() if tool.annotations and tool.annotations.read_only_hint}

    assert read_only == set(NAMES) - BILLS - CHANGES


async def test_nothing_is_destructive_and_what_stays_on_this_machine_is_closed_world(tools: dict[str, Tool]) -> None:
    hints = {name: tool.annotations for name, tool in tools.items() if tool.annotations}

    assert len(hints) == len(NAMES)
    assert {name for name, hint in hints.items() if hint.destructive_hint is False} == BILLS | CHANGES
    assert {name for name, hint in hints.items() if hint.open_world_hint is False} == CLOSED


async def test_no_schema_has_a_union_at_its_top(tools: dict[str, Tool]) -> None:
    for tool in tools.values():
        for schema in filter(None, (tool.input_schema, tool.output_schema)):
            assert schema["type"] == "object"
            assert not {"anyOf", "oneOf", "allOf"} & set(schema)


def nodes(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Give a schema and every schema in it."""
    yield schema
    for inner in [*schema.get("properties", {}).values(), *filter(None, [schema.get("items")])]:
        yield from nodes(inner)


async def test_every_input_schema_passes_the_rules_of_openai_anthropic_and_gemini(tools: dict[str, Tool]) -> None:
    """OpenAI and Anthropic want an object at the top without alternatives, and names of 64 letters; Gemini the most.

    Its `Schema` knows these keywords alone, one type each, words as choices, and no required name that is no property.
    """
    for tool in tools.values():
        assert re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", tool.name)
        assert tool.input_schema["type"] == "object"
        for node in nodes(tool.input_schema):
            assert set(node) <= GEMINI, tool.name
            assert node["type"] in {"object", "array", "string", "integer", "number", "boolean"}
            assert ("items" in node) == (node["type"] == "array")
            assert "properties" not in node or node["type"] == "object"
            assert set(node.get("required", ())) <= set(node.get("properties", {}))
            assert all(isinstance(choice, str) for choice in node.get("enum", ()))
            assert "default" not in node or node["default"] is not None
            assert all(re.fullmatch(r"[a-zA-Z0-9_.-]{1,64}", name) for name in node.get("properties", {}))


async def test_a_null_is_taken_for_an_argument_that_may_be_left_out(
    connect: Connect, ask: Ask, settings: MakeSettings
) -> None:
    async with connect(settings()) as client:
        answer = await ask(client, "search_images", query="a red fox", check=False, model=None)

    assert not answer.failed, answer.text


async def test_every_argument_but_obvious_ones_is_described(tools: dict[str, Tool]) -> None:
    for tool in tools.values():
        bare = {name for name, schema in tool.input_schema["properties"].items() if "description" not in schema}
        assert bare <= {"format", "tool"}, tool.name


async def test_an_output_schema_is_listed_once_and_where_there_are_hits_or_figures(tools: dict[str, Tool]) -> None:
    assert {name for name, tool in tools.items() if tool.output_schema} == {"search_images"} | FIGURES


async def test_the_whole_list_stays_within_16_400_bytes(tools: dict[str, Tool]) -> None:
    listed = [tool.model_dump(mode="json", by_alias=True, exclude_none=True) for tool in tools.values()]
    assert len(json.dumps(listed, ensure_ascii=False, separators=(",", ":")).encode()) <= 16_400


async def test_the_list_is_the_same_for_every_connection_and_era(connect: Connect, settings: MakeSettings) -> None:
    made = settings()
    lists: list[Any] = []
    for mode in ("auto", "legacy"):
        async with connect(made, "memory", mode) as client:
            lists.append([tool.model_dump() for tool in (await client.list_tools()).tools])

    assert lists[0] == lists[1]


@pytest.mark.parametrize(
    "keys",
    [
        {},
        {"dashscope_api_key": None},
        {"openai_api_key": None, "openai_base_url": "https://api.openai.com/v1"},
        {"provider": "sandbox"},
    ],
)
def test_instructions_stay_below_2_kb_whoever_serves(settings: MakeSettings, keys: dict[str, Any]) -> None:
    instructions = make_server(Lifespan(_with(settings(), keys))).instructions or ""

    assert len(instructions.encode()) < MOST_BYTES
    assert instructions.count("An image reference names a picture") == 1


async def test_a_tool_that_nobody_can_serve_is_not_listed_and_the_key_that_brings_it_is_named(
    connect: Connect, settings: MakeSettings
) -> None:
    only_openai = _with(settings(), {"dashscope_api_key": None})
    async with connect(only_openai) as client:
        names = {tool.name for tool in (await client.list_tools()).tools}
        instructions = client.instructions or ""

    assert names == set(NAMES) - {"find_similar_images"}
    assert "Not available: find_similar_images: set DASHSCOPE_API_KEY." in instructions


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_a_tool_that_is_not_served_is_explained_to_a_client_that_remembers_it(
    connect: Connect, ask: Ask, settings: MakeSettings, upstream: Upstream, mode: Mode
) -> None:
    only_openai = _with(settings(), {"dashscope_api_key": None})
    async with connect(only_openai, "memory", mode) as client:
        absent = await ask(client, "find_similar_images", image="https://example.com/fox.png")
        unknown = await ask(client, "paint_image", prompt="a fox")

    assert absent.failed
    assert "find_similar_images is not served here" in absent.text
    assert "set DASHSCOPE_API_KEY" in absent.text
    assert unknown.failed
    assert "There is no tool 'paint_image': it is one of search_images," in unknown.text
    assert upstream.count == 0


def _with(settings: Settings, changed: dict[str, Any]) -> Settings:
    return settings.model_copy(update=changed)


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["auto", "legacy"])
@pytest.mark.parametrize("transport", ["memory", "stdio", "http"])
async def test_every_tool_answers_in_its_shape(
    connect: Connect, ask: Ask, settings: MakeSettings, upstream: Upstream, transport: Transport, mode: Mode
) -> None:
    async with connect(settings(), transport, mode) as client:
        await client.list_tools()  # from now on the client holds answers to the schemas
        found = await ask(client, "search_images", query="a mountain lake", count=3)
        image = found.handles[0]
        similar = await ask(client, "find_similar_images", image=image, count=2)
        made = await ask(client, "generate_image", prompt="a fox", **SMALL)
        [fox] = made.handles
        answers: dict[str, Answer] = {
            "search_images": found,
            "find_similar_images": similar,
            "generate_image": made,
            "edit_image": await ask(client, "edit_image", images=[fox], prompt="make it blue", **SMALL),
            "view_images": await ask(client, "view_images", images=[image, fox]),
            "describe_images": await ask(client, "describe_images", images=[fox]),
            "transform_image": await ask(client, "transform_image", images=[fox], crop="square", size="100x"),
            "list_images": await ask(client, "list_images"),
            "save_images": await ask(client, "save_images", images=[image, fox]),
            "estimate_cost": await ask(client, "estimate_cost", tool="view_images", arguments={}),
            "get_spending": await ask(client, "get_spending"),
            "get_job": await ask(client, "get_job", job_id=found.listed["job_id"]),
        }
        resource = (await client.read_resource(f"lightbox://images/{fox}")).contents[0]

    assert set(answers) == set(NAMES)
    for name, answer in answers.items():
        assert not answer.failed, answer.text
        kinds = [block.type for block in answer.result.content]
        assert kinds == (["text", "image"] if name in PICTURES else ["text"])
        assert (answer.result.structured_content is not None) == (name in LISTS | FIGURES | {"get_job"})
    assert answers["get_job"].listed["hits"] == found.listed["hits"]
    assert resource.mime_type == "image/png"
    assert upstream.paid == len(BILLS)


async def test_a_picture_answer_is_one_text_and_then_pictures(
    connect: Connect, ask: Ask, settings: MakeSettings
) -> None:
    async with connect(settings()) as client:
        answer = await ask(client, "generate_image", prompt="a fox", count=3, **SMALL)

    assert [block.type for block in answer.result.content] == ["text", "image", "image", "image"]
    assert answer.result.structured_content is None


async def test_an_error_carries_no_structured_content(connect: Connect, ask: Ask, settings: MakeSettings) -> None:
    async with connect(settings()) as client:
        answer = await ask(client, "search_images", query="")

    assert answer.failed
    assert answer.result.structured_content is None


async def test_a_list_says_the_same_in_both_channels(connect: Connect, ask: Ask, settings: MakeSettings) -> None:
    async with connect(settings()) as client:
        answer = await ask(client, "search_images", query="a fox in the forest by the sea", count=3)

    assert answer.listed["hits"]
    for hit in answer.listed["hits"]:
        said = (hit["image"], hit["title"], hit["image_url"], f"{hit['width']}x{hit['height']}", hit["state"])
        assert all(value in answer.text for value in said)
    assert answer.listed["job_id"] in answer.text
