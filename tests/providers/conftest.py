"""What the tests of providers share: a scripted service on loopback, and adapters before it."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest

from loopback import listening
from providers.scripted import Bench, Service

__all__ = ["Bench", "Service"]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def service() -> AsyncGenerator[Service]:
    running = Service()
    async with listening(running.serve) as running.port:
        yield running


@pytest.fixture
async def bench(service: Service) -> AsyncGenerator[Bench]:
    made = Bench(service)
    yield made
    for adapter in made.adapters:
        await adapter.aclose()
