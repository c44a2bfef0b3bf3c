"""Estimates learn: what such calls did cost is what the next one is expected to cost, between honest bounds."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from mcp import Client
from mcp.types import CallToolResult, TextContent
from PIL import Image
from pydantic import SecretStr

from databases import change, rows
from lightbox.providers.openai import OPENAI_URL

if TYPE_CHECKING:
    from tests.conftest import Connect, MakeSettings, Show, Upstream

    from lightbox.settings import Settings

    from .conftest import Bench

SEED = 20_261_122
TAUGHT = 20
"""How many calls of each kind are made first."""
MEASURED = 300
AT_ONCE = 8
MOST_ERROR = Decimal("0.1")
WORDS = ("a red fox in deep snow", "山间湖泊", "night market", "gold leaf", "1987", "Überall Bäume", "harbour", "lake")
FILLER = ("1987", "e.g.", "没有别的", "§ 4", "Überall", "thus")
PAINTED: dict[str, dict[str, Any]] = {
    "openai": {"quality": "low", "format": "jpeg"},
    "dashscope": {},
    "openrouter": {},
}
"""Who makes pictures, and how the calls here ask for them."""
SIZES = {
    "openai": ("1024x640", "640x1024", "816x816"),
    "dashscope": ("512x512", "576x480", "512x640"),
    "openrouter": ("1:1", "3:2", "4:5"),
}
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

    def filler(self) -> str:
        """Give words that no painter knows: what is painted stays plain, which is quick."""
        self._calls += 1
        return " ".join([*self.random.choices(FILLER, k=self.random.randint(1, 6)), str(self._calls)])

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

    def generate(self, provider: str) -> Arguments:
        options = PAINTED[provider] | {"size": self.random.choice(SIZES[provider])}
        return options | {"prompt": f"a plain grey backdrop, {self.filler()}", "provider": provider}

    def edit(self, provider: str) -> Arguments:
        images = self.random.sample(self.pictures, self.random.randint(1, 3))
        return self.generate(provider) | {"prompt": f"greyscale, {self.filler()}", "images": images}

    @property
    def kinds(self) -> dict[str, tuple[str, Callable[[], Arguments], int]]:
        """Every kind: its tool, a call of it, and how often it is measured, out of `MEASURED`."""
        return {
            "search dashscope": ("search_images", lambda: self.search("dashscope", analysis=False), 46),
            "search dashscope, analysed": ("search_images", lambda: self.search("dashscope", analysis=True), 25),
            "search openai": ("search_images", lambda: self.search("openai", analysis=False), 40),
            "similar dashscope": ("find_similar_images", self.similar, 30),
            **{f"describe {name}": ("describe_images", partial(self.describe, name), 30) for name in PAINTED},
            **{f"generate {name}": ("generate_image", partial(self.generate, name), 12) for name in PAINTED},
            **{f"edit {name}": ("edit_image", partial(self.edit, name), 11) for name in PAINTED},
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
@pytest.mark.one_database("sqlite", "what is learned is the same on any; other tests here say that it is")
async def test_what_three_hundred_random_calls_cost_is_expected_within_a_tenth_after_twenty_of_their_kind(
    connect: Connect, settings: MakeSettings, sandbox: Upstream, prices: Path, choose: Chooser, show: Show
) -> None:
    made = settings(
        cache_seconds=0,
        wait_seconds=120,
        partial_images=0,
        previews="off",
        prices=prices,
        read_dirs=(Path(choose.pictures[0]).parent,),
        openrouter_api_key=SecretStr("sk-or-v1-of-a-test"),
        openrouter_base_url=sandbox.openrouter_url,
    )
    taught = [(tool, make()) for tool, make, _ in choose.kinds.values() for _ in range(TAUGHT)]
    measured = [(kind, tool, make()) for kind, (tool, make, number) in choose.kinds.items() for _ in range(number)]
    assert len(measured) == MEASURED
    choose.random.shuffle(measured)
    async with connect(made) as client:
        await call_all(client, made, taught)
        before = {row["id"] for row in rows(made, "SELECT id FROM jobs")}
        ids = await call_all(client, made, [(tool, arguments) for _, tool, arguments in measured])
    kinds = dict(zip(ids, [kind for kind, _, _ in measured], strict=True))
    settled = list(settled_jobs(made, kinds))
    show(table(settled))
    assert not before & set(kinds)
    assert len(settled) == MEASURED
    assert [one for one in settled if not one.low <= one.billed <= one.high] == []
    assert {one.taught for one in settled} == {TAUGHT}
    for tool, error in errors(settled).items():
        assert error <= MOST_ERROR, tool


def said(answer: CallToolResult) -> str:
    """Give the text that every answer begins with."""
    text = answer.content[0]
    assert isinstance(text, TextContent)
    return text.text


async def call_all(client: Client, settings: Settings, calls: list[tuple[str, Arguments]]) -> list[str]:
    """Make calls, some at once, and wait for their bills; give the ids of their jobs."""
    ids: dict[int, str] = {}
    room = anyio.CapacityLimiter(AT_ONCE)

    async def one(number: int, tool: str, arguments: Arguments) -> None:
        async with room:
            answer = await client.call_tool(tool, arguments)
        text = said(answer)
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
            low, expected, high = (Decimal(estimate[name]["amount"]) for name in ("low", "expected", "high"))
            billed, past = Decimal(bill["amount"]["amount"]), json.loads(row["past_call"])
            taught = estimate.get("learned_from", 0)
            yield Settled(kinds[row["id"]], low, expected, high, billed, Decimal(past["expected"]), taught)


def errors(settled: list[Settled]) -> dict[str, Decimal]:
    """Give the mean error of each tool, and of each kind of call."""
    seen: dict[str, list[Decimal]] = defaultdict(list)
    for one in settled:
        seen[one.kind.partition(" ")[0]].append(one.error)
        seen[one.kind].append(one.error)
    return {kind: mean(each) for kind, each in sorted(seen.items())}


def table(settled: list[Settled]) -> str:
    lines = [f"{'mean error of expected':28} {'calls':>5} {'learned':>8} {'catalogue':>9} {'within':>7}"]
    for kind, error in errors(settled).items():
        own = [one for one in settled if one.kind == kind or one.kind.startswith(f"{kind} ")]
        plain = sum(abs(one.catalogue - one.billed) / one.billed for one in own) / len(own)
        within = sum(one.low <= one.billed <= one.high for one in own)
        lines.append(f"{kind:28} {len(own):5} {error:8.1%} {plain:9.1%} {within:7}")
    return "\n".join(lines)


NO_KEYS: dict[str, Any] = {
    "dashscope_api_key": None,
    "openai_api_key": None,
    "openai_base_url": OPENAI_URL,
    "openrouter_api_key": None,
}
QUERY = {"provider": "dashscope", "check": False}
FEW = 5
"""How many calls of a kind are enough to learn from."""


@pytest.fixture
def priced(settings: MakeSettings, prices: Path) -> MakeSettings:
    def make(**wanted: Any) -> Settings:
        return settings(**({"cache_seconds": 0, "prices": prices, "partial_images": 0} | wanted))

    return make


async def search(client: Client, settings: Settings, number: int = FEW, **more: Any) -> None:
    await call_all(client, settings, [("search_images", QUERY | more | {"query": f"lake {n}"}) for n in range(number)])


async def estimated(client: Client, **more: Any) -> tuple[str, dict[str, Any]]:
    """Give what estimate_cost says of a search, and its first call."""
    arguments: dict[str, Any] = QUERY | {"query": "a lake"} | more
    wanted = {"tool": "search_images", "arguments": arguments}
    answer = await client.call_tool("estimate_cost", wanted)
    assert answer.structured_content is not None
    return said(answer), answer.structured_content["calls"][0]


@pytest.mark.usefixtures("either_database")
async def test_an_estimate_says_whether_it_is_from_the_catalogue_or_from_late_bills(
    connect: Connect, priced: MakeSettings
) -> None:
    made = priced()
    async with connect(made) as client:
        before, catalogue = await estimated(client)
        await search(client, made)
        after, learned = await estimated(client)
        other, _ = await estimated(client, analysis=True)
    [bill] = {row["billed"] for row in rows(made, "SELECT billed FROM jobs ORDER BY created_at LIMIT 1")}

    assert "expected (catalogue)" in before
    assert f"expected (from your last {FEW} searches)" in after
    assert "expected (catalogue)" in other
    assert (learned["low"], learned["high"]) == (catalogue["low"], catalogue["high"])
    assert abs(Decimal(learned["expected"]) - bill / Decimal(10**9)) < Decimal("0.0004")
    assert Decimal(catalogue["expected"]) > Decimal(learned["expected"]) * Decimal("1.2")


@pytest.mark.usefixtures("either_database")
async def test_another_server_of_the_same_state_learns_too_and_a_call_is_reserved_by_the_high_figure(
    connect: Connect, priced: MakeSettings
) -> None:
    made = priced()
    async with connect(made) as client:
        await search(client, made)
    async with connect(made) as client:
        answer = await client.call_tool("search_images", QUERY | {"query": "a hill"})
        text = said(answer)
        _, learned = await estimated(client)
        await call_all(client, made, [])
    [row] = rows(made, 'SELECT "order" FROM jobs WHERE "order" LIKE \'%a hill%\'')
    stored = json.loads(row["order"])["estimate"]

    assert f"from your last {FEW} searches); job_" in text
    assert (stored["learned_from"], stored["high"]["amount"]) == (FEW, learned["high"])


async def test_what_others_paid_teaches_nothing(connect: Connect, priced: MakeSettings) -> None:
    made = priced()
    async with connect(made) as client:
        await search(client, made)
    change(made, "UPDATE jobs SET owner = 'somebody else'")
    async with connect(made) as client:
        text, _ = await estimated(client)

    assert "(catalogue)" in text


@pytest.mark.parametrize(
    ("fault", "taught"), [("", FEW), ("usage=missing", 0), ("status=400;message=No", 0)], ids=["", "no usage", "failed"]
)
async def test_only_bills_that_the_service_reported_teach(bench: Bench, fault: str, taught: int) -> None:
    settings = bench.settings(cache_seconds=0)
    bench.line.fault = fault
    async with bench.connect(settings) as client:
        for number in range(FEW):
            await client.call_tool("search_images", QUERY | {"query": f"lake {number}"})
        await bench.settled(settings)

    assert len(rows(settings, "SELECT id FROM jobs WHERE kind IS NOT NULL")) == taught


async def test_an_answer_from_the_journal_teaches_nothing(connect: Connect, priced: MakeSettings) -> None:
    made = priced(cache_seconds=3600)
    async with connect(made) as client:
        for _ in range(FEW):
            await call_all(client, made, [("search_images", QUERY | {"query": "a lake"})])
        text, _ = await estimated(client)

    assert "(catalogue)" in text


async def test_what_a_newer_version_has_learned_otherwise_is_passed_over(
    connect: Connect, priced: MakeSettings
) -> None:
    made = priced()
    async with connect(made) as client:
        await search(client, made)
    change(made, """UPDATE jobs SET past_call = '{"of_tomorrow": 1}'""")
    async with connect(made) as client:
        text, _ = await estimated(client)

    assert "(catalogue)" in text


async def test_without_a_key_a_price_is_that_of_each_service_that_one_could_have(
    connect: Connect, settings: MakeSettings, choose: Chooser
) -> None:
    made = settings(**NO_KEYS, read_dirs=(Path(choose.pictures[0]).parent,))
    async with connect(made) as client:
        text, first = await estimated(client, provider="auto")
        named, here = await estimated(client, provider="sandbox")
        many = {"tool": "search_images", "arguments": {"query": "a lake"}, "times": 10}
        also = {"tool": "describe_images", "arguments": {"images": [choose.pictures[0]]}}
        both = await client.call_tool("estimate_cost", many | {"more": [also]})

    assert first["provider"] == "dashscope"
    assert "search_images (dashscope, " in text
    assert "search_images (openai, " in text
    assert "sandbox, sandbox" not in text
    assert "No key is set: such a call is made on the sandbox, for nothing." in text
    assert "DASHSCOPE_API_KEY or" in text
    assert "0 USD" in named
    assert here["provider"] == "sandbox"
    assert both.structured_content is not None
    totals = {total["provider"]: Decimal(total["expected"]) for total in both.structured_content["totals"]}
    assert {"dashscope", "openai"} <= set(totals)
    assert all(total > 10 * Decimal("0.008") for total in totals.values())


async def test_a_setting_that_names_the_sandbox_prices_the_sandbox(connect: Connect, settings: MakeSettings) -> None:
    async with connect(settings(**NO_KEYS, provider="sandbox")) as client:
        text, first = await estimated(client, provider="auto")

    assert first["provider"] == "sandbox"
    assert "No key is set" not in text
