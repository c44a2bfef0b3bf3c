"""The MCP surface: a module per tool, and how answers are shaped."""
