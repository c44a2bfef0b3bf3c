"""The guard: what may be fetched from the network, and which files may be read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from pathlib import Path

Resolver = Callable[[str, int], Awaitable[list[str]]]
"""Gives every address of a name: `await resolver("example.com", 443) == ["93.184.215.14"]`."""


class Guard:
    """Lets requests through to public addresses only, e.g. `Guard(allow=["127.0.0.1:8123"])`.

    Args:
        allow: `host:port` pairs (the setting FETCH_ALLOW) that pass although they are private.
        resolver: Gives the addresses of a name; the system's own by default.
    """

    def __init__(self, allow: Collection[str] = (), resolver: Resolver | None = None) -> None:
        raise NotImplementedError

    def let_through(self, pair: str) -> None:
        """Let a `host:port` pair pass from now on, such as the embedded sandbox's."""
        raise NotImplementedError

    def check_url(self, url: str) -> None:
        """Refuse what can be refused without asking for the name's addresses.

        Raises:
            Forbidden: Another scheme, no host, or an address that is not public.
        """
        raise NotImplementedError


def check_path(path: Path, read_dirs: Collection[Path]) -> Path:
    """Resolve a file's path, links included, and make sure that it is below one of the folders.

    Raises:
        Forbidden: It is not; the text names the folders and the setting LIGHTBOX_READ_DIRS.
    """
    raise NotImplementedError
