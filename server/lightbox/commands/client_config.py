"""`lightbox config`: what connects an MCP client to Lightbox, printed or put into the client's own file."""

from __future__ import annotations

from collections.abc import Sequence

from lightbox.clients import placing
from lightbox.clients.known import client as client_named
from lightbox.clients.known import command, known_clients, snippet


def config(clients: Sequence[str], *, write: bool) -> None:
    """List the known clients, or print the configuration of some; with `write`, put it into their files.

    Raises:
        SettingsError: No known client has the name, or its file can't be changed.
    """
    if not clients:
        for known in known_clients():
            print(f"{known.name:16} {known.title}")  # noqa: T201 - what was asked for
        return
    for name in clients:
        wanted = client_named(name)
        print(placing.write(wanted, command()) if write else snippet(wanted, command()))  # noqa: T201 - likewise
