"""What MCP tools answer, in the words of the Responses API: pictures as pictures, and base64 in no text."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import time
from io import BytesIO
from typing import TYPE_CHECKING, Any, cast, get_args

import httpx2
import pytest
from mcp.types import (
    AudioContent,
    BlobResourceContents,
    CallToolResult,
    ContentBlock,
    EmbeddedResource,
    ImageContent,
    ListToolsResult,
    ResourceLink,
    TextContent,
    TextResourceContents,
    Tool,
)
from openai.types.responses import FunctionToolParam, ResponseInputParam
from PIL import Image
from pydantic import TypeAdapter

from lightbox.bridge import Images, function_call_output, function_call_outputs, function_tools
from lightbox.errors import BadInput
from lightbox.vocabulary import Detail

if TYPE_CHECKING:
    from conftest import Ask, Connect, MakeSettings, Upstream

BYTES = bytes(range(256)) * 8
DATA = base64.b64encode(BYTES).decode()
WEBP = ImageContent(type="image", data=DATA, mime_type="image/webp")
PNG = ImageContent(type="image", data=DATA[:400], mime_type="image/png")


def text(words: str) -> TextContent:
    return TextContent(type="text", text=words)


def result(*content: ContentBlock, **more: Any) -> CallToolResult:
    return CallToolResult(content=list(content), **more)


def output(answer: CallToolResult | Exception, **options: Any) -> Any:
    [item] = function_call_output("call_1", answer, **options)
    assert item["type"] == "function_call_output"
    assert item["call_id"] == "call_1"
    return item["output"]


def shown(picture: ImageContent, detail: str = "auto") -> dict[str, str]:
    url = f"data:{picture.mime_type};base64,{picture.data}"
    return {"type": "input_image", "image_url": url, "detail": detail}


def texts_of(items: Any) -> list[str]:
    """Find every text that a model would read as text."""
    if isinstance(items, str):
        return [items]
    if isinstance(items, list):
        return [found for one in cast("list[Any]", items) for found in texts_of(one)]
    return [found for name, one in items.items() if name != "image_url" for found in texts_of(one)]


def test_texts_and_pictures_keep_their_order() -> None:
    answer = result(text("one"), WEBP, text("two"), PNG)

    assert output(answer, detail="low") == [
        {"type": "input_text", "text": "one"},
        shown(WEBP, "low"),
        {"type": "input_text", "text": "two"},
        shown(PNG, "low"),
    ]


def test_an_answer_without_pictures_is_a_text_which_every_server_takes() -> None:
    assert output(result(text("one"), text("two"))) == "one\ntwo"


def test_in_the_message_form_all_outputs_of_a_turn_come_before_the_one_message_with_their_pictures() -> None:
    items = function_call_outputs(
        {"call_1": result(text("one"), WEBP, text("end")), "call_2": result(text("two")), "call_3": result(PNG, PNG)},
        images="message",
        detail="high",
    )

    assert items == [
        {
            "type": "function_call_output",
            "call_id": "call_1",
            "output": "one\n(picture 1 of call_1: in the message below)\nend",
        },
        {"type": "function_call_output", "call_id": "call_2", "output": "two"},
        {
            "type": "function_call_output",
            "call_id": "call_3",
            "output": "(picture 1 of call_3: in the message below)\n(picture 2 of call_3: in the message below)",
        },
        {
            "type": "message",
            "role": "user",
            "content": [
                {"type": "input_text", "text": "Picture 1 of call_1:"},
                shown(WEBP, "high"),
                {"type": "input_text", "text": "Picture 1 of call_3:"},
                shown(PNG, "high"),
                {"type": "input_text", "text": "Picture 2 of call_3:"},
                shown(PNG, "high"),
            ],
        },
    ]


def test_where_there_is_no_picture_the_message_form_has_no_message() -> None:
    assert len(function_call_outputs({"call_1": result(text("one"))}, images="message")) == 1


def test_without_pictures_the_model_is_told_that_there_was_one() -> None:
    assert output(result(text("one"), WEBP), images="none") == "one\n(picture, image/webp, 2,048 bytes, not shown)"


def test_a_failed_call_is_told_as_an_error() -> None:
    assert output(result(text("no such picture"), is_error=True)) == "Error: no such picture"
    assert output(TimeoutError("no answer in 60 s")) == "Error: no answer in 60 s"
    assert output(TimeoutError()) == "Error: TimeoutError"
    assert output(result(is_error=True)) == "Error."
    assert output(result(PNG, is_error=True))[0] == {"type": "input_text", "text": "Error."}


def test_structured_content_is_told_only_where_there_is_no_text() -> None:
    assert output(result(text("two hits"), structured_content={"hits": 2})) == "two hits"
    assert output(result(structured_content={"hits": 2})) == '{"hits": 2}'
    assert output(result()) == "(The tool answered nothing.)"


EVERYTHING = result(
    text(f"before data:image/png;base64,{DATA} after"),
    text(json.dumps({"data": DATA, "left": 1})),
    text("\n".join(DATA[start : start + 76] for start in range(0, len(DATA), 76))),
    text(f"small: data:image/gif;charset=x;base64,{DATA[:60]}."),
    WEBP,
    AudioContent(type="audio", data=DATA, mime_type="audio/wav"),
    ResourceLink(
        type="resource_link", name="full", uri=f"data:image/png;base64,{DATA}", mime_type="image/png", description=DATA
    ),
    EmbeddedResource(
        type="resource", resource=BlobResourceContents(uri="file:///a.pdf", mime_type="application/pdf", blob=DATA)
    ),
    EmbeddedResource(
        type="resource", resource=BlobResourceContents(uri="file:///a.tiff", mime_type="image/tiff", blob=DATA)
    ),
    EmbeddedResource(type="resource", resource=TextResourceContents(uri="file:///a.txt", text=f"words {DATA}")),
    ImageContent(type="image", data="not base64", mime_type="image/png"),
    ImageContent(type="image", data="", mime_type="image/png"),
    structured_content={"data": DATA},
)


@pytest.mark.parametrize("images", get_args(Images))
def test_base64_stands_in_no_text_whatever_an_answer_holds(images: Images) -> None:
    items = function_call_outputs(
        {"call_1": EVERYTHING, "call_2": result(structured_content={"data": DATA})}, images=images
    )

    told = "\n".join(texts_of(items))
    assert DATA[:60] not in told
    assert DATA[-60:] not in told
    for word in (
        "before (data, image/png",
        ") after",
        '"left": 1',
        "audio/wav",
        "full (image/png)",
        "file:///a.pdf",
        "words (",
    ):
        assert word in told, word
    assert told.count("it is broken") == 2


def test_a_picture_inside_an_embedded_resource_is_shown() -> None:
    resource = BlobResourceContents(uri="lightbox://images/img_0", mime_type="image/JPG; q=1", blob=DATA)

    assert output(result(EmbeddedResource(type="resource", resource=resource))) == [
        {"type": "input_image", "image_url": f"data:image/jpeg;base64,{DATA}", "detail": "auto"}
    ]


def test_long_words_that_are_not_base64_stay() -> None:
    words = f"https://example.com/{'a' * 300}?key={'b' * 300} {'=' * 80} {'x' * 400}"

    assert output(result(text(words))) == words


def test_finding_base64_takes_time_that_grows_with_the_text_alone() -> None:
    awkward = ["A" * 59 + " ", "A" * 60 + "\n", "data:", "data:;;;;;;;;", "data:a;b" * 3, "\\/", "A" * 70 + "\r\n"]

    began = time.perf_counter()
    for piece in awkward:
        assert output(result(text(piece * (300_000 // len(piece)))))

    assert time.perf_counter() - began < 20  # half a second on a slow machine; minutes, if it grew with the square


def test_every_form_is_valid_for_the_official_client() -> None:
    for images in get_args(Images):
        for detail in get_args(Detail):
            items = function_call_outputs({"call_1": EVERYTHING, "call_2": result(PNG)}, images=images, detail=detail)
            TypeAdapter(ResponseInputParam).validate_python(items)


def test_functions_are_the_tools_that_models_may_see() -> None:
    schema = {"type": "object", "properties": {"query": {"type": "string"}}}
    tools = [
        Tool(name="search", description="Find", input_schema=schema),
        Tool(name="both", input_schema={"type": "object"}, _meta={"ui": {"visibility": ["model", "app"]}}),
        Tool(name="view_only", input_schema=schema, _meta={"ui": {"visibility": ["app"]}}),
        Tool(name="bound", input_schema=schema, _meta={"ui": {"resourceUri": "ui://x/y"}}),
    ]

    functions = function_tools(ListToolsResult(tools=tools))

    assert functions == function_tools(tools)
    assert [function["name"] for function in functions] == ["search", "both", "bound"]
    assert functions[0] == {
        "type": "function",
        "name": "search",
        "description": "Find",
        "parameters": schema,
        "strict": False,
    }
    assert functions[1]["parameters"] == {"type": "object", "properties": {}}
    TypeAdapter(list[FunctionToolParam]).validate_python(functions)


@pytest.mark.parametrize(
    ("given", "named"),
    [
        (("call_1", EVERYTHING, "lists"), "images is 'lists': pass 'list', 'message' or 'none'."),
        (("call_1", EVERYTHING, "list", "huge"), "detail is 'huge': pass 'low', 'high', 'original' or 'auto'."),
        (("call_1", "text"), "result is a str, which is not a CallToolResult: pass what"),
        (("call_1", [PNG]), "result is a list"),
        (("call_1", None), "result is a NoneType"),
        (("", EVERYTHING), "call_id is ''"),
        ((None, EVERYTHING), "call_id is None"),
    ],
)
def test_what_is_wrong_is_named_with_what_would_be_right(given: Any, named: str) -> None:
    call_id, answer, *options = given

    with pytest.raises(BadInput) as caught:
        function_call_output(call_id, answer, **dict(zip(("images", "detail"), options, strict=False)))

    assert named in str(caught.value)


@pytest.mark.parametrize("given", [[{"name": "x"}], "search", [PNG]])
def test_what_is_no_list_of_tools_is_said_to_be_none(given: Any) -> None:
    with pytest.raises(BadInput, match=r"is not a tool: pass what `await client.list_tools\(\)` gave"):
        function_tools(given)


def test_importing_it_imports_neither_the_protocol_nor_a_service_s_client() -> None:
    code = "import sys, lightbox.bridge; print(*sys.modules)"
    told = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()

    assert {"mcp", "mcp_types", "pydantic", "openai", "httpx2", "PIL", "anyio"}.isdisjoint(told)


async def test_what_lightbox_itself_answers_goes_to_the_model_whole(
    connect: Connect, ask: Ask, settings: MakeSettings
) -> None:
    async with connect(settings()) as client:
        functions = function_tools(await client.list_tools())
        made = await ask(client, "generate_image", prompt="a fox", size="256x256")
        failed = await ask(client, "view_images", images=["img_nowhere000"])

    assert "generate_image" in [function["name"] for function in functions]
    [words, picture] = output(made.result)
    assert words == {"type": "input_text", "text": made.text}
    assert picture["image_url"].endswith(base64.b64encode(made.blocks[0][1]).decode())
    assert output(failed.result) == f"Error: {failed.text}"


@pytest.mark.parametrize("images", ["list", "message"])
def test_the_model_pays_for_the_picture_and_not_for_its_letters(upstream: Upstream, images: Images) -> None:
    painted = BytesIO()
    Image.new("RGB", (640, 480), "teal").save(painted, "PNG")
    data = base64.b64encode(painted.getvalue()).decode()
    picture = ImageContent(type="image", data=data, mime_type="image/png")
    asked: Any = [{"role": "user", "content": "Show me both"}]
    asked += [{"type": "function_call", "call_id": f"call_{n}", "name": "f", "arguments": "{}"} for n in (1, 2)]
    answers = {f"call_{n}": result(text("Here it is."), picture) for n in (1, 2)}

    def tokens(items: Any) -> int:
        body = {"model": "gpt-5.6-terra", "input": items}
        answer = httpx2.post(f"{upstream.openai_url}/responses", json=body, trust_env=False)
        assert answer.is_success, answer.text
        return answer.json()["usage"]["input_tokens"]

    without = tokens(asked + function_call_outputs(answers, images="none"))
    shown = tokens(asked + function_call_outputs(answers, images=images))

    [_, seen] = upstream.seen()["requests"]
    assert seen["pictures"] == ["function_call_output" if images == "list" else "message"] * 2
    assert 2 * 20 * 15 <= shown - without <= 2 * 20 * 15 * 1.2 + 60  # patches of 32 px, and what is said of them
