"""What benchmarks share: the table of what they measure, and a server in memory whose work can be waited for."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Protocol

import anyio
import pytest
from mcp import Client

from benchmarks.table import MEASURED, Row
from lightbox.app import Lifespan, make_server

if TYPE_CHECKING:
    from mcp.types import CallToolResult

    from lightbox.settings import Settings
    from lightbox.tools.parts import Parts


@dataclass(frozen=True)
class Server:
    """A server in memory, and a client of it."""

    client: Client
    lifespan: Lifespan

    async def call(self, tool: str, **arguments: Any) -> CallToolResult:
        result = await self.client.call_tool(tool, arguments)
        assert not result.is_error, result.content
        return result

    async def parts(self) -> Parts:
        return await self.lifespan.open()

    async def ended(self) -> None:
        """Wait until nothing is under way any more."""
        parts = await self.parts()
        for run in tuple(parts.runner.runs.values()):
            await run.ended.wait()

    async def settled(self) -> None:
        """Wait until nothing is under way any more, and it is written down which answers were given."""
        await self.ended()
        parts = await self.parts()
        while parts.journal.delivering:  # noqa: ASYNC110 - nobody but a benchmark wants to be told
            await anyio.sleep(0.01)


class Serve(Protocol):
    """Serves in memory; the server ends with the block."""

    def __call__(self, settings: Settings) -> AbstractAsyncContextManager[Server]: ...


@asynccontextmanager
async def _served(settings: Settings) -> AsyncGenerator[Server]:
    lifespan = Lifespan(settings)
    async with Client(make_server(lifespan)) as client:
        yield Server(client, lifespan)


@pytest.fixture
def serve() -> Serve:
    return _served


class Measure(Protocol):
    """Puts one figure into the table of the run; `aim` is for its ratio to the floor, else for itself."""

    def __call__(
        self,
        what: str,
        value: float | None,
        unit: str,
        *,
        floor: float | None = None,
        aim: float | None = None,
        at_least: bool = False,
        why: str = "",
    ) -> Row: ...


@pytest.fixture
def measure(record_property: Callable[[str, object], None]) -> Measure:
    def measure(what: str, value: float | None, unit: str, **more: Any) -> Row:
        row = Row(what=what, value=value, unit=unit, **more)
        record_property(MEASURED, asdict(row))
        return row

    return measure
