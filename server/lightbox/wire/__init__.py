"""The Responses API as data: requests, items, events, usage, and reading a stream. No I/O."""
