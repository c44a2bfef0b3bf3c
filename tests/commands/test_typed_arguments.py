"""Arguments as a person types them: each is read as its tool's schema says."""

from __future__ import annotations

from typing import Any

import anyio
import pytest
from mcp.types import Tool

from lightbox.app import stdio_server
from lightbox.commands.typed_arguments import read_arguments
from lightbox.errors import BadInput
from lightbox.settings import Settings


@pytest.fixture(scope="module")
def tools() -> dict[str, Tool]:
    server = stdio_server(Settings.model_construct(provider="sandbox"))
    return {tool.name: tool for tool in anyio.run(server.list_tools)}


@pytest.mark.parametrize(
    ("tool", "typed", "argument"),
    [
        ("generate_image", "prompt=2026", {"prompt": "2026"}),
        ("search_images", "query=true", {"query": "true"}),
        ("search_images", "query=null", {"query": "null"}),
        ("search_images", 'query="quoted" = yes', {"query": '"quoted" = yes'}),
        ("search_images", "model=5", {"model": "5"}),
        ("search_images", "count=3", {"count": 3}),
        ("search_images", "check=false", {"check": False}),
        ("search_images", "check=True", {"check": True}),
        ("generate_image", "quality=low", {"quality": "low"}),
        ("generate_image", "compression=80", {"compression": 80}),
        ("edit_image", "fidelity=high", {"fidelity": "high"}),
        ("view_images", "images=a", {"images": ["a"]}),
        ("view_images", "images=a,b", {"images": ["a", "b"]}),
        ("view_images", "images=a, b", {"images": ["a", "b"]}),
        ("view_images", 'images=["a,b", "c"]', {"images": ["a,b", "c"]}),
        (
            "view_images",
            "images=data:image/png;base64,AAAA,b,data:,x",
            {"images": ["data:image/png;base64,AAAA", "b", "data:,x"]},
        ),
        ("get_job", "wait_seconds=2", {"wait_seconds": 2}),
        ("get_job", "wait_seconds=0.5", {"wait_seconds": 0.5}),
        ("estimate_cost", 'arguments={"prompt": "a fox"}', {"arguments": {"prompt": "a fox"}}),
        ("estimate_cost", 'more=[{"tool": "get_job"}]', {"more": [{"tool": "get_job"}]}),
        ("estimate_cost", "tool=generate_image", {"tool": "generate_image"}),
    ],
)
def test_a_value_is_read_as_the_schema_says(
    tools: dict[str, Tool], tool: str, typed: str, argument: dict[str, Any]
) -> None:
    read = read_arguments(tools[tool], [typed])

    assert read == argument
    assert [type(value) for value in read.values()] == [type(value) for value in argument.values()]


@pytest.mark.parametrize(
    ("tool", "typed", "told"),
    [
        ("search_images", "count=many", "count 'many': write a whole number from 1 to 100."),
        ("search_images", "count=101", "count '101': write a whole number from 1 to 100."),
        ("search_images", "count=2.5", "count '2.5': write a whole number from 1 to 100."),
        ("search_images", "count=", "count '': write a whole number from 1 to 100."),
        ("search_images", f"count={'9' * 5000}", "…': write a whole number from 1 to 100."),
        ("search_images", "check=maybe", "check 'maybe': write true or false."),
        ("generate_image", "quality=superb", "quality 'superb': write auto, low, medium, high, xhigh or max."),
        ("edit_image", "fidelity=none", "fidelity 'none': write low or high."),
        ("get_job", "wait_seconds=soon", "wait_seconds 'soon': write a number of at least 0."),
        ("get_job", "wait_seconds=nan", "wait_seconds 'nan': write a number of at least 0."),
        ("view_images", "images=[a", "images '[a': write values with commas between them, or a JSON list."),
        ("estimate_cost", "arguments=prompt", "arguments 'prompt': write a JSON object"),
        ("estimate_cost", "arguments=[1]", "arguments '[1]': write a JSON object"),
        ("search_images", "qery=a fox", "search_images has no argument 'qery'. It takes query, count, analysis"),
        ("search_images", "query", "'query': write key=value"),
        ("search_images", "=a", "search_images has no argument ''"),
    ],
)
def test_what_does_not_fit_is_named_with_what_would_be_right(
    tools: dict[str, Tool], tool: str, typed: str, told: str
) -> None:
    with pytest.raises(BadInput) as caught:
        read_arguments(tools[tool], [typed])

    assert told in str(caught.value)


def test_an_argument_that_is_given_twice_is_named(tools: dict[str, Tool]) -> None:
    with pytest.raises(BadInput, match="count is given twice"):
        read_arguments(tools["search_images"], ["count=1", "count=2"])
