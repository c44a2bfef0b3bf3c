"""An issuer of access tokens on loopback, with real keys, that a test can rotate, stop and have lie."""

from __future__ import annotations

import json
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

RESOURCE = "https://pictures.example.com/mcp"
PLACES = ("/.well-known/oauth-authorization-server", "/.well-known/openid-configuration")


@dataclass
class RunningIssuer:
    """An issuer.

    Attributes:
        url: What it calls itself.
        place: Where it publishes its metadata.
        metadata: What it says there beside the usual.
        status: What it answers with; 200 unless it is down.
        padding: How many bytes of nothing stand before its keys.
        date_ahead: By how many seconds its clock is ahead.
        more_keys: What it publishes beside its keys.
        asked: The paths that it was asked for.
    """

    url: str = ""
    place: str = PLACES[0]
    metadata: dict[str, Any] = field(default_factory=dict[str, Any])
    status: int = 200
    padding: int = 0
    date_ahead: float = 0
    more_keys: list[Any] = field(default_factory=list[Any])
    asked: list[str] = field(default_factory=list[str])
    keys: dict[str, Any] = field(default_factory=dict[str, Any])

    def rotate(self, *names: str) -> None:
        """Publish new keys under these names; RSA where the name begins so, else of an elliptic curve."""
        self.keys = {name: _made(name) for name in names}

    def token(
        self, key: str = "ec-1", *, algorithm: str = "", headers: dict[str, Any] | None = None, **said: Any
    ) -> str:
        """Give an access token, with what else is said in it; None leaves a claim out."""
        now = int(time.time())
        usual = {
            "iss": self.url,
            "aud": RESOURCE,
            "sub": "ada",
            "scope": "openid lightbox",
            "exp": now + 300,
            "iat": now,
        }
        claims = {name: value for name, value in (usual | said).items() if value is not None}
        using = algorithm or ("RS256" if key.startswith("rsa") else "ES256")
        return jwt.encode(claims, self.keys[key], using, headers={"kid": key} | (headers or {}))

    def document(self, path: str) -> dict[str, Any] | None:
        if path == self.place:
            return {"issuer": self.url, "jwks_uri": f"{self.url}/keys"} | self.metadata
        if path == "/keys":
            published = [_public(name, key) for name, key in self.keys.items()]
            return {"padding": " " * self.padding, "keys": published + self.more_keys}
        return None


def _made(name: str) -> Any:
    if name.startswith("rsa"):
        return rsa.generate_private_key(65_537, 2_048)
    return ec.generate_private_key(ec.SECP256R1())


def _public(name: str, key: Any) -> dict[str, Any]:
    public = key.public_key()
    told = RSAAlgorithm.to_jwk(public) if isinstance(key, rsa.RSAPrivateKey) else ECAlgorithm.to_jwk(public)
    return json.loads(told) | {"kid": name, "use": "sig"}


@contextmanager
def running_issuer() -> Generator[RunningIssuer]:
    """Run an issuer until the block ends."""
    issuer = RunningIssuer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            issuer.asked.append(self.path)
            found = issuer.document(self.path)
            body = json.dumps(found).encode()
            self.send_response(issuer.status if found else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def date_time_string(self, timestamp: float | None = None) -> str:
            return super().date_time_string((timestamp or time.time()) + issuer.date_ahead)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class calls it so
            del format, args

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        issuer.url = f"http://127.0.0.1:{server.server_address[1]}"
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        try:
            yield issuer
        finally:
            server.shutdown()
