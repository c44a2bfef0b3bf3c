"""How long a client waits for the list of tools: from the start of the process to the first answer, over stdio."""

from __future__ import annotations

import json
import re
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import MakeSettings, Show

    from lightbox.settings import Settings

ROUNDS = 5
LATE = ("PIL", "sqlalchemy", "aiosqlite", "lightbox_sandbox", "lightbox.images.store", "lightbox.jobs.runner", "openai")
"""What only a call needs: imported before `tools/list`, it would keep every editor waiting."""

BARE = """
from mcp.server.mcpserver import MCPServer
server = MCPServer("bare")

@server.tool()
def add(a: int, b: int) -> int:
    return a + b

server.run("stdio")
"""

HELLO: dict[str, Any] = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "bench", "version": "1"}},
}
MESSAGES: list[dict[str, Any]] = [
    HELLO,
    {"jsonrpc": "2.0", "method": "notifications/initialized"},
    {"jsonrpc": "2.0", "id": 2, "method": "tools/list"},
]

pytestmark = pytest.mark.slow


def listed(arguments: list[str], environment: dict[str, str], cwd: Path) -> tuple[float, str]:
    """Start a server, ask for its tools, end it; give the seconds until the answer, and stderr."""
    began = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        cwd=cwd,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("".join(f"{json.dumps(message)}\n" for message in MESSAGES))
        process.stdin.flush()
        answers = [json.loads(process.stdout.readline()) for _ in range(2)]
        seconds = time.perf_counter() - began
        _, errors = process.communicate(timeout=30)
    assert answers[1]["result"]["tools"]
    return seconds, errors


@pytest.fixture
def made(settings: MakeSettings) -> Settings:
    return settings()


def test_nothing_that_only_a_call_needs_is_imported_before_the_list(
    made: Settings, environment: Callable[[Settings], dict[str, str]], tmp_path: Path
) -> None:
    _, errors = listed(["-X", "importtime", "-m", "lightbox"], environment(made), tmp_path)

    imported = re.findall(r"^import time:.*\|\s+(\S+)$", errors, re.MULTILINE)
    assert "lightbox.tools.table" in imported
    early = {name for name in imported if any(name == late or name.startswith(f"{late}.") for late in LATE)}
    assert early == set()


def test_how_long_a_client_waits_for_the_list(
    made: Settings,
    environment: Callable[[Settings], dict[str, str]],
    tmp_path: Path,
    show: Show,
) -> None:
    variables = environment(made)
    servers = {"bare SDK server": ["-c", BARE], "lightbox": ["-m", "lightbox"]}
    seconds: dict[str, list[float]] = {name: [] for name in servers}
    for _ in range(ROUNDS):  # in turn, so that a busy moment of the machine meets both
        for name, arguments in servers.items():
            seconds[name].append(listed(arguments, variables, tmp_path)[0])

    lines = [f"{'Seconds to the first tools/list':32} {'median':>7} {'best':>7}"]
    lines += [f"{name:32} {statistics.median(times):7.2f} {min(times):7.2f}" for name, times in seconds.items()]
    show("\n".join(lines))
