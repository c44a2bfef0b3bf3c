"""The sandbox as a strict server, as Azure, as one that knows no streams, and behind a gateway."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .conftest import Wire

PICTURE: dict[str, Any] = {
    "model": "gpt-6.1-sol",
    "input": "a fox",
    "tools": [{"type": "image_generation", "partial_images": 1}],
    "background": False,
}
TALK: dict[str, Any] = {"model": "gpt-6.1-sol", "input": "Hello", "stream": True}


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        ("openai", 400, "Unknown parameter: 'tools[0].partial_images'."),
        ("serde", 400, "unknown field `partial_images`, expected one of"),
        ("go", 400, 'json: unknown field \\"partial_images\\"'),
        ("zod", 400, "Unrecognized key(s) in object: 'partial_images'"),
        ("pydantic", 422, '"loc":["body","tools",0,"partial_images"]'),
        ("printed", 400, "'loc': ('body', 'tools', 0, 'partial_images')"),
    ],
)
def test_a_field_is_refused_in_the_words_of_one_kind_of_server(wire: Wire, words: str, status: int, said: str) -> None:
    answer = wire.post(PICTURE, fault=f"unknown=partial_images;strict={words}")
    assert answer.status == status
    assert said in answer.raw.decode()
    assert wire.post(TALK, fault="unknown=partial_images").status == 200


def test_fields_are_refused_one_at_a_time_those_of_the_request_first(wire: Wire) -> None:
    fault = "unknown=partial_images|background"
    assert wire.post(PICTURE, fault=fault).json["error"]["param"] == "background"
    without = {name: value for name, value in PICTURE.items() if name != "background"}
    assert wire.post(without, fault=fault).json["error"]["param"] == "tools[0].partial_images"


def test_a_stream_that_was_asked_for_can_come_as_one_json(wire: Wire) -> None:
    answer = wire.post(TALK, fault="whole")
    assert answer.headers["content-type"] == "application/json"
    assert answer.json["status"] == "completed"


def test_azure_wants_its_header_for_pictures_alone(wire: Wire) -> None:
    named = wire.post(PICTURE, fault="azure=named").json["error"]
    assert named["message"].endswith("through header: x-ms-oai-image-generation-deployment")
    assert wire.post(PICTURE, fault="azure=opaque").json["error"]["message"].startswith("There was an issue")
    assert wire.post(TALK, fault="azure=named").status == 200
    headers = {"x-sandbox-fault": "azure=named", "x-ms-oai-image-generation-deployment": "mine"}
    assert wire.send("POST", "/v1/responses", json=PICTURE, headers=headers).status == 200


@pytest.mark.parametrize("path", ["/v1", "/compatible-mode/v1"])
def test_all_is_served_again_behind_a_gateway_in_the_same_dialect(wire: Wire, path: str) -> None:
    behind, plain = (wire.post({}, path=f"{prefix}{path}/responses") for prefix in ("/gateway", ""))
    assert behind.status == plain.status == 400
    assert behind.json.keys() == plain.json.keys()
