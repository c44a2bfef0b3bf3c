"""One job: one use of a paid tool, from its reservation to its bill; what was ordered, what came, how it ended."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self, cast

from pydantic import BaseModel, ConfigDict, Field

from lightbox.costs.call import PricedCall, Report
from lightbox.costs.pricing.bill import Bill, bill
from lightbox.costs.pricing.estimate import Estimate, estimate
from lightbox.costs.pricing.learned import PastCall, kind_of, past_call
from lightbox.errors import LightboxError, StorageFailed, UpstreamError
from lightbox.images.picture import Hit
from lightbox.images.selection import Selection
from lightbox.providers.calls import Call
from lightbox.telemetry.observer import ObservedEnd, ObservedJob
from lightbox.vocabulary import Ability

if TYPE_CHECKING:
    from lightbox.costs.call import PaintedPicture
    from lightbox.costs.catalogue.catalogue import Catalogue, Rates
    from lightbox.costs.pricing.budget import Cap
    from lightbox.wire.response import Usage

JobState = Literal["reserved", "sent", "completed", "failed", "cancelled", "unknown"]
"""sent: the service may be working. The rest are ends; `unknown` may have been billed. `reserved`, not yet sent, was
written by release 0.1 only."""

OPEN_STATES: tuple[JobState, ...] = ("reserved", "sent")

CANCELLED = "The call was cancelled."
NEVER_SENT = "The server ended before the request was sent: nothing was billed. Make the call again."
CUT_SHORT = "The server ended before the service's answer was complete; this had come by then."


class Order(BaseModel):
    """One use of a paid tool, as far as a later session must know it to answer and to settle.

    Attributes:
        owner: The caller to whom the job belongs.
        tool: The tool that was called.
        arguments: Its arguments, every image reference replaced by a handle.
        base_url: Where it is sent; two accounts of one service are never taken for one.
        account: Whose key it is sent with: empty for the server's, else the fingerprint of the caller's own.
        priced: The call in the terms that have a price.
        estimate: What it will cost.
        prompt: The words after which made pictures are named.
        limit: How many hits the answer shows, or is chosen from.
        selection: Which of them the answer shows; None for all.
        check: Whether hits are probed.
        reusable: Whether a later identical call may be answered from the journal.
        notes: What the answer says whatever comes.
        exact_size: `WIDTHxHEIGHT` in px to which made pictures are brought here; None: they stay as they come.
        format_here: The format in which made pictures are written here, for the service does not make it.
    """

    model_config = ConfigDict(frozen=True)

    owner: str
    tool: str
    arguments: dict[str, Any]
    base_url: str
    account: str = ""
    priced: PricedCall
    estimate: Estimate
    prompt: str = ""
    limit: int = 10
    selection: Selection | None = None
    check: bool = False
    reusable: bool = False
    notes: tuple[str, ...] = ()
    exact_size: str | None = None
    format_here: str | None = None

    @property
    def provider(self) -> str:
        """The service."""
        return self.priced.provider

    @property
    def ability(self) -> Ability:
        """What the service is asked for."""
        return self.priced.ability

    @cached_property
    def kind(self) -> str:
        """The same for calls whose bills teach what this one is expected to cost."""
        return kind_of(self.priced, self.base_url)

    @property
    def searches(self) -> bool:
        """Whether it looks for pictures, by words or by a picture."""
        return self.priced.ability in ("search", "similar")

    @property
    def model(self) -> str:
        """The model that users name: the image model where one paints."""
        return self.priced.image_model or self.priced.model

    @property
    def first_image(self) -> str | None:
        """The handle of the picture that is edited, where it is one that the server knows."""
        images: Any = self.arguments.get("images")
        if self.ability != "edit" or not isinstance(images, list) or not images:
            return None
        first = str(cast("list[object]", images)[0])
        return first if first.startswith("img_") else None

    def observed(self, job_id: str) -> ObservedJob:
        """Say what is told outside of the job that carries this out."""
        estimate = self.estimate
        return ObservedJob(
            job_id=job_id,
            tool=self.tool,
            owner=self.owner,
            provider=self.provider,
            model=self.model,
            operation=self.ability,
            low=estimate.low,
            expected=estimate.expected,
            high=estimate.high,
            text=self.priced.text,
        )

    @cached_property
    def key(self) -> str:
        """The same for two calls that would bring the same: what joins a running job or meets a journaled search."""
        whose = (self.owner, self.account) if self.account else (self.owner,)
        parts = (*whose, self.tool, self.base_url, self.provider, self.priced.model, self.model, self._asked)
        return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()

    @property
    def _asked(self) -> dict[str, Any]:
        """The arguments as far as they decide what the service is asked for: hits are selected here, from all of it."""
        if self.selection is None:
            return self.arguments
        asked = {name: value for name, value in self.arguments.items() if name not in {"shape", "min_side"}}
        return asked | {"count": self.priced.result_count}

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Give a copy, whose key and kind are its own: those of the first must not join it to the first's job."""
        copy = super().model_copy(update=update, deep=deep)
        for name in ("key", "kind"):
            vars(copy).pop(name, None)
        return copy


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """An order and the calls that carry it out: one, or one per picture that is asked for.

    Attributes:
        instead: Makes the calls that are sent when the stored response that `calls` go on from is gone.
        caps: The budget of its caller; None where the server's holds.
    """

    order: Order
    calls: tuple[Call, ...]
    caps: tuple[Cap, ...] | None = None
    instead: Callable[[], Awaitable[tuple[Call, ...]]] | None = None


class MadePicture(BaseModel):
    """One picture that a service made, already saved.

    Attributes:
        image: Its handle.
        original: The handle of the picture as the service made it, where that was changed here.
    """

    model_config = ConfigDict(frozen=True)

    image: str
    original: str | None = None
    revised_prompt: str | None = None
    number: int = Field(0, description="Which of the requests brought it, from 0.")


