"""The dialects: whose words a request is in, and how each service words an error."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal, TypeAlias, cast

Dialect = Literal["openai", "dashscope", "openrouter"]
Json: TypeAlias = dict[str, Any]
"""A JSON object, as it travels."""

DASHSCOPE_PREFIXES: Final = ("/compatible-mode/", "/api/")
OPENROUTER_PREFIX: Final = "/openrouter/v1"
GATEWAY_PREFIX: Final = "/gateway"
"""Below this path all is served again, as by a gateway whose address tells nothing of the service behind it."""
DASHSCOPE_TOOLS: Final = frozenset({"web_search_image", "image_search"})

_DASHSCOPE_CODES: Final = {401: "InvalidApiKey", 403: "AccessDenied", 404: "ModelNotFound", 429: "Throttling"}
_OPENROUTER_TYPES: Final = {
    400: "invalid_request",
    401: "authentication",
    402: "payment_required",
    403: "permission_denied",
    404: "not_found",
    429: "rate_limit_exceeded",
    502: "provider_unavailable",
    503: "provider_overloaded",
}
_TYPES: Final = {429: "requests", 500: "server_error", 502: "server_error", 503: "server_error"}


class Rejected(Exception):
    """A request that the service would turn down, in the words of OpenAI's error object.

    Attributes:
        status: The HTTP status.
        code: OpenAI's code, None where it gives none.
        param: The parameter at fault, e.g. `tools[0].size`.
        kind: OpenAI's error type.
        dashscope_code: DashScope's code, where it isn't the one that goes with the status.
        details: Further members of the error object.
        headers: HTTP headers, e.g. `Retry-After`.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        code: str | None = None,
        param: str | None = None,
        kind: str | None = None,
        dashscope_code: str | None = None,
        details: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.code = code
        self.param = param
        self.kind = kind or _TYPES.get(status, "invalid_request_error")
        self.dashscope_code = dashscope_code or _dashscope_code(status)
        self.details = dict(details or {})
        self.headers = dict(headers or {})

    def seen_in(self, dialect: Dialect) -> Rejected:
        """Give the error with the status that a service has for it: OpenRouter forbids what was flagged."""
        if dialect == "openrouter" and "moderation_details" in self.details:
            return Rejected(self.message, status=403, code=self.code, details=self.details, headers=self.headers)
        return self

    def body(self, dialect: Dialect) -> Json:
        """Give the body of the error: nested as OpenAI does, flat as DashScope does, numbered as OpenRouter."""
        if dialect == "openrouter":
            return {"error": {"code": self.status, "message": self.message, "metadata": self._metadata()}}
        if dialect == "dashscope":
            return {"request_id": str(uuid.uuid4()), "code": self.dashscope_code, "message": self.message}
        error = {"type": self.kind, "code": self.code, "message": self.message, "param": self.param}
        return {"error": error | self.details}

    def _metadata(self) -> Json:
        """Give what OpenRouter tells beside an error: its own word for it, or what was flagged."""
        if moderation := self.details.get("moderation_details"):
            flagged = {"flagged_input": "…", "provider_name": "Lightbox sandbox", "model_slug": "sandbox"}
            return {"reasons": moderation["categories"], **flagged}
        if self.status == 402:  # noqa: PLR2004 - HTTP's own number
            return {"error_type": "payment_required", "limit_source": self.code or "openrouter_credits"}
        return {"error_type": _OPENROUTER_TYPES.get(self.status, "server")}


def out_of_range(param: str, value: int, low: int, high: int) -> Rejected:
    """Give the error for a whole number that is too small or too large."""
    bound = "below_min" if value < low else "above_max"
    return Rejected(
        f"Invalid '{param}': expected a value from {low} to {high}, got {value}.",
        code=f"integer_{bound}_value",
        param=param,
    )


def dialect_of(path: str, body: Mapping[str, Any]) -> Dialect:
    """Tell whose dialect a request speaks: by its path, its tools, or its model's name."""
    path = path.removeprefix(GATEWAY_PREFIX)
    if path.startswith(OPENROUTER_PREFIX):
        return "openrouter"
    if path.startswith(DASHSCOPE_PREFIXES):
        return "dashscope"
    tools: object = body.get("tools")
    if isinstance(tools, list) and any(tool_type(tool) in DASHSCOPE_TOOLS for tool in cast("Sequence[Any]", tools)):
        return "dashscope"
    return "dashscope" if str(body.get("model", "")).startswith(("qwen", "qwq")) else "openai"


def tool_type(tool: object) -> str:
    """Give a tool's type, or "" for what is no tool."""
    return str(cast("Json", tool).get("type", "")) if isinstance(tool, dict) else ""


def _dashscope_code(status: int) -> str:
    fallback = "InvalidParameter" if status < 500 else "InternalError"  # noqa: PLR2004 - HTTP's own line
    return _DASHSCOPE_CODES.get(status, "ModelUnavailable" if status == 503 else fallback)  # noqa: PLR2004 - as above
