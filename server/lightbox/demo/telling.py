"""The demo's page: one file that needs nothing else, on which every call stands with what was asked and what came."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from importlib import resources
from pathlib import Path
from string import Template
from typing import Any, cast

from lightbox import __version__
from lightbox.clients import known as clients
from lightbox.configuration import configuration_path
from lightbox.demo.amounts import tables
from lightbox.demo.shown import Shown, reduced
from lightbox.demo.step import Step, Story

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
_MANY = 3
"""More handles than these are shown by their pictures alone."""


def write_page(out: Path, story: Story) -> Path:
    """Write `index.html` into `out` and give its path."""
    files = resources.files(__package__ or "lightbox.demo")
    template = Template(files.joinpath("page.html").read_text("utf-8"))
    pictures = {shown.handle: shown for step in story.steps for shown in step.shown if shown.handle}
    thumbnails = {handle: _thumbnail(shown) for handle, shown in pictures.items()}
    path = out / "index.html"
    path.write_text(
        template.substitute(
            style=files.joinpath("page.css").read_text("utf-8"),
            script=files.joinpath("page.js").read_text("utf-8"),
            facts=_facts(story),
            mosaic=_mosaic(story.steps),
            contents="".join(_entry(number, step) for number, step in enumerate(story.steps, 1)),
            steps="".join(_section(number, step, thumbnails) for number, step in enumerate(story.steps, 1)),
            clients=_clients(),
            command=escape(_command()),
            readme=_readme(),
            version=escape(__version__),
        ),
        "utf-8",
    )
    return path


def _facts(story: Story) -> str:
    facts = (
        (f"{len({step.tool for step in story.steps})}", "tools called"),
        (f"{sum(len(step.shown) for step in story.steps)}", "pictures"),
        (f"{story.seconds:.1f} s", "in all"),
        ("stdio", f"{story.server}, MCP {story.protocol}"),
    )
    return "".join(f"<div><dt>{escape(value)}</dt><dd>{escape(what)}</dd></div>" for value, what in facts)


def _mosaic(steps: Sequence[Step]) -> str:
    """Show pictures from all steps behind the title."""
    hits = [shown for step in steps if step.layout == "grid" for shown in step.shown]
    made = [shown for step in steps if step.tool == "edit_image" for shown in step.shown[1:2]]
    return "".join(f'<img src="{shown.uri}" alt="">' for shown in (hits[:5] + made + hits[5:])[:12])


def _entry(number: int, step: Step) -> str:
    return f'<li><a href="#step-{number}"><b>{escape(_title(step))}</b> <code>{escape(step.tool)}</code></a></li>'


def _thumbnail(shown: Shown) -> str:
    return f'<img src="{reduced(shown, 96).uri}" alt="{escape(shown.caption)}" title="{escape(shown.handle or "")}">'


def _section(number: int, step: Step, thumbnails: Mapping[str, str]) -> str:
    """Tell of one call; handles in its arguments show the pictures that they name."""
    failed = " failed" if step.failed else " refused" if step.refused else ""
    cost = f"{escape(step.cost)} · " if step.cost else ""
    return f"""
<section class="step{failed}" id="step-{number}">
  <header>
    <span class="number">{number}</span>
    <h2>{escape(_title(step))}</h2>
    <p>{escape(step.why)}</p>
  </header>
  <div class="call">
    <div class="asked"><h3>Asked <code>{escape(step.tool)}</code></h3>{_arguments(step.arguments, thumbnails)}</div>
    <div class="came"><h3>Answered <small>{cost}{step.seconds:.2f} s</small></h3>
      {_pictures(step)}{_words(step)}{_progress(step.messages)}{_raw(step)}
    </div>
  </div>
</section>"""


def _title(step: Step) -> str:
    return step.title or _TITLES.get(step.tool, step.tool)


def _arguments(arguments: Mapping[str, Any], thumbnails: Mapping[str, str]) -> str:
    rows = "".join(f"<dt>{escape(name)}</dt><dd>{_value(value, thumbnails)}</dd>" for name, value in arguments.items())
    return f"<dl>{rows}</dl>"


def _value(value: Any, thumbnails: Mapping[str, str]) -> str:
    if isinstance(value, str):
        return thumbnails.get(value, "") + escape(value)
    if isinstance(value, list):
        items = cast("list[Any]", value)
        if len(items) > _MANY and all(item in thumbnails for item in items):
            return "".join(thumbnails[item] for item in items)
        return " ".join(f"<span>{_value(item, thumbnails)}</span>" for item in items)
    if isinstance(value, dict):
        return _arguments(cast("dict[str, Any]", value), thumbnails)
    return escape(json.dumps(value))


def _pictures(step: Step) -> str:
    if step.layout == "before and after" and len(step.shown) > 1:
        before, after, *others = step.shown
        slider = (
            f'<div class="compare" style="--at: 50%"><img src="{before.uri}" alt="Before">'
            f'<img class="after" src="{after.uri}" alt="After">'
            '<input type="range" value="50" aria-label="Before and after"><span>Before</span><span>After</span></div>'
        )
        links = "".join(f"<li>{escape(shown.caption)}{_link(shown)}</li>" for shown in (before, after))
        return f'{slider}<ul class="links">{links}</ul>{_gallery("small", others)}'
    return _gallery("grid" if step.layout == "grid" else "one", step.shown)


def _gallery(kind: str, pictures: Iterable[Shown]) -> str:
    figures = "".join(_figure(shown) for shown in pictures)
    return f'<div class="gallery {kind}">{figures}</div>' if figures else ""


def _figure(shown: Shown) -> str:
    caption = escape(shown.caption)
    note = f" <small>{escape(shown.note)}</small>" if shown.note else ""
    return (
        f'<figure><button class="open"><img src="{shown.uri}"{_full(shown)} alt="{caption}" loading="lazy"></button>'
        f"<figcaption>{caption}{note}{_link(shown)}</figcaption></figure>"
    )


def _full(shown: Shown) -> str:
    """Name the file that a click shows at its own size."""
    return f' data-full="{escape(shown.file)}"' if shown.file else ""


def _link(shown: Shown) -> str:
    return f' <a href="{escape(shown.file)}">full picture</a>' if shown.file else ""


def _words(step: Step) -> str:
    """Show figures as tables and other text as it came; where pictures say it all, leave it to the details."""
    if not step.failed:
        if amounts := tables(step.answer.data):
            return amounts
        if step.shown:
            return ""
    return f'<pre class="text">{escape(step.answer.text)}</pre>'


def _progress(messages: Sequence[str]) -> str:
    if not messages:
        return ""
    return '<ol class="progress">' + "".join(f"<li>{escape(message)}</li>" for message in messages) + "</ol>"


def _raw(step: Step) -> str:
    """Show exactly what the client received."""
    text = f"<pre>{escape(step.answer.text)}</pre>"
    data = ""
    if step.answer.data:
        data = (
            f"<h4>structuredContent</h4><pre>{escape(json.dumps(step.answer.data, indent=1, ensure_ascii=False))}</pre>"
        )
    pictures = "".join(
        f"<p>{escape(picture.mime_type)}, {len(picture.data):,} bytes</p>" for picture in step.answer.pictures
    )
    heading = f"<h4>image content</h4>{pictures}" if pictures else ""
    return f"<details><summary>Raw answer</summary><h4>text</h4>{text}{heading}{data}</details>"


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
