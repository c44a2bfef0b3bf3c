"""Traces and metrics by OpenTelemetry, as the `OTEL_*` variables say. Imported only where they, or METRICS, are set."""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
import uuid
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

from opentelemetry import metrics, trace
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import ConsoleMetricExporter, MetricReader, PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter

from lightbox import __version__
from lightbox.telemetry.log_format import collector_secrets
from lightbox.telemetry.metering import Metering
from lightbox.telemetry.observer import ObservedCall, ObservedEnd, ObservedJob, ObservedRequest, Observer, Way
from lightbox.telemetry.redacted_spans import RedactedSpans, ShortNames, span_limits
from lightbox.telemetry.traced_database import TracedDatabase
from lightbox.telemetry.tracing import Tracing

if TYPE_CHECKING:
    from lightbox.state.database import Database
    from lightbox.telemetry.signals import Signal

logger = logging.getLogger(__name__)

LAST_SECONDS = 1.5
"""How long an ending server waits for a collector: clients kill it after two."""
SCOPE = "lightbox"
_PROMPTS = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"
_WITH_PROMPTS = ("true", "span_only", "span_and_event")


class ExportingObserver(Observer):
    """Tells traces and metrics too.

    Args:
        tracing: Makes spans; ones that are nothing where no traces are wanted.
        metering: Counts; likewise.
        traces: Whether traces are wanted.
        exposition: Gives the metrics in the text format of Prometheus.
        closing: What ends the exporters.
        spans: What strikes secrets out of spans.
    """

    def __init__(
        self,
        tracing: Tracing,
        metering: Metering,
        *,
        traces: bool,
        exposition: Callable[[], bytes] = bytes,
        closing: Sequence[Callable[[], object]] = (),
        spans: RedactedSpans | None = None,
    ) -> None:
        self._spans = spans
        self.traces = traces
        self._tracing = tracing
        self._metering = metering
        self._exposition = exposition
        self._closing = closing

    def began(self, call: ObservedCall) -> None:
        """Tell a call which trace it is part of."""
        with _harmless():
            self._tracing.begin_call(call)

    def answered(self, call: ObservedCall) -> None:
        """Tell the call's span what became of it, and count it."""
        with _harmless():
            self._tracing.end_call(call)
            self._metering.end_call(call)

    @contextmanager
    def job(self, job: ObservedJob) -> Generator[None]:
        """Observe a job for as long as this process works on it."""
        with self._tracing.job(job), self._metering.job(job):
            yield

    @contextmanager
    def request(self, job: ObservedJob, index: int) -> Generator[ObservedRequest]:
        """Observe one of the requests that carry a job out."""
        with self._tracing.request(job, index) as observed, self._metering.request(job, observed):
            yield observed

    def settled(self, job: ObservedJob, end: ObservedEnd) -> None:
        """Tell what a job cost."""
        with _harmless():
            self._tracing.settled(job, end)
            self._metering.settled(job, end)

    def moved(self, way: Way, byte_count: int) -> None:
        """Count bytes."""
        with _harmless():
            self._metering.moved(way, byte_count)

    def watched(self, database: Database) -> Database:
        """Give the database with a span around each use, where there are traces."""
        return TracedDatabase(database, self._tracing.tracer) if self.traces else database

    def continued(self, headers: Mapping[str, str]) -> AbstractContextManager[None]:
        """Continue the trace that the headers of a request name."""
        return self._tracing.continued(headers)

    def hide(self, secrets: Sequence[str]) -> None:
        """Strike further secrets out of spans; nothing else holds words of others."""
        if self._spans is not None:
            self._spans.hide(secrets)

    def exposition(self) -> bytes:
        """Give the metrics as Prometheus reads them."""
        return self._exposition()

    def close(self) -> None:
        """Send what is left, for a moment: an ending server waits for no collector that hangs."""
        closing, self._closing = self._closing, ()
        threads = [threading.Thread(target=_quietly, args=(close,), daemon=True) for close in closing]
        for thread in threads:
            thread.start()
        deadline = time.monotonic() + LAST_SECONDS
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))


