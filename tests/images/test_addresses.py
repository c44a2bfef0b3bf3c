"""What the guard refuses goes nowhere: hundreds of addresses on every path that fetches or passes on, and no network.

A recorder stands in place of the network: it notes every connection and every body that a service is sent.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from ipaddress import IPv4Address, IPv6Address, ip_address
from socket import AF_INET, IPPROTO_TCP, SOCK_STREAM
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, quote, urlsplit

import anyio
import httpcore2
import pytest
from mcp import MCPError
from pydantic import SecretStr

from lightbox.images.guard import special_kind

if TYPE_CHECKING:
    from mcp import Client
    from tests.conftest import Ask, Connect, MakeSettings, Show
    from tests.images.conftest import Painter

    from lightbox.settings import Settings

API = "api.service.example"
PUBLIC = "93.184.215.14"
AT_ONCE = 12
HITS_AT_ONCE = 50
PIXEL = "data:image/gif;base64,R0lGODlhAQABAIAAAP8AAAAAACwAAAAAAQABAAACAkQBADs="

SPECIAL_V4 = (
    *("0.0.0.0", "10.0.0.1", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.8.9.1", "168.63.129.16"),  # noqa: S104 - refused, not bound
    *("169.254.169.254", "169.254.170.2", "172.16.0.1", "172.31.255.255", "192.0.0.192", "192.168.1.1"),
    *("198.18.0.1", "203.0.113.9", "224.0.0.1", "240.0.0.1", "255.255.255.255"),
)
SPECIAL_V6 = (
    *("::", "::1", "64:ff9b:1::7f00:1", "100::1", "2001::7f00:1", "2001:db8::1", "3fff::1", "5f00::1", "fc00::1"),
    *("fd00:ec2::254", "fd20:ce::254", "fe80::1", "fe80::a9fe:a9fe", "fec0::1", "ff02::1"),
)
OWN_NAMES = (
    *("localhost", "LOCALHOST", "localhost.", "localhost..", "a.localhost", "localhost.localdomain", "printer.local"),
    *("intranet", "router", "nas.lan", "db.internal", "wiki.intranet", "box.home.arpa", "metadata", "instance-data"),
    *("metadata.google.internal", "host.docker.internal", "\N{CIRCLED LATIN SMALL LETTER L}ocalhost"),
    *(
        "local\N{SOFT HYPHEN}host",
        "local\N{ZERO WIDTH SPACE}host",
        "local%68ost",
        "\N{FULLWIDTH LATIN SMALL LETTER L}ocalhost",
    ),
    *(
        "localho\N{LATIN SMALL LETTER LONG S}t",
        "localhost\N{IDEOGRAPHIC FULL STOP}",
        "\N{MATHEMATICAL BOLD SMALL L}ocalhost",
    ),
)


def _full_width(text: str) -> str:
    return "".join(chr(ord(letter) + 0xFEE0) if letter.isdigit() else letter for letter in text)


def _circled(text: str) -> str:
    return "".join(chr(0x245F + int(letter)) if letter in "123456789" else letter for letter in text)


def _with_zero_width(text: str) -> str:
    return "\N{ZERO WIDTH JOINER}".join(text)


V4_FORMS: tuple[Callable[[str], str], ...] = (
    lambda text: text,
    lambda text: f"{text}:8080",
    lambda text: f"{text}.",
    _full_width,
    _circled,
    _with_zero_width,
    lambda text: text.replace(".", "\N{IDEOGRAPHIC FULL STOP}"),
    lambda text: text.replace(".", "\N{HALFWIDTH IDEOGRAPHIC FULL STOP}"),
    lambda text: text.replace(".", "%2e"),
    lambda text: "".join(f"%{ord(letter):02x}" for letter in text),
    lambda text: str(int(IPv4Address(text))),
    lambda text: hex(int(IPv4Address(text))),
    lambda text: ".".join(f"0{int(part):o}" for part in text.split(".")),
    lambda text: ".".join(hex(int(part)) for part in text.split(".")),
    lambda text: f"{text.partition('.')[0]}.{int(IPv4Address(text)) & 0xFFFFFF}",
    lambda text: f"[::ffff:{text}]",
    lambda text: f"[::{text}]",
    lambda text: f"[{IPv6Address(int(IPv6Address('64:ff9b::')) + int(IPv4Address(text)))}]",
    lambda text: f"[{IPv6Address((0x2002 << 112) + (int(IPv4Address(text)) << 80))}]",
)


def direct() -> list[str]:
    """Addresses that stand for a place of their own, in every form that somebody's reader takes for one."""
    hosts = [form(text) for text in SPECIAL_V4[:10] for form in V4_FORMS] + list(SPECIAL_V4[10:])
    hosts += [f"[{text}]" for text in SPECIAL_V6] + ["[fe80::1%25eth0]", "[::1]:8080", "[0:0:0:0:0:0:0:1]"]
    hosts += OWN_NAMES
    urls = [f"http://{host}/{number}.png" for number, host in enumerate(hosts)]
    urls += [f"https://{text}/tls.png" for text in SPECIAL_V4]
    urls += [
        "http://user:pw@127.0.0.1/a.png",
        f"https://user:pw@{PUBLIC}/a.png",
        "https://user@pictures.example/a.png",
        "https://:@pictures.example/a.png",
        "http://pictures.example@127.0.0.1/a.png",
        "http://pictures.example#@127.0.0.1/a.png".replace("#", "%23"),
        "http://127.0.0.1\\@pictures.example/a.png",
        "http://pictures.example\\.127.0.0.1/a.png",
        "http://[v1.a]/a.png",
        "http://exa mple.com@127.0.0.1/a.png",
    ]
    return list(dict.fromkeys(urls))


