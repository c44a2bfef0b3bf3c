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
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from .traffic import Visit

if TYPE_CHECKING:
    import httpx2

__all__ = ["SandboxService", "Visit", "sandbox", "sandbox_environment", "sandbox_library", "sandbox_service"]


class SandboxService:
    """A sandbox that runs while the tests do: where it is, what was asked of it, and what it shall do wrong.

    Attributes:
        base_url: For OpenAI's clients, and all others of the Responses API.
        dashscope_base_url: For DashScope's clients.
        api_key: A key that it takes; it takes any but `wrong`.
        url: Where it is itself: `/health`, and the pictures of hits.
    """

    def __init__(self, base_url: str, http: httpx2.Client) -> None:
        from .server import KEY, dashscope_url  # noqa: PLC0415 - loaded when a test wants a sandbox

        self.base_url = base_url
        self.dashscope_base_url = dashscope_url(base_url)
        self.api_key = KEY
        self.url = base_url.removesuffix("/v1")
        self._http = http

    @property
    def environment(self) -> Mapping[str, str]:
        """The variables in which clients look for a service and its key."""
        return {
            "OPENAI_BASE_URL": self.base_url,
            "OPENAI_API_KEY": self.api_key,
            "DASHSCOPE_BASE_URL": self.dashscope_base_url,
            "DASHSCOPE_API_KEY": self.api_key,
        }

    @property
    def requests(self) -> list[Visit]:
        """What was asked in this test, the oldest first: path, body, model, tools, status and more."""
        told: list[dict[str, Any]] = self._http.get("/sandbox/requests").raise_for_status().json()["requests"]
        for one in told:
            one["tools"] = tuple(one["tools"])
        return [Visit(**one) for one in told]

    @property
    def paid(self) -> int:
        """How many of the requests a service would bill: those that create a response."""
        return self._http.get("/sandbox/requests").raise_for_status().json()["responses"]

    def inject(self, fault: str) -> None:
        """Have every request from now on meet a fault, until the test ends or `recover` is called.

        Args:
            fault: Such as `status=503;retry_after=0;times=2`, `drop=3` or `hits=dead`; the README lists all.

        Raises:
            ValueError: There is no such fault.
        """
        answer = self._http.put("/sandbox/fault", json={"fault": fault})
        if answer.is_error:
            raise ValueError(answer.json()["error"]["message"])

    def recover(self) -> None:
        """Do as it should again."""
        self._http.delete("/sandbox/fault").raise_for_status()

    def reset(self) -> None:
        """Forget what was asked, which faults were injected and how often each struck."""
        self._http.delete("/sandbox/requests").raise_for_status()


@pytest.fixture(scope="session")
def sandbox_library() -> Path | None:
    """The folder of pictures to search; override it in your conftest.py. None: the sandbox's own painted ones."""
    return None


@pytest.fixture(scope="session")
def sandbox_service(tmp_path_factory: pytest.TempPathFactory, sandbox_library: Path | None) -> Iterator[SandboxService]:
    """Run one sandbox for all tests, on a free port of the loopback interface."""
    import httpx2  # noqa: PLC0415 - loaded when a test wants a sandbox
    from anyio.from_thread import start_blocking_portal  # noqa: PLC0415 - as above

    from .server import running_sandbox  # noqa: PLC0415 - as above

    context = running_sandbox(state_dir=tmp_path_factory.mktemp("sandbox"), library=sandbox_library)
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(context) as running,
        httpx2.Client(base_url=running.base_url.removesuffix("/v1"), trust_env=False, timeout=30) as http,
    ):
        yield SandboxService(running.base_url, http)


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
