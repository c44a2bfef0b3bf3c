"""What MCP tools are and answer, in the words of the Responses API, for those who run its loop themselves.

    tools = function_tools(await client.list_tools())
    response = await openai.responses.create(model=…, input=items, tools=tools)
    items += response.output
    results = {call.call_id: await client.call_tool(call.name, json.loads(call.arguments)) for call in …}
    items += function_call_outputs(results)

A tool's picture goes back to the model as a picture (`input_image`), in its place between the texts. Base64 never
stands in a text, where a model would pay for every letter and see nothing. `lightbox docs agents` has a whole agent.

Nothing but this package is needed: no client of a service is imported, and `mcp` only by whoever calls its tools.
"""

from __future__ import annotations

import json
import re
from binascii import Error as BinasciiError
from binascii import a2b_base64
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, cast, get_args

from lightbox.errors import BadInput
from lightbox.vocabulary import Detail

if TYPE_CHECKING:
    from mcp.types import AudioContent, CallToolResult, ContentBlock, EmbeddedResource, ListToolsResult, Tool
    from mcp.types import ResourceLink as Link

__all__ = ["Images", "Item", "function_call_output", "function_call_outputs", "function_tools"]

Images: TypeAlias = Literal["list", "message", "none"]
"""How pictures go back to the model: in the output's list; in a message behind all outputs; not at all."""

Item: TypeAlias = dict[str, Any]
"""An item of the Responses API's `input`, or one of its `tools`, as JSON."""

PICTURE_TYPES: Final = frozenset({"image/png", "image/jpeg", "image/webp", "image/gif"})
"""The types that services take; another one would make them refuse the whole request."""
NOTHING: Final = "(The tool answered nothing.)"

_DATA_URL: Final = re.compile(r"data:([^\s,;\"']{0,100})(?:;[^\s,;\"']{0,100}){0,8}?;base64,([\w+/\\=%-]*)", re.ASCII)
_LONG_RUN: Final = re.compile(r"[\w+/\\-]{60,}+(?:\r?\n[\w+/\\-]{60,}+)*+(?:\r?\n[\w+/\\-]++=)?={0,2}", re.ASCII)
_SHORTEST_BASE64: Final = 500
"""From how many letters without a space on a text is taken for base64: no word and no key is as long."""


def function_tools(tools: ListToolsResult | Iterable[Tool]) -> list[Item]:
    """Give the functions that a request of the Responses API offers to the model.

    Args:
        tools: What `tools/list` answered. Tools that are there for views alone (MCP Apps' `visibility` without
            `model`) are left out: no model may see them.

    Returns:
        For each tool `{"type": "function", "name", "description", "parameters", "strict": False}`; `parameters` is its
        input schema as it is, which is more than what the strict form can say.

    Raises:
        BadInput: One of them is not a tool.
    """
    listed = cast("Iterable[Tool]", getattr(tools, "tools", tools))
    return [_function(tool) for tool in listed if "model" in _visibility(tool)]


def function_call_output(
    call_id: str, result: CallToolResult | Exception, *, images: Images = "list", detail: Detail = "auto"
) -> list[Item]:
    """Give one tool's answer as the items that follow its call.

    For several calls of one turn take `function_call_outputs`: nothing may stand between their outputs.

    Args:
        call_id: The `call_id` of the `function_call` that this answers.
        result: What the tool answered, or the exception that its call ended with: its text goes to the model.
        images: `list`: the output is a list of texts and pictures, as OpenAI takes it (a plain text where there is no
            picture). `message`: the output is a text, and a user's message behind it holds the pictures: for servers
            that answer a list with 400, as LM Studio does. `none`: the text says that there were pictures.
        detail: How closely the model looks at each picture, which decides its price.

    Returns:
        A `function_call_output`; behind it, with `images="message"` and pictures, a message.

    Raises:
        BadInput: The result is no `CallToolResult`, or `call_id`, `images` or `detail` is not valid.
    """
    return function_call_outputs({call_id: result}, images=images, detail=detail)


def function_call_outputs(
    results: Mapping[str, CallToolResult | Exception], *, images: Images = "list", detail: Detail = "auto"
) -> list[Item]:
    """Give the answers to all calls of a turn: every output first, then, where asked for, one message of pictures.

    Args:
        results: What each call was answered with, by its `call_id`.
        images: As in `function_call_output`.
        detail: As in `function_call_output`.

    Raises:
        BadInput: As `function_call_output`; nothing is given then.
    """
    _check("images", images, get_args(Images))
    _check("detail", detail, get_args(Detail))
    outputs: list[Item] = []
    shown: list[Item] = []
    for call_id, result in results.items():
        if not isinstance(call_id, str) or not call_id:  # pyright: ignore[reportUnnecessaryIsInstance] - from outside
            raise BadInput(f"call_id is {call_id!r}: pass the call_id of the function_call that was answered.")
        parts = _parts(result)
        output = _list(parts, detail) if images == "list" else _text(parts, call_id if images == "message" else None)
        outputs.append({"type": "function_call_output", "call_id": call_id, "output": output})
        shown += _shown(parts, call_id, detail) if images == "message" else ()
    return [*outputs, {"type": "message", "role": "user", "content": shown}] if shown else outputs


@dataclass(frozen=True, slots=True)
class _Picture:
    """A picture that a model can be shown."""

    mime_type: str
    data: str

    @property
    def told(self) -> str:
        return _about("picture", self.mime_type, self.data)

    def part(self, detail: Detail) -> Item:
        return {"type": "input_image", "image_url": f"data:{self.mime_type};base64,{self.data}", "detail": detail}


_Part: TypeAlias = str | _Picture


