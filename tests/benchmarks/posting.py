"""The lightest client of a server over HTTP: one POST for each call, in the protocol of 2026."""

from __future__ import annotations

import json
from typing import Any

import httpx2

from benchmarks.programs import ERAS, PATIENCE

_HEADERS = {
    "Accept": "application/json, text/event-stream",
    "MCP-Protocol-Version": "2026-07-28",
    "Mcp-Method": "tools/call",
}


def poster() -> httpx2.AsyncClient:
    """Open as many connections as there are calls at once, and keep them."""
    limits = httpx2.Limits(max_connections=None, max_keepalive_connections=100)
    return httpx2.AsyncClient(trust_env=False, timeout=PATIENCE, limits=limits, headers=_HEADERS)


async def call(http: httpx2.AsyncClient, origin: str, tool: str, **arguments: Any) -> None:
    """Call a tool, and wait for its answer."""
    params = {"name": tool, "arguments": arguments, **ERAS["2026"].each}
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    answer = await http.post(f"{origin}/mcp", json=body, headers={"Mcp-Name": tool})
    text = answer.text
    if answer.headers.get("content-type", "").startswith("text/event-stream"):
        text = [line for line in text.splitlines() if line.startswith("data:")][-1].removeprefix("data:")
    told = json.loads(text)
    assert "result" in told, told
    assert not told["result"].get("isError"), told
