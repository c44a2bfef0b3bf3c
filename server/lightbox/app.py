"""The server: settings, services and tools put together. This module alone knows everyone."""

from __future__ import annotations

import logging
import sys
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from mcp.server.caching import CacheableMethod, CacheHint
from mcp.server.lowlevel.helper_types import ReadResourceContents
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.request_state import RequestStateSecurity
from pydantic.networks import AnyUrl

from lightbox import __version__
from lightbox.http.links import Links
from lightbox.http.sealing import Seal
from lightbox.services import Services
from lightbox.settings import Settings
from lightbox.tools.failure import failure
from lightbox.tools.instructions import instructions
from lightbox.tools.registry import listed, why_absent
from lightbox.tools.resources import read_resource, register_resources
from lightbox.tools.tool import Answer, make_tool

if TYPE_CHECKING:
    from starlette.applications import Starlette

NAME = "lightbox"
LISTS: tuple[CacheableMethod, ...] = ("tools/list", "resources/list", "resources/templates/list", "prompts/list")
LISTS_LAST_MS = 3_600_000
"""For how long a client may take a list as it was: none changes while the server runs."""


class LightboxServer(MCPServer[Services]):
    """An MCP server whose resources carry the type of their bytes, and which knows the tools that it does not serve."""

    async def call_tool(
        self, name: str, arguments: dict[str, Any], context: Context[Services, Any] | None = None
    ) -> Answer:
        """Call a tool; one that is not served is explained, for a client may remember it from better days."""
        if context is not None and name not in {tool.name for tool in await self.list_tools()}:
            return failure(why_absent(context.request_context.lifespan_context, name))
        return await super().call_tool(name, arguments, context)

    async def read_resource(
        self, uri: AnyUrl | str, context: Context[Services, Any] | None = None
    ) -> Iterable[ReadResourceContents]:
        """Read one of our resources."""
        return await read_resource(str(uri), context or Context(mcp_server=self))


def make_server(services: Services, state_security: RequestStateSecurity | None = None) -> LightboxServer:
    """Make the server with the tools that the configured providers can serve. Nothing is opened yet.

    Questions that are put to the person travel to the client and back sealed: with `state_security`, another process
    that has the same can take up the answer.
    """

    @asynccontextmanager
    async def lifespan(_: MCPServer[Services]) -> AsyncGenerator[Services]:
        async with services:
            yield services

    server = LightboxServer(
        NAME,
        title="Lightbox",
        version=__version__,
        description="Find, see, make, edit and describe pictures, with the price before and the bill after.",
        instructions=instructions(services),
        tools=[make_tool(description) for description in listed(services)],
        lifespan=lifespan,
        request_state_security=state_security,
        cache_hints=dict.fromkeys(LISTS, CacheHint(ttl_ms=LISTS_LAST_MS, scope="public")),
        log_level=services.settings.log_level,
    )
    register_resources(server)
    return server


def stdio_server(settings: Settings) -> LightboxServer:
    """Make the server for one caller on this machine.

    Raises:
        SettingsError: A setting can't work; the text names it.
    """
    return make_server(Services(settings))


def http_app(settings: Settings, host: str, port: int) -> Starlette:
    """Make the server's HTTP application: `/mcp`, `/health`, and sealed links to full pictures.

    Raises:
        SettingsError: A setting can't work; the text names it.
    """
    from lightbox.http.routes import MAX_REQUEST_BYTES, add_routes, transport_security  # noqa: PLC0415 - not for stdio

    services, seal = Services(settings, over_http=True), Seal(settings.state_dir)
    server = make_server(services, RequestStateSecurity(codec=seal))
    add_routes(server, services, Links(seal))
    return server.streamable_http_app(
        stateless_http=True,
        host=host,
        transport_security=transport_security(host, port, settings.http_hosts),
        max_request_body_size=MAX_REQUEST_BYTES,
    )


def configure_logging(settings: Settings) -> None:
    """Send logs to stderr, with every key struck out: stdout carries protocol only."""
    from lightbox.redaction import KeyFilter  # noqa: PLC0415

    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    handler.addFilter(KeyFilter(settings.keys))
    logging.basicConfig(level=settings.log_level, handlers=[handler], force=True)
