"""Answers as a person reads them: in a terminal with colours and in its width, in a pipe plain and one line each.

Results go to stdout; what they cost, and notes, to stderr, so that a program that reads along gets results alone.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from rich.console import Console as RichConsole
from rich.table import Table
from rich.text import Text

from lightbox.commands.picture_answer import PictureAnswer, Told, for_people

NARROW = 76
"""From how many columns on a list is a table."""
GOOD = frozenset({"ok", None})
UNITS = ((1_000_000, "MB"), (1_000, "kB"))


class Console(RichConsole):
    """A console that marks up nothing by itself, and leaves it to the command what happens when nobody reads."""

    def __init__(self, *, stderr: bool = False) -> None:
        super().__init__(stderr=stderr, highlight=False, markup=False, emoji=False)

    def on_broken_pipe(self) -> None:
        """Let it be known.

        Raises:
            BrokenPipeError: Always.
        """
        raise BrokenPipeError


def show_document(document: Any) -> None:
    """Print a JSON document."""
    print(json.dumps(document, ensure_ascii=False, indent=1))  # noqa: T201 - what was asked for


def show_hits(listed: Mapping[str, Any]) -> None:
    """Print a list of pictures: numbers as on the contact sheet, handles, sizes, titles and where they were found."""
    hits = cast("list[dict[str, Any]]", listed.get("hits") or [])
    console = Console()
    if not console.is_terminal:
        for number, hit in enumerate(hits, 1):
            print(*_columns(number, hit), sep="\t")  # noqa: T201 - what was asked for
    elif console.width >= NARROW:
        table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
        table.add_column(justify="right", style="bold")
        table.add_column(style="cyan", no_wrap=True)
        table.add_column(no_wrap=True)
        table.add_column(ratio=1, overflow="fold")
        for number, hit in enumerate(hits, 1):
            table.add_row(str(number), str(hit.get("image") or ""), _size(hit), _title(hit))
        console.print(table)
    else:
        for number, hit in enumerate(hits, 1):
            console.print(Text.assemble((f"{number} ", "bold"), (str(hit.get("image") or ""), "cyan"), " ", _size(hit)))
            console.print(_title(hit))
    if not hits:
        console.print("Nothing found.")
    if analysis := listed.get("analysis"):
        console.print(Text(f"\n{analysis}"))


def show_pictures(answer: PictureAnswer) -> None:
    """Print where pictures are; in a terminal, also what they are."""
    console = Console()
    for picture in answer.pictures:
        where = picture.output or (str(picture.path) if picture.path else picture.handle)
        if not console.is_terminal:
            print(where)  # noqa: T201 - what was asked for
            continue
        console.print(Text(where, "bold"), soft_wrap=True)  # a path that is broken over lines can't be copied
        console.print(Text.assemble((picture.handle, "cyan"), "  ", "  ".join(_facts(picture))))
        for what in ("title", "revised prompt"):
            if words := picture.about.get(what):
                console.print(Text(f"{what}: {words}", "dim"))


def show_saved(listed: Mapping[str, Any]) -> None:
    """Print where pictures were saved, a line each; what was not saved, and notes, on stderr."""
    for saved in cast("list[dict[str, Any]]", listed["saved"]):
        if where := saved.get("path") or saved.get("link"):
            print(where)  # noqa: T201 - what was asked for
        else:
            complain(f"{saved.get('image')}: {saved.get('problem') or 'it was not saved.'}")
    show_notes([f"note: {note}" for note in cast("list[Any]", listed.get("notes") or [])], None, None, None)


def show_words(text: str) -> None:
    """Print prose, or whatever an answer says that has no other form."""
    console = Console()
    console.print(Text(for_people(text)), soft_wrap=not console.is_terminal)


def show_notes(notes: Sequence[str], cost: str | None, estimate: str | None, job_id: str | None) -> None:
    """Print on stderr what the reader should know, and what it cost."""
    console = Console(stderr=True)
    for note in notes:
        console.print(Text(note), soft_wrap=not console.is_terminal)
    told = [part for part in (f"cost: {cost}" if cost else "", f"estimate {estimate}" if estimate else "") if part]
    if told:
        console.print(Text("; ".join([*told, *([job_id] if job_id else [])]), "dim"), soft_wrap=not console.is_terminal)


def show_price(estimates: Mapping[str, Any]) -> None:
    """Print on stderr what a call will cost; nothing where it is free."""
    console = Console(stderr=True)
    for total in cast("list[dict[str, str]]", estimates.get("totals") or []):
        low, expected, high = total["low"], total["expected"], total["high"]
        span = f"{_basis(estimates)}, {low} to {high}" if low != high else ""
        if Decimal(high) and not total.get("provider"):  # else it is what a service would cost that is not asked
            console.print(
                Text(f"price: {expected} {total['currency']} expected{span}", "dim"), soft_wrap=not console.is_terminal
            )
    for reason in cast("list[str]", estimates.get("unknown") or []):
        console.print(Text(f"price: unknown, {reason}", "dim"), soft_wrap=not console.is_terminal)


def _basis(estimates: Mapping[str, Any]) -> str:
    """Say of which late bills one call's expected price was learned, if it was."""
    calls = cast("list[dict[str, Any]]", estimates.get("calls") or [])
    basis = calls[0].get("basis") if len(calls) == 1 else None
    return f" (from {basis})" if basis and basis != "catalogue" else ""


