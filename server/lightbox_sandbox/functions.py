"""The client's own functions: which one the sandbox calls, and with what.

There is no model here, only a rule that a test can rely on: a function is called when its name or description shares
a word with what the user said, and its arguments are taken from the user's words as far as the JSON schema lets them.
Where it wants pictures, it gets those that earlier functions named.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from .dialects import Json, Rejected
from .steps import meant

_STOP_WORDS: Final = frozenset(
    re.findall(
        r"\w+",
        "a an and are at be by can for from get has have i in into is it me my of on or please that the this to "
        "use using what which who will with you your",
    )
)
_FREE_TEXT: Final = frozenset(
    {"query", "prompt", "text", "question", "input", "q", "content", "message", "description"}
)
_PICTURES: Final = re.compile(r"image|picture|photo", re.IGNORECASE)
MAX_DEPTH: Final = 8


def relevance(tool: Json, text: str) -> int:
    """Count the words that a function's name and description share with what the user said; the name's count thrice."""
    said = _words(text)
    name = _words(re.sub(r"[_\-.]", " ", str(tool.get("name", ""))))
    about = name | _words(str(tool.get("description") or ""))
    return len(about & said) + 2 * len(name & said)


def arguments_for(tool: Json, text: str, pictures: Sequence[str] = ()) -> str:
    """Give a call's arguments as a JSON string, valid for the function's schema as far as it says what it wants.

    `pictures` are the ids of those that earlier functions named.
    """
    schema = cast("Json", tool.get("parameters") or {"type": "object"})
    return json.dumps(fill(schema, text, pictures), ensure_ascii=False)


def fill(schema: Mapping[str, Any], text: str, pictures: Sequence[str] = ()) -> Any:
    """Make a value that fits a JSON schema out of a text: equal arguments give equal values.

    Raises `Rejected` (400) for a schema that is none.
    """
    try:
        return _Filler(schema, text, meant(pictures, text)).value(schema, "", 0)
    except (AttributeError, LookupError, OverflowError, TypeError, ValueError) as error:
        # A schema is any JSON: whatever breaks on the way through it is wrong in it.
        raise Rejected(f"Invalid schema: {error}.", code="invalid_function_parameters", param="tools") from error


class _Filler:
    """One pass through a schema; numbers and quotations are used up in the order in which they stand."""

    def __init__(self, root: Mapping[str, Any], text: str, pictures: Sequence[str]) -> None:
        self._root = root
        self._text = text
        self._pictures = pictures
        self._quotations = re.findall(r"[\"“「]([^\"”」]+)[\"”」]", text)
        self._addresses = re.findall(r"(?:https?://|data:)[^\s\"<>]+", text)
        self._numbers = re.findall(r"(?<![\w.])-?\d+(?:\.\d+)?", text)

    def value(self, schema: Mapping[str, Any], name: str, depth: int) -> Any:
        if depth > MAX_DEPTH:
            return None
        schema = self._resolved(schema)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self._mentioned(schema["enum"]) or schema["enum"][0]
        kind = schema.get("type", "object" if "properties" in schema else "string")
        if isinstance(kind, list):
            kinds = [one for one in cast("list[str]", kind) if one != "null"]
            kind = kinds[0] if kinds else "null"
        return self._of_kind(str(kind), schema, name, depth)

    def _of_kind(self, kind: str, schema: Mapping[str, Any], name: str, depth: int) -> Any:
        if kind == "object":
            return self._object(schema, depth)
        if kind == "array":
            items: Mapping[str, Any] = schema.get("items") or {}
            if self._pictures and _PICTURES.search(name) and self._resolved(items).get("type") == "string":
                return list(self._pictures[: int(schema.get("maxItems", len(self._pictures)))])
            return [self.value(items, name, depth + 1) for _ in range(max(1, int(schema.get("minItems", 1))))]
        if kind in {"integer", "number"}:
            return self._number(schema, whole=kind == "integer")
        if kind == "boolean":
            return schema.get("default", not re.search(r"\b(no|not|without|never)\b", self._text, re.IGNORECASE))
        return None if kind == "null" else self._string(schema, name)

    def _object(self, schema: Mapping[str, Any], depth: int) -> Json:
        properties: Mapping[str, Any] = schema.get("properties") or {}
        required: Sequence[str] = schema.get("required") or ()
        return {
            name: self.value(kind, name, depth + 1)
            for name, kind in properties.items()
            if name in required or self._has_evidence(kind)
        }

    def _has_evidence(self, schema: Mapping[str, Any]) -> bool:
        """Tell whether the user said anything about an optional property."""
        schema = self._resolved(schema)
        if "enum" in schema:
            return self._mentioned(schema["enum"]) is not None
        return schema.get("type") in {"integer", "number"} and bool(self._numbers)

    def _number(self, schema: Mapping[str, Any], *, whole: bool) -> float:
        value = float(self._numbers.pop(0)) if self._numbers else float(schema.get("default", schema.get("minimum", 1)))
        value = max(value, float(schema.get("minimum", value)))
        value = min(value, float(schema.get("maximum", value)))
        return int(value) if whole else value

    def _string(self, schema: Mapping[str, Any], name: str) -> str:
        if schema.get("format") in {"date", "date-time"}:
            date = re.search(r"\d{4}-\d{2}-\d{2}", self._text)
            day = date.group() if date else "2026-01-01"
            return day if schema["format"] == "date" else f"{day}T00:00:00Z"
        text = self._words_for(name) or str(schema.get("default", self._text))
        return text[: int(schema.get("maxLength", 4_000))].ljust(int(schema.get("minLength", 0)), ".")

    def _words_for(self, name: str) -> str:
        if self._addresses and re.search(r"url|uri|link|image|picture|src", name, re.IGNORECASE):
            return self._addresses.pop(0)
        if self._pictures and _PICTURES.search(name):
            return self._pictures[0]
        if self._quotations:
            return self._quotations.pop(0)
        if name.lower() not in _FREE_TEXT and (place := re.search(r"\b(?:in|at|near|to)\s+([A-Z]\w+)", self._text)):
            return place.group(1)
        return ""

    def _mentioned(self, values: Sequence[Any]) -> Any:
        lowered = self._text.lower()
        return next((value for value in values if isinstance(value, str) and value.lower() in lowered), None)

    def _resolved(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """Follow `$ref`, and take the first choice of a union that isn't null."""
        for _ in range(MAX_DEPTH):
            if isinstance(reference := schema.get("$ref"), str):
                target: Any = self._root
                for part in reference.removeprefix("#/").split("/"):
                    target = target.get(part, {}) if isinstance(target, dict) else {}  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType] - a schema is any JSON
                schema = cast("Json", target)
                continue
            choices = cast("list[Json]", schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf") or [])
            choices = [choice for choice in choices if choice.get("type") != "null"]
            if not choices:
                break
            schema = choices[0]
        return schema


def _words(text: str) -> set[str]:
    return {word for word in re.findall(r"\w+", text.lower()) if word not in _STOP_WORDS}
