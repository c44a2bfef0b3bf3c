"""`lightbox config`, as a person runs it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from forking import warm_start
from lightbox.clients.known import known_clients

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import MakeSettings
    from lightbox.settings import Settings


class Config:
    """Runs the command in a process, in a home and a project folder of the test's own."""

    def __init__(self, environment: dict[str, str], project: Path) -> None:
        self.environment = environment
        self.home = Path(environment["HOME"])
        self.project = project
        self.project.mkdir()

    def __call__(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*warm_start(), "config", *arguments],
            check=False,
            capture_output=True,
            text=True,
            timeout=60,
            env=self.environment,
            cwd=self.project,
        )

    def files(self, folder: Path) -> set[str]:
        return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def config(settings: MakeSettings, environment: Callable[[Settings], dict[str, str]]) -> Config:
    made = settings()
    return Config(environment(made), made.state_dir.parent / "project")


def test_one_client_is_printed_ready_to_be_piped_into_its_file(config: Config) -> None:
    done = config("cursor")
    assert json.loads(done.stdout)["mcpServers"]["lightbox"]["args"] == ["-m", "lightbox"]
    where, other = done.stderr.splitlines()
    assert where == f"# Cursor: In {config.home}/.cursor/mcp.json:"
    assert other.startswith("# Or open: https://cursor.com/en/install-mcp?name=lightbox&config=")


def test_a_clients_own_command_is_told_where_it_has_one_but_not_for_a_project(config: Config) -> None:
    told = f"# Or run:  claude mcp add --scope user lightbox -- {sys.executable} -m lightbox"
    assert told in config("claude-code").stderr.splitlines()
    assert "# Or" not in config("claude-code", "--scope", "project").stderr


def test_several_are_printed_with_where_each_goes(config: Config) -> None:
    done = config("codex", "goose", "--scope", "user")
    codex = f"# Codex: In {config.home}/.codex/config.toml:\n# Or run:  codex mcp add lightbox -- {sys.executable} "
    assert f"{codex}-m lightbox\n[mcp_servers.lightbox]" in done.stdout
    assert "\n\n# Goose: In " in done.stdout
    assert all(f"# {client.title}: " in config("--all").stdout for client in known_clients())


def test_all_of_a_user_are_those_on_the_machine(config: Config) -> None:
    for folder in (".cursor", ".codex", "config/goose"):
        (config.home / folder).mkdir(parents=True)
    done = config("--all", "--write")
    written = {".cursor/mcp.json", ".codex/config.toml", "config/goose/config.yaml"}
    assert (done.returncode, config.files(config.home)) == (0, written)
    assert "Not on this machine: claude-desktop, " in done.stdout
    removed = config("--all", "--remove")
    assert removed.stdout.count("no longer connects") == 3


def test_a_project_gets_a_file_for_each_client_without_a_path_or_a_key(config: Config) -> None:
    done = config("--all", "--write", "--scope", "project")
    assert done.returncode == 0
    assert {".mcp.json", ".cursor/mcp.json", ".vscode/mcp.json", "opencode.json"} <= config.files(config.project)
    for name in config.files(config.project):
        text = (config.project / name).read_text("utf-8")
        assert sys.prefix not in text
        assert str(config.home) not in text
        assert "uvx" in text
    assert config.files(config.home) == set()
    again = config("--all", "--write", "--scope", "project")
    assert again.stdout.count("has it already") == len(config.files(config.project))
    assert not any(name.endswith(".bak") for name in config.files(config.project))


def test_what_goes_wrong_with_one_does_not_stop_the_others(config: Config) -> None:
    broken = config.home / ".cursor" / "mcp.json"
    broken.parent.mkdir(parents=True)
    broken.write_text('{"mcpServers": ', "utf-8")
    done = config("cursor", "kimi-cli", "cherry-studio", "--write")
    assert done.returncode == 1
    assert "is not as Cursor keeps it" in done.stderr
    assert "cherrystudio://mcp/install?servers=" in done.stderr
    assert config.files(config.home) == {".cursor/mcp.json", ".kimi/mcp.json"}
    assert broken.read_text("utf-8") == '{"mcpServers": '


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("cursor", "--write", "--remove"), "leave one of them out"),
        (("cursor", "--all"), "leave the names out"),
        (("--write",), "Name one or several, or say --all"),
        (("nonsense",), "'nonsense' is not a client that Lightbox knows"),
    ],
)
def test_what_contradicts_itself_is_refused(config: Config, arguments: tuple[str, ...], told: str) -> None:
    done = config(*arguments)
    assert (done.returncode, done.stdout) == (1, "")
    assert told in done.stderr
    assert not config.home.exists() or config.files(config.home) == set()


def test_an_entry_of_another_name_is_told_and_left(config: Config) -> None:
    path = config.home / ".cursor" / "mcp.json"
    path.parent.mkdir(parents=True)
    eyes = {"command": "uvx", "args": ["lightbox-mcp"]}
    files = {"command": "npx", "args": ["/home/ada/lightbox"]}
    path.write_text(json.dumps({"mcpServers": {"eyes": eyes, "files": files}}), "utf-8")
    done = config("cursor", "--write")
    assert "under the name 'eyes' as well" in done.stdout
    assert "files" not in done.stdout
    assert set(json.loads(path.read_text("utf-8"))["mcpServers"]) == {"eyes", "files", "lightbox"}
