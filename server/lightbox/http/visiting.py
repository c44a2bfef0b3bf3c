"""The way of one person's browser into a server on this machine: a link that works once, and then a cookie.

Pages of others can send requests here too: by a name of theirs that leads here (Host), or from where they are (Origin).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response

from lightbox.http.exchange import Exchange

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from lightbox.http.limits import Limits

NAMES = ("127.0.0.1", "localhost")
REFUSED = -32003
"""The code of a JSON-RPC error for what may not be asked."""

_BITS = 32  # bytes of a secret
_AGAIN = "Stop `lightbox gallery` with Ctrl-C, start it again, and open the link that it prints."
_HARDENED = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}

OTHER_HOST = "This server is asked under a name that is not its own: open the link that `lightbox gallery` printed."
OTHER_ORIGIN = "Another page asked for this. Only the gallery's own page may."
NO_COOKIE = f"This browser was not let in. Open the link that `lightbox gallery` printed; each works once. {_AGAIN}"
USED = f"This link was used already: each works once. {_AGAIN}"
WRONG_KEY = f"This link is not valid. {_AGAIN}"


@dataclass
class Keys:
    """What lets the person in.

    Attributes:
        port: Where the server is.
    """

    port: int
    _key: str = field(default_factory=lambda: secrets.token_urlsafe(_BITS), init=False, repr=False)
    _cookie: str = field(default_factory=lambda: secrets.token_urlsafe(_BITS), init=False, repr=False)
    _used: bool = field(default=False, init=False)

    @property
    def link(self) -> str:
        """What the person opens; it works once."""
        return f"http://{NAMES[0]}:{self.port}/?key={self._key}"

    @property
    def name(self) -> str:
        """The cookie's name: servers at other ports of this machine have their own."""
        return f"lightbox_gallery_{self.port}"

    @property
    def hosts(self) -> tuple[str, ...]:
        """What this server is called."""
        return tuple(f"{name}:{self.port}" for name in NAMES)

    def has_cookie(self, request: Request) -> bool:
        """Tell whether a request comes from the browser that opened the link."""
        return secrets.compare_digest(request.cookies.get(self.name, "").encode(), self._cookie.encode())

    def take(self, key: str) -> str | None:
        """Give the cookie for the link's key, once.

        Raises:
            KeyError: The key is wrong.
        """
        if not secrets.compare_digest(key.encode(), self._key.encode()):
            raise KeyError
        if self._used:
            return None
        self._used = True
        return self._cookie


class Visiting:
    """Lets the one browser in that opened the link.

    Args:
        app: Answers it.
        keys: What lets it in.
        limits: How much it may send.
    """

    def __init__(self, app: ASGIApp, keys: Keys, limits: Limits) -> None:
        self._application = app
        self._keys = keys
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or say why not."""
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        answer = self._answer(Request(scope))
        if answer is None:
            Exchange.of(scope).upload.most = self._limits.body_bytes
            await self._application(scope, receive, send)
            return
        answer.headers.update(_HARDENED)
        await answer(scope, receive, send)

    def _answer(self, request: Request) -> Response | None:
        """Give what is answered here; None for a request that is let in."""
        host = request.headers.get("host", "").lower()
        if host not in self._keys.hosts:
            return _refused(request, OTHER_HOST)
        if not _of_own_page(request, host):
            return _refused(request, OTHER_ORIGIN)
        key = request.query_params.get("key")
        if self._keys.has_cookie(request):
            return None if key is None else RedirectResponse("/", HTTPStatus.SEE_OTHER)
        if key is None or request.method != "GET":
            return _refused(request, NO_COOKIE)
        return self._let_in(request, key)

    def _let_in(self, request: Request, key: str) -> Response:
        try:
            cookie = self._keys.take(key)
        except KeyError:
            return _refused(request, WRONG_KEY)
        if cookie is None:
            return _refused(request, USED)
        answer = RedirectResponse("/", HTTPStatus.SEE_OTHER)  # so that the key is in no history
        answer.set_cookie(self._keys.name, cookie, httponly=True, samesite="strict", path="/")
        return answer


def hardened(answer: Response, **headers: str) -> Response:
    """Give an answer with what keeps others out of it."""
    answer.headers.update(_HARDENED | headers)
    return answer


def _of_own_page(request: Request, host: str) -> bool:
    """Tell whether a request can come from the gallery's own page, or from the person who opens it."""
    origin = request.headers.get("origin")
    if origin is not None and origin != f"http://{host}":
        return False
    if request.method in ("GET", "HEAD"):
        return True
    return origin is not None and request.headers.get("sec-fetch-site", "same-origin") == "same-origin"


def _refused(request: Request, why: str) -> Response:
    """Say why not: in the form in which the page reads it, and else as text."""
    if request.method == "POST":
        error = {"code": REFUSED, "message": why}
        return JSONResponse({"jsonrpc": "2.0", "id": None, "error": error}, HTTPStatus.FORBIDDEN)
    return PlainTextResponse(f"{why}\n", HTTPStatus.FORBIDDEN)
