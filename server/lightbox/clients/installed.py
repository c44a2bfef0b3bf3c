"""Which clients have Lightbox in their files, and what stands there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path, PurePath
from typing import Any, cast

from lightbox.clients.client import SERVER, Client, Machine, Scope
from lightbox.clients.known import DISTRIBUTION, known_clients
from lightbox.clients.placing import BY_URL, parsed, read, servers_of

_MODULE = ("-m", "lightbox")


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """An entry that starts Lightbox, or connects to it.

    Attributes:
        name: Its name among the client's servers.
        words: The command and its arguments; empty where it connects by URL.
        url: The address, where it does.
        variables: What it sets in the environment.
        off: Whether it is switched off there.
    """

    client: Client
    scope: Scope
    path: Path
    name: str
    words: tuple[str, ...] = ()
    url: str | None = None
    variables: Mapping[str, str]
    off: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """A client's file that can't be read.

    Attributes:
        names_us: Whether Lightbox is named in it all the same.
    """

    client: Client
    scope: Scope
    path: Path
    reason: str
    names_us: bool


def installed(machine: Machine | None = None) -> Iterator[Installed | Unreadable]:
    """Look into the files of every known client, a user's and those of the working folder."""
    at = machine or Machine()
    for client in known_clients():
        for scope in client.scopes:
            if path := client.path(scope, at):
                yield from _entries(client, scope, path)


def _entries(client: Client, scope: Scope, path: Path) -> Iterator[Installed | Unreadable]:
    text: str | None = None
    try:
        text = read(path)
        servers = servers_of(client, parsed(client, text)) if text else {}
    except (OSError, ValueError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        named = text is not None and SERVER in text
        yield Unreadable(client=client, scope=scope, path=path, reason=reason, names_us=named)
        return
    for name, entry in servers.items():
        words = _words(entry)
        if name == SERVER or _starts_us(words):
            yield Installed(
                client=client,
                scope=scope,
                path=path,
                name=name,
                words=words,
                url=next((str(entry[key]) for key in BY_URL if entry.get(key)), None),
                variables=_texts(entry.get(client.variables)),
                off=entry.get("disabled") is True or entry.get("enabled") is False,
            )


def _words(entry: Mapping[str, Any]) -> tuple[str, ...]:
    command: Any = entry.get("command") or entry.get("cmd")
    first = [command] if isinstance(command, str) else _list(command)
    return tuple(str(word) for word in [*first, *_list(entry.get("args"))])


def _starts_us(words: tuple[str, ...]) -> bool:
    """Tell whether a command is ours; that a folder of that name is handed to another server makes it none."""
    names = [PurePath(word.replace("\\", "/")).name.removesuffix(".exe").partition("@")[0] for word in words]
    return names[:1] == [SERVER] or DISTRIBUTION in names or any(pair == _MODULE for pair in pairwise(words))


def _list(value: Any) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else []


def _texts(table: Any) -> dict[str, str]:
    found = cast("dict[Any, Any]", table) if isinstance(table, dict) else {}
    return {str(name): str(value) for name, value in found.items()}
