"""Pictures to measure with: photographs and noise, each with bytes of its own though it is made once."""

from __future__ import annotations

import io
from functools import cache

from PIL import Image

from endurance.studio import Canvas

NOISE = Canvas(1_048)
"""A PNG of 3.3 MB that can't be compressed."""
SPECK = Canvas(40)


@cache
def photograph(width: int, height: int) -> bytes:
    """Make a JPEG with as much detail as a photograph has: 5 MB for 12 MP."""
    rough = Image.effect_noise((width // 4, height // 4), 80)
    grain = rough.transform((width, height), Image.Transform.EXTENT, (0, 0, *rough.size), Image.Resampling.BICUBIC)
    data = io.BytesIO()
    Image.merge("RGB", (grain, grain.transpose(Image.Transpose.ROTATE_180), grain)).save(data, "JPEG", quality=85)
    return data.getvalue()


def commented(jpeg: bytes, words: str) -> bytes:
    """Put a comment into a JPEG."""
    comment = words.encode()
    return b"".join((jpeg[:2], b"\xff\xfe", (len(comment) + 2).to_bytes(2, "big"), comment, jpeg[2:]))
