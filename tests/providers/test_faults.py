"""The ways in which a service can fail: each ends in one of our errors or well, in time, and is paid for once."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
from anyio.abc import SocketAttribute
from pydantic import SecretStr

from lightbox.errors import UpstreamError
from lightbox.providers.adapter import Adapter, Retries
from lightbox.providers.calls import Call, DescribeCall, GenerateCall, SearchCall, SentPicture
from lightbox.providers.connection import Timeouts
from lightbox.providers.endpoint import Endpoint
from lightbox.providers.roster import PROVIDERS
from providers.scripted import EXAMPLES, Bench, Service, Step, Told

SEARCH = SearchCall(model="qwen3.7-plus", query="cats")
GENERATE = GenerateCall(model="gpt-6.1-sol", image_model="gpt-image-2.5-sunburst", prompt="a cat")
DESCRIBE = DescribeCall(model="gpt-6.1-sol", pictures=(SentPicture(url="https://e.com/a.png"),), question="What?")
CALLS: tuple[tuple[str, Call, str], ...] = (
    ("openai", GENERATE, "openai_generate.sse"),
    ("dashscope", SEARCH, "dashscope_search.sse"),
    ("openai", DESCRIBE, "openai_generate.sse"),
)
MOST_POSTS = 3
SECONDS = 20


@dataclass(frozen=True)
class Fault:
    """What a service does wrong, with which call, and whether the request may be sent again."""

    name: str
    provider: str
    call: Call
    steps: list[Step] = field(repr=False)
    repeats: bool = False


BODIES: dict[str, tuple[str, bytes]] = {
    "nothing": ("text/plain", b""),
    "a page": ("text/html", b"<html><h1>Bad gateway</h1></html>"),
    "nested": ("application/json", b'{"error":{"code":"odd","type":"odd_error","message":"Odd."}}'),
    "flat": ("application/json", b'{"code":"Odd","message":"Odd.","request_id":"r"}'),
    "a word": ("application/json", b'{"error":"odd"}'),
    "a detail": ("application/json", b'{"detail":[{"loc":["body","tools",0,"size"],"msg":"not a size"}]}'),
    "a list": ("application/json", b'["odd"]'),
    "a cut one": ("application/json", b'{"error":{"code":"o'),
    "a number": ("application/json", b'{"error":{"code":7,"message":7}}'),
    "a nest": ("application/json", b"[" * 60_000),
}
STATUSES = (400, 401, 403, 404, 408, 409, 413, 422, 429, 451, 500, 502, 503, 504, 520, 529)
ODD_EVENTS: dict[str, bytes] = {
    "no JSON": b"data: {\n\n",
    "a list": b"data: []\n\n",
    "null": b"data: null\n\n",
    "done": b"data: [DONE]\n\n",
    "an unknown kind": b'data: {"type":"response.weather"}\n\n',
    "an item of nothing": b'data: {"type":"response.output_item.done","item":null}\n\n',
    "an index of words": b'data: {"type":"response.output_text.delta","output_index":"x","delta":"a"}\n\n',
    "an index without end": b'data: {"type":"response.output_text.delta","output_index":1' + b"0" * 5_000 + b"}\n\n",
    "half an emoji": b'data: {"type":"response.output_text.delta","delta":"\\ud83d"}\n\n',
    "bytes that are no text": b"data: \xff\xfe\xfd\n\n",
    "a deep nest": b"data: " + b"[" * 60_000 + b"\n\n",
    "a wide one": b"data: [" + b"{}," * 60_000 + b"{}]\n\n",
    "many lines": b"data: 1\n" * 2_000 + b"\n",
    "a partial picture of nothing": (
        b'data: {"type":"response.image_generation_call.partial_image","partial_image_b64":"!"}\n\n'
    ),
    "an error": b'event: error\ndata: {"code":"server_error","message":"Odd."}\n\n',
    "a failure": b'data: {"type":"response.failed","response":{"error":{"code":"server_error"}}}\n\n',
    "an early end": b'data: {"type":"response.incomplete","response":{"incomplete_details":{"reason":"x"}}}\n\n',
    "a cancelled end": b'data: {"type":"response.cancelled","response":{"status":"cancelled"}}\n\n',
    "a refusal": b'data: {"type":"error","error":{"code":"moderation_blocked","message":"No."}}\n\n',
    "too many requests": b'data: {"type":"error","error":{"code":"rate_limit_exceeded","message":"Slow."}}\n\n',
}
RESULTS: dict[str, object] = {
    "an address": "https://e.com/a.png",
    "a damaged one": "iVBORw0KGgo!!!",
    "a number": 7,
    "a list": ["iVBORw0KGgo="],
    "blanks": "   ",
    "a data URI": "data:image/png;base64,iVBORw0KGgo=",
    "a form for URLs": "_-_-",
    "lines": "iVBO\nRw0K\r\nGgo=",
}
HEADERS: dict[str, dict[str, str | int]] = {
    "5,000 digits": {"Retry_After": "9" * 5_000},
    "the year 3000": {"Retry_After": "Sat, 22 Nov 3000 00:00:00 GMT"},
    "no date": {"Retry_After": "Sat, 99 Nov 2026 00:00:00 GMT"},
    "less than nothing": {"Retry_After": "-5"},
    "no time": {"Retry_After": "0"},
    "digits of another script": {"Retry_After": "\u0663".encode().decode("latin-1")},
    "infinity": {"Retry_After": "inf", "retry_after_ms": "nan"},
}


def _faults() -> Iterator[Fault]:
    for status in STATUSES:
        for name, (kind, body) in BODIES.items():
            provider, call, _ = CALLS[(status + len(name)) % len(CALLS)]
            steps: list[Step] = [Service.head(status, kind, Content_Length=len(body)) + body]
            yield Fault(f"{status} with {name}", provider, call, steps, repeats=status in (429, 503, 529))
    for name, headers in HEADERS.items():
        for status in (429, 503):
            body = Service.body({"error": {"code": "rate_limit_exceeded", "message": "Slow."}}, status, **headers)
            yield Fault(f"{status} until {name}", "openai", GENERATE, [body], repeats=True)
    for name, (kind, body) in BODIES.items():
        provider, call, _ = CALLS[len(name) % len(CALLS)]
        yield Fault(f"200 with {name}", provider, call, [Service.head(200, kind) + body])
    yield from _streams()
    yield from _results()
    yield from _lines()


def _streams() -> Iterator[Fault]:
    for provider, call, example in CALLS[:2]:
        frames = Service.frames(example)
        for at in range(len(frames)):
            yield Fault(f"{example} cut after {at}", provider, call, [Service.stream(*frames[:at], cut=True)])
            if at % 3 == 0:
                silent = Service.stream(*frames[:at], cut=True)
                yield Fault(f"{example} silent after {at}", provider, call, [silent, anyio.sleep_forever])
        for name, odd in ODD_EVENTS.items():
            yield Fault(f"{example} with {name}", provider, call, [Service.stream(frames[0], odd, *frames[1:])])


def _results() -> Iterator[Fault]:
    for name, result in RESULTS.items():
        item = {"type": "image_generation_call", "id": "i", "status": "completed", "result": result}
        done: dict[str, Any] = {"id": "r", "status": "completed", "output": [item]}
        yield Fault(f"a picture that is {name}", "openai", GENERATE, [Service.body(done)])


def _lines() -> Iterator[Fault]:
    whole = (EXAMPLES / "openai_generate.sse").read_bytes()
    raw: dict[str, bytes] = {
        "nothing": b"",
        "half a head": b"HTTP/1.1 200 OK\r\nContent-Ty",
        "no HTTP": b"SSH-2.0-OpenSSH_9.6\r\n",
        "an alert of TLS": b"\x15\x03\x03\x00\x02\x02\x46",
        "another version": b"HTTP/9.9 200 OK\r\n\r\n",
        "a status of words": b"HTTP/1.1 good OK\r\n\r\n",
        "a head without end": b"HTTP/1.1 200 OK\r\nX: " + b"x" * 300_000,
        "a length that is wrong": Service.head(Content_Length=10**6) + whole,
        "a length of words": Service.head(Content_Length="many") + whole,
        "a chunk of words": Service.head(Transfer_Encoding="chunked") + b"zz\r\n" + whole,
        "a chunk without end": Service.head(Transfer_Encoding="chunked") + b"ffffff\r\n" + whole,
        "gzip that is none": Service.head(Content_Encoding="gzip") + whole,
        "deflate that is none": Service.head(Content_Encoding="deflate") + whole,
        "brotli": Service.head(Content_Encoding="br") + whole,
        "two compressions": Service.head(Content_Encoding="gzip, deflate") + whole,
        "only a comment": Service.stream(b": ping\n\n" * 100),
        "other line ends": Service.stream(whole.replace(b"\n", b"\r\n")),
        "old line ends": Service.stream(whole.replace(b"\n", b"\r")),
        "a mark at its beginning": Service.stream(b"\xef\xbb\xbf" + whole),
        "one byte at a time": Service.stream(*(whole[at : at + 1] for at in range(len(whole)))),
        "no blank line at the end": Service.stream(whole.rstrip()),
        "a redirect": Service.head(307, Location="http://169.254.169.254/", Content_Length=0),
        "a redirect to nowhere": Service.head(302, Content_Length=0),
        "an early hint": b"HTTP/1.1 103 Early Hints\r\n\r\n" + Service.head() + whole,
        "no content": Service.head(204),
        "a plain request to a TLS port": Service.head(400, "text/html")
        + b"<h1>The plain HTTP request was sent to HTTPS port</h1>",
    }
    for name, data in raw.items():
        yield Fault(f"a line that brings {name}", "openai", GENERATE, [data])


FAULTS = tuple(_faults())


async def _run(fault: Fault) -> tuple[Told, int]:
    """Meet one fault, with a service and an adapter of its own."""
    service = Service()
    service.answer(*fault.steps)
    told = Told([], TimeoutError("it did not end"))
    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    async with listener, anyio.create_task_group() as tasks:
        service.port = listener.extra(SocketAttribute.local_port)  # noqa: S610 - anyio's, not Django's
        tasks.start_soon(listener.serve, service.serve)
        adapter = Adapter(
            Endpoint(provider=fault.provider, base_url=service.url, key=SecretStr("sk-test-0123456789abcdefghij")),
            PROVIDERS[fault.provider].dialect,
            timeouts=Timeouts(connect=5, read=0.5, ask=0.5),
            retries=Retries(first=0.0, chance=lambda: 0.0),
            sleep=lambda _: anyio.lowlevel.checkpoint(),
        )
        with anyio.move_on_after(SECONDS):
            told = await Bench(service).collect(adapter.stream(fault.call))
        await adapter.aclose()
        tasks.cancel_scope.cancel()
    return told, service.posts


def _sockets() -> int:
    links = [Path("/proc/self/fd", name) for name in os.listdir("/proc/self/fd")]  # noqa: PTH208 - closed at once
    return sum(str(link.readlink()).startswith("socket") for link in links if link.is_symlink())


async def test_every_fault_ends_well_or_in_words_and_is_paid_for_once() -> None:
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)
    await _run(FAULTS[0])  # what is opened once for all is open now
    tasks_before, sockets_before = len(asyncio.all_tasks()), _sockets()
    ended: dict[str, tuple[Told, int]] = {}
    room = anyio.CapacityLimiter(64)

    async def meet(fault: Fault) -> None:
        async with room:
            ended[fault.name] = await _run(fault)

    async with anyio.create_task_group() as tasks:
        for fault in FAULTS:
            tasks.start_soon(meet, fault)
    wrong: list[str] = []
    for fault in FAULTS:
        told, posts = ended[fault.name]
        if told.error is not None and not isinstance(told.error, UpstreamError):
            wrong.append(f"{fault.name}: {told.error!r}")
        if told.error is None and "Finished" not in told.names:
            wrong.append(f"{fault.name}: neither an end nor an error")
        if posts != 1 and not (fault.repeats and posts <= MOST_POSTS):
            wrong.append(f"{fault.name}: {posts} posts")
        if posts > 1 and isinstance(told.error, UpstreamError) and told.error.accepted:
            wrong.append(f"{fault.name}: sent again although it may have been accepted")
        if told.error is not None and (len(str(told.error)) > 1_500 or not str(told.error).isprintable()):
            wrong.append(f"{fault.name}: {str(told.error)[:200]!r}")
    assert wrong == []
    assert (len(asyncio.all_tasks()), _sockets()) == (tasks_before, sockets_before)
    print(f"{len(FAULTS)} faults of a service")  # noqa: T201 - the corpus tells its size
    assert len(FAULTS) >= 200
