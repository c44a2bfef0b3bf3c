"""How long a service may take."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """How long to wait for a service, in seconds.

    Attributes:
        connect: For a connection.
        read: Between two pieces of an answer. Services are silent for minutes while they paint or think.
        write: For a piece of the request to leave; pictures travel in it.
        ask: For the answer to a small question, such as which models there are.
        poll: Between two questions whether a stored response is done.
        polling: For all of them together.
    """

    connect: float = 15.0
    read: float = 300.0
    write: float = 120.0
    ask: float = 30.0
    poll: float = 2.0
    polling: float = 900.0
