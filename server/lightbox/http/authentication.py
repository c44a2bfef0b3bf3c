"""Authentication over HTTP: who is let in, by a token, an issuer's access token, or a proxy's word."""

from __future__ import annotations

import json
import logging
import re
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mcp.server.auth.middleware.auth_context import AuthContextMiddleware
from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser, RequireAuthMiddleware
from mcp.server.auth.settings import AuthSettings
from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import JSONResponse
from starlette.routing import Route

from lightbox.errors import IssuerUnreachable, SettingsError
from lightbox.http.callers import SCOPE, Authenticated, by_entry, by_proxy
from lightbox.http.issuer import Issuer, checked_address
from lightbox.http.listening import in_url
from lightbox.http.token_file import TokenFile
from lightbox.untrusted import without_controls

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from starlette.applications import Starlette
    from starlette.types import ASGIApp, Receive, Scope, Send

    from lightbox.settings import Settings

logger = logging.getLogger(__name__)

PATH = "/mcp"
WELL_KNOWN = "/.well-known/oauth-protected-resource"
LONGEST_TOKEN = 16_000
"""Longest bearer token that is looked at, in characters: access tokens with many claims have a few thousand."""
LONGEST_NAME = 200
"""Longest name that is taken from a proxy, in characters."""
AGAIN_SECONDS = 10
"""When to come again while the issuer can't be reached."""


@dataclass(frozen=True, slots=True)
class Authentication:
    """How callers are known; without any of the three, all are one, which only loopback may be.

    Attributes:
        tokens: Who has a token of ours.
        issuer: Whose access tokens are taken.
        header: Where a proxy names the caller.
        public_url: The address of the server as clients are given it.
        own_url: The address at which it listens.
    """

    tokens: TokenFile | None
    issuer: Issuer | None
    header: str | None
    public_url: str | None
    own_url: str

    @property
    def by_bearer(self) -> bool:
        """Whether a bearer token tells who calls."""
        return self.tokens is not None or self.issuer is not None

    @property
    def required(self) -> bool:
        """Whether callers have to say who they are."""
        return self.by_bearer or self.header is not None

    @property
    def auth_settings(self) -> AuthSettings | None:
        """What the SDK is told; None where it has nothing to check.

        Only an issuer is something that clients could be sent to: who has a token of ours has been given it.
        """
        if not self.by_bearer:
            return None
        # From texts: a URL that is made beforehand gets a slash at its end, and clients compare letter by letter.
        return AuthSettings.model_validate(
            {
                "issuer_url": self.issuer.url if self.issuer else self.own_url,
                "resource_server_url": self.public_url if self.issuer else None,
                "validate_token_resource": self.issuer is not None,
                "required_scopes": [SCOPE],
            }
        )

    @property
    def verifier(self) -> Authentication | None:
        """What checks bearer tokens, where they are."""
        return self if self.by_bearer else None

    async def verify_token(self, token: str) -> Authenticated | None:
        """Give the caller whose token this is: of the token file first, else of the issuer.

        Raises:
            IssuerUnreachable: It may be one of the issuer's, whose keys were never had.
        """
        if len(token) > LONGEST_TOKEN:
            return None
        if self.tokens is not None and (entry := await self.tokens.find(token)) is not None:
            return by_entry(entry, self.public_url)
        return await self.issuer.verify(token) if self.issuer is not None else None

    @property
    def public_base(self) -> str | None:
        """What stands before the paths of this server, as clients reach it; None where nobody told."""
        return self.public_url.removesuffix(PATH) if self.public_url else None

    @property
    def public_host(self) -> tuple[str, ...]:
        """The name under which clients reach it, where it was told."""
        return (urlsplit(self.public_url).hostname or "",) if self.public_url else ()

    def secure(self, application: Starlette, origins: Sequence[str]) -> None:
        """Put the rest of it around an application: names from a proxy, an issuer that is down, and what browsers ask.

        Args:
            application: Answers; at `/mcp` it checks bearer tokens already.
            origins: From where pages may call, each with any port where it ends with `:*`.
        """
        if self.issuer is not None:
            _describe_everywhere(application)
            application.add_middleware(IssuerDown)
        if not self.required:
            return
        for route in application.routes:
            if isinstance(route, Route) and route.path == PATH:
                named = NamedByProxy(route.app, self.header) if self.header else route.app
                route.app = _for_browsers(named, origins)


def authentication(settings: Settings, host: str, port: int) -> Authentication:
    """Read from the settings how callers are known at an address.

    Raises:
        SettingsError: Nobody would be asked who they are although others can reach the address, a setting lacks
            another, or the token file is not right; the text says what to do.
    """
    header = proxy_header(settings)
    known = settings.tokens is not None or settings.oauth_issuer is not None or header is not None
    if not known and not is_loopback(host):
        raise SettingsError(
            f"Lightbox does not serve at {in_url(host)}:{port} without knowing its callers: whoever can reach it would "
            "spend your keys. Set LIGHTBOX_TOKENS to a file and let callers in with lightbox token add NAME; or set "
            "LIGHTBOX_OAUTH_ISSUER and LIGHTBOX_PUBLIC_URL; or, behind a proxy that authenticates, set "
            "LIGHTBOX_TRUST_PROXY to the header in which it names the caller. On 127.0.0.1 none of them is needed."
        )
    public_url = public_address(settings)
    if not known and (settings.http_hosts or public_url):
        logger.warning(
            "Others are told how to reach this server, and it asks nobody who they are: all callers are one, and spend "
            "your keys. Set LIGHTBOX_TOKENS, LIGHTBOX_OAUTH_ISSUER or LIGHTBOX_TRUST_PROXY."
        )
    return Authentication(
        tokens=TokenFile(settings.tokens, settings) if settings.tokens is not None else None,
        issuer=issuer_of(settings, public_url),
        header=header,
        public_url=public_url,
        own_url=f"http://{in_url(host)}:{port}",
    )


