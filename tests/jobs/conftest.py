"""What the tests of jobs share: a line to the sandbox that can be held and cut, and a look into the journal."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import anyio
import pytest
from anyio.abc import SocketStream, TaskGroup
from mcp import Client
from mcp.types import CallToolResult, ImageContent, TextContent
from PIL import Image

from databases import rows
from forking import warm_start
from lightbox.settings import Settings
from loopback import listening

if TYPE_CHECKING:
    from tests.conftest import Connect, MakeSettings, Upstream

PATIENCE = 20
"""Seconds after which a condition that a test waits for counts as never met."""
OPEN = {"reserved", "sent"}
GONE = (anyio.BrokenResourceError, anyio.ClosedResourceError, anyio.EndOfStream, anyio.IncompleteRead, OSError)


@dataclass
class Line:
    """The wire between a server and the sandbox: counts what is sent, and stops answers where a test wants it.

    Only `POST …/responses` is counted and stopped; all else passes.

    Attributes:
        fault: What the sandbox is asked to do wrong with every such request.
        sent: The bodies of those requests.
        asked: Method and path of every request.
        held: How many answers are being held.
    """

    upstream: Upstream
    port: int = 0
    fault: str = ""
    sent: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    asked: list[str] = field(default_factory=list[str])
    held: int = 0
    _stop: re.Pattern[bytes] | None = None
    _then: Literal["hold", "cut"] = "hold"
    _released: anyio.Event = field(default_factory=anyio.Event)
    _changed: anyio.Event = field(default_factory=anyio.Event)
    _hung_up: anyio.Event = field(default_factory=anyio.Event)

    @property
    def posts(self) -> int:
        return len(self.sent)

    @property
    def openai_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def dashscope_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/compatible-mode/v1"

    def hold(self, after: str = "") -> None:
        """Let answers go no further than the event that matches, or not even begin, until `release`."""
        self._stop, self._then, self._released = re.compile(after.encode()), "hold", anyio.Event()

    def cut(self, after: str = "") -> None:
        """Break answers off after the event that matches, or before they begin."""
        self._stop, self._then = re.compile(after.encode()), "cut"

    def release(self) -> None:
        """Let go of what is held, and stop nothing any more."""
        self._stop = None
        self._released.set()

    def hang_up(self) -> None:
        """Break every answer off that is under way."""
        self._hung_up.set()

    async def until(self, met: Callable[[], bool]) -> None:
        """Wait until something about the line is so."""
        with anyio.fail_after(PATIENCE):
            while not met():
                await self._changed.wait()

    async def serve(self, client: SocketStream) -> None:
        with suppress(*GONE):
            async with client:
                head, body = await _request(client)
                method, path = head.split(b" ", 2)[:2]
                self.asked.append(f"{method.decode()} {path.decode()}")
                paid = method == b"POST" and path.endswith(b"/responses")
                if paid:
                    self.sent.append(json.loads(body))
                    head = self._with_fault(head)
                self._tell()
                async with await anyio.connect_tcp("127.0.0.1", self.upstream.running.port) as service:
                    await service.send(head.replace(b"\r\n", b"\r\nConnection: close\r\n", 1) + b"\r\n\r\n" + body)
                    await self._answer(service, client, self._stop if paid else None)

    def _with_fault(self, head: bytes) -> bytes:
        return head + f"\r\nx-sandbox-fault: {self.fault}".encode() if self.fault else head

    async def _answer(self, service: SocketStream, client: SocketStream, stop: re.Pattern[bytes] | None) -> None:
        async with anyio.create_task_group() as tasks:

            async def watch() -> None:
                with suppress(*GONE):
                    while await client.receive():
                        pass
                tasks.cancel_scope.cancel()

            async def listen() -> None:
                await self._hung_up.wait()
                tasks.cancel_scope.cancel()

            tasks.start_soon(watch)
            tasks.start_soon(listen)
            with suppress(*GONE):
                await self._pass_on(service, client, stop)
            tasks.cancel_scope.cancel()

    async def _pass_on(self, service: SocketStream, client: SocketStream, stop: re.Pattern[bytes] | None) -> None:
        if stop is not None and not stop.pattern and await self._stopped():
            return
        kept = b""
        while True:
            try:
                kept += await service.receive(1 << 20)
            except anyio.EndOfStream:
                await client.send(kept)
                return
            *frames, kept = kept.split(b"\n\n")
            for frame in frames:
                await client.send(frame + b"\n\n")
                if stop is not None and stop.pattern and stop.search(frame[:600]) and await self._stopped():
                    return

    async def _stopped(self) -> bool:
        """Hold, or say that the line is cut here."""
        if self._then == "cut":
            return True
        self.held += 1
        self._tell()
        try:
            await self._released.wait()
        finally:
            self.held -= 1
            self._tell()
        return False

    def _tell(self) -> None:
        self._changed.set()
        self._changed = anyio.Event()


async def _request(client: SocketStream) -> tuple[bytes, bytes]:
    data = b""
    while b"\r\n\r\n" not in data:
        data += await client.receive()
    head, _, body = data.partition(b"\r\n\r\n")
    length = re.search(rb"content-length: *(\d+)", head, re.IGNORECASE)
    while length and len(body) < int(length[1]):
        body += await client.receive()
    return head, body


@pytest.fixture
async def line(upstream: Upstream) -> AsyncGenerator[Line]:
    line = Line(upstream)
    async with listening(line.serve) as line.port:
        yield line


@dataclass(frozen=True)
class Paid:
    """One paid tool with one provider: how to call it, and by which events its answer is told.

    Attributes:
        arguments: Those of a small call; `{picture}` in them is a file.
        first: Matches the event that brings the first hit, the picture, or the first words.
    """

    tool: str
    provider: str
    arguments: dict[str, Any]
    first: str

    def __str__(self) -> str:
        return f"{self.tool}-{self.provider}"

    @property
    def searches(self) -> bool:
        return self.tool in {"search_images", "find_similar_images"}

    @property
    def resumable(self) -> bool:
        """Whether the service lets a broken stream be taken up again, and a call be stopped."""
        return self.tool in {"generate_image", "edit_image"}


@dataclass(frozen=True)
class Row:
    """A job as it stands in the journal."""

    id: str
    tool: str
    state: str
    reserved: int
    billed: int | None
    estimated: bool
    currency: str | None
    error: str | None
    outcome: dict[str, Any] | None
    responses: dict[str, str]
    pid: int
    """Of the server that works on it."""


def _journaled(settings: Settings) -> list[Row]:
    columns = "id, tool, state, reserved, billed, estimated, currency, error, outcome, responses, server"
    found = rows(settings, f"SELECT {columns} FROM jobs ORDER BY created_at, id")  # noqa: S608 - ours
    return [
        Row(
            **{name: row[name] for name in ("id", "tool", "state", "reserved", "billed", "currency", "error")},
            estimated=bool(row["estimated"]),
            outcome=json.loads(row["outcome"]) if row["outcome"] else None,
            responses=json.loads(row["responses"]),
            pid=int(row["server"].split(":")[-2]),
        )
        for row in found
    ]


@dataclass
class Calling:
    """A call that is under way."""

    done: anyio.Event = field(default_factory=anyio.Event)
    progress: list[tuple[float, str]] = field(default_factory=list[tuple[float, str]])
    scope: anyio.CancelScope = field(default_factory=anyio.CancelScope)
    _heard: anyio.Event = field(default_factory=anyio.Event)
    _result: CallToolResult | None = None
    _failure: Exception | None = None

    async def note(self, progress: float, total: float | None, message: str | None) -> None:
        del total
        self.progress.append((progress, message or ""))
        self._heard.set()
        self._heard = anyio.Event()

    async def hears(self, words: str) -> None:
        """Wait until a progress message holds these words."""
        with anyio.fail_after(PATIENCE):
            while not any(words in message for _, message in self.progress):
                await self._heard.wait()

    async def run(self, client: Client, tool: str, arguments: dict[str, Any]) -> None:
        try:
            with self.scope:
                self._result = await client.call_tool(tool, arguments, progress_callback=self.note)
        except Exception as error:  # noqa: BLE001 - raised where the result is asked for
            self._failure = error
        finally:
            self.done.set()

    async def result(self) -> CallToolResult:
        with anyio.fail_after(PATIENCE):
            await self.done.wait()
        if self._failure is not None:
            raise self._failure
        if self._result is None:
            raise AssertionError("the call was cancelled")
        return self._result


@pytest.fixture(autouse=True)
def either_database() -> None:
    """Run every test of jobs on SQLite and on PostgreSQL: paid work must be as safe on the one as on the other."""


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A small picture in a folder that may be read."""
    image = Image.new("RGB", (120, 80), "teal")
    image.paste("orange", (10, 10, 60, 50))
    data = BytesIO()
    image.save(data, "PNG")
    path = tmp_path / "given" / "picture.png"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data.getvalue())
    return path


