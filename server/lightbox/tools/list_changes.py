"""Who is told that the list of a caller's pictures has changed: nobody else's clients are.

Clients of the 2026 protocol open a stream for it; those of the 2025 one are told on the connection over which they have
asked for the list.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mcp.server.subscriptions import InMemorySubscriptionBus, ListenHandler, ResourcesListChanged
from mcp.types import SubscriptionsListenRequestParams, SubscriptionsListenResult

if TYPE_CHECKING:
    from mcp.server.context import ServerRequestContext
    from mcp.server.session import ServerSession

logger = logging.getLogger(__name__)

MOST_STREAMS = 64
"""How many streams one caller may have open."""
MOST_CONNECTIONS = 1_000
"""How many connections are remembered; of the 2025 protocol, over HTTP each is a session."""
SESSION = "mcp-session-id"


@dataclass(slots=True)
class _Listening:
    """The open streams of one caller."""

    bus: InMemorySubscriptionBus = field(default_factory=InMemorySubscriptionBus)
    handler: ListenHandler = field(init=False)
    streams: int = 0

    def __post_init__(self) -> None:
        self.handler = ListenHandler(self.bus, max_subscriptions=MOST_STREAMS)


class ListChanges:
    """Tells clients that there are new pictures."""

    def __init__(self) -> None:
        self._listening: dict[str, _Listening] = {}
        self._asked: dict[tuple[str, str], ServerSession] = {}

    async def listen(
        self, owner: str, context: ServerRequestContext[Any, Any], parameters: SubscriptionsListenRequestParams
    ) -> SubscriptionsListenResult:
        """Serve a stream of a caller's until its client goes."""
        listening = self._listening.setdefault(owner, _Listening())
        listening.streams += 1
        try:
            return await listening.handler(context, parameters)
        finally:
            listening.streams -= 1
            if not listening.streams:
                self._listening.pop(owner, None)

    def remember(self, owner: str, context: ServerRequestContext[Any, Any]) -> None:
        """Remember over which connection a caller asked for the list, where there is one that lasts."""
        session = "" if context.request is None else context.request.headers.get(SESSION)
        if session is None:
            return
        self._asked.pop((owner, session), None)
        self._asked[owner, session] = context.session
        while len(self._asked) > MOST_CONNECTIONS:
            del self._asked[next(iter(self._asked))]

    async def tell(self, owner: str) -> None:
        """Tell a caller's clients; what can't be told to one of them is told to the others."""
        listening = self._listening.get(owner)
        if listening is not None:
            await listening.bus.publish(ResourcesListChanged())
        for key in [key for key in self._asked if key[0] == owner]:
            try:
                await self._asked[key].send_resource_list_changed()
            except Exception:
                logger.info("a client could not be told of new pictures", exc_info=True)
                self._asked.pop(key, None)
