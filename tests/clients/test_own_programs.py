"""Clients' own programs read what Lightbox writes for them, and their own commands write what Lightbox reads.

They are large and several are not free software: they are driven where they are on the PATH, as in a job of the
workflow (`tests/clients/programs` has their versions). `CLIENTS_OWN_PROGRAMS=required` makes a missing one a failure.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from lightbox.clients.client import Client, Machine
from lightbox.clients.installed import Installed, installed
from lightbox.clients.known import FROM_INDEX, client
from lightbox.clients.placing import write
from publishing import plugin
from publishing.project import Project

SECONDS = 120
KEYS = {"OPENAI_API_KEY": "sk-of-one", "DASHSCOPE_API_KEY": "sk-of-two"}
HERE = ("/opt/my tools/python", "-m", "lightbox")


@dataclass(frozen=True)
class Reading:
    """How a program is asked what servers it knows, and what it answers with ours among them."""

    program: str
    question: tuple[str, ...]
    expected: str


ROOT = Path(__file__).parents[2]
READINGS = {
    "claude-code": Reading("claude", ("mcp", "get", "lightbox"), "Args: lightbox-mcp"),
    "codex": Reading("codex", ("mcp", "get", "lightbox"), "command: uvx\n  args: lightbox-mcp"),
    "gemini-cli": Reading("gemini", ("mcp", "list"), "lightbox: uvx lightbox-mcp (stdio)"),
    "qwen-code": Reading("qwen", ("mcp", "list"), "lightbox: uvx lightbox-mcp (stdio)"),
    "copilot-cli": Reading("copilot", ("mcp", "get", "lightbox"), "Command: uvx lightbox-mcp"),
    "opencode": Reading("opencode", ("debug", "config"), '"lightbox-mcp"'),
    "amp": Reading("amp", ("mcp", "list"), "uvx lightbox-mcp"),
}

Ask = Callable[..., str]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """Give a machine on which nobody has used any client yet."""
    folder = tmp_path / "project"
    folder.mkdir()
    return Machine(platform="linux", home=tmp_path, folder=folder, environment={})


@pytest.fixture
def ask(machine: Machine) -> Ask:
    """Run a program as the person of that machine; give what it prints."""

    def run(program: str, *arguments: str) -> str:
        found = shutil.which(program)
        if found is None:
            if os.environ.get("CLIENTS_OWN_PROGRAMS") == "required":
                pytest.fail(f"{program} is not installed: npm install tests/clients/programs")
            pytest.skip(f"{program} is not on the PATH; tests/clients/programs says which one is driven")
        done = subprocess.run(
            [found, *arguments],
            cwd=machine.folder,
            env={"PATH": os.environ["PATH"], "HOME": str(machine.home), "TERM": "dumb", "NO_COLOR": "1", **KEYS},
            check=False,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            stdin=subprocess.DEVNULL,
        )
        return done.stdout + done.stderr

    return run


def ours(machine: Machine, of: Client) -> list[Installed]:
    found = [entry for entry in installed(machine) if isinstance(entry, Installed)]
    return [entry for entry in found if entry.client == of and entry.scope == "user"]


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(READINGS))
def test_a_client_finds_the_server_in_the_file_that_was_written_for_it(name: str, machine: Machine, ask: Ask) -> None:
    known, reading = client(name), READINGS[name]
    path = known.path("user", machine)
    assert path is not None
    write(known, FROM_INDEX, path=path)
    answer = ask(reading.program, *reading.question)
    assert reading.expected in answer
    assert not any(key in path.read_text("utf-8") for key in KEYS.values())


@pytest.mark.slow
@pytest.mark.parametrize("start", [FROM_INDEX, HERE], ids=["index", "checkout"])
@pytest.mark.parametrize("name", sorted(READINGS))
def test_a_clients_own_command_makes_an_entry_that_lightbox_knows_as_its_own(
    name: str, start: Sequence[str], machine: Machine, ask: Ask
) -> None:
    known = client(name)
    adding = known.add_command(start, "linux")
    assert adding
    ask(*shlex.split(adding))
    [entry] = ours(machine, known)
    assert entry.words == (*start,)
    assert entry.variables == (known.entry(start, "project")[known.variables] if known.adding_variable else {})
    assert not any(key in entry.path.read_text("utf-8") for key in KEYS.values())


@pytest.mark.slow
def test_codex_takes_the_time_outs_and_hands_on_the_keys(machine: Machine, ask: Ask) -> None:
    known = client("codex")
    path = known.path("user", machine)
    assert path is not None
    write(known, FROM_INDEX, path=path)
    answer = ask("codex", "mcp", "list", "--json")
    [server] = json.loads(answer[answer.index("[\n") : answer.rindex("]") + 1])
    assert server["transport"]["env_vars"] == ["OPENAI_API_KEY", "DASHSCOPE_API_KEY", "OPENROUTER_API_KEY"]
    assert (server["startup_timeout_sec"], server["tool_timeout_sec"]) == (30.0, 90.0)


@pytest.mark.slow
@pytest.mark.parametrize("folder", [plugin.FOLDER, f"{plugin.FOLDER}/lightbox"], ids=["catalogue", "plugin"])
def test_claude_code_finds_no_fault_with_the_plugin(folder: str, ask: Ask) -> None:
    answer = ask("claude", "plugin", "validate", str(ROOT / folder))
    assert "Validation passed" in answer
    assert "\u26a0" not in answer  # a warning


@pytest.mark.slow
def test_claude_code_installs_the_plugin_from_a_tag_of_the_repository(machine: Machine, ask: Ask) -> None:
    """The repository is a clone on this machine, and the catalogue's address is made that of the clone."""
    project, clone = Project.of(ROOT), machine.home / "clone"
    for command in (("clone", "--quiet", str(ROOT), str(clone)), ("-C", str(clone), "tag", "--force", project.tag)):
        subprocess.run(["git", *command], check=True, capture_output=True)  # noqa: S607
    catalogue = machine.home / "catalogue" / ".claude-plugin" / "marketplace.json"
    catalogue.parent.mkdir(parents=True)
    text = (clone / plugin.CATALOGUE).read_text("utf-8")
    catalogue.write_text(text.replace(f"{project.repository}.git", clone.as_uri()), "utf-8")

    ask("claude", "plugin", "marketplace", "add", str(machine.home / "catalogue"))
    add, install = plugin.install_commands(project)
    assert add.startswith("claude plugin marketplace add https://")
    answer = ask(*shlex.split(install))
    assert "Successfully installed plugin: lightbox@lightbox-mcp" in answer
    assert len([*(machine.home / ".claude" / "plugins" / "cache").rglob("skills/pictures/SKILL.md")]) == 1
    assert "plugin:lightbox:lightbox: uvx lightbox-mcp" in ask("claude", "mcp", "list")
