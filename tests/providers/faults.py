"""The ways in which a service can fail, each written once: what it answers, and what may follow from that."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

import anyio

from providers.scripted import Service, Step

Free = Literal["always", "as told", "never"]
"""Whether a call that meets the fault costs nothing.

`as told`: where the service charges for no call that it says has failed.
"""


@dataclass(frozen=True, slots=True)
class Good:
    """What a service answers when all is well, in which a fault changes something.

    Attributes:
        stream: The events of the answer, framed as SSE.
        response_id: The service's name for it.
        item: Gives the item that a call of this kind is made for, with this result.
    """

    stream: bytes
    response_id: str
    item: Callable[[object], dict[str, Any]]

    @property
    def frames(self) -> list[bytes]:
        return Service.split(self.stream)

    def named(self, response_id: str) -> Good:
        """Give the same answer under another name, which has to be as long: lengths stand in the answer."""
        old, new = self.response_id.encode(), response_id.encode()
        return Good(self.stream.replace(old, new), response_id, self.item)


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to fail.

    Attributes:
        name: Says what happens.
        steps: Gives what is sent, and what is waited for, in the place of a good answer.
        repeats: Whether the request may be sent again, for it surely was not accepted.
        free: Whether nothing is billed.
    """

    name: str
    steps: Callable[[Good], list[Step]] = field(repr=False)
    repeats: bool = False
    free: Free = "never"


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
CODED = {"nested", "flat", "a number"}
"""Those in which the service tells the fault in its own terms."""
TOLD = CODED | {"a word"}
"""Those that tell a fault although the status does not."""
STATUSES = (400, 401, 403, 404, 408, 409, 413, 422, 429, 451, 500, 502, 503, 504, 520, 529)
ALIKE = {403, 404, 409, 413, 451, 520}
"""Statuses that are read as another one is; they come with a few bodies only."""
USUAL = ("nothing", "a page", "nested")
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
}
TOLD_IN_EVENTS: dict[str, bytes] = {
    "an error": b'event: error\ndata: {"code":"server_error","message":"Odd."}\n\n',
    "a failure": b'data: {"type":"response.failed","response":{"error":{"code":"server_error"}}}\n\n',
    "a refusal": b'data: {"type":"error","error":{"code":"moderation_blocked","message":"No."}}\n\n',
    "too many requests": b'data: {"type":"error","error":{"code":"rate_limit_exceeded","message":"Slow."}}\n\n',
}
ENDED_IN_EVENTS: dict[str, bytes] = {
    "an early end": b'data: {"type":"response.incomplete","response":{"incomplete_details":{"reason":"x"}}}\n\n',
    "a cancelled end": b'data: {"type":"response.cancelled","response":{"status":"cancelled"}}\n\n',
}
PICTURE = base64.b64decode(Service.example("openai_generate.sse").split(b'"result": "')[1].split(b'"')[0])
DAMAGED = "iVBORw0KGgo!!!"
FOR_URLS = "_-_-"
RESULTS: dict[str, object] = {
    "an address": "https://127.0.0.1/a.png",
    "a damaged one": DAMAGED,
    "a number": 7,
    "a list": ["iVBORw0KGgo="],
    "blanks": "   ",
    "its beginning": base64.b64encode(PICTURE[:8]).decode(),
    "a data URI": f"data:image/png;base64,{base64.b64encode(PICTURE).decode()}",
    "a form for URLs": FOR_URLS,
    "lines": base64.encodebytes(PICTURE).decode().replace("\n", "\r\n", 1),
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
LINES: dict[str, Callable[[bytes], bytes]] = {
    "nothing": lambda _: b"",
    "half a head": lambda _: b"HTTP/1.1 200 OK\r\nContent-Ty",
    "no HTTP": lambda _: b"SSH-2.0-OpenSSH_9.6\r\n",
    "an alert of TLS": lambda _: b"\x15\x03\x03\x00\x02\x02\x46",
    "another version": lambda _: b"HTTP/9.9 200 OK\r\n\r\n",
    "a status of words": lambda _: b"HTTP/1.1 good OK\r\n\r\n",
    "a head without end": lambda _: b"HTTP/1.1 200 OK\r\nX: " + b"x" * 300_000,
    "a length that is wrong": lambda whole: Service.head(Content_Length=10**6) + whole,
    "a length of words": lambda whole: Service.head(Content_Length="many") + whole,
    "a chunk of words": lambda whole: Service.head(Transfer_Encoding="chunked") + b"zz\r\n" + whole,
    "a chunk without end": lambda whole: Service.head(Transfer_Encoding="chunked") + b"ffffff\r\n" + whole,
    "gzip that is none": lambda whole: Service.head(Content_Encoding="gzip") + whole,
    "deflate that is none": lambda whole: Service.head(Content_Encoding="deflate") + whole,
    "brotli": lambda whole: Service.head(Content_Encoding="br") + whole,
    "two compressions": lambda whole: Service.head(Content_Encoding="gzip, deflate") + whole,
    "only a comment": lambda _: Service.stream(b": ping\n\n" * 100),
    "other line ends": lambda whole: Service.stream(whole.replace(b"\n", b"\r\n")),
    "old line ends": lambda whole: Service.stream(whole.replace(b"\n", b"\r")),
    "a mark at its beginning": lambda whole: Service.stream(b"\xef\xbb\xbf" + whole),
    "one byte at a time": lambda whole: Service.stream(*(whole[at : at + 1] for at in range(len(whole)))),
    "no blank line at the end": lambda whole: Service.stream(whole.rstrip()),
    "an early hint": lambda whole: b"HTTP/1.1 103 Early Hints\r\n\r\n" + Service.head() + whole,
    "no content": lambda _: Service.head(204),
}
LINES_OF_NO_SERVICE: dict[str, bytes] = {
    "a redirect": Service.head(307, Location="http://169.254.169.254/", Content_Length=0),
    "a redirect to nowhere": Service.head(302, Content_Length=0),
    "a plain request to a TLS port": Service.head(400, "text/html")
    + b"<h1>The plain HTTP request was sent to HTTPS port</h1>",
}
EVENTS = 8
"""After how many events from the beginning, and how many before the end, a stream breaks: all those of the examples."""


def _faults() -> Iterator[Fault]:
    yield from _streams()
    yield from _turned_away()
    yield from _statuses()
    for name, (kind, body) in BODIES.items():
        free: Free = "always" if kind == "text/html" else "as told" if name in TOLD else "never"
        yield _bytes(f"200 with {name}", Service.head(200, kind) + body, free=free)
    for name, result in RESULTS.items():
        yield Fault(f"a result that is {name}", lambda good, result=result: [_body(good, result)])
    for name, line in LINES.items():
        yield Fault(f"a line that brings {name}", lambda good, line=line: [line(good.stream)])
    for name, data in LINES_OF_NO_SERVICE.items():
        yield _bytes(f"a line that brings {name}", data, free="always")


def _bytes(name: str, data: bytes, *, repeats: bool = False, free: Free = "never") -> Fault:
    return Fault(name, lambda _: [data], repeats=repeats, free=free)


def _body(good: Good, result: object) -> bytes:
    return Service.body({"id": good.response_id, "status": "completed", "output": [good.item(result)]})


def _turned_away() -> Iterator[Fault]:
    """Give what may be sent again, which takes the longest."""
    for name, headers in HEADERS.items():
        for status in (429, 503):
            body = Service.body({"error": {"code": "rate_limit_exceeded", "message": "Slow."}}, status, **headers)
            yield _bytes(f"{status} until {name}", body, repeats=True, free="always")


def _statuses() -> Iterator[Fault]:
    for status in STATUSES:
        for name in USUAL if status in ALIKE else BODIES:
            kind, body = BODIES[name]
            turned_away = status == 429 or (status == 503 and name in CODED)  # else it may be a proxy's word
            rejected = status < 500 and status != 408
            free: Free = "always" if rejected or turned_away else "as told" if name in CODED else "never"
            data = Service.head(status, kind, Content_Length=len(body)) + body
            yield _bytes(f"{status} with {name}", data, repeats=turned_away, free=free)


def _where(at: int) -> str:
    return f"after {at} events" if at >= 0 else f"{-at} events before its end"


def _silence(at: int) -> Fault:
    return Fault(
        f"a stream silent {_where(at)}", lambda good: [Service.stream(*good.frames[:at], cut=True), anyio.sleep_forever]
    )


def _cut(at: int) -> Fault:
    return Fault(f"a stream cut {_where(at)}", lambda good: [Service.stream(*good.frames[:at], cut=True)])


PLACES = (*range(EVENTS), *range(-1, -EVENTS, -1))
SILENCES = tuple(_silence(at) for at in PLACES if at % 3 == 0)
"""Those that end only when the server has had enough."""


def _streams() -> Iterator[Fault]:
    yield from SILENCES
    yield from map(_cut, PLACES)
    events: tuple[tuple[dict[str, bytes], Free], ...] = (
        (ODD_EVENTS, "never"),
        (TOLD_IN_EVENTS, "as told"),
        (ENDED_IN_EVENTS, "never"),
    )
    for group, free in events:
        for name, odd in group.items():
            yield Fault(f"a stream with {name}", lambda good, odd=odd: [_with(good, odd)], free=free)


def _with(good: Good, odd: bytes) -> bytes:
    first, *rest = good.frames
    return Service.stream(first, odd, *rest)


FAULTS = tuple(_faults())


def _picture(result: object) -> dict[str, Any]:
    return {"type": "image_generation_call", "id": "i", "status": "completed", "result": result}


def _search(result: object) -> dict[str, Any]:
    return {"type": "web_search_image_call", "id": "i", "status": "completed", "output": result}


def _message(result: object) -> dict[str, Any]:
    return {"type": "message", "id": "i", "status": "completed", "content": [{"type": "output_text", "text": result}]}


def _description() -> bytes:
    response_id = "resp_7d10"
    item = _message("A red fox.")
    usage = {"input_tokens": 900, "output_tokens": 40, "total_tokens": 940}
    begun: dict[str, Any] = {"id": response_id, "status": "in_progress", "output": []}
    done = {"id": response_id, "status": "completed", "output": [item], "usage": usage}
    events: tuple[dict[str, Any], ...] = (
        {"type": "response.created", "response": begun},
        {"type": "response.in_progress", "response": begun},
        {"type": "response.output_item.added", "output_index": 0, "item": {**item, "content": []}},
        {"type": "response.output_text.delta", "output_index": 0, "delta": "A red "},
        {"type": "response.output_text.delta", "output_index": 0, "delta": "fox."},
        {"type": "response.output_text.done", "output_index": 0, "text": "A red fox."},
        {"type": "response.output_item.done", "output_index": 0, "item": item},
        {"type": "response.completed", "response": done},
    )
    numbered = ({**event, "sequence_number": number} for number, event in enumerate(events))
    return b"".join(map(Service.frame, numbered))


SEARCHED = Good(Service.example("dashscope_search.sse"), "f75c28fb-4064-48ed-90da-4d2cc4362001", _search)
LIKENED = Good(Service.example("dashscope_similar.sse"), "f75c28fb-4064-48ed-90da-4d2cc4362001", _search)
PAINTED = Good(Service.example("openai_generate.sse"), "resp_68c0", _picture)
DESCRIBED = Good(_description(), "resp_7d10", _message)
