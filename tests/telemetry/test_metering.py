"""That metrics stay few however many callers come, and count each job once."""

from __future__ import annotations

from contextvars import ContextVar
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from opentelemetry.metrics import NoOpMeterProvider
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.trace import NoOpTracer

import orders
from lightbox.costs.catalogue.catalogue import Catalogue
from lightbox.costs.money import Money
from lightbox.costs.pricing.bill import Bill
from lightbox.costs.pricing.estimate import Estimate
from lightbox.jobs.job import End
from lightbox.jobs.journal import STALE_SECONDS, WATCHED_SECONDS, Journal
from lightbox.jobs.recovering import Recovery
from lightbox.jobs.runner import Runner
from lightbox.state.sqlite import SQLiteDatabase
from lightbox.telemetry.exporting import ExportingObserver
from lightbox.telemetry.metering import MOST_OWNERS, OTHER, Metering
from lightbox.telemetry.observer import ObservedCall, ObservedEnd, ObservedJob, Observer, Way, shown_owner
from lightbox.telemetry.tracing import Tracing

if TYPE_CHECKING:
    from pathlib import Path

CALLER: ContextVar[str] = ContextVar("caller")
ONE = Money(Decimal(1), "USD")
ORDER = orders.ORDER.model_copy(update={"estimate": Estimate(low=ONE, expected=ONE, high=ONE)})


class Listening(Observer):
    """Keeps what it is told of the ends of jobs, and in whose context."""

    def __init__(self) -> None:
        self.ends: list[tuple[str, str, str | None]] = []

    def settled(self, job: ObservedJob, end: ObservedEnd) -> None:
        self.ends.append((job.job_id, end.state, CALLER.get(None)))


def points(reader: InMemoryMetricReader, name: str) -> list[Any]:
    data = reader.get_metrics_data()
    assert data is not None
    return [
        point
        for resource in data.resource_metrics
        for scope in resource.scope_metrics
        for metric in scope.metrics
        if metric.name == name
        for point in metric.data.data_points
    ]


def test_owners_beyond_the_first_hundred_are_counted_together() -> None:
    reader = InMemoryMetricReader()
    provider = MeterProvider([reader])
    metering = Metering(provider.get_meter("test"))
    for number in range(3 * MOST_OWNERS):
        metering.end_call(ObservedCall("search_images", f"caller-{number}"))
    counted = {point.attributes["owner"]: point.value for point in points(reader, "lightbox.calls")}
    provider.shutdown()

    assert len(counted) == MOST_OWNERS + 1
    assert counted[OTHER] == 2 * MOST_OWNERS


def test_what_is_reserved_and_open_is_counted_while_a_job_is_worked_on() -> None:
    reader = InMemoryMetricReader()
    provider = MeterProvider([reader])
    metering = Metering(provider.get_meter("test"))
    with metering.job(ORDER.observed("job_1")):
        during = [points(reader, name)[0].value for name in ("lightbox.jobs.open", "lightbox.money.reserved")]
    after = [points(reader, name)[0].value for name in ("lightbox.jobs.open", "lightbox.money.reserved")]
    provider.shutdown()

    assert (during, after) == ([1, 1], [0, 0])


@pytest.mark.parametrize(
    ("owner", "shown"),
    [("local", "local"), ("ada.team-1", "ada.team-1"), ("https://issuer.example|ada@example.com", None), ("", None)],
)
def test_an_owner_that_is_no_plain_name_is_shown_by_its_hash(owner: str, shown: str | None) -> None:
    assert shown_owner(owner) == shown if shown else shown_owner(owner).startswith("owner-")
    assert "example.com" not in shown_owner(owner)


class Broken(Metering):
    """Fails at everything."""

    def end_call(self, call: ObservedCall) -> None:
        raise RuntimeError(call.tool)

    def settled(self, job: ObservedJob, end: ObservedEnd) -> None:
        raise RuntimeError(job, end)

    def moved(self, way: Way, byte_count: int) -> None:
        raise RuntimeError(way, byte_count)


def test_a_fault_of_what_is_told_ends_no_call_and_no_paid_work(caplog: pytest.LogCaptureFixture) -> None:
    broken = Broken(NoOpMeterProvider().get_meter("test"))
    observer = ExportingObserver(Tracing(NoOpTracer()), broken, traces=False)
    with observer.call("search_images", "local"):
        observer.moved("sent", 1)
        observer.settled(ORDER.observed("job_1"), ObservedEnd(state="completed", billed=ONE, estimated=False))

    assert len([record for record in caplog.records if record.levelname == "ERROR"]) == 3


async def test_an_end_is_told_by_the_server_that_wrote_it_alone(tmp_path: Path) -> None:
    database, listening = SQLiteDatabase(tmp_path / "state"), Listening()
    ours, theirs = (Journal(database, f"host:{number}:a", observer=listening) for number in (1, 2))
    job = (await ours.open(ORDER)).job
    end = End(state="completed", bill=Bill(amount=ONE))
    await theirs.settle(job.id, end, ORDER)
    await ours.settle(job.id, end, ORDER)
    await database.close()

    assert listening.ends == [(job.id, "completed", None)]


async def test_what_is_taken_over_belongs_to_the_trace_of_no_call(tmp_path: Path) -> None:
    now = [1_800_000_000.0]
    database, listening = SQLiteDatabase(tmp_path / "state"), Listening()
    lost = (await Journal(database, "another-host:1:a", clock=lambda: now[0]).open(ORDER)).job
    now[0] += STALE_SECONDS + 1
    ours = Journal(database, "survivor:1:a", clock=lambda: now[0], observer=listening)

    async def nothing(_: str) -> None: ...

    async with anyio.create_task_group() as tasks:
        runner = Runner(ours, catalogue=Catalogue.load(), tasks=tasks, job_seconds=600, on_end=nothing)
        CALLER.set("whoever asks")
        recovery = Recovery(runner, carrier=None)  # type: ignore[arg-type] # it has nobody to ask
        await recovery.recover()  # it begins to watch a server of another machine
        now[0] += WATCHED_SECONDS
        await recovery.recover()
    await database.close()

    assert listening.ends == [(lost.id, "unknown", None)]
