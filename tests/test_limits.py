"""What an HTTP server takes at once, and for how long: beyond a limit it says so, and others go on."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import threading
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from anyio import to_thread
from mcp import MCPError

from lightbox.http.exchange import Exchanges
from lightbox.http.inbound import READ_BYTES, Inbound
from lightbox.http.limits import MIB, Limits

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Generator

    from anyio.abc import SocketStream
    from starlette.types import Receive, Scope, Send

    from conftest import Answer, Ask, Connect, LetIn, MakeSettings, ServeApp, ServeHTTP, Upstream
    from lightbox.settings import Settings

CALL_SECONDS = 30.0
SOON = 5.0
"""Seconds within which whatever a test waits for must happen."""
GONE = (anyio.BrokenResourceError, anyio.ClosedResourceError, anyio.EndOfStream)
PING = {"jsonrpc": "2.0", "id": "p", "method": "ping"}
HEAVY: dict[str, Any] = {
    "jsonrpc": "2.0",
    "id": 7,
    "method": "tools/call",
    "params": {"name": "view_images", "arguments": {}},
}


@dataclass(frozen=True)
class Reply:
    """An answer as it came over the wire."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def message(self) -> str:
        return json.loads(self.body)["error"]["message"]


@asynccontextmanager
async def raw(origin: str) -> AsyncGenerator[SocketStream]:
    async with await anyio.connect_tcp("127.0.0.1", int(origin.rpartition(":")[2])) as connection:
        yield connection


async def reply(connection: SocketStream) -> Reply:
    """Read one answer; what is left of it is not awaited beyond its length."""
    data = b""
    with anyio.fail_after(SOON):
        while b"\r\n\r\n" not in data:
            data += await connection.receive()
        head, _, body = data.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        while len(body) < int(headers.get("content-length", 0)):
            body += await connection.receive()
    return Reply(int(first.split()[1]), headers, body)


async def closed(connection: SocketStream) -> bytes:
    """Wait until the server lets go; gives what it said before."""
    said = b""
    with anyio.fail_after(SOON), suppress(*GONE):
        while True:
            said += await connection.receive()
    return said


def post(body: bytes = b"", *, length: int | None = None, path: str = "/mcp", more: str = "") -> bytes:
    """Write a POST; with `length`, one that says that it is longer than it is."""
    size = len(body) if length is None else length
    return (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{more}"
        f"Accept: application/json, text/event-stream\r\nContent-Length: {size}\r\n\r\n"
    ).encode() + body


async def _push(connection: SocketStream) -> None:
    """Send a large body until the server lets go."""
    with suppress(*GONE):
        await connection.send(post(length=48 * MIB, path="/x"))
        for _ in range(48 * 16):
            await connection.send(b"a" * 65_536)


async def _gone(receive: Receive) -> bool:
    """Tell whether the client is known to be gone."""
    with anyio.move_on_after(0.001):
        return (await receive())["type"] == "http.disconnect"
    return False


GET = b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"


async def well(origin: str) -> bool:
    async with raw(origin) as connection:
        await connection.send(GET)
        return (await reply(connection)).status == 200


# Headers


@pytest.mark.parametrize("before", [b"", GET], ids=["at first", "after another request"])
async def test_headers_that_drip_in_are_told_so_and_cut_off(
    settings: MakeSettings, serve_http: ServeHTTP, before: bytes
) -> None:
    async with (
        serve_http(settings(), Limits(header_seconds=0.3, linger_seconds=0.2)) as origin,
        raw(origin) as connection,
    ):
        if before:
            await connection.send(before)
            await reply(connection)
            await anyio.sleep(0.4)  # between requests the clock stands still
        began = anyio.current_time()
        async with anyio.create_task_group() as tasks:

            async def drip() -> None:
                with suppress(*GONE):
                    for letter in b"GET /health HTTP/1.1\r\nHost: localhost\r\nX-Slow: " + b"a" * 1000:
                        await connection.send(bytes([letter]))
                        await anyio.sleep(0.02)

            tasks.start_soon(drip)
            told = await reply(connection)
            took = anyio.current_time() - began
            assert await closed(connection) == b""
            assert took < 1.5
            assert told.status == 408
            assert "did not come in time" in told.message
            tasks.cancel_scope.cancel()


async def test_a_connection_that_says_nothing_is_closed_without_a_word(
    settings: MakeSettings, serve_http: ServeHTTP
) -> None:
    async with serve_http(settings(), Limits(header_seconds=0.2)) as origin, raw(origin) as connection:
        assert await closed(connection) == b""


