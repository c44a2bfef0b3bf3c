"""`lightbox docs`: the pages of the documentation, which come with the package, as they are read in a terminal."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from functools import cached_property
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import urljoin

from rich.markdown import Markdown, MarkdownElement, TableElement
from rich.table import Table
from rich.text import Text

import lightbox
from lightbox.clients.known import DISTRIBUTION
from lightbox.commands.presenting import Console
from lightbox.commands.typed_arguments import nearest
from lightbox.errors import BadInput

if TYPE_CHECKING:
    from rich.console import Console as RichConsole
    from rich.console import ConsoleOptions, RenderResult

FOLDER = Path(lightbox.__file__).with_name("docs")
ORDER = (
    "clients",
    "tools",
    "command",
    "costs",
    "settings",
    "compatible",
    "troubleshooting",
    "deploying",
    "agents",
    "sandbox",
)
"""What is read first; other pages come after these, by name."""
WIDEST = 100
"""In how many columns a page is set: longer lines are hard to read."""
LONGEST_NAME = 32
"""Names in the first column of a table that are no longer than this are not broken over lines: people copy them."""
PAGER = "FRX"
"""What `less` is told where nobody has told it otherwise: show colours, and leave a page that fits on the screen."""

_COMMENT = re.compile(r"<!--.*?-->\n*", re.DOTALL)
_LINK = re.compile(r"(\]\()(?!https?:|#|mailto:)")
_FENCED = re.compile(r"(^```.*?^```$)", re.DOTALL | re.MULTILINE)
_PROJECT = re.compile(r"Repository,\s*(\S+)", re.IGNORECASE)


class Page:
    """One page: a Markdown file, with its title on the first line and what it is about in the first paragraph."""

    def __init__(self, path: Path) -> None:
        self.name = path.stem
        self._path = path

    @cached_property
    def source(self) -> str:
        """The text of the file."""
        return self._path.read_text("utf-8")

    @property
    def title(self) -> str:
        """What it is called."""
        return self.source.partition("\n")[0].removeprefix("# ")

    @property
    def about(self) -> str:
        """Say in a sentence what it is about: its first paragraph."""
        paragraphs = (part for part in _COMMENT.sub("", self.source).split("\n\n")[1:] if part.strip())
        return " ".join(next(paragraphs, "").split())

    @property
    def text(self) -> str:
        """Give its Markdown as people read it: without comments, and with links that lead somewhere from anywhere."""
        parts = _FENCED.split(_COMMENT.sub("", self.source))
        where = _address()
        parts[::2] = [_LINK.sub(rf"\g<1>{where}", part) if where else part for part in parts[::2]]
        return "".join(parts)


class _WholeTable(TableElement):
    """A table that leaves out nothing: Rich's own puts `…` for the end of a long name."""

    def __rich_console__(self, console: RichConsole, options: ConsoleOptions) -> RenderResult:
        for part in super().__rich_console__(console, options):
            if isinstance(part, Table):
                for column in part.columns:
                    column.overflow = "fold"
                names = (cell.plain for cell in part.columns[0].cells if isinstance(cell, Text))
                part.columns[0].no_wrap = max(map(len, names), default=0) <= LONGEST_NAME
            yield part


class _Set(Markdown):
    """Markdown as it is set in a terminal."""

    elements: ClassVar[dict[str, type[MarkdownElement]]] = {**Markdown.elements, "table_open": _WholeTable}


def pages() -> Mapping[str, Page]:
    """Give all pages by their names, in the order in which they are read."""
    found = {path.stem: Page(path) for path in sorted(FOLDER.glob("*.md"))}
    return {name: found[name] for name in (*filter(found.get, ORDER), *(name for name in found if name not in ORDER))}


def show(name: str | None) -> None:
    """Print a page, or the list of all; in a terminal set and paged, in a pipe as the Markdown that it is.

    Raises:
        BadInput: There is no such page; the text names the nearest.
    """
    known = pages()
    if name is None:
        _list(known)
        return
    page = known.get(name.lower().removesuffix(".md"))
    if page is None:
        near = nearest(name.lower(), known) or f" The pages are {', '.join(known)}."
        raise BadInput(f"There is no page {name!r}.{near}")
    console = Console()
    if not console.is_terminal:
        print(page.text, end="")  # noqa: T201 - what was asked for
        return
    console.width = min(console.width, WIDEST)
    os.environ.setdefault("LESS", PAGER)
    coloured = sys.platform != "win32"  # `more` shows colours as the letters that stand for them
    with console.pager(styles=coloured, links=coloured):
        console.print(_Set(page.text))


def _list(known: Mapping[str, Page]) -> None:
    console = Console()
    if not console.is_terminal:
        for page in known.values():
            print(f"{page.name}\t{page.about}")  # noqa: T201 - what was asked for
        return
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(style="cyan", no_wrap=True)
    table.add_column(ratio=1)
    for page in known.values():
        table.add_row(page.name, page.about)
    console.print(table)
    console.print("`lightbox docs PAGE` shows one.", style="dim")


def _address() -> str | None:
    """Give the folder of the pages on the web, as the package tells it."""
    try:
        told = metadata.metadata(DISTRIBUTION).get_all("Project-URL") or ()
    except metadata.PackageNotFoundError:
        return None
    found = next((match[1] for line in told if (match := _PROJECT.match(line))), None)
    return urljoin(f"{found}/", "blob/main/server/lightbox/docs/") if found else None
