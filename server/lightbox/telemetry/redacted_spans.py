"""Spans on their way out: bounded, and with every key struck out, whoever has put what into them.

The SDK names spans after what a client sends, and records errors as they are.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from opentelemetry.sdk.trace import Event, ReadableSpan, Span, SpanLimits, SpanProcessor
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.trace import Status

from lightbox.untrusted import KeyFilter

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.util.types import AttributeValue


LONGEST_NAME = 200
LONGEST_VALUE = 10_000
"""How many characters of a name, and of an attribute, are kept."""
_LIMITS = ("OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT")


def span_limits() -> SpanLimits:
    """Bound attributes, where no variable does."""
    set_already = any(os.environ.get(name) for name in _LIMITS)
    return SpanLimits() if set_already else SpanLimits(max_attribute_length=LONGEST_VALUE)


class ShortNames(SpanProcessor):
    """Cuts the names of spans before they wait to be sent."""

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        """Look at a span that begins."""
        del parent_context
        if len(span.name) > LONGEST_NAME:
            span.update_name(f"{span.name[: LONGEST_NAME - 1]}…")


class RedactedSpans(SpanExporter):
    """Passes spans on to an exporter, without secrets.

    Args:
        exporter: Sends them.
        keys: The secrets.
    """

    def __init__(self, exporter: SpanExporter, keys: Sequence[str]) -> None:
        self._exporter = exporter
        self._keys = keys
        self._secrets = KeyFilter(keys)

    def hide(self, more: Sequence[str]) -> None:
        """Strike further secrets out; there may be more of them later."""
        self._secrets = KeyFilter(self._keys, more)

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send spans."""
        return self._exporter.export([self._redacted(span) for span in spans])

    def shutdown(self) -> None:
        """End the exporter."""
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Have the exporter send what it holds."""
        return self._exporter.force_flush(timeout_millis)

    def _shown(self, text: str) -> str:
        """Give a text without secrets; half a letter would make a collector refuse the whole batch."""
        return self._secrets.strike_out(text).encode("utf-8", "replace").decode()

    def _redacted(self, span: ReadableSpan) -> ReadableSpan:
        status = span.status
        return ReadableSpan(
            name=self._shown(span.name),
            context=span.context,
            parent=span.parent,
            resource=span.resource,
            attributes=self._of(span.attributes),
            events=[Event(event.name, self._of(event.attributes), event.timestamp) for event in span.events],
            links=span.links,
            kind=span.kind,
            status=Status(status.status_code, self._shown(status.description)) if status.description else status,
            start_time=span.start_time,
            end_time=span.end_time,
            instrumentation_scope=span.instrumentation_scope,
        )

    def _of(self, attributes: Mapping[str, AttributeValue] | None) -> dict[str, AttributeValue]:
        return {
            name: self._shown(value) if isinstance(value, str) else value for name, value in (attributes or {}).items()
        }
