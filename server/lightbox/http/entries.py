"""What a token file says: who may call over HTTP, by the hash of a token, with what budget, tools and provider keys."""

from __future__ import annotations

import difflib
import hashlib
import os
import re
import stat
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from pydantic import SecretStr

from lightbox.costs.conversion import Exchange
from lightbox.costs.pricing.budget import Cap
from lightbox.errors import SettingsError
from lightbox.providers.roster import PROVIDERS, configured
from lightbox.settings import KEYS, read_key
from lightbox.tools.table import TOOLS
from lightbox.untrusted import without_shapes

if TYPE_CHECKING:
    from lightbox.providers.endpoint import Endpoint
    from lightbox.settings import Settings

SETTING = "LIGHTBOX_TOKENS"
TABLE = "caller"
MOST_BYTES = 4_000_000
LONGEST_NAME = 40
KEY_FILES: Mapping[str, str] = {f"{key}_file": key for key in KEYS}

_NAME = re.compile(rf"[A-Za-z0-9][A-Za-z0-9._@-]{{0,{LONGEST_NAME - 1}}}")
_HASH = re.compile(r"[0-9a-f]{64}")
_FIELDS = ("name", "sha256", "added", "budget", "tools", *KEY_FILES)

Stamp = tuple[tuple[int, int, int], ...]
"""What tells one version of some files from another: when each was changed, which it is, and how long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One caller, as the file describes it.

    Attributes:
        name: What the person who runs the server calls it; whoever has a token of this name has its pictures.
        sha256: The hash of its token, in hexadecimal digits.
        added: When the token was made, where the file says it.
        caps: Its own budget; None where the server's holds.
        tools: The tools that it may use; None for all.
        endpoints: The services as this caller uses them, by name, where it brought a key; else None.
    """

    name: str
    sha256: str = field(repr=False)
    added: date | None = None
    caps: tuple[Cap, ...] | None = None
    tools: frozenset[str] | None = None
    endpoints: Mapping[str, Endpoint] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What the file says.

    Attributes:
        entries: The callers, in the file's order.
        secrets: The keys that they brought.
        stamp: Which version of the file, and of those that it names, this is.
    """

    entries: tuple[Entry, ...]
    secrets: tuple[str, ...] = field(repr=False)
    files: tuple[Path, ...]
    stamp: Stamp

    @property
    def accounts(self) -> dict[tuple[str, str], Endpoint]:
        """The services that callers brought keys for, by the service's name and the fingerprint of the key."""
        found = (entry.endpoints or {} for entry in self.entries)
        return {(name, one.account): one for each in found for name, one in each.items() if one.account}


def token_hash(token: str) -> str:
    """Give the hash under which a token stands in the file.

    Tokens are long and random, so that a hash without salt and without delay gives nothing away.
    """
    return hashlib.sha256(token.encode()).hexdigest()


def stamp_of(files: Iterable[Path]) -> Stamp:
    """Tell one version of some files from another; a file that is not there has a version too."""
    return tuple(_version(file) for file in files)


def _version(file: Path) -> tuple[int, int, int]:
    try:
        found = file.stat()
    except OSError:
        return (0, 0, 0)
    return (found.st_mtime_ns, found.st_ino, found.st_size)


def read_listing(path: Path, settings: Settings) -> Listing:
    """Read the file, and the key files that it names.

    Raises:
        SettingsError: It can't be read, others can write it, or something in it is not right; the text says what.
    """
    stamp = stamp_of([path])  # before it is read: a change in between is then seen the next time
    listing = parsed(document_of(path), path, settings)
    return replace(listing, stamp=(*stamp, *listing.stamp))


def parsed(text: str, path: Path, settings: Settings) -> Listing:
    """Read what the file holds, or is to hold, and the key files that it names, whose stamp the listing has.

    Raises:
        SettingsError: Something in it is not right; the text says what.
    """
    reader = _Reader(path, settings)
    entries = tuple(reader.entry(number, row) for number, row in enumerate(rows_of(text, path), start=1))
    files = tuple(reader.files)
    return Listing(entries=entries, secrets=tuple(reader.secrets), files=files, stamp=stamp_of(files))


def document_of(path: Path) -> str:
    """Give the file's text.

    Raises:
        SettingsError: It is not there, can't be read, is too long, or may be written by others.
    """
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise SettingsError(f"{SETTING} names {path}, which is not a file.")
        if os.name == "posix" and found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            raise SettingsError(
                f"{SETTING}: others on this machine can write to {path}, and so let anyone in: chmod 600 {path}"
            )
        if found.st_size > MOST_BYTES:
            raise SettingsError(f"{SETTING}: {path} has {found.st_size:,} bytes; at most {MOST_BYTES:,} are read.")
        return path.read_text("utf-8")
    except FileNotFoundError:
        raise SettingsError(f"{SETTING} names {path}, which is not there: lightbox token add NAME makes it.") from None
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not text"
        raise SettingsError(f"{SETTING} names {path}, which can't be read ({why}).") from None


def readable_by_others(path: Path) -> str | None:
    """Say that others can read the file, where they can: hashes open nothing, but names are told."""
    try:
        wide = os.name == "posix" and bool(path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH))
    except OSError:
        return None
    return f"{path} tells others on this machine who may call: chmod 600 {path}" if wide else None


