"""The life of a response: checked, begun, worked on apart from whoever asked, ended, remembered."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, cast

import anyio
from anyio.abc import TaskGroup

from . import consumption
from .answering import Answering
from .choice import choose_tool, known_tools
from .compaction import compacted
from .dialects import Dialect, Json, Rejected, tool_type
from .faults import REFUSAL_MESSAGE, Fault
from .functions import arguments_for, fill
from .image_options import ImageOptions, read_options
from .imaging import image_mask, image_sources
from .inputs import check_outputs, read_items, refuse_lists
from .items import new_id
from .memory import UNSTORED_SECONDS, KeptResponse, ResponseStore
from .requests import CreateRequest, read_request
from .studio import Studio
from .turn import Turn, read_turn
from .uploads import FileStore
from .writer import Writer

LOGGER: Final = logging.getLogger(__name__)
ECHOED: Final = (
    "instructions",
    "max_output_tokens",
    "max_tool_calls",
    "metadata",
    "previous_response_id",
    "tool_choice",
)


NOTHING_NEARBY: Final[Mapping[str, KeptResponse]] = MappingProxyType({})


class Responses:
    """Answers requests for responses.

    Args:
        studio: Everything with pixels.
        store: Where responses are remembered.
        files: The uploaded files.
        tasks: Where the work on responses runs.
    """

    def __init__(self, *, studio: Studio, store: ResponseStore, files: FileStore, tasks: TaskGroup) -> None:
        self._studio = studio
        self._store = store
        self._files = files
        self._tasks = tasks

    async def create(
        self,
        body: Mapping[str, Any],
        dialect: Dialect,
        fault: Fault,
        nearby: Mapping[str, KeptResponse] = NOTHING_NEARBY,
    ) -> KeptResponse:
        """Check a request and begin to answer it. Raises `Rejected` for what the service would turn down at once.

        `nearby` are responses that the client can go on from although they were not stored.
        """
        request = read_request(body, dialect)
        given = read_items(request.input)
        if fault.outputs == "text":
            refuse_lists(given)
        try:
            turn, tool = await self._plan(request, given, dialect, nearby)
        except Rejected as error:
            if dialect == "openai" or not request.stream or error.param not in {"url", "image_url", "input"}:
                raise
            # DashScope looks at the pictures when the stream has already begun.
            return self._begin_failure(request, given, dialect, error)
        record = self._record(request, given, turn.context, dialect)
        work = Answering(turn, tool, Writer(record), self._studio, self._files, fault)
        self._tasks.start_soon(self._run, record, work)
        return record

    async def count(self, body: Mapping[str, Any], dialect: Dialect) -> int:
        """Count the input tokens that a request would be billed."""
        request = read_request({"model": "unnamed"} | dict(body), dialect)
        turn, _ = await self._plan(request, read_items(request.input), dialect)
        return await turn.input_tokens(self._studio)

    def cancel(self, response_id: str) -> KeptResponse:
        """Stop a response that works in the background. Raises `Rejected` for one that does not."""
        record = self._store.get(response_id)
        if not record.background:
            raise Rejected("Cannot cancel a synchronous response.", param="response_id")
        if not record.log.closed:
            record.response["status"] = "cancelled"
            record.scope.cancel()
        return record

    async def compact(self, body: Mapping[str, Any], dialect: Dialect) -> Json:
        """Make a conversation short. Raises `Rejected` for what the service would turn down."""
        request = read_request(body, dialect)
        turn, _ = await self._plan(request, read_items(request.input), dialect)
        output = compacted(turn.context)
        read, written = await turn.input_tokens(self._studio), consumption.words([output[-1]["encrypted_content"]])
        return {
            "id": new_id("resp"),
            "object": "response.compaction",
            "created_at": int(time.time()),
            "output": output,
            "usage": consumption.usage(read, written, 0),
        }

    async def _plan(
        self,
        request: CreateRequest,
        given: list[Json],
        dialect: Dialect,
        nearby: Mapping[str, KeptResponse] = NOTHING_NEARBY,
    ) -> tuple[Turn, Json | None]:
        """Decide what to do, and check all that would be turned down at once."""
        request.tools = known_tools(request.tools, dialect)
        context = self._before(request, nearby) + given
        turn = await read_turn(request, dialect, context, self._store, self._files)
        if dialect == "openai":
            check_outputs(turn.context)
        has_picture = bool(turn.subjects)
        answered = turn.answered and turn.due is None
        tool = choose_tool(request, turn.due or turn.text, has_picture=has_picture, answered=answered)
        if tool_type(tool) == "function":
            arguments_for(
                cast("Json", tool), turn.due or turn.text, turn.named
            )  # a broken schema is turned down at once
        if request.text.format.schema_ is not None:
            fill(request.text.format.schema_, turn.text)
        for index, one in enumerate(request.tools):
            if tool_type(one) == "image_generation":
                options = read_options(one, f"tools[{index}]")
                if one is tool:
                    await self._check_picture_call(options, turn)
        await self._studio.measure(turn.everything)
        return turn, tool

    async def _check_picture_call(self, options: ImageOptions, turn: Turn) -> None:
        sources = image_sources(options, turn)
        mask = await image_mask(options, self._files)
        if mask and sources:
            await self._studio.check_mask(mask, sources[0])

    def _before(self, request: CreateRequest, nearby: Mapping[str, KeptResponse]) -> list[Json]:
        if request.previous_response_id is None:
            return []
        previous = nearby.get(request.previous_response_id) or self._store.previous(request.previous_response_id)
        return previous.context + list(previous.response["output"])

    def _record(self, request: CreateRequest, given: list[Json], context: list[Json], dialect: Dialect) -> KeptResponse:
        background = bool(request.background) and dialect == "openai"
        stored = request.store is not False
        record = KeptResponse(
            response=_openai_body(request) if dialect == "openai" else _dashscope_body(request),
            dialect=dialect,
            input=given,
            context=context,
            stored=stored,
            background=background,
            expires_at=None if stored else time.monotonic() + UNSTORED_SECONDS,
        )
        if stored or background:
            self._store.add(record)
        return record

    def _begin_failure(
        self, request: CreateRequest, given: list[Json], dialect: Dialect, error: Rejected
    ) -> KeptResponse:
        record = self._record(request, given, given, dialect)
        writer = Writer(record)
        writer.state("response.created")
        message = f"<400> InternalError.Algo.InvalidParameter: {error.message}"
        _fail(writer, error.dashscope_code, message)
        self._close(record)
        return record

    async def _run(self, record: KeptResponse, work: Answering) -> None:
        writer = work.writer
        with record.scope:
            writer.state("response.created")
            if record.background:
                writer.state("response.queued")
                await anyio.sleep(work.fault.delay)
            record.response["status"] = "in_progress"
            writer.state("response.in_progress")
            try:
                await self._work(record, work)
            except Rejected as error:
                _fail(writer, error.code or "server_error", error.message)
            except Exception:
                # One response's crash must not end the work on all the others.
                LOGGER.exception("The answer to %s crashed", record.id)
                _fail(writer, "server_error", "The sandbox failed; its log says why.")
        self._close(record)

    async def _work(self, record: KeptResponse, work: Answering) -> None:
        writer, fault = work.writer, work.fault
        if fault.refusal == "failed":
            _fail(writer, "moderation_blocked", REFUSAL_MESSAGE)
            return
        if fault.refusal == "sse":
            record.response |= {"status": "failed", "error": {"code": "moderation_blocked", "message": REFUSAL_MESSAGE}}
            writer.event("error", code="moderation_blocked", message=REFUSAL_MESSAGE, param=None)
            return
        await work.run()
        if fault.usage == "missing":
            record.response.pop("tool_usage", None)
        else:
            record.response |= await self._usage(work)
        if work.cut_short:
            record.response |= {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}}
        else:
            record.response["status"] = "completed"
        if record.dialect == "openai":
            record.response["completed_at"] = int(time.time())
        writer.state(f"response.{record.response['status']}")

    async def _usage(self, work: Answering) -> Json:
        consumed = work.consumed
        read = await work.turn.input_tokens(self._studio) + consumed.input_tokens
        usage = consumption.usage(read, consumed.output_tokens, consumed.reasoning_tokens)
        if work.turn.dialect == "dashscope":
            del usage["input_tokens_details"]["cache_write_tokens"]
            tools = {name: {"count": count} for name, count in consumed.searches.items()}
            return {"usage": usage | ({"x_tools": tools} if tools else {})}
        searches = {"num_requests": consumed.web_searches}
        return {"usage": usage, "tool_usage": {"image_gen": consumed.image, "web_search": searches}}

    def _close(self, record: KeptResponse) -> None:
        record.log.close()
        self._store.finished(record)


def _fail(writer: Writer, code: str, message: str) -> None:
    writer.response.update({"status": "failed", "error": {"code": code, "message": message}})
    writer.state("response.failed")


def _openai_body(request: CreateRequest) -> Json:
    given = request.model_dump(include=set(ECHOED))
    extra = request.model_extra or {}
    return {
        "id": new_id("resp"),
        "object": "response",
        "created_at": int(time.time()),
        "status": "queued" if request.background else "in_progress",
        "background": bool(request.background),
        "completed_at": None,
        "error": None,
        "frequency_penalty": request.frequency_penalty or 0.0,
        "incomplete_details": None,
        "model": request.model,
        "output": [],
        "parallel_tool_calls": request.parallel_tool_calls is not False,
        "presence_penalty": request.presence_penalty or 0.0,
        "prompt_cache_key": extra.get("prompt_cache_key"),
        "reasoning": request.reasoning.model_dump() if request.reasoning else {"effort": None, "summary": None},
        "safety_identifier": extra.get("safety_identifier"),
        "service_tier": "default",
        "store": request.store is not False,
        "temperature": 1.0 if request.temperature is None else request.temperature,
        "text": {"format": {"type": "text"}} | request.text.model_dump(by_alias=True, exclude_unset=True),
        "tool_usage": {"image_gen": consumption.image_usage(), "web_search": {"num_requests": 0}},
        "tools": [_echoed(tool) for tool in request.tools],
        "top_logprobs": request.top_logprobs or 0,
        "top_p": 1.0 if request.top_p is None else request.top_p,
        "truncation": request.truncation or "disabled",
        "usage": None,
        "user": extra.get("user"),
        **given,
        "metadata": request.metadata or {},
    }


def _echoed(tool: Json) -> Json:
    """Give a tool as the service repeats it: of a function, all is told."""
    usual = {"description": None, "parameters": None, "strict": True}
    return (
        tool | {name: tool.get(name, value) for name, value in usual.items()} if tool_type(tool) == "function" else tool
    )


def _dashscope_body(request: CreateRequest) -> Json:
    return {
        "id": str(uuid.uuid4()),
        "object": "response",
        "created_at": int(time.time()),
        "model": request.model,
        "output": [],
        "parallel_tool_calls": False,
        "tool_choice": request.tool_choice,
        "tools": [],
        "status": "in_progress",
    }
