"""A question at the terminal: whether a call is to be made at its price."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import Protocol

import anyio

YES = frozenset({"y", "yes"})
LONGEST_ANSWER = 1024


class Pausing(Protocol):
    """Whoever writes to the terminal meanwhile."""

    def pause(self) -> None:
        """Let others write."""
        ...


def can_ask() -> bool:
    """Tell whether a person is there: at both ends of this command."""
    return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()


class Consent:
    """Answers for the person whether a call is made at its price.

    Args:
        others: Who writes to the terminal meanwhile.
        agreed: Whether the person has agreed beforehand; else they are asked.
    """

    def __init__(self, others: Pausing, *, agreed: bool) -> None:
        self.declined = False
        self._others = others
        self._agreed = agreed

    async def ask(self, question: str) -> bool:
        """Answer a question."""
        if self._agreed:
            return True
        self._others.pause()
        print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)  # noqa: T201 - stdout is for results
        self.declined = (await _line()).strip().lower() not in YES
        return not self.declined


def consent(others: Pausing, *, agreed: bool) -> Consent | None:
    """Give who answers for the person; nobody where they have not agreed and can't be asked."""
    return Consent(others, agreed=agreed) if agreed or can_ask() else None


async def _line() -> str:
    """Read a line that a person types; Ctrl-C is heard meanwhile."""
    with suppress(NotImplementedError, ValueError):  # a system whose terminals can't be waited for is read from
        await anyio.wait_readable(sys.stdin)
    return os.read(sys.stdin.fileno(), LONGEST_ANSWER).decode(errors="replace")
