"""Traces: from the call of a tool through its job to the requests and the journal, what each cost among the attributes.

The span of a call is the SDK's own, which also continues a trace that the call's `_meta` names. Nothing of a trace is
sent on to a service: requests to it carry what it needs and no more.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from opentelemetry.context import attach, detach
from opentelemetry.propagate import extract
from opentelemetry.trace import Span, SpanContext, SpanKind, StatusCode, Tracer, get_current_span

from lightbox.telemetry.observer import ObservedCall, ObservedEnd, ObservedJob, ObservedRequest, shown_owner
from lightbox.untrusted import tame

if TYPE_CHECKING:
    from opentelemetry.util.types import AttributeValue

MOST_LETTERS = 8_000
"""How much of a prompt is told, where it is asked for."""
MOST_JOBS = 1_000
"""Of how many jobs, the latest, it is known in which trace they were worked on."""
_MODEL_LETTERS = 100


class Tracing:
    """Makes the spans.

    Args:
        tracer: Makes each.
        prompts: Whether what people asked for is told in words.
    """

    def __init__(self, tracer: Tracer, *, prompts: bool = False) -> None:
        self.tracer = tracer
        self._prompts = prompts
        self._jobs: dict[str, Span] = {}
        self._known: dict[str, SpanContext] = {}

    @staticmethod
    def begin_call(call: ObservedCall) -> None:
        """Tell a call which trace it is part of."""
        context = get_current_span().get_span_context()
        if context.is_valid:
            call.trace_id = format(context.trace_id, "032x")

    def end_call(self, call: ObservedCall) -> None:
        """Tell the span of a call what became of it; where the job is of another call's trace, link that."""
        span = get_current_span()
        if not span.is_recording():
            return
        told: dict[str, AttributeValue] = {
            "lightbox.tool": call.tool,
            "lightbox.owner": shown_owner(call.owner),
            "lightbox.outcome": call.outcome,
        }
        if call.job is not None:
            told |= _about(call.job)
            if call.how is not None:
                told["lightbox.job.how"] = call.how
            if call.billed is not None:
                told["lightbox.cost.billed"] = float(call.billed.amount)
                told["lightbox.cost.currency"] = call.billed.currency
            worked = self._known.get(call.job.job_id)
            if worked is not None and worked.trace_id != span.get_span_context().trace_id:
                span.add_link(worked)
        span.set_attributes(told)

    @contextmanager
    def job(self, job: ObservedJob) -> Generator[None]:
        """Make the span of a job. It may outlive the call that it belongs to."""
        with self._span(f"job {job.tool}", SpanKind.INTERNAL, _about(job)) as span:
            self._jobs[job.job_id] = span
            self._remember(job.job_id, span.get_span_context())
            try:
                yield
            finally:
                del self._jobs[job.job_id]

    @contextmanager
    def request(self, job: ObservedJob, index: int) -> Generator[ObservedRequest]:
        """Make the span of a request to a service, repeats and what was taken up again included."""
        about: dict[str, AttributeValue] = {
            "gen_ai.operation.name": job.operation,
            "gen_ai.provider.name": job.provider,
            "gen_ai.request.model": _model(job),
            "lightbox.job.id": job.job_id,
            "lightbox.request.index": index,
        }
        if self._prompts:
            about["gen_ai.input.messages"] = _message(job.text)
        with self._span(f"{job.operation} {_model(job)}", SpanKind.CLIENT, about) as span:
            observed = ObservedRequest()
            try:
                yield observed
            finally:
                _end_request(span, observed)

    def settled(self, job: ObservedJob, end: ObservedEnd) -> None:
        """Tell the span of a job how it ended, and what it cost."""
        span = self._jobs.get(job.job_id)
        if span is None:
            return
        span.set_attribute("lightbox.job.state", end.state)
        if end.billed is not None:
            span.set_attribute("lightbox.cost.currency", end.billed.currency)
            span.set_attribute("lightbox.cost.billed", float(end.billed.amount))
            span.set_attribute("lightbox.cost.billed_by_estimate", end.estimated)
        if end.state in ("failed", "unknown"):
            span.set_status(StatusCode.ERROR)

    @contextmanager
    def continued(self, headers: Mapping[str, str]) -> Generator[None]:
        """Continue the trace that the headers of a request name, if they do."""
        token = attach(extract(headers))
        try:
            yield
        finally:
            detach(token)

    def _remember(self, job_id: str, context: SpanContext) -> None:
        """Know for a while which trace a job was worked on in: later calls may be answered with it."""
        self._known[job_id] = context
        if len(self._known) > MOST_JOBS:
            del self._known[next(iter(self._known))]

    @contextmanager
    def _span(self, name: str, kind: SpanKind, about: Mapping[str, AttributeValue]) -> Generator[Span]:
        with self.tracer.start_as_current_span(
            name, kind=kind, attributes=about, record_exception=False, set_status_on_exception=False
        ) as span:
            yield span


def _about(job: ObservedJob) -> dict[str, AttributeValue]:
    told: dict[str, AttributeValue] = {
        "lightbox.job.id": job.job_id,
        "lightbox.tool": job.tool,
        "lightbox.owner": shown_owner(job.owner),
        "gen_ai.provider.name": job.provider,
        "gen_ai.request.model": _model(job),
    }
    for name, money in (("low", job.low), ("expected", job.expected), ("high", job.high)):
        if money is not None:
            told["lightbox.cost.currency"] = money.currency
            told[f"lightbox.cost.estimate.{name}"] = float(money.amount)
    return told


def _end_request(span: Span, request: ObservedRequest) -> None:
    if request.response_id is not None:
        span.set_attribute("gen_ai.response.id", request.response_id[:_MODEL_LETTERS])
    if request.input_tokens is not None:
        span.set_attribute("gen_ai.usage.input_tokens", request.input_tokens)
    if request.output_tokens is not None:
        span.set_attribute("gen_ai.usage.output_tokens", request.output_tokens)
    if request.failure is not None:  # its words may be the service's, and hold the prompt
        span.set_attribute("error.type", type(request.failure).__name__)
        span.set_status(StatusCode.ERROR)


def _model(job: ObservedJob) -> str:
    return tame(job.model, _MODEL_LETTERS) or ""


def _message(text: str) -> str:
    part = {"type": "text", "content": text[:MOST_LETTERS]}
    return json.dumps([{"role": "user", "parts": [part]}], ensure_ascii=False)
