"""An owner's newest jobs, one by one, however much of them is still kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from lightbox.costs.money import Money, plain
from lightbox.jobs.job import OPEN_STATES
from lightbox.jobs.journal import read_job
from lightbox.state.tables import jobs

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from lightbox.jobs.job import Job


@dataclass(frozen=True, slots=True, kw_only=True)
class PastJob:
    """One job, as its row tells it; amounts as decimal text in `currency`, None where they are not known.

    Attributes:
        created_at: Seconds since 1970.
        answered_at: When there was something to answer with, or when it ended.
        estimated: Whether the bill is from the estimate.
        job: All of it; None where only the bill is still kept, or a newer version wrote it.
    """

    id: str
    tool: str
    provider: str
    model: str
    created_at: float
    answered_at: float | None
    state: str
    stage: str | None
    currency: str | None
    billed: str | None
    estimated: bool
    job: Job | None

    @property
    def open(self) -> bool:
        """Whether the service may still be at work, or the bill is still to come."""
        return self.state in OPEN_STATES


def history(connection: Connection, owner: str, count: int, job_id: str | None = None) -> list[PastJob]:
    """Read an owner's newest jobs, the newest first; or one of them alone."""
    query = select(jobs).where(jobs.c.owner == owner).order_by(jobs.c.created_at.desc(), jobs.c.id).limit(count)
    if job_id is not None:
        query = query.where(jobs.c.id == job_id.strip())
    return [
        PastJob(
            id=row.id,
            tool=row.tool,
            provider=row.provider,
            model=row.model,
            created_at=row.created_at,
            answered_at=row.answered_at or row.ended_at,
            state=row.state,
            stage=row.stage,
            currency=row.currency,
            billed=None if row.billed is None else plain(Money.of_billionths(int(row.billed), "").amount),
            estimated=row.estimated,
            job=read_job(row) if row.order else None,
        )
        for row in connection.execute(query)
    ]