def exporting_observer(signals: Mapping[Signal, str], keys: Sequence[str], *, scraped: bool) -> ExportingObserver:
    """Make the observer that exports.

    Args:
        signals: What goes to a collector (`otlp`) or to stderr (`console`), by its kind.
        keys: What must never be shown.
        scraped: Whether the metrics are given in the text format of Prometheus as well.

    Raises:
        ImportError: What that needs is not installed.
    """
    closing: list[Callable[[], object]] = []
    spans = _spans(signals.get("traces"), (*keys, *collector_secrets(os.environ)))
    tracing = _tracing(spans, closing) if spans else Tracing(trace.NoOpTracer())
    readers = _readers(signals.get("metrics"))
    exposition = bytes
    if scraped:
        reader, exposition = _prometheus()
        readers.append(reader)
    meters: metrics.MeterProvider = metrics.NoOpMeterProvider()
    if readers:
        meters = provider = MeterProvider(readers, resource=_resource(), shutdown_on_exit=False)
        closing.append(provider.shutdown)
    return ExportingObserver(
        tracing,
        Metering(meters.get_meter(SCOPE, __version__)),
        traces=spans is not None,
        exposition=exposition,
        closing=closing,
        spans=spans,
    )


def _spans(exporter: str | None, keys: Sequence[str]) -> RedactedSpans | None:
    if exporter is None:
        return None
    try:
        sender = ConsoleSpanExporter(out=sys.stderr) if exporter == "console" else OTLPSpanExporter()
        return RedactedSpans(sender, keys)
    except Exception as error:  # noqa: BLE001 - whatever stands in the variables, the server serves
        logger.warning("no traces are sent, for an OTEL_* variable can't be used: %s", error)
        return None


def _tracing(spans: RedactedSpans, closing: list[Callable[[], object]]) -> Tracing:
    """Provide traces for the whole process: the SDK's spans of calls are parts of them too."""
    provider = TracerProvider(resource=_resource(), span_limits=span_limits(), shutdown_on_exit=False)
    provider.add_span_processor(ShortNames())
    provider.add_span_processor(BatchSpanProcessor(spans))
    trace.set_tracer_provider(provider)
    closing.append(provider.shutdown)
    prompts = os.environ.get(_PROMPTS, "").strip().lower() in _WITH_PROMPTS
    return Tracing(trace.get_tracer(SCOPE, __version__), prompts=prompts)


def _readers(exporter: str | None) -> list[MetricReader]:
    if exporter is None:
        return []
    try:
        sender = ConsoleMetricExporter(out=sys.stderr) if exporter == "console" else OTLPMetricExporter()
        return [PeriodicExportingMetricReader(sender)]
    except Exception as error:  # noqa: BLE001 - likewise
        logger.warning("no metrics are sent, for an OTEL_* variable can't be used: %s", error)
        return []


def _prometheus() -> tuple[MetricReader, Callable[[], bytes]]:
    exporter, client = import_module("opentelemetry.exporter.prometheus"), import_module("prometheus_client")
    registry = client.CollectorRegistry()
    reader = exporter.PrometheusMetricReader(scope_info_enabled=False, registry=registry)
    one_at_a_time = threading.Lock()

    def exposition() -> bytes:
        with one_at_a_time:
            return cast("bytes", client.generate_latest(registry))

    return reader, exposition


def _resource() -> Resource:
    """Say who tells: what the variables name, else `lightbox`; each process is an instance of its own."""
    named = os.environ.get("OTEL_RESOURCE_ATTRIBUTES", "")
    told: dict[str, Any] = {"service.version": __version__, "service.instance.id": _INSTANCE}
    if not os.environ.get("OTEL_SERVICE_NAME"):
        told["service.name"] = SCOPE
    return Resource.create({name: value for name, value in told.items() if f"{name}=" not in named})


@contextmanager
def _harmless() -> Generator[None]:
    """Let no fault of what is told end what it is told of: paid work, or the answer of a call."""
    try:
        yield
    except Exception:
        logger.exception("something could not be told to traces or metrics")


def _quietly(close: Callable[[], object]) -> None:
    with suppress(Exception):
        close()


_INSTANCE = str(uuid.uuid4())
