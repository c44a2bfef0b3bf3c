"""Servers that are killed at random moments, again and again: nothing is lost, paid twice or left half done.

`ROUNDS=500 SEED=7 pytest tests/endurance/test_kills.py` hunts for longer, and from where another hunt began.
"""

from __future__ import annotations

import json
import os
import re
import sqlite3
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import anyio
import httpx2
import pytest
from anyio.to_thread import run_sync
from mcp import Client, MCPError
from mcp.client.streamable_http import streamable_http_client
from mcp.types import ImageContent, TextContent
from pydantic import SecretStr

from endurance.chance import SEED
from endurance.studio import LARGE, MOMENTS, Studio, open_studio
from lightbox.images.content import DAY
from lightbox.images.content_folder import FolderContent
from lightbox.images.upkeep import prune
from lightbox.state.sqlite import SQLiteDatabase

if TYPE_CHECKING:
    from tests.conftest import MakeSettings, Show

    from lightbox.settings import Settings

    from .conftest import Crew, MakeCrew

pytestmark = pytest.mark.slow

ROUNDS = int(os.environ.get("ROUNDS", "50"))
"""How often servers are killed."""
LARGE_SHARE = 0.4
"""In what part of the rounds two servers are at work, and a picture of 20 MB is on its way."""
AT_ONCE = 5
BOTH = 0.25
"""How often both of two servers are killed."""
UNTOLD = 0.2
"""How often a server is killed at a moment at which nothing need have happened."""
SAVING = 0.3
"""How often it is killed while it saves a picture."""
LARGE_FILE = 1_000_000
TWO = 0.3
"""How often two pictures are asked for with one call."""
PATIENCE = 90
SMALL: dict[str, Any] = {"model": "gpt-image-2", "size": "1024x1024", "quality": "low", "provider": "openai"}
PER_TOKEN = 30_000
"""What a token of a picture by this model costs, in billionths of a dollar."""


@dataclass(eq=False)
class Wish:
    """A call that its client makes again until it is answered.

    Attributes:
        more: Its arguments, but for those that all have.
        tries: How often it was made.
        warnings: How often the answer was that nobody knows whether an earlier call was billed.
        text: Of the answer; empty until then.
        previews: How many pictures the answer shows.
    """

    prompt: str
    tool: str = "generate_image"
    more: dict[str, Any] = field(default_factory=dict[str, Any])
    tries: int = 0
    warnings: int = 0
    text: str = ""
    previews: int = 0

    @property
    def count(self) -> int:
        return self.more.get("count", 1)

    @property
    def handles(self) -> list[str]:
        return list(dict.fromkeys(re.findall(r"\bimg_[0-9a-z]{10}\b", self.text)))

    @property
    def links(self) -> list[str]:
        return re.findall(r"^link: http://[^/]+(\S+)", self.text, re.MULTILINE)

    async def ask(self, client: Client) -> None:
        self.tries += 1
        result = await client.call_tool(self.tool, {"prompt": self.prompt} | SMALL | self.more)
        text = "\n".join(block.text for block in result.content if isinstance(block, TextContent))
        if result.is_error:
            assert "may have been billed" in text, text
            self.warnings += 1
            return
        self.previews = sum(isinstance(block, ImageContent) for block in result.content)
        self.text = text


@dataclass(frozen=True)
class Row:
    """A job as it stands in the journal; `named` are its requests of which the journal knows the service's names."""

    id: str
    state: str
    prompt: str
    count: int
    named: tuple[str, ...]
    billed: int
    estimated: bool


