"""A question at the terminal: whether a call is to be made at its price."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

import anyio

if TYPE_CHECKING:
    from lightbox.commands.tool_calls import Consent

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


def consent(others: Pausing, *, agreed: bool) -> Consent:
    """Give what answers for the person, who may have agreed beforehand; else they are asked."""

    async def ask(question: str) -> bool:
        if agreed:
            return True
        others.pause()
        print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)  # noqa: T201 - stdout is for results
        return (await _line()).strip().lower() in YES

    return ask


async def _line() -> str:
    """Read a line that a person types; Ctrl-C is heard meanwhile."""
    with suppress(NotImplementedError, ValueError):  # a system whose terminals can't be waited for is read from
        await anyio.wait_readable(sys.stdin)
    return os.read(sys.stdin.fileno(), LONGEST_ANSWER).decode(errors="replace")
