"""The body of `POST /responses`, checked as each service checks it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from .dialects import Dialect, Json, Rejected

IGNORED: Final = frozenset(
    {
        "access_programs",
        "context_management",
        "image",
        "moderation",
        "personality",
        "prompt_cache_key",
        "prompt_cache_options",
        "prompt_cache_retention",
        "safety_identifier",
        "service_tier",
        "stream_options",
        "user",
    }
)
"""Parameters that OpenAI knows and that change nothing here."""

UNSUPPORTED: Final = {"conversation": "conversations", "prompt": "stored prompts"}

Penalty = Annotated[float, Field(ge=-2, le=2)]
Effort = Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]


class Reasoning(BaseModel):
    """How much the model thinks, and whether it says what."""

    model_config = ConfigDict(extra="allow")

    effort: Effort | None = None
    summary: Literal["auto", "concise", "detailed"] | None = None


class TextFormat(BaseModel):
    """In what form the model answers."""

    model_config = ConfigDict(extra="allow", populate_by_name=True)

    type: Literal["text", "json_object", "json_schema"] = "text"
    schema_: Json | None = Field(default=None, alias="schema")


class TextConfig(BaseModel):
    """How the model words its answer."""

    model_config = ConfigDict(extra="allow")

    format: TextFormat = TextFormat()


class CreateRequest(BaseModel):
    """What a client asks of the model. Unknown parameters are kept apart, in `model_extra`."""

    model_config = ConfigDict(extra="allow")

    model: str = ""
    input: str | list[Json] | None = None
    instructions: str | None = None
    previous_response_id: str | None = None
    tools: list[Json] = Field(default_factory=list[Json])
    tool_choice: Literal["auto", "none", "required"] | Json = "auto"
    parallel_tool_calls: bool | None = None
    max_tool_calls: int | None = None
    include: list[str] | None = None
    stream: bool | None = None
    store: bool | None = None
    background: bool | None = None
    reasoning: Reasoning | None = None
    enable_thinking: bool | None = None
    max_output_tokens: Annotated[int, Field(ge=16)] | None = None
    metadata: Annotated[dict[str, str], Field(max_length=16)] | None = None
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    top_p: Annotated[float, Field(ge=0, le=1)] | None = None
    presence_penalty: Penalty | None = None
    frequency_penalty: Penalty | None = None
    top_logprobs: Annotated[int, Field(ge=0, le=20)] | None = None
    text: TextConfig = TextConfig()
    truncation: Literal["auto", "disabled"] | None = None

    @property
    def thinks(self) -> bool:
        """Whether the model thinks before it answers."""
        if self.enable_thinking is not None:
            return self.enable_thinking
        effort = self.reasoning.effort if self.reasoning else None
        return effort != "none" and not self.model.startswith("gpt-4")


def read_request(body: Mapping[str, Any], dialect: Dialect) -> CreateRequest:
    """Check a body. Raises `Rejected` (400) naming the parameter at fault.

    OpenAI turns down what it does not know; DashScope ignores it.
    """
    given = {name: value for name, value in body.items() if value is not None}
    try:
        request = CreateRequest.model_validate(given)
    except ValidationError as error:
        raise _rejected(error) from error
    if dialect == "openai":
        _check_known(request)
    if not request.model:
        raise Rejected("Missing required parameter: 'model'.", code="missing_required_parameter", param="model")
    if request.input is None and request.previous_response_id is None:
        raise Rejected("Missing required parameter: 'input'.", code="missing_required_parameter", param="input")
    return request


def _check_known(request: CreateRequest) -> None:
    for name in request.model_extra or {}:
        if name in UNSUPPORTED:
            raise Rejected(f"The sandbox has no {UNSUPPORTED[name]}.", code="unsupported_parameter", param=name)
        if name not in IGNORED:
            raise Rejected(f"Unknown parameter: '{name}'.", code="unknown_parameter", param=name)
    if request.enable_thinking is not None:
        raise Rejected("Unknown parameter: 'enable_thinking'.", code="unknown_parameter", param="enable_thinking")


def place_of(error: ErrorDetails) -> str:
    """Write the place of a validation's error as OpenAI does: `tools[0].size`."""
    parts = [part for part in error["loc"] if not _is_branch(part)]
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts)
    return text.removeprefix(".")


def _rejected(error: ValidationError) -> Rejected:
    first = error.errors(include_url=False)[0]
    param = place_of(first)
    code = "integer_below_min_value" if first["type"] == "greater_than_equal" else "invalid_value"
    return Rejected(f"Invalid value for '{param}': {first['msg']}.", code=code, param=param)


def _is_branch(part: str | int) -> bool:
    """Tell whether a part of a location names a union's branch, which no client has written."""
    return isinstance(part, str) and (part in {"str", "int"} or "[" in part)