@pytest.fixture
def command() -> tuple[str, ...]:
    """Servers over stdio are forked: how the command starts is not what these tests are about."""
    return warm_start()


@dataclass
class Bench:
    """A server under test: its services are at the end of the line, and its journal lies open.

    Attributes:
        usual: The settings that lead there.
    """

    line: Line
    connect: Connect
    make_settings: MakeSettings
    usual: dict[str, Any]
    tasks: TaskGroup

    def settings(self, **wanted: Any) -> Settings:
        return self.make_settings(**(self.usual | wanted))

    def call(self, client: Client, tool: str, arguments: dict[str, Any]) -> Calling:
        """Begin a call in the background."""
        calling = Calling()
        self.tasks.start_soon(calling.run, client, tool, arguments)
        return calling

    def journal(self, settings: Settings) -> list[Row]:
        """Give every job, the oldest first."""
        return _journaled(settings)

    async def settled(self, settings: Settings) -> list[Row]:
        """Wait until no job is open, and give them all."""
        return await self.when(settings, lambda rows: all(row.state not in OPEN for row in rows))

    async def ended(self, settings: Settings, job_id: str) -> None:
        """Wait until a job is settled."""
        with anyio.fail_after(PATIENCE):
            query = "SELECT id FROM jobs WHERE id = :id AND state IN ('reserved', 'sent')"
            while rows(settings, query, id=job_id):  # noqa: ASYNC110 - as in `when`
                await anyio.sleep(0.02)

    async def accepted(self, settings: Settings) -> Row:
        """Wait until the service's name for the newest job is journaled, and give the job."""
        return (await self.when(settings, lambda rows: bool(rows and rows[-1].responses)))[-1]

    @staticmethod
    def text(result: CallToolResult) -> str:
        return "\n".join(block.text for block in result.content if isinstance(block, TextContent))

    @staticmethod
    def content(result: CallToolResult) -> Any:
        """Give everything that an answer holds, so that two can be compared."""
        blocks = [
            block.text if isinstance(block, TextContent) else block.data
            for block in result.content
            if isinstance(block, TextContent | ImageContent)
        ]
        return result.is_error, blocks, result.structured_content

    @staticmethod
    async def when(settings: Settings, met: Callable[[list[Row]], bool]) -> list[Row]:
        """Wait until something about the jobs is so, and give them all."""
        with anyio.fail_after(PATIENCE):
            while not met(_journaled(settings)):  # noqa: ASYNC110 - a database tells nobody of its changes
                await anyio.sleep(0.02)
        return _journaled(settings)


