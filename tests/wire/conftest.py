from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from hypothesis import HealthCheck, settings

from lightbox.wire.events import ResponseStream

# How long an example takes says more about the machine than about the reader.
settings.register_profile("wire", deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None)
settings.load_profile("wire")

EXAMPLES = Path(__file__).parent / "examples"


@pytest.fixture
def read_body() -> Callable[[str], Any]:
    """Give the JSON of an example."""
    return lambda name: json.loads((EXAMPLES / name).read_text())


@pytest.fixture
def read_stream() -> Callable[[str], ResponseStream]:
    """Feed an example's events, framed by the real SSE reader, to a stream."""

    def read(name: str) -> ResponseStream:
        answer = httpx2.Response(
            200,
            headers={"content-type": "text/event-stream"},
            content=(EXAMPLES / name).read_bytes(),
            request=httpx2.Request("POST", "http://service.example"),
        )
        stream = ResponseStream()
        for frame in httpx2.EventSource(answer):
            stream.feed(json.loads(frame.data), frame.event)
        return stream

    return read
