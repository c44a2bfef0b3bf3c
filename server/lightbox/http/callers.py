"""Who calls over HTTP: whose handles, jobs, pictures and budget a request is about."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from mcp.server.auth.provider import AccessToken
from pydantic import Field, InstanceOf

from lightbox.http.entries import Entry

if TYPE_CHECKING:
    from collections.abc import Mapping

ANYBODY = "http"
"""On loopback, where nobody has to say who they are, all callers are one."""

SCOPE = "lightbox"
"""What an access token must allow; the tokens of the token file do."""


class Authenticated(AccessToken):
    """A caller who has been checked. The token itself is not kept in it.

    Attributes:
        owner: Whose everything is; the same for a renewed token.
        entry: What the token file says of the caller, if it is in there.
    """

    owner: str
    entry: InstanceOf[Entry] | None = Field(default=None, repr=False)


def by_entry(entry: Entry, resource: str | None) -> Authenticated:
    """Give the caller of a token from the token file."""
    owner = f"token:{entry.name}"
    return Authenticated(
        token="", client_id=owner, subject=entry.name, scopes=[SCOPE], resource=resource, owner=owner, entry=entry
    )


def by_claims(claims: Mapping[str, Any], scopes: list[str], resource: str, expires_at: int) -> Authenticated:
    """Give the caller of an access token that was checked, whose claims these are."""
    issuer, subject = str(claims["iss"]), str(claims["sub"])
    return Authenticated(
        token="",
        client_id=str(claims.get("client_id") or claims.get("azp") or subject)[:200],
        subject=subject,
        scopes=scopes,
        expires_at=expires_at,
        resource=resource,
        claims={"iss": issuer},
        owner=_hashed("oauth", issuer, subject),
    )


def by_proxy(name: str) -> Authenticated:
    """Give the caller whom a trusted proxy has named."""
    owner = _hashed("proxy", name)
    return Authenticated(token="", client_id=owner, subject=name, scopes=[SCOPE], owner=owner)


def authenticated(scope: Mapping[str, Any]) -> Authenticated | None:
    """Give the caller of a request, if that was checked."""
    user = scope.get("user")
    token = user.access_token if isinstance(user, AuthenticatedUser) else None
    return token if isinstance(token, Authenticated) else None


def owner_of(scope: Mapping[str, Any]) -> str:
    """Name the owner of what a request makes: at most 64 characters, of which the first say how the caller is known."""
    caller = authenticated(scope)
    return caller.owner if caller else ANYBODY


def _hashed(kind: str, *names: str) -> str:
    """Give a name of bounded length for names of any; what others call themselves is not written down everywhere."""
    return f"{kind}:{hashlib.sha256(json.dumps(names).encode()).hexdigest()[:40]}"
