"""What the sandbox answers where it serves nothing: that it serves the Responses API, and where."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from .delivery import error_answer
from .dialects import GATEWAY_PREFIX, Dialect, Rejected, dialect_of
from .faults import NO_FAULT
from .whereabouts import HERE

_BASES: Final = ("/v1", "/compatible-mode/v1", "/api/v2/apps/protocols/compatible-mode/v1")
PREFIXES: Final = (*_BASES, *(f"{GATEWAY_PREFIX}{base}" for base in _BASES))
SERVED: Final = ("/responses", "/models", "/files")
METHOD_NOT_ALLOWED: Final = 405


async def not_served(request: Request, error: Exception) -> Response:
    """Answer for an address that leads nowhere, or that another method would find."""
    method, path = request.method, request.url.path
    dialect: Dialect = "dashscope" if path.startswith("/api/") else dialect_of(path, {})
    status = int(getattr(error, "status_code", 404))
    rejected = Rejected(
        f"Invalid URL ({method} {path}): {_reason(path, status)}", status=status, dashscope_code="InvalidURL"
    )
    return error_answer(rejected, dialect, NO_FAULT)


def _reason(path: str, status: int) -> str:
    if status == METHOD_NOT_ALLOWED:
        return "there is something, but not for this method."
    here = HERE.get().url
    if path.startswith(SERVED):
        return f"the base URL should be {here}{PREFIXES[0]} for OpenAI's clients, {here}{PREFIXES[1]} for DashScope's."
    base = next((prefix for prefix in PREFIXES if path.startswith(f"{prefix}/")), PREFIXES[0])
    served = ", ".join(f"{base}{name}" for name in SERVED)
    return f"this is the Lightbox sandbox, and only the Responses API is served here ({served})."
