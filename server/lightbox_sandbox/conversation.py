"""Responses over a WebSocket: one after another, each continuing from the last without being stored.

Each message of the client is a `response.create` with the body of `POST /responses`; each event is a message.
"""

from __future__ import annotations

import json
import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final, cast

import anyio
from starlette.responses import JSONResponse
from starlette.websockets import WebSocket, WebSocketDisconnect

from .delivery import HEADERS
from .dialects import Json, Rejected
from .faults import HEADER, Fault, Faults
from .memory import KeptResponse
from .responses import Responses
from .traffic import OVER_WEBSOCKET, Traffic, Visit

CREATE: Final = "response.create"
HTTP_ONLY: Final = ("stream", "stream_options", "background")
MOST_NEARBY: Final = 20
BROKEN_OFF: Final = 1011
"""The code with which a service ends a WebSocket that it can't go on with."""


class Conversation:
    """One client's WebSocket.

    Args:
        websocket: It.
        responses: Answers what is asked.
        faults: What goes wrong.
        traffic: Where each turn is noted.
    """

    def __init__(self, websocket: WebSocket, responses: Responses, faults: Faults, traffic: Traffic) -> None:
        self._websocket = websocket
        self._responses = responses
        self._faults = faults
        self._traffic = traffic
        self._nearby: OrderedDict[str, KeptResponse] = OrderedDict()

    async def hold(self, check: Callable[[WebSocket], None]) -> None:
        """Answer the client until it goes; `check` raises `Rejected` for one that is not let in."""
        try:
            check(self._websocket)
        except Rejected as error:
            body = JSONResponse(error.body("openai"), status_code=error.status, headers=HEADERS)
            await self._websocket.send_denial_response(body)
            return
        await self._websocket.accept(headers=[(name.encode(), value.encode()) for name, value in HEADERS.items()])
        try:
            while await self._turn(await self._websocket.receive()):
                pass
        except WebSocketDisconnect:
            pass

    async def _turn(self, message: Any) -> bool:
        """Answer one message; tell whether to go on."""
        if message["type"] == "websocket.disconnect":
            return False
        visit = Visit(datetime.now(UTC).isoformat(), OVER_WEBSOCKET, self._websocket.url.path, stream=True)
        self._traffic.add(visit)
        began = time.perf_counter()
        previous = ""
        try:
            body = _create(message.get("text") or message.get("bytes") or "")
            previous = str(body.get("previous_response_id") or "")
            fault = self._faults.find(self._websocket.headers.get(HEADER), body)
            visit.note(body, fault.told)
            await anyio.sleep(fault.delay)
            if rejection := fault.rejection():
                raise rejection
            record = await self._responses.create(body, "openai", fault, self._nearby)
            visit.status = 200
            whole = await self._send(record, fault)
            self._remember(record, previous)
        except Rejected as error:
            visit.status = error.status
            self._nearby.pop(previous, None)  # whoever could not go on from there begins anew
            await self._websocket.send_text(json.dumps(_error(error)))
            whole = True
        visit.seconds = round(time.perf_counter() - began, 4)
        if not whole:
            await self._websocket.close(BROKEN_OFF)
        return whole

    async def _send(self, record: KeptResponse, fault: Fault) -> bool:
        count = 0
        async for event in record.log.follow():
            if count in {fault.drop, fault.end, fault.truncate}:
                return False
            await anyio.sleep(fault.gap)
            await self._websocket.send_text(json.dumps(event))
            count += 1
        return True

    def _remember(self, record: KeptResponse, previous: str) -> None:
        if record.response["status"] == "failed":
            self._nearby.pop(previous, None)
            return
        self._nearby[record.id] = record
        if len(self._nearby) > MOST_NEARBY:
            self._nearby.popitem(last=False)


def _create(data: str | bytes) -> Json:
    try:
        message: Any = json.loads(data)
    except ValueError:
        raise Rejected("We could not parse the JSON of your message.") from None
    kind = cast("Json", message).get("type") if isinstance(message, dict) else None
    if kind != CREATE:
        raise Rejected(
            f"Invalid value: '{kind}'. Supported values are: '{CREATE}'.", code="invalid_value", param="type"
        )
    body = {name: value for name, value in cast("Json", message).items() if name not in {"type", *HTTP_ONLY}}
    return body | {"stream": True}


def _error(error: Rejected) -> Json:
    return {"type": "error", "sequence_number": 0, "status": error.status, **error.body("openai")}
