"""Clients that others made: the SDK's line of 2025 in its own environment, and the protocol's Inspector."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from browser.installed import inspector
from environments import python_with
from lightbox.tools.table import TOOLS

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import HTTPProcess, MakeSettings
    from lightbox.settings import Settings

OLD_SDK = "mcp==1.30.*"
CALL_SECONDS = 120
NAMES = [tool.name for tool in TOOLS]
PICTURE = {"prompt": "a fox", "model": "a-model-that-nobody-knows", "size": "256x256"}

OLD_CLIENT = """
import asyncio, json, sys
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamablehttp_client

async def drive(read, write):
    told = []
    async def progress(done, total, message):
        told.append(done)
    async with ClientSession(read, write) as session:
        hello = await session.initialize()
        tools = (await session.list_tools()).tools
        found = await session.call_tool("search_images", {"query": "a fox", "count": 2}, progress_callback=progress)
        made = await session.call_tool("generate_image", json.loads(sys.argv[2]))
        handle = next(word for word in made.content[0].text.split() if word.startswith("img_"))
        picture = (await session.read_resource("lightbox://images/" + handle)).contents[0]
        wrong = await session.call_tool("search_images", {})
        templates = (await session.list_resource_templates()).resourceTemplates
    print(json.dumps({
        "instructions": len(hello.instructions), "tools": [tool.name for tool in tools],
        "found": found.structuredContent["hits"], "made": [block.type for block in made.content],
        "structured": made.structuredContent, "resource": picture.mimeType, "wrong": wrong.isError,
        "progress": told, "templates": len(templates),
    }))

async def main():
    target = json.loads(sys.argv[1])
    if isinstance(target, str):
        async with streamablehttp_client(target) as (read, write, _):
            await drive(read, write)
    else:
        async with stdio_client(StdioServerParameters(**target)) as (read, write):
            await drive(read, write)

asyncio.run(main())
"""

pytestmark = pytest.mark.slow


def run(*command: str | Path, seconds: int, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        check=False,
        capture_output=True,
        text=True,
        timeout=seconds,
        stdin=subprocess.DEVNULL,
        env=os.environ | environment,
    )


@pytest.fixture(scope="module")
def old_python() -> Path:
    return python_with("old-sdk", OLD_SDK)


def driven(python: Path, target: Any) -> dict[str, Any]:
    """Drive a server with the old client; give what it saw."""
    done = run(python, "-c", OLD_CLIENT, json.dumps(target), json.dumps(PICTURE), seconds=CALL_SECONDS)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def saw_everything(seen: dict[str, Any]) -> None:
    assert seen["tools"] == NAMES
    assert 0 < seen["instructions"] < 2_000
    assert [hit["image"][:4] for hit in seen["found"]][:1] == ["img_"]
    assert seen["made"] == ["text", "image"]
    assert seen["structured"] is None
    assert seen["resource"] == "image/png"
    assert seen["wrong"] is True
    assert seen["templates"] == 4
    assert seen["progress"] == sorted(set(seen["progress"]))
    assert seen["progress"]


def test_the_old_sdk_is_served_over_stdio(
    old_python: Path, settings: MakeSettings, environment: Callable[[Settings], dict[str, str]]
) -> None:
    server = {"command": sys.executable, "args": ["-m", "lightbox"], "env": environment(settings())}

    saw_everything(driven(old_python, server))


def test_the_old_sdk_is_served_over_http(old_python: Path, settings: MakeSettings, http_process: HTTPProcess) -> None:
    with http_process(settings()) as url:
        saw_everything(driven(old_python, f"{url}/mcp"))


@pytest.fixture
def inspect(
    tmp_path: Path, settings: MakeSettings, environment: Callable[[Settings], dict[str, str]]
) -> Callable[..., dict[str, Any]]:
    """Run the Inspector's command line against a server over stdio; give its JSON."""

    def inspect(era: str, *arguments: str) -> dict[str, Any]:
        variables = [part for pair in environment(settings()).items() for part in ("-e", "=".join(pair))]
        server = [sys.executable, "-m", "lightbox"]
        command = [*inspector(), "--cli", *server, "--protocol-era", era, *variables]
        catalog = str(tmp_path / "catalog.json")
        done = run(*command, *arguments, seconds=CALL_SECONDS, MCP_CATALOG_PATH=catalog)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return inspect


@pytest.mark.parametrize("era", ["legacy", "modern"])
def test_the_inspector_finds_no_fault_with_any_schema(inspect: Callable[..., dict[str, Any]], era: str) -> None:
    listed = inspect(era, "--method", "tools/list", "--strict")

    assert [tool["name"] for tool in listed["tools"]] == NAMES


@pytest.mark.parametrize("era", ["legacy", "modern"])
def test_the_inspector_calls_a_tool(inspect: Callable[..., dict[str, Any]], era: str) -> None:
    arguments = [f"{name}={value}" for name, value in PICTURE.items()]
    made = inspect(era, "--method", "tools/call", "--tool-name", "generate_image", "--tool-arg", *arguments)

    assert [block["type"] for block in made["content"]] == ["text", "image"]
    assert "structuredContent" not in made
