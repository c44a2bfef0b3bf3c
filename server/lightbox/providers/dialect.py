"""What the adapter needs to know about a service: its words, not its wire."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from lightbox.providers.calls import Ability, Call


class Dialect(Protocol):
    """A service's way of being asked. Its modules do no I/O."""

    @property
    def name(self) -> str:
        """The provider's name, as users write it."""
        ...

    @property
    def abilities(self) -> frozenset[Ability]:
        """What the service can be asked for."""
        ...

    def body(self, call: Call, *, store: bool) -> Mapping[str, Any]:
        """Put a call into the JSON body of `POST /responses`; `store` asks the service to keep the response."""
        ...

    def resumable(self, ability: Ability, *, store: bool) -> bool:
        """Tell whether a response that was sent so can be asked for again by its id."""
        ...
