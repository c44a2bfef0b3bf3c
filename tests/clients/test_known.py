"""The configuration of each MCP client: what it is, and where it stands."""

from __future__ import annotations

import base64
import json
import sys
from pathlib import Path
from typing import Any, cast

import pytest

from lightbox.clients import known as clients
from lightbox.clients.client import Client, Machine, at
from lightbox.clients.known import editing
from lightbox.configuration import configuration_path
from lightbox.errors import SettingsError

ALL = clients.known_clients()
HERE = ("/opt/lightbox/bin/python", "-m", "lightbox")


def entry(client: Client, text: str) -> dict[str, Any]:
    return at(editing(client).parse(text), (*client.servers, "lightbox"))


def by_name(client: Client) -> str:
    return client.name


def words(entry: dict[str, Any]) -> list[str]:
    """Give the command that an entry starts, whatever it calls it."""
    command = entry.get("command", entry.get("cmd", ""))
    first = [command] if isinstance(command, str) else cast("list[str]", command)
    return [*first, *entry.get("args", [])]


@pytest.mark.parametrize("client", ALL, ids=by_name)
def test_every_client_has_a_ready_file_that_starts_lightbox_from_the_index(client: Client) -> None:
    text = configuration_path("clients", client.ready_file).read_text("utf-8")
    assert clients.snippet(client) == text
    assert words(entry(client, text)) == ["uvx", "lightbox-mcp"]


def test_every_ready_file_belongs_to_a_client() -> None:
    assert {file.name for file in configuration_path("clients").iterdir()} == {client.ready_file for client in ALL}


@pytest.mark.parametrize("client", ALL, ids=by_name)
def test_a_snippet_can_start_the_lightbox_of_a_checkout(client: Client) -> None:
    assert words(entry(client, clients.snippet(client, HERE))) == [*HERE]


@pytest.mark.parametrize("client", [client for client in ALL if client.project], ids=by_name)
def test_a_file_that_a_team_shares_holds_no_path_of_this_machine_and_no_place_for_a_key(client: Client) -> None:
    text = clients.snippet(client, clients.command_for("project"), "project")
    assert words(entry(client, text)) == ["uvx", "lightbox-mcp"]
    assert sys.prefix not in text
    variables = entry(client, text).get(client.variables, {})
    assert all("API_KEY" in value or value.startswith("${input:") for value in variables.values())


def test_a_client_without_a_file_is_given_a_link_that_holds_the_same() -> None:
    cherry = clients.client("cherry-studio")
    link = clients.install_link(cherry)
    assert link
    assert link.startswith("cherrystudio://mcp/install?servers=")
    document = json.loads(base64.b64decode(link.partition("servers=")[2]))
    assert words(document["mcpServers"]["lightbox"]) == ["uvx", "lightbox-mcp"]
    assert cherry.scopes == ()


@pytest.mark.parametrize("client", ALL, ids=by_name)
def test_no_key_is_copied_from_the_environment(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-mine")
    assert "sk-mine" not in clients.snippet(client)


def test_a_checkout_is_started_by_its_interpreter() -> None:
    assert clients.command() == (sys.executable, "-m", "lightbox")


def test_an_unknown_client_is_answered_with_the_known_ones() -> None:
    with pytest.raises(SettingsError, match=r"'emacs'.*claude-desktop, claude-code, cursor"):
        clients.client("emacs")


@pytest.mark.parametrize(
    ("name", "platform", "environment", "expected"),
    [
        ("claude-desktop", "darwin", {}, "Library/Application Support/Claude/claude_desktop_config.json"),
        ("claude-desktop", "linux", {}, ".config/Claude/claude_desktop_config.json"),
        ("claude-desktop", "win32", {}, "AppData/Roaming/Claude/claude_desktop_config.json"),
        ("vscode", "darwin", {}, "Library/Application Support/Code/User/mcp.json"),
        ("vscode", "linux", {}, ".config/Code/User/mcp.json"),
        ("vscode", "win32", {"APPDATA": "/roaming"}, "/roaming/Code/User/mcp.json"),
        ("cursor", "linux", {}, ".cursor/mcp.json"),
        ("codex", "linux", {}, ".codex/config.toml"),
        ("codex", "darwin", {"CODEX_HOME": "/codex"}, "/codex/config.toml"),
        ("gemini-cli", "win32", {}, ".gemini/settings.json"),
        ("windsurf", "darwin", {}, ".codeium/windsurf/mcp_config.json"),
        ("claude-code", "linux", {}, ".claude.json"),
        ("claude-code", "linux", {"CLAUDE_CONFIG_DIR": "/claude"}, "/claude/.claude.json"),
        ("copilot-cli", "linux", {}, ".copilot/mcp-config.json"),
        ("opencode", "darwin", {}, ".config/opencode/opencode.json"),
        ("zed", "darwin", {}, ".config/zed/settings.json"),
        ("zed", "win32", {}, "AppData/Roaming/Zed/settings.json"),
        ("kiro", "linux", {}, ".kiro/settings/mcp.json"),
        ("trae", "darwin", {}, "Library/Application Support/Trae/User/mcp.json"),
        ("qwen-code", "linux", {}, ".qwen/settings.json"),
        ("kimi-cli", "linux", {}, ".kimi/mcp.json"),
        ("kimi-code", "linux", {"KIMI_CODE_HOME": "/kimi"}, "/kimi/mcp.json"),
        ("goose", "linux", {"XDG_CONFIG_HOME": "/xdg"}, "/xdg/goose/config.yaml"),
        ("goose", "win32", {}, "AppData/Roaming/Block/goose/config/config.yaml"),
        ("lm-studio", "win32", {}, ".lmstudio/mcp.json"),
    ],
)
def test_the_file_is_where_the_client_looks_for_it(
    name: str, platform: str, environment: dict[str, str], expected: str
) -> None:
    home = Path("/home/ada")
    machine = Machine(platform=platform, home=home, folder=home / "project", environment=environment)
    assert clients.config_path(clients.client(name), machine) == home / expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("claude-code", ".mcp.json"),
        ("cursor", ".cursor/mcp.json"),
        ("vscode", ".vscode/mcp.json"),
        ("codex", ".codex/config.toml"),
        ("copilot-cli", ".github/mcp.json"),
        ("opencode", "opencode.json"),
        ("claude-desktop", None),
    ],
)
def test_a_project_has_a_file_of_its_own_where_the_client_reads_one(name: str, expected: str | None) -> None:
    machine = Machine(folder=Path("/home/ada/project"))
    found = clients.config_path(clients.client(name), machine, "project")
    assert found == (Path("/home/ada/project") / expected if expected else None)


def test_of_several_places_the_file_that_is_there_holds(tmp_path: Path) -> None:
    machine = Machine(platform="linux", home=tmp_path, folder=tmp_path, environment={})
    old = tmp_path / ".cache" / "lm-studio" / "mcp.json"
    old.parent.mkdir(parents=True)
    old.write_text("{}", "utf-8")
    assert clients.config_path(clients.client("lm-studio"), machine) == old
