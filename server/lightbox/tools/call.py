"""One call of a tool: for whom, until when, and who hears of its progress."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import anyio
from mcp.server.mcpserver import Context

if TYPE_CHECKING:
    from lightbox.services import Services

logger = logging.getLogger(__name__)

LOCAL = "local"


@dataclass
class ToolCall:
    """What a tool knows of the call that it answers, apart from the arguments.

    Attributes:
        services: Everything that does the work.
        context: The protocol's view of the request.
        estimating: Whether only a price is wanted: a provider that is named needs no key then.
        deadline: When there must be an answer, on the event loop's clock.
    """

    services: Services
    context: Context[Any, Any]
    estimating: bool = False
    deadline: float = field(default=0, init=False)
    _progress: float = field(default=0, init=False)
    _answered: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        self.deadline = anyio.current_time() + self.services.settings.wait_seconds

    @property
    def remaining(self) -> float:
        """Seconds until there must be an answer."""
        return max(0.0, self.deadline - anyio.current_time())

    @property
    def owner(self) -> str:
        """The caller whose handles, jobs and budget these are: one over stdio, one per bearer token over HTTP."""
        headers = self.context.headers
        return LOCAL if headers is None else owner_of(headers.get("authorization"))

    @property
    def link_base(self) -> str | None:
        """The address under which this caller reaches the server over HTTP, None over stdio."""
        request = self.context.request_context.request
        return str(request.base_url).rstrip("/") if request is not None and self.services.over_http else None

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


def owner_of(authorization: str | None) -> str:
    """Name the caller behind an `Authorization` header, without keeping the secret in it."""
    if not authorization:
        return "http"
    return "http-" + hashlib.sha256(authorization.encode()).hexdigest()[:16]
