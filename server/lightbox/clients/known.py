"""MCP clients: the configuration that connects each of them to Lightbox, and the file in which it stands.

The configurations are the files of `config/clients/`. Keys are never copied into them: they stand there as the
client's own reference to the environment, or as a blank to fill in.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from lightbox.clients import jsonc, toml
from lightbox.clients.replace import replace
from lightbox.configuration import configuration_path
from lightbox.errors import SettingsError

DISTRIBUTION = "lightbox-mcp"
FROM_INDEX = ("uvx", DISTRIBUTION)
_SERVER = "lightbox"
_BLANK = "\ufeff \t\r\n"
_FILE = TypeAdapter(dict[str, dict[str, Any]])


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


_RESTART = "Restart it."
_FILL_IN = 'Put your keys between the quotes of "env" (empty: none; without any, the sandbox serves), then restart it.'
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
    raise SettingsError(f"{name!r} is no client that Lightbox knows; known are {names}.")


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


def snippet(of: Client, start: Sequence[str] = FROM_INDEX) -> str:
    """Give the configuration to paste for a client that starts Lightbox with the command `start`."""
    template = configuration_path("clients", of.template).read_text("utf-8")
    program, *arguments = start
    if of.is_toml:
        return toml.fill(template, (of.servers, _SERVER), template, {"command": program, "args": arguments})
    with_program = jsonc.put(template, (of.servers, _SERVER, "command"), program)
    return jsonc.put(with_program, (of.servers, _SERVER, "args"), arguments)


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
        return Written(of, target, changed=True, backup=replace(target, after))
    except OSError as error:
        raise SettingsError(f"{target} can't be changed: {error.strerror or error}; {paste}") from None
    except ValueError as error:
        raise SettingsError(f"{target} is not as {of.title} keeps it: {error}. Correct it, or {paste}") from None


def _merged(before: str, of: Client, start: Sequence[str]) -> str:
    """Give the file's text with our entry in it.

    Raises:
        ValueError: The file is not what the client would read, or something else in it would not stay as it is.
    """
    wanted = snippet(of, start)
    program, *arguments = start
    forced = {"command": program, "args": arguments}
    old = _servers(before, of)
    if any(key in old.get(_SERVER, {}) for key in ("url", "httpUrl", "serverUrl")):
        raise ValueError("its lightbox entry connects by URL; remove that entry first")
    if of.is_toml:
        after = toml.fill(before, (of.servers, _SERVER), wanted, forced)
    else:
        after = _merged_json(before, of, json.loads(wanted), forced)
    if _others(_servers(after, of)) != _others(old):
        raise ValueError("its other servers would not stay as they are")
    return after


def _merged_json(before: str, of: Client, wanted: Mapping[str, Any], forced: Mapping[str, Any]) -> str:
    text = jsonc.fill(before if before.strip(_BLANK) else "{\n}\n", wanted)
    for key, value in forced.items():
        if jsonc.parse(text)[of.servers][_SERVER][key] != value:
            text = jsonc.put(text, (of.servers, _SERVER, key), value)
    return text


def _servers(text: str, of: Client) -> dict[str, dict[str, Any]]:
    """Read the servers that a client's file names."""
    if of.is_toml:
        document: Any = tomllib.loads(text)
    else:
        document = jsonc.parse(text) if text.strip(_BLANK) else {}
    try:
        return _FILE.validate_python(document.get(of.servers, {}))
    except (AttributeError, ValidationError):
        raise ValueError(f"{of.servers!r} in it is no table of servers") from None


def _others(servers: Mapping[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {name: entry for name, entry in servers.items() if name != _SERVER}
