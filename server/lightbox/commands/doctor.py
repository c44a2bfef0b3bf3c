"""`lightbox doctor`: free checks of versions, keys, models, folders, fonts, budget and clients, each with its fix."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import anyio
import anyio.to_thread

from lightbox.commands.client_checks import check_clients
from lightbox.commands.finding import Finding, summary
from lightbox.commands.key_checks import key_doubt, key_problem
from lightbox.commands.machine_checks import check_folders, check_fonts, check_settings_file, check_versions
from lightbox.commands.price_checks import check_prices
from lightbox.costs.catalogue.catalogue import Catalogue
from lightbox.costs.conversion import Rate
from lightbox.costs.money import Money
from lightbox.costs.pricing.budget import Cap
from lightbox.errors import KeyRejected, LightboxError
from lightbox.http.authentication import issuer_of, proxy_header, public_address
from lightbox.http.entries import read_listing, readable_by_others
from lightbox.http.issuer import clock_warning
from lightbox.looking import content_of
from lightbox.providers.adapter import Adapter
from lightbox.providers.dashscope import region_doubt
from lightbox.providers.endpoint import Endpoint
from lightbox.providers.key_owners import owner_of
from lightbox.providers.roster import PROVIDERS, choose, configured, missing_keys
from lightbox.settings import KEYS, Settings, environment_name
from lightbox.state.engines import open_database
from lightbox.tools.table import able
from lightbox.vocabulary import Ability

if TYPE_CHECKING:
    from lightbox.costs.catalogue.rows import ImageModelRow, ModelRow

SOON_DAYS = 30
TRIED = "check/doctor"
"""What is written into the object store, and removed again."""


def report(settings: Settings, *, as_json: bool = False) -> int:
    """Print what was found; 0 when nothing has to be fixed, else 1."""
    findings = anyio.run(examine, settings)
    good = not any(finding.good is False for finding in findings)
    if as_json:
        document = {"ok": good, "findings": [finding.document for finding in findings]}
        print(json.dumps(document, indent=1, ensure_ascii=False))  # noqa: T201 - what was asked for
    else:
        columns = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
        for finding in findings:  # in a pipe, a line each
            print(finding.wrapped(columns) if columns else finding)  # noqa: T201 - likewise
        print(summary(findings))  # noqa: T201 - likewise
    return 0 if good else 1


async def examine(settings: Settings) -> list[Finding]:
    """Make every check; none of them is billed."""
    findings = await anyio.to_thread.run_sync(check_versions)
    findings += [await anyio.to_thread.run_sync(check_settings_file)]
    findings += await anyio.to_thread.run_sync(check_folders, settings)
    findings += [*await _object_store(settings), await _database(settings)]
    findings += await anyio.to_thread.run_sync(check_fonts)
    findings += await _providers(settings)
    findings += _money(settings)
    findings += await _callers(settings)
    return [*findings, *await anyio.to_thread.run_sync(check_clients)]


async def _providers(settings: Settings) -> list[Finding]:
    """Judge each service once, then say who does what."""
    try:
        available = configured(settings)
        catalogue = await anyio.to_thread.run_sync(Catalogue.load, settings.prices)
    except LightboxError as error:
        problems = [problem for name, key in _keys(settings) if (problem := key_problem(name, key))]
        return [Finding("settings", good=False, text=" ".join(problems) or str(error))]
    findings = [check_prices(catalogue, list(available), datetime.now(UTC).date())]
    findings += [await _service(settings, endpoint, catalogue) for endpoint in available.values()]
    failed = {finding.what for finding in findings if finding.good is False}
    return [*findings, *_abilities(settings, available, failed)]


async def _callers(settings: Settings) -> list[Finding]:
    """Say who may call over HTTP; no secret is part of it."""
    findings: list[Finding] = []
    if settings.tokens is not None:
        findings.append(await anyio.to_thread.run_sync(_tokens, settings.tokens, settings))
    try:
        if header := proxy_header(settings):
            text = f"whom a proxy names in {header}: only the proxy may be able to reach the server"
            findings.append(Finding("callers", good=True, text=text))
        address = public_address(settings)
        issuer = issuer_of(settings, address)
        if address is not None:
            findings.append(Finding("public URL", good=True, text=f"{address}: clients have to be given exactly this"))
        if issuer is not None:
            keys = await issuer.fetch()
            off = clock_warning(keys)
            text = off or f"{issuer.url} can be reached; keys: {len(keys.published)}"
            findings.append(Finding("issuer", good=off is None, text=text))
    except LightboxError as error:
        findings.append(Finding("callers", good=False, text=str(error)))
    if not (findings or settings.oauth_issuer):
        text = "nobody beyond this machine, where all are one: LIGHTBOX_TOKENS, LIGHTBOX_OAUTH_ISSUER or "
        return [Finding("callers over HTTP", good=True, text=f"{text}LIGHTBOX_TRUST_PROXY would let others in")]
    return findings


def _tokens(path: Path, settings: Settings) -> Finding:
    try:
        listing = read_listing(path, settings)
    except LightboxError as error:
        return Finding("tokens", good=False, text=str(error))
    if warning := readable_by_others(path):
        return Finding("tokens", good=False, text=warning)
    number = len(listing.entries)
    own = sum(bool(entry.endpoints) for entry in listing.entries)
    told = f"{number} callers in {path}" if number != 1 else f"1 caller in {path}"
    return Finding("tokens", good=True, text=f"{told}{f', {own} with keys of their own' if own else ''}")


async def _database(settings: Settings) -> Finding:
    """Ask the state database where and what it is; nothing is made or migrated."""
    database = open_database(settings.state_dir, settings.state_address)
    try:
        return Finding("state database", good=True, text=await database.describe())
    except LightboxError as error:
        return Finding("state database", good=False, text=str(error))
    finally:
        await database.close()


async def _object_store(settings: Settings) -> list[Finding]:
    """Write into the object store, read that back, list it and remove it."""
    try:
        store = await anyio.to_thread.run_sync(content_of, settings)
        if store is None:
            return []
        await store.replace(TRIED, b"ok")
        read = await store.get(TRIED)
        async for page in store.listed("check"):
            await store.remove(page)
    except LightboxError as error:
        return [Finding("object store", good=False, text=str(error))]
    if read != b"ok":
        return [Finding("object store", good=False, text="what was written there can't be read back: check its rights")]
    return [Finding("object store", good=True, text=str(settings.pictures_url))]


async def _service(settings: Settings, endpoint: Endpoint, catalogue: Catalogue) -> Finding:
    """Ask a service which models its key may use, which is free; all that is wrong with it is one verdict."""
    name = endpoint.provider
    if name == "sandbox":
        return Finding(name, good=True, text="starts when it is needed, and is free")
    adapter = Adapter(endpoint, PROVIDERS[name].dialect, store=False)
    try:
        offered = await adapter.models()
    except LightboxError as error:
        setting = PROVIDERS[name].key or ""
        key = dict(_keys(settings)).get(setting, "")
        told = isinstance(error, KeyRejected) and owner_of(key) is not None  # whose it is
        hint = key_problem(setting, key) or (None if told else key_doubt(setting, key, endpoint.host))
        return Finding(name, good=False, text=f"{error} {hint or ''}")
    finally:
        await adapter.aclose()
    region = f", region {endpoint.region}" if endpoint.region else ""
    works = f"the key works at {endpoint.address}{region}; {len(offered)} models"
    doubt = region_doubt(settings, endpoint) if name == "dashscope" else None
    works += f"; {doubt}" if doubt else ""
    used = _models(settings, endpoint, catalogue)
    if problems := [problem for model in used if (problem := _problem(endpoint, catalogue, model, offered))]:
        return Finding(name, good=False, text=f"{works}, but {'; '.join(problems)}")
    told = ", ".join(f"{model}{'' if _known(endpoint, catalogue, model) else ' (price unknown)'}" for model in used)
    return Finding(name, good=None if doubt else True, text=f"{works}; used: {told}")


def _keys(settings: Settings) -> list[tuple[str, str]]:
    """Give the keys that are set, by the names of their settings."""
    named = ((environment_name(field), getattr(settings, field)) for field in KEYS)
    return [(name, key.get_secret_value()) for name, key in named if key is not None]


def _models(settings: Settings, endpoint: Endpoint, catalogue: Catalogue) -> list[str]:
    """Name the models that are used of a service."""
    name = endpoint.provider
    row = PROVIDERS[name]
    wanted = {row.model(settings) or catalogue.default(name, "describe")}
    if row.can("generate"):
        wanted.add(row.image_model(settings) or catalogue.default(name, "image_model"))
    return sorted(filter(None, wanted))


def _known(endpoint: Endpoint, catalogue: Catalogue, model: str) -> ModelRow | ImageModelRow | None:
    return catalogue.model(endpoint.provider, model) or catalogue.image_model(endpoint.provider, model)


def _problem(endpoint: Endpoint, catalogue: Catalogue, model: str, offered: list[str]) -> str | None:
    """Say why a model should not be used; None where it may."""
    known = _known(endpoint, catalogue, model)
    if known is not None and known.ends is not None and (known.ends - datetime.now(UTC).date()).days < SOON_DAYS:
        return f"{model} ends on {known.ends}: choose another (lightbox://models lists them)"
    if offered and model not in offered and endpoint.lists_what_it_serves:
        return f"{model} is not one of the models that this key may use: set another"
    return None


def _abilities(settings: Settings, available: Mapping[str, Endpoint], failed: Collection[str]) -> list[Finding]:
    """Say who does what; of a service that does not work, nothing is said to be well."""
    findings: list[Finding] = []
    for ability in get_args(Ability):
        if not able(ability, settings, available):
            keys = " or ".join(missing_keys(ability))
            findings.append(Finding(ability, good=None, text=f"not available: set {keys} to get it"))
            continue
        name = choose(ability, settings, available).provider
        later = name in failed
        text = f"by {name}{', once what is wrong with it is fixed' if later else ''}"
        findings.append(Finding(ability, good=None if later else True, text=text))
    return findings


def _money(settings: Settings) -> list[Finding]:
    try:
        caps = [str(Cap.parse(text)) for text in settings.budget]
        total = ", ".join(str(Cap.parse(text)) for text in settings.total_budget)
        limit = Money.parse(settings.confirm_above) if settings.confirm_above else None
        rates = [str(Rate.parse(text)) for text in settings.rates]
    except LightboxError as error:
        return [Finding("budget", good=False, text=str(error))]
    text = ", ".join(caps) or "not set: spending is not limited (LIGHTBOX_BUDGET='5 USD/day' would limit it)"
    by_rates = f"; other currencies by your rates: {', '.join(rates)}" if rates else ""
    text += by_rates if caps else ""
    totals = [Finding("total budget", good=True, text=f"{total}, over all callers{by_rates}")] if total else []
    confirm = "not set: nobody is asked before a call (LIGHTBOX_CONFIRM_ABOVE='0.50 USD' would ask)"
    if limit is not None:
        confirm = (
            f"you are asked before any call that may cost more than {limit}; a client that can't ask is refused it"
        )
    return [
        Finding("budget", good=True if caps else None, text=text),
        *totals,
        Finding("confirmation", good=True if limit else None, text=confirm),
    ]
