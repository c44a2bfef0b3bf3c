"""What every answer has: its size on the wire, its cost, and what is said of a job that is not done yet."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from mcp.types import CallToolResult

from lightbox.costs.money import Money, plain
from lightbox.tools.outputs import Cost
from lightbox.untrusted import plain_lines, tame

if TYPE_CHECKING:
    from lightbox.jobs.job import Job

ENVELOPE_BYTES = 1_500
"""What the protocol puts around a result: ids, and the server's description in every answer of the 2026 era."""
BASE64 = 4 / 3
LONGEST_REASON = 400
LONGEST_NOTE = 2_000
"""How much of a note is shown, in characters: some hold what a service said."""


def encoded_bytes(result: CallToolResult) -> int:
    """Measure an answer in bytes, encoded as JSON in UTF-8, with its envelope."""
    return len(result.model_dump_json(by_alias=True, exclude_none=True).encode()) + ENVELOPE_BYTES


def picture_bytes(room: int, pictures: int = 1) -> int:
    """Give how many bytes each of some pictures may have, unencoded, to fit into `room` bytes of JSON."""
    wrapping = 100  # {"type": "image", "data": "", "mimeType": "image/webp"}
    return max(0, int((room / max(1, pictures) - wrapping) / BASE64))


def cost_of(job: Job) -> Cost:
    """Sum up what is known about a job's price."""
    estimate, bill = job.order.estimate, job.bill
    known = estimate.expected or (bill.amount if bill else None)
    amounts = {
        "currency": known.currency if known else None,
        "estimate_low": amount_text(estimate.low),
        "estimate": amount_text(estimate.expected),
        "estimate_high": amount_text(estimate.high),
    }
    if job.cached:
        return Cost(**amounts, billed="0", basis="cached")
    if bill is None:
        return Cost(**amounts, basis="pending", reason=tame(estimate.reason, LONGEST_REASON))
    basis = "estimate" if bill.estimated else "usage"
    return Cost(**amounts, billed=amount_text(bill.amount), basis=basis, reason=tame(bill.reason, LONGEST_REASON))


def cost_line(cost: Cost) -> str:
    """Say the same in one line."""
    span = _span(cost)
    if cost.basis == "cached":
        return "cost: 0, answered from the journal; an earlier call paid"
    if cost.basis == "pending":
        return f"cost: the bill is not settled yet; estimate {span}"
    billed = f"{cost.billed} {cost.currency}" if cost.billed is not None else f"unknown ({cost.reason})"
    source = "" if cost.basis == "usage" else ", from the estimate, for the service reported no usage"
    return f"cost: {billed}{source}; estimate {span}"


def last_line(job: Job) -> str:
    """Give the line that every answer of a job ends with: what it cost, and its id."""
    return f"{cost_line(cost_of(job))}; {job.id}"


def notes_of(job: Job) -> list[str]:
    """Give what the reader should know, of the order and of what came."""
    notes = [*job.order.notes, *(job.outcome.notes if job.outcome else ())]
    return [" ".join(plain_lines(note[:LONGEST_NOTE]).split()) for note in notes]


def running_text(job: Job, usual_seconds: float | None) -> str:
    """Say what the job is doing, how long such calls take, and how to ask again."""
    since = (datetime.now(UTC) - job.created_at).total_seconds()
    doing = tame(job.stage) or "waiting for its turn"
    usual = f"; such calls usually take {usual_seconds:.0f} s" if usual_seconds else ""
    lines = [
        f"Still running: {job.id} ({doing}, for {since:.0f} s{usual}).",
        f"The work goes on and is paid once. Ask with get_job(job_id={job.id!r}); the same call made again joins it.",
    ]
    if doing.startswith("partial"):
        lines.append(f"Unfinished picture: lightbox://jobs/{job.id}/preview")
    return "\n".join(lines)


def amount_text(money: Money | None) -> str | None:
    """Write an amount without its currency; None where it is not known."""
    return plain(money.amount) if money else None


def _span(cost: Cost) -> str:
    if cost.estimate is None:
        return f"unknown ({cost.reason})" if cost.reason else "unknown"
    if cost.estimate_low == cost.estimate_high:
        return f"{cost.estimate} {cost.currency}"
    return f"{cost.estimate} {cost.currency} ({cost.estimate_low} to {cost.estimate_high})"
