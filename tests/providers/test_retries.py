from __future__ import annotations

from datetime import UTC, datetime

import pytest

from lightbox.errors import Interrupted, KeyRejected, QuotaExhausted, Refused, Throttled, Unavailable, UpstreamError
from lightbox.providers.adapter import Retries
from lightbox.providers.connection import read_retry_after

NOW = datetime(2026, 11, 21, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "3"}, 3.0),
        ({"retry-after": " 2.5 "}, 2.5),
        ({"retry-after": "Sat, 21 Nov 2026 12:00:09 GMT"}, 9.0),
        ({"retry-after": "Sat, 21 Nov 2026 11:00:00 GMT"}, 0.0),
        ({"retry-after": "Sat, 21 Nov 2026 12:00:09 -0000"}, None),
        ({"retry-after": "Sat, 21 Nov 2026 12:00:09 GMT".rjust(64)}, 9.0),
        ({"retry-after": "Sat, 21 Nov 2026 12:00:09 GMT".rjust(65)}, None),  # no date takes so many characters
        ({"retry-after": "soon"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "-3"}, None),
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
    ],
)
def test_how_long_a_service_wants_peace_is_read(headers: dict[str, str], seconds: float | None) -> None:
    assert read_retry_after(headers, NOW) == seconds


@pytest.mark.parametrize(
    ("error", "sent", "wait"),
    [
        (Throttled("x"), 1, 1.0),
        (Unavailable("x"), 2, 2.0),
        (Throttled("x", retry_after=0.0), 1, 0.0),
        (Throttled("x"), 3, None),
        (Throttled("x", retry_after=31.0), 1, None),
        (Throttled("x", accepted=True), 1, None),
        (Unavailable("x", accepted=True), 1, None),
        (Interrupted("x"), 1, None),
        (Refused("x"), 1, None),
        (QuotaExhausted("x", retry_after=1.0), 1, None),
        (KeyRejected("x"), 1, None),
    ],
)
def test_only_what_was_not_accepted_is_sent_again(error: UpstreamError, sent: int, wait: float | None) -> None:
    assert Retries(chance=lambda: 0.0).wait(error, sent) == wait
