"""The least server that the protocol's SDK makes: one tool, over stdio."""

from __future__ import annotations

from mcp.server.mcpserver import MCPServer

server = MCPServer("bare")


@server.tool()
async def search_images(query: str) -> str:
    """Search."""
    return query


if __name__ == "__main__":
    server.run("stdio")
