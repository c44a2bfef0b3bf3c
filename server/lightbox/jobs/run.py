"""One job that this process works on: who listens, what has come, when there is an answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field

import anyio

from lightbox.jobs.order import Order
from lightbox.jobs.outcome import Hit, MadePicture, Outcome
from lightbox.wire.usage import Usage

Tell = Callable[[str], Awaitable[None]]
"""Passes a sentence about the progress on to a client; must not raise."""


@dataclass
class Run:
    """The moving part of a job; what must survive is in the journal."""

    job_id: str
    order: Order
    answered: anyio.Event = field(default_factory=anyio.Event)
    ended: anyio.Event = field(default_factory=anyio.Event)
    scope: anyio.CancelScope = field(default_factory=anyio.CancelScope)
    listeners: list[Tell] = field(default_factory=list[Tell])
    responses: dict[int, str] = field(default_factory=dict[int, str])
    resumable: bool = False
    sent: bool = False
    cancelled: bool = False
    stage: str = ""
    hits: list[Hit] = field(default_factory=list[Hit])
    searches: int = 0
    queries: list[str] = field(default_factory=list[str])
    pictures: dict[int, MadePicture] = field(default_factory=dict[int, MadePicture])
    texts: dict[int, str] = field(default_factory=dict[int, str])
    usages: dict[int, Usage | None] = field(default_factory=dict[int, Usage | None])
    failures: dict[int, Exception] = field(default_factory=dict[int, Exception])
    notes: list[str] = field(default_factory=list[str])
    checking: bool = False

    async def tell(self, sentence: str) -> None:
        """Pass a sentence on to whoever waits."""
        self.stage = sentence
        for listener in tuple(self.listeners):
            await listener(sentence)

    @contextmanager
    def heard_by(self, listener: Tell) -> Generator[None]:
        """Let a listener hear the progress for a while."""
        self.listeners.append(listener)
        try:
            yield
        finally:
            self.listeners.remove(listener)

    def outcome(self) -> Outcome:
        """Put together what has come so far, pictures in the order in which they were asked for."""
        texts = [text for _, text in sorted(self.texts.items()) if text]
        return Outcome(
            hits=tuple(self.hits[: self.order.limit]),
            found=len(self.hits),
            queries=tuple(dict.fromkeys(self.queries)),
            pictures=tuple(picture for _, picture in sorted(self.pictures.items())),
            text="\n\n".join(texts) or None,
            notes=tuple(self.notes),
        )
