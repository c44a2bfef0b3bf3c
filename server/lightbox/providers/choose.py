"""Who does what: `auto` takes the first service that has a key and the ability."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, TypeVar

from lightbox.errors import NoProvider
from lightbox.providers.dashscope import DashScope
from lightbox.providers.dialect import Dialect
from lightbox.providers.openai import OpenAI
from lightbox.providers.sandbox import Sandbox
from lightbox.vocabulary import Ability

DIALECTS: Mapping[str, Dialect] = {"dashscope": DashScope(), "openai": OpenAI(), "sandbox": Sandbox()}
"""Every service that Lightbox knows, by the name that users write."""

KEYS: Mapping[str, str] = {"dashscope": "DASHSCOPE_API_KEY", "openai": "OPENAI_API_KEY"}
"""The setting that brings a service; the sandbox needs none."""

ORDER: Mapping[Ability, tuple[str, ...]] = {
    "search": ("dashscope", "openai"),
    "similar": ("dashscope",),
    "generate": ("openai",),
    "edit": ("openai",),
    "describe": ("openai", "dashscope"),
}
"""Whom `auto` asks first. Searches go to the service whose search returns pictures by nature; descriptions to the one
that takes `detail` and its own file ids. The sandbox is taken only where it is all there is, or by name."""

_DOING: Mapping[Ability, str] = {
    "search": "search for pictures",
    "similar": "find similar pictures",
    "generate": "make pictures",
    "edit": "edit pictures",
    "describe": "describe pictures",
}


class Able(Protocol):
    """Anything that says what it can do, such as an adapter."""

    @property
    def abilities(self) -> frozenset[Ability]:
        """What it can be asked for."""
        ...


AbleT = TypeVar("AbleT", bound=Able)


def choose(ability: Ability, available: Mapping[str, AbleT], wanted: str = "auto") -> AbleT:
    """Pick who does it.

    Args:
        ability: What is to be done.
        available: The configured services by name: those that have a key, or the sandbox.
        wanted: A service's name, or `auto`.

    Raises:
        NoProvider: When nobody can, or the one that is wanted can't; the text names the key to set.
    """
    if wanted != "auto":
        return _wanted(ability, available, wanted)
    only_sandbox = ("sandbox",) if set(available) == {"sandbox"} else ()
    for name in (*ORDER[ability], *only_sandbox):
        if name in available and ability in available[name].abilities:
            return available[name]
    raise NoProvider(f"No configured service can {_DOING[ability]}: {_remedy(ORDER[ability])}.")


def missing_keys(ability: Ability) -> tuple[str, ...]:
    """Name the settings of which any one would bring an ability."""
    return tuple(KEYS[name] for name in ORDER[ability])


def _wanted(ability: Ability, available: Mapping[str, AbleT], name: str) -> AbleT:
    dialect = DIALECTS.get(name)
    if dialect is None:
        raise NoProvider(f"There is no provider {name!r}: it is one of {', '.join(DIALECTS)}, or auto.")
    if ability not in dialect.abilities:
        raise NoProvider(f"{name} can't {_DOING[ability]}: leave provider out, or {_remedy(ORDER[ability])}.")
    if name not in available:
        fix = f"set {KEYS[name]}" if name in KEYS else f"set LIGHTBOX_PROVIDER={name}"
        raise NoProvider(f"{name} is not configured: {fix}.")
    return available[name]


def _remedy(names: Sequence[str]) -> str:
    return f"set {' or '.join(KEYS[name] for name in names)}"
