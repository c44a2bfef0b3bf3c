"""Under load, and when it is closed in the middle of it, a server has nothing to complain about."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from mcp import Client, StdioServerParameters
from mcp.client import stdio

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Bench, Calling

CALLS = 64
PATIENCE = 20


@pytest.mark.slow
@pytest.mark.parametrize("held", [False, True], ids=["answers come", "answers come while it closes"])
async def test_a_server_closed_under_load_writes_nothing_to_stderr(
    bench: Bench, environment: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, held: bool
) -> None:
    monkeypatch.setattr(stdio, "PROCESS_TERMINATION_TIMEOUT", PATIENCE)  # it ends by itself, else it could not complain
    settings = bench.settings()
    told = tmp_path / "stderr"
    process = StdioServerParameters(
        command=sys.executable,
        args=["-W", "default::ResourceWarning", "-m", "lightbox"],
        env=environment(settings) | {"LIGHTBOX_LOG_LEVEL": "WARNING"},
        cwd=tmp_path,
    )
    if held:
        bench.line.hold(r"response\.in_progress")
    with told.open("w") as errlog:
        async with Client(stdio.stdio_client(process, errlog=errlog), read_timeout_seconds=60) as client:
            await client.call_tool("get_spending", {})
            calls: list[Calling] = []
            for number in range(CALLS):
                arguments = {"query": f"a lake, number {number}", "provider": "dashscope", "count": 3}
                calls.append(bench.call(client, "search_images", arguments))
            await bench.line.until(lambda: bench.line.posts >= CALLS // 2)
            for calling in calls[::2]:
                calling.scope.cancel()
            if not held:
                for calling in calls[1::8]:
                    assert not (await calling.result()).is_error
            bench.line.release()
            began = anyio.current_time()
        took = anyio.current_time() - began
    with anyio.fail_after(PATIENCE):
        for calling in calls:
            await calling.done.wait()

    assert told.read_text() == ""
    assert took < PATIENCE
