"""A client's own file: what is put into it, and what is left alone."""

from __future__ import annotations

import json
import stat
import tomllib
from pathlib import Path
from typing import Any

import pytest

from lightbox.clients import jsonc
from lightbox.clients.known import FROM_INDEX, Client, known_clients, snippet
from lightbox.clients.known import client as client_named
from lightbox.clients.placing import Written, write
from lightbox.errors import SettingsError

ALL = known_clients()
JSON = [client for client in ALL if not client.is_toml]
CODEX = client_named("codex")
CURSOR = client_named("cursor")
CLAUDE_DESKTOP = client_named("claude-desktop")
HERE = ("/opt/lightbox/bin/python", "-m", "lightbox")


def entry(client: Client, text: str) -> dict[str, object]:
    document = tomllib.loads(text) if client.is_toml else jsonc.parse(text)
    return document[client.servers]["lightbox"]


def by_name(client: Client) -> str:
    return client.name


@pytest.mark.parametrize("client", ALL, ids=by_name)
def test_writing_makes_the_file_and_its_folders_where_there_are_none(client: Client, tmp_path: Path) -> None:
    path = tmp_path / "some" / "folder" / "config"
    written = write(client, path=path)
    assert (written.path, written.changed, written.backup) == (path, True, None)
    document = path.read_text("utf-8")
    template = snippet(client)
    assert entry(client, document) == entry(client, template)
    assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0


@pytest.mark.parametrize("client", ALL, ids=by_name)
def test_writing_twice_changes_nothing_and_leaves_no_second_copy(client: Client, tmp_path: Path) -> None:
    path = tmp_path / "config"
    write(client, path=path)
    once = path.read_bytes()
    again = write(client, path=path)
    assert again == Written(client, path, changed=False, backup=None)
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
    written = write(client, HERE, path=path)
    after = json.loads(path.read_text("utf-8"))
    assert after[client.servers].pop("lightbox") == entry(client, snippet(client, HERE))
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
    write(CURSOR, path=path)
    assert path.read_bytes() == (
        b'\xef\xbb\xbf// mine\r\n{\r\n\t/* servers */\r\n\t"mcpServers": {\r\n'
        b'\t\t"a": {"command": "x, // not a comment"}, // the first\r\n'
        b'\t\t"lightbox": {\r\n\t\t\t"command": "uvx",\r\n\t\t\t"args": ["lightbox-mcp"],\r\n\t\t\t"env": {\r\n'
        b'\t\t\t\t"OPENAI_API_KEY": "${env:OPENAI_API_KEY}",\r\n'
        b'\t\t\t\t"DASHSCOPE_API_KEY": "${env:DASHSCOPE_API_KEY}"\r\n\t\t\t}\r\n\t\t}\r\n\t},\r\n}\r\n'
    )


def test_keys_that_the_person_put_in_survive_a_new_command(tmp_path: Path) -> None:
    path = tmp_path / "claude_desktop_config.json"
    write(CLAUDE_DESKTOP, path=path)
    path.write_text(path.read_text("utf-8").replace('OPENAI_API_KEY": ""', 'OPENAI_API_KEY": "sk-mine"'), "utf-8")
    write(CLAUDE_DESKTOP, HERE, path=path)
    after = entry(CLAUDE_DESKTOP, path.read_text("utf-8"))
    assert after["env"] == {"OPENAI_API_KEY": "sk-mine", "DASHSCOPE_API_KEY": ""}
    assert after["command"] == HERE[0]


@pytest.mark.parametrize(
    ("client", "text", "reason"),
    [
        (CURSOR, '{"mcpServers": ', "line 1 column"),
        (CURSOR, "[]", "not a table of servers"),
        (CURSOR, '{"mcpServers": []}', "not a table of servers"),
        (CURSOR, '{"mcpServers": {"lightbox": {"url": "https://example.org/mcp"}}}', "connects by URL"),
        (CODEX, "mcp_servers = 3", "not a table of servers"),
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
        write(client, path=path)
    assert snippet(client) in str(caught.value)
    assert path.read_text("utf-8") == text
    assert list(tmp_path.iterdir()) == [path]


def test_a_linked_file_is_changed_where_it_is(tmp_path: Path) -> None:
    real = tmp_path / "dotfiles" / "mcp.json"
    real.parent.mkdir()
    real.write_text("{}", "utf-8")
    link = tmp_path / "mcp.json"
    link.symlink_to(real)
    assert write(CURSOR, path=link).path == real
    assert link.is_symlink()
    assert entry(CURSOR, real.read_text("utf-8"))["command"] == FROM_INDEX[0]


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(SettingsError, match=r"file.config can't be changed: File exists"):
        write(CURSOR, path=tmp_path / "file" / "config")
