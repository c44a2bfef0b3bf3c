"""TOML whose comments and layout stay: one table of it is added or brought up to date."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

_LINE = re.compile(r"[^\n]*\n|[^\n]+")


def fill(text: str, table: tuple[str, ...], template: str, forced: Mapping[str, Any]) -> str:
    """Add `template`'s `table` to the text; where the text has the table, set `forced` and add the keys that it lacks.

    Args:
        text: The file as it is.
        table: The table's name in parts, e.g. `("mcp_servers", "lightbox")`.
        template: TOML that begins with the table's header.
        forced: Values that are set even where the table has others.

    Raises:
        ValueError: The text, or what would come of it, is not TOML (a table written inline can't be added to).
    """
    statements = list(_statements(text))
    header = next((i for i, statement in enumerate(statements) if _is_header(statement, table)), None)
    if header is None:
        changed = f"{text.rstrip()}\n\n{template}" if text.strip() else template
    else:
        stop = _end_of_body(statements, header)
        body = _filled(statements[header + 1 : stop], template, forced)
        changed = "".join([*statements[: header + 1], *body, *statements[stop:]])
    if "\r\n" in text:
        changed = changed.replace("\r\n", "\n").replace("\n", "\r\n")
    tomllib.loads(changed)
    return changed


def _filled(body: list[str], template: str, forced: Mapping[str, Any]) -> list[str]:
    """Replace the statements of forced keys that differ, and add the template's for keys that are missing."""
    body = [_forced(statement, forced) for statement in body]
    present = {key for statement in body for key in tomllib.loads(statement)}
    missing = [
        statement if statement.endswith("\n") else statement + "\n"
        for statement in list(_statements(template))[1:]
        if not present.issuperset(tomllib.loads(statement))
    ]
    last = max((i + 1 for i, statement in enumerate(body) if tomllib.loads(statement)), default=0)
    if body and not body[-1].endswith("\n"):
        body[-1] += "\n"
    return [*body[:last], *missing, *body[last:]]


def _forced(statement: str, forced: Mapping[str, Any]) -> str:
    parsed = tomllib.loads(statement)
    for key, value in forced.items():
        if key in parsed and parsed[key] != value:
            return f"{key} = {literal(value)}\n"
    return statement


def literal(value: Any) -> str:
    """Write a string, number, truth value or a list of them as TOML, whose strings are escaped as JSON's are."""
    return json.dumps(value, ensure_ascii=False)


def _statements(text: str) -> Iterator[str]:
    """Cut a text into statements: the shortest runs of whole lines that are TOML by themselves."""
    run = ""
    for line in _LINE.findall(text):
        run += line
        try:
            tomllib.loads(run)
        except tomllib.TOMLDecodeError:
            continue
        yield run
        run = ""
    if run:
        tomllib.loads(text)  # says where the text is wrong
        yield run


def _is_header(statement: str, table: tuple[str, ...]) -> bool:
    if not _opens_table(statement):
        return False
    document = tomllib.loads(statement)
    for part in table:
        if not isinstance(document, dict) or list(document) != [part]:
            return False
        document = document[part]
    return document == {}


def _end_of_body(statements: list[str], header: int) -> int:
    """Give the index where the next table begins, comments and blank lines above it counted as the next table's."""
    stop = next((i for i in range(header + 1, len(statements)) if _opens_table(statements[i])), len(statements))
    while stop < len(statements) and stop > header + 1 and not tomllib.loads(statements[stop - 1]):
        stop -= 1
    return stop


def _opens_table(statement: str) -> bool:
    return statement.lstrip().startswith("[")
