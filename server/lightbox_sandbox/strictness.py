"""Servers that refuse what others overlook: fields that they do not know, and Azure's header where it is missing."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, Final, cast

from starlette.responses import JSONResponse, Response

from .delivery import HEADERS
from .dialects import Json, Rejected, tool_type
from .faults import Strictness

IMAGE_DEPLOYMENT: Final = "x-ms-oai-image-generation-deployment"

_WRONG, _UNPROCESSABLE = 400, 422


def unknown_field(body: Json, unknown: Collection[str]) -> tuple[str | int, ...] | None:
    """Give the place of the first field of a request that is not known; None where there is none."""
    for name in body:
        if name in unknown:
            return (name,)
    for number, tool in enumerate(_tools(body)):
        for name in tool:
            if name in unknown:
                return ("tools", number, name)
    return None


def refusal_of(place: tuple[str | int, ...], strictness: Strictness) -> Response:
    """Refuse a field, in the words of one kind of server."""
    status = _UNPROCESSABLE if strictness == "pydantic" else _WRONG
    return JSONResponse(_WORDS[strictness](place), status_code=status, headers=HEADERS)


def asks_for_picture(body: Json) -> bool:
    """Tell whether a request has the tool that makes pictures."""
    return any(tool_type(tool) == "image_generation" for tool in _tools(body))


def without_deployment(*, named: bool) -> Rejected:
    """Give Azure's error for a picture of which it is not told which deployment makes it: in either of its words."""
    if named:
        return Rejected(
            f"imagegen deployment must be provided through header: {IMAGE_DEPLOYMENT}",
            code="invalid_request_error",
            param="tools",
            kind="image_generation_user_error",
        )
    return Rejected("There was an issue with your request. Please check your inputs and try again")


def _tools(body: Json) -> list[Json]:
    tools: object = body.get("tools")
    return [cast("Json", tool) for tool in cast("list[Any]", tools) if isinstance(tool, dict)] if tools else []


def _openai(place: tuple[str | int, ...]) -> Json:
    """OpenAI's own: the place in words and as `param`."""
    param = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place).removeprefix(".")
    told = {"message": f"Unknown parameter: '{param}'.", "type": "invalid_request_error", "param": param}
    return {"error": told | {"code": "unknown_parameter"}}


def _serde(place: tuple[str | int, ...]) -> Json:
    """Rust's `deny_unknown_fields`: the name alone."""
    message = f"Failed to deserialize the JSON body: unknown field `{place[-1]}`, expected one of `model`, `input`"
    return {"error": {"type": "Bad Request", "code": "json_error", "message": f"{message} at line 1 column 9"}}


def _go(place: tuple[str | int, ...]) -> Json:
    """Go's `DisallowUnknownFields`."""
    return {"error": f'json: unknown field "{place[-1]}"'}


def _zod(place: tuple[str | int, ...]) -> Json:
    """What servers in TypeScript say by Zod."""
    return {"error": {"code": 400, "message": f"Unrecognized key(s) in object: '{place[-1]}'"}}


def _pydantic(place: tuple[str | int, ...]) -> Json:
    """FastAPI's answer where a model forbids extra fields."""
    row = {"type": "extra_forbidden", "loc": ["body", *place], "msg": "Extra inputs are not permitted", "input": True}
    return {"detail": [row]}


def _printed(place: tuple[str | int, ...]) -> Json:
    """The same, as servers print it into a message."""
    row = {"type": "extra_forbidden", "loc": ("body", *place), "msg": "Extra inputs are not permitted", "input": True}
    return {"error": {"message": f"[{row}]", "type": "Bad Request", "param": None, "code": 400}}


_WORDS: Final[dict[Strictness, Callable[[tuple[str | int, ...]], Json]]] = {
    "openai": _openai,
    "serde": _serde,
    "go": _go,
    "zod": _zod,
    "pydantic": _pydantic,
    "printed": _printed,
}
