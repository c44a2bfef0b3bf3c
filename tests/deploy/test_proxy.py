"""The proxy of `config/deploy`, running: streams go through, dead replicas are passed by, nothing is sent twice."""

from __future__ import annotations

import re
import socket
import subprocess
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
import httpx2
import pytest

from deploy import plans
from loopback import listening

if TYPE_CHECKING:
    from anyio.abc import SocketStream

    from conftest import Connect, MakeSettings, ServeHTTP

SOON = 5  # seconds
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"
_DYNAMIC = re.compile(r"dynamic a \{[^}]*\}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@asynccontextmanager
async def proxied(folder: Path, upstreams: Sequence[str]) -> AsyncGenerator[str]:
    """Run the proxy without TLS, before these upstreams instead of a name's; gives its origin."""
    changed, count = _DYNAMIC.subn(f"to {' '.join(upstreams)}", plans.text("Caddyfile"))
    assert count == 1
    configuration = folder / "Caddyfile"
    configuration.write_text(changed, "utf-8")
    origin = f"http://127.0.0.1:{free_port()}"
    process = await anyio.open_process(
        [plans.tool("caddy"), "run", "--config", configuration, "--adapter", "caddyfile"],
        env={"DOMAIN": origin, "HOME": str(folder)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    async with process:
        try:
            await _until_open(origin)
            yield origin
        finally:
            process.kill()


async def _until_open(origin: str) -> None:
    with anyio.fail_after(60):
        while True:
            try:
                await (await anyio.connect_tcp("127.0.0.1", int(origin.rpartition(":")[2]))).aclose()
            except OSError:
                await anyio.sleep(0.02)
            else:
                return


async def request_of(stream: SocketStream) -> bytes:
    """Read a request up to the end of its head; the bodies of these tests are short, and come with it."""
    told = b""
    while b"\r\n\r\n" not in told:
        told += await stream.receive()
    return told


@pytest.fixture
def web() -> httpx2.AsyncClient:
    return httpx2.AsyncClient(trust_env=False, timeout=30)


async def test_an_event_is_passed_on_while_the_answer_goes_on(web: httpx2.AsyncClient, tmp_path: Path) -> None:
    heard = anyio.Event()

    async def serve(stream: SocketStream) -> None:
        async with stream:
            await request_of(stream)
            await stream.send(HEAD + b"7\r\ndata: 1\r\n")
            await heard.wait()
            await stream.send(b"0\r\n\r\n")

    async with listening(serve) as port, proxied(tmp_path, [f"127.0.0.1:{port}"]) as origin, web:
        with anyio.fail_after(SOON):
            async with web.stream("POST", f"{origin}/mcp", json={}) as answer:
                async for piece in answer.aiter_raw():
                    assert piece == b"data: 1"
                    heard.set()


async def test_a_client_that_goes_before_the_answer_begins_ends_its_call(tmp_path: Path) -> None:
    asked, gone = anyio.Event(), anyio.Event()

    async def serve(stream: SocketStream) -> None:
        async with stream:
            await request_of(stream)
            asked.set()
            try:
                await stream.receive()
            except anyio.EndOfStream:
                gone.set()

    async with listening(serve) as port, proxied(tmp_path, [f"127.0.0.1:{port}"]) as origin:
        client = await anyio.connect_tcp("127.0.0.1", int(origin.rpartition(":")[2]))
        async with client:
            await client.send(b"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n\r\n")
            await asked.wait()
        with anyio.fail_after(SOON):
            await gone.wait()


async def test_calls_pass_by_a_replica_that_is_gone(web: httpx2.AsyncClient, tmp_path: Path) -> None:
    async def serve(stream: SocketStream) -> None:
        async with stream:
            await request_of(stream)
            await stream.send(OK)

    async with listening(serve) as port:
        upstreams = [f"127.0.0.1:{free_port()}", f"127.0.0.1:{port}"]
        async with proxied(tmp_path, upstreams) as origin, web:
            answers = [await web.post(f"{origin}/mcp", json={}) for _ in range(6)]
    assert {answer.status_code for answer in answers} == {httpx2.codes.OK}


async def test_a_caller_is_kept_with_one_replica_and_callers_are_spread(
    web: httpx2.AsyncClient, tmp_path: Path
) -> None:
    def named(name: bytes) -> Callable[[SocketStream], Awaitable[None]]:
        async def serve(stream: SocketStream) -> None:
            async with stream:
                await request_of(stream)
                await stream.send(OK.replace(b"ok", name))

        return serve

    async with (
        listening(named(b"r1")) as one,
        listening(named(b"r2")) as other,
        proxied(tmp_path, [f"127.0.0.1:{one}", f"127.0.0.1:{other}"]) as origin,
        web,
    ):
        seen = [await asked_by(web, origin, f"caller-{number}") for number in range(20) for _ in range(2)]
    assert seen[::2] == seen[1::2]
    assert set(seen) == {"r1", "r2"}


async def asked_by(web: httpx2.AsyncClient, origin: str, token: str) -> str:
    """Give what the replica says to which a caller's request came."""
    return (await web.post(f"{origin}/mcp", json={}, headers={"Authorization": f"Bearer {token}"})).text


async def test_a_call_that_was_sent_is_not_sent_again(web: httpx2.AsyncClient, tmp_path: Path) -> None:
    """It may have been paid for: the client is told, and asks the journal by repeating it."""
    sent = 0

    async def serve(stream: SocketStream) -> None:
        nonlocal sent
        async with stream:
            await request_of(stream)
            sent += 1

    async with listening(serve) as port, listening(serve) as other:
        upstreams = [f"127.0.0.1:{port}", f"127.0.0.1:{other}"]
        async with proxied(tmp_path, upstreams) as origin, web:
            answer = await web.post(f"{origin}/mcp", json={})
    assert answer.status_code == httpx2.codes.BAD_GATEWAY
    assert sent == 1


async def test_a_real_client_calls_a_tool_through_the_proxy(
    connect: Connect, settings: MakeSettings, serve_http: ServeHTTP, tmp_path: Path
) -> None:
    given = settings()
    async with (
        serve_http(given) as server,
        proxied(tmp_path, [server.removeprefix("http://")]) as origin,
        connect(given, "http", url=origin) as client,
    ):
        spent = await client.call_tool("get_spending", {})
    assert not spent.is_error, spent.content
