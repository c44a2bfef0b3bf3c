"""Whatever stands in a body, the sandbox answers; it never crashes."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .conftest import Json, Wire

ODD: list[Any] = [None, True, -1, 1.5, "", "x🦊", [], {}, [1], [None], {"type": "x"}, 10**30]
WEB_SEARCH: Json = {
    "type": "web_search",
    "search_content_types": ["image"],
    "image_settings": {"max_results": 1, "caption": True},
}
NUMBERS: Json = {"type": "array", "items": {"type": "number"}}
MASK: Json = {"file_id": "f"}
BODIES: list[Json] = [
    {
        "model": "gpt-6.1-sol",
        "input": [
            {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Weather in Rome"}]},
            {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "c", "output": [{"type": "input_text", "text": "Rain"}]},
            {"role": "user", "content": "And in Oslo"},
        ],
        "tools": [
            {
                "type": "function",
                "name": "weather",
                "description": "Weather",
                "parameters": {
                    "type": "object",
                    "properties": {"city": {"type": "string", "maxLength": 9}, "n": {"enum": [1]}},
                    "required": ["city"],
                },
            }
        ],
        "tool_choice": {
            "type": "allowed_tools",
            "mode": "required",
            "tools": [{"type": "function", "name": "weather"}],
        },
        "reasoning": {"effort": "low", "summary": "auto"},
        "text": {"format": {"type": "json_schema", "name": "n", "schema": {"type": "object"}}},
        "metadata": {"a": "b"},
        "max_output_tokens": 400,
        "include": ["web_search_call.results"],
    },
    {
        "model": "gpt-6.1-sol",
        "input": "Hello",
        "tools": [WEB_SEARCH],
        "tool_choice": "required",
        "include": ["web_search_call.results"],
        "text": {"format": {"type": "json_schema", "name": "n", "schema": NUMBERS}},
    },
    {
        "model": "gpt-6.1-sol",
        "input": [{"role": "user", "content": [{"type": "input_image", "image_url": "data:,x", "detail": "low"}]}],
        "tools": [{"type": "image_generation", "model": "sandbox-image", "size": "64x64", "input_image_mask": MASK}],
        "tool_choice": {"type": "image_generation"},
    },
    {
        "model": "qwen3.7-plus",
        "input": "Find 1 picture of fox",
        "tools": [{"type": "web_search_image"}],
        "store": False,
    },
]


def odd_bodies(body: Json) -> Iterator[tuple[str, Json]]:
    for path in paths(body):
        for odd in ODD:
            changed = copy.deepcopy(body)
            place: Any = changed
            for part in path[:-1]:
                place = place[part]
            place[path[-1]] = odd
            yield f"{path} = {odd!r}", changed


def paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inner: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        inner = list(value.items())  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType] - any JSON
    elif isinstance(value, list):
        inner = list(enumerate(value))  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType] - any JSON
    for name, child in inner:
        yield (*path, name)
        yield from paths(child, (*path, name))


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(BODIES)))
def test_an_odd_body_is_answered_or_turned_down(wire: Wire, number: int) -> None:
    crashed = [
        place
        for place, body in odd_bodies(BODIES[number])
        if (answer := wire.post(body)).status >= 500 or b"its log says why" in answer.raw
    ]

    assert crashed == []


@pytest.mark.parametrize("model", ["gpt-6.1-sol", "qwen3.7-plus"])
def test_half_a_character_is_answered(wire: Wire, model: str) -> None:
    content = f'{{"model": "{model}", "input": "\\ud83e fox", "stream": true}}'.encode()

    answer = wire.send("POST", "/v1/responses", content=content, headers={"content-type": "application/json"})

    assert answer.kinds[-1] == "response.completed"


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"\xff"])
@pytest.mark.parametrize("path", ["/v1/responses", "/compatible-mode/v1/responses", "/v1/responses/input_tokens"])
def test_what_is_no_json_object_is_turned_down(wire: Wire, content: bytes, path: str) -> None:
    answer = wire.send("POST", path, content=content, headers={"content-type": "application/json"})

    assert answer.status == 400


@pytest.mark.parametrize("path", ["/v1/nothing", "/", "/v1/responses/resp_x/nothing", "/compatible-mode/v1/nothing"])
def test_an_address_that_does_not_exist_is_an_error_in_the_dialect(wire: Wire, path: str) -> None:
    answer = wire.send("GET", path)

    assert answer.status == 404
    assert ("request_id" in answer.json) is path.startswith("/compatible-mode")


@pytest.mark.parametrize("query", ["stream=true&starting_after=x", "stream=true&starting_after=-5"])
def test_an_odd_place_to_go_on_from_is_answered(wire: Wire, query: str) -> None:
    response = wire.post({"model": "gpt-6.1-sol", "input": "Hello"}).json

    answer = wire.send("GET", f"/v1/responses/{response['id']}?{query}")

    assert answer.status in {200, 400}


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        ("abc", "invalid_type"),
        ("1.5", "invalid_type"),
        ("-1", "integer_below_min_value"),
        ("60", "integer_below_min_value"),
        ("9" * 5_000, "invalid_type"),
        ("9" * 30, "integer_above_max_value"),
    ],
)
def test_an_odd_time_for_a_file_to_expire_after_is_turned_down(wire: Wire, seconds: str, code: str) -> None:
    form = {"purpose": "vision", "expires_after[anchor]": "created_at", "expires_after[seconds]": seconds}

    answer = wire.send("POST", "/v1/files", data=form, files={"file": ("a.png", b"x")})

    assert answer.status == 400
    error = answer.json["error"]
    assert (error["type"], error["param"], error["code"]) == ("invalid_request_error", "expires_after[seconds]", code)


def test_a_file_expires_when_that_is_asked(wire: Wire) -> None:
    form = {"purpose": "vision", "expires_after[anchor]": "created_at", "expires_after[seconds]": "3600"}

    file = wire.send("POST", "/v1/files", data=form, files={"file": ("a.png", b"x")}).json

    assert file["expires_at"] - file["created_at"] == 3600
