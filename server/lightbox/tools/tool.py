"""What a tool is: its row in the table, one call of it, and the form in which the SDK is given one."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal, Protocol, cast

import anyio
from anyio.to_thread import run_sync
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.tools import Tool as ServedTool
from mcp.server.mcpserver.utilities.func_metadata import ArgModelBase, FuncMetadata
from mcp.types import CallToolResult, InputRequiredResult, TextContent, ToolAnnotations
from pydantic import BaseModel, ConfigDict, ValidationError

from lightbox.errors import FetchFailed, LightboxError
from lightbox.telemetry.observer import CallOutcome, ObservedCall, Observer
from lightbox.tools.failure import explain, failed, failure
from lightbox.tools.schemas import input_schema, output_schema
from lightbox.untrusted import Redaction
from lightbox.vocabulary import Ability

if TYPE_CHECKING:
    from lightbox.costs.catalogue.catalogue import Rates
    from lightbox.costs.pricing.budget import Cap
    from lightbox.images.picture import Picture
    from lightbox.jobs.job import Job, Plan
    from lightbox.providers.endpoint import Endpoint
    from lightbox.settings import Settings
    from lightbox.tools.parts import Parts, PictureParts

logger = logging.getLogger(__name__)

Answer = CallToolResult | InputRequiredResult

GRACE_SECONDS = 0.75
"""How much later than WAIT_SECONDS an answer may be that something holds up, such as a locked database."""
LEAST_SECONDS = 2.5
"""What a call has in any case, however short WAIT_SECONDS is, once everything is imported: the first one opens all."""
IMPORT_SECONDS = 60.0
"""How long the first call may wait for what it needs to be imported: a disk that sleeps, a machine that is busy."""

LOOKING = "view_images"
"""The tool that is proposed to nobody while the settings turn previews off."""

LOCAL = "local"

PRICE = "{price}"
"""Stands in a tool's text where its price is filled in, with the words before it."""


class Arguments(ArgModelBase):
    """Arguments of a tool; unknown ones are errors."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    def given(self) -> dict[str, Any]:
        """Give the arguments as JSON, defaults included, so that two calls that mean the same are the same."""
        return self.model_dump(mode="json", exclude_none=True)


class Work(Protocol):
    """The module behind a tool, imported by its first call. What bills is planned; all else answers."""

    def plan(self, call: Call, arguments: Any) -> Awaitable[Plan]:
        """Say what would be sent for a call, and what it would cost; nothing is sent."""
        ...

    def answer(self, call: Call, arguments: Any) -> Awaitable[Answer]:
        """Answer a call."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """Everything about a tool but its work, which is in `lightbox.tools.` and its name.

    Attributes:
        name: As design and clients know it.
        title: For people.
        text: For the model: what it does, when to use it, what it costs; `PRICE` stands for the price.
        arguments: The model of its arguments.
        abilities: The tool is listed where some configured provider has one of these; empty: always.
        bills: What its jobs are answered with, where a call may cost money; None where it never does. What bills is
            not read-only.
        output: The model whose schema is listed for its structured content.
        changes: Whether it changes anything even where it does not bill.
        quick: Whether it only looks up what is known, and so is answered while a caller's other calls are at work.
        open_world: Whether it reaches beyond this machine.
        only_looks: Whether it needs nothing but pictures: neither prices nor jobs are opened for it.
        in_gallery: Whether its answers are shown by the gallery, in clients that show MCP Apps.
        app_like: Named where only the gallery may call it, and no model: a tool that its callers must have, too. None
            for all other tools.
    """

    name: str
    title: str
    text: str
    arguments: type[Arguments]
    abilities: frozenset[Ability] = frozenset()
    bills: Literal["list", "picture", "text"] | None = None
    output: type[BaseModel] | None = None
    changes: bool = False
    quick: bool = False
    open_world: bool = True
    only_looks: bool = False
    in_gallery: bool = False
    app_like: str | None = None

    @property
    def app_only(self) -> bool:
        """Whether only the gallery may call it."""
        return self.app_like is not None

    @property
    def unpriced_text(self) -> str:
        """Its text without figures."""
        return self.text.replace(PRICE, "")

    @property
    def annotations(self) -> ToolAnnotations:
        """What a client may rely on before it calls; what the protocol assumes anyway is not said."""
        read_only = not (self.bills or self.changes)
        return ToolAnnotations(
            read_only_hint=read_only,
            destructive_hint=None if read_only else False,
            open_world_hint=None if self.open_world else False,
        )


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls.

    Attributes:
        owner: Whose handles, jobs and budget these are.
        link: Gives an address under which this caller fetches the picture of a handle; None over stdio, where callers
            are on this machine and paths mean something to them.
        caps: The caller's own budget; None where the server's holds.
        tools: The tools that the caller may use; None for all.
        endpoints: The services as the caller uses them, where it brought a key of its own; else None.
        has_left: Waits until the answer to this request has left this process, and tells whether it has; None where
            nobody can tell.
        shows_apps: Whether the caller's client shows MCP Apps.
    """

    owner: str = LOCAL
    link: Callable[[str], str] | None = None
    caps: tuple[Cap, ...] | None = None
    tools: frozenset[str] | None = None
    endpoints: Mapping[str, Endpoint] | None = None
    has_left: Callable[[], Awaitable[bool]] | None = None
    shows_apps: bool = False