async def test_headers_that_are_too_large_are_not_kept(settings: MakeSettings, serve_http: ServeHTTP) -> None:
    async with serve_http(settings()) as origin, raw(origin) as connection:
        with suppress(*GONE):
            await connection.send(b"GET / HTTP/1.1\r\nX: " + b"a" * 200_000)
        assert b" 400 " in (await closed(connection))[:20]


# Connections


async def test_idle_connections_make_room_for_new_ones(settings: MakeSettings, serve_http: ServeHTTP) -> None:
    async with serve_http(settings(), Limits(connections=20)) as origin, anyio.create_task_group() as tasks:
        ended = [0]

        async def stranger() -> None:
            async with raw(origin) as connection:
                await closed(connection)
                ended[0] += 1

        async with raw(origin) as old:
            await old.send(GET)
            await reply(old)
            for _ in range(500):
                tasks.start_soon(stranger)
            with anyio.fail_after(SOON):
                while ended[0] < 481:  # noqa: ASYNC110 - it counts
                    await anyio.sleep(0.01)
            assert await well(origin)
            await old.send(GET)  # who has asked before goes after those who never did
            assert (await reply(old)).status == 200
        tasks.cancel_scope.cancel()


async def test_where_every_connection_is_at_work_another_one_is_told_when_to_come(
    settings: MakeSettings, serve_http: ServeHTTP
) -> None:
    async with serve_http(settings(), Limits(connections=3)) as origin, AsyncExitStack() as held:
        busy = [await held.enter_async_context(raw(origin)) for _ in range(3)]
        for connection in busy:
            await connection.send(post(b"{", length=100))
        await anyio.sleep(0.1)
        async with raw(origin) as another:
            await another.send(GET)
            told = await reply(another)
            assert await closed(another) == b""
        await busy[0].aclose()
        await anyio.sleep(0.1)
        assert await well(origin)

    assert told.status == 503
    assert told.headers["retry-after"] == "5"
    assert "as many connections as it takes" in told.message


# Bodies


async def test_a_body_that_stalls_is_told_so(settings: MakeSettings, serve_http: ServeHTTP) -> None:
    async with serve_http(settings(), Limits(body_seconds=0.2)) as origin, raw(origin) as connection:
        await connection.send(post(b'{"jsonrpc"', length=1000))
        told = await reply(connection)

    assert told.status == 408
    assert "body did not come in time" in told.message


async def test_a_body_that_is_slow_but_keeps_coming_is_read(settings: MakeSettings, serve_http: ServeHTTP) -> None:
    body = json.dumps(PING).encode()
    limits = Limits(body_seconds=0.3, bytes_per_second=50)
    async with serve_http(settings(), limits) as origin, raw(origin) as connection:
        await connection.send(post(length=len(body)))
        for start in range(0, len(body), 8):
            await anyio.sleep(0.1)
            await connection.send(body[start : start + 8])
        told = await reply(connection)

    assert told.status == 200


@pytest.mark.parametrize("told_as", ["declared", "chunked"])
async def test_a_body_that_is_too_large_is_refused(settings: MakeSettings, serve_http: ServeHTTP, told_as: str) -> None:
    async with serve_http(settings(), Limits(body_bytes=MIB)) as origin, raw(origin) as connection:
        if told_as == "chunked":
            await connection.send(post(more="Transfer-Encoding: chunked\r\n").replace(b"Content-Length: 0\r\n", b""))
            with suppress(*GONE):
                for _ in range(20):
                    await connection.send(b"10000\r\n" + b"a" * 65_536 + b"\r\n")
        else:
            await connection.send(post(b"{", length=MIB + 1))
        told = await reply(connection)

    assert told.status == 413
    assert "larger than 1 MiB" in told.message


async def test_of_a_stranger_no_more_than_64_kb_is_read(serve_app: ServeApp) -> None:
    read = [0]

    async def greedy(_scope: Scope, receive: Receive, send: Send) -> None:
        while (message := await receive()).get("more_body"):
            read[0] += len(message["body"])
        await send({"type": "http.response.start", "status": 200, "headers": []})

    limits = Limits(linger_seconds=0.2)
    async with (
        serve_app(Exchanges(greedy, limits), limits) as origin,
        raw(origin) as connection,
        anyio.create_task_group() as tasks,
    ):
        tasks.start_soon(_push, connection)
        told = await reply(connection)
        assert await closed(connection) == b""
        assert told.status == 413
        tasks.cancel_scope.cancel()

    assert read[0] <= limits.stranger_bytes


