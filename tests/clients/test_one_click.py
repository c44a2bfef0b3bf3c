"""One click or one command: what each hands to its client is what the client's configuration says."""

from __future__ import annotations

import base64
import json
import shlex
import sys
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from lightbox.clients import known as clients
from lightbox.clients.client import KEYS, Client
from lightbox.clients.known import FROM_INDEX, editing, install_link, snippet

HERE = ("/opt/my tools/python", "-m", "lightbox")
STARTS = pytest.mark.parametrize("start", [FROM_INDEX, HERE], ids=["index", "checkout"])
WITH_LINK = [client for client in clients.known_clients() if client.link]
WITH_COMMAND = [client for client in clients.known_clients() if client.adding]
PAGES = {
    "cursor": "https://cursor.com/en/install-mcp",
    "vscode": "https://insiders.vscode.dev/redirect/mcp/install",
    "kiro": "https://kiro.dev/launch/mcp/add",
    "goose": "https://block.github.io/goose/extension",
    "lm-studio": "https://lmstudio.ai/install-mcp",
    "cherry-studio": "cherrystudio://mcp/install",
}
BY_COMMAND = {"claude-code", "codex", "gemini-cli", "amp", "copilot-cli", "opencode", "qwen-code"}


def by_name(client: Client) -> str:
    return client.name


def decoded(client: Client, link: str) -> dict[str, Any]:
    """Give the entry that a link holds, as its client takes it out."""
    asked = {name: values[0] for name, values in parse_qs(urlsplit(link).query, strict_parsing=True).items()}
    if client.name == "goose":
        words = parse_qs(urlsplit(link).query)
        return {"cmd": asked["cmd"], "args": words["arg"], "timeout": int(asked["timeout"])}
    if client.name == "cherry-studio":
        return json.loads(base64.b64decode(asked["servers"]))["mcpServers"][asked.get("name", "lightbox")]
    assert asked["name"] == "lightbox"
    text = asked["config"]
    return json.loads(text if text.startswith("{") else base64.b64decode(text, validate=True))


def words(command: str, name: str) -> tuple[list[str], dict[str, str]]:
    """Give what a client's own command would start, and the variables that it would set."""
    parts = shlex.split(command)
    after = parts[parts.index(name) + 1 :]
    variables = [after[index + 1] for index, part in enumerate(after) if part == "--env"]
    bare = [part for part in after if part not in ("--", "--env", *variables)]
    return bare, dict(variable.split("=", 1) for variable in variables)


def test_the_clients_that_can_take_a_link_or_a_command_have_one() -> None:
    assert {client.name for client in WITH_LINK} == set(PAGES)
    assert {client.name for client in WITH_COMMAND} == BY_COMMAND


@STARTS
@pytest.mark.parametrize("client", WITH_LINK, ids=by_name)
def test_a_link_holds_the_entry_that_the_client_reads_in_its_own_file(client: Client, start: tuple[str, ...]) -> None:
    link = install_link(client, start)
    assert link
    assert link.partition("?")[0] == PAGES[client.name]
    held = decoded(client, link)
    written = client.entry(start, "project")
    assert held == {name: written[name] for name in held}
    assert {**client.start(start[0], start[1:])}.items() <= held.items()


@pytest.mark.parametrize("client", WITH_LINK, ids=by_name)
def test_a_link_is_one_word_that_text_can_hold(client: Client) -> None:
    link = install_link(client, HERE) or ""
    assert not set(link) & set(" <>\"'`()[]|\\^{}\n")
    assert len(link) < 2_000


@pytest.mark.parametrize("client", WITH_LINK, ids=by_name)
def test_no_link_holds_a_key_or_a_blank_for_one(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    for key in KEYS:
        monkeypatch.setenv(key, "sk-mine")
    held = decoded(client, install_link(client) or "")
    variables: dict[str, str] = held.get(client.variables, {})
    assert all("$" in value for value in variables.values())
    assert "sk-mine" not in json.dumps(held)


def test_the_link_for_vs_code_has_it_ask_for_the_keys_that_its_entry_refers_to() -> None:
    link = install_link(clients.client("vscode")) or ""
    asked = json.loads(parse_qs(urlsplit(link).query)["inputs"][0])
    held = decoded(clients.client("vscode"), link)
    assert {f"${{input:{row['id']}}}" for row in asked} == set(held["env"].values())
    assert all(row["password"] for row in asked)


@STARTS
@pytest.mark.parametrize("client", WITH_COMMAND, ids=by_name)
def test_a_clients_own_command_starts_the_same_as_its_file(client: Client, start: tuple[str, ...]) -> None:
    command = client.add_command(start, "linux")
    assert command
    started, variables = words(command, "lightbox")
    assert started == [*start]
    entry = editing(client).parse(snippet(client, start))
    assert json.dumps(variables)[1:-1] in json.dumps(entry)


def test_a_command_for_windows_is_quoted_as_its_shell_reads_it() -> None:
    command = clients.client("claude-code").add_command((r"C:\My Tools\python.exe", "-m", "lightbox"), "win32")
    assert command == r'claude mcp add --scope user lightbox -- "C:\My Tools\python.exe" -m lightbox'


def test_a_command_with_references_is_not_given_for_windows_whose_shells_quote_them_differently() -> None:
    assert clients.client("gemini-cli").add_command(FROM_INDEX, "win32") is None


def test_on_this_system_a_command_is_quoted_for_its_shell() -> None:
    known = clients.client("claude-code")
    assert known.add_command(HERE) == known.add_command(HERE, sys.platform)
