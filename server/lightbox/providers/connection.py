"""HTTP with one service: requests out, updates or our errors back."""

from __future__ import annotations

import json
import re
import ssl
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from http import HTTPStatus
from typing import Any, cast

import anyio
import httpx2
from anyio import to_thread

from lightbox.errors import Interrupted, RequestRejected, Unavailable, UpstreamError
from lightbox.providers.failures import Sent, clean, error_for
from lightbox.providers.reading import Reading
from lightbox.providers.room import LARGEST_EVENT, MEBIBYTE, READING_TIMES, ROOM, Held, NoRoom, Room
from lightbox.providers.trust import trusted
from lightbox.providers.updates import Update
from lightbox.telemetry.observer import UNOBSERVED, Observer
from lightbox.wire.bodies import Body, load_bytes, mapping
from lightbox.wire.events import Frame, Frames, FrameTooLarge
from lightbox.wire.response import read_failure
from lightbox.wire.unknown_field import unknown_field

MOST_BYTES = 512 * MEBIBYTE
"""The most that one answer may hold in all: three partial pictures and the picture twice, each as large as can be."""

LAST_BYTES_SECONDS = 0.1
"""How long the end of a stream is waited for after its last event; a new connection costs about as much."""

_LIMITS = httpx2.Limits(max_connections=None, max_keepalive_connections=100, keepalive_expiry=2.0)
"""A call waits for no other. The connections of a burst are kept for its next calls, but not for long: services close
idle ones after 5 s at the earliest, and a request that meets such a closing counts as sent."""

MOST_EVENTS = 300_000
"""The most events of one answer: twice the words of the longest that a model writes."""

LARGE_EVENT_SECONDS = 240.0
"""How long one large event may take to come: what has come of it takes room from others."""

LONGEST_RETRY = 7 * 86_400.0
"""The most that a service can want to be left alone, in seconds; what is longer is told as `later`."""

_UNCOUNTED = 256 * 1024
"""What is smaller is neither counted nor read or written on another thread: that would take longer."""
_STEP = 4 * MEBIBYTE
_LARGEST_FAULT = 64 * 1024
_LARGEST_LIST = 4 * MEBIBYTE
_NO_TLS = ("WRONG_VERSION_NUMBER", "wrong version number", "RECORD_LAYER_FAILURE", "record layer failure")
_TLS_WANTED = re.compile(rb"plain HTTP request was sent to HTTPS port|HTTP request to an HTTPS server", re.IGNORECASE)

