"""The server: settings, tools and what opens them put together. This module alone knows everyone."""

from __future__ import annotations

import asyncio
import contextvars
import importlib
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import replace
from functools import partial
from types import ModuleType
from typing import TYPE_CHECKING, Any, Generic, Protocol, Self, TypeAlias, TypeVar

import anyio
from anyio.to_thread import run_sync
from mcp import MCPError
from mcp.server.apps import client_supports_apps
from mcp.server.caching import CacheableMethod, CacheHint
from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.server.lowlevel.helper_types import ReadResourceContents
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.request_state import RequestStateSecurity
from mcp.types import (
    INVALID_PARAMS,
    CompleteRequestParams,
    CompleteResult,
    GetPromptResult,
    InputRequiredResult,
    ListResourcesResult,
    PaginatedRequestParams,
    PromptMessage,
    SubscriptionsListenRequestParams,
    SubscriptionsListenResult,
    TextContent,
)
from mcp.types import Tool as ListedTool
from pydantic.networks import AnyUrl

from lightbox import __version__
from lightbox.errors import BadInput
from lightbox.providers.roster import configured
from lightbox.quick_import import left_out, quick_import
from lightbox.settings import Settings
from lightbox.telemetry.log_format import log_handler
from lightbox.telemetry.observer import UNOBSERVED, Observer
from lightbox.tools.failure import failure
from lightbox.tools.gallery_host import (
    declares_apps,
    gallery_contents,
    gallery_resource,
    is_gallery,
    with_extension,
    with_pages,
)
from lightbox.tools.instructions import instructions
from lightbox.tools.list_changes import ListChanges
from lightbox.tools.prompts import OWN_PROMPTS, prompt_text, register_prompts
from lightbox.tools.resource_list import register_resources
from lightbox.tools.table import GALLERY_TOOLS, TOOLS, listed, why_absent
from lightbox.tools.tool import Answer, Caller, served
from lightbox.untrusted import Redaction, plain_lines

if TYPE_CHECKING:
    from anyio.abc import TaskGroup
    from mcp.server.auth.provider import TokenVerifier
    from mcp.server.auth.settings import AuthSettings

    from lightbox.providers.adapter import Adapter
    from lightbox.providers.endpoint import Endpoint
    from lightbox.state.database import Database
    from lightbox.tools.parts import Parts, PictureParts
    from lightbox.tools.tool import Tool

T = TypeVar("T")

NAME = "lightbox"
LISTS: tuple[CacheableMethod, ...] = ("tools/list", "resources/templates/list", "prompts/list")
PICTURES: CacheableMethod = "resources/list"
"""The list that changes with every picture that is made."""
OPEN_REST_SECONDS = 2.0
"""How long after the first look at pictures all else is opened: it is not in that call's way."""
LISTS_LAST_MS = 3_600_000
"""For how long a client may take a list as it was: none changes while the server runs."""

OWN_LISTS_LAST_MS = 60_000
"""Likewise where callers have lists of their own, which a change of the token file changes."""

NOT_SERVED = "not-served"
"""What a tool is called in logs and metrics that is not served: its name is the client's own."""

Callers = Callable[[Any], Caller]
"""Tells who makes a request: Starlette's over HTTP, None elsewhere."""

OnOpen: TypeAlias = "Callable[[Database], Awaitable[None]]"
"""Takes what it needs from the database as soon as that is open."""


class KnownCallers(Protocol):
    """What is known of callers who bring keys of their own."""

    @property
    def secrets(self) -> Sequence[str]:
        """The keys; there may be more of them later."""
        ...

    def account(self, provider: str, account: str) -> Endpoint | None:
        """Give the service for which a caller brought the key of this fingerprint; None once it is gone."""
        ...


def the_person_here(_: object) -> Caller:
    """Take every call for that of the one person on this machine, as over stdio."""
    return Caller()


