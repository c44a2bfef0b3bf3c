"""YAML whose comments and layout stay: one entry of one mapping is added, brought up to date or taken out.

PyYAML says where each part of a text stands; only the text there is changed.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Mapping
from typing import Any

import yaml
from yaml.nodes import CollectionNode, MappingNode, Node, ScalarNode, SequenceNode

Place = tuple[str, ...]


def parse(text: str) -> Any:
    """Read YAML; an empty file is an empty mapping.

    Raises:
        ValueError: The text is not YAML; the line is named.
    """
    try:
        document = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError) as error:
        raise _wrong(error) from None
    return {} if document is None else document


def render(document: Mapping[str, Any]) -> str:
    """Write a whole document."""
    return yaml.safe_dump(dict(document), sort_keys=False, allow_unicode=True, width=1_000)


def merge(text: str, place: Place, wanted: Mapping[str, Any], forced: Mapping[str, Any]) -> str:
    """Add the entry at `place` to the text; where the text has it, set `forced` and add the keys that it lacks.

    Args:
        text: The file as it is.
        place: Two keys: the mapping's at the top of the file, and the entry's in it.
        wanted: A whole document that has the entry.
        forced: Values that are set even where the entry has others.

    Raises:
        ValueError: The text is not YAML, or no mapping.
    """
    if "\r\n" in text:
        return merge(text.replace("\r\n", "\n"), place, wanted, forced).replace("\n", "\r\n")
    parse(text)
    outer, inner = place
    entry = wanted[outer][inner]
    root = _compose(text)
    if root is None:
        return _ended(text) + render(wanted)
    if (section := _member(root, outer)) is None:
        if root.flow_style:
            raise ValueError("it is written on one line, in braces")
        return _ended(text) + render(wanted)
    own = _member(section[1], inner) if isinstance(section[1], MappingNode) else None
    if own is None:
        return _inserted(text, section, {inner: entry})
    for key, value in entry.items():
        text = _updated(text, place, key, value, force=key in forced)
    return text


def remove(text: str, place: Place) -> str:
    """Take the entry at `place` out, with the lines that were its own.

    Raises:
        ValueError: The text is not YAML, or the entry stands on a line with others.
    """
    if "\r\n" in text:
        return remove(text.replace("\r\n", "\n"), place).replace("\n", "\r\n")
    root = _compose(text)
    section = _member(root, place[0]) if root else None
    own = _member(section[1], place[1]) if section and isinstance(section[1], MappingNode) else None
    if section is None or own is None:
        return text
    if section[1].flow_style:
        raise ValueError(f"{place[0]!r} is written on one line, in braces")
    start = text.rfind("\n", 0, own[0].start_mark.index) + 1
    rest = text[:start] + text[_line_end(text, _end(own[1])) :]
    if len(section[1].value) == 1:  # a key without a value is nothing, not an empty mapping
        end = section[0].end_mark.index
        colon = rest.index(":", end) + 1
        rest = f"{rest[:colon]} {{}}{rest[colon:]}"
    return rest


Member = tuple[Node, Any]
"""A key and its value, as PyYAML has them."""


def _compose(text: str) -> MappingNode | None:
    """Give the mapping at the top of the text; None where it is empty.

    Raises:
        ValueError: It is none.
    """
    try:
        root: Node | None = yaml.SafeLoader(text).get_single_node()
    except (yaml.YAMLError, RecursionError) as error:
        raise _wrong(error) from None
    if root is None or isinstance(root, MappingNode):
        return root
    raise ValueError("it is not a mapping")


def _wrong(error: Exception) -> ValueError:
    """Say what is wrong and where; PyYAML's own words repeat the line, in which a key may stand."""
    if isinstance(error, RecursionError):
        return ValueError("it is nested too deeply")
    mark = error.problem_mark if isinstance(error, yaml.MarkedYAMLError) else None
    line = f" in line {mark.line + 1}, column {mark.column + 1}" if mark else ""
    return ValueError(f"it is not YAML{line}")


def _member(node: MappingNode, name: str) -> Member | None:
    for key, value in node.value:
        if isinstance(key, ScalarNode) and key.value == name:
            return key, value
    return None


def _updated(text: str, place: Place, key: str, value: Any, *, force: bool) -> str:
    """Set one key of the entry where that is wanted, or add it."""
    root = _compose(text)
    section = _member(root, place[0]) if root else None
    own = _member(section[1], place[1]) if section else None
    if own is None or not isinstance(own[1], MappingNode):
        raise ValueError(f"{place[1]!r} in it is not a mapping")
    found = _member(own[1], key)
    if found is None:
        return _inserted(text, own, {key: value})
    if not force or parse(text)[place[0]][place[1]].get(key) == value:
        return text
    begin, end = found[0].end_mark.index, _end(found[1])
    colon = text.index(":", begin) + 1
    # Whatever stands between, a comment behind the colon, stays where it can.
    between = text[colon : found[1].start_mark.index]
    return f"{text[:colon]}{between if '#' in between else ' '}{json.dumps(value)}{text[end:]}"


def _inserted(text: str, parent: Member, entry: Mapping[str, Any]) -> str:
    """Put an entry first into a mapping: what follows keeps its comments above it."""
    key, node = parent
    if isinstance(node, MappingNode) and node.flow_style and node.value:
        begin = node.start_mark.index + 1
        flat = json.dumps(dict(entry))[1:-1]
        return f"{text[:begin]}{flat}, {text[begin:]}"
    if isinstance(node, MappingNode) and not node.flow_style:
        column = node.value[0][0].start_mark.column
    elif isinstance(node, MappingNode) or node.tag == "tag:yaml.org,2002:null":
        column = key.start_mark.column + 2
        text = text[: node.start_mark.index].rstrip(" ") + text[node.end_mark.index :]  # `{}`, `null` or nothing
    else:
        raise ValueError(f"{key.value!r} in it is not a mapping")
    lines = textwrap.indent(render(entry), " " * column)
    place = _line_end(text, key.end_mark.index)
    return _ended(text[:place]) + lines + text[place:]


def _end(node: Node) -> int:
    """Say where a value ends: PyYAML has the end of one over several lines where the next thing begins."""
    if isinstance(node, CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _end(last if isinstance(node, SequenceNode) else last[1])
    return node.end_mark.index


def _line_end(text: str, index: int) -> int:
    found = text.find("\n", index)
    return len(text) if found < 0 else found + 1


def _ended(text: str) -> str:
    return text if not text or text.endswith("\n") else f"{text}\n"
