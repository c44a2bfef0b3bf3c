"""Estimates learn: what such calls did cost is what the next one is expected to cost, between honest bounds."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from mcp import Client
from PIL import Image

from databases import rows

if TYPE_CHECKING:
    from tests.conftest import Connect, MakeSettings, Show

    from lightbox.settings import Settings

SEED = 20_261_122
TAUGHT = 20
"""How many calls of each kind are made first."""
MEASURED = 300
AT_ONCE = 4
MOST_ERROR = Decimal("0.1")
MODELS = {"dashscope": "qwen3.7-plus", "openai": "gpt-5.6-luna"}
WORDS = ("a red fox in deep snow", "山间湖泊", "night market", "gold leaf", "1987", "Überall Bäume", "harbour", "lake")
Arguments = dict[str, Any]


@dataclass
class Chooser:
    """Chooses calls at random, the same ones in every run; small ones, for what they cost is all that counts."""

    pictures: list[str]
    random: random.Random
    _calls: int = 0

    def words(self) -> str:
        self._calls += 1  # no two calls are the same: the second would join the first
        return " ".join([*self.random.choices(WORDS, k=self.random.randint(1, 6)), str(self._calls)])

    def search(self, provider: str, *, analysis: bool) -> Arguments:
        count = self.random.randint(1, 60)
        return {"query": self.words(), "count": count, "analysis": analysis, "check": False, "provider": provider}

    def similar(self) -> Arguments:
        [image] = self.random.sample(self.pictures, 1)
        count = self.random.randint(1, 40)
        return {"image": image, "about": self.words(), "count": count, "check": False, "provider": "dashscope"}

    def describe(self, provider: str) -> Arguments:
        images = self.random.sample(self.pictures, self.random.randint(1, 4))
        return {"images": images, "question": f"What is it? {self.words()}", "provider": provider}

    def generate(self) -> Arguments:
        size = self.random.choice(["1024x640", "640x1024", "816x816"])
        prompt = f"a plain background in {self.words()}"
        return {"prompt": prompt, "size": size, "quality": "low", "format": "jpeg", "provider": "openai"}

    def edit(self) -> Arguments:
        return self.generate() | {"images": self.random.sample(self.pictures, self.random.randint(1, 3))}

    @property
    def kinds(self) -> dict[str, tuple[str, Callable[[], Arguments], int]]:
        """Every kind: its tool, a call of it, and how often it is measured, out of `MEASURED`."""
        return {
            "search dashscope": ("search_images", lambda: self.search("dashscope", analysis=False), 70),
            "search dashscope, analysed": ("search_images", lambda: self.search("dashscope", analysis=True), 30),
            "search openai": ("search_images", lambda: self.search("openai", analysis=False), 60),
            "similar dashscope": ("find_similar_images", self.similar, 40),
            "describe dashscope": ("describe_images", lambda: self.describe("dashscope"), 40),
            "describe openai": ("describe_images", lambda: self.describe("openai"), 40),
            "generate openai": ("generate_image", self.generate, 10),
            "edit openai": ("edit_image", self.edit, 10),
        }


@dataclass(frozen=True)
class Settled:
    """A job's estimate and bill; `taught` where its price was learned."""

    kind: str
    low: Decimal
    expected: Decimal
    high: Decimal
    billed: Decimal
    catalogue: Decimal
    taught: int

    @property
    def error(self) -> Decimal:
        return abs(self.expected - self.billed) / self.billed


@pytest.fixture
def choose(tmp_path: Path) -> Chooser:
    chosen = random.Random(SEED)  # noqa: S311 - no secret
    folder = tmp_path / "given"
    folder.mkdir()
    pictures: list[str] = []
    for number in range(16):
        path = folder / f"{number}.jpg"
        Image.new("RGB", (chosen.randint(40, 900), chosen.randint(40, 900)), (number * 16, 90, 40)).save(path)
        pictures.append(str(path))
    return Chooser(pictures, chosen)


