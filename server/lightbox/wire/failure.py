"""What a service says went wrong, in any of the shapes in which it says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lightbox.wire.fields import mapping, sequence, string


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A fault as the service told it. What it did not tell is None.

    Attributes:
        http_status: The status of the HTTP answer; None where the fault came in the body of a good one.
        type: OpenAI's class of fault, e.g. `image_generation_user_error`.
        code: The service's code, e.g. `InvalidApiKey`, `moderation_blocked`.
        message: Its text, as it came: cut and clean it before anyone reads it.
        param: The field of the request that it is about.
        moderation_stage: Whether the `input` or the `output` was refused.
        moderation_categories: What it was refused for.
        retry_after: Seconds after which the service wants to be asked again.
    """

    http_status: int | None = None
    type: str | None = None
    code: str | None = None
    message: str | None = None
    param: str | None = None
    moderation_stage: str | None = None
    moderation_categories: tuple[str, ...] = ()
    retry_after: float | None = None


def read_failure(body: object, *, http_status: int | None = None, retry_after: float | None = None) -> Failure:
    """Read a fault from an error body, an `error` event, or the `error` of a response or an item.

    OpenAI nests it (`{"error": {"code", "message", …}}`), DashScope mostly does not (`{"code", "message"}`), and
    servers in between say `{"error": "…"}` or `{"detail": "…"}`.
    """
    outer = mapping(body)
    inner = mapping(outer.get("error"))
    row = inner or outer
    moderation = mapping(row.get("moderation_details"))
    return Failure(
        http_status=http_status,
        # An event's own type is `error`, a failed response's nothing: neither classifies the fault.
        type=string(inner.get("type")) or (string(outer.get("type")) if outer.get("type") != "error" else None),
        code=_code(row.get("code")),
        message=string(row.get("message")) or string(outer.get("error")) or string(outer.get("detail")),
        param=string(row.get("param")),
        moderation_stage=string(moderation.get("moderation_stage")),
        moderation_categories=tuple(c for entry in sequence(moderation.get("categories")) if (c := string(entry))),
        retry_after=retry_after,
    )


def is_failure(body: Mapping[str, Any]) -> bool:
    """Tell whether a body reports a fault, whatever the HTTP status was."""
    if body.get("status") == "failed" or body.get("error"):
        return True
    return "output" not in body and string(body.get("message")) is not None and _code(body.get("code")) is not None


def _code(value: object) -> str | None:
    """Codes are words; some servers send the HTTP status as a number."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else string(value)
