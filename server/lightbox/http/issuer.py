"""Access tokens of an issuer: JSON web tokens, checked against the keys that it publishes."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import partial
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit, urlunsplit

import anyio
import httpx2
import jwt
from anyio.to_thread import run_sync

from lightbox.errors import IssuerUnreachable, SettingsError
from lightbox.http.callers import by_claims
from lightbox.untrusted import tame

if TYPE_CHECKING:
    from lightbox.http.callers import Authenticated

logger = logging.getLogger(__name__)

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures that only the issuer can make: with a shared secret (HS…) anybody who can check could sign too."""
_OF_RSA = tuple(name for name in ALGORITHMS if name[:2] in ("RS", "PS"))
"""What an RSA key makes that names no algorithm of its own."""
MOST_KEYS = 100
MOST_TRIED = 10
"""How many keys a token may have been signed with that names none: trying one takes a moment."""
MOST_BYTES = 512_000
"""How much an issuer may send, in bytes."""
FETCH_SECONDS = 5.0
AGAIN_SECONDS = 10.0
"""How soon the issuer is asked again: whoever sends tokens with keys that nobody knows does not set its pace."""
FRESH_SECONDS = 3600.0
"""After so long keys are asked for again, so that those that the issuer took back open nothing any more."""
LEEWAY_SECONDS = 60
"""How far the clocks of the issuer and of this machine may be apart."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """One of an issuer's keys.

    Attributes:
        name: What tokens call it (`kid`), where it has a name.
        algorithms: The signatures that it is for.
        key: The key as `jwt` takes it.
    """

    name: str | None
    algorithms: frozenset[str]
    key: Any


@dataclass(frozen=True, slots=True)
class Keys:
    """The issuer's keys, and how far its clock is ahead of ours in seconds, where it told."""

    published: tuple[PublicKey, ...]
    clock_ahead: float | None = None

    def fitting(self, name: str | None, algorithm: str) -> list[PublicKey]:
        """Give the keys with which a token may have been signed."""
        found = [key for key in self.published if name in (None, key.name) and algorithm in key.algorithms]
        return found[:MOST_TRIED]


