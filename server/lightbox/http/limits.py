"""How much an HTTP server takes at once, from whom, and how long it waits for it."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1024 * 1024
AGAIN_SECONDS = 5
"""When to come again: about as long as a search takes, or a large body."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The limits of one server process; each replica has its own.

    Attributes:
        connections: Open at once. One more takes the place of an idle one; where none is idle it is refused.
        header_seconds: Within which a request's headers must have come, from its first byte, or from the connection's
            beginning.
        header_bytes: Largest headers.
        idle_seconds: How long a connection is kept between two requests. Whoever is in front must be the first to let
            go, or its next request goes into a connection that is just being closed: clients keep theirs for seconds,
            nginx and AWS' balancer for 60 seconds, Google's for 600.
        body_seconds: How long a body may keep us waiting.
        unread_seconds: How long an answer may wait for being read.
        bytes_per_second: What moves earns time again: whoever keeps up this pace is never cut off.
        linger_seconds: How long a connection whose request was not read to its end stays open, so that the answer is.
        stranger_bytes: Largest body of a request without a verified caller. A body that is no larger needs no room.
        body_bytes: Largest body: twice a picture of 20 MB as a data URI, or a picture and a mask.
        bodies_bytes: All larger bodies together, until they are answered: parsing takes some times their size.
        caller_bodies_bytes: One caller's share of that.
        calls_per_caller: Calls of a caller's at work at once, jobs that outlive their call included.
        questions_per_caller: Requests of a caller's beside those: lists, `get_job` and what else asks for no work.
        calls: Calls and jobs at once, over all callers.
        pictures: Full pictures that are fetched by their links at once.
    """

    connections: int = 512
    header_seconds: float = 10.0
    header_bytes: int = 32 * 1024
    idle_seconds: int = 620
    body_seconds: float = 30.0
    unread_seconds: float = 30.0
    bytes_per_second: int = 50_000
    linger_seconds: float = 2.0
    stranger_bytes: int = 64 * 1024
    body_bytes: int = 48 * MIB
    bodies_bytes: int = 192 * MIB
    caller_bodies_bytes: int = 96 * MIB
    calls_per_caller: int = 16
    questions_per_caller: int = 32
    calls: int = 256
    pictures: int = 16


class Patience:
    """Waits for the other side, which earns time by what it moves.

    Args:
        seconds: How long it may keep us waiting, and the most that it can earn.
        bytes_per_second: The pace that earns what it costs.
    """

    def __init__(self, seconds: float, bytes_per_second: int) -> None:
        self.left = self._most = seconds
        self._pace = bytes_per_second

    def spend(self, seconds: float, moved: int) -> None:
        """Count what was waited for, and the bytes that came or went."""
        self.left = min(self._most, self.left - seconds + moved / self._pace)