@pytest.fixture
async def bench(
    line: Line, connect: Connect, settings: MakeSettings, picture: Path, prices: Path
) -> AsyncGenerator[Bench]:
    usual: dict[str, Any] = {
        "openai_base_url": line.openai_url,
        "dashscope_base_url": line.dashscope_url,
        "read_dirs": (picture.parent,),
        "prices": prices,
    }
    async with anyio.create_task_group() as tasks:
        yield Bench(line, connect, settings, usual, tasks)
        tasks.cancel_scope.cancel()


HIT = r"output_item\.done.*(image_search|web_search_image|web_search_call)"
PICTURE = r"output_item\.done.*image_generation_call"
WORDS = r"output_text\.delta"
SMALL = {"model": "gpt-image-2", "size": "1024x640", "quality": "low"}

PAID = (
    Paid("search_images", "dashscope", {"query": "a red fox in snow", "count": 3}, HIT),
    Paid("search_images", "openai", {"query": "a red fox in snow", "count": 3}, HIT),
    Paid("find_similar_images", "dashscope", {"image": "{picture}", "count": 3}, HIT),
    Paid("generate_image", "openai", {"prompt": "a red fox in snow", **SMALL}, PICTURE),
    Paid("edit_image", "openai", {"images": ["{picture}"], "prompt": "make it blue", **SMALL}, PICTURE),
    Paid("describe_images", "openai", {"images": ["{picture}"]}, WORDS),
    Paid("describe_images", "dashscope", {"images": ["{picture}"]}, WORDS),
)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that takes `paid` with every paid tool and provider."""
    if "paid" in metafunc.fixturenames:
        metafunc.parametrize("paid", PAID, ids=str)


@pytest.fixture
def arguments(paid: Paid, picture: Path) -> dict[str, Any]:
    """The arguments of the paid call, with the picture in its place."""
    text = json.dumps(paid.arguments).replace("{picture}", str(picture))
    return json.loads(text) | {"provider": paid.provider}
