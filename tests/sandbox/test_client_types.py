"""Every item and event validates, strictly, against the official client's own models."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from openai.types.responses import Response, ResponseItemList, ResponseStreamEvent
from pydantic import BaseModel, TypeAdapter

if TYPE_CHECKING:
    from .conftest import Json, Pictures, Wire

EVENT: TypeAdapter[Any] = TypeAdapter(ResponseStreamEvent)
SMALL = {"type": "image_generation", "model": "sandbox-image", "size": "256x256", "quality": "low"}
WEATHER = {
    "type": "function",
    "name": "get_weather",
    "description": "Tell the weather of a city",
    "strict": True,
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
        "additionalProperties": False,
    },
}
WEB = {
    "type": "web_search",
    "search_content_types": ["image", "text"],
    "image_settings": {"max_results": 3, "caption": True},
}
DOCUMENTED_EXTRAS = {
    *("results", "search_content_types", "image_settings"),
    *("frequency_penalty", "presence_penalty", "store"),
}
"""What the guide, or the specification of Open Responses, has and the client's models lack."""

BODIES: dict[str, Json] = {
    "words": {"input": "Hello"},
    "thoughts": {"input": "Hello", "reasoning": {"effort": "low", "summary": "auto"}},
    "no thoughts": {"input": "Hello", "reasoning": {"effort": "none"}},
    "picture": {"input": "Draw a fox", "tools": [SMALL | {"partial_images": 2}]},
    "function": {"input": "How is the weather in Paris", "tools": [WEATHER]},
    "allowed function": {
        "input": "Hello",
        "tools": [WEATHER],
        "tool_choice": {
            "type": "allowed_tools",
            "mode": "required",
            "tools": [{"type": "function", "name": "get_weather"}],
        },
    },
    "web search": {
        "input": "Search for pictures of: fox",
        "tools": [WEB],
        "tool_choice": "required",
        "include": ["web_search_call.results"],
    },
    "cut short": {"input": "word " * 100, "max_output_tokens": 20, "reasoning": {"effort": "none"}},
    "background": {"input": "Hello", "background": True, "store": True},
    "everything echoed": {
        "input": "Hello",
        "instructions": "Be brief",
        "metadata": {"a": "b"},
        "temperature": 0.2,
        "top_p": 0.9,
        "truncation": "auto",
        "text": {"format": {"type": "text"}, "verbosity": "low"},
        "parallel_tool_calls": False,
        "max_tool_calls": 3,
        "prompt_cache_key": "k",
        "safety_identifier": "s",
        "user": "u",
    },
}


@pytest.fixture(params=BODIES.values(), ids=list(BODIES))
def body(request: pytest.FixtureRequest) -> Json:
    return {"model": "gpt-6.1-sol"} | request.param


def test_every_event_fits_the_clients_models(wire: Wire, body: Json) -> None:
    answer = wire.post(body | {"stream": True})

    assert answer.headers["content-type"].startswith("text/event-stream")
    assert [event["sequence_number"] for event in answer.events] == list(range(len(answer.events)))
    assert answer.kinds[0] == "response.created"
    assert answer.kinds[-1] in {"response.completed", "response.incomplete"}
    for event in answer.events:
        assert unknown_fields(EVENT.validate_python(event, strict=True)) <= DOCUMENTED_EXTRAS, event["type"]


def test_every_response_fits_the_clients_models(wire: Wire, body: Json) -> None:
    response = Response.model_validate(wire.post(body).json, strict=True)

    assert unknown_fields(response) <= DOCUMENTED_EXTRAS


def test_a_stream_tells_the_same_as_the_response_that_ends_it(wire: Wire, body: Json) -> None:
    events = wire.post(body | {"stream": True}).events

    done = [event["item"] for event in events if event["type"] == "response.output_item.done"]
    assert done == events[-1]["response"]["output"]
    text = "".join(event["delta"] for event in events if event["type"] == "response.output_text.delta")
    messages = [item for item in done if item["type"] == "message"]
    assert text == "".join(part["text"] for message in messages for part in message["content"])


def test_what_was_sent_in_fits_the_clients_models(wire: Wire, pictures: Pictures) -> None:
    items = [
        *pictures.message("What is this?", pictures.png()),
        {"role": "assistant", "content": "A red one."},
        {"type": "function_call", "call_id": "call_1", "name": "f", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "call_1", "output": [{"type": "input_text", "text": "yes"}]},
        {"role": "user", "content": "And now?"},
    ]
    response = wire.post({"model": "gpt-6.1-sol", "input": items}).json

    listed = wire.send("GET", f"/v1/responses/{response['id']}/input_items").json

    assert len(ResponseItemList.model_validate(listed, strict=True).data) == len(items)


def unknown_fields(value: object) -> set[str]:
    """Give the names of all fields, at any depth, that the client's models do not have."""
    return {name for model in _models(value) for name in model.model_extra or {}}


def _models(value: object) -> Iterator[BaseModel]:
    if isinstance(value, BaseModel):
        yield value
        for name in type(value).model_fields:
            yield from _models(getattr(value, name))
    elif isinstance(value, list):
        for element in value:  # pyright: ignore[reportUnknownVariableType] - any list of any model
            yield from _models(element)  # pyright: ignore[reportUnknownArgumentType] - as above
