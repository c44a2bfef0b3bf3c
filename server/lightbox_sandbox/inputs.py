"""The items that a client sends in, in the one form that the service keeps them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, cast

from .dialects import Json, Rejected
from .items import new_id, output_text

ROLES: Final = frozenset({"user", "assistant", "system", "developer"})
PARTS: Final = frozenset({"input_text", "input_image", "input_file", "output_text", "refusal", "text", "image_url"})
PREFIXES: Final = {
    "message": "msg",
    "function_call": "fc",
    "function_call_output": "fco",
    "image_generation_call": "ig",
    "web_search_call": "ws",
    "reasoning": "rs",
    "compaction": "cmp",
}


def read_items(given: str | Sequence[Json] | None) -> list[Json]:
    """Bring a request's `input` into full items with ids. Raises `Rejected` (400) naming the place."""
    if given is None:
        return []
    if isinstance(given, str):
        return [_message({"role": "user", "content": given}, "input")]
    return [_item(item, f"input[{index}]") for index, item in enumerate(given)]


def check_outputs(items: Sequence[Json]) -> None:
    """Raise `Rejected` (400) for a function's output that answers no call."""
    called = {str(item.get("call_id")) for item in items if item["type"] == "function_call"}
    for item in items:
        if item["type"] == "function_call_output" and str(item.get("call_id")) not in called:
            raise Rejected(
                f"No tool call found for function call output with call_id {item.get('call_id')}.", param="input"
            )


def refuse_lists(items: Sequence[Json]) -> None:
    """Raise `Rejected` (400) for a function's output that is a list, in LM Studio's words."""
    if any(item["type"] == "function_call_output" and not isinstance(item.get("output"), str) for item in items):
        raise Rejected("Invalid type for 'input'.", code="invalid_union", param="input")


def text_of(item: Json) -> str:
    """Give everything worded in an item."""
    content: object = item.get("content", item.get("output", ""))
    if isinstance(content, str):
        return content
    parts = _objects(content)
    return "\n".join(str(part["text"]) for part in parts if part.get("text"))


def image_parts(item: Json) -> list[Json]:
    """Give the pictures in a message or a function's output."""
    content: object = item.get("content", item.get("output"))
    return [part for part in _objects(content) if part.get("type") == "input_image"]


def _item(item: Json, place: str) -> Json:
    kind = str(item.get("type") or ("message" if "role" in item else "item_reference" if "id" in item else ""))
    if not kind:
        raise Rejected(f"Invalid value for '{place}': an item needs a type.", code="invalid_value", param=place)
    if kind == "message":
        return _message(item, place)
    if kind == "function_call_output":
        item = item | {"output": _output(item.get("output", ""), place)}
    if kind == "function_call" and not isinstance(item.get("arguments"), str):
        raise Rejected(
            f"Missing required parameter: '{place}.arguments'.",
            code="missing_required_parameter",
            param=f"{place}.arguments",
        )
    defaults = {"id": new_id(PREFIXES.get(kind, "item")), "status": "completed"} if kind != "item_reference" else {}
    return defaults | {name: value for name, value in item.items() if value is not None} | {"type": kind}


def _message(item: Json, place: str) -> Json:
    role = str(item.get("role", ""))
    if role not in ROLES:
        raise Rejected(
            f"Invalid value: '{role}'. Supported values are: 'assistant', 'system', 'developer', and 'user'.",
            code="invalid_value",
            param=f"{place}.role",
        )
    content = item.get("content", "")
    parts = [_text(content, role)] if isinstance(content, str) else _parts(content, role, place)
    return {
        "id": item.get("id") or new_id("msg"),
        "type": "message",
        "status": item.get("status") or "completed",
        "role": role,
        "content": parts,
    }


def _output(output: object, place: str) -> object:
    return output if isinstance(output, str) else _parts(output, "user", place)


def _parts(content: object, role: str, place: str) -> list[Json]:
    if not isinstance(content, list):
        raise Rejected(f"Invalid type for '{place}.content'.", code="invalid_type", param=f"{place}.content")
    return [_part(part, role, f"{place}.content[{n}]") for n, part in enumerate(cast("list[Any]", content))]


def _part(part: object, role: str, place: str) -> Json:
    given = cast("Json", part) if isinstance(part, dict) else {}
    kind = str(given.get("type", ""))
    if kind not in PARTS:
        raise Rejected(
            f"Invalid value: '{kind}'. Supported values are: 'input_text', 'input_image', 'output_text', "
            "'refusal' and 'input_file'.",
            code="invalid_value",
            param=f"{place}.type",
        )
    if kind == "input_image":
        return _image(given, place)
    if kind in {"input_text", "text"}:
        return _text(str(given.get("text", "")), role)
    if kind == "output_text":
        return {"annotations": list[Json]()} | given
    return given


def _image(part: Json, place: str) -> Json:
    if bool(part.get("image_url")) == bool(part.get("file_id")):
        raise Rejected(f"'{place}' must have either an 'image_url' or a 'file_id'.", code="invalid_value", param=place)
    detail = str(part.get("detail") or "auto")
    if detail not in {"low", "high", "auto", "original"}:
        raise Rejected(
            f"Invalid value: '{detail}'. Supported values are: 'low', 'high', 'auto', and 'original'.",
            code="invalid_value",
            param=f"{place}.detail",
        )
    return {name: value for name, value in part.items() if value is not None} | {"detail": detail}


def _text(text: str, role: str) -> Json:
    return output_text(text) if role == "assistant" else {"type": "input_text", "text": text}


def _objects(value: object) -> list[Json]:
    if not isinstance(value, list):
        return []
    return [cast("Json", part) for part in cast("list[Any]", value) if isinstance(part, dict)]
