"""`lightbox config`: what connects an MCP client to Lightbox, printed or put into the client's own file."""

from __future__ import annotations

from lightbox.clients import placing
from lightbox.clients.known import client as client_named
from lightbox.clients.known import command, known_clients, snippet


def config(client: str | None, *, write: bool) -> None:
    """List the known clients, or print one's configuration; with `write`, put it into its file.

    Raises:
        SettingsError: No known client has the name, or its file can't be changed.
    """
    if client is None:
        for known in known_clients():
            print(f"{known.name:16} {known.title}")  # noqa: T201 - what was asked for
        return
    wanted = client_named(client)
    print(placing.write(wanted, command()) if write else snippet(wanted, command()))  # noqa: T201 - likewise
