"""The configuration of each MCP client: where it stands, and what is left alone when it is written."""

from __future__ import annotations

import json
import stat
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from lightbox.clients import jsonc
from lightbox.clients import known as clients
from lightbox.clients.known import FROM_INDEX, Client, Machine
from lightbox.configuration import configuration_path
from lightbox.errors import SettingsError

ALL = clients.known_clients()
JSON = [client for client in ALL if not client.is_toml]
CODEX = clients.client("codex")
CURSOR = clients.client("cursor")
CLAUDE_DESKTOP = clients.client("claude-desktop")
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


@pytest.mark.parametrize("client", ALL, ids=by_name)
def test_writing_makes_the_file_and_its_folders_where_there_are_none(client: Client, tmp_path: Path) -> None:
    path = tmp_path / "some" / "folder" / "config"
    written = clients.write(client, path=path)
    assert (written.path, written.changed, written.backup) == (path, True, None)
    document = path.read_text("utf-8")
    template = clients.snippet(client)
    assert entry(client, document) == entry(client, template)
    assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0


@pytest.mark.parametrize("client", ALL, ids=by_name)
def test_writing_twice_changes_nothing_and_leaves_no_second_copy(client: Client, tmp_path: Path) -> None:
    path = tmp_path / "config"
    clients.write(client, path=path)
    once = path.read_bytes()
    again = clients.write(client, path=path)
    assert again == clients.Written(client, path, changed=False, backup=None)
    assert str(again) == f"{path} has it already."
    assert path.read_bytes() == once
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("client", JSON, ids=by_name)
def test_everything_else_in_a_json_file_stays(client: Client, tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    before: dict[str, Any] = {
        "theme": "dark",
        "inputs": [{"id": "mine", "type": "promptString"}],
        client.servers: {"other": {"command": "node", "args": ["-y"], "env": {"A": "ä", "N": 1e3}}},
        "unknown": {"deep": [1, [2, {"three": None}]]},
    }
    path.write_text(json.dumps(before, indent=4, ensure_ascii=False), "utf-8")
    path.chmod(0o640)
    written = clients.write(client, HERE, path=path)
    after = json.loads(path.read_text("utf-8"))
    assert after[client.servers].pop("lightbox") == entry(client, clients.snippet(client, HERE))
    assert after["inputs"].pop(0) == before["inputs"][0]
    assert [item["id"] for item in after["inputs"]] == (
        ["lightbox-openai", "lightbox-dashscope"] if client.name == "vscode" else []
    )
    assert {**after, "inputs": before["inputs"]} == before
    assert written.backup
    assert str(written).startswith(
        f"{path} now connects {client.title} to Lightbox. As it was, it is kept in config.json."
    )
    assert json.loads(written.backup.read_text("utf-8")) == before
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_comments_layout_and_line_ends_of_a_json_file_stay(tmp_path: Path) -> None:
    path = tmp_path / "mcp.json"
    path.write_bytes(
        b'\xef\xbb\xbf// mine\r\n{\r\n\t/* servers */\r\n\t"mcpServers": {\r\n'
        b'\t\t"a": {"command": "x, // not a comment"}, // the first\r\n\t},\r\n}\r\n'
    )
    clients.write(CURSOR, path=path)
    assert path.read_bytes() == (
        b'\xef\xbb\xbf// mine\r\n{\r\n\t/* servers */\r\n\t"mcpServers": {\r\n'
        b'\t\t"a": {"command": "x, // not a comment"}, // the first\r\n'
        b'\t\t"lightbox": {\r\n\t\t\t"command": "uvx",\r\n\t\t\t"args": ["lightbox-mcp"],\r\n\t\t\t"env": {\r\n'
        b'\t\t\t\t"OPENAI_API_KEY": "${env:OPENAI_API_KEY}",\r\n'
        b'\t\t\t\t"DASHSCOPE_API_KEY": "${env:DASHSCOPE_API_KEY}"\r\n\t\t\t}\r\n\t\t}\r\n\t},\r\n}\r\n'
    )


def test_keys_that_the_person_put_in_survive_a_new_command(tmp_path: Path) -> None:
    path = tmp_path / "claude_desktop_config.json"
    clients.write(CLAUDE_DESKTOP, path=path)
    path.write_text(path.read_text("utf-8").replace('OPENAI_API_KEY": ""', 'OPENAI_API_KEY": "sk-mine"'), "utf-8")
    clients.write(CLAUDE_DESKTOP, HERE, path=path)
    after = entry(CLAUDE_DESKTOP, path.read_text("utf-8"))
    assert after["env"] == {"OPENAI_API_KEY": "sk-mine", "DASHSCOPE_API_KEY": ""}
    assert after["command"] == HERE[0]


CODEX_FILE = '''\
# my settings
model = "o9"  # the good one

[mcp_servers.lightbox] # eyes
command = "old" # from before
args = [
  "a",
  "[mcp_servers.not_a_header]",
]

[mcp_servers.lightbox.env]
LIGHTBOX_BUDGET = "5 USD/day"

# about the other
[mcp_servers.other]
command = "node"
note = """
[mcp_servers.lightbox]
"""
'''


def test_everything_else_in_a_toml_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(CODEX_FILE, "utf-8")
    clients.write(CODEX, HERE, path=path)
    assert path.read_text("utf-8") == CODEX_FILE.replace(
        'command = "old" # from before\nargs = [\n  "a",\n  "[mcp_servers.not_a_header]",\n]\n',
        f'command = "{HERE[0]}"\nargs = ["-m", "lightbox"]\n'
        'env_vars = ["OPENAI_API_KEY", "DASHSCOPE_API_KEY"] # handed on from your environment where they are set\n'
        "startup_timeout_sec = 30\ntool_timeout_sec = 90\n",
    )


def test_a_toml_file_without_our_table_gets_it_at_its_end(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    before = '[mcp_servers.lightbox.env]\r\nA = "b"\r\n# end'
    path.write_bytes(before.encode())
    clients.write(CODEX, path=path)
    after = path.read_bytes().decode()
    assert after.startswith(before + "\r\n\r\n[mcp_servers.lightbox]\r\n")
    assert tomllib.loads(after)["mcp_servers"]["lightbox"]["env"] == {"A": "b"}


@pytest.mark.parametrize(
    ("client", "text", "reason"),
    [
        (CURSOR, '{"mcpServers": ', "line 1 column"),
        (CURSOR, "[]", "no table of servers"),
        (CURSOR, '{"mcpServers": []}', "no table of servers"),
        (CURSOR, '{"mcpServers": {"lightbox": {"url": "https://example.org/mcp"}}}', "connects by URL"),
        (CODEX, "mcp_servers = 3", "no table of servers"),
        (CODEX, 'mcp_servers = {other = {command = "x"}}', "mcp_servers"),
        (CODEX, "[mcp_servers", "at end of document"),
    ],
)
def test_a_file_that_is_not_understood_stays_and_the_text_to_paste_is_given(
    client: Client, text: str, reason: str, tmp_path: Path
) -> None:
    path = tmp_path / "config"
    path.write_text(text, "utf-8")
    with pytest.raises(SettingsError, match=reason) as caught:
        clients.write(client, path=path)
    assert clients.snippet(client) in str(caught.value)
    assert path.read_text("utf-8") == text
    assert list(tmp_path.iterdir()) == [path]


def test_a_linked_file_is_changed_where_it_is(tmp_path: Path) -> None:
    real = tmp_path / "dotfiles" / "mcp.json"
    real.parent.mkdir()
    real.write_text("{}", "utf-8")
    link = tmp_path / "mcp.json"
    link.symlink_to(real)
    assert clients.write(CURSOR, path=link).path == real
    assert link.is_symlink()
    assert entry(CURSOR, real.read_text("utf-8"))["command"] == FROM_INDEX[0]


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(SettingsError, match=r"file.config can't be changed: File exists"):
        clients.write(CURSOR, path=tmp_path / "file" / "config")
