"""A sandbox as tests see it: where it is, what was asked of it, and what it shall do wrong."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
from anyio.from_thread import start_blocking_portal

from .server import KEY, dashscope_url, openrouter_url, running_sandbox
from .traffic import Visit


class SandboxService:
    """A sandbox that runs while the tests do: where it is, what was asked of it, and what it shall do wrong.

    Attributes:
        base_url: For OpenAI's clients, and all others of the Responses API.
        dashscope_base_url: For DashScope's clients.
        openrouter_base_url: For OpenRouter's clients.
        api_key: A key that it takes; it takes any but `wrong`.
        url: Where it is itself: `/health`, and the pictures of hits.
    """

    def __init__(self, base_url: str, http: httpx2.Client) -> None:
        self.base_url = base_url
        self.dashscope_base_url = dashscope_url(base_url)
        self.openrouter_base_url = openrouter_url(base_url)
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
            "OPENROUTER_BASE_URL": self.openrouter_base_url,
            "OPENROUTER_API_KEY": self.api_key,
        }

    @property
    def requests(self) -> list[Visit]:
        """What was asked in this test, the oldest first: path, body, model, tools, status and more."""
        told: list[dict[str, Any]] = self._http.get("/sandbox/requests").raise_for_status().json()["requests"]
        for one in told:
            one |= {"tools": tuple(one["tools"]), "pictures": tuple(one["pictures"])}
        return [Visit(**one) for one in told]

    @property
    def paid(self) -> int:
        """How many of the requests a service would bill: those that create a response."""
        return self._http.get("/sandbox/requests").raise_for_status().json()["responses"]

    def inject(self, fault: str) -> None:
        """Have every request from now on meet a fault, until the test ends or `recover` is called.

        Args:
            fault: Such as `status=503;retry_after=0;times=2`, `drop=3`, `hits=dead`; `lightbox docs sandbox` lists all.

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


@contextmanager
def open_service(state_dir: Path, library: Path | None) -> Generator[SandboxService]:
    """Run a sandbox in a thread of its own until the block ends, on a free port of the loopback interface."""
    context = running_sandbox(state_dir=state_dir, library=library)
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(context) as running,
        httpx2.Client(base_url=running.base_url.removesuffix("/v1"), trust_env=False, timeout=30) as http,
    ):
        yield SandboxService(running.base_url, http)
