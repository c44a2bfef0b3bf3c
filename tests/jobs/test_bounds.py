"""Estimates hold: whatever is called, the bill lies between their low and high figures."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from mcp import Client
from mcp.types import TextResourceContents
from PIL import Image

from lightbox.costs.catalogue.catalogue import Catalogue
from lightbox.vocabulary import Ability

if TYPE_CHECKING:
    from tests.conftest import Show

    from .conftest import Bench

SEED = 20_261_121
AT_ONCE = 4
NOW = datetime.now(UTC)
WORDS = ("a red fox in deep snow at dusk", "山间湖泊", "night market;", "tiny, blue & gold", "1987", "Überall Bäume")
Arguments = dict[str, Any]


@dataclass
class Chooser:
    """Chooses calls at random, the same ones in every run."""

    folder: Path
    catalogue: Catalogue
    random: random.Random = field(default_factory=lambda: random.Random(SEED))  # noqa: S311 - no secret
    _pictures: int = 0

    def words(self, most: int) -> str:
        return " ".join(self.random.choices(WORDS, k=self.random.randint(1, most // 5)))

    def model(self, provider: str, ability: Ability) -> str:
        region = "international" if provider == "dashscope" else None
        rates = self.catalogue.at(NOW)
        names = [row.name for row in self.catalogue.models(provider) if self.catalogue.can(provider, row.name, ability)]
        priced = [name for name in names if rates.token_price(provider, name, region) is not None]
        return self.random.choice([name for name in priced if rates.vision(provider, name) is not None])

    def picture(self, most: int = 1_400) -> str:
        self._pictures += 1
        size = self.random.randint(40, most), self.random.randint(40, most)
        data = BytesIO()
        Image.new("RGB", size, (self._pictures % 256, 90, 40)).save(data, "JPEG")
        path = self.folder / f"{self._pictures}.jpg"
        path.write_bytes(data.getvalue())
        return str(path)

    def output(self) -> Arguments:
        model = self.random.choice(["gpt-image-1-mini", "gpt-image-1.5", "gpt-image-2", "gpt-image-2.5-sunburst"])
        size = self.random.choice(["1024x1024", "1024x1536", "auto"])
        return {"model": model, "size": size, "quality": self.random.choice(["low", "medium", "auto"])}

    def search(self, provider: str) -> Arguments:
        return {
            "query": self.words(30),
            "count": self.random.randint(1, 100),
            "analysis": self.random.random() < 0.5,
            "check": False,
            "provider": provider,
            "model": self.model(provider, "search"),
        }

    def similar(self) -> Arguments:
        return {
            "image": self.picture(),
            "about": self.words(20),
            "count": self.random.randint(1, 100),
            "analysis": self.random.random() < 0.5,
            "check": False,
            "model": self.model("dashscope", "similar"),
        }

    def generate(self) -> Arguments:
        return {"prompt": self.words(60), **self.output()}

    def edit(self) -> Arguments:
        images = [self.picture(900) for _ in range(self.random.randint(1, 3))]
        return {"images": images, "prompt": self.words(60), **self.output()}

    def describe(self, provider: str) -> Arguments:
        images = [self.picture() for _ in range(self.random.randint(1, 4))]
        arguments: Arguments = {"images": images, "question": self.words(40), "provider": provider}
        return arguments | {"model": self.model(provider, "describe")}


@dataclass(frozen=True)
class Priced:
    """A call's estimate and bill."""

    kind: str
    arguments: str
    low: Decimal
    expected: Decimal
    high: Decimal
    billed: Decimal
    bill: str

    @property
    def error(self) -> Decimal:
        return abs(self.expected - self.billed) / self.billed

    def __str__(self) -> str:
        return f"{self.kind} {self.arguments}: {self.low} <= {self.billed} <= {self.high}; {self.bill}"


@pytest.mark.slow
async def test_the_bills_of_two_hundred_random_calls_lie_within_their_estimates(
    bench: Bench, state_url: str | None, picture: Path, show: Show
) -> None:
    choose = Chooser(picture.parent, Catalogue.load())
    kinds: list[tuple[str, str, int, Callable[[], Arguments]]] = [
        ("search dashscope", "search_images", 55, lambda: choose.search("dashscope")),
        ("search openai", "search_images", 51, lambda: choose.search("openai")),
        ("similar dashscope", "find_similar_images", 30, choose.similar),
        ("describe dashscope", "describe_images", 25, lambda: choose.describe("dashscope")),
        ("describe openai", "describe_images", 25, lambda: choose.describe("openai")),
        ("generate openai", "generate_image", 8, choose.generate),
        ("edit openai", "edit_image", 6, choose.edit),
    ]
    calls = [(kind, tool, make()) for kind, tool, number, make in kinds for _ in range(number)]
    calls = calls[state_url is not None :: 2]  # the other half on the other database
    settings = bench.settings(cache_seconds=0, wait_seconds=120)
    priced: list[Priced] = []
    room = anyio.CapacityLimiter(AT_ONCE)

    async def one(client: Client, kind: str, tool: str, arguments: Arguments) -> None:
        async with room:
            answer = await client.call_tool(tool, arguments)
        assert not answer.is_error, (arguments, bench.text(answer))
        job_id = "job_" + bench.text(answer).rpartition("; job_")[2][:12]
        await bench.ended(settings, job_id)
        priced.append(await _priced(client, kind, arguments, job_id))

    async with bench.connect(settings) as client, anyio.create_task_group() as tasks:
        for kind, tool, arguments in calls:
            tasks.start_soon(one, client, kind, tool, arguments)

    where = "PostgreSQL" if state_url else "SQLite"
    lines = [f"Estimates against bills of the sandbox ({where}): mean error of `expected`"]
    for kind, _, _, _ in kinds:
        errors = [each.error for each in priced if each.kind == kind]
        lines.append(f"{kind:20} {len(errors):3} calls {sum(errors) / len(errors):6.1%}")
    show("\n".join(lines))
    assert len(priced) == 100
    assert [str(each) for each in priced if not each.low <= each.billed <= each.high] == []


async def _priced(client: Client, kind: str, arguments: Arguments, job_id: str) -> Priced:
    [content] = (await client.read_resource(f"lightbox://jobs/{job_id}")).contents
    assert isinstance(content, TextResourceContents)
    job = json.loads(content.text)
    estimate, bill = job["estimate"], job["bill"]
    assert not bill["estimated"], job
    assert bill["amount"], (arguments, bill)
    low, expected, high = (Decimal(estimate[name]["amount"]) for name in ("low", "expected", "high"))
    parts = "; ".join(f"{part['what']} {part['quantity'][1]}" for part in bill["parts"])
    guess = "; ".join(f"{part['what']} {part['quantity']}" for part in estimate["parts"])
    billed = Decimal(bill["amount"]["amount"])
    return Priced(kind, json.dumps(arguments)[:300], low, expected, high, billed, f"billed {parts}; estimated {guess}")
