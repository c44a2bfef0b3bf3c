"""What lying streams may hold is bounded: each of them, and all of a process together."""

from __future__ import annotations

import gzip
import json
import re
import sys
import zlib
from collections.abc import AsyncGenerator, Callable, Iterator
from functools import cache
from itertools import chain, repeat
from pathlib import Path
from typing import Any

import anyio
import pytest
from anyio.abc import SocketStream
from anyio.streams.buffered import BufferedByteReceiveStream

from loopback import listening

READER = Path(__file__).with_name("hostile_streams.py")
MOST_MIB = 600
MIB = 1024 * 1024

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells the most memory of a process"),
]


def frame(kind: str, **fields: Any) -> bytes:
    return b"data: %b\n\n" % json.dumps({"type": f"response.{kind}", **fields}).encode()


CREATED = frame("created", response={"id": "resp_1"})
COMPLETED = frame("completed", response={"id": "resp_1", "status": "completed", "output": []})


def _line_without_end() -> Iterator[bytes]:
    yield b"data: "
    yield from repeat(b"x" * MIB)


def _tiny_events() -> Iterator[bytes]:
    yield from repeat(b'data: {"type":"response.in_progress"}\n\n' * 1_000, 50)
    yield COMPLETED


def _pings() -> Iterator[bytes]:
    yield from repeat(b": ping\n\n" * 10_000, 30)
    yield COMPLETED


def _large_pictures() -> Iterator[bytes]:
    for number in range(3):
        yield b'data: {"type":"response.image_generation_call.partial_image","partial_image_index":%d,' % number
        yield b'"partial_image_b64":"'
        yield from repeat(b"QUJD" * (MIB // 4), 44)
        yield b'"}\n\n'
    yield COMPLETED


def _pictures_for_ever() -> Iterator[bytes]:
    for number in range(3_000):
        result = "QUJD" * 50_000 + f"{number:08d}"
        yield frame("output_item.done", item={"type": "image_generation_call", "id": f"i{number}", "result": result})


def _large_picture_in_wide_letters() -> Iterator[bytes]:
    yield 'data: {"type":"response.output_item.done","item":{"type":"image_generation_call","result":"🦊'.encode()
    yield from repeat(b"QUJD" * (MIB // 4), 44)
    yield b'"}}\n\n'


def _items_for_ever() -> Iterator[bytes]:
    for number in range(3_000):
        rows = [{"url": f"https://e.com/{number}/{row}/{'x' * 2_000}"} for row in range(10)]
        item = {"type": "web_search_image_call", "id": f"c{number}", "output": json.dumps(rows)}
        yield frame("output_item.done", output_index=number, item=item)


def _messages_for_ever() -> Iterator[bytes]:
    for number in range(1_500):
        item = {"type": "message", "id": f"m{number}", "content": [{"type": "output_text", "text": "word " * 20_000}]}
        yield frame("output_item.done", output_index=number, item=item)


def _text_in_letters() -> Iterator[bytes]:
    yield from repeat(frame("output_text.delta", output_index=0, delta="a") * 1_000, 1_000)


def _text_of_large_pieces() -> Iterator[bytes]:
    yield from repeat(frame("output_text.delta", output_index=0, delta="ab" * MIB), 60)


def _nested() -> Iterator[bytes]:
    yield b"data: " + b'{"a":' * (8 * MIB) + b"\n\n"


def _wide(opening: bytes = b"data: ") -> Iterator[bytes]:
    yield opening + b'{"type":"response.created","response":{"output":['
    yield from repeat(b"{}," * (MIB // 3), 44)
    yield b"{}]}}\n\n"


def _lines_of_data() -> Iterator[bytes]:
    yield from repeat(b"data:\n" * (MIB // 6), 100)


def _names() -> Iterator[bytes]:
    for number in range(60):
        yield frame("output_item.added", item={"type": "image_generation_call", "id": "x" * MIB + str(number)})


def _indexes() -> Iterator[bytes]:
    for number in range(10_000):
        yield b'data: {"type":"response.output_text.delta","delta":"a","output_index":%b}\n\n' % (
            b"9" * 4_000 + b"%06d" % number
        )


@cache
def _gzip_bomb() -> bytes:
    return gzip.compress(b"data: " + b"x" * (120 * MIB), 1)


def _gzipped() -> Iterator[bytes]:
    yield _gzip_bomb()


def _deflated() -> Iterator[bytes]:
    yield zlib.compress(b'{"a":"' + b"x" * (120 * MIB), 1)


SHAPES: dict[str, tuple[dict[str, str], Callable[[], Iterator[bytes]]]] = {
    "line": ({}, _line_without_end),
    "tiny": ({}, _tiny_events),
    "pings": ({}, _pings),
    **{f"large{number}": ({}, _large_pictures) for number in range(4)},
    "pictures": ({}, _pictures_for_ever),
    "wide-letters": ({}, _large_picture_in_wide_letters),
    "search-items": ({}, _items_for_ever),
    "messages": ({}, _messages_for_ever),
    "letters": ({}, _text_in_letters),
    "pieces": ({}, _text_of_large_pieces),
    "nested": ({}, _nested),
    "wide": ({}, _wide),
    "search-wide": ({}, _wide),
    "body": ({"Content-Type": "application/json"}, lambda: _wide(b"")),
    "lines": ({}, _lines_of_data),
    "names": ({}, _names),
    "indexes": ({}, _indexes),
    "gzip": ({"Content-Encoding": "gzip"}, _gzipped),
    "deflate": ({"Content-Encoding": "deflate", "Content-Type": "application/json"}, _deflated),
    "gzip-twice": ({"Content-Encoding": "gzip, gzip"}, lambda: iter([gzip.compress(b"".join(_gzipped()))])),
    "br": ({"Content-Encoding": "br"}, _gzipped),
    "zstd": ({"Content-Encoding": "zstd"}, _gzipped),
}


async def _serve(stream: SocketStream) -> None:
    async with stream:
        buffered = BufferedByteReceiveStream(stream)
        head = await buffered.receive_until(b"\r\n\r\n", MIB)
        length = re.search(rb"content-length: *(\d+)", head, re.IGNORECASE)
        await buffered.receive_exactly(int(length[1]) if length else 0)
        headers, make = SHAPES[head.split(b" ")[1].split(b"/")[1].decode()]
        fields = {"Content-Type": "text/event-stream", "Connection": "close", **headers}
        lines = ["HTTP/1.1 200 OK", *(f"{name}: {value}" for name, value in fields.items()), "", ""]
        pieces: Iterator[bytes] = chain(["\r\n".join(lines).encode()], make())
        try:
            for piece in pieces:
                await stream.send(piece)
        except (anyio.BrokenResourceError, anyio.ClosedResourceError):
            return


@pytest.fixture
async def origin() -> AsyncGenerator[str]:
    async with listening(_serve) as port:
        yield f"http://127.0.0.1:{port}"


async def test_streams_of_every_shape_side_by_side_hold_less_than_600_mib(origin: str) -> None:
    ran = await anyio.run_process([sys.executable, str(READER), origin, *SHAPES], check=False)
    said = ran.stdout.decode()
    print(said)  # noqa: T201 - what each ended with
    assert ran.returncode == 0, ran.stderr.decode()[-2_000:]
    most = re.search(r"VmHWM:\s*(\d+) kB", said)
    assert most
    mebibytes = int(most[1]) // 1024
    print(f"{len(SHAPES)} lying streams side by side: at most {mebibytes} MiB")  # noqa: T201 - the figure is what is asked for
    assert mebibytes < MOST_MIB
    assert len(said.splitlines()) == len(SHAPES) + 1
