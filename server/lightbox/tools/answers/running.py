"""What is said of a job that is not done yet."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lightbox.jobs.job import Job


def running_text(job: Job, usual_seconds: float | None) -> str:
    """Say what the job is doing, how long such calls take, and how to ask again."""
    since = (datetime.now(UTC) - job.created_at).total_seconds()
    doing = job.stage or "waiting for its turn"
    usual = f"; such calls usually take {usual_seconds:.0f} s" if usual_seconds else ""
    lines = [
        f"Still running: {job.id} ({doing}, for {since:.0f} s{usual}).",
        f"The work goes on and is paid once. Ask with get_job(job_id={job.id!r}); the same call made again joins it.",
    ]
    if doing.startswith("partial"):
        lines.append(f"Unfinished picture: lightbox://jobs/{job.id}/preview")
    return "\n".join(lines)
