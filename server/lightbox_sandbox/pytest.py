"""Fixtures for projects that test their clients of the Responses API against a sandbox.

    # conftest.py
    pytest_plugins = ["lightbox_sandbox.pytest"]

    # test_it.py
    def test_a_busy_service_is_asked_again(sandbox):
        sandbox.inject("status=429;retry_after=0;times=2")
        client = openai.OpenAI(base_url=sandbox.base_url, api_key=sandbox.api_key)
        assert client.responses.create(model="gpt-5.6-terra", input="Hello").status == "completed"
        assert [request.status for request in sandbox.requests] == [429, 429, 200]

One sandbox serves a whole run of tests (one for each worker of pytest-xdist); each test finds it as if it were new.
What the fixtures give is a `lightbox_sandbox.service.SandboxService`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .service import SandboxService

__all__ = ["sandbox", "sandbox_environment", "sandbox_library", "sandbox_service"]


@pytest.fixture(scope="session")
def sandbox_library() -> Path | None:
    """The folder of pictures to search; override it in your conftest.py. None: the sandbox's own painted ones."""
    return None


@pytest.fixture(scope="session")
def sandbox_service(tmp_path_factory: pytest.TempPathFactory, sandbox_library: Path | None) -> Iterator[SandboxService]:
    """Run one sandbox for all tests, on a free port of the loopback interface."""
    from .service import open_service  # noqa: PLC0415 - what a sandbox needs is loaded when a test wants one

    with open_service(tmp_path_factory.mktemp("sandbox"), sandbox_library) as service:
        yield service


@pytest.fixture
def sandbox(sandbox_service: SandboxService) -> Iterator[SandboxService]:
    """A Responses API for one test, which finds it as if it were new."""
    sandbox_service.reset()
    yield sandbox_service
    sandbox_service.reset()


@pytest.fixture
def sandbox_environment(sandbox: SandboxService, monkeypatch: pytest.MonkeyPatch) -> SandboxService:
    """The same, for code that finds its service by environment variables: they lead to the sandbox."""
    for name, value in sandbox.environment.items():
        monkeypatch.setenv(name, value)
    return sandbox
