"""The configuration of each MCP client: what it is, and where it stands."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

import pytest

from lightbox.clients import jsonc
from lightbox.clients import known as clients
from lightbox.clients.known import Client, Machine
from lightbox.configuration import configuration_path
from lightbox.errors import SettingsError

ALL = clients.known_clients()
HERE = ("/opt/lightbox/bin/python", "-m", "lightbox")


def entry(client: Client, text: str) -> dict[str, object]:
    document = tomllib.loads(text) if client.is_toml else jsonc.parse(text)
    return document[client.servers]["lightbox"]


def by_name(client: Client) -> str:
    return client.name


@pytest.mark.parametrize("client", ALL, ids=by_name)
def test_every_client_has_a_ready_file_that_starts_lightbox_from_the_index(client: Client) -> None:
    text = configuration_path("clients", client.template).read_text("utf-8")
    assert clients.snippet(client) == text
    assert (entry(client, text)["command"], entry(client, text)["args"]) == ("uvx", ["lightbox-mcp"])


def test_every_ready_file_belongs_to_a_client() -> None:
    assert {file.name for file in configuration_path("clients").iterdir()} == {client.template for client in ALL}


@pytest.mark.parametrize("client", ALL, ids=by_name)
def test_a_snippet_can_start_the_lightbox_of_a_checkout(client: Client) -> None:
    wanted = entry(client, clients.snippet(client, HERE))
    assert (wanted["command"], wanted["args"]) == (HERE[0], ["-m", "lightbox"])


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
        ("claude-code", "linux", {}, "project/.mcp.json"),
    ],
)
def test_the_file_is_where_the_client_looks_for_it(
    name: str, platform: str, environment: dict[str, str], expected: str
) -> None:
    home = Path("/home/ada")
    machine = Machine(platform=platform, home=home, folder=home / "project", environment=environment)
    assert clients.config_path(clients.client(name), machine) == home / expected
