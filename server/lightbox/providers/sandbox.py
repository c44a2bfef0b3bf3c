"""The embedded sandbox: a Responses API of our own that bills nothing.

It is asked for pictures that exist as DashScope is, and for everything else as OpenAI is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlunsplit

from lightbox.providers import dashscope, openai
from lightbox.providers.dialect import Dialect
from lightbox.providers.endpoint import Endpoint, read_base_url

if TYPE_CHECKING:
    from lightbox.settings import Settings

SANDBOX_URL = "http://127.0.0.1/v1"
"""Stands for the embedded sandbox until it runs: its port is known only then."""

DIALECT = Dialect(
    words={**dashscope.DIALECT.words, **openai.DIALECT.words, "search": dashscope.DIALECT.words["search"]},
    resumable=openai.DIALECT.resumable,
    expendable=openai.DIALECT.expendable,
    free_failures=True,
)


def sandbox_endpoint(base_url: str = SANDBOX_URL) -> Endpoint:
    """Give the embedded sandbox's address, e.g. `http://127.0.0.1:8000/v1`."""
    return Endpoint(provider="sandbox", base_url=urlunsplit(read_base_url(base_url, "the sandbox's URL")))


def named_endpoint(settings: Settings) -> Endpoint | None:
    """Give the sandbox's endpoint where a setting names it."""
    named = (settings.provider, settings.search_provider, settings.generate_provider, settings.describe_provider)
    return sandbox_endpoint() if "sandbox" in named else None
