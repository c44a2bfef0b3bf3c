"""What Open Responses asks of a server (openresponses.org), checked against the models made from its specification.

The suite of that project runs on another runtime. These are its cases in our words: each answer and each event is
validated, strictly, by `openresponses-types`, which is generated from the specification that the suite uses.
"""

from __future__ import annotations

import base64
import json
import time
import zlib
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import reduce
from typing import TYPE_CHECKING, Any

import openresponses_types.types as published
import pytest
from pydantic import BaseModel, TypeAdapter
from websockets.exceptions import ConnectionClosedError, InvalidStatus
from websockets.sync.client import connect

if TYPE_CHECKING:
    from .conftest import Answer, Json, Pictures, Wire

KINDS: list[Any] = [kind for name, kind in vars(published).items() if name.endswith("StreamingEvent")]
EVENTS: TypeAdapter[Any] = TypeAdapter(reduce(lambda one, other: one | other, KINDS))
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

    usual: Json = {"metadata": {}, "store": True, "presence_penalty": 0, "frequency_penalty": 0, "top_logprobs": 0}
    assert {name: response[name] for name in usual} == usual
    assert abs(response["created_at"] - time.time()) < 60
    assert response["created_at"] <= response["completed_at"] <= time.time()


@pytest.mark.parametrize("name", ["presence_penalty", "frequency_penalty"])
def test_a_penalty_beyond_its_bounds_is_refused(wire: Wire, name: str) -> None:
    answer = wire.post({"model": MODEL, "input": "Hello", name: 2.5})

    assert answer.status == 400
    assert answer.json["error"]["param"] == name


CREATE = {"type": "response.create", "model": MODEL, "store": False}
Turn = list[dict[str, Any]]


@contextmanager
def socket(wire: Wire, **headers: str) -> Generator[Callable[[Json], Turn]]:
    """Open a WebSocket; give what sends a message and waits for the events that answer it."""
    address = wire.origin.replace("http://", "ws://") + "/v1/responses"
    with connect(address, additional_headers={"authorization": "Bearer sandbox", **headers}, proxy=None) as opened:

        def ask(message: Json) -> Turn:
            opened.send(json.dumps(message))
            events: Turn = []
            while not events or events[-1]["type"] not in {"response.completed", "response.failed", "error"}:
                events.append(json.loads(opened.recv(timeout=10)))
                EVENTS.validate_python(events[-1])
            return events

        yield ask


def ended(events: Turn) -> Json:
    published.ResponseResource.model_validate_json(json.dumps(events[-1]["response"]), strict=True)
    assert events[-1]["response"]["status"] == "completed"
    return events[-1]["response"]


def code_of(events: Turn) -> str | None:
    return events[-1]["error"]["code"]


def test_a_websocket_answers_one_turn_after_another(wire: Wire) -> None:
    with socket(wire) as ask:
        turns = [ask(CREATE | {"input": text}) for text in ("Count from 1 to 3.", "And from 3 to 1.")]

    assert [ended(turn)["output"][-1]["type"] for turn in turns] == ["message", "message"]
    assert [asked["status"] for asked in wire.requests()["requests"]] == [200, 200]
    assert wire.requests()["responses"] == 2


def test_a_websocket_goes_on_from_what_was_not_stored_until_it_is_closed(wire: Wire) -> None:
    with socket(wire) as ask:
        first = ended(ask(CREATE | {"input": "Remember the code word: cobalt."}))
        again = CREATE | {"input": "What is it?", "previous_response_id": first["id"]}
        assert ended(ask(again))["previous_response_id"] == first["id"]
    with socket(wire) as ask:
        assert code_of(ask(again)) == "previous_response_not_found"
        ended(ask(CREATE | {"input": "Begin anew."}))


def test_a_turn_that_fails_ends_what_it_went_on_from(wire: Wire) -> None:
    with socket(wire) as ask:
        first = ended(ask(CREATE | {"input": "Remember the code word: ember."}))
        again = CREATE | {"previous_response_id": first["id"]}
        unasked = {"type": "function_call_output", "call_id": "call_missing", "output": "Nobody asked."}
        assert "call_missing" in ask(again | {"input": [unasked]})[-1]["error"]["message"]
        assert code_of(ask(again | {"input": "Go on."})) == "previous_response_not_found"


@pytest.mark.parametrize(
    ("message", "says"), [("no JSON", "JSON"), ('{"type": "x"}', "response.create"), ("[]", "None")]
)
def test_a_message_that_asks_for_nothing_is_told_so(wire: Wire, message: str, says: str) -> None:
    address = wire.origin.replace("http://", "ws://") + "/v1/responses"
    with connect(address, proxy=None) as opened:
        opened.send(message)
        assert says in json.loads(opened.recv(timeout=10))["error"]["message"]


def test_a_websocket_with_the_wrong_key_is_not_opened(wire: Wire) -> None:
    with pytest.raises(InvalidStatus, match="401"), socket(wire, authorization="Bearer wrong"):
        pass


def test_faults_strike_over_a_websocket_too(wire: Wire) -> None:
    with socket(wire) as ask:
        assert ask(CREATE | {"input": "Hi", "model": "sandbox-fault/status=429;times=1"})[-1]["status"] == 429
        ended(ask(CREATE | {"input": "Hi", "model": "sandbox-fault/status=429;times=1"}))
        with pytest.raises(ConnectionClosedError):
            ask(CREATE | {"input": "Hi", "model": "sandbox-fault/drop=2"})


TALK = [said("user", "We launch on Tuesday."), said("assistant", "Understood: Tuesday."), said("user", "Shorten this.")]


def test_a_conversation_is_made_short_and_goes_on(wire: Wire) -> None:
    short = valid(wire.post({"model": MODEL, "input": TALK}, path="/v1/responses/compact"), published.CompactResource)
    assert [item["type"] for item in short["output"]] == ["message", "message", "compaction"]
    with socket(wire) as ask:
        ended(ask(CREATE | {"input": [*short["output"], said("user", "Go on.")], "tools": []}))
    whole, packed = (
        wire.post({"model": MODEL, "input": items}, path="/v1/responses/input_tokens").json["input_tokens"]
        for items in (TALK, short["output"])
    )
    assert packed == whole


def test_a_conversation_without_a_model_is_not_made_short(wire: Wire) -> None:
    assert wire.post({"input": TALK}, path="/v1/responses/compact").status == 400


@pytest.mark.parametrize("content", ["", "nonsense", base64.b64encode(zlib.compress(b'{"a": 1}')).decode()])
def test_a_compaction_that_is_broken_is_refused(wire: Wire, content: str) -> None:
    item = {"type": "compaction", "id": "cmp_1", "encrypted_content": content}
    answer = wire.post({"model": MODEL, "input": [item, said("user", "Go on.")]})

    assert (answer.status, answer.json["error"]["code"]) == (400, "invalid_encrypted_content")


def test_an_output_that_answers_no_call_is_refused(wire: Wire) -> None:
    item = {"type": "function_call_output", "call_id": "call_missing", "output": "Nobody asked."}

    assert "call_missing" in wire.post({"model": MODEL, "input": [item]}).json["error"]["message"]
