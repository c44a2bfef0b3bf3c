"""Whose key it is, as far as its beginning tells: where it has one, that is the same for all keys of a service."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """A service whose keys can be told by how they begin.

    Attributes:
        name: The service, as it calls itself.
        beginning: How such keys begin.
        setting: The setting that they belong in; None where no key of that service is used here.
    """

    name: str
    beginning: str
    setting: str | None = None


OWNERS = (
    Owner(name="Anthropic", beginning="sk-ant-"),
    Owner(name="OpenRouter", beginning="sk-or-", setting="OPENROUTER_API_KEY"),
    Owner(name="OpenAI", beginning="sk-proj-", setting="OPENAI_API_KEY"),
    Owner(name="OpenAI", beginning="sk-svcacct-", setting="OPENAI_API_KEY"),
    Owner(name="DashScope", beginning="sk-sp-", setting="DASHSCOPE_API_KEY"),
    Owner(name="Groq", beginning="gsk_"),
    Owner(name="Hugging Face", beginning="hf_"),
    Owner(name="Google", beginning="AIza"),
    Owner(name="GitHub", beginning="ghp_"),
    Owner(name="`lightbox token`", beginning="lbx_"),
)


def owner_of(key: str) -> Owner | None:
    """Say whose key it is; None where its beginning does not tell."""
    return next((owner for owner in OWNERS if key.startswith(owner.beginning)), None)
