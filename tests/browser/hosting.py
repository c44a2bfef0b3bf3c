"""The test's host of MCP Apps as a site: its page, the sandbox on another origin, and a way to the server."""

from __future__ import annotations

import socket
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import anyio
import httpx2
import uvicorn
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import FileResponse, Response, StreamingResponse
from starlette.routing import Route

PAGES = Path(__file__).parent / "host"
CALL_SECONDS = 60

DEFAULT_POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; media-src 'self' data:; connect-src 'none'"
)
"""What the specification lets a view do that asks for no origins."""

PASSED_ON = {"accept", "content-type", "mcp-protocol-version", "mcp-session-id", "last-event-id"}
PASSED_BACK = {"content-type", "mcp-session-id"}


@dataclass(frozen=True)
class Site:
    """Where the host's page and the sandbox are."""

    page: str
    sandbox: str

    def mcp(self, origin: str) -> str:
        """Give the path under which the host's page reaches the server at an origin of loopback."""
        return f"/mcp/{origin.rpartition(':')[2]}"


@asynccontextmanager
async def hosting(bundle: Path) -> AsyncGenerator[Site]:
    """Serve the host's page, whose module is bundled, and the sandbox."""
    async with httpx2.AsyncClient(trust_env=False, timeout=CALL_SECONDS) as client:
        page = Starlette(
            routes=[
                Route("/", _file(PAGES / "host.html")),
                Route("/host.js", _file(bundle)),
                Route("/mcp/{port:int}", partial(_passed_on, client), methods=["GET", "POST", "DELETE"]),
            ]
        )
        sandbox = Starlette(
            routes=[Route("/", _file(PAGES / "sandbox.html", {"Content-Security-Policy": DEFAULT_POLICY}))]
        )
        async with _served(page) as page_origin, _served(sandbox) as sandbox_origin:
            yield Site(page_origin, sandbox_origin)


def _file(path: Path, headers: Mapping[str, str] | None = None) -> Callable[[Request], Response]:
    return lambda _: FileResponse(path, headers=headers)


async def _passed_on(client: httpx2.AsyncClient, request: Request) -> Response:
    """Pass a request of MCP on: the server lets no other site's pages call it."""
    asked = client.build_request(
        request.method,
        f"http://127.0.0.1:{request.path_params['port']}/mcp",
        headers={name: value for name, value in request.headers.items() if name in PASSED_ON | _of_mcp(request)},
        content=await request.body(),
    )
    try:
        answer = await client.send(asked, stream=True)
    except httpx2.TransportError as error:
        return Response(f"the server is gone: {error}", 502)
    headers = {name: value for name, value in answer.headers.items() if name in PASSED_BACK}
    return StreamingResponse(answer.aiter_raw(), answer.status_code, headers, background=BackgroundTask(answer.aclose))


def _of_mcp(request: Request) -> set[str]:
    return {name for name in request.headers if name.startswith("mcp-")}


@asynccontextmanager
async def _served(application: Starlette) -> AsyncGenerator[str]:
    """Serve until the block ends; not on the main thread, whose signals are the test runner's."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(application, log_level="warning", access_log=False, lifespan="off"))
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(server.serve, [listener])
        while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
            await anyio.sleep(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
