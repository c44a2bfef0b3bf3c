"""What the gallery's page asks in the browser: JSON-RPC, carried out by an MCP client in this process."""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, cast

import anyio
from mcp import Client, MCPError
from mcp.client import advertise
from mcp.server.apps import APP_MIME_TYPE, EXTENSION_ID
from mcp.types import (
    INTERNAL_ERROR,
    INVALID_PARAMS,
    INVALID_REQUEST,
    METHOD_NOT_FOUND,
    ElicitRequestFormParams,
    ElicitRequestParams,
    ElicitResult,
)
from pydantic import BaseModel, ConfigDict, Field, ValidationError

if TYPE_CHECKING:
    from anyio.abc import TaskGroup
    from mcp.client.context import ClientRequestContext
    from mcp.server.mcpserver import MCPServer

logger = logging.getLogger(__name__)

ANSWER = "lightbox/answer"
"""The page's own method: the person's answer to a question."""
ASKED_SECONDS = 600.0
"""For how long a question waits for the person; then it counts as declined."""
MOST_CALLS = 64
"""How many calls are at work at once, those included that wait for the person."""

Reply = dict[str, Any]


class _Call(BaseModel):
    model_config = ConfigDict(extra="ignore")

    name: str
    arguments: dict[str, Any] = Field(default_factory=dict[str, Any])


class _Read(BaseModel):
    model_config = ConfigDict(extra="ignore")

    uri: str


class _Answered(BaseModel):
    model_config = ConfigDict(extra="ignore")

    id: str
    action: Literal["accept", "decline"]


@dataclass(eq=False)
class _Work:
    """A call under way: what it says goes to whichever request of the page waits for it."""

    saying: Any = field(init=False)
    hearing: Any = field(init=False)
    agreed: bool = False
    decided: anyio.Event = field(default_factory=anyio.Event)

    def __post_init__(self) -> None:
        self.saying, self.hearing = anyio.create_memory_object_stream[Reply](4)

    async def said(self) -> Reply:
        """Wait for what it says next: a question, or what it brought."""
        try:
            reply = await self.hearing.receive()
        except anyio.EndOfStream:
            reply = _problem(INTERNAL_ERROR, "The gallery is being closed.")
        if "ask" not in reply:
            self.hearing.close()
        return reply


_current: ContextVar[_Work] = ContextVar("lightbox_page_call")


