"""Which field a strict server does not take is read from the words of many servers, and from no other fault."""

from __future__ import annotations

from typing import Any

import pytest

from lightbox.wire.response import read_failure
from lightbox.wire.unknown_field import unknown_field


def detail(*loc: str | int) -> dict[str, Any]:
    return {"detail": [{"type": "extra_forbidden", "loc": list(loc), "msg": "Extra inputs are not permitted"}]}


def openai(message: str, code: str | None = None, param: str | None = None) -> dict[str, Any]:
    return {"error": {"message": message, "type": "invalid_request_error", "param": param, "code": code}}


LITELLM = (
    'litellm.BadRequestError: OpenAIException - {"error":{"message":"Unknown parameter: \'tools[0].partial_images\'.",'
    '"type":"invalid_request_error","param":"tools[0].partial_images","code":"unknown_parameter"}}'
)
SMG = (
    "Invalid JSON data: Failed to deserialize the JSON body into the target type: tools[0]: unknown field "
    "`search_content_types`, expected one of `external_web_access`, `filters` at line 1 column 283"
)
VLLM = (
    "[{'type': 'extra_forbidden', 'loc': ('body', 'tools', 0, 'ImageGeneration', 'action'), "
    "'msg': 'Extra inputs are not permitted', 'input': 'generate'}]"
)
PRINTED = (
    "1 validation error for ResponsesRequest\nbackground\n  Extra inputs are not permitted [type=extra_forbidden, "
    "input_value=True, input_type=bool]"
)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (openai("Unknown parameter: 'store'.", "unknown_parameter", "store"), "store"),
        (openai("Unknown parameter: 'x'.", "unknown_parameter", "tools[0].partial_images"), "tools.partial_images"),
        (openai("Unsupported parameter: 'background' is not supported.", "unsupported_parameter"), "background"),
        (openai("Unrecognized request argument supplied: background"), "background"),
        (openai("Background mode requires store to be true."), "background"),
        (openai("'store' is not supported by this server."), "store"),
        ({"error": {"message": LITELLM, "type": None, "param": None, "code": "400"}}, "tools.partial_images"),
        (openai(SMG, "unknown_parameter", "tools[0].search_content_types"), "tools.search_content_types"),
        (openai(SMG), "search_content_types"),
        ({"error": 'json: unknown field "background"'}, "background"),
        ({"error": {"code": 400, "message": "Unrecognized key(s) in object: 'store'"}}, "store"),
        ({"error": {"message": VLLM, "type": "Bad Request", "param": None, "code": 400}}, "tools.action"),
        (openai(PRINTED), "background"),
        (detail("body", "store"), "store"),
        (detail("body", "tools", 0, "ImageGeneration", "partial_images"), "tools.partial_images"),
        (openai("Additional properties are not allowed ('store' was unexpected)"), "store"),
        (openai("openai does not support parameters: ['background'], for model=x"), "background"),
        (openai("create() got an unexpected keyword argument 'background'"), "background"),
        (openai("Transparent background is not supported for JPEG output format.", None, "tools[0].background"), None),
        (openai("'background' is not supported for jpeg.", None, "tools[0].background"), "tools.background"),
        (openai("Invalid value: 'x'. Supported values are: 'low'.", "invalid_value", "tools[0].quality"), None),
        (openai("Your request was rejected by the safety system.", "moderation_blocked"), None),
        (openai("Missing required parameter: 'input'.", "missing_required_parameter", "input"), None),
        ({"detail": [{"type": "missing", "loc": ["body", "input"], "msg": "Field required"}]}, None),
        ({}, None),
        ("no JSON object", None),
    ],
)
def test_the_field_is_named_whatever_the_server_is_written_in(body: Any, field: str | None) -> None:
    assert unknown_field(read_failure(body, http_status=400)) == field


def test_a_message_of_any_length_and_shape_is_read_at_once() -> None:
    for text in ("unknown field " * 20_000, "[" * 300_000, "a." * 200_000 + " extra inputs are not permitted", "'" * 9):
        assert unknown_field(read_failure(openai(text), http_status=400)) in (None, "unknown", "a.a")
