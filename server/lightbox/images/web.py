"""The one way out to the web: connections through the guard, every redirect checked, nothing sent but a GET."""

from __future__ import annotations

import re
import ssl
from collections.abc import AsyncGenerator, AsyncIterable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import anyio
from anyio.to_thread import run_sync

from lightbox import __version__
from lightbox.errors import FetchFailed
from lightbox.images.guard import Guard

if TYPE_CHECKING:
    import httpcore2
    import httpx2

HEADERS = {
    "Accept": "image/*,*/*;q=0.5",
    "Accept-Encoding": "identity",  # pictures are compressed already, and a bound on bytes must mean bytes
    "User-Agent": f"Mozilla/5.0 (compatible; lightbox-mcp/{__version__})",
}
MAX_CONNECTIONS = 32
MAX_REDIRECTS = 5
_TIMEOUTS = {"timeout": {"connect": 8, "read": 15, "write": 10, "pool": 20}}  # seconds
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_LENGTH = re.compile(r"[0-9]{1,18}")  # what a host claims may be thousands of digits long


class TooSlow(FetchFailed):
    """Raised when a host does not answer in time: it may still be alive."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The head of a host's answer after redirects; its body is still to be read."""

    response: httpcore2.Response
    headers: httpx2.Headers
    url: str

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.response.status

    @property
    def ok(self) -> bool:
        """Whether the body is the picture, or the part of it that was asked for."""
        return self.status in {200, 203, 206}

    @property
    def total(self) -> int | None:
        """The length of the whole picture in bytes, as far as the host tells."""
        told = self.headers.get("content-range", "").rpartition("/")[2] or self.headers.get("content-length", "")
        return int(told) if _LENGTH.fullmatch(told) and "content-encoding" not in self.headers else None

    def pieces(self) -> AsyncIterable[bytes]:
        """Give the body piece by piece."""
        return self.response.aiter_stream()


class Web:
    """The web as far as the guard lets it be seen; connections are made at the first use and closed by `aclose`."""

    def __init__(self, guard: Guard) -> None:
        self.guard = guard
        self._pool: httpcore2.AsyncConnectionPool | None = None
        self._opening = anyio.Lock()

    async def aclose(self) -> None:
        """Close every connection; the next use opens new ones."""
        pool, self._pool = self._pool, None
        if pool is not None:
            await pool.aclose()

    @asynccontextmanager
    async def get(self, url: str, headers: Mapping[str, str]) -> AsyncGenerator[Answer]:
        """Ask for an address, follow its redirects and lend the answer, whatever its status.

        Raises:
            Forbidden: The guard does not let the address, or one that it redirects to, through.
            TooSlow: A host does not answer in time.
            FetchFailed: It can't be reached, or redirects too often.
            BadReference: The URL is malformed.
        """
        import httpcore2  # noqa: PLC0415 - not before the first fetch
        import httpx2  # noqa: PLC0415 - likewise

        pool = await self._connections()
        try:
            address = httpx2.URL(url)
            for _ in range(MAX_REDIRECTS + 1):
                self.guard.check_url(str(address))
                async with _asked(pool, address, headers) as response:
                    answered = httpx2.Headers(response.headers)
                    location = answered.get("location")
                    if response.status not in _REDIRECTS or location is None:
                        yield Answer(response, answered, str(address))
                        return
                address = address.join(location)
        except (httpx2.InvalidURL, UnicodeError) as error:
            raise FetchFailed(f"{url} can't be fetched: it is, or leads to, a malformed URL ({error}).") from error
        except httpcore2.TimeoutException as error:
            raise TooSlow(f"{url} can't be fetched: the host did not answer in time.") from error
        except (httpcore2.NetworkError, httpcore2.ProtocolError, ssl.SSLError) as error:
            raise FetchFailed(f"{url} can't be fetched: {str(error) or type(error).__name__}.") from error
        raise FetchFailed(f"{url} can't be fetched: it redirects more than {MAX_REDIRECTS} times.")

    async def _connections(self) -> httpcore2.AsyncConnectionPool:
        async with self._opening:
            if self._pool is None:
                self._pool = await run_sync(_make_pool, self.guard)  # reading the trust store takes a tenth of a second
            return self._pool


def status_reason(status: int) -> str:
    """Say in a few words what a host's status means for a picture."""
    meanings = {
        401: "the host wants a login (401)",
        403: "the host refuses to show it here (403)",
        404: "it is not there (404)",
        410: "it is gone (410)",
        429: "the host wants fewer requests (429)",
        451: "the host may not show it (451)",
    }
    return meanings.get(status, f"the host answers {status}")


def _make_pool(guard: Guard) -> httpcore2.AsyncConnectionPool:
    import httpcore2  # noqa: PLC0415 - not before the first fetch

    from lightbox.images.connection import GuardedBackend  # noqa: PLC0415 - likewise

    return httpcore2.AsyncConnectionPool(
        ssl_context=httpcore2.default_ssl_context(),
        max_connections=MAX_CONNECTIONS,
        max_keepalive_connections=8,
        keepalive_expiry=5,
        network_backend=GuardedBackend(guard),
    )


def _asked(
    pool: httpcore2.AsyncConnectionPool, address: httpx2.URL, headers: Mapping[str, str]
) -> AbstractAsyncContextManager[httpcore2.Response]:
    import httpcore2  # noqa: PLC0415 - not before the first fetch

    target = httpcore2.URL(scheme=address.raw_scheme, host=address.raw_host, port=address.port, target=address.raw_path)
    sent = {"Host": address.netloc.decode("ascii"), **HEADERS, **headers}
    return pool.stream("GET", target, headers=list(sent.items()), extensions=_TIMEOUTS)
