"""What the first kilobytes of a hit tell: really a picture, how large, and the same as another."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from lightbox.images.sniff import Sniffed, describe_bytes, sniff
from lightbox.vocabulary import HitState

TINY = 64
"""A picture with a side below this many px is an icon, a spacer or a tracking pixel."""

PROBE_BYTES = 32 * 1024
"""The most that is read of one hit: a JPEG may carry this much metadata before its size."""

FINGERPRINT_BYTES = 8 * 1024
"""What a fingerprint is made of, beside the length."""

_UNCOMPRESSED = frozenset({"image/bmp", "image/tiff"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What a few kilobytes told about an address.

    Attributes:
        state: `ok`; `unchecked` (not reached in time); `dead` (no such host or page); `blocked` (refused to us,
            or by the guard); `not_an_image`; `tiny` (a side below 64 px).
        width: In px, where known.
        height: In px, where known.
        mime_type: From the bytes.
        fingerprint: The same for the same picture under several addresses; `None` where it can't be told.
        reason: Why the state is not `ok`, in a few words.
    """

    state: HitState
    width: int | None = None
    height: int | None = None
    mime_type: str | None = None
    fingerprint: str | None = None
    reason: str | None = None


def judge(data: bytes, total: int | None) -> Probe:
    """Tell what an address holds by its first bytes and, where the host tells it, its length in bytes."""
    told = sniff(data)
    if told is None:
        return Probe(state="not_an_image", reason=f"it is {describe_bytes(data)}")
    tiny = told.width is not None and told.height is not None and min(told.width, told.height) < TINY
    return Probe(
        state="tiny" if tiny else "ok",
        width=told.width,
        height=told.height,
        mime_type=told.mime_type,
        fingerprint=_fingerprint(told, data, total),
        reason=f"a side is below {TINY} px" if tiny else None,
    )


def _fingerprint(told: Sniffed, data: bytes, total: int | None) -> str | None:
    """Hash the first bytes and the length; uncompressed pictures of one size may share both, so they have none."""
    if total is None or told.mime_type in _UNCOMPRESSED:
        return None
    return sha256(data[:FINGERPRINT_BYTES] + total.to_bytes(8, "big")).hexdigest()[:32]


def enough(data: bytes) -> bool:
    """Tell whether the bytes read so far will do: type and size are known, and a fingerprint can be made."""
    if len(data) >= PROBE_BYTES:
        return True
    if len(data) < FINGERPRINT_BYTES:
        return False
    told = sniff(data)
    return told is None or told.width is not None
