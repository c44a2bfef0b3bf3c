"""A client's own file: what is put into it, and what is left alone."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from lightbox.clients.client import Client, at
from lightbox.clients.known import FROM_INDEX, editing, known_clients, snippet
from lightbox.clients.known import client as client_named
from lightbox.clients.placing import MOST_BYTES, Written, remove, write
from lightbox.errors import SettingsError

ALL = [client for client in known_clients() if client.scopes]
JSON = [client for client in ALL if client.form == "json"]
CODEX = client_named("codex")
CURSOR = client_named("cursor")
CLAUDE_DESKTOP = client_named("claude-desktop")
HERE = ("/opt/lightbox/bin/python", "-m", "lightbox")


def entry(client: Client, text: str) -> dict[str, Any]:
    return at(editing(client).parse(text), (*client.servers, "lightbox"))


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
    servers: dict[str, Any] = {"other": {"type": "x", "args": ["-y"], "env": {"A": "ä", "N": 1e3}}}
    for key in reversed(client.servers):
        servers = {key: servers}
    before: dict[str, Any] = {
        "theme": "dark",
        "inputs": [{"id": "mine", "type": "promptString"}],
        **servers,
        "unknown": {"deep": [1, [2, {"three": None}]]},
    }
    path.write_text(json.dumps(before, indent=4, ensure_ascii=False), "utf-8")
    path.chmod(0o640)
    written = write(client, HERE, path=path)
    after = json.loads(path.read_text("utf-8"))
    assert at(after, client.servers).pop("lightbox") == entry(client, snippet(client, HERE))
    assert after["inputs"].pop(0) == before["inputs"][0]
    assert [item["id"] for item in after["inputs"]] == (
        ["lightbox-openai", "lightbox-dashscope", "lightbox-openrouter"] if client.name == "vscode" else []
    )
    assert {**after, "inputs": before["inputs"]} == before
    assert written.backup
    assert str(written).startswith(
        f"{path} now connects {client.title} to Lightbox. As it was, it is kept in config.json.lightbox.bak beside it."
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
        b'\t\t\t\t"DASHSCOPE_API_KEY": "${env:DASHSCOPE_API_KEY}",\r\n'
        b'\t\t\t\t"OPENROUTER_API_KEY": "${env:OPENROUTER_API_KEY}"\r\n\t\t\t}\r\n\t\t}\r\n\t},\r\n}\r\n'
    )


def test_keys_that_the_person_put_in_survive_a_new_command(tmp_path: Path) -> None:
    path = tmp_path / "claude_desktop_config.json"
    write(CLAUDE_DESKTOP, path=path)
    path.write_text(path.read_text("utf-8").replace('OPENAI_API_KEY": ""', 'OPENAI_API_KEY": "sk-mine"'), "utf-8")
    write(CLAUDE_DESKTOP, HERE, path=path)
    after = entry(CLAUDE_DESKTOP, path.read_text("utf-8"))
    assert after["env"] == {"OPENAI_API_KEY": "sk-mine", "DASHSCOPE_API_KEY": "", "OPENROUTER_API_KEY": ""}
    assert after["command"] == HERE[0]


@pytest.mark.parametrize(
    ("client", "text", "reason"),
    [
        (CURSOR, '{"mcpServers": ', "line 1 column"),
        (CURSOR, "[]", "it is not a table"),
        (CURSOR, "[" * 100_000, "nested too deeply"),
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
    with pytest.raises(SettingsError, match=r"file.config can't be changed: Not a directory"):
        write(CURSOR, path=tmp_path / "file" / "config")


@pytest.mark.parametrize("client", ALL, ids=by_name)
def test_what_was_written_is_taken_out_again_and_nothing_else(client: Client, tmp_path: Path) -> None:
    path = tmp_path / "config"
    before = snippet(client).replace("lightbox", "other")
    path.write_text(before, "utf-8")
    write(client, HERE, path=path)
    assert set(servers(client, path)) == {"other", "lightbox"}
    removed = remove(client, path=path)
    assert (removed.changed, removed.backup) == (True, path.with_name("config.lightbox.bak"))
    assert editing(client).parse(path.read_text("utf-8")) == editing(client).parse(before)
    assert "no longer connects" in str(removed)
    again = remove(client, path=path)
    assert (again.changed, str(again)) == (False, f"{path} does not name Lightbox.")


@pytest.mark.parametrize("client", ALL, ids=by_name)
def test_taking_out_the_only_server_leaves_a_file_that_can_be_written_again(client: Client, tmp_path: Path) -> None:
    path = tmp_path / "config"
    write(client, path=path)
    remove(client, path=path)
    assert "lightbox" not in path.read_text("utf-8").replace(str(tmp_path), "")
    write(client, path=path)
    assert set(servers(client, path)) == {"lightbox"}


def test_where_there_is_no_file_there_is_nothing_to_take_out(tmp_path: Path) -> None:
    assert not remove(CURSOR, path=tmp_path / "mcp.json").changed
    assert list(tmp_path.iterdir()) == []


def test_comments_and_layout_stay_where_an_entry_is_taken_out(tmp_path: Path) -> None:
    path = tmp_path / "mcp.json"
    before = (
        '// mine\n{\n\t"mcpServers": {\n\t\t"a": {"command": "x"} // the first\n\t\t// last words\n\t},\n\t"b": 1,\n}\n'
    )
    path.write_text(before, "utf-8")
    write(CURSOR, path=path)
    remove(CURSOR, path=path)
    assert path.read_text("utf-8") == before


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('{"mcpServers": {"lightbox": {"command": "x"}}}', '{"mcpServers": {}}'),
        ('{"mcpServers": {"lightbox": {}, "a": {}}}', '{"mcpServers": {"a": {}}}'),
        ('{"mcpServers": {"a": {}, "lightbox": {}}}', '{"mcpServers": {"a": {}}}'),
        ('{"mcpServers": {"a": {}, "lightbox": {"b": 1}, "lightbox": {}}}', '{"mcpServers": {"a": {}}}'),
        ('{"mcpServers": {\n "a": {},\n "lightbox": {} // ours\n}}', '{"mcpServers": {\n "a": {}\n // ours\n}}'),
    ],
)
def test_commas_are_right_where_an_entry_is_taken_out(before: str, after: str, tmp_path: Path) -> None:
    path = tmp_path / "mcp.json"
    path.write_text(before, "utf-8")
    remove(CURSOR, path=path)
    assert path.read_text("utf-8") == after


def test_there_is_one_copy_however_often_a_file_is_changed(tmp_path: Path) -> None:
    path = tmp_path / "mcp.json"
    path.write_text('{"mcpServers": {}}', "utf-8")
    for start in (FROM_INDEX, HERE, ("other",)):
        last = path.read_text("utf-8")
        write(CURSOR, start, path=path)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["mcp.json", "mcp.json.lightbox.bak"]
    assert path.with_name("mcp.json.lightbox.bak").read_text("utf-8") == last


def test_a_file_of_opencode_1_is_written_as_that_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "opencode.json"
    path.write_text('{"mcp": {"a": {"type": "local", "command": ["x"]}}}', "utf-8")
    opencode = client_named("opencode")
    write(opencode, path=path)
    assert set(json.loads(path.read_text("utf-8"))["mcp"]) == {"a", "lightbox"}
    remove(opencode, path=path)
    assert set(json.loads(path.read_text("utf-8"))["mcp"]) == {"a"}


def test_a_file_that_is_read_only_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "mcp.json"
    path.write_text("{}", "utf-8")
    path.chmod(0o444)
    with pytest.raises(SettingsError, match="it is read-only; paste this yourself"):
        write(CURSOR, path=path)
    assert [file.name for file in tmp_path.iterdir()] == ["mcp.json"]


def test_a_file_that_is_not_utf_8_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "mcp.json"
    path.write_bytes('{"a": "ä"}'.encode("latin-1"))
    with pytest.raises(SettingsError, match=r"it is not UTF-8 text \(byte 8\)"):
        write(CURSOR, path=path)
    assert path.read_bytes() == '{"a": "ä"}'.encode("latin-1")


def test_a_file_that_is_far_too_long_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "mcp.json"
    with path.open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    with pytest.raises(SettingsError, match="32,000,001 bytes, more than"):
        write(CURSOR, path=path)


def test_a_folder_and_a_link_that_leads_to_itself_are_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="it is not a file"):
        write(CURSOR, path=tmp_path)
    loop = tmp_path / "mcp.json"
    loop.symlink_to(loop)
    with pytest.raises(SettingsError, match=r"mcp.json can't be changed"):
        write(CURSOR, path=loop)


def test_a_client_that_has_no_such_file_says_so() -> None:
    with pytest.raises(SettingsError, match="Claude Desktop has no file for a project"):
        write(CLAUDE_DESKTOP, scope="project")
    with pytest.raises(SettingsError, match=r"paste this in Settings, MCP.*\ncherrystudio://"):
        write(client_named("cherry-studio"))


def servers(client: Client, path: Path) -> dict[str, Any]:
    return at(editing(client).parse(path.read_text("utf-8")), client.servers) or {}
