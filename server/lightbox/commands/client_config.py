"""`lightbox config`: what connects MCP clients to Lightbox, printed, put into their own files, or taken out of them."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from lightbox.clients import placing
from lightbox.clients.client import SERVER, Client, Machine, Scope
from lightbox.clients.installed import Installed, installed
from lightbox.clients.known import client as client_named
from lightbox.clients.known import command_for, install_link, known_clients, snippet
from lightbox.errors import BadInput, SettingsError


def config(
    clients: Sequence[str],
    *,
    write: bool = False,
    remove: bool = False,
    scope: Scope | None = None,
    every: bool = False,
) -> int:
    """List the known clients, or print the configuration of some; or put it into their files, or take it out.

    Args:
        clients: Their names; none lists what is known.
        write: Whether to put the configuration into their files.
        remove: Whether to take it out of them.
        scope: For whom; None takes the user's file, or the project's where a client has no other.
        every: Whether all are meant. Of a user's, only those that are on this machine are written.

    Returns:
        0 where all of it could be done, else 1; what could not is said of each client.

    Raises:
        BadInput: What is asked for contradicts itself.
        SettingsError: No known client has a name.
    """
    if write and remove:
        raise BadInput("--write puts it in place, --remove takes it out: leave one of them out.")
    if every and clients:
        raise BadInput("--all means every client: leave the names out.")
    if not (every or clients):
        if write or remove:
            raise BadInput("Which client? Name one or several, or say --all. `lightbox config` lists them.")
        _list()
        return 0
    wanted = known_clients() if every else [client_named(name) for name in clients]
    if not (write or remove):
        _print(wanted, scope)
        return 0
    if every:
        wanted = _on_this_machine(wanted, scope, write=write)
    return max([_change(of, scope, remove=remove) for of in wanted], default=0)


def _list() -> None:
    for known in known_clients():
        print(f"{known.name:16} {known.title}")  # noqa: T201 - what was asked for


def _print(wanted: Sequence[Client], scope: Scope | None) -> None:
    """Print what to paste; with several, a line of comment says where each goes."""
    for of in wanted:
        chosen = scope or _usual(of)
        path = of.path(chosen, Machine())
        where = f"In {path}:" if path else of.then(chosen)
        start = command_for(chosen)
        hints = [f"# {of.title}: {where}", *(f"# Or {other}" for other in _other_ways(of, start, chosen))]
        print("\n".join(hints), file=sys.stdout if len(wanted) > 1 else sys.stderr)
        print(snippet(of, start, chosen), end="" if len(wanted) == 1 else "\n")  # noqa: T201 - what was asked for


def _other_ways(of: Client, start: Sequence[str], scope: Scope) -> Iterator[str]:
    """Say what saves pasting: the client's own command, a link. Both are for a user, not for a project."""
    if scope == "user" and (adding := of.add_command(start)):
        yield f"run:  {adding}"
    if scope == "user" and (link := install_link(of, start)):
        yield f"open: {link}"


def _on_this_machine(wanted: Sequence[Client], scope: Scope | None, *, write: bool) -> list[Client]:
    """Leave out clients that are not here: a file for each known one would be litter.

    Of a project, all are meant: others who work on it have other clients.
    """
    machine = Machine()
    chosen: list[Client] = []
    absent: list[str] = []
    for of in wanted:
        if path := of.path(scope or _usual(of), machine):
            here = scope == "project" or _is_here(path, machine)
            chosen.append(of) if here else absent.append(of.name)
    if absent and write:
        print(f"Not on this machine: {', '.join(absent)}. Name one to have it written all the same.")  # noqa: T201
    return chosen


def _is_here(path: Path, machine: Machine) -> bool:
    """Tell whether a client is on this machine: its file is there, or a folder that is its own."""
    return path.exists() or (path.parent != machine.home and path.parent.is_dir())


def _change(of: Client, scope: Scope | None, *, remove: bool) -> int:
    chosen = scope or _usual(of)
    try:
        done = placing.remove(of, chosen) if remove else placing.write(of, command_for(chosen), chosen)
    except SettingsError as error:
        print(f"lightbox: {error}", file=sys.stderr)  # noqa: T201 - what went wrong; the others go on
        return 1
    print(done)  # noqa: T201 - what was done
    for other in installed():
        if isinstance(other, Installed) and other.path == done.path and other.name != SERVER:
            print(f"It has Lightbox under the name {other.name!r} as well, which was left alone.")  # noqa: T201
    return 0


def _usual(of: Client) -> Scope:
    return of.scopes[0] if of.scopes else "user"
