"""MCP Apps: which clients show the gallery in the chat, and what these are told beyond all others.

A client without Apps is told exactly what it would be told if there were none of this.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from mcp.server.apps import APP_MIME_TYPE, EXTENSION_ID
from mcp.server.lowlevel.helper_types import ReadResourceContents
from mcp.types import Resource
from mcp.types import Tool as ListedTool

from lightbox import __version__
from lightbox.tools.schemas import input_schema
from lightbox.views.page import app_page

if TYPE_CHECKING:
    from lightbox.tools.tool import Tool

_ADDRESS = re.compile(r"ui://lightbox/gallery(?:-[\w.+-]{1,80})?\.html", re.ASCII)
_UI: Mapping[str, Any] = {"prefersBorder": False, "permissions": {"clipboardWrite": {}}}
"""No outside address is named: hosts let the page reach none."""
_HASH_DIGITS = 8


@cache
def gallery_address() -> str:
    """Give the page's address, which is another one for every other page: hosts keep what they have read."""
    digest = hashlib.sha256(app_page().encode()).hexdigest()[:_HASH_DIGITS]
    return f"ui://lightbox/gallery-{__version__}.{digest}.html"


def is_gallery(uri: str) -> bool:
    """Tell whether an address is the page's, of this or of another release: an older chat still names that."""
    return _ADDRESS.fullmatch(uri) is not None


def gallery_contents() -> ReadResourceContents:
    """Give the page as a resource is read."""
    return ReadResourceContents(content=app_page(), mime_type=APP_MIME_TYPE, meta={"ui": dict(_UI)})


def gallery_resource() -> Resource:
    """Give the page as a resource is listed."""
    return Resource(
        uri=gallery_address(),
        name="gallery",
        title="Gallery",
        description="Shows pictures, and what was found, in the chat.",
        mime_type=APP_MIME_TYPE,
        _meta={"ui": dict(_UI)},
    )


def declares_apps(capabilities: object) -> bool:
    """Tell whether a client that says that it can do this shows MCP Apps: the extension, and pages of this type."""
    extensions = _mapping(capabilities).get("extensions")
    types = _mapping(_mapping(extensions).get(EXTENSION_ID)).get("mimeTypes")
    return isinstance(types, list | tuple) and APP_MIME_TYPE in types


def _mapping(value: object) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else {}


def with_extension(result: dict[str, Any]) -> dict[str, Any]:
    """Add to what the server can do that it has pages to show."""
    able: dict[str, Any] = result["capabilities"]
    return result | {"capabilities": able | {"extensions": able.get("extensions", {}) | {EXTENSION_ID: {}}}}


def with_pages(listed: Iterable[dict[str, Any]], tools: Iterable[Tool], own: Iterable[Tool]) -> list[dict[str, Any]]:
    """Say of listed tools which of them the gallery shows, and add those that it alone may call.

    Args:
        listed: As clients are told of them.
        tools: The rows of these.
        own: The rows of the gallery's own.
    """
    address = gallery_address()
    bound = {"_meta": {"ui": {"resourceUri": address}, "ui/resourceUri": address}}  # the latter for older hosts
    shown = {tool.name for tool in tools if tool.in_gallery}
    return [*(tool | bound if tool["name"] in shown else tool for tool in listed), *map(_own, own)]


def _own(tool: Tool) -> dict[str, Any]:
    told = ListedTool(
        name=tool.name,
        title=tool.title,
        description=tool.text,
        input_schema=input_schema(tool.arguments),
        annotations=tool.annotations,
        _meta={"ui": {"visibility": ["app"]}},
    )
    return told.model_dump(mode="json", by_alias=True, exclude_none=True)
