"""Connections that go only where the guard lets them: to the very address that was checked.

The name stays in the Host header and in TLS, so that certificates are checked against it. Imported at the first fetch.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, cast

import anyio
import httpcore2

from lightbox.images.guard import Guard

if TYPE_CHECKING:
    from httpcore2 import SOCKET_OPTION

TRIED_ADDRESSES = 4
"""How many addresses of one name are tried, one after the other."""


class GuardedBackend(httpcore2.AsyncNetworkBackend):
    """Opens connections for a pool: asks the guard for a name's addresses and connects to one of these.

    Nothing else resolves the name again, so a name that changes its address in between (DNS rebinding) gains nothing.
    """

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._network = cast("httpcore2.AsyncNetworkBackend", httpcore2.AnyIOBackend())

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the signature is httpcore2's
        local_address: str | None = None,
        socket_options: Iterable[SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Connect to the first of a name's checked addresses that answers.

        Raises:
            Forbidden: One of its addresses is not public.
            httpcore2.ConnectError: The name has no address, or none answers.
        """
        try:
            addresses = (await self._guard.addresses(host, port))[:TRIED_ADDRESSES]
        except OSError as error:
            raise httpcore2.ConnectError(f"the host {host} has no address") from error
        failure: httpcore2.NetworkError | httpcore2.TimeoutException | None = None
        for address in addresses:
            try:
                return await self._network.connect_tcp(
                    address, port, timeout and timeout / len(addresses), local_address, socket_options
                )
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
        raise failure or httpcore2.ConnectError(f"the host {host} has no address")

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ARG002, ASYNC109 - likewise
        socket_options: Iterable[SOCKET_OPTION] | None = None,  # noqa: ARG002 - likewise
    ) -> httpcore2.AsyncNetworkStream:
        """Refuse: the guard lets no local socket through."""
        raise httpcore2.ConnectError(f"{path} is a local socket")

    async def sleep(self, seconds: float) -> None:
        """Wait between retries."""
        await anyio.sleep(seconds)
