"""What was asked of the sandbox: so that a test can tell how many requests would have been paid for."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, cast

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .dialects import Json, tool_type

MOST_REMEMBERED: Final = 1_000
OWN_PATHS: Final = ("/health", "/sandbox/", "/pictures/", "/thumbnails/", "/pages/", "/faulty/", "/made/")
"""Paths that no service has: asking for them is not counted."""

PAID_PATHS: Final = ("/responses", "/generation")
"""What the addresses end with of which each use would be paid for."""

OVER_WEBSOCKET: Final = "WEBSOCKET"
"""The method that is noted of a response that is asked for over a WebSocket."""

LONGEST_TOLD: Final = 2_000
"""How many characters of a text in a body are remembered: pictures travel as texts of megabytes."""
MOST_TOLD: Final = 20_000
"""How many characters of a whole body are remembered."""


@dataclass
class Visit:
    """One request: what was asked, and how it was answered.

    Attributes:
        pictures: Where each picture that the model is shown stood: in a `message` or a `function_call_output`.
        body: What was sent as JSON; long texts and long bodies are cut.
        seconds: None while it is being answered.
    """

    at: str
    method: str
    path: str
    model: str | None = None
    tools: tuple[str, ...] = ()
    pictures: tuple[str, ...] = ()
    stream: bool = False
    fault: str | None = None
    body: Json = field(default_factory=dict[str, Any])
    status: int | None = None
    seconds: float | None = None

    def note(self, body: Json, fault: str | None) -> None:
        """Note what was sent, and what is to go wrong."""
        self.model = cast("str | None", body.get("model"))
        tools: object = body.get("tools")
        if isinstance(tools, list):
            self.tools = tuple(tool_type(tool) for tool in cast("list[Any]", tools))
        self.pictures = tuple(pictures_in(body.get("input")))
        self.stream = bool(body.get("stream"))
        self.body = abridged(body)
        self.fault = fault


class Traffic:
    """The latest requests, and how many there were in all."""

    def __init__(self) -> None:
        self.count = 0
        self._visits: deque[Visit] = deque(maxlen=MOST_REMEMBERED)

    def add(self, visit: Visit) -> None:
        """Remember a request."""
        self.count += 1
        self._visits.append(visit)

    def reset(self) -> None:
        """Forget all requests."""
        self.count = 0
        self._visits.clear()

    def body(self) -> Json:
        """Give the counter: all requests, those that create a response, and the latest ones."""
        visits = [asdict(visit) for visit in self._visits]
        paid = sum(
            visit.method in {"POST", OVER_WEBSOCKET} and visit.path.endswith(PAID_PATHS) for visit in self._visits
        )
        return {"count": self.count, "responses": paid, "requests": visits}


def pictures_in(items: object) -> Iterator[str]:
    """Find the pictures in a request's input, which may be anything; tells of each in what it stood."""
    for item in cast("list[Any]", items) if isinstance(items, list) else ():
        if not isinstance(item, dict):
            continue
        given = cast("Json", item)
        parts: object = given.get("output", given.get("content"))
        for part in cast("list[Any]", parts) if isinstance(parts, list) else ():
            if tool_type(part) == "input_image":
                yield str(given.get("type") or "message")


def abridged(body: Json) -> Json:
    """Give a body with its long texts cut, and cut itself where it is long: a thousand of them are remembered."""
    return cast("Json", _abridged(body, Counter(left=MOST_TOLD)))


def _abridged(value: Any, room: Counter[str]) -> Any:
    room["left"] -= 1
    if isinstance(value, dict):
        members = cast("Json", value).items()
        return {_cut(name, room): _abridged(one, room) for name, one in members if room["left"] > 0}
    if isinstance(value, list):
        return [_abridged(one, room) for one in cast("list[Any]", value) if room["left"] > 0]
    return _cut(value, room) if isinstance(value, str) else value


def _cut(text: str, room: Counter[str]) -> str:
    shown = text if len(text) <= LONGEST_TOLD else f"{text[:LONGEST_TOLD]}… ({len(text)} characters)"
    room["left"] -= len(shown) + 1
    return shown


class TrafficMiddleware:
    """Notes every request on its way in, and its status and time on the way out."""

    def __init__(self, app: ASGIApp, traffic: Traffic) -> None:
        self._app = app
        self._traffic = traffic

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http" or scope["path"].startswith(OWN_PATHS):
            await self._app(scope, receive, send)
            return
        visit = Visit(at=datetime.now(UTC).isoformat(), method=scope["method"], path=scope["path"])
        scope.setdefault("state", {})["visit"] = visit
        self._traffic.add(visit)
        began = time.perf_counter()

        async def note(message: Message) -> None:
            if message["type"] == "http.response.start":
                visit.status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, note)
        finally:
            visit.seconds = round(time.perf_counter() - began, 4)