def leading() -> list[str]:
    """Names whose addresses are not public, or not all; and public hosts that lead on to such."""
    names = [f"http://{_named(text)}.leads.example/a.png" for text in (*SPECIAL_V4, *SPECIAL_V6)]
    targets = [f"http://{text}/" for text in SPECIAL_V4[:9]] + [
        "http://[::1]/",
        "http://localhost/",
        "http://2130706433/",
    ]
    targets += ["file:///etc/passwd", "//127.0.0.1/", "http://10-0-0-1.leads.example/", f"http://user:pw@{PUBLIC}/"]
    redirects = [f"http://pictures.example/redirect?to={quote(target, safe='')}" for target in targets]
    unsealed = ["https://pictures.example/redirect?to=http%3A%2F%2Fpictures.example%2Fpicture"]
    rebinding = [f"http://rebinding-{number}.example/picture" for number in range(12)]
    return names + redirects + unsealed + rebinding


def _named(address: str) -> str:
    return address.replace(".", "-") if "." in address else "v6-" + IPv6Address(address).exploded.replace(":", "-")


def _unnamed(name: str) -> str:
    return name.removeprefix("v6-").replace("-", ":") if name.startswith("v6-") else name.replace("-", ".")


@dataclass
class Recorder:
    """The network: names have the addresses that they spell, hosts answer by path, and everything is written down."""

    picture: bytes
    hits: list[str] = field(default_factory=list[str])
    connections: list[str] = field(default_factory=list[str])
    bodies: list[str] = field(default_factory=list[str])
    asked: Counter[str] = field(default_factory=Counter[str])

    async def getaddrinfo(self, host: str, port: int, **_: Any) -> list[Any]:
        self.asked[host] += 1
        address = PUBLIC
        with suppress(ValueError):
            address = str(ip_address(host))
        if host.endswith(".leads.example"):
            address = _unnamed(host.removesuffix(".leads.example"))
        if host.startswith("rebinding-") and self.asked[host] > 1:
            address = "127.0.0.1"
        found = [PUBLIC, address] if host.endswith(".leads.example") else [address]
        return [(AF_INET, SOCK_STREAM, IPPROTO_TCP, "", (one, port)) for one in found]

    async def connect_tcp(self, host: str, *_: Any, **__: Any) -> Stream:
        self.connections.append(host)
        return Stream(partial(self.answer, to_service=host == API))

    def answer(self, head: bytes, body: bytes, *, to_service: bool) -> bytes:
        if to_service:
            self.bodies.append(body.decode())
            return _response("application/json", json.dumps(self.served(json.loads(body))).encode())
        target = urlsplit(head.split(b" ")[1].decode())
        if target.path == "/redirect":
            location = parse_qs(target.query)["to"][0]
            return f"HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode()
        return _response("image/png", self.picture)

    def served(self, asked: dict[str, Any]) -> dict[str, Any]:
        message = {"type": "message", "id": "m", "content": [{"type": "output_text", "text": "A fox."}]}
        found = [{"title": "a hit", "url": url} for url in self.hits]
        searched = {"type": "web_search_image_call", "id": "s", "status": "completed", "output": json.dumps(found)}
        usage = {"input_tokens": 10, "output_tokens": 10, "total_tokens": 20}
        output = [searched, message] if "image" in json.dumps(asked.get("tools", [])) else [message]
        return {"id": "r", "status": "completed", "output": output, "usage": usage}

    def private(self) -> list[str]:
        """Connections to anything but public addresses and the service."""
        return [host for host in self.connections if host != API and special_kind(host) is not None]


