"""What tests of the whole server share: a sandbox that runs, settings that lead to it, and real clients."""

from __future__ import annotations

import base64
import json
import os
import re
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncGenerator, Callable, Generator, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, AbstractContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any, Literal, Protocol, TypeAlias, cast

import anyio
import httpx2
import pytest
import uvicorn
from anyio.from_thread import start_blocking_portal
from mcp import Client, StdioServerParameters
from mcp.client import advertise
from mcp.client.streamable_http import streamable_http_client
from mcp.server.apps import APP_MIME_TYPE, EXTENSION_ID
from mcp.types import CallToolResult, ImageContent, TextContent
from PIL import Image
from pydantic import SecretStr
from starlette.types import ASGIApp, Receive, Scope, Send

from benchmarks.table import MEASURED, Row, table
from databases import Postgres
from databases import start as start_postgres
from lightbox.app import Lifespan, make_server
from lightbox.configuration import configuration_path
from lightbox.http.application import http_app
from lightbox.http.entries import token_hash
from lightbox.http.limits import Limits
from lightbox.http.listening import MOST_WAITING, Configuration, listen
from lightbox.settings import Settings, environment_name, load
from lightbox_sandbox.server import Sandbox as RunningSandbox
from lightbox_sandbox.server import running_sandbox
from serving import serving

Transport: TypeAlias = Literal["memory", "stdio", "http"]
Mode: TypeAlias = Literal["auto", "legacy"]

TRANSPORTS: tuple[Transport, ...] = ("memory", "stdio", "http")
MODES: tuple[Mode, ...] = ("auto", "legacy")
FIGURES = "figures"
FOREIGN = ("LIGHTBOX_", "OPENAI_", "DASHSCOPE_", "OPENROUTER_")
CALL_SECONDS = 60
PLAIN: Mapping[str, Any] = {"trust_env": False, "verify": False}
"""For what is asked over plain HTTP on this machine: reading the certificates of the world takes 20 ms."""


def pytest_configure() -> None:
    """Have Ctrl-C end what tests start: a shell that runs them in the background has it ignored, by children too."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@dataclass(frozen=True)
class Upstream:
    """A sandbox that stands for the services: where it is, and what was asked of it."""

    running: RunningSandbox

    @property
    def pair(self) -> str:
        """The `host:port` that FETCH_ALLOW takes."""
        return f"{self.running.host}:{self.running.port}"

    @property
    def origin(self) -> str:
        return f"http://{self.pair}"

    @property
    def openai_url(self) -> str:
        return f"{self.origin}/v1"

    @property
    def dashscope_url(self) -> str:
        return f"{self.origin}/compatible-mode/v1"

    @property
    def openrouter_url(self) -> str:
        return f"{self.origin}/openrouter/v1"

    @property
    def services(self) -> dict[str, Any]:
        """The settings under which it stands for OpenAI and DashScope."""
        return {
            "dashscope_api_key": SecretStr("sk-dashscope-of-a-test"),
            "dashscope_base_url": self.dashscope_url,
            "openai_api_key": SecretStr("sk-openai-of-a-test"),
            "openai_base_url": self.openai_url,
            "fetch_allow": (self.pair,),
        }

    def seen(self) -> dict[str, Any]:
        """Give every request since `forget`: `count`, `responses` (those that would be paid for) and `requests`."""
        return httpx2.get(f"{self.origin}/sandbox/requests", **PLAIN).json()

    @property
    def count(self) -> int:
        """How many requests there were, of any kind."""
        return self.seen()["count"]

    @property
    def paid(self) -> int:
        """How many requests would have been paid for."""
        return self.seen()["responses"]

    def forget(self) -> None:
        httpx2.delete(f"{self.origin}/sandbox/requests", **PLAIN)


class MakeSettings(Protocol):
    """Makes settings with folders of the test's own; what is not named leads to the running sandbox."""

    def __call__(self, **wanted: Any) -> Settings: ...


class Connect(Protocol):
    """Connects a client of the SDK to a server with these settings; both end with the block."""

    def __call__(
        self,
        settings: Settings,
        transport: Transport = "memory",
        mode: Mode = "auto",
        *,
        token: str | None = None,
        url: str | None = None,
        **client: Any,
    ) -> AbstractAsyncContextManager[Client]: ...


