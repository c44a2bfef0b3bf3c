"""Putting Lightbox into a client's own file, where everything else stays as it is."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from pydantic import TypeAdapter, ValidationError

from lightbox.clients.known import FROM_INDEX, SERVER, Client, config_path, editing, snippet, starting
from lightbox.errors import SettingsError

_SERVERS = TypeAdapter(dict[str, dict[str, Any]])
_BY_URL = ("url", "httpUrl", "serverUrl")


@dataclass(frozen=True)
class Written:
    """What `write` did: whose file, whether it changed, and where the file as it was before is kept."""

    client: Client
    path: Path
    changed: bool
    backup: Path | None

    def __str__(self) -> str:
        """Tell it to the person."""
        if not self.changed:
            return f"{self.path} has it already."
        kept = f" As it was, it is kept in {self.backup.name} beside it." if self.backup else ""
        return f"{self.path} now connects {self.client.title} to Lightbox.{kept}\n{self.client.next_step}"


def write(of: Client, start: Sequence[str] = FROM_INDEX, *, path: Path | None = None) -> Written:
    """Put the configuration into the client's file, and leave everything else in the file as it is.

    An entry that is there already gets the new command and keeps the rest, keys above all. The file as it was is kept
    beside it. Writing the same again changes nothing.

    Raises:
        SettingsError: The file can't be read, understood or written; it is then as it was.
    """
    target = (path or config_path(of)).resolve()  # a link to a file elsewhere stays a link
    paste = f"paste this yourself:\n{snippet(of, start)}"
    try:
        before = target.read_bytes().decode("utf-8") if target.exists() else ""
        after = _merged(before, of, start)
        if after == before:
            return Written(of, target, changed=False, backup=None)
        return Written(of, target, changed=True, backup=_replace(target, after))
    except OSError as error:
        raise SettingsError(f"{target} can't be changed: {error.strerror or error}; {paste}") from None
    except ValueError as error:
        raise SettingsError(f"{target} is not as {of.title} keeps it: {error}. Correct it, or {paste}") from None


def _merged(before: str, of: Client, start: Sequence[str]) -> str:
    """Give the file's text with our entry in it.

    Raises:
        ValueError: The file is not what the client would read, or something else in it would not stay as it is.
    """
    old = _servers(before, of)
    if any(key in old.get(SERVER, {}) for key in _BY_URL):
        raise ValueError("its lightbox entry connects by URL; remove that entry first")
    after = editing(of).merge(before, of.place, snippet(of, start), starting(start))
    if _others(_servers(after, of)) != _others(old):
        raise ValueError("its other servers would not stay as they are")
    return after


def _servers(text: str, of: Client) -> dict[str, dict[str, Any]]:
    """Read the servers that a client's file names."""
    try:
        return _SERVERS.validate_python(editing(of).parse(text).get(of.servers, {}))
    except (AttributeError, ValidationError):
        raise ValueError(f"{of.servers!r} in it is not a table of servers") from None


def _others(servers: Mapping[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {name: entry for name, entry in servers.items() if name != SERVER}


def _replace(path: Path, text: str) -> Path | None:
    """Put `text` in place of the file; give where the file as it was is kept, if there was one.

    Whoever reads meanwhile sees the old file or the new one, never a part. Rights stay as they were; a new file is
    its owner's alone, for keys may come to stand in it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    backup = None
    if path.exists():
        backup = path.with_name(f"{path.name}.{datetime.now().astimezone():%Y%m%d-%H%M%S-%f}.bak")
        shutil.copy2(path, backup)
    with NamedTemporaryFile(
        "w", encoding="utf-8", newline="", dir=path.parent, prefix=f".{path.name}.", delete=False
    ) as new:
        new.write(text)
    if backup is not None:
        shutil.copymode(backup, new.name)
    Path(new.name).replace(path)
    return backup
