"""The items of a response's output, each as its service sends it."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence

from .dialects import Json


def new_id(prefix: str) -> str:
    """Make an id such as `msg_0f3a…`."""
    return f"{prefix}_{secrets.token_hex(20)}"


def reasoning(item_id: str, summary: str | None) -> Json:
    """Say what the model thought about, if anything."""
    parts = [{"type": "summary_text", "text": summary}] if summary else []
    return {"id": item_id, "type": "reasoning", "summary": parts}


def output_text(text: str, annotations: Sequence[Json] = ()) -> Json:
    """Give the one part of a message."""
    return {"type": "output_text", "text": text, "annotations": list(annotations)}


def message(item_id: str, status: str, parts: Sequence[Json]) -> Json:
    """Say something to the user."""
    return {"id": item_id, "type": "message", "role": "assistant", "status": status, "content": list(parts)}


def function_call(item_id: str, call_id: str, name: str, arguments: str, status: str) -> Json:
    """Ask the client to call its function."""
    return {
        "id": item_id,
        "type": "function_call",
        "status": status,
        "call_id": call_id,
        "name": name,
        "arguments": arguments,
    }


def web_search_call(item_id: str, query: str, status: str) -> Json:
    """Search the web, as OpenAI reports it."""
    return {
        "id": item_id,
        "type": "web_search_call",
        "status": status,
        "action": {"type": "search", "query": query, "queries": [query]},
    }


def image_call(item_id: str, status: str) -> Json:
    """Begin to make a picture."""
    return {"id": item_id, "type": "image_generation_call", "status": status, "result": None}


def dashscope_call(item_id: str, name: str, arguments: Json) -> Json:
    """Begin one of DashScope's image searches; the arguments travel as a JSON string."""
    return {
        "name": name,
        "arguments": json.dumps(arguments, ensure_ascii=False),
        "id": item_id,
        "type": f"{name}_call",
        "status": "in_progress",
    }


def dashscope_output(call: Json, rows: Sequence[Json]) -> Json:
    """Finish one of DashScope's image searches; the hits travel as a JSON string too."""
    return call | {"status": "completed", "output": json.dumps(list(rows), ensure_ascii=False)}