_TURNED_AWAY = (HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY)
"""What is answered before any work to a request that is not understood."""
_BEGUN = frozenset({"id", "output", "usage"})
"""What stands in the body of an answer whose work has begun, whatever its status."""

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
    """The HTTP client of one service. The first one costs 0.1 s, so it is made when the first request is."""

    def __init__(
        self,
        *,
        transport: httpx2.AsyncBaseTransport | None,
        timeouts: Timeouts,
        loopback: bool,
        room: Room = ROOM,
        observer: Observer = UNOBSERVED,
    ) -> None:
        self._observer = observer
        self._room = room
        self._ask_timeout = httpx2.Timeout(timeouts.ask, connect=timeouts.connect)
        self._client = httpx2.AsyncClient(
            transport=transport,
            verify=trusted(),
            timeout=httpx2.Timeout(
                connect=timeouts.connect, read=timeouts.read, write=timeouts.write, pool=timeouts.connect
            ),
            limits=_LIMITS,
            # A proxy of the environment does not lead to this machine.
            trust_env=not loopback,
            # A redirect would send a paid request twice, and a key to wherever it points.
            follow_redirects=False,
            # What is compressed can be a thousand times as large as what came.
            headers={"Accept-Encoding": "identity"},
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
        self._observer.moved("sent", int(headers.get("Content-Length", 0)))
        answered = False
        try:
            async with self._client.sse(
                request.url,
                method=request.method,
                content=content,
                headers=headers,
                max_event_size=LARGEST_EVENT,
            ) as source:
                response, answered = source.response, True
                if not response.is_success:
                    raise await _fault(response, request.sent)
                _check_encoding(response, request.sent)
                answer = _Answer(response, reading, request.sent, Held(self._room), self._observer)
                updates = answer.events() if _is_stream(response) else answer.body()
                try:
                    async with aclosing(updates):
                        async for update in updates:
                            yield update
                finally:
                    answer.held.release()
        except _FAULTS as error:
            raise _broken(error, request.sent, answered=answered) from error

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
                return _parse(await _bounded(response, _LARGEST_LIST))
        except _FAULTS as error:
            raise _broken(error, request.sent) from error


async def _content(request: Request) -> tuple[AsyncGenerator[bytes] | None, dict[str, str]]:
    """Write the body, on another thread where pictures are in it, and give it in pieces, each with its own time."""
    body = request.body
    if body is None:
        return None, request.headers
    data = await to_thread.run_sync(_dump, body) if _letters(body) > _UNCOUNTED else _dump(body)
    return _pieces(data), {
        **request.headers,
        "Content-Type": "application/json",
        "Content-Length": str(len(data)),
    }


def _letters(value: Any) -> int:
    """Count the characters of all texts in a body."""
    if isinstance(value, dict):
        return sum(map(_letters, cast("dict[str, Any]", value).values()))
    if isinstance(value, list):
        return sum(map(_letters, cast("list[Any]", value)))
    return len(value) if isinstance(value, str) else 0


def _dump(body: Body) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode("utf-8", "replace")


async def _pieces(data: bytes) -> AsyncGenerator[bytes]:
    for start in range(0, len(data), _PIECE):
        yield data[start : start + _PIECE]


class _Answer:
    """An answer that comes in, held within bounds."""

    def __init__(self, response: httpx2.Response, reading: Reading, sent: Sent, held: Held, observer: Observer) -> None:
        self.held = held
        self._observer = observer
        self._response = response
        self._reading = reading
        self._sent = sent
        self._began: float | None = None

    async def events(self) -> AsyncGenerator[Update]:
        """Read a stream. Some servers keep the line open after the last event."""
        frames, number = Frames(LARGEST_EVENT), 0
        async with aclosing(self._chunks()) as chunks:
            async for chunk in chunks:
                for frame in self._whole(frames.end() if chunk is None else frames.feed(chunk)):
                    number += 1
                    if number > MOST_EVENTS:
                        raise self._too_much(f"more than {MOST_EVENTS:,} events")
                    for update in await self._read(frame.data, partial(self._reading.event, frame.data, frame.name)):
                        yield update
                    if self._reading.ended:
                        await _to_the_end(chunks)
                        return
                await self._keep(frames.held)

    async def body(self) -> AsyncGenerator[Update]:
        """Read an answer that comes as one JSON."""
        kind = _content_type(self._response)
        if kind != "application/json" and not kind.endswith("+json"):
            raise _wrong_type(kind, self._sent)
        data = bytearray()
        async with aclosing(self._chunks()) as chunks:
            async for chunk in chunks:
                data += chunk or b""
                if len(data) > LARGEST_EVENT:
                    raise self._too_much(f"an answer of more than {LARGEST_EVENT // MEBIBYTE} MiB")
                await self._keep(len(data))
        try:
            updates = await self._read(data, partial(self._reading.body, data))
        except ValueError:
            raise Interrupted(
                f"{self._sent.endpoint.provider} answered with JSON that breaks off or is not a response. "
                "It was not sent again, because it may have been billed.",
                provider=self._sent.endpoint.provider,
            ) from None
        for update in updates:
            yield update

    async def _chunks(self) -> AsyncGenerator[bytes | None]:
        """Give what comes, and None at its end."""
        size = 0
        async with aclosing(self._response.aiter_bytes()) as chunks:
            async for chunk in chunks:
                size += len(chunk)
                self._observer.moved("received", len(chunk))
                if size > MOST_BYTES:
                    raise self._too_much(f"more than {MOST_BYTES // MEBIBYTE} MiB")
                yield chunk
        yield None

    def _whole(self, frames: Iterator[Frame]) -> Iterator[Frame]:
        try:
            yield from frames
        except FrameTooLarge:
            raise self._too_much(f"an event of more than {LARGEST_EVENT // MEBIBYTE} MiB") from None

    async def _keep(self, size: int) -> None:
        """Count what is held of an unfinished event or body; a little of it is not worth counting."""
        if size <= _UNCOUNTED:
            self._began = None
            self.held.release()
            return
        now = anyio.current_time()
        self._began = now if self._began is None else self._began
        if now - self._began > LARGE_EVENT_SECONDS:
            raise self._too_much(f"one event for more than {LARGE_EVENT_SECONDS:.0f} s")
        await self._hold(-(-size // _STEP) * _STEP)

    async def _read(self, data: bytearray, read: Callable[[], list[Update]]) -> list[Update]:
        """Read on another thread what would stop the loop for long. What is held of it is held until it is told."""
        if len(data) <= _UNCOUNTED:
            return read()
        await self._hold(READING_TIMES * len(data))
        return await to_thread.run_sync(read)

    async def _hold(self, size: int) -> None:
        try:
            await self.held.hold(size)
        except NoRoom:
            provider = self._sent.endpoint.provider
            raise Interrupted(
                f"{provider} sent a large answer while others held all the room that there is for such; "
                "it was let go, and may have been billed. Make fewer pictures at once.",
                provider=provider,
            ) from None

    def _too_much(self, what: str) -> Interrupted:
        provider = self._sent.endpoint.provider
        return Interrupted(
            f"{provider} sent {what}. It was not sent again, because it may have been billed.", provider=provider
        )


async def _to_the_end(chunks: AsyncGenerator[bytes | None]) -> None:
    """Read what follows the last event, so that the connection can carry the next request.

    Some servers keep the line open: these are not waited for. Nothing that goes wrong here matters any more.
    """
    with suppress(UpstreamError, *_FAULTS), anyio.move_on_after(LAST_BYTES_SECONDS):
        async for _ in chunks:
            pass


def _check_encoding(response: httpx2.Response, sent: Sent) -> None:
    """Make sure that an answer is not compressed in a way that can't be bounded while it is unpacked."""
    told = [coding.strip().lower() for coding in response.headers.get("content-encoding", "").split(",")]
    codings = [coding for coding in told if coding not in ("", "identity")]
    if codings and (len(codings) > 1 or codings[0] not in ("gzip", "x-gzip", "deflate")):
        named = clean(", ".join(codings), sent.endpoint, longest=60)
        raise Interrupted(
            f"{sent.endpoint.provider} answered in a compression that was not asked for ({named}). "
            "It was not sent again, because it may have been billed.",
            provider=sent.endpoint.provider,
        )


async def _bounded(response: httpx2.Response, most: int) -> bytearray:
    """Read a body up to `most` bytes; what is longer comes back cut, and can't be read as JSON then."""
    data = bytearray()
    async with aclosing(response.aiter_bytes()) as chunks:
        async for chunk in chunks:
            data += chunk
            if len(data) > most:
                break
    del data[most:]
    return data


async def _fault(response: httpx2.Response, sent: Sent) -> UpstreamError:
    """Read why a request was not accepted. The body is never passed on, only its `message`, cleaned."""
    if response.is_redirect:
        return _redirected(response, sent)
    wait = read_retry_after(response.headers, datetime.now(UTC))
    data = await _bounded(response, _LARGEST_FAULT)
    if response.status_code == HTTPStatus.BAD_REQUEST and _TLS_WANTED.search(data):
        return _other_scheme(sent)
    told = _parse(data)
    failure = read_failure(told, http_status=response.status_code, retry_after=wait)
    error = error_for(failure, sent)
    if response.status_code in _TURNED_AWAY and not _BEGUN & mapping(told).keys():
        error.unknown_field = unknown_field(failure)
    return error


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
    expected = "application/json" if sent.address else "text/event-stream"
    what = "may lead elsewhere" if sent.address else "may not be the address of a Responses API"
    return RequestRejected(
        f"{endpoint.provider} at {sent.address or endpoint.address} answered with {named} where {expected} was "
        f"expected: {endpoint.provider.upper()}_BASE_URL {what}.",
        provider=endpoint.provider,
        # A web page did no work; a service that mislabels its stream may have.
        accepted=kind != "text/html",
    )


def _other_scheme(sent: Sent) -> UpstreamError:
    """Say that a server wants TLS and was asked without, or the other way round."""
    endpoint = sent.endpoint
    plain = endpoint.address.startswith("http:")
    right = endpoint.address.replace(*(("http:", "https:") if plain else ("https:", "http:")), 1)
    what = "expects TLS, but was asked in plain HTTP" if plain else "does not speak TLS"
    return RequestRejected(
        f"{endpoint.provider} at {endpoint.address} {what}: set {endpoint.provider.upper()}_BASE_URL to {right}. "
        "The request was not accepted.",
        provider=endpoint.provider,
    )


def _broken(error: Exception, sent: Sent, *, answered: bool = False) -> UpstreamError:
    """Say how a line broke; `answered`: after the head of an answer had come."""
    endpoint = sent.endpoint
    secure = endpoint.address.startswith("https:")
    if secure and isinstance(error, _NOT_SENT) and any(sign in str(error) for sign in _NO_TLS):
        return _other_scheme(sent)
    if isinstance(error, _NOT_SENT):
        why = clean(str(error), endpoint, longest=120) or type(error).__name__
        return Unavailable(
            f"{endpoint.provider} can't be reached at {endpoint.address} ({why}); nothing was sent. "
            "Check the network, the proxy and the address.",
            provider=endpoint.provider,
        )
    how = "was silent for too long" if isinstance(error, httpx2.TimeoutException) else "broke off"
    hint = ""
    if not (secure or answered or isinstance(error, httpx2.TimeoutException)):
        hint = f" If that server expects TLS, write {endpoint.provider.upper()}_BASE_URL with https://."
    return Interrupted(
        f"{endpoint.provider} {how}. It was not sent again, because it may have been billed.{hint}",
        provider=endpoint.provider,
    )


def _parse(data: bytearray) -> Any:
    try:
        return load_bytes(data)
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
        return min(millis / 1000, LONGEST_RETRY)
    told = headers.get("retry-after")
    seconds = _number(told)
    seconds = None if seconds is None else min(seconds, LONGEST_RETRY)
    if seconds is not None or told is None or len(told) > _LONGEST_DATE:
        return seconds
    try:
        return min(max(0.0, (parsedate_to_datetime(told) - now).total_seconds()), LONGEST_RETRY)
    except (ValueError, TypeError, OverflowError):
        return None


_LONGEST_DATE = 64
_LONGEST_NUMBER = 12


def _number(text: str | None) -> float | None:
    """Read digits; `float` would take `nan` and `inf` for numbers too, and thousands of digits for infinity."""
    whole = (text or "").strip()
    if not whole.replace(".", "", 1).isdecimal():
        return None
    return min(float(whole), LONGEST_RETRY * 1000) if len(whole) <= _LONGEST_NUMBER else LONGEST_RETRY * 1000