@dataclass
class Hunt:
    """What is asked for, who is asked, and who is killed."""

    studio: Studio
    crew: Crew
    http: httpx2.AsyncClient
    chance: Random
    wishes: list[Wish] = field(default_factory=list[Wish])
    kills: int = 0
    _seen: dict[Path, tuple[int, int]] = field(default_factory=dict[Path, tuple[int, int]])

    @property
    def open(self) -> list[Wish]:
        return [wish for wish in self.wishes if not wish.text]

    async def round(self, *, large: bool) -> None:
        """Let several calls be under way, kill a server at a moment that nobody chose, and look at what is left.

        Of two servers, one may live on, and answers what was asked of the other. Else the next round's does.
        """
        while len(self.crew.living) < 1 + large:
            await run_sync(self.crew.start)
        self._wish(large=large)
        with anyio.fail_after(PATIENCE):
            async with anyio.create_task_group() as asking:
                for wish in self.open:
                    asking.start_soon(self._ask, wish)
                await self._moment(slow=large)
                self._kill()
                self.look()
        self.look()

    async def answer_all(self) -> None:
        async with anyio.create_task_group() as asking:
            for wish in self.open:
                asking.start_soon(self._ask, wish)

    def look(self) -> None:
        """Make sure that every file that has its name is a whole picture, and one that was made."""
        made = {work.sha256 for work in self.studio.works}
        folder = self.crew.settings.image_dir
        named = (file for file in folder.iterdir() if not file.name.startswith(".")) if folder.exists() else ()
        for file in sorted(named):
            facts = file.stat()
            if self._seen.get(file) == (facts.st_size, facts.st_mtime_ns):
                continue
            assert sha256(file.read_bytes()).hexdigest() in made, f"{file.name} is not what was made"
            self._seen[file] = (facts.st_size, facts.st_mtime_ns)

    def _wish(self, *, large: bool) -> None:
        if large:
            self.wishes.append(Wish(f"a {LARGE} landscape, {len(self.wishes)}"))
        for _ in range(max(len(self.open) < 2 * AT_ONCE, AT_ONCE - 2 * large - len(self.open))):
            number = len(self.wishes)
            known = self.chance.choice([None, *self.wishes])
            if known and known.handles and LARGE not in known.prompt:
                wish = Wish(f"the same by night, {number}", "edit_image", {"images": [known.handles[0]]})
            else:
                wish = Wish(f"a red fox, {number}", more={"count": 2} if self.chance.random() < TWO else {})
            self.wishes.append(wish)

    async def _ask(self, wish: Wish) -> None:
        """Ask one of the living servers, and another where that one dies."""
        while living := self.crew.living:
            server = self.chance.choice(living)
            try:
                async with Client(streamable_http_client(f"{server.origin}/mcp", http_client=self.http)) as client:
                    await wish.ask(client)
            except (MCPError, httpx2.TransportError, ExceptionGroup):
                if server.alive:
                    raise
            if wish.text:
                self.studio.happens("answered")
                return

    async def _moment(self, *, slow: bool) -> None:
        """Wait for a while, or for something to have happened once or several times, and a short while."""
        kind = self.chance.random()
        with anyio.move_on_after(1 + slow):
            if kind < UNTOLD:
                await anyio.sleep(self.chance.uniform(0, 0.8 + slow))
            elif kind < UNTOLD + SAVING:
                await self._saving(LARGE_FILE if slow else 1)
                await anyio.sleep(self.chance.choice([0, 0, 0.002, 0.02]))
            else:
                moment = self.chance.choice(MOMENTS)
                for _ in range(self.chance.randint(1, 4)):
                    await self.studio.next(moment)
                await anyio.sleep(self.chance.uniform(0, 0.4 if slow else 0.06))

    async def _saving(self, size: int) -> None:
        """Wait until a file in the image folder, whatever its name, has grown to a size."""
        before = self._files()
        while all(held < size or name in before for name, held in self._files().items()):  # noqa: ASYNC110 - nobody tells
            await anyio.sleep(0.0005)

    def _files(self) -> dict[str, int]:
        sizes: dict[str, int] = {}
        with suppress(FileNotFoundError), os.scandir(self.crew.settings.image_dir) as files:
            for file in files:
                with suppress(FileNotFoundError):  # it has just been given its name
                    sizes[file.name] = file.stat().st_size
        return sizes

    def _kill(self) -> None:
        living = self.crew.living
        for server in living if self.chance.random() < BOTH else [self.chance.choice(living)]:
            server.kill()
            self.kills += 1


async def test_servers_that_are_killed_lose_nothing_pay_nothing_twice_and_leave_nothing_half_done(
    settings: MakeSettings, crew_of: MakeCrew, show: Show
) -> None:
    began = time.perf_counter()
    async with open_studio(SEED) as studio, httpx2.AsyncClient(trust_env=False, timeout=PATIENCE) as http:
        made = settings(openai_base_url=studio.url, openai_api_key=SecretStr("sk-of-a-test"), provider="openai")
        with crew_of(made) as crew:
            hunt = Hunt(studio, crew, http, Random(SEED))  # noqa: S311 - no secret
            for number in range(ROUNDS):
                await hunt.round(large=number >= ROUNDS * (1 - LARGE_SHARE))
            last = await run_sync(crew.start)
            with anyio.fail_after(PATIENCE):
                await hunt.answer_all()
                fetched = await fetch(http, last.origin, hunt.wishes)
                while {row.state for row in journaled(made)} & {"reserved", "sent"}:  # noqa: ASYNC110 - nobody tells
                    await anyio.sleep(0.05)
                for server in crew.living:
                    server.kill()
                while crew.processes():  # noqa: ASYNC110 - servers are gone at once, and their workers soon
                    await anyio.sleep(0.05)
        rows = journaled(made)
        show(figures(hunt, rows, time.perf_counter() - began))

        check_answers(hunt, rows, made, fetched)
        check_payments(hunt, rows)
        check_ledger(studio, rows)
        await check_folders(hunt, made)


def check_answers(hunt: Hunt, rows: Sequence[Row], settings: Settings, fetched: Mapping[str, str]) -> None:
    """Every call was answered with what was made for it, and with nothing else."""
    pictures = kept(settings)
    works = {work.id: work for work in hunt.studio.works}
    answered = {row.prompt: row for row in rows if row.state == "completed"}
    for wish in hunt.wishes:
        row = answered[wish.prompt]
        made = {works[name].sha256 for name in row.named}
        assert row.id in wish.text
        assert {pictures[handle][1] for handle in wish.handles} == made, wish
        assert {sha256(Path(pictures[handle][0]).read_bytes()).hexdigest() for handle in wish.handles} == made
        assert {fetched[link] for link in wish.links} == made
        assert wish.previews == len(wish.links) == len(made)
        assert ("may have been billed" in wish.text) == (len(row.named) < wish.count)


