"""Every fault of a service, met by every paid tool through the whole server: answered, sent once, settled, tidied."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import os
import random
import re
import time
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from mcp.types import CallToolResult, TextContent

from databases import rows
from loopback import listening
from providers.faults import DAMAGED, DESCRIBED, FAULTS, FOR_URLS, LIKENED, PAINTED, PICTURE, SEARCHED, Fault, Good
from providers.scripted import Asked, Service, Step

if TYPE_CHECKING:
    from mcp import Client
    from tests.conftest import Show

    from lightbox.settings import Settings

    from .conftest import Bench

WAIT = 3.0
JOB_SECONDS = 8.0
AT_ONCE = 32
SEED = 20_261_121
HELD_UP = "no answer within WAIT_SECONDS"
MOST_POSTS = 3
LONGEST_ERROR = 1_500
PATIENCE = 240
"""Seconds after which something counts as never done, on a machine however slow."""


@dataclass(frozen=True)
class Tool:
    """A paid tool: what its service answers when all is well, and how it is called."""

    name: str
    good: Good
    words: str
    """The argument that names the fault."""
    arguments: dict[str, Any]


TOOLS = (
    Tool("search_images", SEARCHED, "query", {"provider": "dashscope", "check": False}),
    Tool("find_similar_images", LIKENED, "about", {"provider": "dashscope", "check": False, "image": "{picture}"}),
    Tool("generate_image", PAINTED, "prompt", {"provider": "openai", "size": "1024x1024", "quality": "low"}),
    Tool(
        "edit_image",
        PAINTED,
        "prompt",
        {"provider": "openai", "size": "1024x1024", "quality": "low", "images": ["{picture}"]},
    ),
    Tool("describe_images", DESCRIBED, "question", {"provider": "openai", "images": ["{picture}"]}),
)
WELL = Fault("nothing wrong", lambda good: [Service.stream(good.stream)])


@dataclass(frozen=True)
class Case:
    """One tool that meets one fault; its number stands in its words, so that the service knows which it is."""

    tool: Tool
    fault: Fault
    number: int

    @property
    def mark(self) -> str:
        return f"{self.number:04x}"

    @property
    def good(self) -> Good:
        """The good answer under a name of the case's own, by which the service may be asked for it later."""
        return self.tool.good.named(self.tool.good.response_id[:-4] + self.mark)

    @property
    def free(self) -> bool:
        charged = self.tool.arguments["provider"] == "openai"  # DashScope charges for no call that it says has failed
        return self.fault.free == "always" or (self.fault.free == "as told" and not charged)

    def arguments(self, picture: Path) -> dict[str, Any]:
        told = json.dumps(self.tool.arguments).replace("{picture}", str(picture))
        return json.loads(told) | {self.tool.words: f"A fox, case {self.mark}"}

    def __str__(self) -> str:
        return f"{self.tool.name}, {self.fault.name}"


CASES = [
    Case(tool, fault, n * len(TOOLS) + m) for n, fault in enumerate((WELL, *FAULTS)) for m, tool in enumerate(TOOLS)
]


def number_in(words: str) -> int:
    found = re.search(r"case ([0-9a-f]{4})\b", words)
    assert found, words[:300]
    return int(found[1], 16)


@dataclass(slots=True)
class Faulty(Service):
    """Answers a request with the fault that its words name, also when it is asked for that answer once more."""

    sent: Counter[int] = field(default_factory=Counter[int])

    def steps(self, asked: Asked) -> list[Step]:
        if asked.method == "POST":
            number = number_in(asked.body.decode())
            self.sent[number] += 1
        else:
            number = int(asked.target.partition("?")[0][-4:], 16)
        case = CASES[number]
        return case.fault.steps(case.good)


@pytest.fixture
def cases(state_url: str | None) -> list[Case]:
    """Every fault with two or three of the tools; on the other database, with the rest of them."""
    half = state_url is not None
    return [case for case in CASES if case.fault is WELL or case.number % 2 == half]


@pytest.fixture
async def service() -> AsyncGenerator[Faulty]:
    service = Faulty()
    async with listening(service.serve) as service.port:
        yield service