class Issuer:
    """Checks the access tokens of an issuer.

    Args:
        url: The issuer, exactly as it stands in its tokens.
        audience: For whom tokens must be made: the public address of this server.
        clock: Seconds, ever rising.
    """

    def __init__(self, url: str, audience: str, clock: Callable[[], float] = time.monotonic) -> None:
        self.url = url
        self._audience = audience
        self._clock = clock
        self._keys: Keys | None = None
        self._asked_at: float | None = None
        self._had_at = 0.0
        self._asking = anyio.Lock()

    async def verify(self, token: str) -> Authenticated | None:
        """Give the caller whose access token this is; None where it is not good, for whatever reason.

        Raises:
            IssuerUnreachable: Nobody can tell, for the issuer's keys were never had.
        """
        try:
            header = jwt.get_unverified_header(token)
            claimed: Any = jwt.decode(token, options={"verify_signature": False})
        except jwt.InvalidTokenError:
            return None  # not a JSON web token at all
        algorithm, key_id = header.get("alg"), header.get("kid")
        if algorithm not in ALGORITHMS or claimed.get("iss") != self.url:
            logger.info("an access token was refused: it is not this issuer's, or signed in a way that proves nothing")
            return None
        keys = await self._keys_for(key_id, algorithm)
        refused: jwt.PyJWTError | None = None
        for key in keys.fitting(key_id, algorithm):
            try:
                return self._checked(token, key, algorithm)
            except jwt.PyJWTError as error:
                refused = error
                if not isinstance(error, jwt.InvalidSignatureError):
                    break
        self._tell(refused, keys)
        return None

    async def fetch(self) -> Keys:
        """Ask the issuer for its keys.

        Raises:
            IssuerUnreachable: It does not answer, or not as an issuer does; the text says what it answered.
        """
        loopback = is_loopback(self.url)
        try:
            with anyio.fail_after(FETCH_SECONDS):
                make = partial(httpx2.AsyncClient, trust_env=not loopback, follow_redirects=False)
                async with await run_sync(make) as web:
                    return await self._read_keys(web)
        except TimeoutError:
            raise IssuerUnreachable(f"{self.url} did not answer within {FETCH_SECONDS:g} s.") from None
        except httpx2.HTTPError as error:
            raise IssuerUnreachable(f"{self.url} can't be reached ({type(error).__name__}).") from None

    def _checked(self, token: str, key: PublicKey, algorithm: str) -> Authenticated:
        claims: dict[str, Any] = jwt.decode(
            token,
            key.key,
            algorithms=[algorithm],
            audience=[self._audience, f"{self._audience}/"],
            issuer=self.url,
            leeway=LEEWAY_SECONDS,
            options={"require": ["exp", "iss", "aud", "sub"], "enforce_minimum_key_length": True},
        )
        return by_claims(claims, _scopes(claims), self._audience, int(claims["exp"]) + LEEWAY_SECONDS)

    async def _keys_for(self, key_id: str | None, algorithm: str) -> Keys:
        """Give the keys; ask the issuer where they are old, or this one is not known, but not too often."""
        known = self._keys
        now = self._clock()
        fits = known is not None and bool(known.fitting(key_id, algorithm))
        if known is not None and fits and (now - self._had_at < FRESH_SECONDS or self._asking.locked()):
            return known
        async with self._asking:
            if self._asked_at is None or self._clock() - self._asked_at >= AGAIN_SECONDS:
                await self._ask()
        if self._keys is None:
            raise IssuerUnreachable(
                f"The keys of {self.url} could not be fetched: nobody can be let in until they are."
            )
        return self._keys

    async def _ask(self) -> None:
        """Fetch the keys; those that are known go on where that fails."""
        self._asked_at = self._clock()
        try:
            self._keys = await self.fetch()
        except IssuerUnreachable as error:
            logger.warning(
                "LIGHTBOX_OAUTH_ISSUER: %s %s", error, "Its known keys go on." if self._keys else "No key is known yet."
            )
        else:
            self._had_at = self._clock()
            if warning := clock_warning(self._keys):
                logger.warning("%s", warning)
        finally:
            self._asked_at = self._clock()

    async def _read_keys(self, web: httpx2.AsyncClient) -> Keys:
        answers: list[str] = []
        for address in metadata_addresses(self.url):
            status, metadata, _ = await _json(web, address)
            if isinstance(metadata, dict):
                break
            answers.append(f"{address}: {status}")
        else:
            raise IssuerUnreachable(f"{self.url} publishes no metadata ({', '.join(answers)}).")
        told = cast("dict[str, Any]", metadata)
        if told.get("issuer") != self.url:
            raise IssuerUnreachable(
                f"{self.url} calls itself {tame(str(told.get('issuer')))}: set LIGHTBOX_OAUTH_ISSUER to exactly that."
            )
        address = told.get("jwks_uri")
        if not isinstance(address, str) or not (is_secure(address) or is_loopback(self.url)):
            raise IssuerUnreachable(f"{self.url} names no https address of its keys (jwks_uri).")
        status, document, ahead = await _json(web, address)
        rows = cast("dict[str, Any]", document).get("keys") if isinstance(document, dict) else None
        if not isinstance(rows, list):
            raise IssuerUnreachable(f"{self.url} gives no keys at its jwks_uri ({status}).")
        published = tuple(key for row in cast("list[object]", rows)[:MOST_KEYS] if (key := _key(row)) is not None)
        if not published:
            raise IssuerUnreachable(f"{self.url} publishes no key that can be used to check signatures.")
        return Keys(published, ahead)

    def _tell(self, refused: jwt.PyJWTError | None, keys: Keys) -> None:
        """Say in the log why a token was refused: the caller learns only that it was."""
        if refused is None:
            logger.info("an access token was refused: %s publishes no key of its name", self.url)
        elif isinstance(refused, jwt.ImmatureSignatureError):
            logger.warning(
                "an access token of %s was refused, for it is from the future: is this machine's clock right? %s",
                self.url,
                clock_warning(keys) or "",
            )
        else:
            logger.info("an access token of %s was refused: %s", self.url, type(refused).__name__)


