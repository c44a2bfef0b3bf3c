"""The MCP clients that Lightbox knows: what connects each of them to it, and the file in which that stands.

The configurations are the files of `config/clients/`. Keys are never copied into them: they stand there as the
client's own reference to the environment, or as a blank to fill in.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module, metadata
from pathlib import Path
from typing import Any, Protocol, cast

from lightbox.clients import jsonc
from lightbox.configuration import configuration_path
from lightbox.errors import SettingsError

DISTRIBUTION = "lightbox-mcp"
FROM_INDEX = ("uvx", DISTRIBUTION)
SERVER = "lightbox"
"""The name of our entry among a client's servers."""


@dataclass(frozen=True)
class Client:
    """A program that speaks MCP: how users call it, and the name of its template in `config/clients/`."""

    name: str
    title: str
    template: str
    servers: str
    next_step: str

    @property
    def is_toml(self) -> bool:
        """Whether the client keeps its configuration in TOML; the others keep JSON."""
        return self.template.endswith(".toml")

    @property
    def place(self) -> tuple[str, str]:
        """Where our entry stands in the client's file."""
        return self.servers, SERVER


class Editing(Protocol):
    """How files of one form are read and changed; `jsonc` and `toml` say more."""

    def parse(self, text: str, /) -> Any:
        """Read a file's text; raises ValueError."""
        ...

    def merge(self, text: str, place: tuple[str, ...], template: str, forced: Mapping[str, Any]) -> str:
        """Add to a file's text what it lacks of the template; raises ValueError."""
        ...


_RESTART = "Restart it."
_FILL_IN = 'Put your keys between the quotes in "env" (without any key, the sandbox is used), then restart it.'
_CLIENTS = (
    Client("claude-desktop", "Claude Desktop", "claude-desktop.json", "mcpServers", _FILL_IN),
    Client(
        "claude-code", "Claude Code", "claude-code.json", "mcpServers", "Start `claude` in this folder; /mcp shows it."
    ),
    Client("cursor", "Cursor", "cursor.json", "mcpServers", "Switch it on in Settings, MCP."),
    Client(
        "vscode", "VS Code", "vscode.json", "servers", "Run “MCP: List Servers” and start it; it asks for the keys."
    ),
    Client("codex", "Codex", "codex.toml", "mcp_servers", _RESTART),
    Client("gemini-cli", "Gemini CLI", "gemini-cli.json", "mcpServers", "Restart it; /mcp shows it."),
    Client("windsurf", "Windsurf", "windsurf.json", "mcpServers", "Refresh the MCP servers in its settings."),
)


@dataclass(frozen=True)
class Machine:
    """What decides where a client keeps its configuration."""

    platform: str = sys.platform
    home: Path = field(default_factory=Path.home)
    folder: Path = field(default_factory=Path.cwd)
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)

    @property
    def applications(self) -> Path:
        """The folder in which desktop programs keep their configuration."""
        if self.platform == "win32":
            return Path(self.environment.get("APPDATA") or self.home / "AppData" / "Roaming")
        if self.platform == "darwin":
            return self.home / "Library" / "Application Support"
        return Path(self.environment.get("XDG_CONFIG_HOME") or self.home / ".config")


def known_clients() -> tuple[Client, ...]:
    """Give every client that Lightbox has a configuration for."""
    return _CLIENTS


def client(name: str) -> Client:
    """Give the client of that name.

    Raises:
        SettingsError: No known client has the name; the known ones are listed.
    """
    for known in _CLIENTS:
        if known.name == name:
            return known
    names = ", ".join(known.name for known in _CLIENTS)
    raise SettingsError(f"{name!r} is not a client that Lightbox knows. It knows {names}.")


def command() -> tuple[str, ...]:
    """Give the command that starts this Lightbox: `uvx` where it came from an index, else its interpreter.

    Programs are named by their full path: what a desktop starts often has another PATH than a shell.
    """
    try:
        source = metadata.distribution(DISTRIBUTION).read_text("direct_url.json")
    except metadata.PackageNotFoundError:
        return here()
    uvx = shutil.which("uvx")
    return (uvx, DISTRIBUTION) if uvx and not source else here()


def here() -> tuple[str, ...]:
    """Give the command that starts the Lightbox of this very environment."""
    return (sys.executable, "-m", "lightbox")


def starting(start: Sequence[str]) -> dict[str, Any]:
    """Give what an entry says of the command that starts Lightbox; every client names it so."""
    program, *arguments = start
    return {"command": program, "args": arguments}


def editing(of: Client) -> Editing:
    """Give what reads and changes files of the client's form; tomlkit is imported for TOML alone."""
    return cast("Editing", import_module("lightbox.clients.toml")) if of.is_toml else jsonc


def snippet(of: Client, start: Sequence[str] = FROM_INDEX) -> str:
    """Give the configuration to paste for a client that starts Lightbox with the command `start`."""
    template = configuration_path("clients", of.template).read_text("utf-8")
    return editing(of).merge(template, of.place, template, starting(start))


def config_path(of: Client, machine: Machine | None = None) -> Path:
    """Give the file in which a client looks for servers: the user's, for Claude Code the working folder's."""
    at = machine or Machine()
    paths = {
        "claude-desktop": at.applications / "Claude" / "claude_desktop_config.json",
        "claude-code": at.folder / ".mcp.json",
        "cursor": at.home / ".cursor" / "mcp.json",
        "vscode": at.applications / "Code" / "User" / "mcp.json",
        "codex": Path(at.environment.get("CODEX_HOME") or at.home / ".codex") / "config.toml",
        "gemini-cli": at.home / ".gemini" / "settings.json",
        "windsurf": at.home / ".codeium" / "windsurf" / "mcp_config.json",
    }
    return paths[of.name]
