"""The plugin for Claude Code: what its files say is true of the server."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import yaml

from lightbox.settings import Settings
from lightbox.tools.table import TOOLS
from publishing import plugin
from publishing.project import Project

ROOT = Path(__file__).parents[2]
PROJECT = Project.of(ROOT)
CODE = re.compile(r"`([^`\n]+)`")


def document(path: str) -> dict[str, Any]:
    return json.loads((ROOT / path).read_text("utf-8"))


def skill() -> tuple[dict[str, str], str]:
    """Give the skill's head and its text."""
    _, head, text = (ROOT / plugin.SKILL).read_text("utf-8").split("---\n", 2)
    return yaml.safe_load(head), text


def test_the_catalogue_offers_the_plugin_that_lies_beside_it_in_this_version() -> None:
    catalogue = document(plugin.CATALOGUE)
    [offered] = catalogue["plugins"]
    manifest = document(plugin.MANIFEST)
    assert (ROOT / offered["source"]["path"] / ".claude-plugin" / "plugin.json").is_file()
    assert offered["source"]["ref"] == f"v{offered['version']}"
    assert (offered["name"], offered["version"]) == (manifest["name"], manifest["version"])
    assert manifest["version"] == PROJECT.version
    assert catalogue["owner"]["name"] == manifest["author"]["name"] == PROJECT.author


def test_the_plugin_starts_the_newest_release_and_hands_keys_on_by_reference() -> None:
    entry = document(plugin.SERVERS)["mcpServers"]["lightbox"]
    assert [entry["command"], *entry["args"]] == ["uvx", "lightbox-mcp"]
    assert entry["env"] == {key: f"${{{key}:-}}" for key in entry["env"]}


def test_the_skill_can_be_found_by_what_it_is_for() -> None:
    head, text = skill()
    assert head["name"] == Path(plugin.SKILL).parent.name
    assert re.fullmatch(r"[a-z0-9-]{1,64}", head["name"])
    assert 40 < len(head["description"]) <= 1024
    assert len(text.split()) < 500


def test_the_skill_names_only_tools_and_arguments_that_there_are() -> None:
    _, text = skill()
    words = {match.split("=")[0] for match in CODE.findall(text) if re.fullmatch(r"[a-z_]+(=.*)?", match)}
    arguments = {name for tool in TOOLS for name in tool.arguments.model_fields}
    assert words <= {tool.name for tool in TOOLS} | arguments | {"running"}
    paid = {tool.name for tool in TOOLS if tool.bills}
    assert paid <= words


def test_the_skill_makes_no_promise_that_settings_can_break() -> None:
    _, text = skill()
    assert not re.search(r"\b\d+(\.\d+)? (USD|CNY)\b", text)
    assert Settings.model_fields["provider"].default == "auto"  # the sandbox serves where no key is set


def test_the_commands_that_install_it_name_the_catalogue_and_the_plugin_in_it() -> None:
    add, install = plugin.install_commands(PROJECT)
    assert add.split()[-1].endswith(f"/main/{plugin.CATALOGUE}")
    catalogue = document(plugin.CATALOGUE)
    assert install.split()[-1] == f"{catalogue['plugins'][0]['name']}@{catalogue['name']}"
