"""Answers that the sandbox never gives, from a scripted service: what was paid for is answered, kept and billed."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncGenerator
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from io import BytesIO
from typing import TYPE_CHECKING, Any

import anyio
import httpx2
import pytest
from anyio.abc import SocketStream
from anyio.streams.buffered import BufferedByteReceiveStream
from mcp.types import TextResourceContents
from PIL import Image

from loopback import listening

if TYPE_CHECKING:
    from mcp import Client
    from tests.conftest import Ask, Upstream

    from lightbox.settings import Settings

    from .conftest import Bench

PAINT: dict[str, Any] = {"prompt": "a red fox", "model": "gpt-image-2"}
SEARCH: dict[str, Any] = {"query": "a red fox", "provider": "dashscope", "check": False}
COLOURS = ("red", "blue")
HOST = "https://pictures.example"
FAULT = {"code": "server_error", "message": "The search engine is ill."}


@dataclass
class Script:
    """A service that answers its requests one after the other with these; the last one again and again."""

    port: int = 0
    answers: list[bytes] = field(default_factory=list[bytes])
    posts: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    async def serve(self, client: SocketStream) -> None:
        with suppress(anyio.BrokenResourceError, anyio.EndOfStream, anyio.IncompleteRead):
            async with client:
                received = BufferedByteReceiveStream(client)
                head = (await received.receive_until(b"\r\n\r\n", 1 << 20)).decode().lower()
                _, _, length = head.partition("content-length:")
                await received.receive_exactly(int(length.split("\r\n")[0] or 0))
                if head.startswith("post"):
                    self.posts += 1
                await client.send(self.answers.pop(0) if len(self.answers) > 1 else self.answers[0])

    def streams(self, *items: dict[str, Any], usage: dict[str, Any] | None = None, status: str = "completed") -> None:
        """Answer with a stream of these items, told twice as services do: one by one, and all at the end."""
        last = {"id": "resp_1", "object": "response", "status": status, "output": list(items), "usage": usage or USAGE}
        events: list[dict[str, Any]] = [
            {"type": "response.created", "response": {"id": "resp_1", "status": "in_progress", "output": []}},
            *({"type": "response.output_item.done", "output_index": n, "item": item} for n, item in enumerate(items)),
            {"type": f"response.{status}", "response": last},
        ]
        frames = [f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode() for event in events]
        self.answers.append(_head("text/event-stream") + b"".join(frames))

    def says(self, body: dict[str, Any], status: int = 200) -> None:
        """Answer with a whole body."""
        self.answers.append(_head("application/json", status) + json.dumps(body).encode())


USAGE = {"input_tokens": 900, "output_tokens": 40, "total_tokens": 940}


def _head(content_type: str, status: int = 200) -> bytes:
    return f"HTTP/1.1 {status} Said\r\nContent-Type: {content_type}\r\nConnection: close\r\n\r\n".encode()


@pytest.fixture
async def script() -> AsyncGenerator[Script]:
    script = Script()
    async with listening(script.serve) as script.port:
        yield script


@pytest.fixture
def settings_(bench: Bench, script: Script) -> Settings:
    """Lead both services to the script."""
    return bench.settings(openai_base_url=script.url, dashscope_base_url=script.url)


def painted(number: int, colour: str, size: str = "1024x1024", **told: Any) -> dict[str, Any]:
    """Give the item of a picture, its bytes small and its reported size as told."""
    data = BytesIO()
    Image.new("RGB", (64, 48), colour).save(data, "PNG")
    item = {"id": f"ig_{number}", "type": "image_generation_call", "status": "completed", "size": size}
    return (
        item | {"quality": "low", "output_format": "png", "result": base64.b64encode(data.getvalue()).decode()} | told
    )


def search(found: list[dict[str, Any]] | None, **told: Any) -> dict[str, Any]:
    item = {"id": "call_1", "type": "web_search_image_call", "status": "completed", "arguments": '{"queries": ["fox"]}'}
    return item | ({} if found is None else {"output": json.dumps(found)}) | told


def hits(number: int) -> list[dict[str, Any]]:
    return [{"title": f"Fox {n}", "url": f"{HOST}/fox-{n}.jpg", "index": n} for n in range(number)]


async def test_of_several_pictures_in_one_response_all_are_answered_shown_and_saved(
    bench: Bench, script: Script, settings_: Settings, ask: Ask
) -> None:
    script.streams(painted(1, "red"), painted(2, "blue"))
    async with bench.connect(settings_) as client:
        answer = await ask(client, "generate_image", **PAINT)
        [row] = await bench.settled(settings_)
        seen = await ask(client, "view_images", images=answer.handles)
        again = await ask(client, "get_job", job_id=row.id)

    assert "Made 2 pictures" in answer.text
    assert "did not come" not in answer.text
    assert len(answer.handles) == len(set(answer.handles)) == 2
    assert [image.convert("RGB").getpixel((9, 9)) for image in answer.pictures] == [
        pytest.approx((255, 0, 0), abs=6),
        pytest.approx((0, 0, 255), abs=6),
    ]
    assert not seen.failed
    assert len(list(settings_.image_dir.rglob("*.png"))) == 2
    assert again.handles == answer.handles
    assert script.posts == 1


async def test_of_two_requests_the_one_that_brought_two_pictures_answers_both_and_the_other_is_told(
    bench: Bench, script: Script, settings_: Settings, ask: Ask
) -> None:
    script.streams(painted(1, "red"), painted(2, "blue"))
    script.says({"error": {"message": "No", "code": "bad"}}, status=400)
    async with bench.connect(settings_) as client:
        answer = await ask(client, "generate_image", count=2, **PAINT)
        [row] = await bench.settled(settings_)

    assert "Made 2 pictures" in answer.text
    assert len(answer.handles) == len(answer.pictures) == 2
    assert "note: 1 of 2 " in answer.text
    assert row.state == "completed"


@pytest.mark.parametrize(
    ("item", "body"),
    [
        (search(None, status="failed", error=FAULT), None),
        (search([], status="failed", error=FAULT), None),
        (search([], status="failed"), None),
        (None, {"id": "resp_1", "object": "response", "status": "failed", "output": [], "error": FAULT}),
        (None, {"id": "resp_1", "object": "response", "status": "completed", "output": [search([], status="failed")]}),
    ],
    ids=["the call failed", "failed with an empty list", "failed without a word", "HTTP 200 failed", "a whole body"],
)
async def test_a_search_that_brought_nothing_because_the_service_failed_is_sent_again(
    bench: Bench,
    script: Script,
    settings_: Settings,
    ask: Ask,
    item: dict[str, Any] | None,
    body: dict[str, Any] | None,
) -> None:
    if item is not None:
        script.streams(item)
    if body is not None:
        script.says(body)
    script.streams(search(hits(3)))
    async with bench.connect(settings_) as client:
        first = await ask(client, "search_images", **SEARCH)
        second = await ask(client, "search_images", **SEARCH)
        rows = await bench.settled(settings_)

    assert first.failed, first.text
    assert not second.failed, second.text
    assert len(second.listed["hits"]) == 3
    assert second.listed["cached"] is False
    assert [row.state for row in rows] == ["failed", "completed"]
    assert script.posts == 2


async def image_tokens(client: Client, ask: Ask, size: str, quality: str) -> Decimal:
    """Give the output tokens that `estimate_cost` counts for a picture of this size and quality."""
    arguments = PAINT | {"size": size, "quality": quality}
    told = await ask(client, "estimate_cost", tool="generate_image", arguments=arguments)
    [tokens] = [
        Decimal(part["quantity"])
        for part in told.listed["calls"][0]["parts"]
        if part["what"] == f"picture of {size} at {quality} quality"
    ]
    return tokens


async def test_a_bill_uses_the_size_and_quality_that_the_service_reports_for_each_picture(
    bench: Bench, script: Script, settings_: Settings, ask: Ask
) -> None:
    reported = (("1536x1024", "high"), ("1024x1024", "medium"))
    script.streams(*(painted(n, COLOURS[n], size, quality=quality) for n, (size, quality) in enumerate(reported)))
    async with bench.connect(settings_) as client:
        expected = {
            f"picture of {size} at {quality} quality": await image_tokens(client, ask, size, quality)
            for size, quality in reported
        }
        answer = await ask(client, "generate_image", **PAINT)
        [row] = await bench.settled(settings_)
        [content] = (await client.read_resource(f"lightbox://jobs/{row.id}")).contents
        spent = await ask(client, "get_spending")

    assert isinstance(content, TextResourceContents)
    parts = json.loads(content.text)["bill"]["parts"]
    billed = {part["what"]: Decimal(part["quantity"][1]) for part in parts if part["what"] in expected}
    assert not answer.failed
    assert billed == expected
    assert len(set(billed.values())) == 2
    assert Decimal(row.billed or 0) / 10**9 == Decimal(spent.listed["totals"][0]["billed"])
    assert row.estimated  # the tokens were counted here, not told


async def test_a_malformed_address_costs_that_hit_and_not_the_search(
    bench: Bench, script: Script, settings_: Settings, ask: Ask
) -> None:
    odd = [
        "https://[::1",
        "https://[v1.fe80]/fox.jpg",
        f"{HOST}:99999/fox.jpg",
        f"{HOST}:fox/fox.jpg",
        f"{HOST}/\0.jpg",
        "https:///fox.jpg",
        "fox.jpg",
        None,
        7,
    ]
    good = hits(4)
    good[1] |= {"title": "\ud800 a fox \0", "source_website_url": "https://[::1", "thumbnail_url": f"{HOST}:99999/t"}
    script.streams(search([*good[:2], *({"title": "odd", "url": url} for url in odd), *good[2:]]))
    async with bench.connect(settings_) as client:
        answer = await ask(client, "search_images", **SEARCH)
        [row] = await bench.settled(settings_)

    assert not answer.failed, answer.text
    assert [hit["image_url"] for hit in answer.listed["hits"]] == [hit["url"] for hit in good]
    assert answer.listed["found"] == 4
    assert (row.state, row.error) == ("completed", None)


async def test_of_a_thousand_hits_of_one_call_three_hundred_are_kept_and_the_answer_fits(
    bench: Bench, script: Script, settings_: Settings, ask: Ask
) -> None:
    found = [[hit | {"url": f"{hit['url']}?{call}"} for hit in hits(500)] for call in range(2)]
    script.streams(*(search(part, id=f"call_{call}") for call, part in enumerate(found)))
    async with bench.connect(settings_) as client:
        answer = await ask(client, "search_images", count=100, **SEARCH)
        [row] = await bench.settled(settings_)

    assert not answer.failed
    assert answer.listed["found"] == 300
    assert 10 < len(answer.listed["hits"]) <= 100
    assert answer.byte_count <= settings_.max_result_bytes
    assert row.outcome
    assert (row.state, row.outcome["found"]) == ("completed", 300)


async def test_a_picture_that_came_damaged_is_kept_beside_and_the_answer_says_where(
    bench: Bench, script: Script, settings_: Settings, ask: Ask
) -> None:
    script.streams(painted(1, "red", result="iVBORw0KGgo*damaged*"))
    async with bench.connect(settings_) as client:
        answer = await ask(client, "generate_image", **PAINT)
        [row] = await bench.settled(settings_)

    [kept] = settings_.image_dir.glob("*.damaged")
    assert answer.failed
    assert "came damaged" in answer.text
    assert str(kept) in answer.text
    assert kept.read_bytes() == b"iVBORw0KGgo*damaged*"
    assert (row.state, script.posts) == ("failed", 1)
    assert row.billed


async def test_a_picture_that_is_named_by_its_address_is_fetched_once_and_saved(
    bench: Bench, script: Script, settings_: Settings, ask: Ask, upstream: Upstream
) -> None:
    address = f"{upstream.origin}/pictures/snowman-and-falling-snow.gif"
    script.streams(painted(1, "red", result=address))
    async with bench.connect(settings_) as client:
        answer = await ask(client, "generate_image", **PAINT)

    [saved] = settings_.image_dir.iterdir()
    assert "Made 1 picture " in answer.text, answer.text
    assert saved.suffix == ".gif"
    assert str(saved) in answer.text
    assert script.posts == 1


async def test_a_picture_at_an_address_that_the_guard_refuses_is_named_and_not_fetched(
    bench: Bench, script: Script, settings_: Settings, ask: Ask
) -> None:
    script.streams(painted(1, "red", result="http://169.254.169.254/latest/picture.png"))
    async with bench.connect(settings_) as client:
        answer = await ask(client, "generate_image", **PAINT)
        [row] = await bench.settled(settings_)

    assert answer.failed
    assert "169.254.169.254" in answer.text
    assert "can't be fetched" in answer.text
    assert row.billed


async def test_hits_that_came_beyond_what_was_asked_for_are_chosen_from_too(
    bench: Bench, script: Script, settings_: Settings, upstream: Upstream
) -> None:
    sizes = [(300, 200)] * 5 + [(200, 300)]
    script.streams(search([{"url": hosted(upstream, size, n), "title": f"fox {n}"} for n, size in enumerate(sizes)]))
    wanted = {"query": "a red fox", "provider": "dashscope", "count": 1, "shape": "portrait"}
    async with bench.connect(settings_) as client:
        answer = await client.call_tool("search_images", wanted)

    assert answer.structured_content
    assert [hit["title"] for hit in answer.structured_content["hits"]] == ["fox 5"]
    assert "Left out: 5 of 6 were not portrait." in bench.text(answer)
    assert script.posts == 1


def hosted(upstream: Upstream, size: tuple[int, int], number: int) -> str:
    """Give an address at which there is a picture of that size, unlike that of another number."""
    data = BytesIO()
    Image.new("RGB", size, (40 * number, 90, 60)).save(data, "PNG")
    files = {"file": ("fox.png", data.getvalue(), "image/png")}
    answer = httpx2.post(f"{upstream.openai_url}/files", data={"purpose": "vision"}, files=files, trust_env=False)
    return f"{upstream.openai_url}/files/{answer.json()['id']}/content"
