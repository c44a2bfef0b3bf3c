"""The MCP clients that Lightbox knows, a row for each. Where one stands on more than its makers' documents, it says so.

Read in November 2026: the makers' documentation pages, and for Cherry Studio and Zed also their source.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from importlib import import_module, metadata
from pathlib import Path
from typing import Any, Protocol, cast

from lightbox.clients import jsonc, one_click
from lightbox.clients.client import Client, Machine, Place, Scope
from lightbox.errors import SettingsError

DISTRIBUTION = "lightbox-mcp"
FROM_INDEX = ("uvx", DISTRIBUTION)


class Editing(Protocol):
    """How files of one form are read and changed; `jsonc`, `toml` and `yaml` say more."""

    def parse(self, text: str, /) -> Any:
        """Read a file's text; raises ValueError."""
        ...

    def render(self, document: dict[str, Any], /) -> str:
        """Write a whole document."""
        ...

    def merge(self, text: str, place: Place, wanted: dict[str, Any], forced: dict[str, Any], /) -> str:
        """Add to a file's text what it lacks of `wanted`, and set `forced` at the place; raises ValueError."""
        ...

    def remove(self, text: str, place: Place, /) -> str:
        """Take out of a file's text what stands at the place; raises ValueError."""
        ...


_RESTART = "Restart it."
_INPUTS = [
    {
        "type": "promptString",
        "id": f"lightbox-{service.lower()}",
        "description": f"{service} API key for Lightbox (empty: none)",
        "password": True,
    }
    for service in ("OpenAI", "DashScope", "OpenRouter")
]


def _opencode_start(program: str, arguments: Sequence[str]) -> dict[str, Any]:
    return {"command": [program, *arguments]}


def _goose_start(program: str, arguments: Sequence[str]) -> dict[str, Any]:
    return {"cmd": program, "args": [*arguments]}


