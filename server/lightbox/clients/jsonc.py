"""JSON as people keep it in configuration files: with comments and trailing commas, and with a layout of their own."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias, cast

Place: TypeAlias = tuple[str, ...]

_STRING = r'"(?:[^"\\]|\\.)*"'
_COMMENT = re.compile(rf"{_STRING}|//[^\n]*|/\*.*?\*/", re.DOTALL)
_TRAILING_COMMA = re.compile(rf"{_STRING}|,(?=\s*[}}\]])")
_INDENT = re.compile(r"^([ \t]+)\S", re.MULTILINE)
_BLANK = "\ufeff \t\r\n"
_SPACE = re.compile(r"\s*")
_BLANKS = re.compile(r"[ \t\r]*")
_DECODER = json.JSONDecoder()


def parse(text: str) -> Any:
    """Read JSON with comments and trailing commas; an empty file is an empty object.

    Raises:
        ValueError: The text is not JSON; line and column are named.
    """
    return json.loads(_plain(text)) if text.strip(_BLANK) else {}


def render(document: Mapping[str, Any]) -> str:
    """Write a whole document."""
    return f"{_rendered(document, '  ', 0)}\n"


def merge(text: str, place: Place, wanted: Mapping[str, Any], forced: Mapping[str, Any]) -> str:
    """Add what is in `wanted` and not in the text, and set `forced` in the object at `place`.

    Args:
        text: The file as it is, or nothing.
        place: The keys that lead to an object of `wanted`.
        wanted: A whole document; where the text has other values, they stay.
        forced: Values that are set even where the text has others.

    Raises:
        ValueError: The text is not JSON, or something else than an object stands on the way to the place.
    """
    text = fill(text if text.strip(_BLANK) else "{\n}\n", wanted)
    present = _at(parse(text), place)
    if not isinstance(present, dict):
        raise ValueError(f"{'.'.join(place[:-1])!r} in it is not a table of servers")  # noqa: TRY004 - of the file
    for key, value in forced.items():
        if cast("dict[str, Any]", present).get(key) != value:
            text = put(text, (*place, key), value)
    return text


def put(text: str, path: Place, value: Any) -> str:
    """Set the value at `path`, whose parents are objects that exist; nothing else in the text changes."""
    plain = _plain(text)
    *parents, key = path
    container = _container(plain, tuple(parents))
    span = container.members.get(key)
    indent = _indent(text)
    rendered = _rendered(value, indent, len(path))
    if span is not None:
        return text[: span.start] + _with_newlines_of(text, rendered) + text[span.end :]
    return _insert(text, container, f"{_flat(key)}: {rendered}", depth=len(path))


def remove(text: str, path: Place) -> str:
    """Take the member at `path` out, with its comma and the lines that were its own; nothing else in the text changes.

    Of equal keys, all go.

    Raises:
        ValueError: The text is not JSON.
    """
    *parents, key = path
    while key in (_at(parse(text), tuple(parents)) or ()):
        text = _without_member(text, tuple(parents), key)
    return text


def remove_items(text: str, path: Place, ids: Collection[str]) -> str:
    """Take the objects out of the array at `path` whose `id` is one of these, likewise."""
    while True:
        items = _items(_at(parse(text), path))
        found = next((n for n, item in enumerate(items) if isinstance(item, dict) and _id(item) in ids), None)
        if found is None:
            return text
        text = _without_member(text, path, str(found))


def append(text: str, path: Place, value: Any) -> str:
    """Add `value` at the end of the array at `path`; nothing else in the text changes."""
    container = _container(_plain(text), path)
    return _insert(text, container, _rendered(value, _indent(text), len(path) + 1), depth=len(path) + 1)


def fill(text: str, wanted: Mapping[str, Any], path: Place = ()) -> str:
    """Add what is in `wanted` and not in the text. What is there stays: values win over wanted ones.

    Arrays of objects get the objects whose `id` they lack.
    """
    for key, value in wanted.items():
        place = (*path, key)
        present = _at(parse(text), path)
        if key not in present:
            text = put(text, place, value)
        elif isinstance(value, dict) and isinstance(present[key], dict):
            text = fill(text, cast("dict[str, Any]", value), place)
        elif isinstance(present[key], list):
            known = {item.get("id") for item in _objects(present[key])}
            for item in _objects(value):
                if item.get("id") not in known:
                    text = append(text, place, item)
    return text


class _Span(NamedTuple):
    """Where a member of an object or array begins, key included, and from where to where its value goes."""

    begin: int
    start: int
    end: int


class _Container(NamedTuple):
    """An object or array in a text: where its brackets are, and its members."""

    open: int
    close: int
    members: dict[str, _Span]


def _plain(text: str) -> str:
    """Blank comments, trailing commas and a byte order mark, so that every other character keeps its place."""
    return text if _is_strict(text) else _TRAILING_COMMA.sub(_blanked, _without_comments(text))


@lru_cache(maxsize=2)
def _is_strict(text: str) -> bool:
    """Tell whether nothing has to be blanked: to look through megabytes string by string takes seconds."""
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _without_comments(text: str) -> str:
    if _is_strict(text):
        return text
    return _COMMENT.sub(_blanked, text.replace("\ufeff", " ", 1) if text.startswith("\ufeff") else text)


def _blanked(match: re.Match[str]) -> str:
    found = match.group()
    return found if found.startswith('"') else re.sub(r"[^\n]", " ", found)


def _container(plain: str, path: Place) -> _Container:
    start = _skip(plain, 0)
    for key in path:
        start = _scan(plain, start).members[key].start
    return _scan(plain, start)


def _scan(plain: str, start: int) -> _Container:
    """Find the members of the object or array that opens at `start`; of equal keys, the last one counts."""
    members: dict[str, _Span] = {}
    is_object = plain[start] == "{"
    position = _skip(plain, start + 1)
    while plain[position] not in "}]":
        key, begin = str(len(members)), position
        if is_object:
            key, position = _DECODER.raw_decode(plain, position)
            position = _skip(plain, _skip(plain, position) + 1)
        _, end = _DECODER.raw_decode(plain, position)
        members[key] = _Span(begin, position, end)
        position = _skip(plain, end)
        if plain[position] == ",":
            position = _skip(plain, position + 1)
    return _Container(start, position, members)


def _skip(plain: str, position: int) -> int:
    found = _SPACE.match(plain, position)
    return found.end() if found else position


def _insert(text: str, container: _Container, entry: str, *, depth: int) -> str:
    """Put `entry` on a line of its own before the closing bracket, after comments that stand there."""
    indent = _indent(text)
    last = max((span.end for span in container.members.values()), default=None)
    content = len(text[: container.close].rstrip())
    head = text[:content]
    if last is not None and "," not in _without_comments(text)[last : container.close]:
        head = text[:last] + "," + text[last:content]
    tail = text[content:]
    if "\n" not in text[content : container.close]:
        tail = _with_newlines_of(text, "\n" + indent * (depth - 1)) + text[container.close :]
    return head + _with_newlines_of(text, "\n" + indent * depth + entry) + tail


def _without_member(text: str, parents: Place, key: str) -> str:
    container = _container(_plain(text), parents)
    span, bare = container.members[key], _without_comments(text)
    begin, end = span.begin, span.end
    behind = _skip(bare, end)
    if bare[behind] == ",":
        end = behind + 1
    elif (comma := bare.rfind(",", container.open, begin)) >= 0 and not _plain(text)[comma + 1 : begin].strip():
        text, begin, end = text[:comma] + text[comma + 1 :], begin - 1, end - 1
        begin = max(comma, len(text[:begin].rstrip(" \t")) if "\n" not in text[comma:begin] else begin)
    line_start = text.rfind("\n", 0, begin) + 1
    found = _BLANKS.match(text, end)
    line_end = found.end() if found else end
    if not text[line_start:begin].strip(_BLANK) and text[line_end : line_end + 1] in ("\n", ""):
        return text[:line_start] + text[line_end + 1 :]
    return text[:begin] + text[line_end:]


def _rendered(value: Any, indent: str, depth: int) -> str:
    """Write objects over several lines and everything flat on one."""
    inner = "\n" + indent * (depth + 1)
    outer = "\n" + indent * depth
    if isinstance(value, dict) and value:
        members = cast("dict[str, Any]", value)
        rows = [f"{_flat(key)}: {_rendered(member, indent, depth + 1)}" for key, member in members.items()]
        return "{" + inner + ("," + inner).join(rows) + outer + "}"
    if _objects(value):
        rows = [_rendered(item, indent, depth + 1) for item in cast("list[Any]", value)]
        return "[" + inner + ("," + inner).join(rows) + outer + "]"
    return _flat(value)


def _flat(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _objects(value: Any) -> list[dict[str, Any]]:
    """Give the objects of an array, and none for whatever else."""
    return [item for item in _items(value) if isinstance(item, dict)]


def _items(value: Any) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else []


def _id(item: Any) -> Any:
    return cast("dict[str, Any]", item).get("id")


def _indent(text: str) -> str:
    found = _INDENT.search(text)
    return found.group(1) if found else "  "


def _with_newlines_of(text: str, added: str) -> str:
    return added.replace("\n", "\r\n") if "\r\n" in text else added


def _at(document: Any, path: Place) -> Any:
    """Give what stands there; None where nothing does."""
    for key in path:
        document = cast("dict[str, Any]", document).get(key) if isinstance(document, dict) else None
    return document
