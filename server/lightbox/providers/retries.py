"""What may be sent again, and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime

from lightbox.errors import Throttled, Unavailable, UpstreamError


@dataclass(frozen=True, slots=True, kw_only=True)
class Retries:
    """How patiently a request is repeated that surely was not accepted.

    Attributes:
        tries: How often it is sent in all.
        first: Seconds before the second time, doubled each time after; used where the service names none.
        longest: Seconds that are waited at most; a service that wants more is not asked again.
    """

    tries: int = 3
    first: float = 1.0
    longest: float = 30.0

    def wait(self, error: UpstreamError, sent: int) -> float | None:
        """Tell how long to wait after a request was `sent` that many times; None if it is not to be sent again.

        No service of ours knows idempotency keys: what may have been accepted would be billed twice.
        """
        if error.accepted or not isinstance(error, Throttled | Unavailable) or sent >= self.tries:
            return None
        wait = self.first * 2 ** (sent - 1) if error.retry_after is None else error.retry_after
        return wait if wait <= self.longest else None


def read_retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Read how many seconds a service wants to be left alone; None if it does not say.

    Reads `retry-after-ms`, and `Retry-After` as seconds or as a date (RFC 9110, 10.2.3).
    """
    if (millis := _number(headers.get("retry-after-ms"))) is not None:
        return millis / 1000
    told = headers.get("retry-after")
    seconds = _number(told)
    if seconds is not None or told is None:
        return seconds
    try:
        return max(0.0, (parsedate_to_datetime(told) - now).total_seconds())
    except (ValueError, TypeError, OverflowError):
        return None


def _number(text: str | None) -> float | None:
    """Read digits; `float` would take `nan` and `inf` for numbers too."""
    whole = (text or "").strip()
    return float(whole) if whole.replace(".", "", 1).isdecimal() else None
