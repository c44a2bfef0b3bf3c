"""`server.json`: what the MCP Registry is told of a version, once its package is in the index."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from publishing.project import ICON, ICON_SIDE, TITLE, Project
from publishing.questions import QUESTIONS, Kind, Question

SCHEMA = "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json"
FORMATS: Mapping[Kind, str] = {"text": "string", "number": "number", "switch": "boolean", "folder": "filepath"}


def server_json(project: Project, bundle: Path | None = None) -> dict[str, Any]:
    """Give the registry's entry; with a bundle, the entry offers that too.

    Args:
        project: Whose.
        bundle: The file that the release will have; the entry holds its SHA-256.
    """
    packages = [_package(project)] if bundle is None else [_package(project), _bundled(project, bundle)]
    return {
        "$schema": SCHEMA,
        "name": project.registry_name,
        "title": TITLE,
        "description": project.description,
        "version": project.version,
        "websiteUrl": project.urls["Homepage"],
        "repository": {"url": project.repository, "source": "github"},
        "icons": [{"src": project.raw(ICON), "mimeType": "image/png", "sizes": [f"{ICON_SIDE}x{ICON_SIDE}"]}],
        "packages": packages,
    }


def _package(project: Project) -> dict[str, Any]:
    return {
        "registryType": "pypi",
        "identifier": project.name,
        "version": project.version,
        "runtimeHint": "uvx",
        "transport": {"type": "stdio"},
        "environmentVariables": [_variable(question) for question in QUESTIONS],
    }


def _bundled(project: Project, bundle: Path) -> dict[str, Any]:
    return {
        "registryType": "mcpb",
        "identifier": project.bundle_url,
        "version": project.version,
        "fileSha256": hashlib.sha256(bundle.read_bytes()).hexdigest(),
        "transport": {"type": "stdio"},
    }


def _variable(question: Question) -> dict[str, Any]:
    told: dict[str, Any] = {
        "name": question.variable,
        "description": question.description,
        "isRequired": False,
        "isSecret": question.secret,
        "format": FORMATS[question.kind],
        "placeholder": question.example,
    }
    return told if question.default is None else {**told, "default": question.default}
