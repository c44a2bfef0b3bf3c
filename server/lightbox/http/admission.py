"""Which requests are let in: beyond a limit, whoever asks is told why, and when to come again."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Generator, Iterable
from contextlib import ExitStack, contextmanager, suppress
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast

from lightbox.http.exchange import Exchange
from lightbox.http.limits import AGAIN_SECONDS, MIB, Limits
from lightbox.http.refusal import Refusal
from lightbox.http.upload import Upload

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

OwnerOf = Callable[["Scope"], str]
"""Gives the caller behind a request, who has been verified."""

_AGAIN = f"Try again in {AGAIN_SECONDS} seconds."
_WORKING = frozenset({"tools/call", "resources/read"})


class Admission:
    """Lets requests of known callers in; stands behind whatever finds out who they are.

    Args:
        app: Answers what is let in.
        limits: The limits.
        owner_of: Tells who asks.
        quick: The tools that answer at once from what is known: calls of those ask for no work.
        open_jobs: Gives the owner of each job that this process works on.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        limits: Limits,
        owner_of: OwnerOf,
        quick: frozenset[str],
        open_jobs: Callable[[], Iterable[str]],
    ) -> None:
        self._application = app
        self._limits = limits
        self._owner_of = owner_of
        self._quick = quick
        self._open_jobs = open_jobs
        self._requests = Counter[str]()
        self._calls = Counter[str]()
        self._bodies = Counter[str]()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or say why not."""
        exchange = Exchange.of(scope)
        exchange.upload.most = self._limits.body_bytes
        try:
            with ExitStack() as held:
                await self._let_in(scope, exchange.upload, held)
                await self._application(scope, receive, send)
        except Refusal as refusal:
            if exchange.begun:
                raise
            with suppress(Refusal):
                await exchange.upload.discard()  # a client that is still writing would not hear
            await refusal(scope, receive, send)

    async def _let_in(self, scope: Scope, body: Upload, held: ExitStack) -> None:
        """Let a request in; what it takes is held until it is answered.

        Raises:
            Refusal: It may not.
        """
        owner = self._owner_of(scope)
        held.enter_context(self._request(owner))
        body.check_length()
        if scope["method"] != "POST":
            return
        await body.begin(self._limits.stranger_bytes)
        work, request_id = asked(body.ahead, self._quick) if body.complete else (True, None)
        if work:
            held.enter_context(self._call(owner, request_id))
        body.take = held.enter_context(self._room(owner))
        body.take(max(0, body.declared - self._limits.stranger_bytes))

    @contextmanager
    def _request(self, owner: str) -> Generator[None]:
        most = self._limits.calls_per_caller + self._limits.questions_per_caller
        if self._requests[owner] >= most:
            raise Refusal(
                HTTPStatus.TOO_MANY_REQUESTS,
                f"You have {most} requests under way, the most that Lightbox takes at once from one caller. {_AGAIN}",
                AGAIN_SECONDS,
            )
        with _one(self._requests, owner):
            yield

    @contextmanager
    def _call(self, owner: str, request_id: str | int | None) -> Generator[None]:
        """Count a call beside the others. Most have a job, and a job may outlive its call: whichever are more count."""
        jobs = Counter(self._open_jobs())
        most = self._limits.calls_per_caller
        if max(self._calls[owner], jobs[owner]) >= most:
            raise Refusal(
                HTTPStatus.TOO_MANY_REQUESTS,
                f"You have {most} calls at work (CALLS_PER_CALLER), with those that answered `running`. {_AGAIN} "
                "get_job and get_spending still answer. Nothing was sent, and nothing is billed.",
                AGAIN_SECONDS,
                request_id,
            )
        if max(self._calls.total(), jobs.total()) >= self._limits.calls:
            raise Refusal(
                HTTPStatus.SERVICE_UNAVAILABLE,
                f"Lightbox works on {self._limits.calls} calls, as many as it takes at once. {_AGAIN} "
                "Nothing was sent, and nothing is billed.",
                AGAIN_SECONDS,
                request_id,
            )
        with _one(self._calls, owner):
            yield

    @contextmanager
    def _room(self, owner: str) -> Generator[Callable[[int], None]]:
        """Give what takes room for bytes of a body; it is free again at the end."""
        taken = 0

        def take(size: int) -> None:
            nonlocal taken
            share, whole = self._limits.caller_bodies_bytes, self._limits.bodies_bytes
            if self._bodies[owner] + size > share:
                raise Refusal(
                    HTTPStatus.TOO_MANY_REQUESTS,
                    f"Your requests under way hold {share // MIB} MiB, the most that Lightbox takes at once from one "
                    f"caller. {_AGAIN}",
                    AGAIN_SECONDS,
                )
            if self._bodies.total() + size > whole:
                raise Refusal(
                    HTTPStatus.SERVICE_UNAVAILABLE,
                    f"The requests under way hold {whole // MIB} MiB, as much as Lightbox takes at once. {_AGAIN}",
                    AGAIN_SECONDS,
                )
            self._bodies[owner] += size
            taken += size

        try:
            yield take
        finally:
            _less(self._bodies, owner, taken)


def asked(body: bytes, quick: frozenset[str]) -> tuple[bool, str | int | None]:
    """Tell whether a request asks for work, and give its id. What can't be read may: its error is said by others."""
    with suppress(ValueError, RecursionError):
        message = json.loads(body)
        if isinstance(message, dict):
            told = cast("dict[str, Any]", message)
            named, parameters = told.get("id"), told.get("params")
            tool = cast("dict[str, Any]", parameters).get("name") if isinstance(parameters, dict) else None
            work = told.get("method") in _WORKING and not (isinstance(tool, str) and tool in quick)
            return work, named if isinstance(named, str | int) else None
    return True, None


@contextmanager
def _one(counter: Counter[str], owner: str) -> Generator[None]:
    counter[owner] += 1
    try:
        yield
    finally:
        _less(counter, owner, 1)


def _less(counter: Counter[str], owner: str, size: int) -> None:
    counter[owner] -= size
    if not counter[owner]:
        del counter[owner]
