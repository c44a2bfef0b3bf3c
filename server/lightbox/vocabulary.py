"""The words that several packages share, each defined once. Imports nothing of theirs."""

from __future__ import annotations

import math
import re
from typing import Literal, TypeAlias

ProviderName: TypeAlias = Literal["dashscope", "openai", "openrouter", "sandbox"]
"""A service in its own dialect, as users name it."""

ProviderChoice: TypeAlias = Literal["auto", ProviderName]
"""Who shall serve; auto: whoever is configured and able."""

Ability: TypeAlias = Literal["search", "similar", "generate", "edit", "describe"]
"""What a service can be asked for; a tool is listed where some configured service has its ability."""

Region: TypeAlias = Literal["international", "mainland", "us", "eu", "jp"]
"""Where a DashScope key belongs, which decides its address and its prices."""

Quality: TypeAlias = Literal["low", "medium", "high", "xhigh", "max"]
"""How much work goes into a picture; each image model has some of these."""

QualityChoice: TypeAlias = Literal["auto", Quality]
OutputFormat: TypeAlias = Literal["png", "jpeg", "webp", "gif", "svg"]
Background: TypeAlias = Literal["auto", "transparent", "opaque"]

Fit: TypeAlias = Literal["contain", "cover", "stretch", "pad"]
"""How a picture gets into a size: whole inside it; filling it, the rest cut off; out of shape; whole, with padding."""

Flip: TypeAlias = Literal["horizontal", "vertical"]
"""horizontal: left and right change places; vertical: top and bottom."""

SavedFormat: TypeAlias = Literal["png", "jpeg", "webp", "avif", "gif", "tiff"]
"""The formats in which pictures are written here."""

Fidelity: TypeAlias = Literal["low", "high"]
"""How close an edit stays to its originals; older image models only."""

Detail: TypeAlias = Literal["low", "high", "original", "auto"]
"""How closely a model looks at a picture."""

HitState: TypeAlias = Literal["ok", "unchecked", "dead", "blocked", "not_an_image", "tiny"]
"""What a look at a hit told: `unchecked` (not reached in time, or not looked at); `dead` (no such host or page);
`blocked` (refused to us, or by the guard); `not_an_image`; `tiny` (a side below 64 px)."""

Shape: TypeAlias = Literal["landscape", "portrait", "square"]
"""How a picture lies; square: its long side is at most a twentieth longer than its short one."""

Origin: TypeAlias = Literal["found", "made", "given", "sheet"]
"""Where a picture came from: a search, an image model (or a change made here), the user, or several looked at."""

Period: TypeAlias = Literal["hour", "today", "yesterday", "week", "month", "year", "all"]
"""Of what time spending is told: hour: the last 60 minutes; week: the last 7 days; the rest of the calendar, in UTC."""

Window: TypeAlias = Literal["hour", "day", "month"]
"""For what time a cap holds, in UTC."""

_RATIO = re.compile(r"([1-9]\d{0,3}):([1-9]\d{0,3})")


def parse_ratio(text: str) -> tuple[int, int] | None:
    """Read a ratio, such as `16:9`, in its smallest whole numbers; None for anything else."""
    match = _RATIO.fullmatch(text)
    if match is None:
        return None
    across, down = int(match[1]), int(match[2])
    common = math.gcd(across, down)
    return across // common, down // common
