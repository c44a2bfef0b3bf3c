"""Who calls over HTTP: whose handles, jobs, pictures and budget a request is about."""

from __future__ import annotations

import hashlib

ANYBODY = "http"
"""All callers that name themselves by no token are one."""


def owner_of(authorization: str | None) -> str:
    """Name the caller behind an `Authorization` header, e.g. `http-1f0c…`, without keeping the secret in it."""
    if not authorization:
        return ANYBODY
    return f"{ANYBODY}-{hashlib.sha256(authorization.encode()).hexdigest()[:16]}"
