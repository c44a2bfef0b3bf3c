"""The plugin for Claude Code: Lightbox with a skill that says how to use it well, and the catalogue that offers it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lightbox.clients.client import SERVER
from lightbox.clients.known import FROM_INDEX, client
from publishing.project import ICON_COPY, TITLE, Project

FOLDER = "config/registry/claude-code"
CATALOGUE = f"{FOLDER}/.claude-plugin/marketplace.json"
MANIFEST = f"{FOLDER}/{SERVER}/.claude-plugin/plugin.json"
SERVERS = f"{FOLDER}/{SERVER}/.mcp.json"
SKILL = f"{FOLDER}/{SERVER}/skills/pictures/SKILL.md"
"""Written by hand; a test holds it against the tools."""


def marketplace(project: Project) -> dict[str, Any]:
    """Give the catalogue. It is read by its address alone, hence names the repository in which the plugin is."""
    source = {
        "source": "git-subdir",
        "url": f"{project.repository}.git",
        "path": f"{FOLDER}/{SERVER}",
        "ref": project.tag,
    }
    return {
        "name": project.name,
        "owner": {"name": project.author},
        "description": project.description,
        "plugins": [{**_about(project), "source": source, "category": "productivity"}],
    }


def plugin_json(project: Project) -> dict[str, Any]:
    """Give the plugin's manifest."""
    return {
        **_about(project),
        "displayName": TITLE,
        "icon": f"./{Path(ICON_COPY).name}",
        "author": {"name": project.author},
        "homepage": project.urls["Homepage"],
        "repository": project.repository,
        "license": project.licence,
        "keywords": [*project.keywords],
    }


def servers() -> dict[str, Any]:
    """Give the plugin's server: the project's own form of what Claude Code is given by `lightbox config`."""
    return client("claude-code").document(FROM_INDEX, "project")


def install_commands(project: Project) -> tuple[str, str]:
    """Give the commands with which a person installs the plugin."""
    return (
        f"claude plugin marketplace add {project.raw(CATALOGUE, 'main')}",
        f"claude plugin install {SERVER}@{project.name}",
    )


def _about(project: Project) -> dict[str, Any]:
    return {"name": SERVER, "version": project.version, "description": project.description}
