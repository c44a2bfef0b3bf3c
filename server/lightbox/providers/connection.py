"""HTTP with one service: requests out, updates or our errors back."""

from __future__ import annotations

import json
import ssl
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any, cast

import anyio
import httpx2
from anyio import to_thread

from lightbox.errors import Interrupted, RequestRejected, Unavailable, UpstreamError
from lightbox.providers.failures import Sent, clean, error_for
from lightbox.providers.reading import Reading
from lightbox.providers.updates import Update
from lightbox.wire.bodies import Body, load
from lightbox.wire.response import read_failure

LARGEST_EVENT = 64 * 1024 * 1024
"""The most that one event or body may hold, in bytes: a 4K PNG of noise is about 33 MB as base64."""

LAST_BYTES_SECONDS = 0.1
"""How long the end of a stream is waited for after its last event; a new connection costs about as much."""

_LIMITS = httpx2.Limits(max_connections=None, max_keepalive_connections=100, keepalive_expiry=2.0)
"""A call waits for no other. The connections of a burst are kept for its next calls, but not for long: services close
idle ones after 5 s at the earliest, and a request that meets such a closing counts as sent."""

_LARGEST_FAULT = 64 * 1024
_OFF_THE_LOOP = 256 * 1024
"""From how many characters on an event is read on another thread."""

_PIECE = 256 * 1024
"""How much of a request is written at once, in bytes: a slow line has the write timeout for each piece."""

# A connection that breaks while it is encrypted may raise the SSL library's own error.
_FAULTS = (httpx2.RequestError, ssl.SSLError)
# Raised before a byte of the request has left: nobody can have accepted it.
_NOT_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.ProxyError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """How long to wait for a service, in seconds.

    Attributes:
        connect: For a connection.
        read: Between two pieces of an answer. Services are silent for minutes while they paint or think.
        write: For a piece of the request to leave; pictures travel in it.
        ask: For the answer to a small question, such as which models there are.
        poll: Between two questions whether a stored response is done.
        polling: For all of them together.
    """

    connect: float = 15.0
    read: float = 300.0
    write: float = 120.0
    ask: float = 30.0
    poll: float = 2.0
    polling: float = 900.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One HTTP request, and what an error about it has to name."""

    method: str
    url: str
    headers: dict[str, str]
    sent: Sent
    body: Body | None = None


class Connection:
    """The HTTP client of one service. Making it costs 0.1 s, so it is made when the first request is."""

    def __init__(self, *, transport: httpx2.AsyncBaseTransport | None, timeouts: Timeouts, loopback: bool) -> None:
        self._ask_timeout = httpx2.Timeout(timeouts.ask, connect=timeouts.connect)
        self._client = httpx2.AsyncClient(
            transport=transport,
            timeout=httpx2.Timeout(
                connect=timeouts.connect, read=timeouts.read, write=timeouts.write, pool=timeouts.connect
            ),
            limits=_LIMITS,
            # A proxy of the environment does not lead to this machine.
            trust_env=not loopback,
            # A redirect would send a paid request twice, and a key to wherever it points.
            follow_redirects=False,
        )

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def read(self, request: Request, reading: Reading) -> AsyncGenerator[Update]:
        """Send a request once and yield what its answer tells, be it a stream or one body.

        Ends when the service does, which may be too early: `reading.ended` tells.

        Raises:
            UpstreamError: When it is refused, can't be sent, breaks off or makes no sense.
        """
        content, headers = await _content(request)
        try:
            async with self._client.sse(
                request.url,
                method=request.method,
                content=content,
                headers=headers,
                max_event_size=LARGEST_EVENT,
            ) as source:
                response = source.response
                if not response.is_success:
                    raise await _fault(response, request.sent)
                updates = _events(source, reading) if _is_stream(response) else _body(response, reading, request.sent)
                async with aclosing(updates):
                    async for update in updates:
                        yield update
        except _FAULTS as error:
            raise _broken(error, request.sent) from error

    async def ask(self, request: Request) -> Any:
        """Send a request without a body once and give the JSON that answers it; None for an answer of another kind.

        Raises:
            UpstreamError: When it is refused, can't be sent or breaks off.
        """
        try:
            async with self._client.stream(
                request.method, request.url, headers=request.headers, timeout=self._ask_timeout
            ) as response:
                if not response.is_success:
                    raise await _fault(response, request.sent)
                return _parse(await _bounded(response, LARGEST_EVENT))
        except _FAULTS as error:
            raise _broken(error, request.sent) from error


async def _content(request: Request) -> tuple[AsyncGenerator[bytes] | None, dict[str, str]]:
    """Write the body on another thread, for pictures are in it, and give it in pieces, each with its own time."""
    if request.body is None:
        return None, request.headers
    data = await to_thread.run_sync(_dump, request.body)
    return _pieces(data), {
        **request.headers,
        "Content-Type": "application/json",
        "Content-Length": str(len(data)),
    }


def _dump(body: Body) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode("utf-8", "replace")


async def _pieces(data: bytes) -> AsyncGenerator[bytes]:
    for start in range(0, len(data), _PIECE):
        yield data[start : start + _PIECE]


async def _events(source: httpx2.EventSource, reading: Reading) -> AsyncGenerator[Update]:
    source.response.encoding = "utf-8"  # as events always are; the header may name anything
    async with aclosing(cast("AsyncGenerator[httpx2.ServerSentEvent]", aiter(source))) as frames:
        async for frame in frames:
            for update in await _compute(len(frame.data), partial(reading.event, frame.data, frame.event)):
                yield update
            if reading.ended:
                await _to_the_end(frames)
                return


async def _to_the_end(frames: AsyncGenerator[httpx2.ServerSentEvent]) -> None:
    """Read what follows the last event, so that the connection can carry the next request.

    Some servers keep the line open: these are not waited for. Nothing that goes wrong here matters any more.
    """
    with suppress(*_FAULTS), anyio.move_on_after(LAST_BYTES_SECONDS):
        async for _ in frames:
            pass


async def _body(response: httpx2.Response, reading: Reading, sent: Sent) -> AsyncGenerator[Update]:
    kind = _content_type(response)
    if kind != "application/json" and not kind.endswith("+json"):
        raise _wrong_type(kind, sent)
    data = await _bounded(response, LARGEST_EVENT)
    try:
        updates = await _compute(len(data), partial(reading.body, data))
    except ValueError:
        raise Interrupted(
            f"{sent.endpoint.provider} answered with JSON that breaks off or is not a response. "
            "It was not sent again, because it may have been billed.",
            provider=sent.endpoint.provider,
        ) from None
    for update in updates:
        yield update


async def _compute(size: int, read: Callable[[], list[Update]]) -> list[Update]:
    """Read on another thread what would stop the loop for long."""
    return await to_thread.run_sync(read) if size > _OFF_THE_LOOP else read()


async def _bounded(response: httpx2.Response, most: int) -> bytes:
    """Read a body up to `most` bytes; what is longer comes back cut, and can't be read as JSON then."""
    data = bytearray()
    async with aclosing(response.aiter_bytes()) as chunks:
        async for chunk in chunks:
            data += chunk
            if len(data) > most:
                break
    return bytes(data[:most])


