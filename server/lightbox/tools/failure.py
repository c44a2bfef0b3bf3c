"""The one place that turns an error into a tool's answer."""

from __future__ import annotations

import re
from typing import Any

from mcp.types import CallToolResult, TextContent
from pydantic import ValidationError

from lightbox.errors import LightboxError, OverBudget
from lightbox.untrusted import plain_lines

SHOWN = 80
"""How many characters of a wrong value are repeated."""
KEPT = 160
"""How many characters of an endless word are shown."""
REFUSED = "lightbox/refused"
"""Marks, in an answer's `_meta`, a call that was not made because of its price: for programs, which read no prose."""
MOST_LETTERS = 12_000
"""The most characters of an error: two dozen pictures may each have theirs."""

_ENDLESS = re.compile(r"\S{400,}")


def failure(text: str) -> CallToolResult:
    """Give an error result; structured content is left out, for some clients would show it instead of the text.

    Addresses and names that would fill pages are cut in the middle: the fix stands at the end. What a service or a
    page said is cleaned once more: it may come from a journal that another version wrote.
    """
    shown = _ENDLESS.sub(lambda match: f"{match[0][:KEPT]}…{match[0][-KEPT // 4 :]}", plain_lines(text))
    if len(shown) > MOST_LETTERS:
        shown = f"{shown[: MOST_LETTERS - 1]}…"
    return CallToolResult(content=[TextContent(type="text", text=shown)], is_error=True)


def failed(tool: str, error: LightboxError) -> CallToolResult:
    """Turn a foreseen error into the answer of the tool that met it."""
    answer = failure(f"{tool}: {error}")
    if isinstance(error, OverBudget):
        answer.meta = {REFUSED: True}
    return answer


def refused(result: CallToolResult) -> bool:
    """Tell whether a call was not made because of its price."""
    return bool((result.meta or {}).get(REFUSED))


def explain(tool: str, error: ValidationError, known: list[str]) -> str:
    """Say which argument is wrong, what it was, and what is right."""
    lines = [_line(dict(row), known) for row in error.errors(include_url=False, include_context=False)]
    return f"{tool}: nothing was sent.\n" + "\n".join(dict.fromkeys(lines))


def _line(row: dict[str, Any], known: list[str]) -> str:
    name = ".".join(str(part) for part in row["loc"]) or "arguments"
    match row["type"]:
        case "missing":
            return f"{name} is missing."
        case "extra_forbidden":
            return f"{name} is not an argument of this tool; it takes {', '.join(known)}."
        case _:
            return f"{name} {_shown(row['input'])}: {row['msg']}."


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