@dataclass(frozen=True)
class Met:
    """How a case ended.

    Attributes:
        answer: What the tool answered, or `get_job` when the work was over.
        seconds: After how long the tool answered.
        asked: Whether `get_job` had to be asked.
    """

    answer: CallToolResult
    seconds: float
    asked: bool

    @property
    def text(self) -> str:
        return "\n".join(block.text for block in self.answer.content if isinstance(block, TextContent))

    @property
    def over(self) -> bool:
        return not (self.text.startswith("Still running: ") or HELD_UP in self.text)


@dataclass(frozen=True)
class Row:
    """A job as it stands in the journal; `high` is what was reserved for it, in billionths as `billed` is."""

    id: str
    state: str
    reserved: int
    billed: int | None
    estimated: bool
    error: str | None
    high: Decimal


def journaled(settings: Settings) -> dict[int, list[Row]]:
    """Give the jobs by the number of their case."""
    found: dict[int, list[Row]] = {}
    for told in rows(settings, 'SELECT id, state, reserved, billed, estimated, error, "order" FROM jobs'):
        order, estimated = told.pop("order"), bool(told.pop("estimated"))
        high = Decimal(json.loads(order)["estimate"]["high"]["amount"]) * 10**9
        found.setdefault(number_in(order), []).append(Row(**told, estimated=estimated, high=high))
    return found


async def meet(client: Client, case: Case, picture: Path, settings: Settings) -> Met:
    """Call the tool, and ask for the job until it is over."""
    call, began = (case.tool.name, case.arguments(picture)), anyio.current_time()
    met = Met(await client.call_tool(*call), 0.0, asked=False)
    seconds = anyio.current_time() - began
    while not met.over:
        running = re.match(r"Still running: (job_\w+)", met.text)
        # On a busy machine, an answer may not have had the time to name its job.
        known = [running[1]] if running else [row.id for row in journaled(settings).get(case.number, [])]
        again = ("get_job", {"job_id": known[0]}) if known else call
        met = Met(await client.call_tool(*again), 0.0, asked=True)
    return replace(met, seconds=seconds)


async def meet_all(client: Client, cases: list[Case], picture: Path, settings: Settings) -> dict[int, Met]:
    met: dict[int, Met] = {}
    room = anyio.CapacityLimiter(AT_ONCE)

    async def one(case: Case) -> None:
        async with room:
            met[case.number] = await meet(client, case, picture, settings)

    mixed = random.Random(SEED).sample(cases, len(cases))  # noqa: S311 - no secret
    with anyio.move_on_after(PATIENCE):  # a case that is not among the answers then says which it was
        async with anyio.create_task_group() as tasks:
            for case in mixed:  # those that take long not all at the same time
                tasks.start_soon(one, case)
    return met


def wrong_with(case: Case, met: Met | None, posts: int, jobs: list[Row], good_bill: int) -> Iterator[str]:
    """Say what is wrong with how a case ended."""
    if posts != 1 and not (case.fault.repeats and 1 < posts <= MOST_POSTS):
        yield f"{posts} posts"
    if len(jobs) != 1:
        yield f"{len(jobs)} jobs"
        return
    [row] = jobs
    if met is None:
        yield f"not answered to its end; {row.state} in the journal"
        return
    if row.state != ("failed" if met.answer.is_error else "completed"):
        yield f"{row.state} in the journal, but answered {met.text[:300]!r}"
    if "JOB_SECONDS" in met.text and not met.asked:
        yield "not answered before its job was over"
    if len(row.error or "") > LONGEST_ERROR or not (row.error or "").isprintable():
        yield f"failed with {row.error!r}"
    yield from misbilled(case, row, good_bill)


def misbilled(case: Case, row: Row, good_bill: int) -> Iterator[str]:
    """Say what is wrong with what the ledger holds of a case."""
    if row.reserved:
        yield "its reservation stands"
    gave_up = "JOB_SECONDS" in (row.error or "")  # on a slow machine, also before it was sent for the last time
    if case.free and not (row.billed == 0 or gave_up):
        yield f"billed {row.billed} although the service had turned it away"
    if not case.free and row.billed not in (good_bill, row.high):
        yield f"billed {row.billed}, but such a call costs {good_bill}, and {row.high} was reserved"
    if row.billed == row.high and not row.estimated:
        yield f"billed {row.billed} as if the service had said so"


