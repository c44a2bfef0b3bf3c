"""Metrics: calls, seconds, money, open jobs, bytes. Their labels are words of ours, so that they are bounded."""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from lightbox.telemetry.observer import ObservedCall, ObservedEnd, ObservedJob, ObservedRequest, Way, shown_owner

if TYPE_CHECKING:
    from opentelemetry.metrics import Meter

MOST_OWNERS = 100
"""How many owners are counted by name; all further ones are `other`."""
OTHER = "other"
NONE = "none"
"""The provider of a call that asked no service."""

_SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80, 160, 320)


class Metering:
    """Counts. Models are no labels, for callers name them as they like; tools, providers and states are of ours.

    Args:
        meter: Makes the instruments.
    """

    def __init__(self, meter: Meter) -> None:
        self._owners: set[str] = set()
        self._calls = meter.create_counter("lightbox.calls", "1", "Calls of tools")
        self._call_seconds = meter.create_histogram(
            "lightbox.call.duration", "s", "How long calls took", explicit_bucket_boundaries_advisory=_SECONDS
        )
        self._request_seconds = meter.create_histogram(
            "gen_ai.client.operation.duration",
            "s",
            "How long requests to services took",
            explicit_bucket_boundaries_advisory=_SECONDS,
        )
        self._cache_hits = meter.create_counter("lightbox.cache.hits", "1", "Calls that an earlier one had paid for")
        self._billed = meter.create_counter(
            "lightbox.money.billed", "1", "What ended jobs cost, in units of the currency"
        )
        self._reserved = meter.create_up_down_counter(
            "lightbox.money.reserved", "1", "What the jobs that this process works on may cost at most"
        )
        self._open = meter.create_up_down_counter("lightbox.jobs.open", "1", "Jobs that this process works on")
        self._traffic = meter.create_counter("lightbox.traffic", "By", "Bytes sent, received, fetched and stored")

    def end_call(self, call: ObservedCall) -> None:
        """Count a call that was answered."""
        labels = {
            "tool": call.tool,
            "provider": call.job.provider if call.job else NONE,
            "owner": self._owner(call.owner),
        }
        self._calls.add(1, {**labels, "outcome": call.outcome})
        self._call_seconds.record(call.seconds, labels)
        if call.how == "cached":
            self._cache_hits.add(1, labels)

    @contextmanager
    def job(self, job: ObservedJob) -> Generator[None]:
        """Count a job among the open ones, and what is reserved for it, while this process works on it."""
        labels = self._labels(job)
        high, currency = (float(job.high.amount), job.high.currency) if job.high else (0.0, "")
        self._open.add(1, labels)
        if high:
            self._reserved.add(high, {**labels, "currency": currency})
        try:
            yield
        finally:
            self._open.add(-1, labels)
            if high:
                self._reserved.add(-high, {**labels, "currency": currency})

    @contextmanager
    def request(self, job: ObservedJob, request: ObservedRequest) -> Generator[None]:
        """Measure a request to a service."""
        labels = {"gen_ai.operation.name": job.operation, "gen_ai.provider.name": job.provider}
        began = time.perf_counter()
        try:
            yield
        finally:
            failed = {"error.type": type(request.failure).__name__} if request.failure else {}
            self._request_seconds.record(time.perf_counter() - began, {**labels, **failed})

    def settled(self, job: ObservedJob, end: ObservedEnd) -> None:
        """Count what an ended job cost. One that was `unknown` may be settled again, under another state then."""
        if end.billed is not None:
            labels = {**self._labels(job), "currency": end.billed.currency, "state": end.state}
            self._billed.add(float(end.billed.amount), labels)

    def moved(self, way: Way, byte_count: int) -> None:
        """Count bytes."""
        self._traffic.add(byte_count, {"way": way})

    def _labels(self, job: ObservedJob) -> dict[str, str]:
        return {"tool": job.tool, "provider": job.provider, "owner": self._owner(job.owner)}

    def _owner(self, owner: str) -> str:
        shown = shown_owner(owner)
        if shown in self._owners:
            return shown
        if len(self._owners) >= MOST_OWNERS:
            return OTHER
        self._owners.add(shown)
        return shown
