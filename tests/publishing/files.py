"""Every file that says something of a release, as `pyproject.toml` and the code would have it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from publishing import plugin
from publishing.bundle import manifest
from publishing.catalogue import as_yaml, server_yaml
from publishing.project import Project, declared
from publishing.registry import server_json

REGISTRY = "config/registry"
VERSIONED = re.compile(r"(?<=lightbox-mcp:)\d+\.\d+\.\d+\w*")
"""The version of our image, in the files for deployment."""
DEPLOYED = ("Dockerfile", "compose.yaml", "kubernetes.yaml")


def published(root: Path) -> dict[Path, str]:
    """Give the files that shops, registries and clients read, and those that name the version."""
    project = Project.of(root)
    documents: Mapping[str, Any] = {
        f"{REGISTRY}/server.json": server_json(project),
        f"{REGISTRY}/mcpb/manifest.json": manifest(project),
        plugin.CATALOGUE: plugin.marketplace(project),
        plugin.MANIFEST: plugin.plugin_json(project),
        plugin.SERVERS: plugin.servers(),
    }
    written = {root / path: _json(document) for path, document in documents.items()}
    written[root / REGISTRY / "docker" / "server.yaml"] = as_yaml(server_yaml(project))
    for name in DEPLOYED:
        path = root / "config" / "deploy" / name
        written[path] = VERSIONED.sub(project.version, path.read_text("utf-8"))
    written[root / "pyproject.toml"] = declared(root)
    package = root / "server" / "lightbox" / "__init__.py"
    said = f'__version__ = "{project.version}"'
    written[package] = re.sub(r'^__version__ = ".*"$', said, package.read_text("utf-8"), flags=re.MULTILINE)
    return written


def marked(readme: str, project: Project) -> str:
    """Put the mark for the registry at the top of the README, or bring it up to date."""
    rest = re.sub(r"\A<!-- mcp-name: .*? -->\n+", "", readme)
    return f"{project.mark}\n\n{rest}"


def _json(document: Any) -> str:
    return f"{json.dumps(document, indent=2, ensure_ascii=False)}\n"
