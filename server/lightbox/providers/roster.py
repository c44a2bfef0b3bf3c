"""Who serves: one row for each provider, and whom a call goes to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from lightbox.errors import BadInput, NoProvider
from lightbox.providers import dashscope, openai, openrouter, sandbox
from lightbox.providers.dialect import Dialect
from lightbox.providers.endpoint import Endpoint
from lightbox.vocabulary import Ability, ProviderChoice, ProviderName

if TYPE_CHECKING:
    from lightbox.settings import Settings


Lacking: TypeAlias = Callable[[str], str | None]
"""Says of a provider what it lacks for what a call asks, and what to do about it; None where it lacks nothing."""


def _nothing(provider: str) -> None:
    del provider


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """One service: what it does, where it is, what pictures it takes, and which settings are its own.

    Attributes:
        name: As users write it.
        key: The setting that brings it; None where none is needed.
        dialect: How it is asked.
        keyless: Where it is, as it would be without a key of one's own: for prices.
        endpoint: Reads from the settings where it is; None where they do not bring it.
        formats: The types of pictures that it takes.
        max_base64_bytes: The longest base64 of one picture that it takes.
        takes_file_ids: Whether it keeps files, and takes their ids for pictures.
        fetches: Whether it fetches a picture by its address itself.
        sends_partials: Whether it sends unfinished pictures on the way.
        model: Reads from the settings which model searches, describes and carries calls; None leaves it to the
            catalogue.
        image_model: Reads from the settings which model paints.
        stores: Reads from the settings whether it may keep responses.
    """

    name: ProviderName
    key: str | None
    dialect: Dialect
    keyless: Endpoint
    endpoint: Callable[[Settings], Endpoint | None]
    formats: frozenset[str]
    max_base64_bytes: int
    takes_file_ids: bool
    fetches: bool
    sends_partials: bool = True
    model: Callable[[Settings], str | None] = lambda _: None
    image_model: Callable[[Settings], str | None] = lambda _: None
    stores: Callable[[Settings], bool] = lambda _: False

    def can(self, ability: Ability) -> bool:
        """Tell whether it has an ability."""
        return ability in self.dialect.words

    def carries(self, ability: Ability) -> bool:
        """Tell whether a mainline model carries a call; else the image model is asked by itself."""
        return ability not in self.dialect.operations and ability not in self.dialect.uncarried

    def fetches_for(self, endpoint: Endpoint) -> bool:
        """Tell whether it fetches addresses where it is; servers on one's own machine often can't."""
        return self.fetches and not endpoint.is_loopback


_ROWS = (
    Provider(
        name="dashscope",
        key="DASHSCOPE_API_KEY",
        dialect=dashscope.DIALECT,
        keyless=Endpoint(provider="dashscope", base_url=dashscope.DASHSCOPE_URL, region="international"),
        endpoint=dashscope.configured_endpoint,
        formats=frozenset({"image/png", "image/jpeg", "image/webp", "image/bmp", "image/tiff"}),
        max_base64_bytes=10_000_000,  # as documented
        takes_file_ids=False,
        fetches=True,
        model=lambda settings: settings.dashscope_model,
        image_model=lambda settings: settings.dashscope_image_model,
    ),
    Provider(
        name="openai",
        key="OPENAI_API_KEY",
        dialect=openai.DIALECT,
        keyless=Endpoint(provider="openai", base_url=openai.OPENAI_URL),
        endpoint=openai.configured_endpoint,
        formats=frozenset({"image/png", "image/jpeg", "image/webp", "image/gif"}),
        max_base64_bytes=20_000_000,  # more is taken; this keeps requests sane
        takes_file_ids=True,
        fetches=True,
        model=lambda settings: settings.openai_model,
        image_model=lambda settings: settings.openai_image_model,
        stores=lambda settings: settings.openai_store,
    ),
    Provider(
        name="openrouter",
        key="OPENROUTER_API_KEY",
        dialect=openrouter.DIALECT,
        keyless=Endpoint(provider="openrouter", base_url=openrouter.OPENROUTER_URL),
        endpoint=openrouter.configured_endpoint,
        formats=frozenset({"image/png", "image/jpeg", "image/webp", "image/gif"}),
        max_base64_bytes=20_000_000,  # not documented: as much as the makers behind it take
        takes_file_ids=False,
        fetches=True,
        model=lambda settings: settings.openrouter_model,
        image_model=lambda settings: settings.openrouter_image_model,
        sends_partials=False,
    ),
    Provider(
        name="sandbox",
        key=None,
        dialect=sandbox.DIALECT,
        keyless=sandbox.sandbox_endpoint(),
        endpoint=sandbox.named_endpoint,
        formats=frozenset({"image/png", "image/jpeg", "image/webp", "image/gif"}),
        max_base64_bytes=20_000_000,
        takes_file_ids=True,
        fetches=False,
        stores=lambda _: True,
    ),
)

PROVIDERS: Mapping[str, Provider] = {row.name: row for row in _ROWS}
"""Every service that Lightbox knows, by the name that users write."""

ORDER: Mapping[Ability, tuple[ProviderName, ...]] = {
    "search": ("dashscope", "openai"),
    "similar": ("dashscope",),
    "generate": ("openai", "openrouter", "dashscope"),
    "edit": ("openai", "openrouter", "dashscope"),
    "describe": ("openai", "dashscope", "openrouter"),
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


def configured(settings: Settings) -> dict[str, Endpoint]:
    """Give the services that the settings bring: those with a key, and the sandbox where nothing else is, or by name.

    Raises:
        SettingsError: A base URL is not valid, or lacks its workspace.
    """
    found = {name: endpoint for name, row in PROVIDERS.items() if (endpoint := row.endpoint(settings))}
    return found or {"sandbox": PROVIDERS["sandbox"].keyless}


def choose(
    ability: Ability,
    settings: Settings,
    available: Mapping[str, Endpoint],
    wanted: str = "auto",
    *,
    for_price: bool = False,
    lacking: Lacking = _nothing,
) -> Endpoint:
    """Pick who does it: whom the call names, else whom the settings name, else whoever can.

    A provider that the call names has to be able. One that only a setting names is looked past where it is not, or
    where it lacks what the call asks for; so is every one that nobody names.

    Args:
        ability: What is to be done.
        settings: The settings.
        available: The services that they bring, from `configured`.
        wanted: The service that the call names, or `auto`.
        for_price: Whether only a price is asked: then one that is named need not be configured.
        lacking: Tells what a provider lacks. It is not asked about one that the call names.

    Raises:
        BadInput: Whoever is configured lacks something that the call asks for; the text says what.
        NoProvider: Nobody can, or the one that is named can't or is not configured; the text names the key to set.
    """
    name = _wanted(ability, wanted) if wanted != "auto" else _set(ability, settings, lacking)
    if name is None:
        return _first(ability, available, lacking)
    if name in available:
        return available[name]
    if for_price:
        return PROVIDERS[name].keyless
    raise NoProvider(f"{name} is not configured: set {PROVIDERS[name].key or f'LIGHTBOX_PROVIDER={name}'}.")


def missing_keys(ability: Ability) -> tuple[str, ...]:
    """Name the settings of which any one would bring an ability."""
    return tuple(key for name in ORDER[ability] if (key := PROVIDERS[name].key))


def _wanted(ability: Ability, name: str) -> str:
    row = PROVIDERS.get(name)
    if row is None:
        raise NoProvider(f"There is no provider {name!r}: it is one of {', '.join(PROVIDERS)}, or auto.")
    if not row.can(ability):
        raise NoProvider(f"{name} can't {_DOING[ability]}: leave provider out, or {_remedy(ability)}.")
    return name


def _set(ability: Ability, settings: Settings, lacking: Lacking) -> str | None:
    """Whom a setting names that can do it; None leaves it to whoever can."""
    for name in (_own_setting(ability, settings), settings.provider):
        if name == "auto":
            return None
        if name is not None and PROVIDERS[name].can(ability) and not lacking(name):
            return name
    return None


def _own_setting(ability: Ability, settings: Settings) -> ProviderChoice | None:
    match ability:
        case "search" | "similar":
            return settings.search_provider
        case "generate" | "edit":
            return settings.generate_provider
        case "describe":
            return settings.describe_provider


def _first(ability: Ability, available: Mapping[str, Endpoint], lacking: Lacking) -> Endpoint:
    only_sandbox: Sequence[str] = ("sandbox",) if set(available) == {"sandbox"} else ()
    able = [name for name in (*ORDER[ability], *only_sandbox) if name in available]
    lacks = {name: lacking(name) for name in able}
    for name, lack in lacks.items():
        if lack is None:
            return available[name]
    if lacks:
        raise BadInput(_what_each_lacks(ability, lacks, lacking))
    raise NoProvider(f"No configured service can {_DOING[ability]}: {_remedy(ability)}.")


def _what_each_lacks(ability: Ability, lacks: Mapping[str, str | None], lacking: Lacking) -> str:
    said = "; ".join(f"{name}: {lack}" if len(lacks) > 1 else str(lack) for name, lack in lacks.items())
    others = (PROVIDERS[name] for name in ORDER[ability] if name not in lacks)
    keys = [other.key for other in others if other.key and lacking(other.name) is None]
    remedy = f"; or set {' or '.join(keys)}" if keys else ""
    return f"{said}{remedy}. Nothing was sent."


def _remedy(ability: Ability) -> str:
    return f"set {' or '.join(missing_keys(ability))}"
