"""The sandbox's routes."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

import anyio
from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.middleware import Middleware
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket

from .conversation import Conversation
from .delivery import HEADERS, EventStream, answer, error_answer
from .dialects import GATEWAY_PREFIX, OPENROUTER_PREFIX, Dialect, Json, Rejected, dialect_of
from .faults import HEADER, NO_FAULT, Fault, Faults, refused, throttled_body
from .hits import Hits
from .items import new_id
from .listings import model_body, models_body, page_of
from .made import MadePictures
from .memory import KeptResponse, ResponseStore
from .multimodal import PATH, Multimodal
from .responses import Responses
from .router import Answer
from .router import read as read_openrouter
from .strictness import IMAGE_DEPLOYMENT, asks_for_picture, refusal_of, unknown_field, without_deployment
from .studio import Studio
from .traffic import Traffic, TrafficMiddleware, Visit
from .unserved import PREFIXES, not_served
from .uploads import LIFETIME, FileStore, lifetime_of
from .whereabouts import Whereabouts, WhereaboutsMiddleware

if TYPE_CHECKING:
    from .library import Progress

LOGGER: Final = logging.getLogger(__name__)
MAX_BODY_BYTES: Final = 256 * 1024 * 1024
WRONG_KEY: Final = "wrong"
HALF_CHARACTER: Final = rb"\ud"

Asked = Callable[[Request, Json, Dialect, Fault], Awaitable[Response]]


class Routes:
    """What each address of the API answers."""

    def __init__(self, studio: Studio, progress: Progress | None) -> None:
        self._studio = studio
        self._progress = progress
        self._store = ResponseStore()
        self._files = FileStore()
        self._faults = Faults()
        self._made = MadePictures()
        self._multimodal = Multimodal(studio, self._files, self._made)
        self._responses: Responses | None = None
        self.traffic = Traffic()

    @asynccontextmanager
    async def lifespan(self, _: Starlette) -> AsyncGenerator[None]:
        """Hold the work on responses, and end it with the sandbox."""
        async with anyio.create_task_group() as tasks:
            self._responses = Responses(studio=self._studio, store=self._store, files=self._files, tasks=tasks)
            tasks.start_soon(self._index)
            yield
            tasks.cancel_scope.cancel()
        await self._studio.close()

    async def _index(self) -> None:
        try:
            await self._studio.index(self._progress)
        except Exception:
            LOGGER.exception("The pictures to search could not be indexed")

    def routes(self) -> list[BaseRoute]:
        """Give all routes, for each of the services' base paths."""
        routes: list[BaseRoute] = [
            Route(f"{PREFIXES[0]}/responses/compact", self._answered(self.compact), methods=["POST"]),
            WebSocketRoute(f"{PREFIXES[0]}/responses", self.converse),
        ]
        routes += [route for prefix in PREFIXES for route in self._api(prefix)]
        routes += [
            Route(PATH, self._answered(self.generate), methods=["POST"]),
            Route(f"{GATEWAY_PREFIX}{PATH}", self._answered(self.generate), methods=["POST"]),
            Route(f"{OPENROUTER_PREFIX}/responses", self._answered(self.create_openrouter), methods=["POST"]),
            Route(f"{OPENROUTER_PREFIX}/models", self._answered(self.models), methods=["GET"]),
            Route("/health", _healthy, methods=["GET"]),
            Route("/sandbox/requests", self.requests, methods=["GET"]),
            Route("/sandbox/requests", self.reset, methods=["DELETE"]),
            Route("/sandbox/fault", self.inject, methods=["PUT"]),
            Route("/sandbox/fault", self.recover, methods=["DELETE"]),
        ]
        return [*routes, *self._made.routes(), *Hits(self._studio).routes()]

    def _api(self, prefix: str) -> list[Route]:
        table: list[tuple[str, str, Asked]] = [
            ("POST", "/responses", self.create),
            ("POST", "/responses/input_tokens", self.count),
            ("GET", "/responses/{id}", self.retrieve),
            ("DELETE", "/responses/{id}", self.delete),
            ("POST", "/responses/{id}/cancel", self.cancel),
            ("GET", "/responses/{id}/input_items", self.input_items),
            ("GET", "/models", self.models),
            ("GET", "/models/{id:path}", self.model),
            ("POST", "/files", self.upload),
            ("GET", "/files", self.files),
            ("GET", "/files/{id}", self.file),
            ("GET", "/files/{id}/content", self.file_content),
            ("DELETE", "/files/{id}", self.delete_file),
        ]
        return [Route(prefix + path, self._answered(handler), methods=[method]) for method, path, handler in table]

    def _answered(self, handler: Asked) -> Callable[[Request], Awaitable[Response]]:
        """Wrap a handler in what all share: the fault, the key, and the error's form."""

        async def respond(request: Request) -> Response:
            dialect: Dialect = dialect_of(request.url.path, {})
            fault = NO_FAULT
            try:
                body = await _json_body(request)
                dialect = dialect_of(request.url.path, body)
                fault = self._faults.find(request.headers.get(HEADER), body)
                cast("Visit", request.state.visit).note(body, fault.told)
                if not body.get("background"):
                    await anyio.sleep(fault.delay)
                _check_key(request, dialect)
                if rejection := fault.rejection():
                    raise rejection
                if fault.unknown and (unknown := unknown_field(body, fault.unknown.split("|"))):
                    return refusal_of(unknown, fault.strict)
                if fault.azure and asks_for_picture(body) and IMAGE_DEPLOYMENT not in request.headers:
                    raise without_deployment(named=fault.azure == "named")
                return await handler(request, body, dialect, fault)
            except Rejected as error:
                return error_answer(error.seen_in(dialect), dialect, fault)

        return respond

    @property
    def _running(self) -> Responses:
        if self._responses is None:
            raise RuntimeError("The sandbox has not been started.")
        return self._responses

    async def create(self, request: Request, body: Json, dialect: Dialect, fault: Fault) -> Response:
        """Answer `POST /responses`."""
        del request
        if fault.throttled:
            return answer(throttled_body("", new_id("resp"), int(time.time())), fault)
        record = await self._running.create(body, dialect, fault)
        if body.get("stream") and not fault.whole:
            return EventStream(record.log.follow(), dialect, fault)
        if not record.background:
            await record.log.wait()
            if fault.refusal == "sse":
                raise refused()
        return answer(record.response, fault)

    async def generate(self, request: Request, body: Json, dialect: Dialect, fault: Fault) -> Response:
        """Answer DashScope's own endpoint for pictures."""
        del request, dialect
        return await self._multimodal.generate(body, fault)

    async def create_openrouter(self, request: Request, body: Json, dialect: Dialect, fault: Fault) -> Response:
        """Answer OpenRouter's `POST /responses`."""
        del request
        asked = await self._studio.run(partial(read_openrouter, body))
        record = await self._running.create(asked.body, "openai", fault)
        said = Answer(asked, fault, self._made)
        if body.get("stream") and not fault.whole:
            return EventStream(said.events(record.log.follow()), dialect, fault)
        await record.log.wait()
        if fault.refusal == "sse":
            raise refused()
        return answer(said.response(record.response), fault)

    async def converse(self, websocket: WebSocket) -> None:
        """Answer responses over a WebSocket, one after another."""
        conversation = Conversation(websocket, self._running, self._faults, self.traffic)
        await conversation.hold(lambda connection: _check_key(connection, "openai"))

    async def compact(self, request: Request, body: Json, dialect: Dialect, fault: Fault) -> Response:
        """Answer `POST /responses/compact`."""
        del request
        return answer(await self._running.compact(body, dialect), fault)

    async def count(self, request: Request, body: Json, dialect: Dialect, fault: Fault) -> Response:
        """Answer `POST /responses/input_tokens`."""
        del request
        tokens = await self._running.count(body, dialect)
        return answer({"object": "response.input_tokens", "input_tokens": tokens}, fault)

    async def retrieve(self, request: Request, body: Json, dialect: Dialect, fault: Fault) -> Response:
        """Answer `GET /responses/{id}`, as a stream where that is asked for."""
        del body, dialect
        record = self._record(request)
        if request.query_params.get("stream") == "true":
            after = _number(request, "starting_after", -1)
            return EventStream(record.log.follow(after), record.dialect, fault)
        return answer(record.response, fault)

    async def delete(self, request: Request, body: Json, dialect: Dialect, fault: Fault) -> Response:
        """Answer `DELETE /responses/{id}`."""
        del body, dialect
        record = self._record(request)
        self._store.remove(record.id)
        return answer({"id": record.id, "object": "response", "deleted": True}, fault)

    async def cancel(self, request: Request, body: Json, dialect: Dialect, fault: Fault) -> Response:
        """Answer `POST /responses/{id}/cancel`."""
        del body, dialect
        record = self._running.cancel(request.path_params["id"])
        await record.log.wait()
        return answer(record.response, fault)

    async def input_items(self, request: Request, body: Json, dialect: Dialect, fault: Fault) -> Response:
        """Answer `GET /responses/{id}/input_items`, page by page."""
        del body, dialect
        return answer(page_of(self._record(request).context, request.query_params), fault)

    async def models(self, request: Request, body: Json, dialect: Dialect, fault: Fault) -> Response:
        """Answer `GET /models`."""
        del request, body
        return answer(await self._studio.run(partial(models_body, dialect)), fault)

    async def model(self, request: Request, body: Json, dialect: Dialect, fault: Fault) -> Response:
        """Answer `GET /models/{id}`: every name is a model here."""
        del body, dialect
        name = request.path_params["id"]
        return answer(await self._studio.run(partial(model_body, name)), fault)

    async def upload(self, request: Request, body: Json, dialect: Dialect, fault: Fault) -> Response:
        """Answer `POST /files`."""
        del body, dialect
        async with request.form() as form:
            upload = form.get("file")
            if not isinstance(upload, UploadFile):
                raise Rejected("Missing required parameter: 'file'.", code="missing_required_parameter", param="file")
            file = self._files.add(
                upload.filename or "file",
                str(form.get("purpose") or ""),
                await upload.read(),
                lifetime_of(str(form.get(LIFETIME) or "")),
            )
        return answer(file.body(), fault)

    async def files(self, request: Request, body: Json, dialect: Dialect, fault: Fault) -> Response:
        """Answer `GET /files`, page by page."""
        del body, dialect
        rows = [file.body() for file in self._files.all(request.query_params.get("purpose"))]
        return answer(page_of(rows, request.query_params, most=10_000, usual=10_000), fault)

    async def file(self, request: Request, body: Json, dialect: Dialect, fault: Fault) -> Response:
        """Answer `GET /files/{id}`."""
        del body, dialect
        return answer(self._files.get(request.path_params["id"]).body(), fault)

    async def file_content(self, request: Request, body: Json, dialect: Dialect, fault: Fault) -> Response:
        """Answer `GET /files/{id}/content`."""
        del body, dialect, fault
        file = self._files.get(request.path_params["id"])
        return Response(file.data, headers=HEADERS, media_type="application/octet-stream")

    async def delete_file(self, request: Request, body: Json, dialect: Dialect, fault: Fault) -> Response:
        """Answer `DELETE /files/{id}`."""
        del body, dialect
        file_id = request.path_params["id"]
        self._files.remove(file_id)
        return answer({"id": file_id, "object": "file", "deleted": True}, fault)

    async def requests(self, _: Request) -> Response:
        """Tell what was asked."""
        return JSONResponse(self.traffic.body(), headers=HEADERS)

    async def reset(self, _: Request) -> Response:
        """Forget what was asked, how often faults have struck, and which prompts were painted."""
        self.traffic.reset()
        self._faults.reset()
        self._studio.start_anew()
        return JSONResponse(self.traffic.body(), headers=HEADERS)

    async def inject(self, request: Request) -> Response:
        """Have every request meet a fault, unless it asks for another: `{"fault": "status=503;times=2"}`."""
        try:
            self._faults.inject(str((await _json_body(request)).get("fault", "")))
        except Rejected as error:
            return error_answer(error, "openai", NO_FAULT)
        return Response(status_code=204, headers=HEADERS)

    async def recover(self, _: Request) -> Response:
        """Have requests meet no fault but those that they ask for."""
        self._faults.inject("")
        return Response(status_code=204, headers=HEADERS)

    def _record(self, request: Request) -> KeptResponse:
        return self._store.get(request.path_params["id"])


