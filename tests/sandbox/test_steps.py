"""A task of several steps for the client's functions, servers that take no lists, and what a request showed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

if TYPE_CHECKING:
    from .conftest import Json, Pictures, Wire

MODEL = "gpt-5.6-terra"
NAMES: Any = {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 24}
SEARCH: Any = {
    "type": "function",
    "name": "search_images",
    "description": "Find pictures by words. Look at them with view_images.",
    "parameters": {"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]},
}
VIEW: Any = {
    "type": "function",
    "name": "view_images",
    "description": "Look at pictures",
    "parameters": {"type": "object", "properties": {"images": NAMES}, "required": ["images"]},
}
EDIT: Any = {
    "type": "function",
    "name": "edit_image",
    "description": "Change pictures",
    "parameters": {
        "type": "object",
        "properties": {"images": NAMES, "prompt": {"type": "string"}, "mask": {"type": "string"}},
        "required": ["images", "prompt"],
    },
}
TASK = 'Search for "a lighthouse", then view them, and then edit the second one: "add a boat"'
FOUND = "1. img_aaaaaaaaa1 \u201cOne\u201d 2. img_bbbbbbbbb2 \u201cTwo\u201d, next: img_aaaaaaaaa1"


def asked(wire: Wire, items: list[Json], **more: Any) -> Json:
    answer = wire.post({"model": MODEL, "input": items, "tools": [SEARCH, VIEW, EDIT], **more})
    assert answer.status == 200, answer.raw
    return answer.json


def answered(call: Json, output: Any) -> Json:
    return {"type": "function_call_output", "call_id": call["call_id"], "output": output}


def called(response: Json) -> tuple[Json, str, Json]:
    [call] = [item for item in response["output"] if item["type"] == "function_call"]
    tool = next(tool for tool in (SEARCH, VIEW, EDIT) if tool["name"] == call["name"])
    jsonschema.validate(json.loads(call["arguments"]), tool["parameters"])
    return call, call["name"], json.loads(call["arguments"])


def shown(pictures: Pictures, *words: str) -> list[Json]:
    picture = {"type": "input_image", "image_url": pictures.uri(pictures.png((320, 200)))}
    return [*({"type": "input_text", "text": word} for word in words), picture]


@pytest.mark.parametrize("as_message", [False, True])
def test_steps_are_done_one_after_another_with_the_pictures_that_functions_named(
    wire: Wire, pictures: Pictures, *, as_message: bool
) -> None:
    items: list[Json] = [{"role": "user", "content": TASK}]
    done: list[tuple[str, Json]] = []
    outputs: list[Any] = [FOUND, shown(pictures, "Seen: img_aaaaaaaaa1 img_bbbbbbbbb2"), "Edited: img_ccccccccc3"]

    for output in outputs:
        response = asked(wire, items)
        call, name, arguments = called(response)
        done.append((name, arguments))
        items += response["output"]
        if as_message and isinstance(output, list):
            items.append(answered(call, output[0]["text"]))
            items.append({"role": "user", "content": shown(pictures, f"Picture 1 of {call['call_id']}:")})
        else:
            items.append(answered(call, output))
    last = asked(wire, items)

    assert done == [
        ("search_images", {"query": "a lighthouse"}),
        ("view_images", {"images": ["img_aaaaaaaaa1", "img_bbbbbbbbb2"]}),
        ("edit_image", {"images": ["img_bbbbbbbbb2"], "prompt": "add a boat"}),
    ]
    said = last["output"][-1]["content"][0]["text"]
    assert "Edited: img_ccccccccc3" in said
    assert "320 x 200 px" in said
    assert [one["pictures"] for one in wire.requests()["requests"]] == [
        [],
        [],
        *[["message" if as_message else "function_call_output"]] * 2,
    ]


def test_a_task_without_steps_ends_after_one_call(wire: Wire) -> None:
    items: list[Json] = [{"role": "user", "content": 'Search for "a lighthouse"'}]
    response = asked(wire, items)
    call, _, _ = called(response)

    last = asked(wire, [*items, *response["output"], answered(call, FOUND)])

    assert [item["type"] for item in last["output"] if item["type"] != "reasoning"] == ["message"]


def test_a_user_who_speaks_after_an_output_is_heard(wire: Wire, pictures: Pictures) -> None:
    items: list[Json] = [{"role": "user", "content": 'Search for "a lighthouse"'}]
    response = asked(wire, items)
    call, _, _ = called(response)
    items += [*response["output"], answered(call, FOUND)]

    last = asked(wire, [*items, {"role": "user", "content": shown(pictures, "Edit this")}])

    assert called(last)[1] == "edit_image"


def test_lists_are_refused_on_demand_and_texts_are_taken(wire: Wire, pictures: Pictures) -> None:
    items: list[Json] = [{"role": "user", "content": TASK}]
    response = asked(wire, items)
    call, _, _ = called(response)
    items += response["output"]
    tools = {"model": MODEL, "tools": [SEARCH, VIEW]}

    for output in (shown(pictures, "Here"), [{"type": "input_text", "text": "Here"}]):
        refused = wire.post(tools | {"input": [*items, answered(call, output)]}, fault="outputs=text")
        assert refused.status == 400
        assert refused.json == {
            "error": {
                "message": "Invalid type for 'input'.",
                "type": "invalid_request_error",
                "param": "input",
                "code": "invalid_union",
            }
        }
    taken = wire.post(tools | {"input": [*items, answered(call, "Here")]}, fault="outputs=text")
    assert taken.status == 200
    assert wire.post(tools | {"input": [*items, answered(call, shown(pictures, "Here"))]}).status == 200


def test_pictures_are_counted_in_a_body_of_any_shape(wire: Wire) -> None:
    for given in ("text", None, [1, "x", {"content": 3}, {"output": [None, {"type": "input_image"}]}], {"a": 1}):
        wire.post({"model": MODEL, "input": given})

    assert [one["pictures"] for one in wire.requests()["requests"]] == [[], [], ["message"], []]
