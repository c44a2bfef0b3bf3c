"""How a job ends: its state, its bill, and what its answer says of what went wrong."""

from __future__ import annotations

from dataclasses import dataclass

from lightbox.costs.call import Report
from lightbox.costs.catalogue.catalogue import Catalogue
from lightbox.costs.pricing.bill import Bill, bill
from lightbox.errors import LightboxError, StorageFailed, UpstreamError
from lightbox.jobs.job import Job, JobState
from lightbox.jobs.outcome import Outcome
from lightbox.jobs.run import Run

CANCELLED = "The call was cancelled."
NEVER_SENT = "The server ended before the request was sent: nothing was billed. Make the call again."
CUT_SHORT = "The server ended before the service's answer was complete; this had come by then."

SEARCHES = ("search", "similar")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """The end of a job, as the journal is told of it; `outcome` is None where what it holds stays."""

    state: JobState
    bill: Bill
    outcome: Outcome | None = None
    error: str | None = None


def settle_run(run: Run, catalogue: Catalogue) -> Settlement:
    """End a job that this server worked on: each request is billed once, by what the service told of it."""
    failed = not run.served and (bool(run.failures) or run.cancelled)
    error = str(next(iter(run.failures.values()), CANCELLED)) if failed else None
    state: JobState = "completed"
    if failed:
        state = "cancelled" if run.cancelled else "failed"
    run.notes.extend(_notes(run))
    return Settlement(state=state, bill=_bill(run, catalogue), outcome=run.outcome(), error=error)


def settle_cancelled(job: Job, catalogue: Catalogue) -> Settlement:
    """End a job that another server works on, and whose service was told to stop from here."""
    served = job.outcome is not None and job.outcome.serves(job.order.priced.ability)
    state, error = ("completed", None) if served else ("cancelled", CANCELLED)
    return Settlement(state=state, bill=_guessed(job, catalogue), error=error)


def settle_lost(job: Job, catalogue: Catalogue) -> Settlement:
    """End a job that can't be asked for again: with what had come, or with what is known of it."""
    if job.state == "reserved":
        nothing = bill(job.order.priced, [], catalogue.at(job.created_at))
        return Settlement(state="failed", bill=nothing, error=NEVER_SENT)
    guessed, outcome = _guessed(job, catalogue), job.outcome
    if outcome is not None and outcome.serves(job.order.priced.ability):
        outcome = outcome.model_copy(update={"notes": (*outcome.notes, CUT_SHORT)})
        return Settlement(state="completed", bill=guessed, outcome=outcome)
    error = (
        f"Unknown: the server ended while {job.order.provider} worked on this call, and its answer can't be asked "
        "for again; it may have been billed. Making the call again pays again."
    )
    return Settlement(state="unknown", bill=guessed, error=error)


def _bill(run: Run, catalogue: Catalogue) -> Bill:
    numbers = range(run.order.priced.count if run.sent else 0)
    billed = [Report(usage=run.usages.get(index)) for index in numbers if _may_be_billed(run.failures.get(index))]
    searches = run.searches if run.order.priced.ability in SEARCHES else None
    return bill(run.order.priced, billed, catalogue.at(run.began_at), searches=searches)


def _guessed(job: Job, catalogue: Catalogue) -> Bill:
    """Settle by the estimate what no service can be asked about."""
    return bill(job.order.priced, [Report()] * job.order.priced.count, catalogue.at(job.created_at))


def _may_be_billed(failure: Exception | None) -> bool:
    """Whether a request may have cost something: yes, unless it was turned away, or never left.

    What could not be kept was paid for, and so, for all that is known, was what ended in a crash.
    """
    if isinstance(failure, UpstreamError):
        return failure.accepted
    return not isinstance(failure, LightboxError) or isinstance(failure, StorageFailed)


def _notes(run: Run) -> list[str]:
    """Say what did not work in a job that brought something all the same."""
    failures = list(run.failures.values())
    if not failures or not run.served:
        return []
    if run.hits:
        return [f"The service's answer broke off after these hits: {failures[0]}"]
    return [f"{len(failures)} of {run.order.priced.count} did not come: {failures[0]}"]
