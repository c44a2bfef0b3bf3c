"""The gallery's page."""

from __future__ import annotations

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Lightbox</title></head>
<body><main id="gallery">Lightbox</main></body></html>
"""


def app_page() -> str:
    """Give the page for hosts with MCP Apps."""
    return _PAGE


def browser_page(nonce: str | None = None) -> str:
    """Give the page for a browser, whose policy allows what names the nonce."""
    return _PAGE.replace("<body>", f'<body><script nonce="{nonce}"></script>')
