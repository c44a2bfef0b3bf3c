"""A collector that takes what OpenTelemetry sends, and servers in processes of their own that send it there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx2
from anyio.to_thread import run_sync
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span as Told

COLLECTOR_KEY = "a-key-of-the-collector-0123456789"
SERVICE = "/service"
CALL_SECONDS = 60


@dataclass(frozen=True)
class Span:
    """A span as the collector was told of it."""

    name: str
    trace: str
    id: str
    parent: str
    kind: str
    attributes: Mapping[str, Any]
    failed: bool
    seconds: float
    links: tuple[str, ...]


@dataclass
class Collector:
    """Takes traces and metrics over HTTP, as `otelcol` does; below `SERVICE`, it stands for a service that refuses.

    Attributes:
        metrics: Every metric by its name, as it was told last: labels, and the sum, or how many were measured.
        asked: The headers of what was asked of the service.
    """

    url: str = ""
    spans: list[Span] = field(default_factory=list[Span])
    metrics: dict[str, list[tuple[dict[str, Any], float]]] = field(
        default_factory=dict[str, list[tuple[dict[str, Any], float]]]
    )
    resources: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    headers: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    bodies: list[bytes] = field(default_factory=list[bytes])
    asked: list[dict[str, str]] = field(default_factory=list[dict[str, str]])

    def take(self, path: str, headers: Mapping[str, str], body: bytes) -> None:
        self.headers.append(dict(headers))
        self.bodies.append(body)
        if path == "/v1/traces":
            self._take_traces(ExportTraceServiceRequest.FromString(body))
        else:
            self._take_metrics(ExportMetricsServiceRequest.FromString(body))

    def named(self, start: str) -> list[Span]:
        return [span for span in self.spans if span.name.startswith(start)]

    def one(self, start: str) -> Span:
        [span] = self.named(start)
        return span

    def trace_of(self, span: Span) -> list[Span]:
        return [other for other in self.spans if other.trace == span.trace]

    def _take_traces(self, request: ExportTraceServiceRequest) -> None:
        for resource in request.resource_spans:
            self.resources.append(_plain(resource.resource.attributes))
            self.spans += [_span(told) for scope in resource.scope_spans for told in scope.spans]

    def _take_metrics(self, request: ExportMetricsServiceRequest) -> None:
        for resource in request.resource_metrics:
            for metric in (metric for scope in resource.scope_metrics for metric in scope.metrics):
                sums = [(_plain(point.attributes), point.as_double or point.as_int) for point in metric.sum.data_points]
                counts = [(_plain(point.attributes), point.count) for point in metric.histogram.data_points]
                self.metrics[metric.name] = sums + counts


def _span(told: Told) -> Span:
    return Span(
        name=told.name,
        trace=told.trace_id.hex(),
        id=told.span_id.hex(),
        parent=told.parent_span_id.hex(),
        kind=Told.SpanKind.Name(told.kind).removeprefix("SPAN_KIND_"),
        attributes=_plain(told.attributes),
        failed=told.status.code == 2,
        seconds=(told.end_time_unix_nano - told.start_time_unix_nano) / 1e9,
        links=tuple(link.trace_id.hex() for link in told.links),
    )


def _plain(attributes: Any) -> dict[str, Any]:
    return {pair.key: _value(pair.value) for pair in attributes}


def _value(value: AnyValue) -> Any:
    return getattr(value, value.WhichOneof("value") or "string_value")


@contextmanager
def running_collector() -> Generator[Collector]:
    """Take what is sent to a port of loopback until the block ends."""
    collector = Collector()

    class Taking(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            if self.path.startswith(SERVICE):
                collector.asked.append(headers)
            else:
                collector.take(self.path, headers, body)
            self.send_response(400 if self.path.startswith(SERVICE) else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Taking)
    server.daemon_threads = True
    collector.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield collector
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class Watched:
    """A server that is watched: its client, where it is, and what it has written to stderr by its end.

    Attributes:
        origin: Over HTTP, e.g. `http://127.0.0.1:40123`; nothing over stdio.
        metrics: Where its metrics can be read, where it was told to show them.
    """

    client: Client
    origin: str = ""
    metrics: str = ""
    stderr: str = ""


def environment(folder: Path, collector: Collector, **more: str) -> dict[str, str]:
    """Give what a person sets to have everything sent to the collector, and nothing of this process's."""
    return {
        **{name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "LANG") if name in os.environ},
        "HOME": str(folder / "home"),
        "XDG_CONFIG_HOME": str(folder / "home" / "config"),
        "NO_PROXY": "127.0.0.1,localhost",
        "LIGHTBOX_STATE_DIR": str(folder / "state"),
        "LIGHTBOX_IMAGE_DIR": str(folder / "pictures"),
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
        "OTEL_EXPORTER_OTLP_HEADERS": f"x-key={COLLECTOR_KEY}",
        "LIGHTBOX_LOG_LEVEL": "INFO",
        **more,
    }


@asynccontextmanager
async def over_stdio(variables: Mapping[str, str], folder: Path) -> AsyncGenerator[Watched]:
    """Serve over stdio, as a client starts a server; what it wrote is complete after the block."""
    written = folder / "stderr"
    process = StdioServerParameters(
        command=sys.executable, args=["-c", _WITH_STDERR, str(written)], env=dict(variables), cwd=folder
    )
    async with Client(process, read_timeout_seconds=CALL_SECONDS) as client:
        watched = Watched(client)
        yield watched
    watched.stderr = written.read_text("utf-8")


_WITH_STDERR = """
import os, sys
os.dup2(os.open(sys.argv[1], os.O_CREAT | os.O_WRONLY | os.O_TRUNC), 2)
os.execv(sys.executable, [sys.executable, "-m", "lightbox"])
"""


@asynccontextmanager
async def over_http(variables: Mapping[str, str], folder: Path, headers: Mapping[str, str]) -> AsyncGenerator[Watched]:
    """Serve over HTTP in a process of its own, for a client that sends these headers; likewise."""
    written = folder / "stderr"
    with _process(variables, written):
        origin = await run_sync(_told, written, r"serves MCP at (http://[^/\s]+)")
        metrics = await run_sync(_told, written, r"its metrics at (\S+)") if "LIGHTBOX_METRICS" in variables else ""
        async with (
            httpx2.AsyncClient(headers=dict(headers), trust_env=False, timeout=CALL_SECONDS) as http,
            Client(streamable_http_client(f"{origin}/mcp", http_client=http)) as client,
        ):
            watched = Watched(client, origin, metrics)
            yield watched
    watched.stderr = written.read_text("utf-8")


@contextmanager
def _process(variables: Mapping[str, str], written: Path) -> Generator[None]:
    command = [sys.executable, "-m", "lightbox", "serve", "--http", "127.0.0.1:0"]
    with written.open("wb") as stderr, subprocess.Popen(command, env=dict(variables), stderr=stderr) as process:
        try:
            yield
        finally:
            process.terminate()
            process.wait(CALL_SECONDS)


def _told(written: Path, pattern: str) -> str:
    deadline = time.monotonic() + CALL_SECONDS
    while (found := re.search(pattern, written.read_text("utf-8"))) is None:
        assert time.monotonic() < deadline, written.read_text("utf-8")
        time.sleep(0.02)
    return found[1]
