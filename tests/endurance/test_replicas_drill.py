"""Three replicas for a hundred callers, killed one after the other, over a database that restarts in between.

`DRILL_SECONDS=600 SEED=7 pytest tests/endurance/test_replicas_drill.py` goes on for longer, and as another began.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import anyio
import httpx2
import pytest
from anyio.to_thread import run_sync
from pydantic import SecretStr
from sqlalchemy.exc import SQLAlchemyError

import buckets
from databases import Postgres, rows
from databases import start as start_postgres
from endurance.chance import SEED
from endurance.crowd import MARK, NAME, PAINTING, PATIENCE, Caller, Crowd, Wish, handles
from endurance.desk import Desk, open_desk
from endurance.studio import Studio, open_studio
from lightbox.tools.table import TOOLS

if TYPE_CHECKING:
    from tests.conftest import LetIn, MakeSettings, Show

    from lightbox.settings import Settings

    from .conftest import Crew, MakeCrew, Server

pytestmark = pytest.mark.slow

SECONDS = float(os.environ.get("DRILL_SECONDS", "30"))
"""How long calls are made."""
CALLERS = 100
AT_ONCE = 12
REPLICAS = 3
KILL_EVERY = 10.0
LOOK_EVERY = 1.0
TIGHT = 4
"""One in so many callers may spend but little."""
LITTLE, MUCH = Decimal("0.08"), Decimal(2)
TOTAL = Decimal("0.15") * Decimal(SECONDS)
"""What all may spend, in dollars: about as much as they would."""
COSTLY: dict[str, Any] = {"quality": "high", "count": 4}
BILLIONTHS = 1_000_000_000
OPEN = ("reserved", "sent")


@dataclass(frozen=True)
class Job:
    """A job as it stands in the journal; `named` are its requests of which the journal knows the service's names.

    Times are the database's.
    """

    id: str
    owner: str
    tool: str
    state: str
    mark: str
    count: int
    named: tuple[str, ...]
    server: str
    created_at: float
    answered_at: float
    delivered_at: float


@dataclass
class Drill:
    """The replicas, what they share, who asks them, and what befalls them."""

    settings: Settings
    crew: Crew
    postgres: Postgres
    folder: Path
    chance: Random
    kills: int = 0
    restart_seconds: float = 0
    looks: int = 0
    passed: list[str] = field(default_factory=list[str])
    """Every budget that was seen to be passed."""

    async def start(self) -> Server:
        """Start a replica on a machine of its own: nothing of those before is in its folders."""
        home = self.folder / f"replica-{len(self.crew.servers)}"
        folders = {"LIGHTBOX_STATE_DIR": str(home / "state"), "LIGHTBOX_IMAGE_DIR": str(home / "pictures")}
        return await run_sync(lambda: self.crew.start(**folders))

    async def disturb(self) -> None:
        """Kill a replica every so often, and start another; once, restart the database."""
        kills = [("kill", KILL_EVERY / 2 + KILL_EVERY * number) for number in range(round(SECONDS / KILL_EVERY) or 1)]
        began = anyio.current_time()
        half = KILL_EVERY * round(SECONDS / 2 / KILL_EVERY)
        for what, due in sorted([*kills, ("restart", half)], key=lambda each: each[1]):
            await anyio.sleep_until(began + due)
            if what == "kill":
                self.chance.choice(self.crew.living).kill()
                self.kills += 1
                await self.start()
            else:
                at = time.perf_counter()
                await run_sync(self.postgres.restart)
                self.restart_seconds = time.perf_counter() - at

    async def watch(self) -> None:
        """Look again and again whether what is billed and reserved is within every budget."""
        while True:
            with suppress(SQLAlchemyError):  # while the database restarts
                self.passed += await run_sync(lambda: list(over(self.settings)))
                self.looks += 1
            await anyio.sleep(LOOK_EVERY)

    async def settled(self) -> list[Job]:
        """Wait until nothing is under way any more, and give all jobs."""
        with anyio.fail_after(PATIENCE):
            while True:
                found = await run_sync(lambda: journaled(self.settings))
                if not any(job.state in OPEN for job in found):
                    return found
                await anyio.sleep(0.2)


def budget_of(owner: str) -> Decimal:
    return LITTLE if int(owner[-3:]) % TIGHT == 0 else MUCH


def over(settings: Settings) -> Iterator[str]:
    """Give every budget that is passed."""
    taken = Counter[str]()
    query = "SELECT owner, currency, sum(COALESCE(billed, 0) + reserved) AS taken FROM jobs GROUP BY owner, currency"
    for row in rows(settings, query):
        assert row["currency"] in ("USD", None), row
        taken[row["owner"]] += int(row["taken"])
    for owner, amount in taken.items():
        if amount > budget_of(owner) * BILLIONTHS:
            yield f"{owner}: {amount / BILLIONTHS} of {budget_of(owner)} USD"
    if taken.total() > TOTAL * BILLIONTHS:
        yield f"all: {taken.total() / BILLIONTHS} of {TOTAL} USD"


def journaled(settings: Settings) -> list[Job]:
    columns = 'id, owner, tool, state, "order", responses, server, created_at, answered_at, delivered_at'
    found = rows(settings, f"SELECT {columns} FROM jobs ORDER BY created_at")  # noqa: S608 - ours
    return [
        Job(
            id=row["id"],
            owner=row["owner"].removeprefix("token:"),
            tool=row["tool"],
            state=row["state"],
            mark="".join(dict.fromkeys(MARK.findall(row["order"]))),
            count=json.loads(row["order"])["priced"]["count"],
            named=tuple(json.loads(row["responses"]).values()),
            server=row["server"],
            created_at=row["created_at"],
            answered_at=row["answered_at"] or float("inf"),
            delivered_at=row["delivered_at"] or float("inf"),
        )
        for row in found
    ]


@pytest.fixture
async def database() -> AsyncGenerator[Postgres]:
    """A PostgreSQL of this test's own, for it restarts."""
    started = await run_sync(start_postgres, Path(tempfile.gettempdir()) / f"lightbox-drill-{os.getpid()}")
    yield started
    await run_sync(started.server.cleanup)


