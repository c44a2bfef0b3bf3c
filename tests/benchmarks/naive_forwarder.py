"""The least that an MCP server for searches can do: forward the call, read the events to their end, give the text.

No handles, no journal, no budget. Run as a program it takes the service's base URL, and prints its own origin.
"""

from __future__ import annotations

import json
import socket
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx2
import uvicorn
from mcp.server.mcpserver import Context, MCPServer


@dataclass(frozen=True)
class Forwarding:
    http: httpx2.AsyncClient


@asynccontextmanager
async def forwarding(_: MCPServer[Forwarding]) -> AsyncGenerator[Forwarding]:
    yield Forwarding(client)


base_url = sys.argv[1]
# One client for all calls: a lifespan of the stateless transport may be that of one request.
client = httpx2.AsyncClient(
    trust_env=False, timeout=60, limits=httpx2.Limits(max_connections=None, max_keepalive_connections=100)
)
server = MCPServer("naive", lifespan=forwarding, log_level="WARNING")


@server.tool()
async def search_images(query: str, ctx: Context[Forwarding, object]) -> str:
    """Search."""
    body = {"model": "qwen3.7-plus", "input": query, "tools": [{"type": "web_search_image"}], "stream": True}
    found: list[str] = []
    async with ctx.request_context.lifespan_context.http.stream("POST", f"{base_url}/responses", json=body) as response:
        async for line in response.aiter_lines():
            if not line.startswith("data:"):
                continue
            event = json.loads(line.removeprefix("data:"))
            if event["type"] == "response.output_item.done" and event["item"]["type"] == "web_search_image_call":
                found += [f"{hit['title']} {hit['url']}" for hit in json.loads(event["item"]["output"])]
    return "\n".join(found)


if __name__ == "__main__":
    listener = socket.create_server(("127.0.0.1", 0), backlog=256)
    sys.stdout.write("http://{}:{}\n".format(*listener.getsockname()))
    sys.stdout.flush()
    app = server.streamable_http_app(stateless_http=True, host="127.0.0.1")
    # Connections stay open while the other server is measured, or calls would go into closing ones.
    config = uvicorn.Config(app, log_config=None, access_log=False, ws="none", timeout_keep_alive=620)
    uvicorn.Server(config).run([listener])
