"""The programs of the page on agents, straight out of it, against the sandbox: the model is shown what a tool made."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from environments import python_with
from lacking import lacking
from serving import serving

if TYPE_CHECKING:
    from conftest import Upstream

PAGE = (files("lightbox") / "docs" / "agents.md").read_text("utf-8")
FIND = 'Search for 3 pictures of a "lighthouse at night", then view them'
EDIT = f'{FIND}, then edit the second: "add a red boat"'
LANGCHAIN = ("langchain==1.4.7", "langchain-mcp-adapters==0.3.2", "langchain-openai==1.7.3")
"""They need `mcp` below 2, so they have an environment of their own, which is made once."""
RUN_SECONDS = 120
NEEDED = ("SYSTEMROOT", "LANG", "TEMP", "TMP", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "PATHEXT")
SCRIPTS = sysconfig.get_path("scripts")

pytestmark = pytest.mark.slow


def section(heading: str) -> str:
    return PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def recipe(heading: str) -> str:
    """Give the program below a heading of the page."""
    found = re.search(r"```(?:python|js)\n(.*?)```", section(heading), re.DOTALL)
    assert found, heading
    return found[1]


@dataclass(frozen=True)
class Desk:
    """Where the programs run: the variables that lead them and their server to the sandbox, and what it was asked."""

    upstream: Upstream
    environment: dict[str, str]
    folder: Path

    def run(self, *command: str | Path, program: str = "") -> subprocess.CompletedProcess[str]:
        """Run a program, given as the text of a file or to a command's standard input."""
        return subprocess.run(
            command,
            check=False,
            input=program,
            capture_output=True,
            encoding="utf-8",
            timeout=RUN_SECONDS,
            env=self.environment,
            cwd=self.folder,
        )

    def python(self, program: str, *arguments: str, interpreter: str | Path = sys.executable) -> str:
        done = self.run(interpreter, "-", *arguments, program=program)
        assert done.returncode == 0, done.stderr
        return done.stdout

    @property
    def turns(self) -> list[dict[str, Any]]:
        """What the agents asked of their model; what the server asked of its own is left out."""
        return [asked for asked in self.upstream.seen()["requests"] if "function" in asked["tools"]]

    @property
    def shown(self) -> list[list[str]]:
        """Where the pictures stood that the model was shown, turn by turn."""
        return [asked["pictures"] for asked in self.turns]


@pytest.fixture(scope="module")
def variables(sandbox: Upstream, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("agents")
    needed = {name: os.environ[name] for name in NEEDED if name in os.environ}
    return needed | {
        "PATH": os.pathsep.join([SCRIPTS, os.environ.get("PATH", "")]),
        "HOME": str(folder),
        "NO_PROXY": "127.0.0.1,localhost",
        "PYTHONIOENCODING": "utf-8",
        "OPENAI_AGENTS_DISABLE_TRACING": "1",
        "OPENAI_BASE_URL": sandbox.openai_url,
        "OPENAI_API_KEY": "sk-of-a-test",
        "LIGHTBOX_FETCH_ALLOW": sandbox.pair,
        "LIGHTBOX_STATE_DIR": str(folder / "state"),
        "LIGHTBOX_IMAGE_DIR": str(folder / "pictures"),
    }


@pytest.fixture
def desk(upstream: Upstream, variables: dict[str, str], tmp_path: Path) -> Desk:
    return Desk(upstream, variables, tmp_path)


@pytest.fixture(scope="module")
def served(variables: dict[str, str]) -> Iterator[str]:
    """A server over HTTP, which the programs share; gives its address."""
    with serving(variables) as origin:
        yield f"{origin}/mcp"


def over_http(heading: str, served: str) -> str:
    """Give a program of the page that finds this server where it would look for yours."""
    program = recipe(heading)
    assert "http://127.0.0.1:8000/mcp" in program
    return program.replace("http://127.0.0.1:8000/mcp", served)


def test_the_agent_of_thirty_lines_searches_looks_chooses_and_edits(desk: Desk) -> None:
    program = recipe("Your own loop")

    said = desk.python(program, EDIT)

    assert len(program.splitlines()) == 30
    assert desk.shown == [[], [], ["function_call_output"], ["function_call_output", "function_call_output"]]
    assert "Picture 1: " in said  # the sandbox tells of the pictures that it was shown: the sheet and what was made
    assert "Picture 2: 480 x 720 px" in said


@pytest.fixture
def lists_refused(upstream: Upstream) -> Iterator[None]:
    """Have the sandbox take nothing but text as a function's output."""
    address = f"{upstream.origin}/sandbox/fault"
    httpx2.put(address, json={"fault": "outputs=text"}, trust_env=False).raise_for_status()
    yield
    httpx2.delete(address, trust_env=False).raise_for_status()


@pytest.mark.usefixtures("lists_refused")
def test_where_lists_are_refused_the_agent_of_the_page_shows_its_pictures_in_messages(desk: Desk) -> None:
    program = recipe("Your own loop")

    refused = desk.run(sys.executable, "-", FIND, program=program)
    said = desk.python(program, EDIT, "message")

    assert "Invalid type for 'input'." in refused.stderr
    assert [asked["status"] for asked in desk.turns] == [200, 200, 400, 200, 200, 200, 200]
    assert desk.shown[3:] == [[], [], ["message"], ["message", "message"]]
    assert "Picture 2: 480 x 720 px" in said


def test_openai_agents_shows_its_model_the_pictures_of_tools(desk: Desk) -> None:
    said = desk.python(recipe("openai-agents"), FIND)

    assert desk.shown == [[], [], ["function_call_output"]]
    assert "1600 x " in said


def test_pydantic_ai_shows_its_model_the_pictures_of_tools(desk: Desk, served: str) -> None:
    said = desk.python(over_http("Pydantic AI", served), FIND)

    assert desk.shown == [[], [], ["function_call_output"]]
    assert "1600 x " in said


@pytest.fixture(scope="module")
def langchain() -> Path:
    return python_with("langchain", *LANGCHAIN)


def test_langchain_shows_its_model_the_pictures_of_tools(desk: Desk, served: str, langchain: Path) -> None:
    said = desk.python(over_http("LangChain", served), FIND, interpreter=langchain)

    assert desk.shown == [[], [], ["function_call_output"]]
    assert "1600 x " in said


def test_the_ai_sdk_shows_its_model_the_pictures_of_tools(desk: Desk, served: str) -> None:
    node = shutil.which("node", path=SCRIPTS) or ""
    packages = Path(sys.prefix) / "npm"
    if not node or not (packages / "node_modules" / "ai").is_dir():
        lacking("Node or the AI SDK is not in .venv: run .ci/setup")
    program = over_http("AI SDK", served)

    done = Desk(desk.upstream, desk.environment, packages).run(node, "--input-type=module", "-", FIND, program=program)

    assert done.returncode == 0, done.stderr
    assert desk.shown == [[], [], ["function_call_output"]]
    assert "1600 x " in done.stdout


def test_every_program_of_the_page_is_run_but_the_one_that_says_it_is_not() -> None:
    programs = [each for each in re.findall(r"\n## (.+)\n", PAGE) if re.search(r"```(python|js)\n", section(each))]
    not_run = [each for each in programs if "was not run by the tests" in section(each)]

    assert programs == ["Your own loop", "openai-agents", "Pydantic AI", "LangChain", "AI SDK", *not_run]
    assert not_run == ["OpenAI's hosted `mcp` tool"]
