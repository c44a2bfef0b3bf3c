"""Pictures fetched from the web, within bounds of bytes, seconds and redirects."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Literal, Self

from lightbox.images.guard import Guard, Resolver

ProbeState = Literal["ok", "unchecked", "dead", "blocked", "not_an_image", "tiny"]


@dataclass(frozen=True, slots=True)
class Fetched:
    """What an address gave: `url` is the last address after redirects, `content_type` what the host claims."""

    data: bytes = field(repr=False)
    content_type: str | None
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What a few kilobytes told about an address.

    Attributes:
        state: `ok`; `unchecked` (not reached in time); `dead` (no such host or page); `blocked` (refused to us,
            or by the guard); `not_an_image`; `tiny` (a side below 64 px).
        width: In px, where known.
        height: In px, where known.
        mime_type: From the bytes.
        fingerprint: The same for the same picture under several addresses; `None` where it can't be told.
        reason: Why the state is not `ok`, in a few words.
    """

    state: ProbeState
    width: int | None = None
    height: int | None = None
    mime_type: str | None = None
    fingerprint: str | None = None
    reason: str | None = None


class Fetcher:
    """Fetches and probes pictures on the web; its client is made at the first use and closed by `aclose`.

    Args:
        allow: `host:port` pairs that the guard lets through although they are private.
        resolver: Gives the addresses of a name; the system's own by default.
        max_bytes: The most that is read of one picture.
        seconds: The longest that one fetch may take, redirects included.
        max_redirects: The most redirects that are followed.
    """

    def __init__(
        self,
        *,
        allow: Collection[str] = (),
        resolver: Resolver | None = None,
        max_bytes: int = 32 * 1024 * 1024,
        seconds: float = 20,
        max_redirects: int = 5,
    ) -> None:
        self.guard = Guard(allow, resolver)
        self.max_bytes = max_bytes

    async def __aenter__(self) -> Self:
        """Enter the lifespan; nothing is opened yet."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the client."""
        await self.aclose()

    async def aclose(self) -> None:
        """Close the client, if one was made."""

    async def fetch(self, url: str) -> Fetched:
        """Fetch an address whole.

        Raises:
            Forbidden: The guard does not let it, or one of its redirects, through.
            FetchFailed: It can't be reached, answers with an error, or is too large or too slow.
        """
        raise NotImplementedError

    async def probe(self, url: str) -> Probe:
        """Look at the first kilobytes of an address; never raises for what the web does."""
        raise NotImplementedError

    async def probe_all(self, urls: Sequence[str], seconds: float = 3) -> list[Probe]:
        """Probe many addresses at once, in their order; what was not reached in time is `unchecked`."""
        raise NotImplementedError
