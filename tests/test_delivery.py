"""An answer that was paid for counts as given when it has left the server, and not before."""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

import anyio
import httpx2
from mcp import Client, MCPError
from mcp.client.streamable_http import streamable_http_client
from sqlalchemy import select

from lightbox.http.exchange import Exchange, Exchanges
from lightbox.http.limits import MIB, Limits
from lightbox.state.sqlite import SQLiteDatabase
from lightbox.state.tables import jobs
from lightbox.tools.paid import ON_ITS_WAY_SECONDS

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from anyio.abc import SocketStream
    from mcp.types import CallToolResult
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from conftest import MakeSettings, ServeApp, ServeHTTP, Upstream
    from lightbox.settings import Settings

SOON = 10.0
LONGER_THAN_BUFFERS = 64 * MIB
ASKED = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
WISH: dict[str, Any] = {"prompt": "a red fox in snow", "provider": "openai"}


class Watched:
    """Answers with more than the system's buffers take, and knows what became of it."""

    def __init__(self) -> None:
        self.begun = anyio.Event()
        self.exchange: Exchange | None = None

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        self.exchange = Exchange.of(scope)
        headers = [(b"content-length", str(LONGER_THAN_BUFFERS).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        self.begun.set()
        await send({"type": "http.response.body", "body": b"a" * LONGER_THAN_BUFFERS})

    async def has_left(self) -> bool:
        assert self.exchange is not None
        with anyio.fail_after(SOON):
            return await self.exchange.has_left()


@asynccontextmanager
async def asked(origin: str) -> AsyncGenerator[SocketStream]:
    async with await anyio.connect_tcp("127.0.0.1", int(origin.rpartition(":")[2])) as connection:
        await connection.send(ASKED)
        yield connection


async def test_an_answer_has_left_when_its_client_has_taken_it(serve_app: ServeApp) -> None:
    watched, limits = Watched(), Limits()
    async with serve_app(Exchanges(watched, limits), limits) as origin, asked(origin) as connection:
        await watched.begun.wait()
        assert watched.exchange is not None
        before = watched.exchange.sent
        got = 0
        while got < LONGER_THAN_BUFFERS:
            got += len(await connection.receive(MIB))
        left = await watched.has_left()

    assert (before, left) == (False, True)


async def test_an_answer_has_not_left_whose_client_hung_up(serve_app: ServeApp) -> None:
    watched, limits = Watched(), Limits()
    async with serve_app(Exchanges(watched, limits), limits) as origin:
        async with asked(origin):
            await watched.begun.wait()
        assert not await watched.has_left()


async def test_an_answer_has_not_left_whose_client_does_not_read(serve_app: ServeApp) -> None:
    watched, limits = Watched(), Limits(unread_seconds=0.2)
    async with serve_app(Exchanges(watched, limits), limits) as origin, asked(origin):
        await watched.begun.wait()
        assert not await watched.has_left()


class Held:
    """A way on which the first answer of a tool that bills stays until it is let go; then it is lost."""

    def __init__(self) -> None:
        self.held, self.go = anyio.Event(), anyio.Event()

    def around(self, app: ASGIApp) -> ASGIApp:
        async def application(scope: Scope, receive: Receive, send: Send) -> None:
            async def slow(message: Message) -> None:
                if b"cost: " in message.get("body", b"") and not self.held.is_set():
                    self.held.set()
                    await self.go.wait()
                    raise OSError("the client is gone")
                await send(message)

            await app(scope, receive, slow)

        return application


async def test_what_was_paid_for_and_never_left_is_given_to_whoever_asks_again(
    settings: MakeSettings, serve_http: ServeHTTP, upstream: Upstream
) -> None:
    wanted, way = settings(), Held()
    async with AsyncExitStack() as stack:
        origin = await stack.enter_async_context(serve_http(wanted, around=way.around))
        asking = await stack.enter_async_context(anyio.create_task_group())
        asking.start_soon(_ask, origin)
        with anyio.fail_after(SOON):
            await way.held.wait()
        await anyio.sleep(1.2 * ON_ITS_WAY_SECONDS)
        on_its_way = await _delivered(wanted)
        way.go.set()
        again = await _ask(origin)
        asking.cancel_scope.cancel()

        assert on_its_way == [None]
        assert again is not None
        assert not again.is_error
        assert upstream.paid == 1


async def _ask(origin: str) -> CallToolResult | None:
    with suppress(MCPError, httpx2.TransportError, ExceptionGroup):
        async with Client(streamable_http_client(f"{origin}/mcp")) as client:
            return await client.call_tool("generate_image", WISH)
    return None


async def _delivered(settings: Settings) -> list[float | None]:
    database = SQLiteDatabase(settings.state_dir)
    try:
        query = select(jobs.c.delivered_at)
        return await database.read(lambda connection: list(connection.execute(query).scalars()))
    finally:
        await database.close()
