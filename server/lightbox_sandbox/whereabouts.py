"""Under which address a client knows the sandbox, and from which addresses it then reads pictures."""

from __future__ import annotations

import re
from contextvars import ContextVar
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send

_HOST: Final = re.compile(r"[A-Za-z0-9._-]{1,253}(:\d{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](:\d{1,5})?")


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where the sandbox is, as the one who asks sees it.

    Attributes:
        url: The address without a path, e.g. `http://127.0.0.1:8765`.
        local: How the sandbox reaches itself.
        exposed: Whether others than this machine can ask.
    """

    url: str
    local: str
    exposed: bool = False

    def within_reach(self, address: str) -> str | None:
        """Give where to fetch a picture from, None for what is out of reach.

        That is this machine alone; and where others can ask, the sandbox's own pictures alone: nobody is to look at
        what else this machine serves to itself.
        """
        for own in (self.url, self.local):
            if address.startswith(f"{own}/"):
                return self.local + address.removeprefix(own)
        return address if not self.exposed and _is_on_this_machine(address) else None


HERE: Final[ContextVar[Whereabouts]] = ContextVar("HERE")
"""Where the request that is being answered has found the sandbox."""


class WhereaboutsMiddleware:
    """Notes for each request under which address it has found the sandbox.

    Others than this machine know it by names that only they can tell: theirs stands in the header `Host`.
    """

    def __init__(self, app: ASGIApp, here: Whereabouts) -> None:
        self._app = app
        self._here = here

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        token = HERE.set(self._seen(scope))
        try:
            await self._app(scope, receive, send)
        finally:
            HERE.reset(token)

    def _seen(self, scope: Scope) -> Whereabouts:
        host = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), "")
        if not self._here.exposed or not _HOST.fullmatch(host):
            return self._here
        return Whereabouts(f"http://{host}", self._here.local, exposed=True)


def is_loopback(host: str) -> bool:
    """Tell whether nobody but this machine reaches a host."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _is_on_this_machine(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return parts.scheme == "http" and is_loopback(parts.hostname or "")
    except ValueError:
        return False
