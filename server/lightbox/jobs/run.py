"""One job that this process works on: who listens, what has come, when there is an answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from lightbox.jobs.order import Order
from lightbox.jobs.outcome import Hit, MadePicture, Outcome
from lightbox.wire.usage import Usage

Tell = Callable[[str], Awaitable[None]]
"""Passes a sentence about the progress on to a client; must not raise."""

UNHEARD_SENTENCES = 100
"""How many sentences wait for a client that is slow to take them; later ones are left out."""


@dataclass
class Run:
    """The moving part of a job; what must survive is in the journal.

    Attributes:
        began_at: When the job was opened, which decides the prices.
        unwanted: Whether it is to be stopped as soon as the service can be told.
        cancelled: Whether it was stopped.
    """

    job_id: str
    order: Order
    began_at: datetime
    answered: anyio.Event = field(default_factory=anyio.Event)
    ended: anyio.Event = field(default_factory=anyio.Event)
    scope: anyio.CancelScope = field(default_factory=anyio.CancelScope)
    listeners: list[MemoryObjectSendStream[str]] = field(default_factory=list[MemoryObjectSendStream[str]])
    responses: dict[int, str] = field(default_factory=dict[int, str])
    resumable: bool = False
    sent: bool = False
    unwanted: bool = False
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

    def tell(self, sentence: str) -> None:
        """Pass a sentence on to whoever waits. Nobody is waited for: a client that hangs must not hold up paid work."""
        self.stage = sentence
        for listener in self.listeners:
            with suppress(anyio.WouldBlock):
                listener.send_nowait(sentence)

    def answer(self) -> None:
        """Say that there is something to answer with: nobody hears of progress any more."""
        self.answered.set()
        for listener in self.listeners:
            listener.close()

    @contextmanager
    def heard(self) -> Generator[MemoryObjectReceiveStream[str]]:
        """Hear the progress, from the present stage on, until there is an answer."""
        telling, hearing = anyio.create_memory_object_stream[str](UNHEARD_SENTENCES)
        if self.stage:
            telling.send_nowait(self.stage)
        if self.answered.is_set():
            telling.close()
        self.listeners.append(telling)
        try:
            with telling, hearing:
                yield hearing
        finally:
            self.listeners.remove(telling)

    @property
    def served(self) -> bool:
        """Whether something has come of what the call is made for."""
        return self.outcome().serves(self.order.priced.ability)

    @property
    def can_be_left(self) -> bool:
        """Whether a later server can ask for every answer, or there is nothing to ask for any more."""
        named = self.resumable and len(self.responses) + len(self.failures) >= self.order.priced.count
        return named or self.ended.is_set()

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