@asynccontextmanager
async def open_callers() -> AsyncGenerator[list[Caller]]:
    async with AsyncExitStack() as stack:
        transport = await stack.enter_async_context(
            httpx2.AsyncHTTPTransport(limits=httpx2.Limits(max_connections=None))
        )
        names = [f"caller-{number:03}" for number in range(CALLERS)]
        yield [
            Caller(
                name,
                httpx2.AsyncClient(
                    transport=transport, headers={"Authorization": f"Bearer {name}"}, trust_env=False, timeout=PATIENCE
                ),
            )
            for name in names
        ]


async def test_replicas_that_are_killed_pay_nothing_twice_lose_nothing_and_keep_to_every_budget(
    settings: MakeSettings,
    crew_of: MakeCrew,
    let_in: LetIn,
    prices: Path,
    database: Postgres,
    tmp_path: Path,
    show: Show,
) -> None:
    began = time.perf_counter()
    asked = Counter[str]()

    def hear(body: bytes) -> None:
        asked.update({mark.decode() for mark in re.findall(MARK.pattern.encode(), body)})

    names = [f"caller-{number:03}" for number in range(CALLERS)]
    tokens = let_in(*names, **{name: f'budget = "{budget_of(name)} USD/month"' for name in names})
    with buckets.running() as s3:
        async with open_studio(SEED) as studio, open_desk(hear) as desk, open_callers() as callers:
            made = settings(
                openai_base_url=studio.url,
                dashscope_base_url=f"{desk.origin}/compatible-mode/v1",
                fetch_allow=(f"127.0.0.1:{desk.port}",),
                search_provider="dashscope",
                generate_provider="openai",
                describe_provider="dashscope",
                state_url=SecretStr(database.url),
                pictures_url=s3.bucket(),
                pictures_links="server",
                tokens=tokens,
                prices=prices,
                total_budget=(f"{TOTAL} USD/month",),
            )
            with crew_of(made, **s3.environment) as crew:
                drill = Drill(made, crew, database, tmp_path, Random(SEED))  # noqa: S311 - no secret
                crowd = Crowd(crew, callers, Random(SEED))  # noqa: S311 - no secret
                await befall(drill, crowd)
                jobs = await drill.settled()
                drill.passed += over(made)
                lost = await unreadable(drill, crowd, studio, jobs)

    asked.update(work.prompt[work.prompt.index("caller") :] for work in studio.works)
    found = (list(paid_twice(crowd.wishes, jobs, asked)), lost, list(of_others(crowd.wishes, jobs)))
    show(figures(drill, crowd, studio, desk, jobs, found, time.perf_counter() - began))
    assert (*found, drill.passed, crowd.odd) == ([], [], [], [], [])
    assert {wish.tool for wish in crowd.wishes if "answered" in wish.ends} == {tool.name for tool in TOOLS}
    assert {"over budget", "over total"} <= {end for wish in crowd.wishes for end in wish.ends}
    assert drill.kills


