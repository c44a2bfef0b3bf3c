"""A real browser, a host of MCP Apps in it, and the real server behind that."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import anyio
import pytest
from anyio.from_thread import start_blocking_portal
from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Frame,
    FrameLocator,
    Page,
    Request,
    async_playwright,
    expect,
)
from playwright.async_api import Error as PlaywrightError

from browser.hosting import PAGES, Site, hosting
from browser.installed import bundled, chromium, missing
from browser.messages import Message, faults
from lightbox.settings import load

if TYPE_CHECKING:
    from tests.conftest import HTTPProcess, Upstream

expect.set_options(timeout=10_000)

STEP_SECONDS = 10
"""How long a step in the browser may take: a call of a tool on the sandbox among them."""
CALL_SECONDS = 20

LIGHT: dict[str, Any] = {
    "theme": "light",
    "locale": "en-GB",
    "platform": "web",
    "displayMode": "inline",
    "availableDisplayModes": ["inline", "fullscreen"],
    "containerDimensions": {"maxHeight": 6000},
}
"""The context that a host gives where a test says nothing else."""


@dataclass
class Host:
    """A chat in which a tool's answer is shown by its view."""

    page: Page
    site: Site
    server: str
    allowed: list[str] = field(default_factory=list[str])
    """Parts of what the console may say in this test, of failures that it makes."""
    complaints: list[str] = field(default_factory=list[str])

    @property
    def frame(self) -> Frame:
        """The innermost frame, in which the view is."""
        return self.page.frames[-1]

    @property
    def view(self) -> FrameLocator:
        return self.page.frame_locator("iframe").frame_locator("iframe")

    async def open(
        self,
        tool: str,
        arguments: Mapping[str, Any],
        *,
        result: Mapping[str, Any] | None = None,
        context: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> FrameLocator:
        """Call a tool as a chat does, and show its view.

        Args:
            tool: The tool.
            arguments: Its arguments.
            result: What it answers, where that is the test's own.
            context: What the host tells of itself, beside the usual.
            more: `lacking` (names of capabilities), `era` (auto or legacy), `hold` (until `finish`).
        """
        if not self.page.url.startswith(self.site.page):
            await self.page.goto(self.site.page)
        options = {
            "mcp": self.site.mcp(self.server),
            "sandbox": f"{self.site.sandbox}/",
            "tool": tool,
            "input": dict(arguments),
            "result": dict(result) if result is not None else None,
            "context": LIGHT | dict(context or {}),
            **more,
        }
        await self.do("open", options)
        return self.view

    async def do(self, method: str, *arguments: Any) -> Any:
        """Have the host do something: `finish`, `cancel`, `change`, `close`."""
        with anyio.fail_after(CALL_SECONDS):  # the view may never answer
            return await self.page.evaluate("([name, given]) => host[name](...given)", [method, list(arguments)])

    async def told(self, name: str) -> Any:
        """Give what the host keeps: `asked`, `questions`, `sizes`, `result`."""
        return await self.page.evaluate("name => host[name]", name)

    async def asked(self, times: int = 1) -> list[dict[str, Any]]:
        """Give what the view has asked of its host beside tools, once it has asked so many times."""
        await self.page.wait_for_function("times => host.asked.length >= times", arg=times)
        return await self.told("asked")

    async def set(self, name: str, value: Any) -> None:
        await self.page.evaluate("([name, value]) => { host[name] = value }", [name, value])

    async def messages(self) -> list[Message]:
        """Give the conversation of view and host so far."""
        kept = await self.page.evaluate("() => window.host?.messages ?? []")
        return [Message(each["from"], each["message"]) for each in kept]

    async def sent(self, method: str) -> list[dict[str, Any]]:
        """Give the params of every message of a method that the view sent."""
        return [each.params for each in await self.messages() if each.side == "view" and each.method == method]

    async def calls(self, tool: str) -> list[dict[str, Any]]:
        """Give the arguments of every call of a tool that the view made."""
        return [params["arguments"] for params in await self.sent("tools/call") if params["name"] == tool]

    async def check(self) -> None:
        """Hold the whole conversation against the schema, and what the browser complained of against what may be."""
        assert faults(await self.messages()) == []
        assert [text for text in self.complaints if not any(part in text for part in self.allowed)] == []

    def watch(self) -> None:
        """Note whatever the browser complains of, and each request to anywhere but the site."""
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(f"uncaught: {error}"))
        self.page.on("request", self._see)

    def _hear(self, message: ConsoleMessage) -> None:
        of_the_client = message.location["url"].startswith(f"{self.site.page}/mcp/")
        if message.type in {"error", "warning"} and not of_the_client:
            self.complaints.append(f"{message.type}: {message.text}")

    def _see(self, request: Request) -> None:
        if not request.url.startswith((self.site.page, self.site.sandbox, "data:", "about:", "blob:")):
            self.complaints.append(f"outside: {request.url}")


class OpenHost(Protocol):
    """Opens a host in a browser of its own size, language and so on, on a server at an origin."""

    def __call__(self, server: str | None = None, **options: Any) -> Awaitable[Host]: ...


@pytest.fixture(scope="module")
async def browser() -> AsyncGenerator[Browser]:
    """One headless Chromium for a module: the loop that it lives on would be in the way of other modules' tests."""
    path = chromium()
    async with async_playwright() as playwright:
        try:
            launched = await playwright.chromium.launch(
                executable_path=path,
                channel=None if path else "chrome",
                # Chromium's own sandbox works for no root user; what is opened here is ours
                chromium_sandbox=False,
            )
        except PlaywrightError as error:
            missing(f"there is no Chromium that starts ({str(error).splitlines()[0]})")
        async with launched:
            yield launched


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    bundle = bundled(PAGES / "host.js", tmp_path_factory.mktemp("host") / "host.js")
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(hosting(bundle)) as served:
        yield served


class ServeLightbox(Protocol):
    """Starts a server in a process of its own, on a sandbox that stands for OpenAI and DashScope, with their prices."""

    def __call__(self, folder: Path, **settings: Any) -> AbstractContextManager[str]: ...


@pytest.fixture(scope="session")
def serve_lightbox(sandbox: Upstream, http_process: HTTPProcess) -> ServeLightbox:
    def serve(folder: Path, **wanted: Any) -> AbstractContextManager[str]:
        empty = folder / "empty.toml"
        empty.touch()
        usual: dict[str, Any] = {
            "budget": ("50 USD/day", "100 CNY/day"),
            "allow_unpriced": True,
            "state_dir": folder / "state",
            "image_dir": folder / "pictures",
        }
        return http_process(load(empty, **(sandbox.services | usual | wanted)))

    return serve


@pytest.fixture(scope="session")
def lightbox(serve_lightbox: ServeLightbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The origin of a server that all tests share."""
    with serve_lightbox(tmp_path_factory.mktemp("lightbox")) as origin:
        yield origin


@pytest.fixture
async def open_host(browser: Browser, site: Site, lightbox: str) -> AsyncGenerator[OpenHost]:
    """Hosts, whose conversations are checked when the test is over."""
    opened: list[tuple[Host, BrowserContext]] = []

    async def open_host(server: str | None = None, **options: Any) -> Host:
        context = await browser.new_context(**options)
        context.set_default_timeout(STEP_SECONDS * 1000)
        host = Host(await context.new_page(), site, server or lightbox)
        host.watch()
        opened.append((host, context))
        return host

    yield open_host
    for host, context in opened:
        try:
            await host.check()
        finally:
            await context.close()


@pytest.fixture
async def host(open_host: OpenHost) -> Host:
    return await open_host()
