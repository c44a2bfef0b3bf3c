"""A release: whether all is ready for it, and the files that go onto it. Nothing here reaches out.

`make release` tells what a release of this checkout would be; a tag that is pushed has the workflow make it.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import documentation
from publishing.bundle import pack
from publishing.catalogue import as_yaml, server_yaml
from publishing.project import Project
from publishing.registry import server_json

ROOT = Path(__file__).parents[2]
NOTES, ENTRY, CATALOGUE = "notes.md", "server.json", "docker-server.yaml"


def obstacles(root: Path, tag: str | None = None) -> Iterator[str]:
    """Say what stands in the way of a release, and what to do about it.

    Args:
        root: The checkout.
        tag: The tag that has been pushed; without, it must still be free.
    """
    project = Project.of(root)
    for path, text in documentation.written(root).items():
        if path.read_text("utf-8") != text:
            yield f"{path.relative_to(root).as_posix()} is behind pyproject.toml or the code: run `make readme`."
    if not notes(root, project.version):
        yield (
            f"CHANGELOG.md has no part for {project.version}: give what is under [Unreleased] the heading "
            f"`## [{project.version}] - YEAR-MONTH-DAY`."
        )
    if changed := _git(root, "status", "--porcelain"):
        yield f"{len(changed.splitlines())} files are not committed: commit them, or put them away."
    if tag is None and _git(root, "tag", "--list", project.tag):
        yield f"The tag {project.tag} is taken: raise the version in pyproject.toml, then run `make readme`."
    if tag is not None and tag != project.tag:
        yield f"The tag {tag} is not that of version {project.version}, which is {project.tag}."


def notes(root: Path, version: str) -> str:
    """Give what the changelog says of a version; nothing where it has no part for it."""
    text = (root / "CHANGELOG.md").read_text("utf-8")
    found = re.search(rf"^## \[{re.escape(version)}\].*?\n(.*?)(?=^## \[|\Z)", text, re.MULTILINE | re.DOTALL)
    return found[1].strip() if found else ""


def plan(project: Project) -> Sequence[str]:
    """Say what a release does, in its order."""
    stem = f"{project.name.replace('-', '_')}-{project.version}"
    return (
        f"build     {stem}-py3-none-any.whl, {stem}.tar.gz, {project.bundle}",
        "check     the wheel, in an empty environment, with the sources deleted",
        f"index     {project.name} {project.version}, by trusted publishing",
        f"release   {project.repository}/releases/tag/{project.tag}, with the three files",
        f"registry  {project.registry_name} {project.version}",
        "by hand   Docker's catalogue takes docker-server.yaml as a pull request",
    )


def build(root: Path, into: Path, commit: str) -> None:
    """Make what a release has beside the wheel: the bundle, the entries of registries, and the notes."""
    project = Project.of(root)
    bundle = pack(root, into)
    (into / ENTRY).write_text(json.dumps(server_json(project, bundle), indent=2, ensure_ascii=False), "utf-8")
    (into / CATALOGUE).write_text(as_yaml(server_yaml(project, commit)), "utf-8")
    (into / NOTES).write_text(f"{notes(root, project.version)}\n", "utf-8")


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Tell what a release of this checkout would be, or make its files; 1 where something stands in the way."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    steps = parser.add_subparsers(dest="step", required=True)
    steps.add_parser("check").add_argument("--tag", default=None)
    building = steps.add_parser("build")
    building.add_argument("--into", type=Path, required=True)
    building.add_argument("--commit", required=True)
    asked = parser.parse_args(arguments)
    if asked.step == "build":
        build(root, asked.into, asked.commit)
        return 0
    return _told(root, asked.tag or None)


def _told(root: Path, tag: str | None) -> int:
    project = Project.of(root)
    found = list(obstacles(root, tag))
    print(f"A release of {project.name} {project.version} would")  # noqa: T201 - what was asked for
    for step in plan(project):
        print(f"  {step}")  # noqa: T201 - likewise
    for obstacle in found:
        print(f"Not yet: {obstacle}", file=sys.stderr)  # noqa: T201 - likewise
    if not found and tag is None:
        print(f"All is ready. To have it made: git tag {project.tag} && git push origin {project.tag}")  # noqa: T201
    return 1 if found else 0


def _git(root: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=root, check=True, capture_output=True, text=True).stdout.strip()  # noqa: S607


if __name__ == "__main__":
    sys.exit(main())
