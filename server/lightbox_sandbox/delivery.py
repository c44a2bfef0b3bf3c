"""How an answer travels: whole or as a stream, and broken where a fault wants it so."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from typing import Final

import anyio
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from .dialects import Dialect, Json, Rejected
from .faults import Fault, shape_of
from .stream import TERMINAL, frame

HEADERS: Final = {"x-sandbox": "lightbox"}
ENDLESS_GAP: Final = 0.05


class EventStream(Response):
    """Sends events as they come, until the last one, or until the fault strikes."""

    media_type = "text/event-stream"

    def __init__(self, events: AsyncIterator[Json], dialect: Dialect, fault: Fault) -> None:
        self._events = events
        self._dialect: Dialect = dialect
        self._fault = fault
        super().__init__(
            headers={**HEADERS, "cache-control": "no-store"}, media_type=_content_type(fault, "text/event-stream")
        )
        del self.headers["content-length"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send everything; stop when the client has gone."""
        del scope
        async with anyio.create_task_group() as tasks:

            async def watch() -> None:
                while (await receive())["type"] != "http.disconnect":
                    pass
                tasks.cancel_scope.cancel()

            tasks.start_soon(watch)
            await self._send(send)
            tasks.cancel_scope.cancel()

    async def _send(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        fault, count = self._fault, 0
        async for event in self._events:
            if count == fault.drop:
                return  # an answer that is left unfinished closes the connection
            if count == fault.end:
                break
            if fault.gap:
                await anyio.sleep(fault.gap)
            if fault.endless and event["type"] in TERMINAL:
                await self._go_on_forever(send, event)
            data = frame(_padded(event, fault) if count == 1 else event, self._dialect)
            if count == fault.truncate:
                await send({"type": "http.response.body", "body": data[: len(data) // 2], "more_body": True})
                return
            await send({"type": "http.response.body", "body": data, "more_body": True})
            count += 1
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _go_on_forever(self, send: Send, last: Json) -> None:
        progress: Json = {
            "type": "response.in_progress",
            "response": last.get("response", {}) | {"status": "in_progress"},
            "sequence_number": last["sequence_number"],
        }
        while True:
            await send({"type": "http.response.body", "body": frame(progress, self._dialect), "more_body": True})
            await anyio.sleep(self._fault.gap or ENDLESS_GAP)
            progress["sequence_number"] += 1


class BrokenBody(Response):
    """Announces a whole body, sends half of it, and hangs up."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send half."""
        del scope, receive
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        half = bytes(self.body)[: len(self.body) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": True})


def answer(body: Json, fault: Fault) -> Response:
    """Answer in one piece."""
    media_type = _content_type(fault, "application/json")
    content = json.dumps(_padded(body, fault)).encode()
    kind = Response if fault.drop is None and fault.truncate is None else BrokenBody
    return kind(content, headers=HEADERS, media_type=media_type)


def error_answer(error: Rejected, dialect: Dialect, fault: Fault) -> Response:
    """Answer with an error, in the form that the dialect or the fault wants."""
    headers = HEADERS | error.headers
    shape = shape_of(fault, dialect)
    if shape == "empty":
        return Response(status_code=error.status, headers=headers)
    if shape == "html":
        page = f"<html><body><h1>{error.status}</h1><p>{error.message}</p></body></html>"
        return Response(page, status_code=error.status, headers=headers, media_type="text/html")
    media_type = _content_type(fault, "application/json")
    return JSONResponse(error.body(shape), status_code=error.status, headers=headers, media_type=media_type)


def _padded(body: Mapping[str, object], fault: Fault) -> Json:
    return dict(body) | ({"padding": "x" * fault.oversize} if fault.oversize else {})


def _content_type(fault: Fault, usual: str) -> str:
    return fault.content_type or usual