@dataclass
class Showing:
    """What an answer shows, as its tool tells it for the gallery.

    Attributes:
        images: Handles, in the order in which the answer shows them; those that can't be shown come last.
        unseen: Which of them have no preview in the answer after all, by their places from 0.
        sheet: The handle of the contact sheet on which these are.
        job: The job that is answered for.
    """

    images: Sequence[str] = ()
    unseen: Sequence[int] = ()
    sheet: str | None = None
    job: Job | None = None


@dataclass
class Call:
    """What a tool knows of the call that it answers, apart from the arguments.

    Attributes:
        opened: What does the work; for a tool that only looks, what is needed for pictures.
        context: The protocol's view of the request.
        caller: Who calls.
        deadline: When there must be an answer, on the event loop's clock.
        tool: What is called; None where a resource is read.
        served: The names of the tools that the caller has: no other is proposed.
        estimating: Whether only a price is wanted: a provider that is named needs no key then.
        observed: What is told outside of it.
        showing: What its answer shows.
    """

    opened: PictureParts
    context: Context[Any, Any]
    caller: Caller
    deadline: float
    tool: Tool | None = None
    served: frozenset[str] = frozenset()
    estimating: bool = False
    observed: ObservedCall = field(default_factory=lambda: ObservedCall("", LOCAL))
    showing: Showing = field(default_factory=Showing)
    _progress: float = field(default=0, init=False)
    _answered: bool = field(default=False, init=False)

    @property
    def settings(self) -> Settings:
        """The settings."""
        return self.opened.settings

    @property
    def parts(self) -> Parts:
        """Everything that does the work."""
        return cast("Parts", self.opened)

    @property
    def owner(self) -> str:
        """Whose handles, jobs and budget these are."""
        return self.caller.owner

    @property
    def endpoints(self) -> Mapping[str, Endpoint]:
        """The services that this caller can use."""
        return self.caller.endpoints or self.parts.endpoints

    @property
    def budget(self) -> tuple[str, ...]:
        """What this caller may spend."""
        own = self.caller.caps
        return self.settings.budget if own is None else tuple(map(str, own))

    @cached_property
    def rates(self) -> Rates:
        """What the catalogue holds as of now."""
        return self.parts.catalogue.at(datetime.now(UTC))

    @property
    def remaining(self) -> float:
        """Seconds until there must be an answer."""
        return max(0.0, self.deadline - anyio.current_time())

    async def load(self, picture: Picture) -> tuple[Picture, bytes]:
        """Give a picture's true bytes, and the picture with what they tell, in the time that the call has left.

        Raises:
            FetchFailed, Forbidden, BadPicture, BadReference: As the picture store's `open`.
        """
        with anyio.move_on_after(self.remaining):
            return await self.opened.open_picture(picture)
        raise FetchFailed(f"{picture.handle} ({picture.url}) could not be fetched within WAIT_SECONDS.")

    async def tell(self, sentence: str) -> None:
        """Send a progress notification; one that can't be sent never ends a paid call, and none follows the answer."""
        if self._answered:
            return
        self._progress += 1
        try:
            await self.context.report_progress(self._progress, message=sentence)
        except Exception:
            logger.info("a progress notification could not be sent", exc_info=True)

    def close(self) -> None:
        """Say that the answer is on its way."""
        self._answered = True


class Opening(Protocol):
    """What a tool is served from: the server's lifespan."""

    @property
    def settings(self) -> Settings:
        """The settings."""
        ...

    async def prepare(self, *, only_looks: bool = False) -> None:
        """Import what the first call needs, which takes a while."""
        ...

    async def open(self) -> Parts:
        """Give everything that does the work, making it at the first call."""
        ...

    async def open_pictures(self) -> PictureParts:
        """Give what is needed to look at pictures, making it at the first call."""
        ...

    def caller(self, context: Context[Any, Any]) -> Caller:
        """Tell who calls."""
        ...

    def tools_of(self, request: object) -> Sequence[Tool]:
        """Give the tools that whoever makes a request may use, and whose services it has."""
        ...

    @property
    def observer(self) -> Observer:
        """Who is told what happens."""
        ...

    @property
    def redaction(self) -> Redaction:
        """What strikes keys out of all that a caller is shown, and paths where they mean nothing to the caller."""
        ...

    def calling(self, owner: str, request_id: str, scope: anyio.CancelScope) -> AbstractContextManager[None]:
        """Know a call while it is answered, so that its client can cancel it."""
        ...


