"""A listener on loopback for the services of tests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

import anyio
import anyio.lowlevel
from anyio.abc import SocketAttribute, SocketStream


@asynccontextmanager
async def listening(serve: Callable[[SocketStream], Awaitable[object]]) -> AsyncGenerator[int]:
    """Serve each connection until the block ends; gives the port."""
    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    async with listener, anyio.create_task_group() as tasks:
        tasks.start_soon(listener.serve, serve)
        yield listener.extra(SocketAttribute.local_port)  # noqa: S610 - anyio's, not Django's
        # Whoever is being accepted at this moment is let in first: a cancelled `accept` would leave the socket open.
        asyncio.get_running_loop().remove_reader(listener.extra(SocketAttribute.raw_socket))  # noqa: S610 - likewise
        for _ in range(3):
            await anyio.lowlevel.checkpoint()
        tasks.cancel_scope.cancel()