async def befall(drill: Drill, crowd: Crowd) -> None:
    """Let calls be made for a while, and replicas be killed; then spend what is left of the total at once."""
    for _ in range(REPLICAS):
        await drill.start()
    ends = anyio.current_time() + SECONDS
    async with anyio.create_task_group() as watching:
        watching.start_soon(drill.watch)
        with anyio.fail_after(SECONDS + PATIENCE):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(drill.disturb)
                for _ in range(AT_ONCE):
                    tasks.start_soon(crowd.lane, lambda: anyio.current_time() < ends)
            async with anyio.create_task_group() as tasks:
                for caller in crowd.callers[1:CALLERS:TIGHT]:
                    tasks.start_soon(crowd.make, crowd.painting(caller, **COSTLY))
        watching.cancel_scope.cancel()


def paid_twice(wishes: Sequence[Wish], jobs: Sequence[Job], asked: Mapping[str, int]) -> Iterator[str]:
    """Give every call that was paid for more than once although its caller was not told that it may have been."""
    by_mark: dict[str, list[Job]] = defaultdict(list)
    for job in jobs:
        by_mark[job.mark].append(job)
    for wish in wishes:
        mine = by_mark.pop(wish.mark, []) if wish.mark else []
        told = [job for job in mine if job.state == "unknown"]
        settled = [job for job in mine if job.state == "completed"]
        if len(settled) > 1 + len(renewed(wish, settled)):
            yield f"{wish.mark}, made {wish.tries} times at {wish.times} replicas, was paid for with {settled}"
        if len(told) > wish.warnings:
            yield f"{wish.mark} ({wish.tool}) was not told of {', '.join(job.id for job in told)}"
        if asked[wish.mark] > sum(job.count for job in (*told, *settled)):
            yield f"{wish.mark} ({wish.tool}) was sent {asked[wish.mark]} times for {len(mine)} jobs"
    yield from (f"{mark}: nobody asked for it" for mark in by_mark)


def renewed(wish: Wish, settled: Sequence[Job]) -> list[Job]:
    """Give the jobs that are calls of their own: an earlier one was given to its caller before they were opened.

    Of two equal calls one may arrive only then, because the replica that it went to first was killed. Whichever replica
    gave the answer to the other call knows that at once, also one that did not make the picture.
    """
    return [later for first, later in pairwise(settled) if wish.times > 1 and later.created_at > first.answered_at]