def _list(parts: Sequence[_Part], detail: Detail) -> str | list[Item]:
    """Give texts and pictures in their order; where there is no picture, the text, which every server takes."""
    if not any(isinstance(part, _Picture) for part in parts):
        return _text(parts, None)
    return [part.part(detail) if isinstance(part, _Picture) else _input_text(part) for part in parts]


def _text(parts: Sequence[_Part], call_id: str | None) -> str:
    """Give the text alone; each picture leaves a mark in its place that says where it is, if it is shown at all."""
    told: list[str] = []
    number = 0
    for part in parts:
        if isinstance(part, _Picture):
            number += 1
            where = f"picture {number} of {call_id}: in the message below" if call_id else f"{part.told}, not shown"
            told.append(f"({where})")
        else:
            told.append(part)
    return "\n".join(told)


def _shown(parts: Sequence[_Part], call_id: str, detail: Detail) -> list[Item]:
    pictures = [part for part in parts if isinstance(part, _Picture)]
    return [
        part
        for number, picture in enumerate(pictures, start=1)
        for part in (_input_text(f"Picture {number} of {call_id}:"), picture.part(detail))
    ]


def _input_text(text: str) -> Item:
    return {"type": "input_text", "text": text}


def _parts(result: CallToolResult | Exception) -> list[_Part]:
    """Give what a result holds, in its order: never nothing."""
    if isinstance(result, Exception):
        return [f"Error: {_without_base64(str(result)) or type(result).__name__}"]
    if not isinstance(getattr(result, "content", None), list) or not hasattr(result, "is_error"):
        raise BadInput(
            f"result is a {type(result).__name__}, which is not a CallToolResult: pass what "
            "`await client.call_tool(…)` gave, or the exception that it raised."
        )
    parts = [part for block in result.content if (part := _part(block))]
    if result.structured_content is not None and not any(block.type == "text" for block in result.content):
        parts.insert(0, _without_base64(json.dumps(result.structured_content, ensure_ascii=False)))
    if result.is_error:
        parts.insert(0, f"Error: {parts.pop(0)}" if parts and isinstance(parts[0], str) else "Error.")
    return parts or [NOTHING]


def _part(block: ContentBlock) -> _Part:
    match block.type:
        case "text":
            return _without_base64(block.text)
        case "image":
            return _picture(block.mime_type, block.data)
        case "resource":
            return _embedded(block)
        case "resource_link":
            return _without_base64(_link(block))
        case "audio":
            return _sound(block)
    return f"({block.type}: left out)"  # pyright: ignore[reportUnreachable] - of a later protocol


def _picture(mime_type: str | None, data: str) -> _Part:
    """Give a picture, or, where no service would take it, a text about it."""
    kind = (mime_type or "").partition(";")[0].strip().lower().replace("image/jpg", "image/jpeg")
    if kind not in PICTURE_TYPES:
        return f"({_about('picture', kind, data)}: left out, because models take PNG, JPEG, WebP and GIF)"
    try:
        whole = bool(a2b_base64(data, strict_mode=True))
    except (BinasciiError, ValueError):
        whole = False
    return _Picture(kind, data) if whole else f"({_about('picture', kind, data)}: left out, because it is broken)"


def _embedded(block: EmbeddedResource) -> _Part:
    """Give a resource that came inside the answer: as a picture, as text, or in a word about it."""
    resource = block.resource
    uri, blob = _without_base64(resource.uri), getattr(resource, "blob", None)
    if blob is None:
        return _without_base64(f"{resource.uri}\n{getattr(resource, 'text', '')}")
    if (resource.mime_type or "").startswith("image/"):
        return _picture(resource.mime_type, blob)
    return f"({_about('resource', resource.mime_type, blob)}, {uri}: left out)"


def _link(block: Link) -> str:
    kind = f" ({block.mime_type})" if block.mime_type else ""
    about = f": {block.description}" if block.description else ""
    return f"{block.title or block.name}{kind}{about}\n{block.uri}"


def _sound(block: AudioContent) -> str:
    return f"({_about('sound', block.mime_type, block.data)}: left out)"


def _about(what: str, mime_type: str | None, data: str) -> str:
    byte_count = len(data) * 3 // 4 - data[-2:].count("=")
    return f"{what}, {_without_base64(mime_type or '') or 'type unknown'}, {byte_count:,} bytes"


def _without_base64(text: str) -> str:
    """Give a text with all base64 in it replaced by a word about it."""
    text = _DATA_URL.sub(lambda found: f"({_about('data', found[1], found[2])}: left out)", text)
    return _LONG_RUN.sub(_judged, text)


def _judged(run: re.Match[str]) -> str:
    length = len(run[0])
    return run[0] if length < _SHORTEST_BASE64 else f"({length:,} letters of base64: left out)"


def _function(tool: Tool) -> Item:
    return {
        "type": "function",
        "name": tool.name,
        "description": tool.description or "",
        "parameters": {"type": "object", "properties": {}} | tool.input_schema,
        "strict": False,
    }


def _visibility(tool: Tool) -> Sequence[str]:
    """Tell who may see a tool; where it does not say, everyone."""
    if not hasattr(tool, "input_schema"):
        raise BadInput(
            f"{type(tool).__name__} is not a tool: pass what `await client.list_tools()` gave, or its `tools`."
        )
    about: object = (tool.meta or {}).get("ui")
    told: object = cast("Mapping[str, object]", about).get("visibility") if isinstance(about, Mapping) else None
    return cast("Sequence[str]", told) if isinstance(told, list) else ("model", "app")


def _check(name: str, value: str, known: Iterator[str] | Sequence[str]) -> None:
    choices = list(known)
    if value not in choices:
        named = ", ".join(repr(choice) for choice in choices[:-1])
        raise BadInput(f"{name} is {value!r}: pass {named} or {choices[-1]!r}.")
