"""A release: one change of the version reaches every file, and what is not ready is said."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

import documentation
from lightbox.clients.known import FROM_INDEX, install_link, known_clients
from publishing import release
from publishing.installing import install_section
from publishing.plugin import install_commands
from publishing.project import Project
from publishing.registry import server_json

ROOT = Path(__file__).parents[2]
NEXT = "7.8.9"
OWNER = "https://github.com/somebody/their-lightbox"
NAMES_THE_VERSION = {
    "README.md",
    "pyproject.toml",
    "config/deploy/Dockerfile",
    "config/deploy/compose.yaml",
    "config/deploy/kubernetes.yaml",
    "config/registry/claude-code/.claude-plugin/marketplace.json",
    "config/registry/claude-code/lightbox/.claude-plugin/plugin.json",
    "config/registry/mcpb/manifest.json",
    "config/registry/server.json",
    "server/lightbox/__init__.py",
    "server/lightbox/docs/zh.md",
}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Give a copy of this checkout, without its tests, committed."""
    root = tmp_path / "checkout"
    root.mkdir()
    for name in ("config", "server", ".github", "pyproject.toml", "README.md", "CHANGELOG.md", "LICENSE"):
        source, target = ROOT / name, root / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", ".env", "secrets"))
        else:
            shutil.copy(source, target)
    git(root, "init", "--quiet")
    commit(root)
    return root


def git(root: Path, *arguments: str) -> None:
    author = ("-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *author, *arguments], cwd=root, check=True, capture_output=True)  # noqa: S607


def commit(root: Path) -> None:
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--allow-empty", "--message", "a change")


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


def write_anew(root: Path) -> None:
    for path, text in documentation.written(root).items():
        path.write_text(text, "utf-8")


def naming(root: Path, words: str) -> set[str]:
    files = (path for path in root.rglob("*") if path.is_file() and ".git" not in path.relative_to(root).parts)
    return {path.relative_to(root).as_posix() for path in files if words.encode() in path.read_bytes()}


def test_a_new_version_in_one_place_is_the_version_everywhere(checkout: Path) -> None:
    version = Project.of(checkout).version
    assert naming(checkout, NEXT) == set()
    change(checkout / "pyproject.toml", f'version = "{version}"', f'version = "{NEXT}"')
    write_anew(checkout)

    assert naming(checkout, NEXT) == NAMES_THE_VERSION
    shops = naming(checkout / "config/registry", version) | naming(checkout / "config/deploy", version)
    assert shops == set()


def test_the_block_on_installing_has_every_link_every_command_and_the_bundle_of_this_version() -> None:
    project = Project.of(ROOT)
    block = install_section(project)
    for client in known_clients():
        link = install_link(client) or ""
        assert link in block or not link.startswith("https:"), client.name
        assert (client.add_command(FROM_INDEX, "linux") or "") in block, client.name
    assert project.bundle_url in block
    assert all(command in block for command in install_commands(project))
    text = documentation.replaced("<!-- install -->\nold\n<!-- /install -->\n", "install", block)
    assert text == f"<!-- install -->\n\n{block}\n\n<!-- /install -->\n"


def test_a_new_owner_in_one_line_is_the_owner_everywhere(checkout: Path) -> None:
    project = Project.of(checkout)
    change(checkout / "pyproject.toml", f'Repository = "{project.repository}"', f'Repository = "{OWNER}"')
    write_anew(checkout)

    owned = Project.of(checkout)
    assert set(owned.urls.values()) == {url.replace(project.repository, OWNER) for url in project.urls.values()}
    assert owned.registry_name == "io.github.somebody/lightbox-mcp"
    assert owned.mark in (checkout / "README.md").read_text("utf-8")
    assert naming(checkout / "config/registry", project.repository) == set()
    assert json.loads((checkout / "config/registry/server.json").read_text("utf-8")) == server_json(owned)


def test_what_is_not_ready_is_said_with_what_to_do(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    version = Project.of(checkout).version
    change(checkout / "pyproject.toml", f'version = "{version}"', f'version = "{NEXT}"')
    assert release.main(["check"], checkout) == 1

    told = capsys.readouterr().err
    assert "server.json is behind pyproject.toml or the code: run `make readme`." in told
    assert f"no part for {NEXT}" in told
    assert "1 files are not committed" in told


def test_a_checkout_that_is_ready_says_how_to_have_the_release_made(
    checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ready(checkout)
    assert release.main(["check"], checkout) == 0

    told = capsys.readouterr()
    assert told.err == ""
    for name in ("lightbox_mcp-7.8.9-py3-none-any.whl", "lightbox_mcp-7.8.9.tar.gz", "lightbox-mcp-7.8.9.mcpb"):
        assert name in told.out
    assert "git tag v7.8.9 && git push origin v7.8.9" in told.out


def test_a_tag_that_is_taken_or_is_of_another_version_is_an_obstacle(checkout: Path) -> None:
    ready(checkout)
    git(checkout, "tag", "v7.8.9")
    assert list(release.obstacles(checkout, "v7.8.9")) == []
    assert ["is taken" in told for told in release.obstacles(checkout)] == [True]
    assert ["is not that of version 7.8.9" in told for told in release.obstacles(checkout, "v7.9")] == [True]


def test_the_notes_are_the_changelogs_part_for_the_version(checkout: Path) -> None:
    ready(checkout)
    assert release.notes(checkout, NEXT) == "- It is new."
    assert release.notes(checkout, "7.8") == ""


def test_dockers_catalogue_is_given_the_commit_that_is_built() -> None:
    entry = yaml.safe_load((ROOT / "config/registry/docker/server.yaml").read_text("utf-8"))
    assert "commit" not in entry["source"]
    built = release.server_yaml(Project.of(ROOT), "a" * 40)
    assert built["source"].pop("commit") == "a" * 40
    assert built == entry


def ready(checkout: Path) -> None:
    version = Project.of(checkout).version
    change(checkout / "pyproject.toml", f'version = "{version}"', f'version = "{NEXT}"')
    change(
        checkout / "CHANGELOG.md",
        "## [Unreleased]\n",
        f"## [Unreleased]\n\n## [{NEXT}] - 2026-12-01\n\n- It is new.\n\n## [0.0.1] - 2026-01-01\n",
    )
    write_anew(checkout)
    commit(checkout)
