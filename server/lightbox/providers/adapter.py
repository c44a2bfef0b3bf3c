"""The one place that speaks HTTP with a service."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lightbox.providers.calls import Ability, Call
from lightbox.providers.dialect import Dialect
from lightbox.providers.endpoint import Endpoint
from lightbox.providers.updates import Update

if TYPE_CHECKING:
    import httpx2

Sleep = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """How long to wait for a service, in seconds. Services are silent for long: `read` is between two events."""

    connect: float = 15.0
    read: float = 300.0
    write: float = 120.0


class Adapter:
    """Sends calls to one service and tells what comes back, as it comes."""

    def __init__(
        self,
        endpoint: Endpoint,
        dialect: Dialect,
        *,
        store: bool = False,
        transport: httpx2.AsyncBaseTransport | None = None,
        sleep: Sleep | None = None,
        timeouts: Timeouts | None = None,
    ) -> None:
        raise NotImplementedError

    name: str
    abilities: frozenset[Ability]

    def resumable(self, ability: Ability) -> bool:
        """Tell whether a response for this ability can be taken up again by its id."""
        raise NotImplementedError

    def stream(self, call: Call) -> AsyncGenerator[Update]:
        """Send a call once and yield what happens.

        Raises:
            UpstreamError: In one of its kinds; `accepted` says whether the call may have been billed.
        """
        raise NotImplementedError

    def take_up(self, response_id: str, ability: Ability, *, after: int | None = None) -> AsyncGenerator[Update]:
        """Yield what happens to a response that was sent earlier, `after` an event's number if given.

        Raises:
            Interrupted: When the service keeps no such response.
            UpstreamError: As in `stream`.
        """
        raise NotImplementedError

    async def cancel(self, response_id: str) -> bool:
        """Tell the service to stop; False where it can't be told or does not listen."""
        raise NotImplementedError

    async def models(self) -> list[str]:
        """Name the models that the key may use; costs nothing, so it checks the key."""
        raise NotImplementedError

    async def aclose(self) -> None:
        """Close the connections."""
        raise NotImplementedError