def proxy_header(settings: Settings) -> str | None:
    """Give the header in which a proxy names the caller.

    Raises:
        SettingsError: It can't be a header's name, or the server is told to find out itself too.
    """
    header = settings.trust_proxy
    if header is not None and (settings.tokens or settings.oauth_issuer):
        raise SettingsError(
            "LIGHTBOX_TRUST_PROXY is set beside LIGHTBOX_TOKENS or LIGHTBOX_OAUTH_ISSUER: either the proxy says who "
            "calls, or the server finds out. Leave one of them out."
        )
    if header is not None and not (header.isascii() and header.replace("-", "").replace("_", "").isalnum()):
        raise SettingsError(
            f"LIGHTBOX_TRUST_PROXY {header!r} is not the name of a header: write one like X-Forwarded-User."
        )
    return header


def public_address(settings: Settings) -> str | None:
    """Give the address of the server as its clients are given it.

    Raises:
        SettingsError: It is not an address, or not that of the protocol.
    """
    if settings.public_url is None:
        return None
    address = checked_address(settings.public_url, "LIGHTBOX_PUBLIC_URL").rstrip("/")
    if not address.endswith(PATH):
        raise SettingsError(
            f"LIGHTBOX_PUBLIC_URL {address} does not end with {PATH}: it is the whole address that clients are given, "
            f"like {address}{PATH}."
        )
    return address


def issuer_of(settings: Settings, public_url: str | None) -> Issuer | None:
    """Give the issuer whose access tokens are taken.

    Raises:
        SettingsError: Its address is not right, or the server's own is not told.
    """
    if settings.oauth_issuer is None:
        return None
    if public_url is None:
        raise SettingsError(
            "LIGHTBOX_OAUTH_ISSUER is set without LIGHTBOX_PUBLIC_URL: access tokens are made for that address, e.g. "
            "https://pictures.example.com/mcp. Set it to the one that clients are given."
        )
    return Issuer(checked_address(settings.oauth_issuer, "LIGHTBOX_OAUTH_ISSUER"), public_url)


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach an address that is listened at."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def behind_the_door(application: Starlette, wrap: Callable[[ASGIApp], ASGIApp]) -> ASGIApp:
    """Wrap what answers at `/mcp` where whoever calls has been checked already; gives what was wrapped."""
    [route] = (route for route in application.routes if isinstance(route, Route) and route.path == PATH)
    door = route.app
    if isinstance(door, RequireAuthMiddleware):
        inner: ASGIApp = door.app
        door.app = wrap(inner)
    else:
        inner, route.app = door, wrap(door)
    return inner


class NamedByProxy:
    """Takes the caller's name from the header in which the proxy puts it; without it nobody is let in.

    A header that is there twice came partly from the caller, and is not believed.
    """

    def __init__(self, app: ASGIApp, header: str) -> None:
        self._application = AuthContextMiddleware(app)
        self._header = header

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        names = Headers(scope=scope).getlist(self._header)
        name = _plain_name(names[0]) if len(names) == 1 else None
        if name is None:
            answer = _refusal(
                401, "invalid_request", f"The proxy in front of this server names callers in {self._header}."
            )
            await answer(scope, receive, send)
            return
        scope["user"] = AuthenticatedUser(by_proxy(name))
        await self._application(scope, receive, send)


class IssuerDown:
    """Answers that nobody can be let in for now, where the issuer's keys were never had."""

    def __init__(self, app: ASGIApp) -> None:
        self._application = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        try:
            await self._application(scope, receive, send)
        except IssuerUnreachable:  # raised before anything was answered; the log says why
            answer = _refusal(
                503,
                "temporarily_unavailable",
                "The issuer of access tokens can't be reached, so that they can't be checked. Come again in a moment.",
            )
            answer.headers["Retry-After"] = str(AGAIN_SECONDS)
            await answer(scope, receive, send)


def _describe_everywhere(application: Starlette) -> None:
    """Answer at every address at which clients look for what protects this server, as the SDK does at one of them."""
    [route] = (each for each in application.routes if isinstance(each, Route) and each.path.startswith(WELL_KNOWN))
    for path in sorted({WELL_KNOWN, WELL_KNOWN + PATH} - {route.path}):
        application.router.routes.append(Route(path, endpoint=route.endpoint, methods=["GET", "OPTIONS"]))


def _plain_name(told: str) -> str | None:
    """Give a caller's name as the proxy wrote it; None where it is none, or longer than names are."""
    name = told.strip()
    return name if 0 < len(name) <= LONGEST_NAME and without_controls(name) == name else None


def _refusal(status: int, error: str, description: str) -> JSONResponse:
    answer = JSONResponse({"error": error, "error_description": description}, status)
    if status == 401:  # noqa: PLR2004 - unauthorized
        answer.headers["WWW-Authenticate"] = (
            f"Bearer error={json.dumps(error)}, error_description={json.dumps(description)}"
        )
    return answer


def _for_browsers(application: ASGIApp, origins: Sequence[str]) -> ASGIApp:
    """Answer what browsers ask before they call, and let pages read why they were not let in."""
    forms = "|".join(_pattern(origin) for origin in origins)
    return CORSMiddleware(
        application,
        allow_origin_regex=forms,
        allow_methods=["GET", "POST", "DELETE"],
        allow_headers=["*"],
        expose_headers=["WWW-Authenticate", "Mcp-Session-Id", "Mcp-Protocol-Version"],
    )


def _pattern(origin: str) -> str:
    return re.escape(origin.removesuffix(":*")) + (r":\d+" if origin.endswith(":*") else "")
