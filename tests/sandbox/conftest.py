"""A sandbox that runs, the official client on it, and a look at the bare wire."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx2
import openai
import pytest
from anyio.from_thread import start_blocking_portal
from PIL import Image

from lightbox_sandbox.server import Sandbox, running_sandbox

Json = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """What came over the wire: status, headers, body as it was, and the events in it."""

    status: int
    headers: httpx2.Headers
    raw: bytes
    broken: bool = False
    events: list[Json] = field(default_factory=list[Json])

    @property
    def json(self) -> Json:
        return json.loads(self.raw)

    @property
    def kinds(self) -> list[str]:
        return [event["type"] for event in self.events]

    def event(self, kind: str) -> Json:
        return next(event for event in self.events if event["type"] == kind)


class Wire:
    """A bare HTTP client of the sandbox."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.origin = sandbox.base_url.removesuffix("/v1")
        self._http = httpx2.Client(base_url=self.origin, timeout=30, trust_env=False)

    def post(self, body: Json, *, fault: str = "", path: str = "/v1/responses", key: str = "") -> Answer:
        headers = ({"x-sandbox-fault": fault} if fault else {}) | ({"authorization": f"Bearer {key}"} if key else {})
        return self.send("POST", path, json=body, headers=headers)

    def send(self, method: str, path: str, **options: Any) -> Answer:
        data, broken = bytearray(), False
        with self._http.stream(method, path, **options) as response:
            try:
                for chunk in response.iter_bytes():
                    data += chunk
            except httpx2.RemoteProtocolError:
                broken = True
        return Answer(response.status_code, response.headers, bytes(data), broken, events_in(bytes(data)))

    def head_of(self, path: str, most: int) -> bytes:
        """Read no more than the first `most` bytes."""
        data = bytearray()
        with self._http.stream("GET", path) as response:
            for chunk in response.iter_bytes():
                data += chunk
                if len(data) >= most:
                    break
        return bytes(data[:most])

    def requests(self) -> Json:
        return self.send("GET", "/sandbox/requests").json

    def close(self) -> None:
        self._http.close()


def events_in(data: bytes) -> list[Json]:
    """Read the whole events of a stream; what is cut off is left out."""
    events: list[Json] = []
    for block in data.split(b"\n\n")[:-1]:
        lines = [line[5:].strip() for line in block.split(b"\n") if line.startswith(b"data:")]
        if lines:
            events.append(json.loads(b"\n".join(lines)))
    return events


class Pictures:
    """Small pictures to send."""

    def png(self, size: tuple[int, int] = (96, 64), colour: tuple[int, ...] = (200, 40, 40)) -> bytes:
        return self.encoded(Image.new("RGB" if len(colour) == len("RGB") else "RGBA", size, colour), "PNG")

    def encoded(self, image: Image.Image, kind: str) -> bytes:
        output = io.BytesIO()
        image.save(output, kind)
        return output.getvalue()

    def uri(self, data: bytes, kind: str = "image/png") -> str:
        return f"data:{kind};base64,{base64.b64encode(data).decode()}"

    def decoded(self, result: str | None) -> Image.Image:
        return Image.open(io.BytesIO(base64.b64decode(result or "", validate=True)))

    def message(self, text: str, *data: bytes) -> list[Any]:
        parts: list[Json] = [{"type": "input_text", "text": text}]
        parts += [{"type": "input_image", "image_url": self.uri(one), "detail": "high"} for one in data]
        return [{"role": "user", "content": parts}]


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with start_blocking_portal() as portal:
        context = running_sandbox(state_dir=tmp_path_factory.mktemp("state"))
        with portal.wrap_async_context_manager(context) as running:
            yield running


@pytest.fixture
def wire(sandbox: Sandbox) -> Iterator[Wire]:
    wire = Wire(sandbox)
    wire.send("DELETE", "/sandbox/requests")
    yield wire
    wire.close()


@pytest.fixture(scope="module")
def client(sandbox: Sandbox) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=sandbox.base_url, api_key="sandbox", max_retries=0) as client:
        yield client


@pytest.fixture
def pictures() -> Pictures:
    return Pictures()
