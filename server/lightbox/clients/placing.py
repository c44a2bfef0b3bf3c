"""Putting Lightbox into a client's own file and taking it out again, where everything else stays as it is."""

from __future__ import annotations

import stat
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from pydantic import TypeAdapter, ValidationError

from lightbox.clients import jsonc
from lightbox.clients.client import SERVER, Client, Machine, Place, Scope, at
from lightbox.clients.known import FROM_INDEX, editing, install_link, snippet
from lightbox.errors import SettingsError

BACKUP = ".lightbox.bak"
"""What is appended to a file's name for the one copy of it as it was before the last change."""
MOST_BYTES = 32_000_000
"""How long a client's file may be: the longest known, Claude Code's, grows to some megabytes."""

_TABLE = TypeAdapter(dict[str, Any])
_SERVERS = TypeAdapter(dict[str, dict[str, Any]])
BY_URL = ("url", "httpUrl", "serverUrl")


@dataclass(frozen=True)
class Written:
    """What `write` or `remove` did: whose file, whether it changed, and where the file as it was before is kept."""

    client: Client
    path: Path
    changed: bool
    backup: Path | None
    scope: Scope = "user"
    removed: bool = False

    def __str__(self) -> str:
        """Tell it to the person."""
        if not self.changed:
            return f"{self.path} {'does not name Lightbox' if self.removed else 'has it already'}."
        kept = f" As it was, it is kept in {self.backup.name} beside it." if self.backup else ""
        if self.removed:
            return f"{self.path} no longer connects {self.client.title} to Lightbox.{kept}"
        doubt = f"\n{self.client.unconfirmed}" if self.client.unconfirmed and self.scope == "user" else ""
        return f"{self.path} now connects {self.client.title} to Lightbox.{kept}\n{self.client.then(self.scope)}{doubt}"


def write(of: Client, start: Sequence[str] = FROM_INDEX, scope: Scope = "user", *, path: Path | None = None) -> Written:
    """Put the configuration into the client's file, and leave everything else in the file as it is.

    An entry that is there already gets the new command and keeps the rest, keys above all. The file as it was is kept
    beside it, in one copy. Writing the same again changes nothing.

    Raises:
        SettingsError: The client has no such file, or it can't be read, understood or written; it is then as it was.
    """

    def merged(before: str, servers: Place) -> str:
        old = at(editing(of).parse(before), (*servers, SERVER))
        if old is not None and any(key in old for key in BY_URL):
            raise ValueError("its lightbox entry connects by URL; remove that entry first")
        wanted = of.document(start, scope, servers)
        return editing(of).merge(before, (*servers, SERVER), wanted, of.start(start[0], start[1:]))

    def paste() -> str:
        return f"paste this yourself:\n{snippet(of, start, scope)}"

    return _change(of, scope, path, merged, paste, removed=False)


def remove(of: Client, scope: Scope = "user", *, path: Path | None = None) -> Written:
    """Take our entry out of the client's file, and leave everything else in the file as it is.

    Raises:
        SettingsError: The client has no such file, or it can't be read, understood or written; it is then as it was.
    """

    def without(before: str, servers: Place) -> str:
        after = editing(of).remove(before, (*servers, SERVER))
        for key, items in of.beside.items():
            after = jsonc.remove_items(after, (key,), [item["id"] for item in items])
        return after

    def paste() -> str:
        return f"take the entry {SERVER!r} out of {'.'.join(of.servers)!r} yourself."

    return _change(of, scope, path, without, paste, removed=True)


def _change(
    of: Client,
    scope: Scope,
    path: Path | None,
    change: Callable[[str, Place], str],
    paste: Callable[[], str],
    *,
    removed: bool,
) -> Written:
    target = path or of.path(scope, Machine())
    if target is None:
        raise SettingsError(_without_file(of, scope))
    try:
        target = target.resolve()  # a link to a file elsewhere stays a link
        before = read(target)
        if before is None and removed:
            return Written(of, target, changed=False, backup=None, scope=scope, removed=True)
        after = _checked(before or "", of, change)
        if after == (before or ""):
            return Written(of, target, changed=False, backup=None, scope=scope, removed=removed)
        backup = _replace(target, before, after, 0o600 if scope == "user" else 0o644)
        return Written(of, target, changed=True, backup=backup, scope=scope, removed=removed)
    except (OSError, RuntimeError) as error:  # a link that leads to itself is a RuntimeError before Python 3.13
        reason = getattr(error, "strerror", None) or error
        raise SettingsError(f"{target} can't be changed: {reason}; {paste()}") from None
    except ValueError as error:
        raise SettingsError(f"{target} is not as {of.title} keeps it: {error}. Correct it, or {paste()}") from None


