"""Calls of tools as a person makes them: through a real MCP client in this process, and waited for to their end."""

from __future__ import annotations

import base64
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Protocol, cast

import anyio
from mcp import Client, MCPError
from mcp.types import (
    BlobResourceContents,
    CallToolResult,
    ElicitRequestFormParams,
    ElicitRequestParams,
    ElicitResult,
    ResourceTemplateReference,
    TextContent,
)

from lightbox.app import configure_logging, stdio_server
from lightbox.tools.resource_list import IMAGE

if TYPE_CHECKING:
    from anyio.abc import TaskGroup
    from mcp.client.context import ClientRequestContext
    from mcp.types import Tool

    from lightbox.settings import Settings

ASK_AGAIN = "get_job"

_RUNNING = re.compile(r"Still running: (job_\w+)")
_JOB = re.compile(r"\bjob_\w+")
_PARTIAL = re.compile(r"partial \d+ of \d+")


class Listener(Protocol):
    """Who hears what a call is at."""

    def say(self, text: str) -> None:
        """Hear a sentence: what the call is at."""
        ...

    def interrupted(self, text: str) -> None:
        """Hear how to go on, where the person does not wait any more."""
        ...

    @property
    def wants_pictures(self) -> bool:
        """Whether unfinished pictures can be shown."""
        ...

    def unfinished(self, data: bytes) -> None:
        """Take an unfinished picture."""
        ...


class Consent(Protocol):
    """Who answers for the person whether a price is paid."""

    async def ask(self, question: str) -> bool:
        """Answer it."""
        ...


class ToolCaller:
    """Makes calls of one client's; each is waited for to its end.

    Args:
        client: Who is connected to the server.
        tasks: Where unfinished pictures are fetched meanwhile.
        tools: What the server serves, by name.
        listener: Hears what a call is at.
        as_typed: Whether the person typed a command of its own for this, which may be typed again.
    """

    def __init__(
        self, client: Client, tasks: TaskGroup, tools: Mapping[str, Tool], listener: Listener, *, as_typed: bool
    ) -> None:
        self.client = client
        self.tools = tools
        self._listener = listener
        self._as_typed = as_typed
        self._tasks = tasks
        self._job_id: str | None = None
        self._said = ""
        self._waited_for = False

    async def result(self, tool: str, arguments: Mapping[str, Any]) -> CallToolResult:
        """Call the tool; what is still running is asked for again until it is done."""
        self._job_id = arguments.get("job_id")
        only_once = "wait_seconds" in arguments or "cancel" in arguments  # the person asked how it stands
        self._waited_for = True
        try:
            result = await self._ask(tool, arguments)
            while not only_once and (running := _RUNNING.match(text_of(result))):
                self._job_id = running[1]
                result = await self._ask(ASK_AGAIN, {"job_id": self._job_id})
        except anyio.get_cancelled_exc_class():
            self._listener.interrupted(self._how_to_go_on())
            raise
        finally:
            self._waited_for = False
        return result

    async def quietly(self, tool: str, arguments: Mapping[str, Any]) -> CallToolResult:
        """Make a call that is free and answered at once, of which nobody is told."""
        return await self.client.call_tool(tool, dict(arguments))

    async def picture(self, address: str) -> bytes | None:
        """Read a picture's resource; None where there is none, or not the whole of it."""
        try:
            [content] = (await self.client.read_resource(address)).contents
        except (MCPError, ValueError):
            return None
        if not isinstance(content, BlobResourceContents) or (content.meta or {}).get("lightbox/note"):
            return None
        return base64.b64decode(content.blob)

    async def _ask(self, tool: str, arguments: Mapping[str, Any]) -> CallToolResult:
        async def hear(progress: float, total: float | None, message: str | None) -> None:
            del progress, total  # nobody knows how long it will take
            if message and message != self._said:  # each time a job is asked for, it says anew what it is at
                self._said = message
                self._listener.say(message)
                if _PARTIAL.match(message) and self._listener.wants_pictures:
                    self._tasks.start_soon(self._look)
            if self._job_id is None and (job := _JOB.search(message or "")):
                self._job_id = job[0]

        return await self.client.call_tool(tool, dict(arguments), progress_callback=hear)

    async def _look(self) -> None:
        """Show what the picture looks like so far."""
        data = await self.picture(f"lightbox://jobs/{self._job_id}/preview") if self._job_id else None
        if data and self._waited_for:  # else the finished one is there by now
            self._listener.unfinished(data)

    def _how_to_go_on(self) -> str:
        """Say what becomes of a call that the person does not wait for."""
        if self._job_id is None:
            return "\nInterrupted. If a request was sent, it may be billed; the same call made again takes its result."
        again = " type the same command again, or" if self._as_typed else ""
        return (
            f"\nInterrupted. The job is not cancelled, and it is paid for once. To get its result:{again}\n"
            f"    lightbox call {ASK_AGAIN} job_id={self._job_id}\n"
            "Closing; this may take a few seconds."
        )


@asynccontextmanager
async def connected(
    settings: Settings, listener: Listener, consent: Consent | None = None, *, as_typed: bool = False
) -> AsyncGenerator[ToolCaller]:
    """Connect a client to a server in this process; without `consent`, the server knows that nobody can be asked.

    Pictures are for the person here, whatever PREVIEWS says for the models of others.
    """
    configure_logging(settings)
    server = stdio_server(settings.model_copy(update={"previews": "auto"}))
    tools = {tool.name: tool for tool in await server.list_tools()}

    async def elicit(context: ClientRequestContext, params: ElicitRequestParams) -> ElicitResult:
        del context
        agreed = isinstance(params, ElicitRequestFormParams) and consent and await consent.ask(params.message)
        return ElicitResult(action="accept", content={"agree": True}) if agreed else ElicitResult(action="decline")

    async with (
        Client(server, elicitation_callback=elicit if consent else None) as client,
        anyio.create_task_group() as tasks,
    ):
        yield ToolCaller(client, tasks, tools, listener, as_typed=as_typed)
        tasks.cancel_scope.cancel()


def run(work: Callable[[], Awaitable[int]]) -> int:
    """Run a command's work on an event loop; an error comes out of it as it was raised.

    Raises:
        LightboxError: As the work does.
    """
    try:
        return anyio.run(work)
    except BaseExceptionGroup as group:  # what was raised while a client was connected
        raise _only(group) from None


def _only(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """Give the one error that a group is about."""
    first = cast("BaseException", group.exceptions[0])
    if len(group.exceptions) > 1:
        return group
    return _only(cast("BaseExceptionGroup[BaseException]", first)) if isinstance(first, BaseExceptionGroup) else first


def text_of(result: CallToolResult) -> str:
    """Give the words of an answer."""
    return "\n".join(block.text for block in result.content if isinstance(block, TextContent))


def handles(settings: Settings, typed: str) -> list[str]:
    """Give the newest handles that begin as was typed, for a shell to complete."""

    async def complete() -> list[str]:
        async with Client(stdio_server(settings)) as client:
            reference = ResourceTemplateReference(type="ref/resource", uri=IMAGE)
            return (await client.complete(reference, {"name": "handle", "value": typed})).completion.values

    return anyio.run(complete)