class Outcome(BaseModel):
    """Everything that a call brought so far: what is turned into an answer, now or in a later session.

    Attributes:
        hits: The hits that the answer shows, or is chosen from, in rank order.
        found: How many different hits there were.
        queries: What the service searched for.
        pictures: What was made.
        text: What the model wrote: an analysis or a description.
        notes: What the reader should know, e.g. that a stream broke off.
    """

    model_config = ConfigDict(frozen=True)

    hits: tuple[Hit, ...] = ()
    found: int = 0
    queries: tuple[str, ...] = ()
    pictures: tuple[MadePicture, ...] = ()
    text: str | None = None
    notes: tuple[str, ...] = ()

    def serves(self, ability: Ability) -> bool:
        """Whether it holds something of what such a call is made for; a painter's closing words are no picture."""
        match ability:
            case "search" | "similar":
                return bool(self.hits)
            case "generate" | "edit":
                return bool(self.pictures)
            case "describe":
                return bool(self.text)


@dataclass
class Request:
    """One of the requests that carry a job out, and what the service has told of it.

    Attributes:
        response_id: The service's name for it.
        text: What the model wrote; None until the service has ended its answer.
        painted: Size, quality and format of its pictures, as the service reported them.
        damaged_at: Where that is kept which came in the place of a picture and can't be read.
    """

    response_id: str | None = None
    usage: Usage | None = None
    text: str | None = None
    painted: list[PaintedPicture] = field(default_factory=list["PaintedPicture"])
    damaged_at: Path | None = None
    failure: Exception | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job as the journal holds it.

    Attributes:
        answered: Whether `outcome` is what the tool answers; a bill may still follow.
        error: Why it failed, in the words that the caller reads.
        stage: What it is doing.
        responses: The service's ids of the calls that it accepted, by the index of the call.
        resumable: Whether those can be asked for again.
        reusable: Whether it may answer an identical call for a while.
        cached: Whether this answer was paid for by an earlier call.
        age_seconds: How long ago it was opened, by the journal's clock; told of a job that is taken over.
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
    reusable: bool = False
    cached: bool = False
    age_seconds: float = 0.0

    @property
    def open(self) -> bool:
        """Whether the service may still be at work, or the bill is still to come."""
        return self.state in OPEN_STATES

    @property
    def done(self) -> bool:
        """Whether there is something to answer with."""
        return self.answered or not self.open


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """The end of a job: its state, its bill, and why it failed.

    Attributes:
        reusable: Whether it may answer an identical call.
        past_call: What its bill teaches the estimates of later calls; None where that is nothing.
    """

    state: JobState
    bill: Bill | None
    error: str | None = None
    reusable: bool = False
    past_call: PastCall | None = None

    @property
    def observed(self) -> ObservedEnd:
        """What is told outside of it."""
        billed, estimated = (self.bill.amount, self.bill.estimated) if self.bill else (None, False)
        return ObservedEnd(state=self.state, billed=billed, estimated=estimated)


def settle_requests(
    order: Order,
    requests: Collection[Request],
    outcome: Outcome,
    rates: Rates,
    *,
    sent: bool,
    stopped: bool,
    searches: int,
) -> tuple[End, tuple[str, ...]]:
    """End a job that this server worked on: each request is billed once, by what the service told of it.

    Args:
        order: What was ordered.
        requests: What the service told of each request.
        outcome: What came.
        rates: What was in force when the job was opened.
        sent: Whether anything left the machine.
        stopped: Whether the job was stopped before its end.
        searches: How many searches the service reported, where the order was one.

    Returns:
        The end, and what the answer has to say of what did not work although something came.
    """
    failures = [request.failure for request in requests if request.failure is not None]
    reports = [
        Report(
            usage=request.usage,
            pictures=tuple(request.painted),
            answered=bool(request.painted or request.text or searches),
            unheard=stopped,
        )
        for request in requests
        if sent and _may_be_billed(request.failure)
    ]
    billed = bill(
        order.priced,
        reports,
        rates,
        searches=searches if order.searches else None,
        reserved=order.estimate if order.priced.count == 1 else None,
    )
    if outcome.serves(order.ability) or not (failures or stopped):
        whole = not (failures or stopped)
        past = (
            past_call(order.priced, estimate(order.priced, rates), billed) if whole and not billed.estimated else None
        )
        end = End(state="completed", bill=billed, reusable=order.reusable and whole, past_call=past)
        return end, _notes(order, outcome, failures)
    error = str(failures[0] if failures else CANCELLED)
    return End(state="cancelled" if stopped else "failed", bill=billed, error=error), ()


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


def _guessed(job: Job, catalogue: Catalogue) -> Bill:
    """Settle by the estimate what no service can be asked about."""
    priced = job.order.priced
    return bill(priced, [Report(unheard=True)] * priced.count, catalogue.at(job.created_at))


def _may_be_billed(failure: Exception | None) -> bool:
    """Whether a request may have cost something: yes, unless it was turned away, or never left.

    What could not be kept was paid for, and so, for all that is known, was what ended in a crash.
    """
    if isinstance(failure, UpstreamError):
        return failure.accepted
    return not isinstance(failure, LightboxError) or isinstance(failure, StorageFailed)


def _notes(order: Order, outcome: Outcome, failures: Sequence[Exception]) -> tuple[str, ...]:
    """Say what did not work in a job that brought something all the same."""
    if not failures:
        return ()
    if outcome.hits:
        return (f"The service's answer broke off after these hits: {failures[0]}",)
    return (f"{len(failures)} of {order.priced.count} did not come: {failures[0]}",)
