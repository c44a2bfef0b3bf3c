"""Pictures fetched from the web, within bounds of bytes, seconds and redirects."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import anyio

from lightbox.errors import BadReference, FetchFailed, Forbidden
from lightbox.images.guard import Guard, Resolver
from lightbox.images.probe import PROBE_BYTES, Probe, enough, judge
from lightbox.images.web import Answer, TooSlow, Web, status_reason

logger = logging.getLogger(__name__)

MAX_BYTES = 32 * 1024 * 1024
PROBED_AT_ONCE = 16
_RANGE = {"Range": f"bytes=0-{PROBE_BYTES - 1}"}
_RANGE_REFUSED = 416
_BLOCKED = frozenset({401, 403, 405, 407, 429, 451})


@dataclass(frozen=True, slots=True)
class Fetched:
    """What an address gave: `url` is the last address after redirects, `content_type` what the host claims."""

    data: bytes = field(repr=False)
    content_type: str | None
    url: str


class Fetcher:
    """Fetches and probes pictures on the web, e.g. `await Fetcher().fetch("https://example.com/fox.jpg")`.

    Connections are made at the first use and closed by `aclose`, which the lifespan calls.

    Args:
        allow: `host:port` pairs that the guard lets through although they are private.
        resolver: Gives the addresses of a name; the system's own by default.
        max_bytes: The most that is read of one picture.
        seconds: The longest that one fetch may take, redirects included.
    """

    def __init__(
        self,
        *,
        allow: Collection[str] = (),
        resolver: Resolver | None = None,
        max_bytes: int = MAX_BYTES,
        seconds: float = 20,
    ) -> None:
        self.guard = Guard(allow, resolver)
        self.max_bytes = max_bytes
        self._seconds = seconds
        self._web = Web(self.guard)

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
        await self._web.aclose()

    async def fetch(self, url: str) -> Fetched:
        """Fetch an address whole.

        Raises:
            Forbidden: The guard does not let it, or one of its redirects, through.
            FetchFailed: It can't be reached, answers with an error, or is too large or too slow.
            BadReference: It is malformed.
        """
        try:
            with anyio.fail_after(self._seconds):
                async with self._web.get(url, {}) as answer:
                    return await self._whole(url, answer)
        except TimeoutError as error:
            raise TooSlow(f"{url} did not give its picture within {self._seconds:g} seconds.") from error

    async def probe(self, url: str) -> Probe:
        """Look at the first kilobytes of an address; never raises for what the web does."""
        try:
            return await self._probe(url, _RANGE)
        except Forbidden:
            return Probe(state="blocked", reason="not a public address")
        except TooSlow:
            return Probe(state="unchecked", reason="the host did not answer in time")
        except (FetchFailed, BadReference):
            return Probe(state="dead", reason="the host can't be reached")
        except Exception:  # one odd host must not end the paid search whose hits are looked at
            logger.exception("%s could not be looked at", url[:200])
            return Probe(state="unchecked", reason="it could not be looked at")

    async def probe_all(self, urls: Sequence[str], seconds: float = 3) -> list[Probe]:
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
        async with self._web.get(url, headers) as answer:
            if answer.ok:
                return judge(await _beginning(answer), answer.total)
            if answer.status != _RANGE_REFUSED or not headers:
                state = "blocked" if answer.status in _BLOCKED else "dead"
                return Probe(state=state, reason=status_reason(answer.status))
        return await self._probe(url, {})  # a host that can't give a part is asked for the whole

    async def _whole(self, url: str, answer: Answer) -> Fetched:
        if not answer.ok:
            raise FetchFailed(f"{url} can't be fetched: {status_reason(answer.status)}.")
        data = bytearray()
        if (answer.total or 0) <= self.max_bytes:
            async for piece in answer.pieces():
                data += piece
                if len(data) > self.max_bytes:
                    break
            else:
                return Fetched(bytes(data), answer.headers.get("content-type"), answer.url)
        raise FetchFailed(f"{url} can't be fetched: it is larger than {self.max_bytes / 1e6:.0f} MB.")


async def _beginning(answer: Answer) -> bytes:
    data = bytearray()
    async for piece in answer.pieces():
        data += piece
        if enough(bytes(data)):
            break
    return bytes(data[:PROBE_BYTES])
