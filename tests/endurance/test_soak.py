"""Thousands of calls of every kind to one server: it holds as much memory, files and threads as after a few hundred.

`CALLS=20000 SEED=7 pytest tests/endurance/test_soak.py` looks for longer, and at the same calls again.
"""

from __future__ import annotations

import os
import re
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import anyio
import httpx2
import pytest
from mcp import Client, MCPError
from mcp.client.streamable_http import streamable_http_client
from mcp.types import TextContent

from endurance.chance import SEED
from endurance.desk import SLOW, SLOW_SECONDS, open_desk

if TYPE_CHECKING:
    from tests.conftest import HTTPProcess, MakeSettings, Show

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="this system does not tell what a process holds"),
]

CALLS = int(os.environ.get("CALLS", "2000"))
WARM_UP = 300
LOOKS_EVERY = 50
LOOKS = 5
"""How many looks in a row count as one, by the least that was held: memory that is about to be freed is no growth."""
LANES = 4
ONE_HEAP = {"MALLOC_ARENA_MAX": "1"}
"""Else the system's allocator keeps a heap for nearly each thread, and these grow by what happens to meet in them."""
MOST_MORE_MEMORY = 24e6
"""In bytes: caches fill up, and some memory is never given back; what leaks 15 KB a call is above it."""
MOST_MORE_FILES = 8
MOST_MORE_THREADS = 6
PATIENCE = 60
SMALL: dict[str, Any] = {"model": "gpt-image-2", "size": "1024x1024", "quality": "low"}

Arguments = dict[str, Any]

KINDS = {
    "search_images": 31,
    "find_similar_images": 5,
    "generate_image": 4,
    "edit_image": 3,
    "view_images": 7,
    "describe_images": 6,
    "estimate_cost": 12,
    "get_job": 8,
    "get_spending": 5,
    "bad": 15,
    "given up": 4,
}
"""How many of a hundred calls are what."""

BAD: list[tuple[str, Arguments]] = [
    ("search_images", {"query": "a fox", "colour": "red"}),
    ("find_similar_images", {"image": "http://169.254.169.254/latest"}),
    ("generate_image", {"prompt": "a fox", **SMALL, "size": "large"}),
    ("edit_image", {"images": ["img_0000000000"], "prompt": "blue"}),
    ("view_images", {"images": ["data:image/png;base64,AAAA"]}),
    ("describe_images", {"images": ["/etc/passwd"]}),
    ("estimate_cost", {"tool": "generate_image", "arguments": {"promt": "a fox"}}),
    ("get_job", {"job_id": "job_000000000000"}),
    ("get_spending", {"period": "for ever"}),
    ("paint", {}),
]


@dataclass(frozen=True)
class Held:
    """What a process holds: memory in bytes, open files, threads, and processes that it has started."""

    memory: int
    files: int
    threads: int
    workers: int

    @classmethod
    def by(cls, process: int) -> Held:
        home = Path(f"/proc/{process}")
        told = dict(line.split(":", 1) for line in (home / "status").read_text().splitlines() if ":" in line)
        return cls(
            memory=int(told["VmRSS"].split()[0]) * 1024,
            files=len(list((home / "fd").iterdir())),
            threads=int(told["Threads"]),
            workers=len(children(process)),
        )

    @classmethod
    def least(cls, looks: list[Held]) -> Held:
        return cls(*(min(getattr(look, name) for look in looks) for name in cls.__dataclass_fields__))

    def within(self, first: Held) -> bool:
        """Whether it is about as much as at first, and all workers have ended."""
        return (
            self.memory - first.memory <= MOST_MORE_MEMORY
            and self.files - first.files <= MOST_MORE_FILES
            and self.threads - first.threads <= MOST_MORE_THREADS
            and not self.workers
        )

    def __str__(self) -> str:
        return f"{self.memory / 1e6:8.1f} MB {self.files:5} files {self.threads:5} threads {self.workers:5} workers"


