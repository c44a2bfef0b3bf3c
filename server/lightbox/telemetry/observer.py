"""Who is told what the server does: the log of calls here, traces and metrics in `exporting`. Imports nothing heavy."""

from __future__ import annotations

import hashlib
import logging
import re
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from lightbox.telemetry.call_log import logger as call_log
from lightbox.telemetry.call_log import write_call

if TYPE_CHECKING:
    from lightbox.costs.money import Money
    from lightbox.state.database import Database

Way = Literal["sent", "received", "fetched", "stored"]
"""Where bytes went: to a service, from it, from the web, into the picture store."""

CallOutcome = Literal["completed", "running", "asked", "failed", "cancelled"]
"""How a call was answered; running: with the id of a job that goes on; asked: with a question to the person."""

_PLAIN_NAME = re.compile(r"[A-Za-z0-9_.:-]{1,64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedJob:
    """What is told of a job.

    Attributes:
        model: The model that users name.
        operation: What the service is asked for, e.g. `search`.
        low: The estimate; None where the price is not known.
        text: What it is about in words: prompt, query or question. Told only to who has asked for it.
    """

    job_id: str
    tool: str
    owner: str
    provider: str
    model: str
    operation: str
    low: Money | None = None
    expected: Money | None = None
    high: Money | None = None
    text: str = ""


@dataclass(slots=True)
class ObservedCall:
    """One call of a tool; what is not known at its beginning is filled in while it is answered.

    Attributes:
        tool: The tool, as it is listed.
        owner: Who calls.
        seconds: How long the answer took.
        job: The job that the answer is about; `how` says whether it is the call's own (`new`), was running already
            (`joined`), or had been paid for earlier (`cached`).
        billed: What the job cost; None while that is not known.
        trace_id: The trace that the call is part of, in hexadecimal, where there is one.
    """

    tool: str
    owner: str
    outcome: CallOutcome = "cancelled"
    seconds: float = 0.0
    job: ObservedJob | None = None
    how: str | None = None
    billed: Money | None = None
    trace_id: str | None = None


@dataclass(slots=True)
class ObservedRequest:
    """One request to a service, as far as it told of it: its name for the answer, and the tokens it counted."""

    response_id: str | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    failure: Exception | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedEnd:
    """How a job ended: its state in the journal, its bill, and whether that was settled by the estimate."""

    state: str
    billed: Money | None
    estimated: bool


class Observer:
    """Is told what happens, and passes it on; this one writes the log of calls, and everything else costs nothing.

    Attributes:
        traces: Whether there are traces; those of incoming requests are continued then.
    """

    traces = False

    @contextmanager
    def call(self, tool: str, owner: str) -> Generator[ObservedCall]:
        """Observe a call of a tool for as long as it is answered."""
        observed = ObservedCall(tool, owner)
        began = time.perf_counter()
        self.began(observed)
        try:
            yield observed
        finally:
            observed.seconds = time.perf_counter() - began
            self.answered(observed)
            if call_log.isEnabledFor(logging.INFO):
                write_call(observed)

    def began(self, call: ObservedCall) -> None:
        """Hear of a call that begins."""

    def answered(self, call: ObservedCall) -> None:
        """Hear of a call that has its answer."""

    def job(self, job: ObservedJob) -> AbstractContextManager[None]:
        """Observe a job for as long as this process works on it."""
        del job
        return _NOTHING

    def request(self, job: ObservedJob, index: int) -> AbstractContextManager[ObservedRequest]:
        """Observe one of the requests that carry a job out."""
        del job, index
        return nullcontext(ObservedRequest())

    def settled(self, job: ObservedJob, end: ObservedEnd) -> None:
        """Hear of a job's end, once it stands in the journal; told by the process that wrote it alone."""

    def moved(self, way: Way, byte_count: int) -> None:
        """Hear of bytes that went somewhere. May be called on any thread."""

    def watched(self, database: Database) -> Database:
        """Give the database whose uses are observed: the same one where nobody looks."""
        return database

    def continued(self, headers: Mapping[str, str]) -> AbstractContextManager[None]:
        """Continue the trace that an incoming request is part of, while it is answered."""
        del headers
        return _NOTHING

    def hide(self, secrets: Sequence[str]) -> None:
        """Strike further secrets out of what is told; there may be more of them later."""

    def exposition(self) -> bytes:
        """Give the metrics as Prometheus reads them; nothing where there are none."""
        return b""

    def close(self) -> None:
        """Send what is still to be sent, within a moment, and end."""


def shown_owner(owner: str) -> str:
    """Name an owner for traces and metrics: as it is where that is a plain name, else by its hash (`owner-1f0c…`).

    An issuer's subject may be somebody's mail address, which has no place in a system that many can look into.
    """
    if _PLAIN_NAME.fullmatch(owner):
        return owner
    return f"owner-{hashlib.sha256(owner.encode('utf-8', 'replace')).hexdigest()[:16]}"


_NOTHING = nullcontext()
UNOBSERVED = Observer()
"""For those whom nobody looks at: parts that are used by themselves, in a test or a command."""