class PageCalls:
    """Answers the page.

    Args:
        client: Who is connected to the server, and asks by `elicit`.
        tasks: Where calls go on when the page is closed: what they bring is kept.
    """

    def __init__(self, client: Client, tasks: TaskGroup) -> None:
        self._tasks = tasks
        self._asked: dict[str, _Work] = {}
        self._at_work = 0
        self._methods: Mapping[str, Callable[[Any], Awaitable[Any]]] = {
            "tools/call": lambda told: _called(client, _Call.model_validate(told)),
            "tools/list": lambda _: client.list_tools(),
            "resources/list": lambda _: client.list_resources(),
            "resources/read": lambda told: client.read_resource(_Read.model_validate(told).uri),
            "ping": lambda _: _nothing(),
        }

    async def reply(self, body: bytes) -> Reply:
        """Answer one request: by a result, an error, or a question to the person (`ask`)."""
        try:
            message = json.loads(body)
        except (ValueError, RecursionError):
            return _error(None, INVALID_REQUEST, "This is not JSON.")
        if not isinstance(message, dict):
            return _error(None, INVALID_REQUEST, "A request is an object.")
        told = cast("dict[str, Any]", message)
        ident = told.get("id")
        ident = ident if isinstance(ident, str | int) else None
        method: Any = told.get("method")
        parameters: Any = told.get("params") or {}
        if method == ANSWER:
            return await self._answered(ident, parameters)
        work = self._methods.get(method) if isinstance(method, str) else None
        if work is None:
            return _error(ident, METHOD_NOT_FOUND, "There is no such method.")
        if self._at_work >= MOST_CALLS:
            return _error(ident, INTERNAL_ERROR, f"{MOST_CALLS} calls are at work, as many as there may be. Try again.")
        self._at_work += 1
        under_way = _Work()
        self._tasks.start_soon(self._do, under_way, work, parameters)
        return {"jsonrpc": "2.0", "id": ident, **await under_way.said()}

    async def elicit(self, _context: ClientRequestContext, params: ElicitRequestParams) -> ElicitResult:
        """Put the server's question to the person, through the page."""
        work = _current.get(None)
        if work is None or not isinstance(params, ElicitRequestFormParams):
            return ElicitResult(action="decline")
        ident = secrets.token_urlsafe(16)
        self._asked[ident] = work
        work.agreed, work.decided = False, anyio.Event()
        try:
            await work.saying.send({"ask": {"id": ident, "message": params.message}})
            with anyio.move_on_after(ASKED_SECONDS):
                await work.decided.wait()
        finally:
            self._asked.pop(ident, None)
        return ElicitResult(action="accept", content={"agree": True}) if work.agreed else ElicitResult(action="decline")

    async def _answered(self, ident: str | int | None, parameters: Any) -> Reply:
        """Pass the person's answer on; what is replied is what the call that asked brings."""
        try:
            answer = _Answered.model_validate(parameters)
        except ValidationError:
            return _error(ident, INVALID_PARAMS, "An answer has an id, and the action accept or decline.")
        work = self._asked.pop(answer.id, None)
        if work is None:
            return _error(
                ident, INVALID_PARAMS, "This question was answered already, or has waited too long. Ask again."
            )
        work.agreed = answer.action == "accept"
        work.decided.set()
        return {"jsonrpc": "2.0", "id": ident, **await work.said()}

    async def _do(self, under_way: _Work, work: Callable[[Any], Awaitable[Any]], parameters: Any) -> None:
        _current.set(under_way)
        with under_way.saying:
            under_way.saying.send_nowait(await self._done(work, parameters))

    async def _done(self, work: Callable[[Any], Awaitable[Any]], parameters: Any) -> Reply:
        try:
            result = await work(parameters)
            shown: Reply = result.model_dump(mode="json", by_alias=True, exclude_none=True) if result else {}
        except ValidationError:
            return _problem(INVALID_PARAMS, "These parameters are not those of this method.")
        except MCPError as error:
            return _problem(error.error.code, error.error.message)
        except Exception:
            logger.exception("a request of the gallery's page could not be answered")
            return _problem(INTERNAL_ERROR, "This could not be done; the terminal of `lightbox gallery` says why.")
        else:
            return {"result": shown}
        finally:
            self._at_work -= 1


@asynccontextmanager
async def page_calls(server: MCPServer[Any]) -> AsyncGenerator[PageCalls]:
    """Connect the page to a server in this process, as a client that shows MCP Apps and can ask the person."""
    answers: list[PageCalls] = []

    async def elicit(context: ClientRequestContext, params: ElicitRequestParams) -> ElicitResult:
        return await answers[0].elicit(context, params)

    apps = advertise(EXTENSION_ID, {"mimeTypes": [APP_MIME_TYPE]})
    async with (
        Client(server, elicitation_callback=elicit, extensions=[apps]) as client,
        anyio.create_task_group() as tasks,
    ):
        answers.append(PageCalls(client, tasks))
        yield answers[0]
        tasks.cancel_scope.cancel()


async def _called(client: Client, call: _Call) -> Any:
    return await client.call_tool(call.name, call.arguments)


async def _nothing() -> None:
    return None


def _problem(code: int, message: str) -> Reply:
    return {"error": {"code": code, "message": message}}


def _error(ident: str | int | None, code: int, message: str) -> Reply:
    return {"jsonrpc": "2.0", "id": ident, **_problem(code, message)}