def sandbox_app(
    here: Whereabouts, cache_dir: Path, library: Path | None, progress: Progress | None = None
) -> Starlette:
    """Make the application, which is found at `here`.

    `progress` is told how far the indexing of the user's own pictures has come, which goes on while it serves.
    """
    routes = Routes(Studio(cache_dir, library), progress)
    return Starlette(
        routes=routes.routes(),
        lifespan=routes.lifespan,
        middleware=[
            Middleware(WhereaboutsMiddleware, here=here),
            Middleware(TrafficMiddleware, traffic=routes.traffic),
        ],
        exception_handlers={404: not_served, 405: not_served, 500: _crashed},
    )


async def _healthy(_: Request) -> Response:
    return JSONResponse({"status": "ok"}, headers=HEADERS)


async def _crashed(request: Request, _: Exception) -> Response:
    rejected = Rejected("The sandbox failed; its log says why.", status=500)
    return error_answer(rejected, dialect_of(request.url.path, {}), NO_FAULT)


async def _json_body(request: Request) -> Json:
    if "json" not in request.headers.get("content-type", ""):
        return {}
    data = bytearray()
    async for chunk in request.stream():
        data += chunk
        if len(data) > MAX_BODY_BYTES:
            raise Rejected(f"The request is larger than {MAX_BODY_BYTES} bytes.", status=413)
    try:
        body: Any = json.loads(data or b"{}")
        if HALF_CHARACTER in data.lower():
            # Halves of characters can be escaped in JSON, and be encoded nowhere else.
            body = json.loads(json.dumps(body, ensure_ascii=False).encode(errors="replace"))
    except ValueError:
        raise Rejected("We could not parse the JSON body of your request.") from None
    if not isinstance(body, dict):
        raise Rejected("The JSON body of your request is not an object.")
    return cast("Json", body)


def _check_key(request: HTTPConnection, dialect: Dialect) -> None:
    key = request.headers.get("authorization", "").removeprefix("Bearer ") or request.headers.get("api-key", "")
    if key != WRONG_KEY:
        return
    if dialect == "dashscope":
        raise Rejected("Invalid API-key provided.", status=401)
    if dialect == "openrouter":
        raise Rejected("User not found.", status=401)
    raise Rejected(f"Incorrect API key provided: {key}.", status=401, code="invalid_api_key")


def _number(request: Request, name: str, usual: int) -> int:
    try:
        return int(request.query_params.get(name, usual))
    except ValueError:
        raise Rejected(f"Invalid type for '{name}'.", code="invalid_type", param=name) from None
