"""Pictures fetched from the web, and hits looked at: the one way out.

Connections go through the guard, every redirect is checked, and nothing is sent but a GET; bytes, seconds and redirects
are bounded.
"""

from __future__ import annotations

import logging
import re
import ssl
from collections.abc import AsyncGenerator, AsyncIterable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from types import TracebackType
from typing import Self

import anyio
import httpcore2
import httpx2
from anyio.to_thread import run_sync

from lightbox import __version__
from lightbox.errors import BadReference, FetchFailed, Forbidden
from lightbox.images.guard import Guard, GuardedBackend, Resolver
from lightbox.images.inspection import MAX_BYTES
from lightbox.images.picture import Hit
from lightbox.images.sniff import Sniffed, describe_bytes, sniff
from lightbox.providers.trust import trusted
from lightbox.telemetry.observer import UNOBSERVED, Observer
from lightbox.vocabulary import HitState

logger = logging.getLogger(__name__)

MAX_CONNECTIONS = 32
MAX_REDIRECTS = 5
PROBED_AT_ONCE = 16
CHECK_SECONDS = 3.0
"""The whole check of a search's hits never adds more than this."""
SPARE = 10
"""How many hits beyond those shown are probed, so that merged duplicates leave no gap."""

TINY = 64
"""A picture with a side below this many px is an icon, a spacer or a tracking pixel."""
PROBE_BYTES = 32 * 1024
"""The most that is read of one hit: a JPEG may carry this much metadata before its size."""
QUICK_BYTES = 4 * 1024
"""What tells type and size of most pictures, and is looked at in a few hundred microseconds, whatever it holds."""
FINGERPRINT_BYTES = 8 * 1024
"""What a fingerprint is made of, beside the length."""

_HEADERS = {
    "Accept": "image/*,*/*;q=0.5",
    "Accept-Encoding": "identity",  # pictures are compressed already, and a bound on bytes must mean bytes
    "User-Agent": f"Mozilla/5.0 (compatible; lightbox-mcp/{__version__})",
}
_RANGE = {"Range": f"bytes=0-{PROBE_BYTES - 1}"}
_TIMEOUTS = {"timeout": {"connect": 8, "read": 15, "write": 10, "pool": 20}}  # seconds
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_RANGE_REFUSED = 416
_BLOCKED = frozenset({401, 403, 405, 407, 429, 451})
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
_REASONS = {
    401: "the host wants a login (401)",
    403: "the host refuses to show it here (403)",
    404: "it is not there (404)",
    410: "it is gone (410)",
    429: "the host wants fewer requests (429)",
    451: "the host may not show it (451)",
}
_LENGTH = re.compile(r"[0-9]{1,18}")  # what a host claims may be thousands of digits long
_TOLD_EARLY = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
"""Types whose size, once it is told, no later byte changes."""
_UNCOMPRESSED = frozenset({"image/bmp", "image/tiff"})


class NotNow(FetchFailed):
    """Raised when a host may well give the picture a moment later: it is busy, can't be reached, or broke off."""


class TooSlow(NotNow):
    """Raised when a host does not answer in time: it may still be alive."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What a few kilobytes told about an address.

    Attributes:
        state: As in `HitState`.
        width: In px, where known.
        height: In px, where known.
        mime_type: From the bytes.
        fingerprint: The same for the same picture under several addresses; `None` where it can't be told.
        reason: Why the state is not `ok`, in a few words.
        forbidden: Whether the guard refused it, or what it led to.
        let_through: Whether it leads to where FETCH_ALLOW lets this machine go, and nobody else.
    """

    state: HitState
    width: int | None = None
    height: int | None = None
    mime_type: str | None = None
    fingerprint: str | None = None
    reason: str | None = None
    forbidden: bool = False
    let_through: bool = False