class Lifespan:
    """What a running server holds: made late, once for all its connections, and closed with the last of them.

    Args:
        settings: The settings.
        callers: Tells who makes a call.
        over_http: Whether callers are elsewhere: files of this machine are not theirs.
        known: Callers who may differ in the tools that they have, and bring keys; None where all are alike.
        on_open: Told of the database before anything works with it.
        observer: Is told what happens.

    Raises:
        SettingsError: A setting can't work; the text names it.
    """

    def __init__(
        self,
        settings: Settings,
        callers: Callers = the_person_here,
        *,
        over_http: bool = False,
        known: KnownCallers | None = None,
        on_open: OnOpen | None = None,
        observer: Observer = UNOBSERVED,
    ) -> None:
        self.settings = settings
        self.on_open = on_open
        self.observer = observer
        self._callers = callers
        self.over_http = over_http
        self.known = known
        self.changes = ListChanges()
        self.endpoints = configured(settings)
        self.tools = listed(settings, self.endpoints)
        self._redaction = Redaction(
            settings.keys, settings.places if over_http else None, known.secrets if known else ()
        )
        self._connections = 0
        self._calls: dict[tuple[str, str], list[anyio.CancelScope]] = {}
        self._home: _Home | None = None

    async def __aenter__(self) -> Self:
        """Begin with a connection; nothing is opened but the place in which jobs outlive their calls."""
        self._connections += 1
        if self._home is None:
            self._home = _Home(self)
        await self._home.ready.wait()
        return self

    async def __aexit__(self, *_: object) -> None:
        """End with the last connection: wait a little for what can't be asked for again, then close everything."""
        self._connections -= 1
        if self._connections or self._home is None:
            return
        home, self._home = self._home, None
        with anyio.CancelScope(shield=True):
            await home.leave()

    def caller(self, context: Context[Any, Any]) -> Caller:
        """Tell who calls."""
        caller = self._callers(context.request_context.request)
        return replace(caller, shows_apps=True) if client_supports_apps(context) else caller

    def shows_apps(self, context: ServerRequestContext[Any, Any]) -> bool:
        """Tell whether the client that makes a request shows MCP Apps."""
        return client_supports_apps(context) or self._callers(context.request).shows_apps

    def gallery_tools_of(self, context: ServerRequestContext[Any, Any]) -> tuple[Tool, ...]:
        """Give the tools that the gallery alone may call, to whoever shows one and has the tools that they are like."""
        if not self.shows_apps(context):
            return ()
        names = {tool.name for tool in self.tools_of(context.request)}
        return tuple(tool for tool in GALLERY_TOOLS if tool.app_like in names)

    def tools_of(self, request: object) -> tuple[Tool, ...]:
        """Give the tools that whoever makes a request may use, and whose services it has."""
        if self.known is None:
            return self.tools
        caller = self._callers(request)
        able = self.tools if caller.endpoints is None else listed(self.settings, caller.endpoints)
        return tuple(tool for tool in able if caller.tools is None or tool.name in caller.tools)

    async def texts_of(self, request: object) -> dict[str, str]:
        """Give the texts of the tools that whoever makes a request may use, with their prices, by name."""
        prices = await _imported("lightbox.tools.prices")
        own = self._callers(request).endpoints if self.known else None
        available = self.endpoints if own is None else own
        return await run_sync(prices.priced_texts, self.tools_of(request), self.settings, available)

    def account(self, provider: str, account: str) -> Endpoint | None:
        """Give the service for which a caller brought the key of this fingerprint; None where it is gone."""
        return self.known.account(provider, account) if self.known else None

    @property
    def redaction(self) -> Redaction:
        """What strikes keys out of all that a caller is shown, and paths where they mean nothing to the caller."""
        return self._redaction

    @contextmanager
    def calling(self, owner: str, request_id: str, scope: anyio.CancelScope) -> Generator[None]:
        """Know a call while it is answered, so that its client can cancel it."""
        calls = self._calls.setdefault((owner, request_id), [])
        calls.append(scope)
        try:
            yield
        finally:
            calls.remove(scope)
            if not calls:
                del self._calls[owner, request_id]

    def cancel(self, owner: str, request_id: str) -> None:
        """Cancel a call of an owner's; where several clients have one of this id, nobody knows which is meant."""
        calls = self._calls.get((owner, request_id), [])
        if len(calls) == 1:
            calls[0].cancel()

    def open_jobs(self) -> list[str]:
        """Give the owner of each job that this process works on."""
        parts = self._home.parts.made if self._home else None
        return [run.order.owner for run in parts.runner.runs.values()] if parts else []

    async def prepare(self, *, only_looks: bool = False) -> None:
        """Import what the first call needs, on another thread."""
        await _imported("lightbox.looking" if only_looks else "lightbox.opening")

    async def open(self) -> Parts:
        """Give everything that does the work, making it at the first call.

        A caller that is cancelled leaves it to be made for the next.
        """
        return await self._here.parts.get()

    async def open_pictures(self) -> PictureParts:
        """Give what is needed to look at pictures, likewise; all else is opened a moment later."""
        return await self._here.pictures.get()

    @property
    def _here(self) -> _Home:
        if self._home is None:
            raise RuntimeError("a server's parts are opened inside its lifespan")
        return self._home


