"""The gallery's page: in hosts with MCP Apps, in the browser, and in the demo."""