class Stream(httpcore2.AsyncNetworkStream):
    """One connection: what was written is answered once it is a whole request."""

    def __init__(self, answer: Callable[[bytes, bytes], bytes]) -> None:
        self._answer = answer
        self._written = bytearray()
        self._reply: bytes | None = None

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109, ARG002 - httpcore2's
        self._written += buffer

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109, ARG002 - httpcore2's
        if self._reply is None:
            head, _, body = bytes(self._written).partition(b"\r\n\r\n")
            self._reply = self._answer(head, body)
        piece, self._reply = self._reply[:max_bytes], self._reply[max_bytes:]
        return piece

    async def aclose(self) -> None:
        pass

    async def start_tls(self, *_: Any, **__: Any) -> Stream:
        return self

    def get_extra_info(self, info: str) -> Any:  # noqa: ARG002 - likewise
        return None


def _response(kind: str, body: bytes) -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    return head.encode() + body


@pytest.fixture
def recorder(painted: Painter, monkeypatch: pytest.MonkeyPatch) -> Recorder:
    recorder = Recorder(painted())
    monkeypatch.setattr(anyio, "getaddrinfo", recorder.getaddrinfo)

    async def connect(_backend: Any, host: str, *rest: Any, **options: Any) -> Stream:
        return await recorder.connect_tcp(host, *rest, **options)

    monkeypatch.setattr(httpcore2.AnyIOBackend, "connect_tcp", connect)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    return recorder


@pytest.fixture
def guarded(settings: MakeSettings, recorder: Recorder) -> Callable[..., Settings]:
    del recorder

    def make(**wanted: Any) -> Settings:
        services = {
            "openai_base_url": f"http://{API}/v1",
            "dashscope_base_url": f"http://{API}/compatible-mode/v1",
            "dashscope_api_key": SecretStr("sk-of-a-test"),
            "openai_store": False,
            "fetch_allow": (),
        }
        return settings(**(services | wanted))

    return make


PATHS: dict[str, tuple[str, Callable[[str], dict[str, Any]]]] = {
    "seen": ("view_images", lambda url: {"images": [url]}),
    "described by openai": ("describe_images", lambda url: {"images": [url], "provider": "openai"}),
    "described by dashscope": ("describe_images", lambda url: {"images": [url], "provider": "dashscope"}),
    "described as the second": ("describe_images", lambda url: {"images": [PIXEL, url], "provider": "openai"}),
    "found alike": ("find_similar_images", lambda url: {"image": url, "check": False}),
    "edited": ("edit_image", lambda url: {"images": [url], "prompt": "make it blue"}),
    "taken for a mask": ("edit_image", lambda url: {"images": [PIXEL], "mask": url, "prompt": "make it blue"}),
    "edited under a mask": ("edit_image", lambda url: {"images": [url], "mask": PIXEL, "prompt": "make it blue"}),
}


