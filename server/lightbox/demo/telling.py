"""The demo's page: one file that needs nothing else, on which every call stands with what was asked and what came."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Sequence
from html import escape
from importlib import resources
from pathlib import Path
from string import Template
from typing import Any

from lightbox import __version__
from lightbox.clients import known as clients
from lightbox.configuration import configuration_path
from lightbox.demo.amounts import tables
from lightbox.demo.shown import Shown
from lightbox.demo.step import Step, Story
from lightbox.views.page import static_page

_TITLES = {
    "search_images": "Find",
    "find_similar_images": "Find similar pictures",
    "view_images": "Look",
    "save_images": "Keep",
    "generate_image": "Make",
    "edit_image": "Edit in one place",
    "transform_image": "Cut to measure",
    "describe_images": "Describe",
    "estimate_cost": "Estimate the cost",
    "list_images": "List what is there",
    "get_job": "Get a result again",
    "get_spending": "See what was spent",
}
_PROGRAM = "lightbox"
_INTRO = (
    "Everything below happened a moment ago: a real MCP client started the server as a separate process and made these "
    "calls, one after the other. The pictures come from the embedded sandbox, which paints them itself. Nothing left "
    "this machine and nothing was billed."
)
_POLICY = (
    '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; img-src data:; '
    "style-src 'unsafe-inline'; script-src 'unsafe-inline'\">"
)


def write_page(out: Path, story: Story) -> Path:
    """Write `index.html` into `out` and give its path."""
    files = resources.files(__package__ or "lightbox.demo")
    after = Template(files.joinpath("page.html").read_text("utf-8")).substitute(
        clients=_clients(), command=escape(_command()), readme=_readme(), version=escape(__version__)
    )
    data = {
        "title": "Lightbox",
        "intro": _INTRO,
        "facts": _facts(story),
        "steps": [_step(number, step) for number, step in enumerate(story.steps, 1)],
    }
    path = out / "index.html"
    style, script = (files.joinpath(name).read_text("utf-8") for name in ("page.css", "page.js"))
    path.write_text(static_page(data, head=_POLICY, body=after, style=style, script=script), "utf-8")
    return path


def _facts(story: Story) -> list[tuple[str, str]]:
    return [
        (f"{len({step.tool for step in story.steps})}", "tools called"),
        (f"{sum(len(step.shown) for step in story.steps)}", "pictures"),
        (f"{story.seconds:.1f} s", "in all"),
        ("stdio", f"{story.server}, MCP {story.protocol}"),
    ]


def _step(number: int, step: Step) -> dict[str, Any]:
    """Tell of one call as the page shows it."""
    return {
        "title": step.title or _TITLES.get(step.tool, step.tool),
        "why": step.why,
        "tool": step.tool,
        "arguments": step.arguments,
        "seconds": step.seconds,
        "cost": step.cost,
        "failed": step.failed,
        "refused": step.refused,
        "compare": step.layout == "before and after",
        "gallery": {"pictures": _cards(number, step.shown)},
        "tables": [] if step.failed else tables(step.answer.data),
        "messages": step.messages,
        "text": step.answer.text,
        "data": json.dumps(step.answer.data, indent=1, ensure_ascii=False) if step.answer.data else None,
        "blocks": [f"{picture.mime_type}, {len(picture.data):,} bytes" for picture in step.answer.pictures],
    }


def _cards(number: int, pictures: Sequence[Shown]) -> list[dict[str, Any]]:
    return [
        {
            "image": shown.handle or f"step-{number}-picture-{place}",
            "origin": "given",
            "title": shown.caption,
            "note": shown.note,
            "link": shown.file,
            "thumbnail": shown.uri,
        }
        for place, shown in enumerate(pictures, 1)
    ]


def _clients() -> str:
    start = clients.command()
    panels = ""
    for number, client in enumerate(clients.known_clients()):
        if (path := clients.config_path(client)) is None:
            continue
        checked = " checked" if number == 0 else ""
        panels += (
            f'<input type="radio" name="client" id="client-{client.name}"{checked}>'
            f'<label for="client-{client.name}">{escape(client.title)}</label>'
            f"<div><p><code>{escape(_command())} config {client.name} --write</code> puts this into "
            f"<code>{escape(_at_home(path))}</code>. {escape(client.then('user'))}</p>"
            f'<div class="paste"><button class="copy">Copy</button>'
            f"<pre>{escape(clients.snippet(client, start))}</pre></div></div>"
        )
    return f'<div class="tabs">{panels}</div>'


def _at_home(path: Path) -> str:
    return f"~/{path.relative_to(Path.home()).as_posix()}" if path.is_relative_to(Path.home()) else path.name


def _command() -> str:
    """Give the command as it works in this folder: `lightbox`, or the path of an environment that is not active."""
    if shutil.which(_PROGRAM):
        return _PROGRAM
    path = Path(sys.executable).with_name(_PROGRAM)
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


def _readme() -> str:
    """Link to the README of a checkout; an installed Lightbox has its own help."""
    readme = configuration_path().parent / "README.md"
    if readme.is_file():
        return f'<a href="{readme.as_uri()}">README</a>'
    return f"<code>{escape(_command())} --help</code>"
