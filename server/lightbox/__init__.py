"""Lightbox: an MCP server for pictures."""

__version__ = "0.1.0"
