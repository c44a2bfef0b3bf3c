"""The tools that a request brings, checked, and which of them is called next, if any."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, Literal, TypeVar, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from .dialects import Dialect, Json, Rejected, tool_type
from .functions import relevance
from .requests import CreateRequest, place_of

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


_MAKING: Final = re.compile(
    r"\b(draw|paint|make|create|generate|render|design|sketch|illustrate|edit|change|add|remove|turn|recolou?r|blur)\b"
    r"|画|绘|生成|制作|编辑|修改",
    re.IGNORECASE,
)
_ASKING: Final = re.compile(
    r"[?\uff1f]\s*$|^\s*(what|who|where|when|why|how|which|describe|is|are|does|do)\b", re.IGNORECASE
)
_SEARCHING: Final = re.compile(
    r"\b(search|find|look up|news|latest|pictures? of|images? of)\b|搜索|查找", re.IGNORECASE
)


def choose_tool(request: CreateRequest, text: str, *, has_picture: bool, answered: bool) -> Json | None:
    """Give the tool to call, None to answer in words. Raises `Rejected` (400) for a choice that names no tool.

    Args:
        request: What the client asked.
        text: The user's last words.
        has_picture: Whether the user showed a picture, or there is one from before.
        answered: Whether a function's output has just come in, so that words are due unless a tool is forced.
    """
    choice = request.tool_choice
    tools: Sequence[Json] = request.tools
    forced = choice == "required"
    if isinstance(choice, dict):
        tools, forced = _named(choice, tools)
    elif choice == "none":
        return None
    if not tools:
        if forced:
            raise Rejected("Tool choice 'required' must be specified with 'tools' parameter.", param="tool_choice")
        return None
    if answered and not forced:
        return None
    best = max(tools, key=lambda tool: _fitness(tool, text, has_picture=has_picture))
    return best if forced or _fitness(best, text, has_picture=has_picture) > 0 else None


def _named(choice: Json, tools: Sequence[Json]) -> tuple[Sequence[Json], bool]:
    check_choice(choice)
    if choice.get("type") == "allowed_tools":
        allowed = cast("list[Json]", choice.get("tools") or [])
        matching = [tool for tool in tools if any(_matches(one, tool) for one in allowed)]
        if allowed and not matching:
            raise Rejected("None of the allowed tools is in 'tools'.", param="tool_choice.tools")
        return matching, choice.get("mode") == "required"
    matching = [tool for tool in tools if _matches(choice, tool)]
    if not matching:
        name = choice.get("name") or choice.get("type")
        raise Rejected(f"Tool choice '{name}' not found in 'tools' parameter.", param="tool_choice")
    return matching, True


def _matches(choice: Json, tool: Json) -> bool:
    wanted, kind = tool_type(choice), tool_type(tool)
    if wanted in WEB_SEARCH:
        return kind in WEB_SEARCH
    return wanted == kind and (kind != "function" or choice.get("name") == tool.get("name"))


def _fitness(tool: Json, text: str, *, has_picture: bool) -> int:
    """Say how well a tool fits: above 0 it is worth a call."""
    kind = tool_type(tool)
    if kind == "function":
        return relevance(tool, text) * 2
    if kind == "image_search":
        return 3 if has_picture else 0
    if kind == "web_search_image":
        return 2
    if kind in WEB_SEARCH:
        return 3 if _SEARCHING.search(text) else 1
    if _MAKING.search(text):
        return 4
    return 0 if _ASKING.search(text) else 1