_CLIENTS = (
    Client(
        name="claude-desktop",
        title="Claude Desktop",
        user=lambda at: (at.applications / "Claude" / "claude_desktop_config.json",),
        next_step=_RESTART,
    ),
    Client(
        name="claude-code",
        title="Claude Code",
        user=lambda at: (at.named("CLAUDE_CONFIG_DIR") / ".claude.json",),
        project=(".mcp.json",),
        reference="${%s:-}",
        adding="claude mcp add --scope user lightbox -- PROGRAM ARGUMENTS",  # it hands on its whole environment
        next_step="Start `claude`; /mcp shows it.",
    ),
    Client(
        name="cursor",
        title="Cursor",
        user=lambda at: (at.home / ".cursor" / "mcp.json",),
        project=(".cursor/mcp.json",),
        reference="${env:%s}",
        link=one_click.cursor,
        next_step="Switch it on in Settings, MCP.",
    ),
    Client(
        name="vscode",
        title="VS Code",
        user=lambda at: (at.applications / "Code" / "User" / "mcp.json",),
        project=(".vscode/mcp.json",),
        servers=("servers",),
        reference=None,
        first={"type": "stdio"},
        rest={
            "env": {
                "OPENAI_API_KEY": "${input:lightbox-openai}",
                "DASHSCOPE_API_KEY": "${input:lightbox-dashscope}",
                "OPENROUTER_API_KEY": "${input:lightbox-openrouter}",
            }
        },
        beside={"inputs": _INPUTS},
        link=one_click.vscode,
        next_step="Run “MCP: List Servers” and start it; it asks for the keys.",
    ),
    Client(
        name="codex",
        title="Codex",
        form="toml",
        user=lambda at: (at.named("CODEX_HOME", ".codex") / "config.toml",),
        project=(".codex/config.toml",),
        servers=("mcp_servers",),
        reference=None,
        rest={
            "env_vars": ["OPENAI_API_KEY", "DASHSCOPE_API_KEY", "OPENROUTER_API_KEY"],
            "startup_timeout_sec": 30,
            "tool_timeout_sec": 90,
        },
        adding="codex mcp add lightbox -- PROGRAM ARGUMENTS",  # has no option for variables to pass on
        next_step="Restart it; it passes on your keys from the environment that it starts in.",
    ),
    Client(
        name="gemini-cli",
        title="Gemini CLI",
        user=lambda at: (at.home / ".gemini" / "settings.json",),
        project=(".gemini/settings.json",),
        reference="$%s",
        rest={"timeout": 90000},
        adding="gemini mcp add --scope user lightbox PROGRAM VARIABLES -- ARGUMENTS",
        adding_variable="--env",
        next_step="Restart it; /mcp shows it.",
    ),
    Client(
        name="amp",
        title="Amp",
        user=lambda at: tuple(at.config / "amp" / f"settings.{form}" for form in ("json", "jsonc")),
        project=(".amp/settings.json", ".amp/settings.jsonc"),
        servers=("amp.mcpServers",),
        reference="${%s}",
        adding="amp mcp add lightbox VARIABLES -- PROGRAM ARGUMENTS",
        adding_variable="--env",
        next_step="Restart it; `amp mcp list` shows it. A project's servers want to be approved there.",
    ),
    Client(
        name="windsurf",
        title="Windsurf",
        user=lambda at: (at.home / ".codeium" / "windsurf" / "mcp_config.json",),
        reference="${env:%s}",
        next_step="Refresh the MCP servers in its settings.",
    ),
    Client(
        name="copilot-cli",
        title="GitHub Copilot CLI",
        user=lambda at: (at.named("COPILOT_HOME", ".copilot") / "mcp-config.json",),
        project=(".github/mcp.json",),
        # Documented for headers and in GitHub's own examples for `env`; nothing else of the environment is handed on.
        reference="${%s}",
        first={"type": "local"},
        rest={"tools": ["*"]},
        adding="copilot mcp add lightbox VARIABLES -- PROGRAM ARGUMENTS",
        adding_variable="--env",
        next_step="Restart it; /mcp show lists it.",
    ),
    Client(
        name="opencode",
        title="opencode",
        user=lambda at: tuple(at.config / "opencode" / f"opencode.{form}" for form in ("json", "jsonc")),
        project=("opencode.json", "opencode.jsonc"),
        servers=("mcp", "servers"),  # since version 2, which reads no servers directly below `mcp`
        older=("mcp",),
        reference="{env:%s}",
        variables="environment",
        first={"type": "local"},
        start=_opencode_start,
        adding="opencode mcp add lightbox -- PROGRAM ARGUMENTS",  # it hands on its whole environment
        next_step="Restart it. (Version 1 wants the entry one level higher, directly in “mcp”.)",
    ),
    Client(
        name="zed",
        title="Zed",
        user=lambda at: ((at.roaming / "Zed" if at.platform == "win32" else at.config / "zed") / "settings.json",),
        project=(".zed/settings.json",),  # in its source, not in its documents
        servers=("context_servers",),
        reference=None,  # what is in its environment is in the server's
        rest={"timeout": 90},
        next_step="It starts at once; it passes on your keys from the environment that it starts in.",
    ),
    Client(
        name="kiro",
        title="Kiro",
        user=lambda at: (at.home / ".kiro" / "settings" / "mcp.json",),
        project=(".kiro/settings/mcp.json",),
        reference="${%s}",
        link=one_click.kiro,
        next_step="Allow the variables when it asks (Settings, “Mcp Approved Env Vars”).",
    ),
    Client(
        name="trae",
        title="Trae",
        user=lambda at: tuple(at.applications / name / "User" / "mcp.json" for name in ("Trae", "Trae CN")),
        project=(".trae/mcp.json",),
        next_step="Restart it; for a project's file, switch on project MCP in Settings, MCP.",
        unconfirmed="Its makers document the project's file; where the user's file is comes from reports of users.",
    ),
    Client(
        name="qwen-code",
        title="Qwen Code",
        user=lambda at: (at.home / ".qwen" / "settings.json",),
        project=(".qwen/settings.json",),
        reference="$%s",
        rest={"timeout": 90000},
        adding="qwen mcp add --scope user lightbox PROGRAM -- ARGUMENTS",  # it hands on its whole environment
        next_step="Restart it; /mcp shows it.",
    ),
    Client(
        name="kimi-cli",
        title="Kimi CLI",
        user=lambda at: (at.home / ".kimi" / "mcp.json",),
        next_step=_RESTART,
    ),
    Client(
        name="kimi-code",
        title="Kimi Code",
        user=lambda at: (at.named("KIMI_CODE_HOME", ".kimi-code") / "mcp.json",),
        project=(".kimi-code/mcp.json",),
        rest={"toolTimeoutMs": 90000},
        next_step=_RESTART,
    ),
    Client(
        name="goose",
        title="Goose",
        form="yaml",
        user=lambda at: (
            at.roaming / "Block" / "goose" / "config" / "config.yaml"
            if at.platform == "win32"
            else at.config / "goose" / "config.yaml",
        ),
        servers=("extensions",),
        reference=None,  # a key in `env_keys` that is set nowhere keeps it from starting the server
        variables="envs",
        first={
            "enabled": True,
            "type": "stdio",
            "name": "lightbox",
            "description": "Pictures: find, look at, make, edit, describe",
        },
        start=_goose_start,
        rest={"timeout": 300},
        link=one_click.goose,
        next_step="Start a new session; it passes on your keys from the environment that it starts in.",
    ),
    Client(
        name="lm-studio",
        title="LM Studio",
        user=lambda at: (
            at.home / ".lmstudio" / "mcp.json",
            at.home / ".cache" / "lm-studio" / "mcp.json",  # older installations, by reports of users
        ),
        link=one_click.lm_studio,
        next_step=_RESTART,
    ),
    Client(
        name="cherry-studio",
        title="Cherry Studio",
        link=one_click.cherry_studio,
        next_step="It keeps servers in a database of its own: paste this in Settings, MCP, Add, Import from JSON, or "
        "open the link that `lightbox config cherry-studio` prints.",
    ),
)


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


def command_for(scope: Scope) -> tuple[str, ...]:
    """Give the command for a file: in a project's, which a team shares, no path of this machine may stand."""
    return FROM_INDEX if scope == "project" else command()


def here() -> tuple[str, ...]:
    """Give the command that starts the Lightbox of this very environment."""
    return (sys.executable, "-m", "lightbox")


def editing(of: Client) -> Editing:
    """Give what reads and changes files of the client's form; tomlkit and PyYAML are imported for theirs alone."""
    return jsonc if of.form == "json" else cast("Editing", import_module(f"lightbox.clients.{of.form}"))


def snippet(of: Client, start: Sequence[str] = FROM_INDEX, scope: Scope = "user") -> str:
    """Give the configuration to paste for a client that starts Lightbox with the command `start`."""
    return editing(of).render(of.document(start, scope))


def install_link(of: Client, start: Sequence[str] = FROM_INDEX) -> str | None:
    """Give the link that has a client take the configuration in one click; None where it knows none such."""
    return of.link(of, start) if of.link else None


def config_path(of: Client, machine: Machine | None = None, scope: Scope = "user") -> Path | None:
    """Give the file in which a client looks for servers; None where it has none of that scope."""
    return of.path(scope, machine or Machine())
