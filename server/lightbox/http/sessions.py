"""Sessions for clients of the 2025 protocol, over HTTP: only in one can the server put a question to the person."""

from __future__ import annotations

import time
from collections import deque
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, cast

from starlette.datastructures import Headers

from lightbox.http.callers import owner_of
from lightbox.http.peeking import parameters_of, peek

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from starlette.applications import Starlette
    from starlette.types import ASGIApp, Receive, Scope, Send

MOST_BYTES = 16_384
"""The longest body that is looked at: a client that introduces itself needs a few hundred bytes."""
MOST_SESSIONS = 1_000
MOST_OF_ONE = 100
"""How many of them one caller may have: who opens more is answered all the same, but can't be asked."""
IDLE_SECONDS = 1_800.0
"""After so long without a request a session ends; its client opens another."""

_HEADER = "mcp-session-id"
_OPENING = "initialize"


class Sessions:
    """Keeps a session for each client that can be asked and knows no other way; all others need none.

    Args:
        app: Answers without sessions.
        kept: Answers within them.
        clock: Seconds, ever rising.
    """

    def __init__(self, app: ASGIApp, kept: ASGIApp, clock: Callable[[], float] = time.monotonic) -> None:
        self._application = app
        self._kept = kept
        self._clock = clock
        self._opened: dict[str, deque[float]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        kept = _HEADER in Headers(scope=scope)
        if not kept:
            body, receive = await peek(scope, receive, MOST_BYTES)
            kept = opens_a_way_to_ask(body) and self._has_room(owner_of(scope))
        await (self._kept if kept else self._application)(scope, receive, send)

    def _has_room(self, owner: str) -> bool:
        """Count a session of an owner's, unless it opened too many within the time after which idle ones end."""
        since = self._clock() - IDLE_SECONDS
        for other in [name for name, times in self._opened.items() if times[-1] < since]:
            del self._opened[other]
        times = self._opened.setdefault(owner, deque())
        while times and times[0] < since:
            times.popleft()
        if len(times) >= MOST_OF_ONE:
            return False
        times.append(self._clock())
        return True


def live_together(application: Starlette, other: Starlette) -> None:
    """Let an application begin and end with another one, whose own life goes on as it was."""
    first, second = application.router.lifespan_context, other.router.lifespan_context

    @asynccontextmanager
    async def both(_: Starlette) -> AsyncGenerator[Any]:
        async with first(application) as state, second(other):
            yield state

    application.router.lifespan_context = both


def opens_a_way_to_ask(body: bytes) -> bool:
    """Tell whether a client introduces itself by the 2025 protocol, and says that it can ask its person."""
    able = (parameters_of(body, _OPENING) or {}).get("capabilities")
    return isinstance(able, dict) and isinstance(cast("dict[str, Any]", able).get("elicitation"), dict)