def read(path: Path) -> str | None:
    """Read a client's file; None where there is none.

    Raises:
        OSError: It can't be read, or is no file.
        ValueError: It is not UTF-8, or far longer than such files are.
    """
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(found.st_mode):
        raise OSError(0, "it is not a file")
    if found.st_size > MOST_BYTES:
        raise ValueError(f"it has {found.st_size:,} bytes, more than {MOST_BYTES:,}")
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"it is not UTF-8 text (byte {error.start + 1})") from None


def parsed(of: Client, text: str) -> dict[str, Any]:
    """Read what a client's file says.

    Raises:
        ValueError: The text is not of the client's form, or no table of servers is where one should be.
    """
    try:
        document = editing(of).parse(text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    try:
        return _TABLE.validate_python(document)
    except ValidationError:
        raise ValueError("it is not a table") from None


def servers_of(of: Client, document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Give the servers that a client's file names.

    Raises:
        ValueError: There is something else in their place.
    """
    place = of.servers_in(document)
    table: dict[str, Any] = document
    try:
        for key in place:
            found = table.get(key)
            table = {} if found is None else _TABLE.validate_python(found)
        return _SERVERS.validate_python(table)
    except ValidationError:
        raise ValueError(f"{'.'.join(place)!r} in it is not a table of servers") from None


def _checked(before: str, of: Client, change: Callable[[str, Place], str]) -> str:
    """Give the text with the change made, having looked that nothing else in it became another.

    Raises:
        ValueError: The file is not what the client would read, or something else in it would not stay as it is.
    """
    old = parsed(of, before)
    servers_of(of, old)
    servers = of.servers_in(old)
    after = change(before, servers)
    if _others(of, parsed(of, after), servers) != _others(of, old, servers):
        raise ValueError("something else in it would not stay as it is")
    return after


def _others(of: Client, document: dict[str, Any], servers: Place) -> Any:
    """Give what of a file is not ours."""
    if not servers:
        return {key: value for key, value in document.items() if key != SERVER}
    key, *deeper = servers
    below: dict[str, Any] = document.get(key) or {}
    rest = {name: value for name, value in document.items() if name != key and name not in of.beside}
    return rest, _others(of, below, tuple(deeper))


def _without_file(of: Client, scope: Scope) -> str:
    if of.scopes:
        return f"{of.title} has no file for a {scope}: leave out --scope {scope}."
    return (
        f"{of.title} keeps servers in no file that can be written. {of.then(scope)}\n{install_link(of) or ''}".rstrip()
    )


def _replace(path: Path, before: str | None, text: str, mode: int) -> Path | None:
    """Put `text` in place of the file; give where the file as it was is kept, if there was one.

    Whoever reads meanwhile sees the old file or the new one, never a part. Rights stay as they were; a new file of a
    user is that user's alone, for keys may come to stand in it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    backup = None
    if before is not None:
        if not path.stat().st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH):
            raise OSError(0, "it is read-only")
        mode = stat.S_IMODE(path.stat().st_mode)
        backup = path.with_name(f"{path.name}{BACKUP}")
        _put(backup, before.encode(), mode)
    if read(path) != before:
        raise OSError(0, "it was changed in this moment: do it again")
    _put(path, text.encode(), mode)
    return backup


def _put(path: Path, data: bytes, mode: int) -> None:
    """Write a file whole."""
    with NamedTemporaryFile("wb", dir=path.parent, prefix=f".{path.name}.", delete=False) as new:
        fresh = Path(new.name)
        try:
            new.write(data)
            new.flush()
            fresh.chmod(mode)
            new.close()
            fresh.replace(path)
        finally:
            fresh.unlink(missing_ok=True)