class ServeHTTP(Protocol):
    """Serves over HTTP on a free port of loopback; gives the origin, e.g. `http://127.0.0.1:40123`."""

    def __call__(
        self, settings: Settings, limits: Limits | None = None, around: Callable[[ASGIApp], ASGIApp] = ...
    ) -> AbstractAsyncContextManager[str]: ...


@dataclass(frozen=True)
class Answer:
    """What a tool answered, as a test reads it."""

    result: CallToolResult

    @property
    def failed(self) -> bool:
        return bool(self.result.is_error)

    @property
    def text(self) -> str:
        """The one text block."""
        [text] = [block.text for block in self.result.content if isinstance(block, TextContent)]
        return text

    @property
    def listed(self) -> dict[str, Any]:
        """The structured content."""
        assert self.result.structured_content is not None, self.text
        return self.result.structured_content

    @property
    def gallery(self) -> dict[str, Any]:
        """What the gallery is given beside the answer."""
        assert self.result.meta is not None, self.text
        return self.result.meta["lightbox/gallery"]

    @property
    def handles(self) -> list[str]:
        """Every handle that the text names, in order, once each."""
        return list(dict.fromkeys(re.findall(r"\bimg_[0-9a-z]{10}\b", self.text)))

    @property
    def blocks(self) -> list[tuple[str, bytes]]:
        """Type and bytes of every picture."""
        images = [block for block in self.result.content if isinstance(block, ImageContent)]
        return [(image.mime_type, base64.b64decode(image.data, validate=True)) for image in images]

    @property
    def pictures(self) -> list[Image.Image]:
        """Every picture, decoded."""
        return [Image.open(BytesIO(data)) for _, data in self.blocks]

    @property
    def byte_count(self) -> int:
        """The size of the whole JSON-RPC message in bytes, with everything that the 2026 protocol adds to it."""
        about = {"name": "lightbox", "title": "Lightbox", "version": "0.1.0", "description": "x" * 100}
        result = self.result.model_dump(mode="json", by_alias=True, exclude_none=True)
        told = result.get("_meta", {})
        message = {"jsonrpc": "2.0", "id": 1_000_000, "result": {**result, "_meta": {**told, "serverInfo": about}}}
        return len(json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode())


class Ask(Protocol):
    """Calls a tool, e.g. `await ask(client, "view_images", images=[…])`."""

    async def __call__(self, client: Client, tool: str, /, **arguments: Any) -> Answer: ...


@pytest.fixture(scope="session")
def apps() -> dict[str, Any]:
    """What a client declares that shows MCP Apps: `connect(settings(), **apps)`."""
    return {"extensions": [advertise(EXTENSION_ID, {"mimeTypes": [APP_MIME_TYPE]})]}


@pytest.fixture(scope="session")
def ask() -> Ask:
    async def ask(client: Client, tool: str, /, **arguments: Any) -> Answer:
        return Answer(await client.call_tool(tool, arguments))

    return ask


class Show(Protocol):
    """Puts figures into the summary of the run; they are read by people and never asserted on."""

    def __call__(self, text: str) -> None: ...


@pytest.fixture
def show(record_property: Callable[[str, object], None]) -> Show:
    return lambda text: record_property(FIGURES, text)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = [report for outcome in ("passed", "failed") for report in terminalreporter.getreports(outcome)]
    told: list[tuple[str, Any]] = [
        each
        for report in sorted(reports, key=lambda report: report.location[:2])
        for each in getattr(report, "user_properties", ())
    ]
    if shown := [str(text) for name, text in told if name == FIGURES]:
        terminalreporter.section("figures")
        terminalreporter.write_line("\n\n".join(shown))
    if rows := [Row(**fields) for name, fields in told if name == MEASURED]:
        terminalreporter.section("measured against the floors of this run")
        terminalreporter.write_line(table(rows))


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session", autouse=True)
def no_keys_of_the_person_who_tests() -> Iterator[None]:
    """Keep the tester's own keys and settings out: no test may ever be billed."""
    with pytest.MonkeyPatch.context() as patch:
        for name in os.environ:
            if name.startswith(FOREIGN):
                patch.delenv(name)
        yield


