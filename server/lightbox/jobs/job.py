"""One job: one use of a paid tool, from its reservation to its bill."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from lightbox.costs.pricing.bill import Bill
from lightbox.jobs.order import Order
from lightbox.jobs.outcome import Outcome

JobState = Literal["reserved", "sent", "completed", "failed", "cancelled", "unknown"]
"""reserved: not yet sent. sent: the service may be working. The rest are ends; `unknown` may have been billed."""

OPEN_STATES: tuple[JobState, ...] = ("reserved", "sent")


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job as the journal holds it.

    Attributes:
        answered: Whether `outcome` is what the tool answers; a bill may still follow.
        error: Why it failed, in the words that the caller reads.
        stage: What it is doing.
        responses: The service's ids of the calls that it accepted, by the index of the call.
        resumable: Whether those can be asked for again.
        cached: Whether this answer was paid for by an earlier call.
    """

    id: str
    order: Order
    state: JobState
    created_at: datetime
    ended_at: datetime | None = None
    answered: bool = False
    outcome: Outcome | None = None
    bill: Bill | None = None
    error: str | None = None
    stage: str | None = None
    responses: dict[int, str] | None = None
    resumable: bool = False
    cached: bool = False

    @property
    def open(self) -> bool:
        """Whether the service may still be at work, or the bill is still to come."""
        return self.state in OPEN_STATES

    @property
    def done(self) -> bool:
        """Whether there is something to answer with."""
        return self.answered or not self.open