@asynccontextmanager
async def _side_by_side() -> AsyncGenerator[Callable[..., None]]:
    places = anyio.CapacityLimiter(AT_ONCE)
    async with anyio.create_task_group() as tasks:

        async def placed(work: Callable[..., Any], *arguments: Any) -> None:
            async with places:
                await work(*arguments)

        def start(work: Callable[..., Any], *arguments: Any) -> None:
            tasks.start_soon(placed, work, *arguments)

        yield start


def _sent(recorder: Recorder, urls: Iterable[str]) -> list[str]:
    """Give those of the addresses that some body sent to a service holds."""
    bodies = "\n".join(recorder.bodies)
    return [url for url in urls if json.dumps(url)[1:-1] in bodies or url in bodies]


async def test_what_the_guard_refuses_goes_nowhere_by_reference(
    connect: Connect, ask: Ask, guarded: Callable[..., Settings], recorder: Recorder, show: Show
) -> None:
    urls, told = direct() + leading(), Counter[str]()
    answered: list[str] = []

    async def one(client: Client, url: str, tool: str, arguments: dict[str, Any]) -> None:
        answer = await ask(client, tool, **arguments)
        told["refused" if answer.failed else "answered"] += 1
        if not answer.failed and not url.startswith("http://rebinding-"):
            answered.append(f"{tool} {url}: {answer.text[:200]}")

    async with connect(guarded()) as client, _side_by_side() as start:
        await ask(client, "view_images", images=[PIXEL])
        for url in urls:
            for tool, arguments in PATHS.values():
                start(one, client, url, tool, arguments(url))

    assert len(urls) >= 250
    assert recorder.private() == []
    assert _sent(recorder, urls) == []
    assert answered == []
    show(
        f"{len(urls)} addresses x {len(PATHS)} paths by reference: {dict(told)}; "
        f"{len(recorder.connections)} connections, none of them private; {len(recorder.bodies)} bodies sent, "
        "none of them with such an address"
    )


async def test_what_the_guard_refuses_goes_nowhere_by_the_handle_of_a_hit(
    connect: Connect, ask: Ask, guarded: Callable[..., Settings], recorder: Recorder, show: Show
) -> None:
    urls = direct() + leading()
    told = Counter[str]()

    async def one(client: Client, tool: str, arguments: dict[str, Any]) -> None:
        told["refused" if (await ask(client, tool, **arguments)).failed else "answered"] += 1

    async def read(client: Client, handle: str) -> None:
        with pytest.raises(MCPError):
            await client.read_resource(f"lightbox://images/{handle}")
        with pytest.raises(MCPError):
            await client.read_resource(f"lightbox://images/{handle}/preview")

    handles: list[tuple[str, str]] = []
    async with connect(guarded(wait_seconds=60)) as client:
        for first in range(0, len(urls), HITS_AT_ONCE):
            recorder.hits = urls[first : first + HITS_AT_ONCE]
            arguments = {"query": f"foxes {first}", "count": HITS_AT_ONCE, "provider": "dashscope"}
            listed = (await ask(client, "search_images", **arguments)).listed
            handles += [
                (hit["image"], hit["image_url"]) for hit in listed["hits"] if "rebinding" not in hit["image_url"]
            ]
            states = Counter(hit["state"] for hit in listed["hits"] if "rebinding" not in hit["image_url"])
            assert set(states) <= {"blocked", "dead"}, states
        asked = len(recorder.bodies)
        async with _side_by_side() as start:
            for handle, _ in handles:
                start(read, client, handle)
                for tool, arguments_of in PATHS.values():
                    start(one, client, tool, arguments_of(handle))

    assert len(handles) >= 200
    assert recorder.private() == []
    assert _sent(recorder, urls) == []
    assert told["answered"] == 0
    show(
        f"{len(urls)} addresses as hits, {len(handles)} listed; handles x {len(PATHS) + 2} paths: {dict(told)}; "
        f"{len(recorder.connections)} connections, none of them private; {len(recorder.bodies) - asked} bodies sent "
        "after the searches"
    )


