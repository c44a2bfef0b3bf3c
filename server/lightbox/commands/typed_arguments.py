"""A tool's arguments as a person types them: `key=value`, each value read as the tool's schema says."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any, TypeAlias

from mcp.types import Tool

from lightbox.errors import BadInput

Schema: TypeAlias = Mapping[str, Any]

SHOWN = 80
"""How many characters of a wrong value are repeated."""

_VALUES = {
    "string": "text",
    "boolean": "true or false",
    "array": "values with commas between them, or a JSON list",
}
_OBJECT = """a JSON object, as in '{"prompt": "a red fox"}'"""
_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
_PARTS = re.compile(r"\s*((?:data:[^,]*,)?[^,]*)(?:,|$)")
"""One part between commas; the comma within a data URI is its own."""


def read_arguments(tool: Tool, typed: Sequence[str]) -> dict[str, Any]:
    """Read `key=value` texts into a call's arguments, e.g. `images=a,b` into `{"images": ["a", "b"]}`.

    What is missing or too long is left to the server, which explains it.

    Raises:
        BadInput: An argument that the tool does not have, or a value that is not of its type; the text says which.
    """
    schemas: Mapping[str, Schema] = tool.input_schema.get("properties", {})
    arguments: dict[str, Any] = {}
    for text in typed:
        name, equals, value = text.partition("=")
        if not equals:
            raise BadInput(f"{text!r}: write key=value, as in query='a red fox'.")
        if name not in schemas:
            meant = nearest(name, schemas)
            raise BadInput(f"{tool.name} has no argument {name!r}. It takes {', '.join(schemas)}.{meant}")
        if name in arguments:
            raise BadInput(f"{name} is given twice: write it once; of a list, all values behind one {name}=.")
        schema = schemas[name]
        try:
            arguments[name] = _read(schema, value)
        except (ValueError, RecursionError):
            shown = repr(value if len(value) <= SHOWN else f"{value[:SHOWN]}…")
            raise BadInput(f"{name} {shown}: write {value_of(schema)}.") from None
    return arguments


def nearest(name: str, known: Mapping[str, Any]) -> str:
    """Ask whether a name is meant that is like it; nothing where none is."""
    near = get_close_matches(name, list(known), n=1)
    return f" Did you mean {near[0]}?" if near else ""


def _read(schema: Schema, text: str) -> Any:
    """Read a value.

    Raises:
        ValueError: It does not fit.
    """
    if "enum" in schema:
        return _one_of(schema["enum"], text)
    match schema.get("type"):
        case "string":
            return text
        case "boolean":
            return _one_of(("true", "false"), text.strip().lower()) == "true"
        case "integer" | "number" as kind:
            return _bounded(schema, _number(text.strip(), whole=kind == "integer"))
        case "array" if not text.lstrip().startswith("["):
            return [_read(schema.get("items", {}), part) for part in _parts(text)]
        case kind:
            return _json(text, list if kind == "array" else dict)


def _one_of(values: Sequence[str], text: str) -> str:
    if text not in values:
        raise ValueError(text)
    return text


def _json(text: str, kind: type) -> Any:
    value = json.loads(text)
    if not isinstance(value, kind):
        raise ValueError(text)  # noqa: TRY004 - what was typed does not fit; its type is text
    return value


def _number(text: str, *, whole: bool) -> float:
    if _WHOLE.fullmatch(text):
        return int(text)
    if whole or not math.isfinite(float(text)):
        raise ValueError(text)
    return float(text)


def _bounded(schema: Schema, number: float) -> float:
    if not schema.get("minimum", -math.inf) <= number <= schema.get("maximum", math.inf):
        raise ValueError(number)
    return number


def _parts(text: str) -> list[str]:
    return [part.strip() for part in _PARTS.findall(text) if part.strip()]


def value_of(schema: Schema) -> str:
    """Say what a value has to be, e.g. `a whole number from 1 to 100`."""
    if values := schema.get("enum"):
        *others, last = values
        return f"{', '.join(others)} or {last}" if others else last
    kind = schema.get("type")
    if kind in {"integer", "number"}:
        return f"a{' whole' if kind == 'integer' else ''} number{_bounds(schema)}"
    return _VALUES.get(str(kind), _OBJECT)


def _bounds(schema: Schema) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None:
        return f" from {low} to {high}"
    if low is not None:
        return f" of at least {low}"
    return "" if high is None else f" of at most {high}"
