"""What MCP clients want in their configuration files, and the editing of those."""
