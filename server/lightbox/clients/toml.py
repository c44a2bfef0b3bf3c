"""TOML whose comments and layout stay: one table of it is added or brought up to date."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any

import tomlkit
from tomlkit.items import AoT, Table

Place = tuple[str, ...]

parse = tomllib.loads
"""Read TOML; ValueError says where it is not."""


def render(document: Mapping[str, Any]) -> str:
    """Write a whole document."""
    return tomlkit.dumps(document)


def merge(text: str, place: Place, wanted: Mapping[str, Any], forced: Mapping[str, Any]) -> str:
    """Add the table at `place` to the text; where the text has it, set `forced` and add the keys that it lacks.

    Args:
        text: The file as it is.
        place: The table's name in parts, e.g. `("mcp_servers", "lightbox")`.
        wanted: A whole document that has the table.
        forced: Values that are set even where the table has others.

    Raises:
        ValueError: The text, or what would come of it, is not TOML (`servers = {}` can't be added to).
    """
    document = tomlkit.parse(text)
    if document.as_string() != text:  # it gathers the tables of an array, which may stand apart
        raise ValueError("its [[tables]] of one name do not follow each other")
    table = _at(document, place)
    if table is None or (isinstance(table, Table) and table.is_super_table()):
        changed = f"{text.rstrip()}\n\n{render(wanted)}" if text.strip() else render(wanted)
    else:
        _update(table, _at(wanted, place), forced)
        changed = document.as_string()
    if "\r\n" in text:
        changed = changed.replace("\r\n", "\n").replace("\n", "\r\n")
    parse(changed)
    return changed


def remove(text: str, place: Place) -> str:
    """Take the table at `place` out, and tables within it; comments before the next one belong to that, and stay.

    Raises:
        ValueError: The text is not TOML.
    """
    document = tomlkit.parse(text)
    *parents, name = place
    if _at(document, place) is None:
        return text
    del _at(document, tuple(parents))[name]
    rest = document.as_string()
    head = text.rfind("\n", 0, _alike(text, rest)) + 1
    tail = _alike(text[head:][::-1], rest[head:][::-1])
    gone = text[head : len(text) - tail].splitlines(keepends=True)
    kept: list[str] = []
    while gone and (not gone[-1].strip() or gone[-1].lstrip().startswith("#")):
        kept.insert(0, gone.pop())
    return f"{rest[:head]}{''.join(kept)}{rest[head:]}".lstrip("\r\n")


def _alike(one: str, other: str) -> int:
    """Count the characters with which two texts begin alike."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((index for index, (a, b) in pairs if a != b), min(len(one), len(other)))


def _at(document: Any, place: Place) -> Any:
    """Give what stands there, if anything does."""
    for part in place:
        if part not in document:
            return None
        document = document[part]
    return document


def _update(table: Any, wanted: Mapping[str, Any], forced: Mapping[str, Any]) -> None:
    for key, value in forced.items():
        if key in table and table[key] != value:
            table[key] = value
    missing = {key: value for key, value in wanted.items() if key not in table}
    if isinstance(table, Table):
        _add_lines(table, missing)
    else:
        table.update(missing)


def _add_lines(table: Table, missing: Mapping[str, Any]) -> None:
    """Put the lines behind the last key, before comments: those mostly stand above the next table and belong to it.

    tomlkit would put them behind the comments, hence what ends the last key's line is made longer.
    """
    lines = tomlkit.document()
    for key, value in missing.items():
        lines.append(key, value)
    own = [item for key, item in table.value.body if key is not None and not isinstance(item, (Table, AoT))]
    last = own[-1] if own else table
    last.trivia.trail = (last.trivia.trail or "\n") + lines.as_string()
