"""The workflows: what they run on, what they may do, and in which order a release is made."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from publishing.project import Project
from publishing.tools import actionlint, with_tools

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".github" / "workflows"
PROJECT = Project.of(ROOT)
FULL_VERSION = re.compile(r"[\w.-]+/[\w./-]+@(v\d+\.\d+\.\d+|[0-9a-f]{40})|\./.+")
WRITING = {
    ("release", "index"): {"id-token"},
    ("release", "page"): {"contents"},
    ("release", "registry"): {"id-token"},
}
"""The jobs that may write, by their workflow, and what."""

Tool = Callable[[Callable[[], Sequence[str]]], list[str]]


def workflow(name: str) -> dict[str, Any]:
    """Read a workflow; YAML takes its key `on` for a truth value."""
    return yaml.safe_load((FOLDER / f"{name}.yml").read_text("utf-8"))


def steps(job: Mapping[str, Any]) -> list[dict[str, Any]]:
    return job.get("steps", [])


def actions() -> Iterator[str]:
    for file in FOLDER.glob("*.yml"):
        for job in workflow(file.stem)["jobs"].values():
            yield from (used["uses"] for used in [job, *steps(job)] if "uses" in used)


def test_the_workflows_are_clean(tool: Tool) -> None:
    files = sorted(FOLDER.glob("*.yml"))
    assert [file.name for file in files] == ["release.yml", "tests.yml"]
    command = [*tool(actionlint), *(file.relative_to(ROOT).as_posix() for file in files)]
    done = subprocess.run(command, cwd=ROOT, env=with_tools(), check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_mistake_in_a_workflow_is_found(tool: Tool, tmp_path: Path) -> None:
    folder = tmp_path / ".github" / "workflows"
    folder.mkdir(parents=True)
    text = (FOLDER / "tests.yml").read_text("utf-8").replace("matrix.python }}", "matrix.snake }}")
    (folder / "tests.yml").write_text(text, "utf-8")
    command = [*tool(actionlint), ".github/workflows/tests.yml"]
    done = subprocess.run(command, cwd=tmp_path, env=with_tools(), check=False, capture_output=True, text=True)
    assert done.returncode != 0
    assert "snake" in done.stdout + done.stderr


def test_every_action_is_pinned_by_its_full_version() -> None:
    found = list(actions())
    assert len(found) > 10
    assert [action for action in found if not FULL_VERSION.fullmatch(action)] == []


def test_tests_run_on_three_systems_and_every_python_that_the_project_names() -> None:
    matrix = workflow("tests")["jobs"]["tests"]["strategy"]["matrix"]
    assert matrix["python"] == PROJECT.pythons == ["3.11", "3.12", "3.13", "3.14"]
    assert {name.partition("-")[0] for name in matrix["os"]} == {"ubuntu", "macos", "windows"}


def test_nothing_may_write_but_the_jobs_that_publish() -> None:
    for name in ("tests", "release"):
        found = workflow(name)
        assert found["permissions"] == {"contents": "read"}
        for job, told in found["jobs"].items():
            assert set(told.get("permissions", {})) == WRITING.get((name, job), set()), job


def test_no_checkout_leaves_a_token_behind() -> None:
    for file in FOLDER.glob("*.yml"):
        for job in workflow(file.stem)["jobs"].values():
            for step in steps(job):
                if step.get("uses", "").startswith("actions/checkout@"):
                    assert step["with"]["persist-credentials"] is False


def test_a_release_goes_from_tests_to_the_index_to_its_page_and_to_the_registry_last() -> None:
    jobs = workflow("release")["jobs"]
    assert {name: job.get("needs") for name, job in jobs.items()} == {
        "tests": None,
        "build": "tests",
        "index": "build",
        "page": "index",
        "registry": "page",
    }
    assert "secrets." not in (FOLDER / "release.yml").read_text("utf-8")


def test_what_strangers_choose_never_becomes_part_of_a_script() -> None:
    """A tag or a branch may be named like a command: names come by variables."""
    for file in FOLDER.glob("*.yml"):
        for job in workflow(file.stem)["jobs"].values():
            scripts = [step["run"] for step in steps(job) if "run" in step]
            assert [script for script in scripts if "${{" in script] == []


@pytest.mark.parametrize("name", ["tests", "release"])
def test_every_job_has_an_end(name: str) -> None:
    for job, told in workflow(name)["jobs"].items():
        assert "uses" in told or told["timeout-minutes"] <= 60, job
