"""The schemas that clients are shown: as pydantic makes them, less what costs every conversation and tells nothing.

Input schemas keep to what OpenAI's and Anthropic's function rules and Gemini's `Schema` have in common: one type each,
no references, no null, nothing about further properties. The server's own check is stricter than what it publishes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

from pydantic import BaseModel

Schema = dict[str, Any]

_NULL = {"type": "null"}


def input_schema(model: type[BaseModel]) -> Schema:
    """Give the schema of a tool's arguments, required ones first; the tool's own text describes it.

    An argument that may be null may be left out as well, and that is all that is said of it.
    """
    schema = _published(model, _without_null, _UNTOLD_OF_ARGUMENTS)
    required = schema.get("required", [])
    properties = cast("Schema", schema.get("properties", {}))
    schema["properties"] = {
        name: properties[name] for name in sorted(properties, key=lambda each: each not in required)
    }
    return schema


def output_schema(model: type[BaseModel]) -> Schema:
    """Give the schema of structured content, in which null means that something is not known."""
    return _published(model, _with_null, _UNTOLD_OF_ANSWERS)


_UNTOLD = frozenset({"$defs", "$ref", "title", "additionalProperties"})
_UNTOLD_OF_ARGUMENTS = _UNTOLD | {"minLength", "maxLength", "pattern"}  # their descriptions say it in words
_UNTOLD_OF_ANSWERS = _UNTOLD | {"default"}  # what is answered is there


def _published(
    model: type[BaseModel], alternatives: Callable[[list[Schema]], Schema], untold: frozenset[str]
) -> Schema:
    made = model.model_json_schema()
    models: Mapping[str, Schema] = made.get("$defs", {})

    def small(schema: Schema) -> Schema:
        if reference := schema.get("$ref"):
            schema = models[str(reference).rpartition("/")[2]] | schema
        told = {key: value for key, value in schema.items() if key not in untold}
        if told.get("default", ...) is None:
            del told["default"]
        if "properties" in told:
            told["properties"] = {name: small(each) for name, each in told["properties"].items()}
        if "items" in told:
            told["items"] = small(told["items"])
            told["items"].pop("description", None)  # the list has one
        if "anyOf" in told:
            told = alternatives([small(each) for each in told.pop("anyOf")]) | told
        return told

    schema = small(made)
    schema.pop("description", None)
    return schema


def _without_null(choices: list[Schema]) -> Schema:
    [one] = [choice for choice in choices if choice != _NULL]
    return one


def _with_null(choices: list[Schema]) -> Schema:
    one = _without_null(choices)
    return one | {"type": [one["type"], "null"]}
