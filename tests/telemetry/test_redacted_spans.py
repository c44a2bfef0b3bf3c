"""That nothing which a client or an error puts into a span is too long, or a secret, or loses the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import Status, StatusCode

from lightbox.telemetry.redacted_spans import LONGEST_NAME, LONGEST_VALUE, RedactedSpans, ShortNames, span_limits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from opentelemetry.sdk.trace import ReadableSpan

KEY = "planted-key-that-nobody-may-see"


def sent(name: str, value: str, error: str = "", later: Sequence[str] = ()) -> ReadableSpan:
    """Give a span as a collector gets it."""
    collected = InMemorySpanExporter()
    spans = RedactedSpans(collected, [KEY])
    spans.hide(later)
    provider = TracerProvider(span_limits=span_limits(), shutdown_on_exit=False)
    provider.add_span_processor(ShortNames())
    provider.add_span_processor(SimpleSpanProcessor(spans))
    with provider.get_tracer("test").start_as_current_span(name, attributes={"told": value}) as span:
        if error:
            span.record_exception(ValueError(error))
            span.set_status(Status(StatusCode.ERROR, error))
    [told] = collected.get_finished_spans()
    provider.shutdown()
    return told


def test_a_key_is_struck_out_wherever_it_stands_in_a_span() -> None:
    told = sent(f"call {KEY}", f"with {KEY}", f"broke on {KEY}")

    assert told.events
    assert KEY not in told.to_json()
    assert told.status.description == "broke on [key]"


def test_a_key_that_a_caller_brings_later_is_struck_out_too() -> None:
    told = sent("call", "with a-key-of-a-caller-0123456789", later=["a-key-of-a-caller-0123456789"])

    assert told.attributes == {"told": "with [key]"}


def test_names_and_attributes_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    told = sent("n" * 1_000_000, "v" * 1_000_000)
    assert told.attributes is not None
    assert (len(told.name), len(str(told.attributes["told"]))) == (LONGEST_NAME, LONGEST_VALUE)

    monkeypatch.setenv("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "5")
    told = sent("short", "v" * 1_000_000)
    assert told.attributes is not None
    assert told.attributes["told"] == "v" * 5


def test_half_a_letter_does_not_lose_a_batch() -> None:
    assert encode_spans([sent("n\ud800", "v\udfff", "e\ud800")]).SerializeToString()