async def _fault(response: httpx2.Response, sent: Sent) -> UpstreamError:
    """Read why a request was not accepted. The body is never passed on, only its `message`, cleaned."""
    if response.is_redirect:
        return _redirected(response, sent)
    wait = read_retry_after(response.headers, datetime.now(UTC))
    body = _parse(await _bounded(response, _LARGEST_FAULT))
    return error_for(read_failure(body, http_status=response.status_code, retry_after=wait), sent)


def _redirected(response: httpx2.Response, sent: Sent) -> UpstreamError:
    endpoint = sent.endpoint
    place = clean(response.headers.get("location", "").partition("?")[0], endpoint, longest=200)
    return RequestRejected(
        f"{endpoint.provider} at {endpoint.address} redirects requests to {place or 'another address'}; they are not "
        "sent there, because they carry the key. "
        f"If that address is right, set {endpoint.provider.upper()}_BASE_URL to it.",
        provider=endpoint.provider,
    )


def _wrong_type(kind: str, sent: Sent) -> UpstreamError:
    endpoint = sent.endpoint
    named = clean(kind, endpoint, longest=60) or "no content type"
    return RequestRejected(
        f"{endpoint.provider} at {endpoint.address} answered with {named} where text/event-stream was expected: "
        f"{endpoint.provider.upper()}_BASE_URL may not be the address of a Responses API.",
        provider=endpoint.provider,
        # A web page did no work; a service that mislabels its stream may have.
        accepted=kind != "text/html",
    )


def _broken(error: Exception, sent: Sent) -> UpstreamError:
    endpoint = sent.endpoint
    if isinstance(error, _NOT_SENT):
        why = clean(str(error), endpoint, longest=120) or type(error).__name__
        return Unavailable(
            f"{endpoint.provider} can't be reached at {endpoint.address} ({why}); nothing was sent. "
            "Check the network, the proxy and the address.",
            provider=endpoint.provider,
        )
    how = "was silent for too long" if isinstance(error, httpx2.TimeoutException) else "broke off"
    if isinstance(error, httpx2.SSEError):
        how = f"sent an event of more than {LARGEST_EVENT // 1024**2} MiB"
    return Interrupted(
        f"{endpoint.provider} {how}. It was not sent again, because it may have been billed.",
        provider=endpoint.provider,
    )


def _parse(data: bytes) -> Any:
    try:
        return load(data)
    except ValueError:
        return None


def _is_stream(response: httpx2.Response) -> bool:
    return _content_type(response) == "text/event-stream"


def _content_type(response: httpx2.Response) -> str:
    return response.headers.get("content-type", "").partition(";")[0].strip().lower()


def read_retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Read how many seconds a service wants to be left alone; None if it does not say.

    Reads `retry-after-ms`, and `Retry-After` as seconds or as a date (RFC 9110, 10.2.3).
    """
    if (millis := _number(headers.get("retry-after-ms"))) is not None:
        return millis / 1000
    told = headers.get("retry-after")
    seconds = _number(told)
    if seconds is not None or told is None:
        return seconds
    try:
        return max(0.0, (parsedate_to_datetime(told) - now).total_seconds())
    except (ValueError, TypeError, OverflowError):
        return None


def _number(text: str | None) -> float | None:
    """Read digits; `float` would take `nan` and `inf` for numbers too."""
    whole = (text or "").strip()
    return float(whole) if whole.replace(".", "", 1).isdecimal() else None
