"""What happens while a service works on a call, in the order in which it becomes known.

    Accepted  the service has taken the call and named it
    LeftOut   what the request was sent without
    Stage     what it is doing
    Found     the new hits of one search call
    SearchesDone
    Partial   an unfinished picture
    Made      a finished picture, once, however often it crosses the wire
    MadeAt    a finished picture that lies at an address
    Damaged   what came in the place of a picture and can't be read
    Finished  the end, with the bill

A stream that fails raises after what it has yielded, which stands. Where the service told the usage of a call that
failed, or that did not do what was asked, `Finished` comes before the error.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from lightbox.wire.response import FoundHit, Usage

StageName: TypeAlias = Literal["thinking", "searching", "painting", "writing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The service has taken the call; from here on it may be billed. Comes once, before everything else.

    `resumable` says whether the response can be asked for again by its id, after a crash for example.
    """

    response_id: str
    resumable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """The server does not know these fields of the request, which was sent without them. Comes at most once."""

    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """The service has begun something else."""

    name: StageName


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A search call is done: the hits that no earlier one had, in the service's order, and what was searched for.

    `again` says that this call was told before and that only more of its hits have come: it is one search, paid once.
    """

    hits: tuple[FoundHit, ...]
    queries: tuple[str, ...] = ()
    again: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchesDone:
    """No search call is open and the model has gone on to its answer. Comes at most once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Partial:
    """An unfinished picture; `index` counts from 0."""

    index: int
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Painted:
    """What is told of a finished picture. Options are as the service resolved them, None where it did not say."""

    item_id: str | None
    size: str | None = None
    quality: str | None = None
    format: str | None = None
    background: str | None = None
    revised_prompt: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Made(Painted):
    """A finished picture."""

    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeAt(Painted):
    """A finished picture of which the service tells only where it lies. Fetch it as anything that a stranger names."""

    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Damaged(Painted):
    """What came in the place of a finished picture and is no base64: `data` is its text as it came, as bytes."""

    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """The end of a call.

    Attributes:
        text: What it wrote in its last message, `""` if nothing.
        usage: What it consumed, None where the service did not say.
        incomplete_reason: Why it stopped early, in the service's word, e.g. `max_output_tokens`.
        note: What a search that brought no hits should say beside it, in our words: that the service searched but
            answered no pictures, for example.
    """

    text: str
    usage: Usage | None
    incomplete_reason: str | None = None
    note: str | None = None


Update: TypeAlias = Accepted | LeftOut | Stage | Found | SearchesDone | Partial | Made | MadeAt | Damaged | Finished
