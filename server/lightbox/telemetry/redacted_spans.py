"""Spans on their way out, with every key struck out: an error that the SDK has recorded may repeat one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.trace import Status

if TYPE_CHECKING:
    from opentelemetry.util.types import AttributeValue

    from lightbox.untrusted import KeyFilter


class RedactedSpans(SpanExporter):
    """Passes spans on to an exporter, without secrets.

    Args:
        exporter: Sends them.
        secrets: Strikes them out.
    """

    def __init__(self, exporter: SpanExporter, secrets: KeyFilter) -> None:
        self._exporter = exporter
        self._strike_out = secrets.strike_out

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send spans."""
        return self._exporter.export([self._redacted(span) for span in spans])

    def shutdown(self) -> None:
        """End the exporter."""
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Have the exporter send what it holds."""
        return self._exporter.force_flush(timeout_millis)

    def _redacted(self, span: ReadableSpan) -> ReadableSpan:
        status = span.status
        return ReadableSpan(
            name=self._strike_out(span.name),
            context=span.context,
            parent=span.parent,
            resource=span.resource,
            attributes=self._of(span.attributes),
            events=[Event(event.name, self._of(event.attributes), event.timestamp) for event in span.events],
            links=span.links,
            kind=span.kind,
            status=Status(status.status_code, self._strike_out(status.description)) if status.description else status,
            start_time=span.start_time,
            end_time=span.end_time,
            instrumentation_scope=span.instrumentation_scope,
        )

    def _of(self, attributes: Mapping[str, AttributeValue] | None) -> dict[str, AttributeValue]:
        return {
            name: self._strike_out(value) if isinstance(value, str) else value
            for name, value in (attributes or {}).items()
        }
