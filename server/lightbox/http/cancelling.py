"""Cancellations by clients of the 2025 protocol: over HTTP without sessions they would reach no call."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from lightbox.http.callers import owner_of
from lightbox.http.peeking import parameters_of, peek

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

MOST_BYTES = 4_096
"""The longest body that is looked at: a cancellation is a few dozen bytes."""

_METHOD = "notifications/cancelled"

Cancel = Callable[[str, str], None]
"""Cancels the call that a caller made under a request id."""


class Cancelling:
    """Looks at what is posted, and passes cancellations on to the calls that they mean.

    Args:
        app: Answers every request, cancellations too. Whoever calls has been checked by then.
        cancel: Cancels a call by its owner and request id.
    """

    def __init__(self, app: ASGIApp, cancel: Cancel) -> None:
        self._application = app
        self._cancel = cancel

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        body, receive = await peek(scope, receive, MOST_BYTES)
        named = cancelled_request(body)
        if named is not None:
            self._cancel(owner_of(scope), named)
        await self._application(scope, receive, send)


def cancelled_request(body: bytes) -> str | None:
    """Give the id of the request that a body cancels; None where it is no cancellation."""
    named = (parameters_of(body, _METHOD) or {}).get("requestId")
    return str(named) if isinstance(named, str | int) else None
