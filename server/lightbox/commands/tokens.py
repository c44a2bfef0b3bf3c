"""`lightbox token`: who may call an HTTP server. A token is shown once; the file holds its hash."""

from __future__ import annotations

import os
import secrets
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import tomlkit

from lightbox.errors import BadInput, SettingsError, StorageFailed
from lightbox.http.entries import (
    KEY_FILES,
    SETTING,
    TABLE,
    document_of,
    parsed,
    read_listing,
    rows_of,
    token_hash,
    valid_name,
)

if TYPE_CHECKING:
    from lightbox.settings import Settings

Action = Literal["add", "renew", "remove", "list"]

PREFIX = "lbx_"
TOKEN_BYTES = 32
WAIT_SECONDS = 2.0
"""How long another command may take that is just writing the file."""

_HEADING = f"""\
# Who may call this Lightbox over HTTP: `lightbox token add NAME` adds a [[{TABLE}]], and shows its token once.
# Beside name and sha256, a [[{TABLE}]] may have
#   budget = ["5 USD/day"]                       instead of LIGHTBOX_BUDGET
#   tools = ["search_images", "view_images"]     instead of all
#   {next(iter(KEY_FILES))} = "/run/secrets/…"    to call with a key of its own
"""


def manage(
    settings: Settings, action: Action, name: str = "", budget: Sequence[str] = (), tools: Sequence[str] = ()
) -> int:
    """Let a caller in, give it a new token, take it out, or list all.

    Raises:
        SettingsError: No file is named for them, it is not right, or the name can't be one.
        BadInput: The name is taken, or there is none such.
        StorageFailed: The file can't be written.
    """
    if settings.tokens is None:
        raise SettingsError(f"{SETTING} is not set: name the file in which callers are kept, e.g. tokens.toml.")
    path = settings.tokens.resolve()
    if action == "list":
        print(_table(path, settings))  # noqa: T201 - what was asked for
        return 0
    text = document_of(path) if path.exists() else _HEADING
    token = PREFIX + secrets.token_urlsafe(TOKEN_BYTES)
    match action:
        case "add":
            changed = with_caller(text, path, valid_name(name), token_hash(token), budget, tools)
            told = f"{name} may call with this token, which is shown only once:"
        case "renew":
            changed = with_hash(text, path, name, token_hash(token))
            told = f"{name} may call with this new token, which is shown only once; the old one is worth nothing now:"
        case "remove":
            changed = without_caller(text, path, name)
            told = f"{name} may not call any more. Its pictures and bills stay, for whoever is given that name again."
    if action != "remove":  # a caller that is wrong may be taken out of a file that is not right yet
        parsed(changed, path, settings)
    _replace(path, text, changed)
    print(told, file=sys.stderr)  # noqa: T201 - stdout is for the token alone
    if action != "remove":
        print(token)  # noqa: T201 - what was asked for
    return 0


def with_caller(
    text: str, path: Path, name: str, sha256: str, budget: Sequence[str] = (), tools: Sequence[str] = ()
) -> str:
    """Give the file's text with one more caller.

    Raises:
        BadInput: The name is taken.
        SettingsError: The text is not right.
    """
    if any(str(row.get("name", "")).casefold() == name.casefold() for row in rows_of(text, path)):
        raise BadInput(f"{name} is in {path} already: lightbox token renew {name} gives it a new token.")
    values: dict[str, Any] = {"name": name, "sha256": sha256, "added": datetime.now(UTC).date()}
    values |= {"budget": list(budget)} if budget else {}
    values |= {"tools": list(tools)} if tools else {}
    # Behind everything else: comments of the last caller stay where they are.
    return f"{text.rstrip()}\n\n{tomlkit.dumps({TABLE: [values]}).strip()}\n".lstrip()


def with_hash(text: str, path: Path, name: str, sha256: str) -> str:
    """Give the file's text with another hash for a caller.

    Raises:
        BadInput: There is no such caller.
        SettingsError: The text is not right.
    """
    document, index = _found(text, path, name)
    document[TABLE][index]["sha256"] = sha256
    return tomlkit.dumps(document)


def without_caller(text: str, path: Path, name: str) -> str:
    """Give the file's text without a caller.

    Raises:
        BadInput: There is no such caller.
        SettingsError: The text is not right.
    """
    document, index = _found(text, path, name)
    del document[TABLE][index]
    if not document[TABLE]:
        del document[TABLE]
    return tomlkit.dumps(document)


def _found(text: str, path: Path, name: str) -> tuple[Any, int]:
    names = [row.get("name") for row in rows_of(text, path)]
    if name not in names:
        known = ", ".join(str(each) for each in names) or "nobody"
        raise BadInput(f"{name!r} is not in {path}, which names {known}.")
    return tomlkit.parse(text), names.index(name)


def _replace(path: Path, read: str, text: str) -> None:
    """Put a new version in the place of the old one at once; whoever owns and reads the file still does."""
    fresh = path.with_name(f".{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = _opened(fresh)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
                if path.exists():
                    if document_of(path) != read:
                        raise BadInput(f"{path} was changed in this moment: do it again.")
                    _like(path, fresh)
                file.write(text)
                file.flush()
                os.fsync(descriptor)
            fresh.replace(path)
        finally:
            fresh.unlink(missing_ok=True)
    except OSError as error:
        raise StorageFailed(f"{path} can't be written ({error.strerror}).") from None


def _opened(fresh: Path) -> int:
    """Open the new version; that it is there tells others that somebody writes."""
    until = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            return os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            if time.monotonic() > until:
                raise BadInput(f"{fresh} is there: another command writes it, or broke off. Then remove it.") from None
            time.sleep(0.05)


def _like(path: Path, fresh: Path) -> None:
    """Let a file belong to whom the old one did, and be read by whom that was."""
    old = path.stat()
    fresh.chmod(old.st_mode & 0o777)
    if os.name == "posix":
        with suppress(PermissionError):
            os.chown(fresh, old.st_uid, old.st_gid)


def _table(path: Path, settings: Settings) -> str:
    entries = read_listing(path, settings).entries
    if not entries:
        return f"{path} names nobody yet."
    cells = [("name", "since", "budget", "tools", "own keys")]
    for entry in entries:
        budget = "the server's" if entry.caps is None else ", ".join(map(str, entry.caps)) or "none"
        tools = "all" if entry.tools is None else ", ".join(sorted(entry.tools)) or "none"
        own = ", ".join(name for name, endpoint in (entry.endpoints or {}).items() if endpoint.account)
        cells.append((entry.name, str(entry.added or "-"), budget, tools, own or "-"))
    widths = [max(len(row[column]) for row in cells) for column in range(len(cells[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells
    )