class Fetcher:
    """Fetches and probes pictures on the web, e.g. `await Fetcher().fetch("https://example.com/fox.jpg")`.

    Connections are made at the first use and closed by `aclose`, which the lifespan calls.

    Args:
        allow: `host:port` pairs that the guard lets through although they are private.
        resolver: Gives the addresses of a name; the system's own by default.
        max_bytes: The most that is read of one picture.
        seconds: The longest that one fetch may take, redirects included.
        observer: Is told how many bytes came.
    """

    def __init__(
        self,
        *,
        allow: Collection[str] = (),
        resolver: Resolver | None = None,
        max_bytes: int = MAX_BYTES,
        seconds: float = 20,
        observer: Observer = UNOBSERVED,
    ) -> None:
        self.guard = Guard(allow, resolver)
        self.max_bytes = max_bytes
        self._seconds = seconds
        self._observer = observer
        self._pool: httpcore2.AsyncConnectionPool | None = None
        self._opening = anyio.Lock()

    async def __aenter__(self) -> Self:
        """Enter the lifespan; nothing is opened yet."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close every connection."""
        await self.aclose()

    async def aclose(self) -> None:
        """Close every connection; the next fetch opens new ones."""
        pool, self._pool = self._pool, None
        if pool is not None:
            await pool.aclose()

    async def fetch(self, url: str, *, pauses: Sequence[float] = ()) -> bytes:
        """Fetch an address whole.

        Args:
            url: The address.
            pauses: How many seconds to wait before each further try, where the host may well give it later: a GET
                costs nothing. None unless told otherwise.

        Raises:
            Forbidden: The guard does not let it, or one of its redirects, through.
            FetchFailed: It can't be reached, answers with an error, or is too large or too slow.
            BadReference: It is malformed.
        """
        for pause in pauses:
            try:
                return await self._fetch(url)
            except NotNow:
                await anyio.sleep(pause)
        return await self._fetch(url)

    async def _fetch(self, url: str) -> bytes:
        try:
            with anyio.fail_after(self._seconds):
                async with self._get(url, {}) as answer:
                    return await self._whole(url, answer)
        except TimeoutError as error:
            raise TooSlow(f"{url} did not give its picture within {self._seconds:g} seconds.") from error

    async def probe(self, url: str) -> Probe:
        """Look at the first kilobytes of an address; never raises for what the web does."""
        try:
            return await self._probe(url, _RANGE)
        except Forbidden:
            return Probe(state="blocked", reason="not a public address", forbidden=True)
        except TooSlow:
            return Probe(state="unchecked", reason="the host did not answer in time")
        except (FetchFailed, BadReference):
            return Probe(state="dead", reason="the host can't be reached")
        except Exception:  # one odd host must not end the paid search whose hits are looked at
            logger.exception("%s could not be looked at", url[:200])
            return Probe(state="unchecked", reason="it could not be looked at")

    @staticmethod
    async def judge(pieces: AsyncIterable[bytes], total: int | None, length: int | None = None) -> Probe:
        """Read the beginning of a body, no further than tells what it is.

        Bytes are counted, and only looked at at a few marks: a host may send them one by one. What the very first
        don't tell is looked for off the event loop. A body that is at its end is read to it: its connection can carry
        the next request then.

        Args:
            pieces: The body, as it comes.
            total: The length of the whole picture in bytes, as far as the host tells.
            length: How many bytes of it come, as far as the host tells.
        """
        data = bytearray()
        marks = [FINGERPRINT_BYTES, 2 * FINGERPRINT_BYTES]
        came = 0
        async for piece in pieces:
            came += len(piece)
            data += piece[: PROBE_BYTES - len(data)]
            if came == length:
                continue  # to its end, which is here
            if came >= PROBE_BYTES:
                break
            if marks and len(data) >= marks[0]:
                marks = [mark for mark in marks if mark > len(data)]
                probe = await _judged(bytes(data), total)
                if probe.state == "not_an_image" or probe.width is not None:
                    return probe
        return await _judged(bytes(data), total)

    async def probe_all(self, urls: Sequence[str], seconds: float = CHECK_SECONDS) -> list[Probe]:
        """Probe many addresses at once, in their order; what was not reached in time is `unchecked`."""
        probes: dict[str, Probe] = {}
        slots = anyio.Semaphore(PROBED_AT_ONCE)

        async def one(url: str) -> None:
            async with slots:
                probes[url] = await self.probe(url)

        with anyio.move_on_after(seconds):
            async with anyio.create_task_group() as tasks:
                for url in dict.fromkeys(urls):
                    tasks.start_soon(one, url)
        late = Probe(state="unchecked", reason=f"not reached within {seconds:g} seconds")
        return [probes.get(url, late) for url in urls]

    async def _probe(self, url: str, headers: Mapping[str, str]) -> Probe:
        async with self._get(url, headers) as answer:
            if answer.ok:
                probe = await self.judge(answer.pieces(), answer.total, answer.length)
                return replace(probe, let_through=answer.let_through)
            if answer.status != _RANGE_REFUSED or not headers:
                state = "blocked" if answer.status in _BLOCKED else "dead"
                return Probe(state=state, reason=answer.reason)
        return await self._probe(url, {})  # a host that can't give a part is asked for the whole

    async def _whole(self, url: str, answer: _Answer) -> bytes:
        if not answer.ok:
            failed = NotNow if answer.status in _PASSING else FetchFailed
            raise failed(f"{url} can't be fetched: {answer.reason}.")
        data = bytearray()
        if (answer.total or 0) <= self.max_bytes:
            async for piece in answer.pieces():
                data += piece
                if len(data) > self.max_bytes:
                    break
            else:
                return bytes(data)
        raise FetchFailed(f"{url} can't be fetched: it is larger than {self.max_bytes / 1e6:.0f} MB.")

    @asynccontextmanager
    async def _get(self, url: str, headers: Mapping[str, str]) -> AsyncGenerator[_Answer]:
        """Ask for an address, follow its redirects and lend the answer, whatever its status; raises as `fetch`."""
        self.guard.check_url(url)
        pool = await self._connections()
        try:
            address = httpx2.URL(url)
            let_through = self.guard.check_url(str(address))
            for _ in range(MAX_REDIRECTS + 1):
                async with _asked(pool, address, headers) as response:
                    answer = _Answer(response, httpx2.Headers(response.headers), let_through, self._observer)
                    location = answer.headers.get("location")
                    if answer.status not in _REDIRECTS or location is None:
                        yield answer
                        return
                came_from, address = str(address), address.join(location)
                let_through |= self.guard.check_redirect(came_from, str(address))
        except (httpx2.InvalidURL, UnicodeError) as error:
            raise FetchFailed(f"{url} can't be fetched: it is, or leads to, a malformed URL ({error}).") from error
        except httpcore2.TimeoutException as error:
            raise TooSlow(f"{url} can't be fetched: the host did not answer in time.") from error
        except (httpcore2.NetworkError, httpcore2.ProtocolError) as error:
            raise NotNow(f"{url} can't be fetched: {str(error) or type(error).__name__}.") from error
        except ssl.SSLError as error:
            raise FetchFailed(f"{url} can't be fetched: {str(error) or type(error).__name__}.") from error
        raise FetchFailed(f"{url} can't be fetched: it redirects more than {MAX_REDIRECTS} times.")

    async def _connections(self) -> httpcore2.AsyncConnectionPool:
        if self._pool is not None:
            return self._pool
        async with self._opening:
            if self._pool is None:
                self._pool = await run_sync(_make_pool, self.guard)  # reading the trust store takes a tenth of a second
            return self._pool