def metadata_addresses(issuer: str) -> list[str]:
    """Give the addresses at which an issuer may publish its metadata (RFC 8414, OpenID Connect Discovery)."""
    parts = urlsplit(issuer)
    path = parts.path.rstrip("/")
    paths = [f"/.well-known/oauth-authorization-server{path}", f"/.well-known/openid-configuration{path}"]
    if path:
        paths.append(f"{path}/.well-known/openid-configuration")
    return [urlunsplit(parts._replace(path=each)) for each in paths]


def clock_warning(keys: Keys) -> str | None:
    """Say that the issuer's clock and ours are too far apart for tokens to be checked, where they are."""
    ahead = keys.clock_ahead
    if ahead is None or abs(ahead) <= LEEWAY_SECONDS:
        return None
    return (
        f"This machine's clock is {abs(ahead):.0f} s {'behind' if ahead > 0 else 'ahead of'} the issuer's: access "
        "tokens are refused that are good, or taken that have expired. Set the clock."
    )


def checked_address(text: str, setting: str) -> str:
    """Give the address that a setting holds.

    Raises:
        SettingsError: It is not an http(s) address, or is not encrypted although it is not on this machine.
    """
    try:
        parts = urlsplit(text.strip())
        host, _ = parts.hostname, parts.port
    except ValueError:
        parts, host = urlsplit(""), None
    if parts.scheme not in ("http", "https") or not host or parts.query or parts.fragment or parts.username:
        raise SettingsError(f"{setting} {tame(text)!r} is not an address: it looks like https://host/path.")
    if parts.scheme == "http" and not is_loopback(text):
        raise SettingsError(f"{setting} {tame(text)!r} is not encrypted: only https is safe beyond this machine.")
    return text.strip()


def is_secure(address: str) -> bool:
    """Tell whether an address is encrypted."""
    return address.startswith("https://")


def is_loopback(address: str) -> bool:
    """Tell whether an address is on this machine."""
    host = urlsplit(address).hostname or ""
    return host in ("localhost", "::1") or host.startswith("127.")


async def _json(web: httpx2.AsyncClient, address: str) -> tuple[int, object, float | None]:
    """Fetch a JSON document of bounded length: its status, what it holds, and how far the sender's clock is ahead."""
    async with web.stream(
        "GET", address, headers={"Accept": "application/json", "Accept-Encoding": "identity"}
    ) as answer:
        body = b""
        async for piece in answer.aiter_bytes():
            body += piece
            if len(body) > MOST_BYTES:
                raise IssuerUnreachable(f"{address} sends more than {MOST_BYTES:,} bytes.")
    ahead = _clock_ahead(answer.headers.get("date"))
    if not answer.is_success:
        return answer.status_code, None, ahead
    try:
        return answer.status_code, httpx2.Response(200, content=body).json(), ahead
    except (ValueError, RecursionError):
        return answer.status_code, None, ahead


def _clock_ahead(told: str | None) -> float | None:
    try:
        return parsedate_to_datetime(told).timestamp() - time.time() if told else None
    except (ValueError, OverflowError):
        return None


def _key(row: object) -> PublicKey | None:
    """Read a key; one that is meant for something else, or of a kind that is not known here, is passed over."""
    if not isinstance(row, dict):
        return None
    told = cast("dict[str, Any]", row)
    if told.get("kty") not in ("RSA", "EC", "OKP") or told.get("use", "sig") != "sig":
        return None
    try:
        read = jwt.PyJWK(told)
    except (jwt.PyJWTError, ValueError, TypeError, KeyError):
        return None
    own = [read.algorithm_name] if told.get("alg") or told["kty"] != "RSA" else _OF_RSA
    return PublicKey(read.key_id, frozenset(own) & frozenset(ALGORITHMS), read.key)


def _scopes(claims: Mapping[str, Any]) -> list[str]:
    """Give what a token allows: `scope` as the standard has it, `scp` as some issuers do, as text or list."""
    found: list[str] = []
    for name in ("scope", "scp"):
        value = claims.get(name)
        parts = value.split() if isinstance(value, str) else value
        found += (
            [part for part in cast("list[object]", parts) if isinstance(part, str)] if isinstance(parts, list) else []
        )
    return found
