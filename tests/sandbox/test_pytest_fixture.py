"""The fixtures for other projects, used in one: a folder of its own, a run of pytest of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

CONFTEST = 'pytest_plugins = ["lightbox_sandbox.pytest"]\n'
TESTS = """
import json
import os

import httpx2
import openai
import pytest


def test_a_client_is_answered(sandbox):
    with openai.OpenAI(base_url=sandbox.base_url, api_key=sandbox.api_key) as client:
        client.responses.create(model="gpt-5.6-terra", input="Hello", metadata={"order": "7"})
    [asked] = sandbox.requests
    assert (asked.method, asked.path, asked.model, asked.status) == ("POST", "/v1/responses", "gpt-5.6-terra", 200)
    assert asked.body["metadata"] == {"order": "7"}
    assert sandbox.paid == 1


def test_a_busy_service_is_asked_again(sandbox):
    sandbox.inject("status=429;retry_after=0;times=2")
    with openai.OpenAI(base_url=sandbox.base_url, api_key=sandbox.api_key) as client:
        assert client.responses.create(model="gpt-5.6-terra", input="Hello").status == "completed"
    assert [asked.status for asked in sandbox.requests] == [429, 429, 200]


def test_a_service_that_is_down_can_recover(sandbox):
    sandbox.inject("status=503")
    with openai.OpenAI(base_url=sandbox.base_url, api_key=sandbox.api_key, max_retries=0) as client:
        with pytest.raises(openai.InternalServerError):
            client.responses.create(model="m", input="Hello")
        sandbox.recover()
        client.responses.create(model="m", input="Hello")


def test_what_is_wrong_in_one_test(sandbox):
    sandbox.inject("status=500")


def test_is_not_wrong_in_the_next(sandbox):
    assert sandbox.requests == []
    assert httpx2.post(f"{sandbox.base_url}/responses", json={"model": "m", "input": "Hi"}, trust_env=False).is_success


def test_a_fault_that_there_is_none_of_is_named(sandbox):
    with pytest.raises(ValueError, match="explode"):
        sandbox.inject("explode")


def test_code_that_looks_into_the_environment_finds_the_sandbox(sandbox_environment):
    with openai.OpenAI() as client:
        client.responses.create(model="m", input="Hello")
    assert sandbox_environment.paid == 1
    assert os.environ["DASHSCOPE_BASE_URL"] == sandbox_environment.dashscope_base_url


def test_dashscope_finds_pictures(sandbox):
    body = {"model": "qwen3.7-plus", "input": "fox", "tools": [{"type": "web_search_image"}]}
    answer = httpx2.post(f"{sandbox.dashscope_base_url}/responses", json=body, trust_env=False, timeout=60).json()
    [rows] = [json.loads(item["output"]) for item in answer["output"] if "output" in item]
    assert httpx2.get(rows[0]["url"], trust_env=False, timeout=60).headers["content-type"].startswith("image/")
    assert sandbox.requests[0].tools == ("web_search_image",)
"""
OWN_PICTURES = """
import pytest
from PIL import Image

pytest_plugins = ["lightbox_sandbox.pytest"]


@pytest.fixture(scope="session")
def sandbox_library(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pictures")
    Image.new("RGB", (80, 60), (30, 90, 200)).save(folder / "blue lagoon.png")
    return folder
"""
SEARCH = """
import httpx2


def test_own_pictures_are_found(sandbox):
    body = {"model": "qwen3.7-plus", "input": "lagoon", "tools": [{"type": "web_search_image"}]}
    assert "blue lagoon" in httpx2.post(f"{sandbox.base_url}/responses", json=body, trust_env=False, timeout=60).text
"""


def run(project: Path, conftest: str, tests: str, *options: str) -> subprocess.CompletedProcess[str]:
    (project / "conftest.py").write_text(conftest)
    (project / "test_it.py").write_text(tests)
    command = [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", "--strict-markers"]
    return subprocess.run([*command, *options], cwd=project, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "two workers"])
def test_another_project_tests_its_client_against_the_sandbox(tmp_path: Path, workers: tuple[str, ...]) -> None:
    done = run(tmp_path, CONFTEST, TESTS, *workers)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "8 passed" in done.stdout


def test_another_project_has_its_own_pictures_searched(tmp_path: Path) -> None:
    done = run(tmp_path, OWN_PICTURES, SEARCH)

    assert done.returncode == 0, done.stdout + done.stderr


def test_who_has_not_asked_for_the_fixtures_has_none_of_them(tmp_path: Path) -> None:
    done = run(tmp_path, "", "def test_it(sandbox): ...")

    assert "fixture 'sandbox' not found" in done.stdout


def test_asking_for_the_fixtures_loads_no_sandbox(tmp_path: Path) -> None:
    loaded = "import sys\n\ndef test_it():\n    assert not {'uvicorn', 'starlette.applications'} & set(sys.modules)\n"
    done = run(tmp_path, CONFTEST, loaded)

    assert done.returncode == 0, done.stdout
