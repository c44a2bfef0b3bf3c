"""`lightbox tools` and `lightbox call TOOL --help`: what the served tools do and take, from their own schemas."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import anyio
from rich.padding import Padding
from rich.text import Text

from lightbox.app import stdio_server
from lightbox.commands.presenting import Console, show_document
from lightbox.commands.typed_arguments import nearest, value_of
from lightbox.errors import BadInput
from lightbox.tools.table import TOOLS, why_absent

if TYPE_CHECKING:
    from mcp.types import Tool

    from lightbox.settings import Settings


def list_tools(settings: Settings, *, as_json: bool) -> None:
    """Print the tools that are served: name, what it does, and whether it bills."""
    tools = _served(settings)
    if as_json:
        show_document([tool.model_dump(mode="json", by_alias=True, exclude_none=True) for tool in tools.values()])
        return
    console = Console()
    width = max(map(len, tools), default=0)
    for name, tool in tools.items():
        first = (tool.description or "").partition(". ")[0].rstrip(".")
        if console.is_terminal:
            line = Text.assemble((name.ljust(width), "cyan"), "  ", first)
            line.truncate(console.width, overflow="ellipsis")
            console.print(line)
        else:
            print(f"{name}\t{first}")  # noqa: T201 - what was asked for
    print_hint(console)


def print_hint(console: Console) -> None:
    """Say in a terminal how to go on."""
    if console.is_terminal:
        console.print(Text("`lightbox call TOOL --help` shows what a tool takes.", "dim"))


def tool_help(settings: Settings, name: str) -> None:
    """Print what a tool does, and each of its arguments.

    Raises:
        BadInput: No such tool is served.
    """
    tools = _served(settings)
    if name not in tools:
        raise BadInput(f"{why_absent(name, tuple(tool for tool in TOOLS if tool.name in tools))}{nearest(name, tools)}")
    tool = tools[name]
    required = tool.input_schema.get("required", [])
    console = Console()
    console.print(Text(f"usage: lightbox call {name} {' '.join(f'{key}=…' for key in required)} [key=value]..."))
    console.print()
    console.print(Text(tool.description or ""))
    console.print()
    for key, schema in tool.input_schema.get("properties", {}).items():
        console.print(
            Text.assemble((key, "bold cyan"), "  ", (value_of(schema), "dim"), _default(schema, key in required))
        )
        if text := schema.get("description"):
            console.print(Padding(Text(text), (0, 0, 0, 4)))


def _served(settings: Settings) -> dict[str, Tool]:
    return {tool.name: tool for tool in anyio.run(stdio_server(settings).list_tools)}


def _default(schema: Mapping[str, Any], required: bool) -> str:  # noqa: FBT001 - of one argument
    if required:
        return "  (required)"
    default = schema.get("default")
    return "" if default in (None, [], "") else f"  (default: {json.dumps(default, ensure_ascii=False).strip(chr(34))})"
