"""The demo: a real MCP client drives a real server, on the sandbox, through every tool, and writes a page about it."""
