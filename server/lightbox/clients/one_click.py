"""Links that have a client take Lightbox in one click: its entry, inside an address that the client opens.

Such an address is passed around and kept in histories: it holds references to the environment, never a key, and no
blanks to fill in. All are https, for pages of code strip others; the page behind each opens the client.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote, urlencode

from lightbox.clients.client import SERVER, Client


def cursor(of: Client, start: Sequence[str]) -> str:
    """Give the link for Cursor."""
    return _address("https://cursor.com/en/install-mcp", config=_in_base64(of.entry(start, "project")))


def lm_studio(of: Client, start: Sequence[str]) -> str:
    """Give the link for LM Studio."""
    return _address("https://lmstudio.ai/install-mcp", config=_in_base64(of.entry(start, "project")))


def vscode(of: Client, start: Sequence[str]) -> str:
    """Give the link for VS Code, with the questions that it asks for the keys."""
    place, entry = "https://insiders.vscode.dev/redirect/mcp/install", of.entry(start, "project")
    return _address(place, config=_compact(entry), inputs=_compact(of.beside["inputs"]))


def kiro(of: Client, start: Sequence[str]) -> str:
    """Give the link for Kiro."""
    return _address("https://kiro.dev/launch/mcp/add", config=_compact(of.entry(start, "project")))


def goose(of: Client, start: Sequence[str]) -> str:
    """Give the link for Goose, which takes each word of the command by itself."""
    program, *arguments = start
    entry = of.entry(start, "user")
    words = [("cmd", program), *(("arg", argument) for argument in arguments)]
    about = [("id", SERVER), ("name", "Lightbox"), ("description", entry["description"])]
    query = urlencode([*words, *about, ("timeout", str(entry["timeout"]))], quote_via=quote)
    return f"https://block.github.io/goose/extension?{query}"


def cherry_studio(of: Client, start: Sequence[str]) -> str:
    """Give the link for Cherry Studio, which has no page for it: the one that its own scheme opens."""
    return f"cherrystudio://mcp/install?servers={_in_base64(of.document(start, 'project'))}"


def _address(page: str, **parameters: str) -> str:
    return f"{page}?{urlencode({'name': SERVER, **parameters}, quote_via=quote, safe='')}"


def _in_base64(document: Any) -> str:
    return base64.b64encode(_compact(document).encode()).decode()


def _compact(document: Any) -> str:
    return json.dumps(document, separators=(",", ":"))
