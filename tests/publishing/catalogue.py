"""`server.yaml`: Lightbox's entry in Docker's MCP catalogue, which builds the image from a commit of the repository."""

from __future__ import annotations

from typing import Any

import yaml

from lightbox.clients.client import SERVER
from publishing.project import ICON, TITLE, Project
from publishing.questions import QUESTIONS

DOCKERFILE = "config/deploy/Dockerfile"
STATE = "/var/lib/lightbox"
"""Where the image keeps pictures and its state."""


def server_yaml(project: Project, commit: str | None = None) -> dict[str, Any]:
    """Give the entry.

    Args:
        project: Whose.
        commit: What is built, which the catalogue wants to be given; without, its place is left out.
    """
    asked = [question for question in QUESTIONS if question.kind != "folder"]  # in a container, a folder is a volume
    source = {"project": project.repository, "branch": "main", "dockerfile": DOCKERFILE}
    return {
        "name": SERVER,
        "image": f"mcp/{SERVER}",
        "type": "server",
        "meta": {"category": "ai", "tags": ["images", "image-generation", "image-search", "vision"]},
        "about": {"title": TITLE, "description": project.description, "icon": project.raw(ICON, "main")},
        "source": source if commit is None else {**source, "commit": commit},
        "run": {"command": ["serve"], "volumes": [f"{SERVER}-pictures:{STATE}"]},
        "config": {
            "description": "Without a key it paints on its own sandbox, for nothing.",
            "secrets": [
                {"name": f"{SERVER}.{question.field}", "env": question.variable, "example": question.example}
                for question in asked
                if question.secret
            ],
            "env": [
                {
                    "name": question.variable,
                    "example": question.example,
                    "value": f"{{{{{SERVER}.{question.field}}}}}",
                }
                for question in asked
                if not question.secret
            ],
            "parameters": {
                "type": "object",
                "properties": {
                    question.field: {"type": "string", "title": question.title, "description": question.description}
                    for question in asked
                    if not question.secret
                },
            },
        },
    }


def as_yaml(entry: dict[str, Any]) -> str:
    """Write an entry as the catalogue's own check wants it laid out: lists indented, text in double quotes."""
    return yaml.dump(entry, Dumper=_Layout, sort_keys=False, allow_unicode=True, width=10_000)


class _Layout(yaml.SafeDumper):
    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002
        super().increase_indent(flow, indentless=False)

    def choose_scalar_style(self) -> str:
        style = super().choose_scalar_style()
        return '"' if style == "'" else style