def rows_of(text: str, path: Path) -> list[dict[str, Any]]:
    """Read the file's text into its `[[caller]]` tables.

    Raises:
        SettingsError: It is not TOML, or holds something else.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"The token file {path} is not TOML: {error}.") from None
    rows = document.pop(TABLE, [])
    if document:
        raise SettingsError(f"{next(iter(document))!r} in {path} is not known: it holds [[{TABLE}]] tables only.")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in cast("list[object]", rows)):
        raise SettingsError(f"{TABLE!r} in {path} is written as [[{TABLE}]], once for each.")
    return cast("list[dict[str, Any]]", rows)


class _Reader:
    """Reads the callers of one file, and keeps what must be told apart between them."""

    def __init__(self, path: Path, settings: Settings) -> None:
        self.files: list[Path] = []
        self.secrets: list[str] = []
        self._path = path
        self._settings = settings
        self._names: set[str] = set()
        self._hashes: set[str] = set()

    def entry(self, number: int, row: Mapping[str, Any]) -> Entry:
        """Read one caller."""
        name = row.get("name")
        self._where = f"{self._path}, {TABLE} {number}" + (f" ({name})" if isinstance(name, str) else "")
        for unknown in row.keys() - set(_FIELDS):
            near = difflib.get_close_matches(unknown, _FIELDS, n=1)
            hint = f"did you mean {near[0]}?" if near else f"it is one of {', '.join(_FIELDS)}."
            raise self._wrong(f"{unknown!r} is not known; {hint}")
        added = row.get("added")
        return Entry(
            name=self._name(name),
            sha256=self._hash(row.get("sha256")),
            added=added if isinstance(added, date) else None,
            caps=self._caps(row),
            tools=self._tools(row),
            endpoints=self._endpoints(row),
        )

    def _name(self, name: object) -> str:
        try:
            checked = valid_name(name)
        except SettingsError as error:
            raise self._wrong(str(error)) from None
        if checked.casefold() in self._names:
            raise self._wrong(f"the name {checked!r} is given twice: each caller has its own")
        self._names.add(checked.casefold())
        return checked

    def _hash(self, value: object) -> str:
        if not isinstance(value, str) or not _HASH.fullmatch(value):
            raise self._wrong(
                "sha256 is not the SHA-256 of a token (64 digits 0-9 and a-f; never the token itself): "
                "lightbox token renew NAME makes a new one"
            )
        if value in self._hashes:
            raise self._wrong("its token is another caller's too: lightbox token renew NAME makes a new one")
        self._hashes.add(value)
        return value

    def _caps(self, row: Mapping[str, Any]) -> tuple[Cap, ...] | None:
        if "budget" not in row:
            return None
        try:
            setting = f"the budget of {row['name']} in {SETTING}"
            exchange = Exchange.parse(self._settings.rates)
            return tuple(Cap.parse(text, setting, exchange) for text in self._texts(row, "budget"))
        except SettingsError as error:
            raise self._wrong(str(error)) from None

    def _tools(self, row: Mapping[str, Any]) -> frozenset[str] | None:
        if "tools" not in row:
            return None
        names = [tool.name for tool in TOOLS]
        for given in (told := list(self._texts(row, "tools"))):
            if given not in names:
                raise self._wrong(f"there is no tool {given[:60]!r}: it is one of {', '.join(names)}")
        return frozenset(told)

    def _texts(self, row: Mapping[str, Any], name: str) -> Iterator[str]:
        """Give a list of texts, which may also stand in one, between commas."""
        value = row[name]
        parts = value.split(",") if isinstance(value, str) else value
        if not isinstance(parts, list):
            raise self._wrong(f"{name} is a list of texts")
        for part in cast("list[object]", parts):
            if not isinstance(part, str):
                raise self._wrong(f"{name} is a list of texts")
            yield part.strip()

    def _endpoints(self, row: Mapping[str, Any]) -> dict[str, Endpoint] | None:
        keys = {KEY_FILES[field]: self._key(field, row[field]) for field in KEY_FILES if field in row}
        if not keys:
            return None
        try:
            found = configured(self._settings.model_copy(update=keys))
        except SettingsError as error:
            raise self._wrong(str(error)) from None
        self.secrets.extend(key.get_secret_value() for key in keys.values())
        return {name: _own(one) if _key_of(name) in keys else one for name, one in found.items()}

    def _key(self, field: str, file: object) -> SecretStr:
        if not isinstance(file, str):
            raise self._wrong(f"{field} is the path of a file that holds the key and nothing else")
        path = Path(file).expanduser()
        if not path.is_absolute():
            path = self._path.parent / path
        self.files.append(path)
        return SecretStr(read_key(f"{self._where}: {field}", path))

    def _wrong(self, what: str) -> SettingsError:
        return SettingsError(without_shapes(f"{self._where}: {what}."))


def valid_name(name: object) -> str:
    """Give a caller's name back where it can be one.

    Raises:
        SettingsError: It can't; the text says what would be right.
    """
    if isinstance(name, str) and _NAME.fullmatch(name):
        return name
    shown = f"the name {name[: LONGEST_NAME + 10]!r}" if isinstance(name, str) else "a name"
    raise SettingsError(
        f"{shown} is {'not valid' if isinstance(name, str) else 'missing'}: at most {LONGEST_NAME} letters, digits, "
        "and . _ @ - within"
    )


def _key_of(provider: str) -> str | None:
    """Give the setting that holds a service's key."""
    key = PROVIDERS[provider].key
    return key.lower() if key else None


def _own(endpoint: Endpoint) -> Endpoint:
    """Mark a service as reached with a caller's own key."""
    secret = endpoint.key.get_secret_value() if endpoint.key else ""
    mark = hashlib.sha256(f"{endpoint.provider} {endpoint.base_url} {secret}".encode()).hexdigest()[:16]
    return replace(endpoint, account=mark)
