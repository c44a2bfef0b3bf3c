"""`lightbox call TOOL key=value`: one tool call from the shell, through a real client in this process."""

from __future__ import annotations

import base64
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import anyio
from mcp import Client
from mcp.types import CallToolResult, ImageContent, TextContent

from lightbox.app import configure_logging, stdio_server
from lightbox.commands.typed_arguments import read_arguments
from lightbox.settings import Settings

PREVIEW_NAME = "lightbox-preview-{number}.{extension}"
ASK_AGAIN = "get_job"

_RUNNING = re.compile(r"Still running: (job_\w+)")
_JOB = re.compile(r"\bjob_\w+")


def call(settings: Settings, tool: str, arguments: Sequence[str]) -> int:
    """Call a tool, print its text, and save its previews beside the state; 0 when it worked, else 1.

    It waits as long as the call takes. Ctrl-C leaves a paid job to the journal and says how to ask for it again.

    Raises:
        BadInput: An argument that the tool does not have, or a value that is not of its type.
    """
    return anyio.run(_call, settings, tool, arguments)


async def _call(settings: Settings, tool: str, typed: Sequence[str]) -> int:
    configure_logging(settings)
    server = stdio_server(settings)
    known = {tool.name: tool for tool in await server.list_tools()}
    arguments = read_arguments(known[tool], typed) if tool in known else {}  # what is not served, the server explains
    async with Client(server) as client:
        result = await _Waiting(client).result(tool, arguments)
    _show(result, settings.state_dir)
    return 1 if result.is_error else 0


class _Waiting:
    """One call that is waited for to its end; what it is at goes to stderr."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._job_id: str | None = None
        self._said = ""

    async def result(self, tool: str, arguments: Mapping[str, Any]) -> CallToolResult:
        """Call the tool; what is still running is asked for again until it is done."""
        self._job_id = arguments.get("job_id")
        only_once = "wait_seconds" in arguments or "cancel" in arguments  # the person asked how it stands
        try:
            result = await self._ask(tool, arguments)
            while not only_once and (running := _RUNNING.match(_text(result))):
                self._job_id = running[1]
                result = await self._ask(ASK_AGAIN, {"job_id": self._job_id})
        except anyio.get_cancelled_exc_class():
            _say(self._how_to_go_on())
            raise
        return result

    async def _ask(self, tool: str, arguments: Mapping[str, Any]) -> CallToolResult:
        return await self._client.call_tool(tool, dict(arguments), progress_callback=self._hear)

    async def _hear(self, progress: float, total: float | None, message: str | None) -> None:
        del progress, total  # nobody knows how long it will take
        if message and message != self._said:  # each time a job is asked for, it says anew what it is at
            self._said = message
            _say(message)
        if self._job_id is None and (job := _JOB.search(message or "")):
            self._job_id = job[0]

    def _how_to_go_on(self) -> str:
        """Say what becomes of a call that the person does not wait for."""
        if self._job_id is None:
            return "\nInterrupted. If a request was sent, it may be billed; the same call made again takes its result."
        return (
            "\nInterrupted. The job is not cancelled, and it is paid for once. To get its result:\n"
            f"    lightbox call {ASK_AGAIN} job_id={self._job_id}\n"
            "Closing; this may take a few seconds."
        )


def _text(result: CallToolResult) -> str:
    return "\n".join(block.text for block in result.content if isinstance(block, TextContent))


def _show(result: CallToolResult, folder: Path) -> None:
    print(_text(result), file=sys.stderr if result.is_error else sys.stdout)
    pictures = [block for block in result.content if isinstance(block, ImageContent)]
    for number, block in enumerate(pictures, 1):
        print(f"preview: {_saved(folder, block, number)}")  # noqa: T201 - what was asked for


def _saved(folder: Path, block: ImageContent, number: int) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / PREVIEW_NAME.format(number=number, extension=block.mime_type.removeprefix("image/"))
    path.write_bytes(base64.b64decode(block.data))
    return path


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)  # noqa: T201 - stdout is for results