class _ServedTool(ServedTool):
    """A tool whose arguments are a model of ours, and whose errors are in our words."""

    async def run(self, arguments: dict[str, Any], context: Context[Any, Any], convert_result: bool = False) -> Any:  # noqa: FBT001, FBT002 - the SDK's signature
        """Run the tool; wrong arguments are explained before anything else happens."""
        try:
            self.fn_metadata.validate_arguments(arguments)
        except ValidationError as error:
            opening = cast("Opening", context.request_context.lifespan_context)
            with opening.observer.call(self.name, opening.caller(context).owner) as observed:
                observed.outcome = "failed"
            explained = failure(explain(self.name, error, list(self.parameters.get("properties", {}))))
            return _struck_out(explained, opening.redaction)
        return await super().run(arguments, context, convert_result)


def served(tool: Tool) -> ServedTool:
    """Give the SDK's form of a tool."""

    async def answer(ctx: Context[Any, Any], **arguments: Any) -> Answer:
        opening = cast("Opening", ctx.request_context.lifespan_context)
        caller = opening.caller(ctx)
        with opening.observer.call(tool.name, caller.owner) as observed:
            given = _struck_out(await _answer(tool, ctx, opening, caller, observed, arguments), opening.redaction)
            if observed.outcome == "cancelled":
                observed.outcome = _outcome(given)
            return given

    return _ServedTool(
        fn=answer,
        name=tool.name,
        title=tool.title,
        description=tool.unpriced_text,
        parameters=input_schema(tool.arguments),
        fn_metadata=FuncMetadata(
            arg_model=tool.arguments,
            output_model=tool.output,
            output_schema=output_schema(tool.output) if tool.output else None,
        ),
        is_async=True,
        context_kwarg="ctx",
        annotations=tool.annotations,
    )


def _struck_out(answer: Answer, redaction: Redaction) -> Answer:
    if isinstance(answer, CallToolResult):
        for block in answer.content:
            if isinstance(block, TextContent):
                block.text = redaction.strike_out(block.text)
        answer.structured_content = redaction.of(answer.structured_content)
        answer.meta = redaction.of(answer.meta)
    return answer


def _outcome(answer: Answer) -> CallOutcome:
    if isinstance(answer, InputRequiredResult):
        return "asked"
    return "failed" if answer.is_error else "completed"


async def _answer(
    tool: Tool,
    context: Context[Any, Any],
    opening: Opening,
    caller: Caller,
    observed: ObservedCall,
    arguments: dict[str, Any],
) -> Answer:
    """Open what is needed, hand it down, and answer in time, whatever holds the work up."""
    began = anyio.current_time()
    deadline = began + opening.settings.wait_seconds
    scope = anyio.CancelScope(deadline=max(deadline, began + IMPORT_SECONDS))
    with opening.calling(caller.owner, str(context.request_id), scope), scope:
        try:
            await opening.prepare(only_looks=tool.only_looks)
            scope.deadline = max(deadline, anyio.current_time() + LEAST_SECONDS) + GRACE_SECONDS
            opened = await (opening.open_pictures() if tool.only_looks else opening.open())
            served = frozenset(one.name for one in opening.tools_of(context.request_context.request))
            if opening.settings.previews == "off":
                served -= {LOOKING}
            call = Call(opened, context, caller, deadline, tool, served, observed=observed)
            given = tool.arguments(**arguments)
            try:
                answer = await _worked(tool, call, given)
                return await _shown(call, tool, given, answer)
            finally:
                call.close()
        except LightboxError as error:
            return failed(tool.name, error)
    if anyio.current_time() < deadline:
        return failure(f"{tool.name}: the call was cancelled.")
    return failure(
        f"{tool.name}: no answer within WAIT_SECONDS ({opening.settings.wait_seconds:g} s), because the disk, the "
        "state database or the network is held up. Make the same call again: what runs is joined, and nothing is paid "
        "twice."
    )


async def _worked(tool: Tool, call: Call, arguments: Arguments) -> Answer:
    work = await work_of(tool)
    if tool.bills is None:
        return await work.answer(call, arguments)
    paid = await _module("paid")
    return await paid.answer_paid(call, await work.plan(call, arguments))


async def _shown(call: Call, tool: Tool, arguments: Arguments, answer: Answer) -> Answer:
    """Add what the gallery shows of an answer, for clients that show one; the answer is there without it, too."""
    if tool.in_gallery and call.caller.shows_apps and isinstance(answer, CallToolResult):
        gallery = await _module("gallery_answer")
        await gallery.add_gallery(call, tool, arguments, answer)
    return answer


async def work_of(tool: Tool) -> Work:
    """Give the module that does a tool's work."""
    return cast("Work", await _module(tool.name))


async def _module(name: str) -> Any:
    """Give a module of this package, imported on another thread the first time: that takes a while."""
    module = _modules.get(name)
    if module is None:  # `sys.modules` may hold it half made
        module = _modules[name] = await run_sync(import_module, f"lightbox.tools.{name}")
    return module


_modules: dict[str, Any] = {}
