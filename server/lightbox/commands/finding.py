"""What a check found, and how that is told: on a line, wrapped for a terminal, or as data."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from lightbox.untrusted import plain_lines

_VERDICTS = {True: "ok", False: "FIX", None: "note"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One check of one thing.

    Attributes:
        what: The thing.
        good: Whether it is well; False has to be fixed, None is neither: something that is worth knowing.
        text: What was found, or what to do.
    """

    what: str
    good: bool | None
    text: str

    @property
    def verdict(self) -> str:
        """`ok`, `FIX` or `note`."""
        return _VERDICTS[self.good]

    def __str__(self) -> str:
        return f"{self.verdict:4} {self.what}: {self._line}"

    @property
    def document(self) -> dict[str, str]:
        """The same as data."""
        return {"what": self.what, "verdict": self.verdict.lower(), "text": self._line}

    def wrapped(self, columns: int) -> str:
        """Give it as a terminal of a width shows it, paths and commands unbroken."""
        return textwrap.fill(
            str(self), columns, subsequent_indent=" " * 5, break_long_words=False, break_on_hyphens=False
        )

    @property
    def _line(self) -> str:
        return " ".join(plain_lines(self.text).split())


def summary(findings: Sequence[Finding]) -> str:
    """Say how much has to be fixed."""
    number = sum(finding.good is False for finding in findings)
    if not number:
        return "Nothing has to be fixed."
    return "1 thing has to be fixed." if number == 1 else f"{number} things have to be fixed."