def sockets() -> int:
    """Count the connections to services; those to the state database, of which ever more are kept, are no TCP here."""
    links = [Path("/proc/self/fd", name) for name in os.listdir("/proc/self/fd")]  # noqa: PTH208 - closed at once
    held = {str(link.readlink()) for link in links if link.is_symlink()}
    return sum(f"socket:[{line.split()[9]}]" in held for line in Path("/proc/net/tcp").read_text().splitlines()[1:])


def files() -> int:
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - as above


async def until(met: Callable[[], bool]) -> None:
    """Wait for what follows a moment after the last job; whoever waits in vain sees what did not come."""
    with anyio.move_on_after(PATIENCE):
        while not met():  # noqa: ASYNC110 - nothing tells when a task or a file is gone
            await anyio.sleep(0.05)


def tasks() -> Counter[str]:
    return Counter(getattr(task.get_coro(), "__qualname__", "?") for task in asyncio.all_tasks())


def left_over(settings: Settings) -> list[str]:
    """Name unfinished files and pictures in the folders, and what no service sent in one piece."""
    sent = {PICTURE, PICTURE[:8], base64.urlsafe_b64decode(FOR_URLS), DAMAGED.encode()}
    halves = [
        path
        for folder in (settings.image_dir, settings.state_dir)
        for path in folder.rglob("*")
        if path.name.startswith(".") or path.suffix in (".part", ".tmp") or path.parent.name == "partials"
    ]
    kept = (path for path in settings.image_dir.rglob("*") if path.is_file())
    return [str(path) for path in (*halves, *(path for path in kept if path.read_bytes() not in sent))]


@pytest.mark.slow
async def test_every_fault_is_answered_sent_once_settled_and_tidied_up_whichever_tool_meets_it(
    bench: Bench,
    service: Faulty,
    cases: list[Case],
    state_url: str | None,
    picture: Path,
    show: Show,
    caplog: pytest.LogCaptureFixture,
) -> None:
    settings = bench.settings(
        openai_base_url=service.url, dashscope_base_url=service.url, wait_seconds=WAIT, job_seconds=JOB_SECONDS
    )
    began, files_before = time.process_time(), files()
    async with bench.connect(settings) as client:
        await client.call_tool("get_spending", {})  # all is open now that stays open
        tasks_before, sockets_before = tasks(), sockets()
        met = await meet_all(client, cases, picture, settings)
        await until(lambda: tasks() <= tasks_before and sockets() <= sockets_before)
        more_tasks, more_sockets = tasks() - tasks_before, max(0, sockets() - sockets_before)
        left = left_over(settings)
    await until(lambda: files() <= files_before)

    jobs = journaled(settings)
    goods = {case.tool.name: jobs[case.number][0].billed or 0 for case in cases if case.fault is WELL}
    wrong = [
        f"{case}: {what}"
        for case in cases
        for n in [case.number]
        for what in wrong_with(case, met.get(n), service.sent[n], jobs.get(n, []), goods[case.tool.name])
    ]
    assert wrong == []
    assert all(not met[case.number].answer.is_error for case in cases if case.fault is WELL)
    assert (more_tasks, more_sockets, max(0, files() - files_before)) == (Counter(), 0, 0)
    assert left == []
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []
    assert len({fault.name for fault in FAULTS}) == len(FAULTS) >= 200
    states = Counter(row.state for found in jobs.values() for row in found)
    show(
        f"{len(FAULTS)} faults of a service x {len(TOOLS)} tools, half of that on "
        f"{'PostgreSQL' if state_url else 'SQLite'}, and each tool once without, {AT_ONCE} at once: "
        f"{states['completed']} calls answered well, {states['failed']} in words; {sum(service.sent.values())} posts, "
        f"{sum(posts > 1 for posts in service.sent.values())} calls sent again; the slowest answer after "
        f"{max(one.seconds for one in met.values()):.1f} s (WAIT_SECONDS {WAIT:g}), "
        f"{sum(one.asked for one in met.values())} ended later; {time.process_time() - began:.0f} s of CPU"
    )
