"""What the official conformance suite expects a server to have, added to ours: no product has such tools.

Names, texts and shapes are the suite's; see https://github.com/modelcontextprotocol/conformance.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import anyio
from mcp import MCPError
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.prompts.base import Prompt, UserMessage
from mcp.types import (
    MISSING_REQUIRED_CLIENT_CAPABILITY,
    AudioContent,
    CreateMessageRequest,
    CreateMessageRequestParams,
    CreateMessageResult,
    ElicitRequest,
    ElicitRequestFormParams,
    ElicitResult,
    EmbeddedResource,
    EmptyResult,
    ImageContent,
    InputRequest,
    InputRequiredResult,
    ListRootsRequest,
    ListRootsResult,
    RequestParams,
    SamplingMessage,
    SetLevelRequestParams,
    SubscribeRequestParams,
    TextContent,
    TextResourceContents,
    UnsubscribeRequestParams,
)
from pydantic import BaseModel, Field

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="
WAV = "UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YQAAAAA="
STEP_SECONDS = 0.02

Reply = str | InputRequiredResult


def text(words: str) -> TextContent:
    return TextContent(type="text", text=words)


def image() -> ImageContent:
    return ImageContent(type="image", data=PNG, mime_type="image/png")


def embedded(uri: str, words: str, mime_type: str = "text/plain") -> EmbeddedResource:
    return EmbeddedResource(type="resource", resource=TextResourceContents(uri=uri, text=words, mime_type=mime_type))


def form(message: str, name: str, kind: str = "string") -> ElicitRequest:
    schema = {"type": "object", "properties": {name: {"type": kind}}, "required": [name]}
    return ElicitRequest(params=ElicitRequestFormParams(message=message, requested_schema=schema))


def sample(question: str) -> CreateMessageRequest:
    message = SamplingMessage(role="user", content=text(question))
    return CreateMessageRequest(params=CreateMessageRequestParams(messages=[message], max_tokens=100))


def filled_in(answer: object, name: str) -> str | None:
    """Give what the person put into a field of a form."""
    told = answer.content or {} if isinstance(answer, ElicitResult) else {}
    return str(told[name]) if name in told else None


# Plain answers


def test_simple_text() -> str:
    return "This is a simple text response for testing."


def test_image_content() -> list[ImageContent]:
    return [image()]


def test_audio_content() -> list[AudioContent]:
    return [AudioContent(type="audio", data=WAV, mime_type="audio/wav")]


def test_embedded_resource() -> list[EmbeddedResource]:
    return [embedded("test://embedded-resource", "This is an embedded resource content.")]


def test_multiple_content_types() -> list[TextContent | ImageContent | EmbeddedResource]:
    document = embedded("test://mixed-content-resource", '{"test":"data","value":123}', "application/json")
    return [text("Multiple content types test:"), image(), document]


def test_error_handling() -> str:
    raise RuntimeError("This tool intentionally returns an error for testing")


# Told while a tool works


async def test_tool_with_logging(context: Context[Any, Any]) -> str:
    for words in ("Tool execution started", "Tool processing data", "Tool execution completed"):
        await context.info(words)  # pyright: ignore[reportDeprecated]
        await anyio.sleep(STEP_SECONDS)
    return "done"


async def test_tool_with_progress(context: Context[Any, Any]) -> str:
    for done in (0, 50, 100):
        await context.report_progress(done, 100, f"Completed step {done} of 100")
        await anyio.sleep(STEP_SECONDS)
    return "done"


async def test_reconnection(context: Context[Any, Any]) -> str:
    await context.close_sse_stream()
    await anyio.sleep(10 * STEP_SECONDS)
    return "Reconnection test completed"


# Asked while a tool works, in the protocol of 2025


class Words(BaseModel):
    response: str = Field(description="The person's answer")


class Defaults(BaseModel):
    """One field of each primitive type, with a default."""

    name: str = "John Doe"
    age: int = 30
    score: float = 95.5
    status: str = Field(default="active", json_schema_extra={"enum": ["active", "inactive", "pending"]})
    verified: bool = True


def _named(values: Mapping[str, str]) -> Any:
    return [{"const": value, "title": title} for value, title in values.items()]


class Choices(BaseModel):
    """One field of each way to write a choice."""

    untitledSingle: str = Field(json_schema_extra={"enum": ["option1", "option2", "option3"]})  # noqa: N815
    titledSingle: str = Field(json_schema_extra={"oneOf": _named({"value1": "One", "value2": "Two"})})  # noqa: N815
    legacyEnum: str = Field(json_schema_extra={"enum": ["opt1", "opt2"], "enumNames": ["One", "Two"]})  # noqa: N815
    untitledMulti: list[str] = Field(  # noqa: N815
        json_schema_extra={"items": {"type": "string", "enum": ["option1", "option2"]}}
    )
    titledMulti: list[str] = Field(  # noqa: N815
        json_schema_extra={"items": {"anyOf": _named({"value1": "One", "value2": "Two"})}}
    )


async def test_sampling(prompt: str, context: Context[Any, Any]) -> str:
    message = SamplingMessage(role="user", content=text(prompt))
    answer = await context.session.create_message(  # pyright: ignore[reportDeprecated]
        messages=[message], max_tokens=100, related_request_id=context.request_id
    )
    return f"LLM response: {answer.content.text if isinstance(answer.content, TextContent) else ''}"


def asking(schema: type[BaseModel]) -> Callable[[str, Context[Any, Any]], Awaitable[str]]:
    async def ask(message: str, context: Context[Any, Any]) -> str:
        result = await context.elicit(message, schema)
        told = result.data.model_dump_json() if result.action == "accept" else "{}"
        return f"action={result.action}, content={told}"

    return ask


def asking_without_words(schema: type[BaseModel]) -> Callable[[Context[Any, Any]], Awaitable[str]]:
    async def ask(context: Context[Any, Any]) -> str:
        return await asking(schema)("Please fill this in", context)

    return ask


# Asked by an answer of its own, in the protocol of 2026


async def test_missing_capability(context: Context[Any, Any]) -> str:
    declared = context.session.client_capabilities
    if declared is None or declared.sampling is None:
        needed: dict[str, Any] = {"requiredCapabilities": {"sampling": {}}}
        raise MCPError(MISSING_REQUIRED_CLIENT_CAPABILITY, "The client lacks 'sampling'", needed)
    return "The client can sample."


async def test_input_required_result_elicitation(context: Context[Any, Any]) -> Reply:
    name = filled_in((context.input_responses or {}).get("user_name"), "name")
    if name is None:
        return InputRequiredResult(input_requests={"user_name": form("What is your name?", "name")})
    return f"Hello, {name}!"


async def test_input_required_result_sampling(context: Context[Any, Any]) -> Reply:
    answer = (context.input_responses or {}).get("capital_question")
    if not isinstance(answer, CreateMessageResult):
        question = sample("What is the capital of France?")
        return InputRequiredResult(input_requests={"capital_question": question})
    return f"Model said: {answer.content.text if isinstance(answer.content, TextContent) else ''}"


async def test_input_required_result_list_roots(context: Context[Any, Any]) -> Reply:
    answer = (context.input_responses or {}).get("client_roots")
    if not isinstance(answer, ListRootsResult):
        return InputRequiredResult(input_requests={"client_roots": ListRootsRequest()})
    return f"{len(answer.roots)} roots"


async def test_input_required_result_request_state(context: Context[Any, Any]) -> Reply:
    if "confirm" in (context.input_responses or {}) and context.request_state == "held":
        return "state-ok"
    request = form("Please confirm", "ok", "boolean")
    return InputRequiredResult(input_requests={"confirm": request}, request_state="held")


async def test_input_required_result_multiple_inputs(context: Context[Any, Any]) -> Reply:
    requests: dict[str, InputRequest] = {
        "user_name": form("What is your name?", "name"),
        "greeting": sample("Write a greeting"),
        "client_roots": ListRootsRequest(),
    }
    if requests.keys() <= (context.input_responses or {}).keys():
        return "All answers came."
    return InputRequiredResult(input_requests=requests, request_state="several")


async def test_input_required_result_multi_round(context: Context[Any, Any]) -> Reply:
    told: dict[str, str] = json.loads(context.request_state) if context.request_state else {}
    answers = context.input_responses or {}
    for step, name in (("step1", "name"), ("step2", "color")):
        answer = filled_in(answers.get(step), name)
        if name not in told and answer is not None:
            told[name] = answer
        if name not in told:
            state = json.dumps(told | {"step": step})
            return InputRequiredResult(input_requests={step: form(f"What is your {name}?", name)}, request_state=state)
    return f"{told['name']} likes {told['color']}."


async def test_input_required_result_tampered_state(context: Context[Any, Any]) -> Reply:
    if context.request_state is None:
        request = form("Please confirm", "ok", "boolean")
        return InputRequiredResult(input_requests={"confirm": request}, request_state="first")
    return "state-ok"


async def test_input_required_result_capabilities(context: Context[Any, Any]) -> InputRequiredResult:
    declared = context.client_capabilities
    requests: dict[str, InputRequest] = {}
    if declared is None or declared.sampling is not None:
        requests["sample"] = sample("Say hello")
    if declared is None or declared.elicitation is not None:
        requests["ask"] = form("What is your name?", "name")
    return InputRequiredResult(input_requests=requests, request_state="by what is declared")


# Lists that change


async def test_trigger_tool_change(context: Context[Any, Any]) -> str:
    await context.notify_tools_changed()
    return "told"


async def test_trigger_prompt_change(context: Context[Any, Any]) -> str:
    await context.notify_prompts_changed()
    return "told"


# Resources and prompts


def static_text() -> str:
    return "This is the content of the static text resource."


def static_binary() -> bytes:
    return b"\x89PNG\r\n\x1a\n"


def template(id: str) -> str:  # noqa: A002 - the suite's name
    return json.dumps({"id": id, "templateTest": True, "data": f"Data for ID: {id}"})


def test_simple_prompt() -> list[UserMessage]:
    return [UserMessage(content=text("This is a simple prompt for testing."))]


def test_prompt_with_arguments(arg1: str, arg2: str) -> list[UserMessage]:
    return [UserMessage(content=text(f"Prompt with arguments: arg1='{arg1}', arg2='{arg2}'"))]


def test_prompt_with_embedded_resource(resourceUri: str) -> list[UserMessage]:  # noqa: N803 - the suite's name
    document = embedded(resourceUri, "Embedded resource content for testing.")
    return [UserMessage(content=document), UserMessage(content=text("Please process the embedded resource above."))]


def test_prompt_with_image() -> list[UserMessage]:
    return [UserMessage(content=image()), UserMessage(content=text("Please analyze the image above."))]


async def test_input_required_result_prompt(context: Context[Any, Any]) -> list[UserMessage] | InputRequiredResult:
    told = filled_in((context.input_responses or {}).get("user_context"), "context")
    if told is None:
        return InputRequiredResult(input_requests={"user_context": form("What is it about?", "context")})
    return [UserMessage(content=text(f"Use this: {told}"))]


async def take_note(_context: object, _parameters: object) -> EmptyResult:
    return EmptyResult()


REQUESTS: Mapping[str, type[RequestParams]] = {
    "logging/setLevel": SetLevelRequestParams,
    "resources/subscribe": SubscribeRequestParams,
    "resources/unsubscribe": UnsubscribeRequestParams,
}
TOOLS: Mapping[str, Callable[..., Any]] = {
    tool.__name__: tool
    for tool in (
        test_simple_text,
        test_image_content,
        test_audio_content,
        test_embedded_resource,
        test_multiple_content_types,
        test_error_handling,
        test_tool_with_logging,
        test_tool_with_progress,
        test_reconnection,
        test_sampling,
        test_missing_capability,
        test_input_required_result_elicitation,
        test_input_required_result_sampling,
        test_input_required_result_list_roots,
        test_input_required_result_request_state,
        test_input_required_result_multiple_inputs,
        test_input_required_result_multi_round,
        test_input_required_result_tampered_state,
        test_input_required_result_capabilities,
        test_trigger_tool_change,
        test_trigger_prompt_change,
    )
} | {
    "test_elicitation": asking(Words),
    "test_elicitation_sep1034_defaults": asking_without_words(Defaults),
    "test_elicitation_sep1330_enums": asking_without_words(Choices),
}
PROMPTS = (
    test_simple_prompt,
    test_prompt_with_arguments,
    test_prompt_with_embedded_resource,
    test_prompt_with_image,
    test_input_required_result_prompt,
)


def add_fixtures(server: MCPServer[Any]) -> None:
    """Add all of it to a server, whose own answers stay what they are."""
    for name, tool in TOOLS.items():
        server.add_tool(tool, name=name, description="A fixture of the conformance suite.", structured_output=False)
    for prompt in PROMPTS:
        server.add_prompt(Prompt.from_function(prompt, description="A fixture of the conformance suite."))
    server.resource("test://static-text", mime_type="text/plain")(static_text)
    server.resource("test://static-binary", mime_type="image/png")(static_binary)
    server.resource("test://template/{id}/data", mime_type="application/json")(template)
    server.resource("test://watched-resource", mime_type="text/plain")(static_text)
    requests = getattr(server, "_lowlevel_server")  # noqa: B009 - the SDK has no other way to them
    for method, parameters in REQUESTS.items():
        requests.add_request_handler(method, parameters, take_note)
    # Our server answers for what is its own alone; the fixtures are answered for by the SDK.
    _give_to_the_sdk(server, "call_tool", lambda name: name in TOOLS)
    _give_to_the_sdk(server, "read_resource", lambda uri: uri.startswith("test://"))


def _give_to_the_sdk(server: MCPServer[Any], method: str, is_fixture: Callable[[str], bool]) -> None:
    ours, theirs = getattr(server, method), getattr(MCPServer, method)

    async def answer(named: Any, *rest: Any) -> Any:
        return await (theirs(server, named, *rest) if is_fixture(str(named)) else ours(named, *rest))

    setattr(server, method, answer)
