"""The official client is satisfied: everything that it can ask of the API, asked with it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx2
import jsonschema
import openai
import pytest
from pydantic import BaseModel

from lightbox_sandbox.server import Sandbox

if TYPE_CHECKING:
    from openai.types.responses import Response

    from .conftest import Pictures, Wire

MODEL = "gpt-6.1-sol"
SMALL: Any = {"type": "image_generation", "model": "sandbox-image", "size": "256x256", "quality": "low"}
EDIT: Any = SMALL | {"action": "edit"}
WEATHER: Any = {
    "type": "function",
    "name": "get_weather",
    "description": "Tell the weather of a city",
    "strict": True,
    "parameters": {
        "type": "object",
        "properties": {
            "city": {"type": "string"},
            "days": {"type": "integer", "minimum": 1, "maximum": 14},
            "unit": {"type": ["string", "null"], "enum": ["celsius", "fahrenheit", None]},
        },
        "required": ["city", "days", "unit"],
        "additionalProperties": False,
    },
}
PALETTE: Any = {
    "type": "function",
    "name": "pick_palette",
    "description": "Choose colours",
    "parameters": {
        "type": "object",
        "properties": {
            "colours": {"type": "array", "items": {"$ref": "#/$defs/colour"}, "minItems": 2},
            "bright": {"type": "boolean"},
            "note": {"type": "string", "maxLength": 20},
        },
        "required": ["colours", "bright", "note"],
        "$defs": {"colour": {"anyOf": [{"type": "object", "properties": {"hex": {"type": "string"}}}]}},
    },
}


def test_an_answer_says_that_the_sandbox_wrote_it(client: openai.OpenAI) -> None:
    response = client.responses.create(model=MODEL, input="Hello there")

    assert response.status == "completed"
    assert response.output_text.startswith("[sandbox]")
    assert "Hello there" in response.output_text
    assert response.metadata == {}


def test_what_the_request_said_stands_in_the_response(client: openai.OpenAI) -> None:
    response = client.responses.create(
        model="any-model-at-all", input="Hello", instructions="Be brief", metadata={"order": "7"}, temperature=0.5
    )

    assert (response.model, response.instructions, response.temperature) == ("any-model-at-all", "Be brief", 0.5)
    assert response.metadata is not None
    assert response.metadata["order"] == "7"


def test_the_clients_stream_helper_puts_the_response_together(client: openai.OpenAI) -> None:
    with client.responses.stream(model=MODEL, input="How is the weather in Rome", tools=[WEATHER]) as stream:
        final = stream.get_final_response()

    assert final.output[-1].type == "function_call"
    assert json.loads(final.output[-1].arguments)["city"] == "Rome"


def test_a_response_can_be_asked_for_again_and_deleted(client: openai.OpenAI) -> None:
    response = client.responses.create(model=MODEL, input="Hello")

    assert client.responses.retrieve(response.id) == response
    client.responses.delete(response.id)
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(response.id)


def test_a_response_that_is_not_to_be_stored_is_gone(client: openai.OpenAI) -> None:
    response = client.responses.create(model=MODEL, input="Hello", store=False)

    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(response.id)
    with pytest.raises(openai.BadRequestError) as caught:
        client.responses.create(model=MODEL, input="More", previous_response_id=response.id)
    assert caught.value.code == "previous_response_not_found"


def test_a_dropped_stream_goes_on_where_it_broke_off(client: openai.OpenAI) -> None:
    first = client.responses.create(model=MODEL, input="Draw a fox", tools=[SMALL], background=True, stream=True)
    begun = [next(first) for _ in range(5)]
    first.close()
    created = begun[0]
    assert created.type == "response.created"

    rest = list(client.responses.retrieve(created.response.id, stream=True, starting_after=begun[-1].sequence_number))

    numbers = [event.sequence_number for event in [*begun, *rest]]
    assert numbers == list(range(len(numbers)))
    assert rest[-1].type == "response.completed"
    assert rest[-1].response == client.responses.retrieve(created.response.id)


def test_background_work_is_polled_until_it_is_done(client: openai.OpenAI) -> None:
    slow = {"x-sandbox-fault": "delay=0.2"}
    begun = client.responses.create(model=MODEL, input="Hello", background=True, extra_headers=slow)
    statuses = {begun.status}

    assert begun.status in {"queued", "in_progress"}
    while (polled := client.responses.retrieve(begun.id)).status in {"queued", "in_progress"}:
        statuses.add(polled.status)

    assert polled.status == "completed"
    assert "completed" not in statuses
    assert polled.output_text


def test_background_work_can_be_cancelled(client: openai.OpenAI) -> None:
    never = {"x-sandbox-fault": "delay=600"}
    begun = client.responses.create(model=MODEL, input="Hello", background=True, extra_headers=never)

    assert client.responses.cancel(begun.id).status == "cancelled"
    assert client.responses.retrieve(begun.id).status == "cancelled"
    assert client.responses.cancel(begun.id).status == "cancelled"


def test_what_is_answered_at_once_can_not_be_cancelled(client: openai.OpenAI) -> None:
    response = client.responses.create(model=MODEL, input="Hello")

    with pytest.raises(openai.BadRequestError, match="synchronous"):
        client.responses.cancel(response.id)


def test_input_items_come_page_by_page(client: openai.OpenAI) -> None:
    said: Any = [{"role": "user", "content": f"Number {number}"} for number in range(5)]
    response = client.responses.create(model=MODEL, input=said)

    newest = client.responses.input_items.list(response.id, limit=2)
    oldest = client.responses.input_items.list(response.id, limit=2, order="asc")

    assert [item.to_dict()["content"][0]["text"] for item in newest.data] == ["Number 4", "Number 3"]  # type: ignore[index]
    assert len(list(oldest)) == 5
    with pytest.raises(openai.BadRequestError):
        client.responses.input_items.list(response.id, limit=101)


def test_models_are_listed_and_any_name_is_one(client: openai.OpenAI) -> None:
    names = [model.id for model in client.models.list()]

    assert {"gpt-6.1-sol", "gpt-image-2", "sandbox"} <= set(names)
    assert client.models.retrieve("someone/else-7b").id == "someone/else-7b"


def test_the_wrong_key_is_rejected_and_any_other_is_not(sandbox: Sandbox, wire: Wire) -> None:
    with openai.OpenAI(base_url=sandbox.base_url, api_key="wrong", max_retries=0) as client:
        with pytest.raises(openai.AuthenticationError) as caught:
            client.models.list()
        assert caught.value.code == "invalid_api_key"
    assert wire.post({"model": MODEL, "input": "No key at all"}).status == 200


# What was said before


def test_a_chain_of_responses_remembers_the_picture(client: openai.OpenAI, pictures: Pictures) -> None:
    first = client.responses.create(model=MODEL, input="Paint a fox", tools=[SMALL])
    edited = client.responses.create(
        model=MODEL,
        input="Make it brighter",
        tools=[EDIT],
        previous_response_id=first.id,
    )

    item = image_item(edited)
    assert (item.action, item.size) == ("edit", "256x256")
    assert pictures.decoded(item.result).tobytes() != pictures.decoded(image_item(first).result).tobytes()
    assert edited.previous_response_id == first.id


def test_an_earlier_picture_is_known_by_its_items_id(client: openai.OpenAI) -> None:
    first = client.responses.create(model=MODEL, input="Paint a fox", tools=[SMALL])
    replayed: Any = [
        {"type": "image_generation_call", "id": image_item(first).id},
        {"role": "user", "content": "Add a frame"},
    ]

    edited = client.responses.create(model=MODEL, input=replayed, tools=[EDIT], store=False)

    assert image_item(edited).action == "edit"


def test_items_can_be_replayed_without_anything_stored(client: openai.OpenAI) -> None:
    first = client.responses.create(model=MODEL, input="Paint a fox", tools=[SMALL], store=False)
    replayed: Any = [
        {"role": "user", "content": "Paint a fox"},
        *[item.to_dict(mode="json") for item in first.output],
        {"role": "user", "content": "Add a frame"},
    ]

    edited = client.responses.create(model=MODEL, input=replayed, tools=[SMALL], store=False)

    assert image_item(edited).action == "edit"


def test_an_item_that_nobody_stored_is_not_found(client: openai.OpenAI) -> None:
    replayed: Any = [{"type": "item_reference", "id": "msg_unknown"}, {"role": "user", "content": "Go on"}]

    with pytest.raises(openai.NotFoundError, match="not persisted"):
        client.responses.create(model=MODEL, input=replayed)


# Functions


@pytest.mark.parametrize(
    ("text", "choice", "called"),
    [
        ("How is the weather in Oslo for 3 days", "auto", "get_weather"),
        ("Hello", "auto", None),
        ("How is the weather in Oslo", "none", None),
        ("Hello", "required", "get_weather"),
        ("How is the weather", {"type": "function", "name": "pick_palette"}, "pick_palette"),
        (
            "How is the weather",
            {"type": "allowed_tools", "mode": "auto", "tools": [{"type": "function", "name": "pick_palette"}]},
            None,
        ),
        (
            "How is the weather",
            {"type": "allowed_tools", "mode": "required", "tools": [{"type": "function", "name": "pick_palette"}]},
            "pick_palette",
        ),
    ],
)
def test_tool_choice_decides_which_function_is_called(
    client: openai.OpenAI, text: str, choice: Any, called: str | None
) -> None:
    response = client.responses.create(model=MODEL, input=text, tools=[WEATHER, PALETTE], tool_choice=choice)

    calls = [item for item in response.output if item.type == "function_call"]
    assert [call.name for call in calls] == ([called] if called else [])
    assert bool(response.output_text) is (called is None)
    for call in calls:
        schema = WEATHER if call.name == "get_weather" else PALETTE
        jsonschema.validate(json.loads(call.arguments), schema["parameters"])


def test_arguments_are_taken_from_the_users_words(client: openai.OpenAI) -> None:
    response = client.responses.create(
        model=MODEL, input="How is the weather in Oslo for 3 days, in fahrenheit", tools=[WEATHER]
    )

    [call] = [item for item in response.output if item.type == "function_call"]
    assert json.loads(call.arguments) == {"city": "Oslo", "days": 3, "unit": "fahrenheit"}


@pytest.mark.parametrize(
    "choice",
    [
        "required",
        {"type": "function", "name": "unknown"},
        {"type": "allowed_tools", "mode": "auto", "tools": [{"type": "function", "name": "unknown"}]},
    ],
)
def test_a_choice_that_names_no_tool_is_an_error(client: openai.OpenAI, choice: Any) -> None:
    tools = [] if choice == "required" else [WEATHER]

    with pytest.raises(openai.BadRequestError):
        client.responses.create(model=MODEL, input="Hello", tools=tools, tool_choice=choice)


def test_a_functions_output_with_a_picture_is_looked_at(client: openai.OpenAI, pictures: Pictures) -> None:
    asked = client.responses.create(model=MODEL, input="How is the weather in Oslo", tools=[WEATHER])
    [call] = [item for item in asked.output if item.type == "function_call"]
    output: Any = [
        {"type": "input_text", "text": "It rains"},
        {"type": "input_image", "image_url": pictures.uri(pictures.png((320, 200))), "detail": "low"},
    ]

    answered = client.responses.create(
        model=MODEL,
        previous_response_id=asked.id,
        input=[{"type": "function_call_output", "call_id": call.call_id, "output": output}],
        tools=[WEATHER],
    )

    assert "It rains" in answered.output_text
    assert "320" in answered.output_text
    assert "200" in answered.output_text


class Weather(BaseModel):
    city: str
    sunny: bool


def test_a_structured_answer_fits_its_schema(client: openai.OpenAI) -> None:
    response = client.responses.parse(model=MODEL, input="Sunny in Rome", text_format=Weather)

    assert response.output_parsed == Weather(city="Rome", sunny=True)


# Looking


def test_a_picture_is_described_by_what_is_in_it(client: openai.OpenAI, pictures: Pictures) -> None:
    shown = pictures.message("What is this?", pictures.png((640, 360)))

    response = client.responses.create(model=MODEL, input=shown)

    assert response.output_text.startswith("[sandbox]")
    assert "640" in response.output_text
    assert "360" in response.output_text


def test_an_uploaded_file_is_looked_at(client: openai.OpenAI, pictures: Pictures) -> None:
    file = client.files.create(file=("red.png", pictures.png((123, 77))), purpose="vision")
    shown: Any = [{"role": "user", "content": [{"type": "input_image", "file_id": file.id, "detail": "auto"}]}]

    assert "123" in client.responses.create(model=MODEL, input=shown).output_text
    assert client.files.retrieve(file.id).bytes == file.bytes
    assert client.files.content(file.id).read() == pictures.png((123, 77))
    assert file.id in [listed.id for listed in client.files.list(purpose="vision")]
    assert client.files.delete(file.id).deleted
    with pytest.raises(openai.NotFoundError):
        client.responses.create(model=MODEL, input=shown)


def test_one_of_its_own_pictures_is_looked_at_by_its_address(client: openai.OpenAI, wire: Wire) -> None:
    found = wire.post({"model": "qwen3.7-plus", "input": "Find fox", "tools": [{"type": "web_search_image"}]}).json
    [call] = [item for item in found["output"] if item["type"] == "web_search_image_call"]
    url = json.loads(call["output"])[0]["url"]
    shown: Any = [{"role": "user", "content": [{"type": "input_image", "image_url": url, "detail": "auto"}]}]

    assert client.responses.create(model=MODEL, input=shown).output_text.startswith("[sandbox]")


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://example.com/cat.jpg", "invalid_image_url"),
        ("http://169.254.169.254/latest", "invalid_image_url"),
        ("file:///etc/hostname", "invalid_image_url"),
        ("http://127.0.0.1:1/cat.jpg", "invalid_image_url"),
        ("http://[", "invalid_image_url"),
        ("data:image/png;base64,@@@", "invalid_base64_image"),
        ("data:image/png;base64,aGVsbG8=", "invalid_image_format"),
        ("data:image/png;base64,", "empty_image_file"),
    ],
)
def test_a_picture_that_can_not_be_had_is_an_error(client: openai.OpenAI, url: str, code: str) -> None:
    shown: Any = [{"role": "user", "content": [{"type": "input_image", "image_url": url, "detail": "auto"}]}]

    with pytest.raises(openai.BadRequestError) as caught:
        client.responses.create(model=MODEL, input=shown)

    assert caught.value.code == code


# Searching the web


def test_web_search_gives_images_only_where_they_are_asked_for(client: openai.OpenAI) -> None:
    tool: Any = {
        "type": "web_search",
        "search_content_types": ["image", "text"],
        "image_settings": {"max_results": 2, "caption": True},
    }

    def search(*include: Any) -> Response:
        return client.responses.create(
            model=MODEL, input="Search for pictures of: fox", tools=[tool], tool_choice="required", include=[*include]
        )

    bare, full = search(), search("web_search_call.results")

    assert "results" not in search_item(bare)
    results = search_item(full)["results"]
    assert 1 <= len(results) <= 2
    assert set(results[0]) == {"type", "image_url", "thumbnail_url", "source_website_url", "caption"}
    for address in ("image_url", "thumbnail_url", "source_website_url"):
        assert httpx2.get(results[0][address], trust_env=False).status_code == 200
    assert full.tool_usage is not None
    assert full.tool_usage.web_search.num_requests == 1


# Counting


def test_input_tokens_are_counted_as_they_are_billed(client: openai.OpenAI, pictures: Pictures) -> None:
    shown = pictures.message("What is this?", pictures.png((1024, 1024)))

    counted = client.responses.input_tokens.count(model="gpt-4o", input=shown)
    billed = client.responses.create(model="gpt-4o", input=shown)

    assert billed.usage is not None
    assert counted.input_tokens == billed.usage.input_tokens
    # The guide's own figure for 1024x1024 in high detail, and the four words.
    assert (
        counted.input_tokens
        == 765 + client.responses.input_tokens.count(model="gpt-4o", input="What is this?").input_tokens
    )


def test_a_pictures_tokens_are_the_image_models(client: openai.OpenAI) -> None:
    tool: Any = {"type": "image_generation", "model": "gpt-image-2", "size": "1024x1024", "quality": "low"}

    response = client.responses.create(model=MODEL, input="Paint a fox", tools=[tool])

    assert response.tool_usage is not None
    # The published calculator's figure for gpt-image-2, low, 1024x1024.
    assert response.tool_usage.image_gen.output_tokens == 196
    assert response.tool_usage.image_gen.input_tokens_details.image_tokens == 0
    assert response.usage is not None
    assert response.usage.total_tokens == response.usage.input_tokens + response.usage.output_tokens


def test_partial_pictures_are_billed(client: openai.OpenAI) -> None:
    def billed(partial_images: int) -> int:
        tool: Any = {**SMALL, "partial_images": partial_images}
        response = client.responses.create(model=MODEL, input="Paint a fox", tools=[tool])
        assert response.tool_usage is not None
        return response.tool_usage.image_gen.output_tokens

    assert billed(3) - billed(0) == 300


def test_an_answer_that_is_cut_says_so(client: openai.OpenAI) -> None:
    response = client.responses.create(
        model=MODEL, input="word " * 200, max_output_tokens=16, reasoning={"effort": "none"}
    )

    assert response.status == "incomplete"
    assert response.incomplete_details is not None
    assert response.incomplete_details.reason == "max_output_tokens"
    assert response.usage is not None
    assert response.usage.output_tokens <= 16
    assert response.output_text.startswith("[sandbox]")


def test_thinking_can_use_up_all_the_tokens(client: openai.OpenAI) -> None:
    response = client.responses.create(model=MODEL, input="Hello", max_output_tokens=16)

    assert response.status == "incomplete"
    assert response.output_text == ""
    assert response.usage is not None
    assert response.usage.output_tokens_details.reasoning_tokens == response.usage.output_tokens == 16


# What is turned down


@pytest.mark.parametrize(
    ("extra", "param", "code"),
    [
        ({"sise": 1}, "sise", "unknown_parameter"),
        ({"enable_thinking": False}, "enable_thinking", "unknown_parameter"),
        ({"max_output_tokens": 15}, "max_output_tokens", "integer_below_min_value"),
        ({"temperature": 3}, "temperature", "invalid_value"),
        ({"tools": "image_generation"}, "tools", "invalid_value"),
        ({"tools": [{"type": "teleport"}]}, "tools[0].type", "invalid_value"),
        ({"tools": [{"type": "function"}]}, "tools[0].name", "missing_required_parameter"),
        ({"model": ""}, "model", "missing_required_parameter"),
        ({"input": None}, "input", "missing_required_parameter"),
        ({"input": [{"role": "king", "content": "Hello"}]}, "input[0].role", "invalid_value"),
        ({"input": [{"role": "user", "content": [{"type": "smell"}]}]}, "input[0].content[0].type", "invalid_value"),
        ({"input": [{"role": "user", "content": [{"type": "input_image"}]}]}, "input[0].content[0]", "invalid_value"),
        ({"conversation": "conv_1"}, "conversation", "unsupported_parameter"),
    ],
)
def test_a_wrong_parameter_is_named(client: openai.OpenAI, extra: Any, param: str, code: str) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        client.responses.create(model=MODEL, input="Hello", extra_body=extra)

    assert (caught.value.param, caught.value.code) == (param, code)


def image_item(response: Response) -> Any:
    [item] = [item for item in response.output if item.type == "image_generation_call"]
    return item


def search_item(response: Response) -> Any:
    [item] = [item for item in response.output if item.type == "web_search_call"]
    return item.to_dict()
