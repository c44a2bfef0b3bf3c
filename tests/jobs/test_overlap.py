"""Connections to one server come and go in any order."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from mcp import Client

from lightbox.app import Lifespan, LightboxServer, make_server

if TYPE_CHECKING:
    from anyio.abc import TaskGroup

    from .conftest import Bench

SEARCH: dict[str, Any] = {"query": "a mountain lake", "provider": "dashscope", "count": 3}
PATIENCE = 20


@dataclass
class Visit:
    """A client that enters a server in a task of its own, and leaves it when it is told to."""

    server: LightboxServer
    mode: Any = "auto"
    client: Client | None = None
    _entered: anyio.Event = field(default_factory=anyio.Event)
    _leaving: anyio.Event = field(default_factory=anyio.Event)
    _left: anyio.Event = field(default_factory=anyio.Event)

    async def stay(self) -> None:
        async with Client(self.server, mode=self.mode, read_timeout_seconds=PATIENCE) as self.client:
            self._entered.set()
            await self._leaving.wait()
        self._left.set()

    async def enter(self, tasks: TaskGroup) -> Client:
        tasks.start_soon(self.stay)
        with anyio.fail_after(PATIENCE):
            await self._entered.wait()
        assert self.client is not None
        return self.client

    async def leave(self) -> None:
        self._leaving.set()
        with anyio.fail_after(PATIENCE):
            await self._left.wait()


@asynccontextmanager
async def visiting(server: LightboxServer, mode: str = "auto") -> AsyncGenerator[Client]:
    async with anyio.create_task_group() as tasks:
        visit = Visit(server, mode)
        yield await visit.enter(tasks)
        await visit.leave()


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_of_two_clients_of_one_server_the_second_works_on_when_the_first_leaves(bench: Bench, mode: str) -> None:
    settings = bench.settings()
    server = make_server(Lifespan(settings))
    async with anyio.create_task_group() as tasks:
        first, second = Visit(server, mode), Visit(server, mode)
        one = await first.enter(tasks)
        two = await second.enter(tasks)
        opened = await one.call_tool("get_spending", {})
        await first.leave()
        paid = await two.call_tool("search_images", SEARCH)
        [row] = await bench.settled(settings)
        await second.leave()
        assert not opened.is_error
        assert not paid.is_error, bench.text(paid)
        assert (row.state, row.estimated) == ("completed", False)
    async with visiting(server, mode) as third:
        journaled = await third.call_tool("search_images", SEARCH)
        again = await third.call_tool("search_images", SEARCH | {"query": "a hill"})
        rows = await bench.settled(settings)

    assert journaled.structured_content
    assert journaled.structured_content["cached"]
    assert not again.is_error, bench.text(again)
    assert [row.state for row in rows] == ["completed", "completed"]
    assert bench.line.posts == 2


async def test_a_paid_call_of_a_client_that_stays_is_not_cut_off_by_one_that_leaves(bench: Bench) -> None:
    settings = bench.settings()
    server = make_server(Lifespan(settings))
    bench.line.hold()
    async with anyio.create_task_group() as tasks:
        first, second = Visit(server), Visit(server)
        await (await first.enter(tasks)).call_tool("get_spending", {})
        calling = bench.call(await second.enter(tasks), "search_images", SEARCH)
        await bench.line.until(lambda: bench.line.held == 1)
        await first.leave()
        bench.line.release()
        answer = await calling.result()
        await second.leave()
        assert not answer.is_error, bench.text(answer)

    assert bench.line.posts == 1