async def test_a_public_address_is_passed_on_once_it_was_looked_at(
    connect: Connect, ask: Ask, guarded: Callable[..., Settings], recorder: Recorder
) -> None:
    """The recorder would see an address if one were sent: without this, the tests above would show nothing."""
    url = "https://pictures.example/picture"
    async with connect(guarded()) as client:
        answer = await ask(client, "describe_images", images=[url])

    assert not answer.failed, answer.text
    assert _sent(recorder, [url]) == [url]
    assert PUBLIC in recorder.connections


@pytest.mark.parametrize("provider", ["openai", "dashscope"])
@pytest.mark.parametrize(
    "url", ["http://10.0.0.7:8080/a.png", "http://nas.lan/a.png", "http://10-0-0-7.leads.example/a.png"]
)
async def test_an_address_that_is_let_through_is_fetched_here_and_travels_inside_the_request(
    connect: Connect, ask: Ask, guarded: Callable[..., Settings], recorder: Recorder, provider: str, url: str
) -> None:
    pair = f"{urlsplit(url).hostname}:{urlsplit(url).port or 80}"
    async with connect(guarded(fetch_allow=(pair,))) as client:
        answer = await ask(client, "describe_images", images=[url], provider=provider)

    assert not answer.failed, answer.text
    assert _sent(recorder, [url, pair]) == []
    assert "data:image/" in recorder.bodies[-1]


@pytest.mark.parametrize("provider", ["openai", "dashscope"])
async def test_a_public_address_that_leads_to_one_that_is_let_through_travels_inside_the_request_too(
    connect: Connect, ask: Ask, guarded: Callable[..., Settings], recorder: Recorder, provider: str
) -> None:
    url = "http://pictures.example/redirect?to=http%3A%2F%2F10.0.0.7%3A8080%2Fa.png"
    async with connect(guarded(fetch_allow=("10.0.0.7:8080",))) as client:
        answer = await ask(client, "describe_images", images=[url], provider=provider)

    assert not answer.failed, answer.text
    assert _sent(recorder, [url, "10.0.0.7"]) == []
    assert "data:image/" in recorder.bodies[-1]


@pytest.mark.parametrize(
    "url",
    [
        *(
            "http://169.254.169.254/latest/meta-data/",
            "http://100.100.100.200/",
            "http://168.63.129.16/",
            "http://metadata/",
        ),
        *("http://[fd00:ec2::254]/", "http://[::ffff:169.254.169.254]/", "http://[64:ff9b::a9fe:a9fe]/"),
        *("http://[2002:a9fe:a9fe::]/", "http://metadata.google.internal/", "http://169-254-169-254.leads.example/"),
        *("http://2852039166/", "http://0xa9fea9fe/", "http://169.254.170.2/v2/credentials", "http://192.0.0.192/"),
    ],
)
async def test_a_refused_metadata_address_does_not_say_how_it_would_be_let_through(
    connect: Connect, ask: Ask, guarded: Callable[..., Settings], url: str
) -> None:
    async with connect(guarded()) as client:
        for tool in ("view_images", "describe_images"):
            answer = await ask(client, tool, images=[url])
            assert answer.failed
            assert "can't be fetched" in answer.text
            assert "ALLOW" not in answer.text


async def test_a_person_may_let_a_metadata_address_through(
    connect: Connect, ask: Ask, guarded: Callable[..., Settings], recorder: Recorder
) -> None:
    async with connect(guarded(fetch_allow=("169.254.169.254:80",))) as client:
        answer = await ask(client, "view_images", images=["http://169.254.169.254/a.png"])

    assert not answer.failed
    assert recorder.connections == ["169.254.169.254"]


async def test_a_password_in_an_address_is_not_repeated(
    connect: Connect, ask: Ask, guarded: Callable[..., Settings]
) -> None:
    async with connect(guarded()) as client:
        answer = await ask(client, "view_images", images=["https://fox:hunter2@pictures.example/a.png"])

    assert answer.failed
    assert "hunter2" not in answer.text
    assert "https://pictures.example/a.png" in answer.text