async def unreadable(drill: Drill, crowd: Crowd, studio: Studio, jobs: Sequence[Job]) -> list[str]:
    """Give every picture that was paid for and that its owner can't have from two replicas."""
    works = {work.id: work for work in studio.works}
    callers = {caller.name: caller for caller in crowd.callers}
    told = {job for wish in crowd.wishes if wish.tool in PAINTING for job in wish.found}
    painted = [job for job in jobs if job.tool in PAINTING and job.state == "completed"]
    lost = [
        f"{job}: its caller was answered, and it is not in the journal" for job in told - {job.id for job in painted}
    ]
    waiting = iter(painted)

    async def look() -> None:
        for job in waiting:
            here, there = drill.chance.sample(drill.crew.living, 2)
            async with callers[job.owner].at(here) as client:
                result = await client.call_tool("get_job", {"job_id": job.id})
            text = "".join(getattr(block, "text", "") for block in result.content)
            links = [urlsplit(line[6:]) for line in text.splitlines() if line.startswith("link: ")]
            http = callers[job.owner].http
            answers = [await http.get(f"{there.origin}{link.path}?{link.query}") for link in links]
            found = {sha256(answer.content).hexdigest() for answer in answers if answer.is_success}
            if found != {works[name].sha256 for name in job.named} or not found:
                lost.append(f"{job.id} ({job.mark}): {len(found)} of {len(job.named)} pictures: {text}")

    async with anyio.create_task_group() as tasks:
        for _ in range(AT_ONCE):
            tasks.start_soon(look)
    return lost


def of_others(wishes: Sequence[Wish], jobs: Sequence[Job]) -> Iterator[str]:
    """Give every answer with another caller's name, job or picture in it."""
    owners = {job.id: job.owner for job in jobs}
    made = {handle: wish.caller.name for wish in wishes for handle in handles(wish)}
    for wish in wishes:
        me = wish.caller.name
        if wish.kind == "another's":
            if "answered" in wish.ends:
                yield f"{me} asked for another's with {wish.tool}, and was answered: {wish.texts}"
            continue
        for text in wish.texts:
            names = {*NAME.findall(text), *(owners.get(job, me) for job in re.findall(r"\bjob_\w{12}\b", text))}
            names |= {made.get(handle, me) for handle in re.findall(r"\bimg_\w{10}\b", text)}
            if names - {me}:
                yield f"{me} was answered with what is of {names - {me}}: {text}"


def figures(
    drill: Drill,
    crowd: Crowd,
    studio: Studio,
    desk: Desk,
    jobs: Sequence[Job],
    found: tuple[Sequence[str], Sequence[str], Sequence[str]],
    seconds: float,
) -> str:
    twice, lost, foreign = found
    anew = sum(
        len(renewed(wish, [job for job in jobs if job.mark == wish.mark and job.state == "completed"]))
        for wish in crowd.wishes
        if wish.times > 1
    )
    ends = Counter(end for wish in crowd.wishes for end in wish.ends if wish.kind != "another's")
    states = Counter(job.state for job in jobs)
    sent = len(studio.works) + desk.posts
    wanted = sum(job.count for job in jobs if job.state == "completed")
    painted = sum(len(job.named) for job in jobs if job.tool in PAINTING and job.state == "completed")
    stolen = sum(wish.kind == "another's" for wish in crowd.wishes)
    spent = sum(row["billed"] or 0 for row in rows(drill.settings, "SELECT billed FROM jobs")) / BILLIONTHS
    several = sum(wish.times > 1 for wish in crowd.wishes)
    lines = [
        f"{REPLICAS} replicas, {len({wish.caller for wish in crowd.wishes})} callers, {AT_ONCE} at once",
        f"{drill.kills} killed, one restart of the database ({drill.restart_seconds:.1f} s)",
        f"{SECONDS:.0f} s of calls, {seconds:.0f} s in all (SEED={SEED})",
        f"{len(crowd.wishes)} calls: {_told(ends)}; {several} at two replicas at once",
        f"made again: {_told(crowd.again)}; {studio.asked_again} streams taken up",
        f"{len(jobs)} jobs: {_told(states)}; {sent} requests that are paid for, {wanted} of them for completed jobs",
        f"paid twice {len(twice)}; told that it may have been billed: {states['unknown']} jobs",
        f"equal calls that came when the first was answered: {anew}",
        f"lost {len(lost)} of {painted} pictures, each read at two replicas",
        f"budgets passed {len(drill.passed)} in {drill.looks} looks; {spent:.2f} of {TOTAL} USD billed",
        f"answers of another's {len(foreign)}; {stolen} calls asked for one",
    ]
    return "\n".join(lines)


def _told(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {what}" for what, count in sorted(counts.items())) or "nothing"