async def check_hits(hits: Sequence[Hit], fetcher: Fetcher, limit: int) -> list[Hit]:
    """Probe the first hits at once and give them in their order, with state, size and type, duplicates merged.

    The same picture under several addresses is one hit. Hits beyond `limit` and a few spare ones come back as they are.
    """
    probed = hits[: limit + SPARE]
    probes = await fetcher.probe_all([hit.image_url for hit in probed])
    kept: list[Hit] = []
    seen: set[str] = set()
    for hit, probe in zip(probed, probes, strict=True):
        if probe.fingerprint in seen:
            continue
        if probe.fingerprint is not None:
            seen.add(probe.fingerprint)
        told = {name: getattr(probe, name) or getattr(hit, name) for name in ("width", "height", "mime_type")}
        kept.append(hit.model_copy(update={"state": probe.state, **told}))
    return [*kept, *hits[len(probed) :]]


@dataclass(frozen=True, slots=True)
class _Answer:
    """The head of a host's answer after redirects; its body is still to be read."""

    response: httpcore2.Response
    headers: httpx2.Headers
    let_through: bool
    """Whether it, or a redirect on the way to it, is open to this machine alone."""
    observer: Observer

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.response.status

    @property
    def ok(self) -> bool:
        """Whether the body is the picture, or the part of it that was asked for."""
        return self.status in {200, 203, 206}

    @property
    def reason(self) -> str:
        """What the status means for a picture, in a few words."""
        return _REASONS.get(self.status, f"the host answers {self.status}")

    @property
    def total(self) -> int | None:
        """The length of the whole picture in bytes, as far as the host tells."""
        told = self.headers.get("content-range", "").rpartition("/")[2] or self.headers.get("content-length", "")
        return int(told) if _LENGTH.fullmatch(told) and "content-encoding" not in self.headers else None

    @property
    def length(self) -> int | None:
        """The length of the body in bytes, as far as the host tells."""
        told = self.headers.get("content-length", "")
        return int(told) if _LENGTH.fullmatch(told) else None

    def pieces(self) -> AsyncIterable[bytes]:
        """Give the body piece by piece."""
        return _Counted(self.response.aiter_stream(), self.observer)


