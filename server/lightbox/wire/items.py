"""The items of a response's output: searches, pictures, messages."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundHit:
    """One picture that a search found. What the service did not send is None."""

    url: str
    title: str | None = None
    page_url: str | None = None
    thumbnail_url: str | None = None
