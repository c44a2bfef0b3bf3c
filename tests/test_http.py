"""What the server answers over HTTP beside the protocol, and whom it does not answer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from lightbox import __version__
from lightbox.errors import StorageFailed
from lightbox.http.links import GOOD_FOR_SECONDS, Links
from lightbox.http.routes import transport_security

if TYPE_CHECKING:
    from conftest import Ask, Connect, MakeSettings, ServeHTTP

HANDLE = "img_4k2x9w1qza"
UNKNOWN = "a-model-that-nobody-knows"


@pytest.fixture
def web() -> httpx2.AsyncClient:
    return httpx2.AsyncClient(trust_env=False, timeout=30)


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


@pytest.mark.parametrize("changed", ["signature", "owner", "expires", "handle", "nothing but the path"])
async def test_a_link_can_not_be_forged_or_moved(
    connect: Connect,
    ask: Ask,
    settings: MakeSettings,
    serve_http: ServeHTTP,
    web: httpx2.AsyncClient,
    changed: str,
) -> None:
    made = settings()
    async with serve_http(made) as url, web, connect(made, "http", token="a", url=url) as client:  # noqa: S106 - a name
        links: list[str] = []
        for prompt in ("a fox", "a lake"):
            answer = await ask(client, "generate_image", prompt=prompt, model=UNKNOWN, size="256x256")
            links.append(next(line for line in answer.text.splitlines() if line.startswith("link: "))[6:])
        parts = urlsplit(links[0])
        query = {name: value[0] for name, value in parse_qs(parts.query).items()}
        path = parts.path
        match changed:
            case "signature":
                query["signature"] = "0" * len(query["signature"])
            case "owner":
                query["owner"] = "http"
            case "expires":
                query["expires"] = str(int(query["expires"]) + 1)
            case "handle":
                path = urlsplit(links[1]).path
            case _:
                query = {}
        good = await web.get(links[0])
        bad = await web.get(f"{url}{path}?{urlencode(query)}")

    assert good.status_code == 200
    assert bad.status_code == 403
    assert "ask the tool for a new one" in bad.text


def test_a_link_expires() -> None:
    clock = Clock()
    links = Links(b"key", clock)
    query = _query(links.sign("http://h", "alice", HANDLE))

    assert links.good("alice", HANDLE, query["expires"], query["signature"])
    clock.now += GOOD_FOR_SECONDS - 1
    assert links.good("alice", HANDLE, query["expires"], query["signature"])
    clock.now += 2
    assert not links.good("alice", HANDLE, query["expires"], query["signature"])


@pytest.mark.parametrize("expires", ["", "soon", "-1", "1e99", "٣", "9" * 5_000])
def test_an_expiry_that_is_none_is_no_crash(expires: str) -> None:
    assert not Links(b"key").good("alice", HANDLE, expires, "0" * 64)


@pytest.mark.parametrize("signature", ["", "ü", "0"])
def test_a_signature_that_is_none_is_no_crash(signature: str) -> None:
    assert not Links(b"key", lambda: 0.0).good("alice", HANDLE, "1", signature)


def test_owner_and_handle_can_not_be_shifted_against_each_other() -> None:
    links = Links(b"key")
    query = _query(links.sign("http://h", "a\nb", "c"))

    assert not links.good("a", "b\nc", query["expires"], query["signature"])


def test_servers_that_share_a_state_folder_share_the_key_and_nobody_else_reads_it(tmp_path: Path) -> None:
    first, second, other = Links.load(tmp_path / "a"), Links.load(tmp_path / "a"), Links.load(tmp_path / "b")
    query = _query(first.sign("http://h", "alice", HANDLE))

    assert second.good("alice", HANDLE, query["expires"], query["signature"])
    assert not other.good("alice", HANDLE, query["expires"], query["signature"])
    assert (tmp_path / "a" / "link.key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["link.key"]


def test_a_state_folder_that_can_not_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(StorageFailed, match=r"file/state can't be written .* LIGHTBOX_STATE_DIR"):
        Links.load(tmp_path / "file" / "state")


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


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0", "::", "pictures.local"])  # noqa: S104 - that is the case
def test_the_check_of_names_is_on_whatever_address_is_bound(host: str) -> None:
    security = transport_security(host, 8000, [])

    assert security.enable_dns_rebinding_protection
    assert "localhost:*" in security.allowed_hosts
    assert not any(name.startswith(("*", "0.0.0.0")) for name in security.allowed_hosts)  # noqa: S104 - likewise


async def test_a_picture_of_several_megabytes_fits_into_a_request(
    connect: Connect, ask: Ask, settings: MakeSettings
) -> None:
    data = "A" * 8_000_000
    async with connect(settings(), "http") as client:
        answer = await ask(client, "view_images", images=[f"data:image/png;base64,{data}"])

    assert answer.failed
    assert "no picture" in answer.text


async def test_two_callers_work_at_once(
    connect: Connect, ask: Ask, settings: MakeSettings, serve_http: ServeHTTP
) -> None:
    made = settings()
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
        link = Links.load(made.state_dir).sign(url, "http", "img_0000000000")
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
        assert len((await client.list_tools()).tools) == 9


def _query(link: str) -> dict[str, str]:
    return {name: value[0] for name, value in parse_qs(urlsplit(link).query).items()}
