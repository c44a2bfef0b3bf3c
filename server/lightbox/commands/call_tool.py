"""`lightbox call TOOL key=value`: one tool call from the shell, through a real client in this process."""

from __future__ import annotations

import base64
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mcp import Client
from mcp.types import ImageContent, TextContent

from lightbox.app import configure_logging, stdio_server
from lightbox.errors import BadInput
from lightbox.settings import Settings

PREVIEW_NAME = "lightbox-preview-{number}.{extension}"


async def call_tool(settings: Settings, tool: str, arguments: Mapping[str, Any]) -> int:
    """Call a tool, write its text to stdout and its previews beside the state; 0 when it worked, else 1.

    Raises:
        BadInput: No configured provider serves such a tool, or there is none.
    """
    server = stdio_server(settings)
    configure_logging(settings)
    names = [known.name for known in await server.list_tools()]
    if tool not in names:
        raise BadInput(f"{tool!r} is no tool that is served here: it is one of {', '.join(names)}.")
    async with Client(server) as client:
        result = await client.call_tool(tool, dict(arguments), progress_callback=_progress)
    pictures = 0
    for block in result.content:
        if isinstance(block, TextContent):
            print(block.text, file=sys.stderr if result.is_error else sys.stdout)
        elif isinstance(block, ImageContent):
            pictures += 1
            print(f"preview: {_keep(settings.state_dir, block, pictures)}")  # noqa: T201
    return 1 if result.is_error else 0


async def _progress(progress: float, total: float | None, message: str | None) -> None:
    del total  # nobody knows how long it will take
    print(f"{progress:.0f}. {message}", file=sys.stderr)  # noqa: T201


def _keep(folder: Path, block: ImageContent, number: int) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / PREVIEW_NAME.format(number=number, extension=block.mime_type.removeprefix("image/"))
    path.write_bytes(base64.b64decode(block.data))
    return path
