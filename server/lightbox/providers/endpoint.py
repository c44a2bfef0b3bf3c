"""Where a service is, and what it is shown at the door."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import SecretStr


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One service at one address.

    Attributes:
        provider: The service, as users name it: `dashscope`, `openai` or `sandbox`.
        base_url: What `/responses` and `/models` are appended to.
        key: The API key; never printed.
        region: `international`, `mainland`, `us`, `eu` or `jp` where the host tells (DashScope), else None.
        headers: Further headers for every request.
    """

    provider: str
    base_url: str
    key: SecretStr | None = None
    region: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