def check_payments(hunt: Hunt, rows: Sequence[Row]) -> None:
    """Every call was paid for once; more than once only after it was said that nobody knows."""
    for wish in hunt.wishes:
        jobs = [row for row in rows if row.prompt == wish.prompt]
        assert [row.state for row in jobs] == ["unknown"] * (len(jobs) - 1) + ["completed"], wish
        assert wish.warnings >= len(jobs) - 1, wish
        assert len(hunt.studio.of(wish.prompt)) <= wish.count * len(jobs), wish


def check_ledger(studio: Studio, rows: Sequence[Row]) -> None:
    """The bills come to what the service made; what nobody can know of is billed as estimated."""
    works = {work.id: work for work in studio.works}
    named = [name for row in rows for name in row.named]
    assert len(named) == len(set(named))
    assert all((len(row.named) < row.count) == row.estimated and row.billed > 0 for row in rows)
    sure = [row for row in rows if not row.estimated]
    one = next(row for row in sure if row.count == 1)
    flat = one.billed - PER_TOKEN * works[one.named[0]].tokens
    made = [works[name] for row in sure for name in row.named]
    assert sum(row.billed for row in sure) == sum(flat + PER_TOKEN * work.tokens for work in made)
    assert len(works.keys() - set(named)) <= sum(row.count - len(row.named) for row in rows)


async def check_folders(hunt: Hunt, settings: Settings) -> None:
    """What has a name is whole and there once; what killed servers left unfinished is gone a day later."""
    hunt.look()
    with database(settings) as opened:
        assert opened.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    state = SQLiteDatabase(settings.state_dir)
    try:
        await prune(
            state,
            FolderContent(settings.state_dir),
            keep_days=settings.keep_days,
            cache_bytes=settings.cache_bytes,
            now=time.time() + 2 * DAY,
            image_dir=settings.image_dir,
        )
    finally:
        await state.close()
    files = [
        file for folder in (settings.image_dir, settings.state_dir) for file in folder.rglob("*") if file.is_file()
    ]
    assert [file for file in files if file.name.startswith(".") or file.parent.name == "partials"] == []
    assert [file for file in files if re.search(r"-img_[0-9a-z]{10}-\d+\.", file.name)] == []


def figures(hunt: Hunt, rows: Sequence[Row], seconds: float) -> str:
    named = {name for row in rows for name in row.named}
    works = hunt.studio.works
    large = sum(LARGE in work.prompt for work in works)
    unknown = sum(row.state == "unknown" for row in rows)
    part = sum(row.state == "completed" and len(row.named) < row.count for row in rows)
    unfinished = len(list(hunt.crew.settings.image_dir.glob(".*")))
    lines = [
        f"{hunt.kills} servers killed in {ROUNDS} rounds, {seconds:.0f} s (SEED={SEED})",
        f"{len(hunt.wishes)} calls, made {sum(wish.tries - 1 for wish in hunt.wishes)} times again",
        f"{len(works)} requests, {large} of them for 20 MB; {hunt.studio.asked_again} streams taken up",
        f"lost 0, paid twice unsaid 0, half files 0; {unfinished} hidden ones that are gone a day later",
        f"said to be billed perhaps: {unknown} jobs, and {part} in part",
        f"requests among those that the service did get: {sum(work.id not in named for work in works)}",
    ]
    return "\n".join(lines)


async def fetch(http: httpx2.AsyncClient, origin: str, wishes: Sequence[Wish]) -> dict[str, str]:
    """Fetch every picture that was answered, as a client would, and give the hash of each."""
    return {
        link: sha256((await http.get(origin + link)).raise_for_status().content).hexdigest()
        for wish in wishes
        for link in wish.links
    }


def journaled(settings: Settings) -> list[Row]:
    with database(settings) as opened:
        rows = opened.execute('SELECT id, state, "order", responses, billed, estimated FROM jobs ORDER BY created_at')
        return [
            Row(
                id=job_id,
                state=state,
                prompt=json.loads(order)["prompt"],
                count=json.loads(order)["priced"]["count"],
                named=tuple(json.loads(responses).values()),
                billed=billed,
                estimated=bool(estimated),
            )
            for job_id, state, order, responses, billed, estimated in rows
        ]


def kept(settings: Settings) -> dict[str, tuple[str, str]]:
    """Give path and hash of every picture that has a handle."""
    with database(settings) as opened:
        return {
            handle: (path, told) for handle, path, told in opened.execute("SELECT handle, path, sha256 FROM pictures")
        }


@contextmanager
def database(settings: Settings) -> Generator[sqlite3.Connection]:
    opened = sqlite3.connect(settings.state_dir / "lightbox.sqlite3")
    try:
        yield opened
    finally:
        opened.close()
