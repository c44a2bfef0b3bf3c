"""`lightbox doctor`: free checks of keys, regions, models, folders and budget, each with its fix."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import get_args

import anyio
import anyio.to_thread

from lightbox.configuration import default_file
from lightbox.costs.catalogue.catalogue import Catalogue
from lightbox.costs.money import Money
from lightbox.costs.pricing.budget import Cap
from lightbox.errors import LightboxError
from lightbox.http.authentication import issuer_of, proxy_header, public_address
from lightbox.http.entries import read_listing, readable_by_others
from lightbox.http.issuer import clock_warning
from lightbox.looking import content_of
from lightbox.providers.adapter import Adapter
from lightbox.providers.endpoint import Endpoint
from lightbox.providers.roster import PROVIDERS, choose, configured, missing_keys
from lightbox.settings import Settings, exposed_file, read_dirs
from lightbox.state.engines import open_database
from lightbox.state.sqlite import FILE
from lightbox.tools.table import able
from lightbox.untrusted import plain_lines
from lightbox.vocabulary import Ability

SOON_DAYS = 30
TRIED = "check/doctor"
"""What is written into the object store, and removed again."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: what, whether it is well, and what was found or is to be done."""

    what: str
    good: bool
    text: str

    def __str__(self) -> str:
        return f"{'ok  ' if self.good else 'FIX '} {self.what}: {' '.join(plain_lines(self.text).split())}"


def report(settings: Settings) -> int:
    """Print what was found; 0 when all is well, else 1."""
    findings = anyio.run(examine, settings)
    for finding in findings:
        print(finding)  # noqa: T201 - what was asked for
    return 0 if all(finding.good for finding in findings) else 1


async def examine(settings: Settings) -> list[Finding]:
    """Make every check; none of them is billed."""
    findings = [await anyio.to_thread.run_sync(_file), *await anyio.to_thread.run_sync(_folders, settings)]
    findings += await _object_store(settings)
    findings.append(await _database(settings))
    try:
        available = configured(settings)
        catalogue = await anyio.to_thread.run_sync(Catalogue.load, settings.prices)
    except LightboxError as error:
        return [*findings, Finding("settings", good=False, text=str(error))]
    findings += [finding async for finding in _services(settings, available, catalogue)]
    findings += _abilities(settings, available)
    findings += _money(settings)
    findings += await _callers(settings)
    return findings


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


def _file() -> Finding:
    path = default_file()
    if exposed_file(path):
        fix = f"others on this machine can read it, and it holds a key: chmod 600 {path}"
        return Finding("settings file", good=False, text=fix)
    return Finding("settings file", good=True, text=f"{path}{'' if path.is_file() else ' (not there; it is optional)'}")


def _folders(settings: Settings) -> list[Finding]:
    findings = [
        _writable("image folder", settings.image_dir, "LIGHTBOX_IMAGE_DIR"),
        _writable("state folder", settings.state_dir, "LIGHTBOX_STATE_DIR", 0o700),
    ]
    folders = ", ".join(map(str, read_dirs(settings, over_http=False))) or "none"
    findings += _private(settings)
    return [*findings, Finding("folders that may be read", good=True, text=folders)]


async def _database(settings: Settings) -> Finding:
    """Ask the state database where and what it is; nothing is made or migrated."""
    database = open_database(settings.state_dir, settings.state_address)
    try:
        return Finding("state database", good=True, text=await database.describe())
    except LightboxError as error:
        return Finding("state database", good=False, text=str(error))
    finally:
        await database.close()


def _writable(what: str, folder: Path, setting: str, mode: int = 0o777) -> Finding:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=mode)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        return Finding(what, good=False, text=f"{folder} can't be written ({reason}): set {setting} to another folder.")
    return Finding(what, good=True, text=str(folder))


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


