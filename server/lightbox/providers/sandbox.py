"""The embedded sandbox's dialect: it finds pictures as DashScope does, and does the rest as OpenAI does."""

from __future__ import annotations

from lightbox.providers.calls import Call, SearchCall, SimilarCall
from lightbox.providers.dashscope import DashScope
from lightbox.providers.openai import OpenAI
from lightbox.vocabulary import Ability
from lightbox.wire.request import Body


class Sandbox:
    """A Responses API of our own that bills nothing."""

    name = "sandbox"
    abilities: frozenset[Ability] = DashScope.abilities | OpenAI.abilities
    free_failures = True

    def __init__(self) -> None:
        self._finding = DashScope()
        self._making = OpenAI()

    def body(self, call: Call, *, store: bool) -> Body:
        """Put a call into the words of the service that is played."""
        player = self._finding if isinstance(call, SearchCall | SimilarCall) else self._making
        return player.body(call, store=store)

    def resumable(self, ability: Ability, *, store: bool) -> bool:
        """Whatever can be at OpenAI."""
        return self._making.resumable(ability, store=store)
