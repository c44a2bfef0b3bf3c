"""How a job ends: its state, its bill, and what its answer says of what went wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightbox.costs.call import Report
from lightbox.costs.pricing.bill import Bill, bill
from lightbox.errors import LightboxError, StorageFailed, UpstreamError
from lightbox.jobs.job import Job, JobState, Outcome
from lightbox.jobs.journal import End

if TYPE_CHECKING:
    from lightbox.costs.catalogue.catalogue import Catalogue
    from lightbox.jobs.runner import Run

CANCELLED = "The call was cancelled."
NEVER_SENT = "The server ended before the request was sent: nothing was billed. Make the call again."
CUT_SHORT = "The server ended before the service's answer was complete; this had come by then."


def settle_run(run: Run, catalogue: Catalogue) -> End:
    """End a job that this server worked on: each request is billed once, by what the service told of it."""
    failures, cancelled = run.failures, run.stopped
    failed = not run.served and (bool(failures) or cancelled)
    error = str(failures[0] if failures else CANCELLED) if failed else None
    state: JobState = "completed"
    if failed:
        state = "cancelled" if cancelled else "failed"
    run.notes.extend(_notes(run))
    whole = state == "completed" and not failures and not cancelled
    return End(state=state, bill=_bill(run, catalogue), error=error, reusable=run.order.reusable and whole)


def settle_cancelled(job: Job, catalogue: Catalogue) -> End:
    """End a job that another server works on, and whose service was told to stop from here."""
    served = job.outcome is not None and job.outcome.serves(job.order.ability)
    state, error = ("completed", None) if served else ("cancelled", CANCELLED)
    return End(state=state, bill=_guessed(job, catalogue), error=error)


def settle_lost(job: Job, catalogue: Catalogue) -> tuple[End, Outcome | None]:
    """End a job that can't be asked for again: with what had come, or with what is known of it."""
    rates = catalogue.at(job.created_at)
    if job.state == "reserved":
        return End(state="failed", bill=bill(job.order.priced, [], rates), error=NEVER_SENT), None
    guessed, outcome = _guessed(job, catalogue), job.outcome
    if outcome is not None and outcome.serves(job.order.ability):
        noted = outcome.model_copy(update={"notes": (*outcome.notes, CUT_SHORT)})
        return End(state="completed", bill=guessed), noted
    error = (
        f"Unknown: the server ended while {job.order.provider} worked on this call, and its answer can't be asked "
        "for again; it may have been billed. Making the call again pays again."
    )
    return End(state="unknown", bill=guessed, error=error), None


def _bill(run: Run, catalogue: Catalogue) -> Bill:
    reports = [
        Report(usage=request.usage, pictures=tuple(request.painted))
        for request in run.requests.values()
        if run.sent and _may_be_billed(request.failure)
    ]
    searches = run.searches if run.order.searches else None
    return bill(run.order.priced, reports, catalogue.at(run.began_at), searches=searches)


def _guessed(job: Job, catalogue: Catalogue) -> Bill:
    """Settle by the estimate what no service can be asked about."""
    priced = job.order.priced
    return bill(priced, [Report()] * priced.count, catalogue.at(job.created_at))


def _may_be_billed(failure: Exception | None) -> bool:
    """Whether a request may have cost something: yes, unless it was turned away, or never left.

    What could not be kept was paid for, and so, for all that is known, was what ended in a crash.
    """
    if isinstance(failure, UpstreamError):
        return failure.accepted
    return not isinstance(failure, LightboxError) or isinstance(failure, StorageFailed)


def _notes(run: Run) -> list[str]:
    """Say what did not work in a job that brought something all the same."""
    failures = run.failures
    if not failures or not run.served:
        return []
    if run.hits:
        return [f"The service's answer broke off after these hits: {failures[0]}"]
    return [f"{len(failures)} of {run.order.priced.count} did not come: {failures[0]}"]