def _private(settings: Settings) -> list[Finding]:
    """Look at who can read the state folder: what people asked for, and what they gave, is theirs."""
    folder = settings.state_dir
    if os.name != "posix" or not folder.is_dir():
        return []
    known = [folder, *(folder / name for name in (FILE, "pictures", "partials", "sandbox"))]
    wide = [path for path in known if path.exists() and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)]
    # What lies in a folder that nobody else may enter is out of reach, whatever its own rights are.
    if folder not in wide:
        return []
    named = ", ".join(path.name for path in wide[1:]) or "nothing yet"
    fix = f"others on this machine can look into {folder} ({named}): chmod -R go-rwx {folder}"
    return [Finding("state folder's rights", good=False, text=fix)]


async def _services(
    settings: Settings, available: Mapping[str, Endpoint], catalogue: Catalogue
) -> AsyncGenerator[Finding]:
    for name, endpoint in available.items():
        if name == "sandbox":
            yield Finding("sandbox", good=True, text="starts when it is needed, and is free")
            continue
        adapter = Adapter(endpoint, PROVIDERS[name].dialect, store=False)
        try:
            offered = await adapter.models()
        except LightboxError as error:
            yield Finding(name, good=False, text=str(error))
            continue
        finally:
            await adapter.aclose()
        region = f", region {endpoint.region}" if endpoint.region else ""
        yield Finding(name, good=True, text=f"the key works at {endpoint.address}{region}; {len(offered)} models")
        for finding in _models(settings, endpoint, catalogue, offered):
            yield finding


def _models(settings: Settings, endpoint: Endpoint, catalogue: Catalogue, offered: list[str]) -> list[Finding]:
    name = endpoint.provider
    row = PROVIDERS[name]
    wanted = {row.model(settings) or catalogue.default(name, "describe")}
    if row.can("generate"):
        wanted.add(row.image_model(settings) or catalogue.default(name, "image_model"))
    return [_model(endpoint, catalogue, model, offered) for model in sorted(filter(None, wanted))]


def _model(endpoint: Endpoint, catalogue: Catalogue, model: str, offered: list[str]) -> Finding:
    what = f"{endpoint.provider} model"
    known = catalogue.model(endpoint.provider, model) or catalogue.image_model(endpoint.provider, model)
    today = datetime.now(UTC).date()
    if known is not None and known.ends is not None and _ends_soon(known.ends, today):
        return Finding(
            what, good=False, text=f"{model} ends on {known.ends}: choose another (lightbox://models lists them)."
        )
    if offered and model not in offered:
        return Finding(what, good=False, text=f"{model} is not one of the models that this key may use: set another.")
    if known is None:
        return Finding(what, good=True, text=f"{model} is not in the catalogue: its price is unknown")
    return Finding(what, good=True, text=model)


def _ends_soon(ends: date, today: date) -> bool:
    return (ends - today).days < SOON_DAYS


def _abilities(settings: Settings, available: Mapping[str, Endpoint]) -> list[Finding]:
    findings: list[Finding] = []
    for ability in get_args(Ability):
        if able(ability, settings, available):
            findings.append(Finding(ability, good=True, text=f"by {choose(ability, settings, available).provider}"))
        else:
            keys = " or ".join(missing_keys(ability))
            findings.append(Finding(ability, good=True, text=f"not available: set {keys} to get it"))
    return findings


def _money(settings: Settings) -> list[Finding]:
    try:
        caps = [str(Cap.parse(text)) for text in settings.budget]
        total = ", ".join(str(Cap.parse(text)) for text in settings.total_budget)
        confirm = f"calls above {Money.parse(settings.confirm_above)}" if settings.confirm_above else "not asked for"
    except LightboxError as error:
        return [Finding("budget", good=False, text=str(error))]
    text = ", ".join(caps) or "not set: spending is not limited (LIGHTBOX_BUDGET='5 USD/day' would limit it)"
    totals = [Finding("total budget", good=True, text=f"{total}, over all callers")] if total else []
    return [Finding("budget", good=True, text=text), *totals, Finding("confirmation", good=True, text=confirm)]
