"""The tools that a request brings, and its choice among them, checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from .dialects import Dialect, Json, Rejected, tool_type
from .requests import place_of

WEB_SEARCH: Final = frozenset(
    {"web_search", "web_search_2025_08_26", "web_search_preview", "web_search_preview_2025_03_11"}
)
Shape = TypeVar("Shape", bound=BaseModel)

KNOWN: Final = frozenset({"function", "image_generation", "web_search_image", "image_search"}) | WEB_SEARCH


class FunctionTool(BaseModel):
    """A function of the client's."""

    model_config = ConfigDict(extra="allow")

    name: Annotated[str, Field(min_length=1)]
    description: str | None = None
    parameters: Json | None = None


class ImageSettings(BaseModel):
    """How many images a web search gives, and whether each has a caption."""

    model_config = ConfigDict(extra="allow")

    max_results: Annotated[int, Field(ge=1, le=100)] = 8
    caption: bool = False


class WebSearchTool(BaseModel):
    """A search of the web, for text, images, or both."""

    model_config = ConfigDict(extra="allow")

    search_content_types: list[Literal["image", "text"]] = ["text"]
    image_settings: ImageSettings = ImageSettings()


class AllowedTools(BaseModel):
    """A choice among some of the tools."""

    type: Literal["allowed_tools"]
    mode: Literal["auto", "required"]
    tools: list[Json]


class NamedTool(BaseModel):
    """A choice of one tool."""

    type: str
    name: str | None = None


def known_tools(tools: Sequence[Json], dialect: Dialect) -> list[Json]:
    """Give the tools that the sandbox has; DashScope ignores the others.

    Raises `Rejected` (400) for others in OpenAI's dialect, and for a tool whose definition is broken.
    """
    for index, tool in enumerate(tools):
        kind = tool_type(tool)
        if kind not in KNOWN and dialect == "openai":
            raise Rejected(
                f"Invalid value: '{kind}'. The sandbox has {', '.join(sorted(KNOWN))}.",
                code="invalid_value",
                param=f"tools[{index}].type",
            )
        if kind == "function":
            _checked(FunctionTool, tool, f"tools[{index}]")
        elif kind in WEB_SEARCH:
            web_search(tool, f"tools[{index}]")
    return [tool for tool in tools if tool_type(tool) in KNOWN]


def web_search(tool: Json, place: str = "tools") -> WebSearchTool:
    """Read the settings of a web search. Raises `Rejected` (400)."""
    return _checked(WebSearchTool, tool, place)


def check_choice(choice: Json) -> None:
    """Raise `Rejected` (400) for a choice among tools that is none."""
    _checked(AllowedTools if choice.get("type") == "allowed_tools" else NamedTool, choice, "tool_choice")


def _checked(shape: type[Shape], value: Mapping[str, Any], place: str) -> Shape:
    try:
        return shape.model_validate({name: inner for name, inner in value.items() if inner is not None})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        param = f"{place}.{place_of(first)}"
        code = "missing_required_parameter" if first["type"] == "missing" else "invalid_value"
        raise Rejected(f"Invalid value for '{param}': {first['msg']}.", code=code, param=param) from error