@dataclass
class Caller:
    """Makes calls of every kind, good ones and bad ones, some of which it gives up."""

    client: Client
    chance: Random
    made: Counter[str] = field(default_factory=Counter[str])
    _handles: list[str] = field(default_factory=list[str])
    _jobs: list[str] = field(default_factory=list[str])

    async def call(self, number: int) -> None:
        [kind] = self.chance.choices(list(KINDS), list(KINDS.values()))
        self.made[kind] += 1
        if kind == "bad":
            await self._bad(*self.chance.choice(BAD))
        elif kind == "given up":
            tool, words = self.chance.choice([("search_images", "query"), ("generate_image", "prompt")])
            more = SMALL if words == "prompt" else {"check": False}
            with anyio.move_on_after(self.chance.uniform(0, SLOW_SECONDS)):
                await self.client.call_tool(tool, {words: f"a fox {SLOW}, {number}"} | more)
        else:
            await self.good(kind, self._arguments(number)[kind])

    async def good(self, tool: str, arguments: Arguments) -> None:
        result = await self.client.call_tool(tool, arguments)
        text = "\n".join(block.text for block in result.content if isinstance(block, TextContent))
        assert not result.is_error, (tool, arguments, text)
        self._handles = [*self._handles, *re.findall(r"\bimg_[0-9a-z]{10}\b", text)][-100:]
        self._jobs = [*self._jobs, *re.findall(r"\bjob_[0-9a-z]{12}\b", text)][-100:]

    async def _bad(self, tool: str, arguments: Arguments) -> None:
        try:
            result = await self.client.call_tool(tool, arguments)
        except MCPError:
            return
        assert result.is_error, (tool, arguments)

    def _arguments(self, number: int) -> dict[str, Arguments]:
        pictures = self.chance.sample(self._handles, self.chance.randint(1, 4))
        query = f"a fox, {number - self.chance.choice([0, 0, 0, 9])}"  # some were made before
        painted = {"prompt": f"a fox, {number}", **SMALL}
        return {
            "search_images": {"query": query, "check": self.chance.random() < 0.1},
            "find_similar_images": {"image": pictures[0], "about": f"the colours, {number}", "check": False},
            "generate_image": painted,
            "edit_image": {"images": pictures[:1], **painted},
            "view_images": {"images": pictures},
            "describe_images": {"images": pictures[:2], "question": f"What is this, {number}?"},
            "estimate_cost": {"tool": "generate_image", "arguments": painted, "times": 3},
            "get_job": {"job_id": self.chance.choice(self._jobs)},
            "get_spending": {"period": self.chance.choice(["hour", "today", "all"])},
        }


async def test_memory_files_and_threads_are_flat_over_thousands_of_calls(
    settings: MakeSettings, http_process: HTTPProcess, show: Show
) -> None:
    began = time.perf_counter()
    async with open_desk() as desk:
        made = settings(
            openai_base_url=f"{desk.origin}/v1",
            dashscope_base_url=f"{desk.origin}/compatible-mode/v1",
            fetch_allow=(f"127.0.0.1:{desk.port}",),
            search_provider="dashscope",
            generate_provider="openai",
            describe_provider="openai",
        )
        before = set(children(os.getpid()))
        with http_process(made, **ONE_HEAP) as origin:
            [process] = set(children(os.getpid())) - before
            async with (
                httpx2.AsyncClient(trust_env=False, timeout=PATIENCE) as http,
                Client(streamable_http_client(f"{origin}/mcp", http_client=http)) as client,
            ):
                caller = Caller(client, Random(SEED))  # noqa: S311 - no secret
                await caller.good("search_images", {"query": "a fox"})  # so that a picture and a job are known
                looks = await soak(caller, process)
            first, last = Held.least(looks[:LOOKS]), Held.least(looks[-LOOKS:])
            idle = await rested(process, first)
    lines = [
        f"{CALLS:,} calls in {time.perf_counter() - began:.0f} s (SEED={SEED})",
        f"{f'after {WARM_UP} calls':18}{first}",
        f"{f'after {CALLS:,} calls':18}{last}",
        f"{'idle':18}{idle}",
        ", ".join(f"{count} {kind}" for kind, count in caller.made.items()),
    ]
    show("\n".join(lines))
    assert idle.within(first), "\n".join(lines)


async def soak(caller: Caller, process: int) -> list[Held]:
    """Make all calls, several at once, and give what the server held every so often after the first few hundred."""
    numbers = iter(range(CALLS))
    looks: list[Held] = []

    async def lane() -> None:
        for number in numbers:
            await caller.call(number)
            if number >= WARM_UP and number % LOOKS_EVERY == 0:
                looks.append(Held.by(process))

    async with anyio.create_task_group() as tasks:
        for _ in range(LANES):
            tasks.start_soon(lane)
    return looks


async def rested(process: int, first: Held) -> Held:
    """Wait until a process holds what it did at first, but not for ever, and give what it holds then."""
    with anyio.move_on_after(PATIENCE):
        while not Held.by(process).within(first):  # noqa: ASYNC110 - nobody tells
            await anyio.sleep(0.25)
    return Held.by(process)


def children(parent: int) -> list[int]:
    """Give the processes that another has started; each stands with the thread that did."""
    return list(_children(parent))


def _children(parent: int) -> Iterator[int]:
    for thread in Path(f"/proc/{parent}/task").iterdir():
        with suppress(OSError):  # a thread that has ended meanwhile
            yield from map(int, (thread / "children").read_text().split())