async def test_who_is_turned_away_hears_it_before_anything_is_read(
    serve_app: ServeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def guarded(_scope: Scope, _receive: Receive, send: Send) -> None:
        await anyio.sleep(0.2)  # a token is looked up
        headers = [(b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 401, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    taken = [0]
    plain = Inbound.data_received

    def counted(self: Inbound, data: bytes) -> None:
        taken[0] += len(data)
        plain(self, data)

    monkeypatch.setattr(Inbound, "data_received", counted)
    limits = Limits(linger_seconds=0.3)
    async with (
        serve_app(Exchanges(guarded, limits), limits) as origin,
        raw(origin) as connection,
        anyio.create_task_group() as tasks,
    ):
        tasks.start_soon(_push, connection)
        told = await reply(connection)
        assert await closed(connection) == b""
        assert told.status == 401
        tasks.cancel_scope.cancel()

    assert taken[0] <= 3 * READ_BYTES  # its headers, a first piece, and one that is thrown away


async def test_who_has_no_token_is_told_so_before_a_large_body_is_read(
    settings: MakeSettings, serve_http: ServeHTTP, let_in: LetIn
) -> None:
    made = settings(tokens=let_in("alice"))
    async with serve_http(made) as origin, raw(origin) as stranger, raw(origin) as alice:
        await stranger.send(post(b"a" * MIB, length=48 * MIB))
        turned_away = await reply(stranger)
        await alice.send(post(b"a" * MIB, more="Authorization: Bearer alice\r\n"))
        let_through = await reply(alice)

    assert turned_away.status == 401
    assert let_through.status == 400  # it was read, and is not JSON


async def test_a_client_that_was_turned_away_goes_on_where_its_body_was_short(serve_app: ServeApp) -> None:
    async def guarded(_scope: Scope, _receive: Receive, send: Send) -> None:
        headers = [(b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 401, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    limits = Limits(linger_seconds=0.3)
    async with serve_app(Exchanges(guarded, limits), limits) as origin, raw(origin) as connection:
        for _ in range(3):
            await connection.send(post(length=1000))
            assert (await reply(connection)).status == 401
            await connection.send(b"a" * 1000)
        await anyio.sleep(0.4)
        await connection.send(GET)
        assert (await reply(connection)).status == 401


@pytest.mark.parametrize(
    ("limits", "status", "words"),
    [
        (Limits(caller_bodies_bytes=3 * MIB), 429, "Your requests under way hold 3 MiB"),
        (Limits(bodies_bytes=3 * MIB), 503, "The requests under way hold 3 MiB"),
    ],
)
@pytest.mark.parametrize("told_as", ["declared", "chunked"])
async def test_bodies_are_held_up_to_a_sum(
    settings: MakeSettings, serve_http: ServeHTTP, limits: Limits, status: int, words: str, told_as: str
) -> None:
    size = 2 * MIB
    async with serve_http(settings(), limits) as origin, raw(origin) as first, raw(origin) as second:
        await first.send(post(b"a" * MIB, length=size))
        await anyio.sleep(0.1)
        if told_as == "chunked":
            head = post(more="Transfer-Encoding: chunked\r\n").replace(b"Content-Length: 0\r\n", b"")
            await second.send(head + (b"10000\r\n" + b"a" * 65_536 + b"\r\n") * 32 + b"0\r\n\r\n")
        else:
            await second.send(post(b"a" * size))
        told = await reply(second)
        async with raw(origin) as small:  # what is small always has room
            await small.send(post(json.dumps(PING).encode()))
            assert (await reply(small)).status == 200
        await first.aclose()
        await anyio.sleep(0.1)
        await second.send(post(b"a" * size))
        again = await reply(second)

    assert told.status == status
    assert words in told.message
    assert told.headers["retry-after"] == "5"
    assert again.status == 400  # it is let in, and is not JSON


@contextmanager
def serving_process(environment: dict[str, str], files: int = 1_024) -> Generator[tuple[int, str]]:
    """Serve in a process that may open so many files; gives its id and origin."""
    command = f"ulimit -n {files}; exec {sys.executable} -m lightbox serve --http 127.0.0.1:0"
    with subprocess.Popen(["/bin/sh", "-c", command], env=environment, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            told = re.search(r"http://[^/]+", process.stderr.readline())
            assert told
            threading.Thread(target=process.stderr.read, daemon=True).start()
            yield process.pid, told[0]
        finally:
            process.terminate()


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read as Linux tells it")
async def test_sixty_half_sent_bodies_take_next_to_no_memory(
    settings: MakeSettings, environment: Callable[[Settings], dict[str, str]]
) -> None:
    with serving_process(environment(settings())) as (pid, origin), ExitStack() as held:
        assert await well(origin)
        before = peak(pid)
        address = ("127.0.0.1", int(origin.rpartition(":")[2]))
        for _ in range(60):
            connection = held.enter_context(socket.create_connection(address, SOON))
            await to_thread.run_sync(connection.sendall, post(b"a" * 4 * MIB, length=48 * MIB))
        assert await well(origin)
        grown = peak(pid) - before

    assert grown < 40 * MIB  # 240 MiB were sent


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such bound there")
async def test_a_server_that_may_open_few_files_takes_fewer_connections(
    settings: MakeSettings, environment: Callable[[Settings], dict[str, str]]
) -> None:
    with serving_process(environment(settings()), files=80) as (_, origin), ExitStack() as held:
        address = ("127.0.0.1", int(origin.rpartition(":")[2]))
        for _ in range(200):
            held.enter_context(socket.create_connection(address, SOON))
        assert await well(origin)


def peak(pid: int) -> int:
    """Give the most memory that a process ever had, in bytes."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text("utf-8"))
    assert found
    return int(found[1]) * 1024


# Answers


async def test_who_does_not_read_an_answer_is_cut_off_and_keeps_little_of_it(serve_app: ServeApp) -> None:
    sent, over = [0], anyio.Event()
    size = 200 * MIB

    async def generous(_scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-length", str(size).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        for _ in range(size // MIB):
            sent[0] += MIB
            await send({"type": "http.response.body", "body": b"a" * MIB, "more_body": True})
            if await _gone(receive):
                break
        over.set()

    limits = Limits(unread_seconds=0.3)
    async with serve_app(Exchanges(generous, limits), limits) as origin, raw(origin) as connection:
        await connection.send(GET)
        with anyio.fail_after(SOON):
            await over.wait()

    assert sent[0] < 32 * MIB  # what the system's own buffers take


async def test_who_reads_slowly_but_keeps_reading_gets_all(serve_app: ServeApp) -> None:
    size = 16 * MIB

    async def generous(_scope: Scope, _receive: Receive, send: Send) -> None:
        headers = [(b"content-length", str(size).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"a" * size})

    limits = Limits(unread_seconds=0.3)
    async with serve_app(Exchanges(generous, limits), limits) as origin, raw(origin) as connection:
        await connection.send(GET)
        got = 0
        with suppress(*GONE), anyio.fail_after(2 * SOON):
            while got < size:
                got += len(await connection.receive(512 * 1024))
                await anyio.sleep(0.02)

    assert got > size


async def test_pictures_are_given_to_so_many_at_once(serve_app: ServeApp) -> None:
    go = anyio.Event()

    async def slow(_scope: Scope, _receive: Receive, send: Send) -> None:
        await go.wait()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})

    limits = Limits(pictures=2)
    asked = GET.replace(b"/health", b"/images/img_4k2x9w1qza")
    async with serve_app(Exchanges(slow, limits), limits) as origin, AsyncExitStack() as held:
        first, second, third = [await held.enter_async_context(raw(origin)) for _ in range(3)]
        for connection in (first, second):
            await connection.send(asked)
        await anyio.sleep(0.1)
        await third.send(asked)
        told = await reply(third)
        go.set()
        given = [(await reply(connection)).status for connection in (first, second)]
        await third.send(asked)
        again = await reply(third)

    assert (told.status, told.headers["retry-after"]) == (503, "5")
    assert given == [200, 200]
    assert again.status == 200


# Calls


SLOW = {"provider": "dashscope", "model": "sandbox-fault/delay=2.5", "check": False}
"""A search of which the service says nothing for a while."""


async def test_a_caller_has_so_many_calls_at_work_and_can_still_ask_about_them(
    connect: Connect, ask: Ask, settings: MakeSettings, serve_http: ServeHTTP, upstream: Upstream
) -> None:
    made = settings(calls_per_caller=2)
    async with serve_http(made) as url, connect(made, "http", url=url) as client:
        await client.list_tools()
        async with anyio.create_task_group() as tasks:
            for query in ("a fox", "a lake"):
                tasks.start_soon(partial(ask, client, "search_images", query=query, **SLOW))
            await _at_work(upstream, 2)
            with pytest.raises(MCPError) as refused:
                await ask(client, "search_images", query="a hill", **SLOW)
            assert not (await ask(client, "get_spending")).failed
            assert (await client.list_tools()).tools
            assert upstream.paid == 2
            assert "You have 2 calls at work (CALLS_PER_CALLER)" in str(refused.value)
            assert "Try again in 5 seconds" in str(refused.value)
            assert refused.value.error.data == {"retryAfterSeconds": 5}
        again = await ask(client, "search_images", query="a hill", provider="dashscope", check=False)

    assert not again.failed


async def test_one_callers_calls_take_no_place_of_anothers(
    connect: Connect, ask: Ask, settings: MakeSettings, serve_http: ServeHTTP, upstream: Upstream, let_in: LetIn
) -> None:
    made = settings(calls_per_caller=1, tokens=let_in("alice", "bob"))
    async with (
        serve_http(made) as url,
        connect(made, "http", token="alice", url=url) as alice,  # noqa: S106 - a name
        connect(made, "http", token="bob", url=url) as bob,  # noqa: S106 - likewise
        anyio.create_task_group() as tasks,
    ):
        tasks.start_soon(partial(ask, alice, "search_images", query="a fox", **SLOW))
        await _at_work(upstream, 1)
        his = await ask(bob, "search_images", query="a fox", provider="dashscope", check=False)
        assert not his.failed


async def test_a_job_that_outlives_its_call_counts_as_one_at_work(
    connect: Connect, ask: Ask, settings: MakeSettings, serve_http: ServeHTTP
) -> None:
    made = settings(calls_per_caller=1, wait_seconds=0.2)
    async with serve_http(made) as url, connect(made, "http", url=url) as client:
        await ask(client, "get_spending")  # opening takes a while
        running = await ask(client, "search_images", query="a fox", **SLOW)
        with pytest.raises(MCPError, match="with those that answered `running`"):
            await ask(client, "search_images", query="a hill", **SLOW)
        status = running.listed["status"]
        with anyio.fail_after(CALL_SECONDS):
            while status == "running":
                status = (await ask(client, "get_job", job_id=running.listed["job_id"])).listed["status"]
            while (again := await _or_none(ask(client, "search_images", query="a hill", **SLOW))) is None:
                pass  # its bill is still being written down

    assert status == "completed"
    assert not again.failed


async def _at_work(upstream: Upstream, number: int) -> None:
    with anyio.fail_after(CALL_SECONDS):
        while await to_thread.run_sync(lambda: upstream.paid) < number:  # noqa: ASYNC110 - it is another thread's
            await anyio.sleep(0.05)


async def _or_none(asking: Awaitable[Answer]) -> Answer | None:
    with suppress(MCPError):
        return await asking
    return None


async def test_all_callers_together_have_so_many_calls_at_work(settings: MakeSettings, serve_http: ServeHTTP) -> None:
    body = json.dumps(HEAVY).encode()
    large = json.dumps({**HEAVY, "padding": "a" * 100_000}).encode()
    async with serve_http(settings(), Limits(calls=1)) as origin, raw(origin) as first, raw(origin) as second:
        await first.send(post(large[:-1], length=len(large), more="Authorization: Bearer alice\r\n"))
        await anyio.sleep(0.1)
        await second.send(post(body, more="Authorization: Bearer bob\r\n"))
        told = await reply(second)
        await first.send(large[-1:])
        await reply(first)
        await anyio.sleep(0.05)
        await second.send(post(body, more="Authorization: Bearer bob\r\n"))
        again = await reply(second)

    assert (told.status, told.headers["retry-after"]) == (503, "5")
    assert "works on 1 calls" in told.message
    assert json.loads(told.body)["id"] == 7
    assert again.status == 200


async def test_questions_of_one_caller_are_bounded_as_well(settings: MakeSettings, serve_http: ServeHTTP) -> None:
    limits = Limits(calls_per_caller=1, questions_per_caller=2)
    async with serve_http(settings(), limits) as origin, AsyncExitStack() as held:
        for _ in range(3):
            await (await held.enter_async_context(raw(origin))).send(post(b"{", length=100))
        await anyio.sleep(0.1)
        async with raw(origin) as another:
            await another.send(post(json.dumps(PING).encode()))
            told = await reply(another)

    assert (told.status, told.headers["retry-after"]) == (429, "5")
    assert "3 requests under way" in told.message