@contextmanager
def _upstream(folder: Path) -> Generator[Upstream]:
    with start_blocking_portal() as portal:
        context = running_sandbox(state_dir=folder)
        with portal.wrap_async_context_manager(context) as running:
            yield Upstream(running)


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Upstream]:
    with _upstream(tmp_path_factory.mktemp("sandbox")) as upstream:
        yield upstream


@pytest.fixture
def upstream(sandbox: Upstream) -> Iterator[Upstream]:
    """The running sandbox, having forgotten what other tests asked of it. A fault that a test sets ends with it."""
    sandbox.forget()
    yield sandbox
    sandbox.forget()


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """A real PostgreSQL, which all workers of this run share."""
    base = tmp_path_factory.getbasetemp()
    run = str(base.parent if "PYTEST_XDIST_WORKER" in os.environ else base)
    # Not below pytest's own folder, which no other user may enter: PostgreSQL does not run as root.
    folder = Path(tempfile.gettempdir()) / f"lightbox-postgres-{sha256(run.encode()).hexdigest()[:12]}"
    started = start_postgres(folder)
    yield started
    started.server.cleanup()


@pytest.fixture
def either_database() -> None:
    """Name this in a test that says something about the state: it runs on SQLite and on PostgreSQL.

    A test for one of them alone says so, and why: `pytest.mark.one_database("sqlite", "it is about the file")`.
    """


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "state_url" not in metafunc.fixturenames:
        return
    one = metafunc.definition.get_closest_marker("one_database")
    if one is not None:
        engine, _why = one.args
        metafunc.parametrize("state_url", [engine], indirect=True)
    elif "either_database" in metafunc.fixturenames:
        metafunc.parametrize("state_url", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def state_url(request: pytest.FixtureRequest) -> str | None:
    """Where the test's state is: in its folder, or in an empty PostgreSQL database."""
    if getattr(request, "param", "sqlite") == "sqlite":
        return None
    server: Postgres = request.getfixturevalue("postgres")
    server.clear()
    return server.url


@pytest.fixture
def settings(tmp_path: Path, sandbox: Upstream, state_url: str | None) -> MakeSettings:
    empty = tmp_path / "empty.toml"
    empty.touch()

    def make(**wanted: Any) -> Settings:
        folders: dict[str, Any] = {"state_dir": tmp_path / "state", "image_dir": tmp_path / "pictures"}
        folders |= {"state_url": SecretStr(state_url)} if state_url else {}
        usual = folders if wanted.get("provider") == "sandbox" else sandbox.services | folders
        return load(empty, **(usual | wanted))

    return make


@pytest.fixture
def prices(tmp_path: Path) -> Path:
    """DashScope's international prices as a file of one's own, for a service at an address of no known region."""
    shipped = configuration_path("models", "dashscope.toml").read_text("utf-8")
    blocks = re.findall(r"^\[.+?(?=^\[|\Z)", shipped, re.MULTILINE | re.DOTALL)
    kept = [block for block in blocks if block.startswith("[sources.") or 'region = "international"' in block]
    path = tmp_path / "prices.toml"
    rows = "".join(kept).replace('region = "international"\n', "")
    path.write_text(f'provider = "dashscope"\n{rows}', "utf-8")
    return path


class LetIn(Protocol):
    """Writes a token file that lets callers in, whose tokens are their names; `more` is said of each by its name."""

    def __call__(self, *names: str, **more: str) -> Path: ...


@pytest.fixture
def let_in(tmp_path: Path) -> LetIn:
    def write(*names: str, **more: str) -> Path:
        path = tmp_path / "tokens.toml"
        rows = (f'[[caller]]\nname = "{name}"\nsha256 = "{token_hash(name)}"\n{more.get(name, "")}\n' for name in names)
        fresh = path.with_suffix(".new")
        fresh.write_text("\n".join(rows))
        fresh.chmod(0o600)
        fresh.replace(path)
        return path

    return write


def environment(settings: Settings) -> dict[str, str]:
    """Give the settings as a process takes them, with nothing else of this process's but what it needs to start."""
    needed = ("PATH", "SYSTEMROOT", "LANG")
    passed = {name: os.environ[name] for name in needed if name in os.environ}
    home = settings.state_dir.parent / "home"
    passed |= {"HOME": str(home), "XDG_CONFIG_HOME": str(home / "config"), "NO_PROXY": "127.0.0.1,localhost"}
    for field, info in Settings.model_fields.items():
        value = getattr(settings, field)
        if value is not None and value != info.get_default(call_default_factory=True, validated_data={}):
            passed[environment_name(field)] = _as_text(field, value)
    return passed


def _as_text(field: str, value: object) -> str:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, tuple):
        return (os.pathsep if field == "read_dirs" else ",").join(map(str, cast("tuple[object, ...]", value)))
    return str(value)