class _Counted:
    """Pieces as they come, and their bytes told; not a generator, for whoever has read enough just stops."""

    def __init__(self, pieces: AsyncIterable[bytes], observer: Observer) -> None:
        self._pieces = aiter(pieces)
        self._observer = observer

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        piece = await anext(self._pieces)
        self._observer.moved("fetched", len(piece))
        return piece


def _make_pool(guard: Guard) -> httpcore2.AsyncConnectionPool:
    return httpcore2.AsyncConnectionPool(
        ssl_context=trusted(),
        max_connections=MAX_CONNECTIONS,
        max_keepalive_connections=PROBED_AT_ONCE,
        keepalive_expiry=5,
        network_backend=GuardedBackend(guard),
    )


def _asked(
    pool: httpcore2.AsyncConnectionPool, address: httpx2.URL, headers: Mapping[str, str]
) -> AbstractAsyncContextManager[httpcore2.Response]:
    target = httpcore2.URL(scheme=address.raw_scheme, host=address.raw_host, port=address.port, target=address.raw_path)
    sent = {"Host": address.netloc.decode("ascii"), **_HEADERS, **headers}
    return pool.stream("GET", target, headers=list(sent.items()), extensions=_TIMEOUTS)


async def _judged(data: bytes, total: int | None) -> Probe:
    """Tell what an address holds, off the event loop where the very first bytes don't."""
    told = sniff(data[:QUICK_BYTES])
    if told is not None and told.mime_type in _TOLD_EARLY and told.width and told.height:
        return _judge(data, total, told)
    return await run_sync(_judge, data, total)


def _judge(data: bytes, total: int | None, told: Sniffed | None = None) -> Probe:
    """Tell what an address holds by its first bytes and, where the host tells it, its length in bytes."""
    told = told or sniff(data)
    if told is None:
        return Probe(state="not_an_image", reason=f"it is {describe_bytes(data)}")
    tiny = told.width is not None and told.height is not None and min(told.width, told.height) < TINY
    return Probe(
        state="tiny" if tiny else "ok",
        width=told.width,
        height=told.height,
        mime_type=told.mime_type,
        fingerprint=_fingerprint(told, data, total),
        reason=f"a side is below {TINY} px" if tiny else None,
    )


def _fingerprint(told: Sniffed, data: bytes, total: int | None) -> str | None:
    """Hash the first bytes and the length; uncompressed pictures of one size may share both, so they have none."""
    if total is None or told.mime_type in _UNCOMPRESSED:
        return None
    return sha256(data[:FINGERPRINT_BYTES] + total.to_bytes(8, "big")).hexdigest()[:32]