class _Late(Generic[T]):
    """Something made by whoever asks first, in a task that outlives the one who asks."""

    def __init__(self, tasks: TaskGroup, make: Callable[[], Awaitable[T]]) -> None:
        self.made: T | None = None
        self._tasks = tasks
        self._make = make
        self._ended: anyio.Event | None = None
        self._failure: Exception | None = None

    async def get(self) -> T:
        """Give it; what went wrong is raised for all who wait, and the next who asks has it tried again."""
        if self.made is not None:
            return self.made
        if self._ended is None:
            self._ended, self._failure = anyio.Event(), None
            # What is made lives on: it belongs to the trace of no call.
            contextvars.Context().run(self._tasks.start_soon, self._try, self._ended)
        await self._ended.wait()
        if self.made is None:
            raise self._failure or RuntimeError("the server is being closed")
        return self.made

    async def _try(self, ended: anyio.Event) -> None:
        try:
            self.made = await self._make()
        except Exception as error:  # noqa: BLE001 - raised where the callers wait
            self._failure, self._ended = error, None
        finally:
            ended.set()


class _Home:
    """A task of its own, in which connections may come and go in any order, and what they share lives on."""

    pictures: _Late[PictureParts]
    parts: _Late[Parts]

    def __init__(self, lifespan: Lifespan) -> None:
        self.ready = anyio.Event()
        self._lifespan = lifespan
        self._leaving = anyio.Event()
        self._closing = AsyncExitStack()
        self._task = asyncio.create_task(self._live())

    async def leave(self) -> None:
        """Close everything."""
        self._leaving.set()
        await self._task

    async def _live(self) -> None:
        async with self._closing, anyio.create_task_group() as tasks:
            self.pictures = _Late(tasks, partial(self._open_pictures, tasks))
            self.parts = _Late(tasks, partial(self._open_parts, tasks))
            self.ready.set()
            await self._leaving.wait()
            if self.parts.made is not None:
                await self.parts.made.runner.linger()
            tasks.cancel_scope.cancel()

    async def _open_pictures(self, tasks: TaskGroup) -> PictureParts:
        looking, lifespan = await _imported("lightbox.looking"), self._lifespan

        async def adapters(provider: str, account: str) -> Adapter:
            return await (await self.parts.get()).adapters(provider, account)

        opened = await looking.open_pictures(
            lifespan.settings,
            lifespan.endpoints,
            adapters,
            over_http=lifespan.over_http,
            observer=lifespan.observer,
            closing=self._closing,
            on_open=lifespan.on_open,
            on_made=partial(tasks.start_soon, lifespan.changes.tell),
        )
        tasks.start_soon(self._open_rest)
        return opened

    async def _open_parts(self, tasks: TaskGroup) -> Parts:
        opening, pictures = await _imported("lightbox.opening"), await self.pictures.get()
        return await opening.open_parts(pictures, tasks=tasks, closing=self._closing, accounts=self._lifespan.account)

    async def _open_rest(self) -> None:
        """Open what is not needed to look at pictures: what servers that are gone have left is to be taken over."""
        await anyio.sleep(OPEN_REST_SECONDS)
        with suppress(Exception):  # raised where a call needs it
            await self.parts.get()


async def _imported(name: str) -> ModuleType:
    """Give a module that takes a while to import, on another thread the first time."""
    module = _modules.get(name)
    if module is None:  # `sys.modules` may hold it half made
        with quick_import():
            module = _modules[name] = await run_sync(importlib.import_module, name)
    return module


_modules: dict[str, ModuleType] = {}