@pytest.fixture(name="environment")
def _environment() -> Any:
    return environment


class _Server(uvicorn.Server):
    """Uvicorn inside a test: it says when it listens, and signals stay the test runner's."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = anyio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for listener in sockets or ():
            listener.listen(MOST_WAITING)
        self.ready.set()

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


@asynccontextmanager
async def _running(make: Callable[[int], ASGIApp], limits: Limits) -> AsyncGenerator[str]:
    listener = listen("127.0.0.1", 0)
    port: int = listener.getsockname()[1]
    config = Configuration(make(port), limits)
    config.access_log = False
    server = _Server(config)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(server.serve, [listener])
        try:
            with anyio.fail_after(CALL_SECONDS):
                await server.ready.wait()
            yield f"http://127.0.0.1:{port}"
        finally:
            server.should_exit = True


class ServeApp(Protocol):
    """Serves an application within limits, as the server's own is; gives the origin."""

    def __call__(self, application: ASGIApp, limits: Limits) -> AbstractAsyncContextManager[str]: ...


@pytest.fixture
def serve_app() -> ServeApp:
    def serve(application: ASGIApp, limits: Limits) -> AbstractAsyncContextManager[str]:
        async def only_http(scope: Scope, receive: Receive, send: Send) -> None:
            assert scope["type"] == "http"  # it has no life of its own
            await application(scope, receive, send)

        return _running(lambda _: only_http, limits)

    return serve


@asynccontextmanager
async def _served(
    settings: Settings, limits: Limits | None = None, around: Callable[[ASGIApp], ASGIApp] = lambda app: app
) -> AsyncGenerator[str]:
    kept = limits or Limits(calls_per_caller=settings.calls_per_caller)
    async with _running(lambda port: around(http_app(settings, "127.0.0.1", port, kept)), kept) as origin:
        yield origin


@pytest.fixture
def serve_http() -> ServeHTTP:
    return _served


class HTTPProcess(Protocol):
    """Serves over HTTP in a process of its own, with `more` in its environment; gives the origin."""

    def __call__(self, settings: Settings, **more: str) -> AbstractContextManager[str]: ...


@pytest.fixture(scope="session")
def http_process() -> HTTPProcess:
    return lambda settings, **more: serving(environment(settings) | more)


@asynccontextmanager
async def _over_http(url: str, mode: Mode, token: str | None, client: Mapping[str, Any]) -> AsyncGenerator[Client]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with (
        httpx2.AsyncClient(headers=headers, timeout=CALL_SECONDS, **PLAIN) as http,
        Client(streamable_http_client(f"{url}/mcp", http_client=http), mode=mode, **client) as connected,
    ):
        yield connected


@pytest.fixture
def command() -> tuple[str, ...]:
    """What `connect` types to have a server over stdio."""
    return (sys.executable, "-m", "lightbox")


@pytest.fixture
def connect(serve_http: ServeHTTP, command: tuple[str, ...]) -> Connect:
    @asynccontextmanager
    async def connect(
        settings: Settings,
        transport: Transport = "memory",
        mode: Mode = "auto",
        *,
        token: str | None = None,
        url: str | None = None,
        **client: Any,
    ) -> AsyncGenerator[Client]:
        client.setdefault("read_timeout_seconds", CALL_SECONDS)
        if transport == "memory":
            async with Client(make_server(Lifespan(settings)), mode=mode, **client) as connected:
                yield connected
        elif transport == "stdio":
            process = StdioServerParameters(
                command=command[0],
                args=list(command[1:]),
                env=environment(settings),
                cwd=settings.state_dir.parent,
            )
            async with Client(process, mode=mode, **client) as connected:
                yield connected
        elif url is not None:
            async with _over_http(url, mode, token, client) as connected:
                yield connected
        else:
            async with serve_http(settings) as origin, _over_http(origin, mode, token, client) as connected:
                yield connected

    return connect
