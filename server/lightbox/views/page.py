"""The gallery's page: one document that needs nothing else, for hosts with MCP Apps, the browser and the demo.

It is written as HTML, CSS and modules of JavaScript, which are joined here when they are asked for: no step builds it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from html import escape
from importlib import resources
from string import Template
from typing import Any, Literal

from rjsmin import jsmin  # pyright: ignore[reportMissingTypeStubs, reportUnknownVariableType] - it has no types

from lightbox import __version__

Door = Literal["app", "browser", "page"]
"""How the page reaches the server: through its host, by requests of its own, or not at all."""

MOST_BYTES = 80_000
"""How large the page may be: hosts hold one in memory for every answer in a chat."""

_FIRST: Mapping[Door, str] = {"app": "in_chat.js", "browser": "in_browser.js", "page": "in_page.js"}
"""The module that starts the page; all others are found by its imports."""
_STYLES: Mapping[Door, tuple[str, ...]] = {
    "app": ("gallery.css",),
    "browser": ("gallery.css", "in_browser.css"),
    "page": ("gallery.css", "in_page.css"),
}
_IMPORT = re.compile(r'^import \{[^}]*\} from "\./([\w.]+)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const|let)\b)", re.MULTILINE)
_CSS_COMMENT = re.compile(r"/\*.*?\*/\s*", re.DOTALL)
_CSS_SPACE = re.compile(r"\s*([{};,])\s*|(?<=:) +|\n\s*")
_IN_SCRIPT = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"})


@cache
def app_page() -> str:
    """Give the page for hosts with MCP Apps; these allow what stands in the page itself, and nothing from outside."""
    return _page("app")


def browser_page(nonce: str | None = None) -> str:
    """Give the page for the browser, which asks the server by `POST rpc`.

    Args:
        nonce: Named by its style and its script, for a policy that allows no others.
    """
    return _page("browser", nonce=nonce)


def static_page(data: Mapping[str, Any], *, head: str = "", body: str = "", style: str = "", script: str = "") -> str:
    """Give a page without a server, which shows what it was given.

    Args:
        data: `title`, `intro` and `steps` of a tour, each with what was asked and what came.
        head: HTML for the end of the head.
        body: HTML for below the steps.
        style: CSS beside the page's own.
        script: A further module of JavaScript.
    """
    embedded = json.dumps(data, ensure_ascii=False, separators=(",", ":")).translate(_IN_SCRIPT)
    held = f'<script type="application/json" id="lightbox-data">{embedded}</script>'
    return _page("page", head=head, body=body + held, style=style, script=script, title=str(data.get("title") or ""))


def modules(door: Door) -> list[str]:
    """Name the modules of a page in the order in which they are joined: each after those that it imports.

    Raises:
        ValueError: Some import each other in a circle.
    """
    return list(_in_order(_FIRST[door], (), set()))


def _in_order(name: str, importers: tuple[str, ...], seen: set[str]) -> Iterator[str]:
    if name in importers:
        raise ValueError(f"{name} imports itself, by way of {', '.join(importers)}.")
    if name in seen:
        return
    for imported in _IMPORT.findall(_read(name)):
        yield from _in_order(imported, (*importers, name), seen)
    seen.add(name)
    yield name


@cache
def _script(door: Door) -> str:
    """Join the modules into one, without comments and needless space."""
    joined = "".join(_EXPORT.sub("", _IMPORT.sub("", _read(name))) for name in modules(door))
    return str(jsmin(joined)).strip()  # pyright: ignore[reportUnknownArgumentType] - likewise


@cache
def _style(door: Door) -> str:
    joined = "".join(_read(name) for name in _STYLES[door])
    return _CSS_SPACE.sub(r"\1", _CSS_COMMENT.sub("", joined)).strip()


def _page(
    door: Door,
    *,
    nonce: str | None = None,
    head: str = "",
    body: str = "",
    style: str = "",
    script: str = "",
    title: str = "",
) -> str:
    allowed = f' nonce="{escape(nonce)}"' if nonce else ""
    return Template(_read("gallery.html")).substitute(
        door=door,
        version=escape(__version__),
        title=escape(title or "Lightbox"),
        nonce=allowed,
        style=_style(door),
        more_style=f"<style{allowed}>{style}</style>" if style else "",
        script=_script(door),
        more_script=f'<script type="module"{allowed}>{script}</script>' if script else "",
        head=head,
        body=body,
    )


@cache
def _read(name: str) -> str:
    return resources.files(__package__ or "lightbox.views").joinpath(name).read_text("utf-8")