class LightboxServer(MCPServer[Lifespan]):
    """An MCP server whose resources carry the type of their bytes, and which knows the tools that it does not serve."""

    async def call_tool(
        self, name: str, arguments: dict[str, Any], context: Context[Lifespan, Any] | None = None
    ) -> Answer:
        """Call a tool; one that is not served is explained, for a client may remember it from better days."""
        if context is not None:
            lifespan = context.request_context.lifespan_context
            tools = lifespan.tools_of(context.request_context.request)
            if name not in {tool.name for tool in (*tools, *lifespan.gallery_tools_of(context.request_context))}:
                caller = lifespan.caller(context)
                with lifespan.observer.call(NOT_SERVED, caller.owner) as observed:
                    observed.outcome = "failed"
                return failure(why_absent(name, tools, forbidden=caller.tools is not None and name not in caller.tools))
        return await super().call_tool(name, arguments, context)

    async def list_tools(self) -> list[ListedTool]:
        """List the tools of models; the gallery's own are told to clients that show one."""
        own = {tool.name for tool in GALLERY_TOOLS}
        return [tool for tool in await super().list_tools() if tool.name not in own]

    async def read_resource(
        self, uri: AnyUrl | str, context: Context[Lifespan, Any] | None = None
    ) -> Iterable[ReadResourceContents]:
        """Read one of our resources; the gallery's page is anybody's, for some hosts ask for it as nobody."""
        if is_gallery(str(uri)):
            return [gallery_contents()]
        resources: Any = await _imported("lightbox.tools.resources")
        return await resources.read_resource(str(uri), context or Context(mcp_server=self))

    async def get_prompt(
        self, name: str, arguments: dict[str, Any] | None = None, context: Context[Lifespan, Any] | None = None
    ) -> GetPromptResult | InputRequiredResult:
        """Give a prompt for the caller's tools; one that does not exist is a wrong parameter, not a server's fault."""
        if name not in OWN_PROMPTS and name in {prompt.name for prompt in await self.list_prompts()}:
            return await super().get_prompt(name, arguments, context)
        tools: Iterable[Tool] = TOOLS
        if context is not None:
            tools = context.request_context.lifespan_context.tools_of(context.request_context.request)
        try:
            text = prompt_text(name, arguments or {}, {tool.name for tool in tools})
        except BadInput as error:
            raise MCPError(INVALID_PARAMS, plain_lines(str(error))) from error
        content = TextContent(type="text", text=text)
        return GetPromptResult(messages=[PromptMessage(role="user", content=content)])

    def offer_completions(self) -> None:
        """Complete handles, ids of jobs and the arguments of prompts while a person types them."""

        async def complete(
            context: ServerRequestContext[Lifespan, Any], parameters: CompleteRequestParams
        ) -> CompleteResult:
            completions: Any = await _imported("lightbox.tools.completions")
            asked = Context(request_context=context, mcp_server=self)
            return await completions.complete(parameters.ref, parameters.argument, asked)

        # The SDK's own decorator does not say who asks.
        self._lowlevel_server.add_request_handler("completion/complete", CompleteRequestParams, complete)

    def offer_pictures(self) -> None:
        """List the newest made pictures of whoever asks, and say when there are others."""

        async def give(context: ServerRequestContext[Lifespan, Any], _: PaginatedRequestParams) -> ListResourcesResult:
            resources: Any = await _imported("lightbox.tools.resources")
            asked = Context(request_context=context, mcp_server=self)
            lifespan = context.lifespan_context
            lifespan.changes.remember(lifespan.caller(asked).owner, context)
            pages = [gallery_resource()] if lifespan.shows_apps(context) else []
            listed = [*pages, *await self.list_resources(), *await resources.list_made(asked)]
            return ListResourcesResult(resources=listed)

        async def listen(
            context: ServerRequestContext[Lifespan, Any], parameters: SubscriptionsListenRequestParams
        ) -> SubscriptionsListenResult:
            lifespan = context.lifespan_context
            owner = lifespan.caller(Context(request_context=context, mcp_server=self)).owner
            return await lifespan.changes.listen(owner, context, parameters)

        # Likewise, and the SDK's own streams are not kept apart by caller.
        self._lowlevel_server.add_request_handler(PICTURES, PaginatedRequestParams, give)
        self._lowlevel_server.add_request_handler("subscriptions/listen", SubscriptionsListenRequestParams, listen)