@pytest.mark.slow
async def test_what_three_hundred_random_calls_cost_is_expected_within_a_tenth_after_twenty_of_their_kind(
    connect: Connect, settings: MakeSettings, prices: Path, choose: Chooser, show: Show
) -> None:
    made = settings(
        cache_seconds=0, wait_seconds=120, partial_images=0, prices=prices, read_dirs=(Path(choose.pictures[0]).parent,)
    )
    taught = [(tool, make()) for tool, make, _ in choose.kinds.values() for _ in range(TAUGHT)]
    measured = [(kind, tool, make()) for kind, (tool, make, number) in choose.kinds.items() for _ in range(number)]
    assert len(measured) == MEASURED
    choose.random.shuffle(measured)
    kinds: dict[str, str] = {}
    async with connect(made) as client:
        await call_all(client, made, taught)
        before = {row["id"] for row in rows(made, "SELECT id FROM jobs")}
        for job_id, kind in zip(
            await call_all(client, made, [(tool, arguments) for _, tool, arguments in measured]),
            [kind for kind, _, _ in measured],
            strict=True,
        ):
            kinds[job_id] = kind
    settled = list(settled_jobs(made, kinds))
    show(table(settled))
    assert not before & set(kinds)
    assert len(settled) == MEASURED
    assert [one for one in settled if not one.low <= one.billed <= one.high] == []
    assert {one.taught for one in settled} == {TAUGHT}
    for tool, error in errors(settled).items():
        assert error <= MOST_ERROR, tool


async def call_all(client: Client, settings: Settings, calls: list[tuple[str, Arguments]]) -> list[str]:
    """Make calls, some at once, and wait for their bills; give the ids of their jobs."""
    ids: dict[int, str] = {}
    room = anyio.CapacityLimiter(AT_ONCE)

    async def one(number: int, tool: str, arguments: Arguments) -> None:
        async with room:
            answer = await client.call_tool(tool, arguments)
        text = answer.content[0].text  # pyright: ignore[reportAttributeAccessIssue] - every answer begins with text
        assert not answer.is_error, text
        ids[number] = "job_" + text.rpartition("job_")[2][:12]

    async with anyio.create_task_group() as tasks:
        for number, (tool, arguments) in enumerate(calls):
            tasks.start_soon(one, number, tool, arguments)
    with anyio.fail_after(30):
        while rows(settings, "SELECT id FROM jobs WHERE state = 'sent'"):  # noqa: ASYNC110 - another process may write
            await anyio.sleep(0.05)
    return [ids[number] for number in range(len(calls))]


def settled_jobs(settings: Settings, kinds: dict[str, str]) -> Iterator[Settled]:
    for row in rows(settings, 'SELECT id, "order", bill, past_call FROM jobs'):
        if row["id"] in kinds:
            estimate, bill = json.loads(row["order"])["estimate"], json.loads(row["bill"])
            assert not bill["estimated"], bill
            amounts = [Decimal(estimate[name]["amount"]) for name in ("low", "expected", "high")]
            billed, past = Decimal(bill["amount"]["amount"]), json.loads(row["past_call"])
            yield Settled(kinds[row["id"]], *amounts, billed, Decimal(past["expected"]), estimate.get("learned_from", 0))


def errors(settled: list[Settled]) -> dict[str, Decimal]:
    """Give the mean error of each tool, and of each kind of call."""
    seen: dict[str, list[Decimal]] = defaultdict(list)
    for one in settled:
        seen[one.kind.partition(" ")[0]].append(one.error)
        seen[one.kind].append(one.error)
    return {kind: sum(each) / len(each) for kind, each in sorted(seen.items())}


def table(settled: list[Settled]) -> str:
    lines = [f"{'mean error of expected':28} {'calls':>5} {'learned':>8} {'catalogue':>9} {'within':>7}"]
    for kind, error in errors(settled).items():
        own = [one for one in settled if one.kind == kind or one.kind.startswith(f"{kind} ")]
        plain = sum(abs(one.catalogue - one.billed) / one.billed for one in own) / len(own)
        within = sum(one.low <= one.billed <= one.high for one in own)
        lines.append(f"{kind:28} {len(own):5} {error:8.1%} {plain:9.1%} {within:7}")
    return "\n".join(lines)