def show_hit_notes(listed: Mapping[str, Any], text: str) -> None:
    """Do so for a list, whose notes stand in its structured half."""
    answer = PictureAnswer.of(text)
    notes = [f"note: {note}" for note in cast("list[Any]", listed.get("notes") or [])]
    show_notes(notes, answer.cost, answer.estimate, answer.job_id)


def complain(text: str) -> None:
    """Print on stderr what went wrong."""
    print(f"lightbox: {for_people(text)}", file=sys.stderr)  # noqa: T201 - what went wrong


def _columns(number: int, hit: Mapping[str, Any]) -> Iterator[str]:
    """Give what a line holds for programs: number, handle, size, state, title, address of the picture, page."""
    yield str(number)
    yield str(hit.get("image") or "")
    yield _size(hit)
    yield str(hit.get("state") or "")
    yield _flat(hit.get("title"))
    yield _flat(hit.get("path") or hit.get("image_url"))
    yield _flat(hit.get("page_url"))


def _flat(value: Any) -> str:
    return " ".join(str(value or "").split())


def _size(hit: Mapping[str, Any]) -> str:
    return f"{hit['width']}x{hit['height']}" if hit.get("width") and hit.get("height") else "?"


def _title(hit: Mapping[str, Any]) -> Text:
    """Give the title, which leads to the page or the file, what is wrong with the hit, and where it is from."""
    page = _flat(hit.get("page_url") or hit.get("image_url"))
    title = Text(_flat(hit.get("title")) or "untitled")
    if path := hit.get("path"):
        title.stylize(f"link {Path(path).as_uri()}")
    elif page.startswith(("http://", "https://")):
        title.stylize(f"link {page}")
    if (state := hit.get("state")) not in GOOD:
        title.append(f"  {str(state).replace('_', ' ')}", "red" if state != "unchecked" else "dim")
    for more in (_host(page), *_kept(hit)):
        title.append(f"  {more}" if more else "", "dim")
    return title


def _kept(hit: Mapping[str, Any]) -> Iterator[str]:
    """Say what is told of a picture that is kept: its collections, its day, its cost."""
    yield ", ".join(hit.get("collections") or ())
    yield str(hit.get("created_at") or "")[:10]
    if hit.get("cost") and hit.get("currency"):
        yield f"{hit['cost']} {hit['currency']}"


def _host(page: str) -> str:
    try:
        return urlsplit(page).hostname or "" if page.startswith(("http://", "https://")) else ""
    except ValueError:
        return ""


def _facts(picture: Told) -> Iterator[str]:
    if picture.size:
        yield f"{picture.size} px"
    if picture.mime_type:
        yield picture.mime_type.removeprefix("image/")
    if picture.byte_count is not None:
        yield _amount(picture.byte_count)


def _amount(count: int) -> str:
    for unit, name in UNITS:
        if count >= unit:
            return f"{count / unit:.3g} {name}"
    return f"{count} bytes"
