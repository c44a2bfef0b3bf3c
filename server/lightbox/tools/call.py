"""One call of a tool: for whom, with what, until when, and who hears of its progress."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

import anyio
from mcp.server.mcpserver import Context

if TYPE_CHECKING:
    from lightbox.costs.catalogue.catalogue import Rates
    from lightbox.settings import Settings
    from lightbox.tools.parts import Parts

logger = logging.getLogger(__name__)

LOCAL = "local"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls.

    Attributes:
        owner: Whose handles, jobs and budget these are.
        link: Gives an address under which this caller fetches the picture of a handle; None over stdio, where callers
            are on this machine and paths mean something to them.
    """

    owner: str = LOCAL
    link: Callable[[str], str] | None = None


@dataclass
class Call:
    """What a tool knows of the call that it answers, apart from the arguments.

    Attributes:
        parts: Everything that does the work.
        context: The protocol's view of the request.
        caller: Who calls.
        deadline: When there must be an answer, on the event loop's clock.
        estimating: Whether only a price is wanted: a provider that is named needs no key then.
    """

    parts: Parts
    context: Context[Any, Any]
    caller: Caller
    deadline: float
    estimating: bool = False
    _progress: float = field(default=0, init=False)
    _answered: bool = field(default=False, init=False)

    @property
    def settings(self) -> Settings:
        """The settings."""
        return self.parts.settings

    @property
    def owner(self) -> str:
        """Whose handles, jobs and budget these are."""
        return self.caller.owner

    @cached_property
    def rates(self) -> Rates:
        """What the catalogue holds as of now."""
        return self.parts.catalogue.at(datetime.now(UTC))

    @property
    def remaining(self) -> float:
        """Seconds until there must be an answer."""
        return max(0.0, self.deadline - anyio.current_time())

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
