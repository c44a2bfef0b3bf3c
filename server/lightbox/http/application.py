"""The server's HTTP application: `/mcp` behind its door, and the routes beside it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.server.request_state import RequestStateSecurity
from mcp.server.transport_security import TransportSecuritySettings

from lightbox.app import Lifespan, LightboxServer, make_server
from lightbox.errors import LightboxError
from lightbox.http import callers, sessions
from lightbox.http.admission import Admission
from lightbox.http.authentication import Authentication, authentication, behind_the_door
from lightbox.http.cancelling import Cancelling
from lightbox.http.continuing import Continuing
from lightbox.http.exchange import Exchange, Exchanges
from lightbox.http.limits import Limits
from lightbox.http.links import Links
from lightbox.http.naming import NameCheck
from lightbox.http.remembering import Remembering, shows_apps
from lightbox.http.routes import add_routes, transport_security
from lightbox.http.sealing import Seal
from lightbox.telemetry.observer import UNOBSERVED, Observer
from lightbox.tools.table import GALLERY_TOOLS, TOOLS
from lightbox.tools.tool import Caller

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from lightbox.settings import Settings


def http_app(
    settings: Settings,
    host: str,
    port: int,
    limits: Limits | None = None,
    observer: Observer = UNOBSERVED,
    *,
    also: Callable[[LightboxServer], None] = lambda _: None,
) -> Starlette:
    """Make the server's HTTP application: `/mcp`, `/health`, `/ready`, and sealed links to full pictures.

    Without `limits`, they are the usual ones and those of the settings. `also` is given the server before anything is
    served, to add to it. `state.secrets` of the application holds the keys that callers bring; there may be more of
    them later.

    Raises:
        SettingsError: A setting can't work, or others can reach the address and nobody asks who they are; the text
            names the setting.
    """
    known = authentication(settings, host, port)
    seal = Seal()
    links = Links(seal)
    lifespan = Lifespan(
        settings,
        partial(_caller, known, links),
        over_http=True,
        known=known.tokens,
        on_open=seal.take_key,
        observer=observer,
    )
    server = make_server(
        lifespan, RequestStateSecurity(codec=seal), token_verifier=known.verifier, auth=known.auth_settings
    )
    server.middleware.insert(0, partial(_opened_for_what_is_sealed, lifespan))
    add_routes(server, lifespan, links)
    also(server)
    limits = limits or Limits(calls_per_caller=settings.calls_per_caller)
    application = _at_the_door(server, lifespan, limits, seal)
    security = transport_security(host, port, (*settings.http_hosts, *known.public_host))
    known.secure(application, security.allowed_origins)
    application.add_middleware(Exchanges, limits=limits)
    application.add_middleware(NameCheck, security=security)
    application.state.secrets = known.tokens.secrets if known.tokens else ()
    return application


def _caller(known: Authentication, links: Links, request: Any) -> Caller:
    """Tell who makes a request, and what is theirs."""
    checked = callers.authenticated(request.scope)
    owner = callers.owner_of(request.scope)
    base = known.public_base or str(request.base_url).rstrip("/")
    link = partial(links.make, base, owner)
    has_left = Exchange.of(request.scope).has_left
    caller = Caller(owner, link, has_left=has_left, shows_apps=shows_apps(request.scope))
    entry = checked.entry if checked else None
    if entry is None:
        return caller
    return replace(caller, caps=entry.caps, tools=entry.tools, endpoints=entry.endpoints)


async def _opened_for_what_is_sealed(
    lifespan: Lifespan, ctx: ServerRequestContext[Any, Any], call_next: CallNext
) -> HandlerResult:
    """Bring the key before the answer to a question is unsealed, which may be the first that this server sees."""
    if ctx.params is not None and ctx.params.get("requestState") is not None:
        with suppress(LightboxError):  # the tool itself says what is wrong
            await lifespan.open_pictures()
    return await call_next(ctx)


def _at_the_door(server: LightboxServer, lifespan: Lifespan, limits: Limits, seal: Seal) -> Starlette:
    """Make the SDK's application, and put behind its door what concerns known callers: the last is outermost."""
    serve = partial(
        server.streamable_http_app,
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),  # see NameCheck
        max_request_body_size=limits.body_bytes,
    )
    application = serve(stateless_http=True)
    behind_the_door(application, partial(Cancelling, cancel=lifespan.cancel))
    if lifespan.settings.confirm_above is not None:  # else there is nothing to ask
        keeping = serve(session_idle_timeout=sessions.IDLE_SECONDS, max_sessions=sessions.MOST_SESSIONS)
        kept = behind_the_door(keeping, lambda app: app)
        behind_the_door(application, partial(sessions.Sessions, kept=kept))
        sessions.live_together(application, keeping)
    behind_the_door(application, partial(Remembering, seal=seal, unlock=lifespan.open_pictures))
    if lifespan.observer.traces:
        behind_the_door(application, partial(Continuing, observer=lifespan.observer))
    admission = partial(
        Admission,
        limits=limits,
        owner_of=callers.owner_of,
        quick=frozenset(tool.name for tool in (*TOOLS, *GALLERY_TOOLS) if tool.quick),
        open_jobs=lifespan.open_jobs,
    )
    behind_the_door(application, admission)
    return application
