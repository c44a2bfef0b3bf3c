"""The protocol's own Inspector finds the gallery from its command line, and shows it in its page."""

from __future__ import annotations

import base64
import json
import os
import socket
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import anyio
import pytest
from playwright.async_api import expect

from browser.installed import inspector
from lightbox.tools.table import TOOLS

if TYPE_CHECKING:
    from playwright.async_api import Browser

TOKEN = "a-token-of-a-test"  # noqa: S105 - it guards a page on loopback for as long as the test runs
COMMAND_SECONDS = 60
READY_SECONDS = 30
NO_APP, NO_TOOL = 2, 5

SHOWN = {
    "search_images",
    "find_similar_images",
    "generate_image",
    "edit_image",
    "view_images",
    "transform_image",
    "list_images",
    "get_job",
}
"""The tools whose answers the gallery shows."""


def inspect(home: Path, server: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Run the Inspector's command line on a server."""
    command = [
        *inspector(),
        "--cli",
        f"{server}/mcp",
        "--transport",
        "http",
        "--app-info",
        "--advertise-apps",
        *options,
    ]
    return subprocess.run(
        command,
        check=False,
        capture_output=True,
        text=True,
        timeout=COMMAND_SECONDS,
        stdin=subprocess.DEVNULL,
        env=os.environ | {"HOME": str(home), "NO_PROXY": "127.0.0.1"},
    )


@pytest.mark.parametrize("era", ["modern", "legacy"])
def test_its_command_line_finds_the_page_of_every_tool_that_has_one(lightbox: str, tmp_path: Path, era: str) -> None:
    done = inspect(tmp_path, lightbox, "--method", "tools/list", "--protocol-era", era)
    assert done.returncode == 0, done.stderr
    told = [json.loads(line) for line in done.stdout.splitlines()]
    apps = {each["toolName"]: each for each in told if each["hasApp"]}

    assert apps.keys() == SHOWN
    assert {each["toolName"] for each in told} > {tool.name for tool in TOOLS if not tool.app_only}
    assert len({each["resourceUri"] for each in apps.values()}) == 1
    for each in apps.values():
        assert each["resourceMimeType"] == "text/html;profile=mcp-app"
        assert "resourceError" not in each
        assert "csp" not in each


@pytest.mark.parametrize(("tool", "code"), [("search_images", 0), ("get_spending", NO_APP), ("paint_it", NO_TOOL)])
def test_its_command_line_tells_a_tool_with_a_page_from_others(
    lightbox: str, tmp_path: Path, tool: str, code: int
) -> None:
    done = inspect(tmp_path, lightbox, "--method", "tools/call", "--tool-name", tool)

    assert done.returncode == code, done.stderr
    assert "resourceError" not in done.stdout


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


@contextmanager
def web_page(home: Path) -> Generator[str]:
    """Serve the Inspector's page; gives its origin."""
    port = free_port()
    environment = {
        "HOME": str(home),
        "HOST": "127.0.0.1",
        "CLIENT_PORT": str(port),
        "MCP_SANDBOX_PORT": str(free_port()),
        "MCP_AUTO_OPEN_ENABLED": "false",
        "MCP_INSPECTOR_API_TOKEN": TOKEN,
        "NO_PROXY": "127.0.0.1",
    }
    with (
        (home / "log").open("w") as log,
        subprocess.Popen(
            [*inspector(), "--web"],
            env=os.environ | environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


async def reachable(origin: str) -> None:
    """Wait until somebody listens there."""
    host, _, port = origin.removeprefix("http://").partition(":")
    with anyio.fail_after(READY_SECONDS):
        while True:
            try:
                await (await anyio.connect_tcp(host, int(port))).aclose()
            except OSError:
                await anyio.sleep(0.1)
            else:
                return


@pytest.mark.slow
async def test_its_page_opens_the_gallery_by_a_link_until_it_is_ready(
    browser: Browser, lightbox: str, tmp_path: Path
) -> None:
    arguments = base64.urlsafe_b64encode(json.dumps({"query": "a red fox", "count": 3}).encode()).decode().rstrip("=")
    link = {
        "serverUrl": f"{lightbox}/mcp",
        "transport": "http",
        "autoConnect": TOKEN,
        "openApp": "search_images",
        "appArgs": arguments,
        "autoOpen": TOKEN,
    }
    with web_page(tmp_path) as origin:
        await reachable(origin)
        async with await browser.new_context() as context:
            page = await context.new_page()
            await page.goto(f"{origin}/?{urlencode(link)}")
            connected = page.get_by_test_id("connection-status").and_(page.locator("[data-status=connected]")).first
            await expect(connected).to_be_attached(timeout=READY_SECONDS * 1000)
            await expect(page.locator("[data-app-status=ready]")).to_be_attached(timeout=READY_SECONDS * 1000)
            view = page.frame_locator("iframe").frame_locator("iframe")
            await expect(view.get_by_test_id("gallery")).to_contain_text("fox", timeout=READY_SECONDS * 1000)
