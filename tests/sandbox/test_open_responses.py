"""What Open Responses asks of a server (openresponses.org), checked against the models made from its specification.

The suite of that project runs on another runtime. These are its cases in our words: each answer and each event is
validated, strictly, by `openresponses-types`, which is generated from the specification that the suite uses.
"""

from __future__ import annotations

import time
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

import openresponses_types.types as published
import pytest
from pydantic import BaseModel, TypeAdapter

if TYPE_CHECKING:
    from .conftest import Answer, Json, Pictures, Wire

KINDS: list[Any] = [kind for name, kind in vars(published).items() if name.endswith("StreamingEvent")]
EVENTS: TypeAdapter[Any] = TypeAdapter(reduce(or_, KINDS))
WEATHER = {
    "type": "function",
    "name": "get_weather",
    "description": "Get the current weather for a location",
    "parameters": {
        "type": "object",
        "properties": {"location": {"type": "string", "description": "The city, e.g. San Francisco"}},
        "required": ["location"],
    },
}
NAMED = {"type": "function", "name": "get_weather"}
MODEL = "gpt-4o-mini"


def said(role: str, text: str, **more: str) -> Json:
    return {"type": "message", "role": role, "content": text, **more}


ASKED: dict[str, Json] = {
    "a plain text": {"input": [said("user", "Say hello in exactly 3 words.")]},
    "a system prompt": {"input": [said("system", "You are a pirate."), said("user", "Say hello.")]},
    "several turns": {
        "input": [
            said("user", "My name is Alice."),
            said("assistant", "Hello Alice! How can I help you?"),
            said("user", "What is my name?"),
        ]
    },
    "an answer's phases": {
        "input": [
            said("assistant", "I should look up the number.", phase="commentary"),
            said("assistant", "The number is four.", phase="final_answer"),
            said("user", "Repeat only the number."),
        ]
    },
    "a function": {"input": [said("user", "What's the weather like in San Francisco?")], "tools": [WEATHER]},
    "all options": {
        "input": "Hello",
        "instructions": "Be brief",
        "metadata": {"project": "kites"},
        "store": False,
        "temperature": 0.2,
        "top_p": 0.9,
        "presence_penalty": 0.5,
        "frequency_penalty": -0.5,
        "max_output_tokens": 400,
        "max_tool_calls": 3,
        "parallel_tool_calls": False,
        "truncation": "auto",
        "reasoning": {"effort": "low", "summary": "auto"},
        "text": {"format": {"type": "json_object"}, "verbosity": "low"},
        "tool_choice": {
            "type": "allowed_tools",
            "mode": "auto",
            "tools": [{"type": "function", "name": "get_weather"}],
        },
        "tools": [WEATHER],
        "prompt_cache_key": "k",
        "safety_identifier": "s",
    },
}


@pytest.fixture(params=ASKED.values(), ids=list(ASKED))
def body(request: pytest.FixtureRequest) -> Json:
    return {"model": MODEL} | request.param


def valid(answer: Answer, kind: type[BaseModel] = published.ResponseResource) -> Json:
    assert answer.status == 200, answer.raw
    kind.model_validate_json(answer.raw, strict=True)
    return answer.json


def test_a_response_is_what_the_specification_says(wire: Wire, body: Json) -> None:
    response = valid(wire.post(body))

    assert response["status"] == "completed"
    assert response["output"]


def test_every_event_is_what_the_specification_says(wire: Wire, body: Json) -> None:
    events = wire.post(body | {"stream": True}).events

    for event in events:
        EVENTS.validate_python(event)
    published.ResponseResource.model_validate(events[-1]["response"])
    assert events[-1]["type"] == "response.completed"


def test_a_picture_is_looked_at(wire: Wire, pictures: Pictures) -> None:
    response = valid(wire.post({"model": MODEL, "input": pictures.message("What is this?", pictures.png())}))

    assert response["status"] == "completed"


def test_a_function_is_called_piece_by_piece(wire: Wire) -> None:
    body = {"model": MODEL, "input": "What's the weather like in San Francisco?", "tools": [WEATHER], "stream": True}
    answer = wire.post(body)

    assert {"response.function_call_arguments.delta", "response.function_call_arguments.done"} <= set(answer.kinds)
    told = [event for event in answer.events if event["type"].startswith("response.output_item.")]
    assert {(event["type"], event["item"]["type"]) for event in told} >= {
        ("response.output_item.added", "function_call"),
        ("response.output_item.done", "function_call"),
    }


def test_what_was_asked_comes_back_as_it_was_given(wire: Wire) -> None:
    asked = ASKED["all options"]
    response = valid(wire.post({"model": MODEL} | asked))

    same = set(asked) - {"input", "tools", "reasoning"}
    assert {name: response[name] for name in same} == {name: asked[name] for name in same}
    assert response["tools"] == [WEATHER | {"strict": True}]


def test_what_was_not_asked_comes_back_as_the_usual(wire: Wire) -> None:
    response = valid(wire.post({"model": MODEL, "input": "Hello"}))

    usual = {"metadata": {}, "store": True, "presence_penalty": 0, "frequency_penalty": 0, "top_logprobs": 0}
    assert {name: response[name] for name in usual} == usual
    assert abs(response["created_at"] - time.time()) < 60
    assert response["created_at"] <= response["completed_at"] <= time.time()


@pytest.mark.parametrize("name", ["presence_penalty", "frequency_penalty"])
def test_a_penalty_beyond_its_bounds_is_refused(wire: Wire, name: str) -> None:
    answer = wire.post({"model": MODEL, "input": "Hello", name: 2.5})

    assert answer.status == 400
    assert answer.json["error"]["param"] == name
