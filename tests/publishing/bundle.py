"""The MCPB bundle: Lightbox for desktop programs that install a server from one file, and ask for keys in a form.

It holds the package's own source and no dependency: the desktop's `uv` makes the environment at the first start.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import tomlkit

from lightbox.tools.table import TOOLS
from publishing.project import ICON, TITLE, Project
from publishing.questions import QUESTIONS, Kind, Question
from publishing.tools import mcpb, with_tools

ROOT = Path(__file__).parents[2]
MANIFEST = "manifest.json"
KINDS: Mapping[Kind, str] = {"text": "string", "number": "number", "switch": "boolean", "folder": "directory"}
CARRIED = (
    *("README.md", "LICENSE", "config/lightbox.toml", "config/models"),
    *("server/lightbox", "server/lightbox_sandbox"),
)
"""What the wheel is made of."""
PRIVACY = (
    "https://openai.com/policies/privacy-policy/",
    "https://www.alibabacloud.com/help/en/legal/latest/alibaba-cloud-international-website-privacy-policy",
)
"""Of the services that are sent to, where a key for them is set."""


def manifest(project: Project) -> dict[str, Any]:
    """Give the bundle's manifest: what it is, how it starts, and what its form asks."""
    start = ["run", "--directory", "${__dirname}", "--no-dev", "lightbox"]
    return {
        "manifest_version": "0.4",
        "name": project.name,
        "display_name": TITLE,
        "version": project.version,
        "description": project.description,
        "author": {"name": project.author, "url": project.repository},
        "repository": {"type": "git", "url": f"{project.repository}.git"},
        "homepage": project.urls["Homepage"],
        "documentation": project.urls["Documentation"],
        "support": project.urls["Issues"],
        "icon": Path(ICON).name,
        "server": {
            "type": "uv",
            "entry_point": "server/lightbox/__main__.py",
            "mcp_config": {
                "command": "uv",
                "args": start,
                "env": {question.variable: f"${{user_config.{question.field}}}" for question in QUESTIONS},
            },
        },
        "tools": [{"name": tool.name, "description": _first_sentence(tool.text)} for tool in TOOLS],
        "tools_generated": False,
        "prompts_generated": True,
        "keywords": [*project.keywords],
        "license": project.licence,
        "privacy_policies": [*PRIVACY],
        "compatibility": {"platforms": ["darwin", "win32", "linux"], "runtimes": {"python": project.python}},
        "user_config": {question.field: _asked(question) for question in QUESTIONS},
    }


def stage(root: Path, folder: Path) -> None:
    """Put what a bundle holds into an empty folder."""
    for path in CARRIED:
        source, target = root / path, folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    shutil.copy(root / ICON, folder)
    (folder / "pyproject.toml").write_text(_pyproject(root), "utf-8")
    (folder / MANIFEST).write_text(json.dumps(manifest(Project.of(root)), indent=2, ensure_ascii=False), "utf-8")


def pack(root: Path, into: Path) -> Path:
    """Make the bundle with the format's own tool, which checks the manifest; give the file.

    Raises:
        subprocess.CalledProcessError: The tool found fault; it has said with what.
    """
    into.mkdir(parents=True, exist_ok=True)
    target = into / Project.of(root).bundle
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        stage(root, folder)
        subprocess.run([*mcpb(), "pack", folder, target.resolve()], check=True, env=with_tools())
    return target


def _pyproject(root: Path) -> str:
    """Give the project's file without what is for developers: `uv` would look for versions that fit all of that."""
    document = tomlkit.parse((root / "pyproject.toml").read_text("utf-8"))
    whole: dict[str, Any] = document.unwrap()
    project = {key: value for key, value in whole["project"].items() if key != "optional-dependencies"}
    hatch = {"build": {"targets": {"wheel": whole["tool"]["hatch"]["build"]["targets"]["wheel"]}}}
    return tomlkit.dumps({"build-system": whole["build-system"], "project": project, "tool": {"hatch": hatch}})


def _asked(question: Question) -> dict[str, Any]:
    told: dict[str, Any] = {
        "type": KINDS[question.kind],
        "title": question.title,
        "description": f"{question.description} Example: {question.example}",
        "required": False,
        "sensitive": question.secret,
    }
    return told if question.default is None else {**told, "default": question.default}


def _first_sentence(text: str) -> str:
    return f"{text.partition('. ')[0].removesuffix('.')}."


def main() -> None:
    """Make the bundle of this checkout, in a folder that the command line names."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("folder", type=Path)
    print(pack(ROOT, parser.parse_args().folder))  # noqa: T201 - what was asked for


if __name__ == "__main__":
    main()
