"""Traces of whoever is in front: an HTTP request that names one (`traceparent`) is answered as a part of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.datastructures import Headers

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from lightbox.telemetry.observer import Observer


class Continuing:
    """Continues the trace that a request names. What a call's own `_meta` names comes before it.

    Args:
        app: Answers every request.
        observer: Continues the traces.
    """

    def __init__(self, app: ASGIApp, observer: Observer) -> None:
        self._application = app
        self._observer = observer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        with self._observer.continued(Headers(scope=scope)):
            await self._application(scope, receive, send)
