"""Which field of a request a strict server says that it does not know, in the words of many servers."""

from __future__ import annotations

import re

from lightbox.wire.response import Failure

_CODES = frozenset({"unknown_parameter", "unsupported_parameter", "extra_forbidden", "unrecognized_keys"})
_NAME = r"[\[({\"'`\\\s]*([A-Za-z_][\w.\[\]]*)"
_KIND = r"(?:request )?(?:field|param(?:eter)?|(?:keyword )?argument|key|property)(?:\(s\)|s\b|\b)"

# OpenAI's “Unknown parameter: 'x'”, Rust's and Go's “unknown field `x`”, Zod's “Unrecognized key(s) in object: 'x'”;
# Pydantic as it prints an error and as it lists one; JSON Schema; LiteLLM.
_WORDINGS = (
    re.compile(
        rf"\bun(?:known|recognized|supported|expected) {_KIND}(?: supplied)?(?: in \w+)?:?{_NAME}", re.IGNORECASE
    ),
    re.compile(r"([A-Za-z_][\w.\[\]-]*):?\s+extra inputs are not permitted", re.IGNORECASE),
    re.compile(r"extra_forbidden\W{1,6}loc\W{1,6}([^\])]{1,200})[\])]", re.IGNORECASE),
    re.compile(rf"additional properties are not allowed \({_NAME}", re.IGNORECASE),
    re.compile(rf"does not support parameters?:{_NAME}", re.IGNORECASE),
    # Known, and not done: of a background without quotation marks that “is not supported” it is a picture's.
    re.compile(r"['\"`](background|store)['\"`] (?:requires|is not)\b", re.IGNORECASE),
    re.compile(r"\b(background) mode (?:requires|is not)\b", re.IGNORECASE),
)
_STEP = re.compile(r"[A-Za-z_][\w-]*")

_LONGEST_SEARCHED = 2_000
"""How much of a message is searched, in characters."""


def unknown_field(failure: Failure) -> str | None:
    """Name the field that a server does not take: `store`, or `tools.action` for one of a tool; None for other faults.

    A server that names no place may mean either.
    """
    if failure.param and (failure.code or failure.type) in _CODES:
        return _place(failure.param)
    message = (failure.message or "")[:_LONGEST_SEARCHED]
    found = next((match for wording in _WORDINGS if (match := wording.search(message))), None)
    place, param = _place(found[1] if found else ""), _place(failure.param or "")
    same = place is not None and param is not None and param.rpartition(".")[2] == place.rpartition(".")[2]
    return param if same else place


def _place(told: str) -> str | None:
    """Write a place as one or two steps: between `tools` and the field stand a number, and what a checker calls it."""
    steps = [step for step in _STEP.findall(told.lower()) if step != "body"]
    if not steps:
        return None
    return steps[0] if len(steps) == 1 else f"{steps[0]}.{steps[-1]}"