async def _own_list(ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
    """List to each caller the tools that it may use, with what they cost it; and what the gallery has of them."""
    result = await call_next(ctx)
    if ctx.method != "tools/list" or not isinstance(result, dict):
        return result
    lifespan: Lifespan = ctx.lifespan_context
    texts = await lifespan.texts_of(ctx.request)
    listed = [tool | {"description": texts[tool["name"]]} for tool in result["tools"] if tool["name"] in texts]
    if not lifespan.shows_apps(ctx):
        return result | {"tools": listed}
    scope = {"cacheScope": "private"} if "cacheScope" in result else {}  # others have another list
    return (
        result | {"tools": with_pages(listed, lifespan.tools_of(ctx.request), lifespan.gallery_tools_of(ctx))} | scope
    )


async def _say_that_there_are_pages(ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
    """Say so to a client that shows MCP Apps, and to no other."""
    result = await call_next(ctx)
    if not isinstance(result, dict):
        return result
    if ctx.method == "initialize":
        return with_extension(result) if declares_apps((ctx.params or {}).get("capabilities")) else result
    if ctx.method == "server/discover" and ctx.lifespan_context.shows_apps(ctx):
        return with_extension(result)
    return result


async def _say_that_lists_change(ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
    """Say so to a client of the 2025 protocol that can be told: over HTTP, to one that is given a session."""
    result = await call_next(ctx)
    if ctx.method != "initialize" or not isinstance(result, dict):
        return result
    able = (ctx.params or {}).get("capabilities")
    if ctx.request is None or (isinstance(able, dict) and "elicitation" in able):
        result["capabilities"].setdefault("resources", {})["listChanged"] = True
    return result


def make_server(
    lifespan: Lifespan,
    state_security: RequestStateSecurity | None = None,
    *,
    token_verifier: TokenVerifier | None = None,
    auth: AuthSettings | None = None,
) -> LightboxServer:
    """Make the server with the tools that the configured providers can serve. Nothing is opened yet.

    Questions that are put to the person travel to the client and back sealed: with `state_security`, another process
    that has the same can take up the answer. With `auth`, `token_verifier` tells whose a bearer token is.
    """

    @asynccontextmanager
    async def living(_: MCPServer[Lifespan]) -> AsyncGenerator[Lifespan]:
        async with lifespan:
            yield lifespan

    alike = lifespan.known is None
    hint = CacheHint(LISTS_LAST_MS, "public") if alike else CacheHint(OWN_LISTS_LAST_MS, "private")
    with left_out("rich"):  # in which the SDK would write logs: 0.1 s of the start, for a handler that is not used
        server = LightboxServer(
            NAME,
            title="Lightbox",
            version=__version__,
            description="Find, see, make, edit and describe pictures, with the price before and the bill after.",
            instructions=instructions(lifespan.settings, lifespan.endpoints),
            tools=[served(tool) for tool in (*(lifespan.tools if alike else TOOLS), *GALLERY_TOOLS)],
            lifespan=living,
            request_state_security=state_security,
            cache_hints={**dict.fromkeys(LISTS, hint), PICTURES: CacheHint(0, "private")},
            log_level=lifespan.settings.log_level,
            middleware=(_say_that_lists_change, _say_that_there_are_pages, _own_list),
            token_verifier=token_verifier,
            auth=auth,
        )
    register_resources(server)
    register_prompts(server, {tool.name for tool in (lifespan.tools if alike else TOOLS)})
    server.offer_completions()
    server.offer_pictures()
    return server


def stdio_server(settings: Settings, observer: Observer = UNOBSERVED) -> LightboxServer:
    """Make the server for one caller on this machine.

    Raises:
        SettingsError: A setting can't work; the text names it.
    """
    return make_server(Lifespan(settings, observer=observer))


def configure_logging(settings: Settings, more_keys: Sequence[str] = ()) -> None:
    """Send logs to stderr, in the form that is set. What the SDK sets up for itself afterwards changes nothing.

    `more_keys` are struck out beside those of the settings; there may be more of them later.
    """
    handler = log_handler(settings.keys, settings.log_format, more_keys)
    logging.basicConfig(level=settings.log_level, handlers=[handler], force=True)
