"""What the tests of providers share: a scripted service on loopback, and adapters before it."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import anyio
import pytest
from anyio.abc import SocketAttribute

from providers.scripted import Bench, Service

__all__ = ["Bench", "Service"]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def service() -> AsyncGenerator[Service]:
    running = Service()
    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    async with listener, anyio.create_task_group() as tasks:
        running.port = listener.extra(SocketAttribute.local_port)  # noqa: S610 - anyio's, not Django's
        tasks.start_soon(listener.serve, running.serve)
        yield running
        tasks.cancel_scope.cancel()


@pytest.fixture
async def bench(service: Service) -> AsyncGenerator[Bench]:
    made = Bench(service)
    yield made
    for adapter in made.adapters:
        await adapter.aclose()
