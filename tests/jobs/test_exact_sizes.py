"""Sizes that an image model does not make: asked for in the next larger one, kept as it came, and cut here."""

from __future__ import annotations

import base64
import json
import os
import re
import signal
from contextlib import suppress
from decimal import Decimal
from io import BytesIO
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from mcp import MCPError
from PIL import Image

from databases import change, rows

from .test_odd_answers import Script, painted, script

if TYPE_CHECKING:
    from tests.conftest import Ask, Transport

    from lightbox.settings import Settings

    from .conftest import Bench, Row

__all__ = ["script"]

FOX: dict[str, Any] = {"prompt": "a red fox in snow", "model": "gpt-image-2", "quality": "low", "size": "1000x750"}
ASKED = "1008x752"
"""What gpt-image-2 makes of that."""
DONE = r"output_item\.done.*image_generation_call"


def known(settings: Settings) -> dict[str, Any]:
    """Give what the state holds of every picture."""
    return {row["handle"]: row for row in rows(settings, "SELECT * FROM pictures")}


def opened(settings: Settings, handle: str) -> Image.Image:
    image = Image.open(known(settings)[handle]["path"])
    image.load()
    return image.convert("RGB")


def same_px(image: Image.Image, other: Image.Image) -> bool:
    """Compare two pictures px by px."""
    return image.size == other.size and image.tobytes() == other.tobytes()


def middle(image: Image.Image, width: int, height: int) -> Image.Image:
    """Copy the px of the middle, byte by byte."""
    left, upper, data = (image.width - width) // 2, (image.height - height) // 2, image.tobytes()
    starts = [3 * ((upper + y) * image.width + left) for y in range(height)]
    return Image.frombytes("RGB", (width, height), b"".join(data[start : start + 3 * width] for start in starts))


def sizes(bench: Bench) -> list[Any]:
    """Give the sizes that the service was asked for."""
    return [
        tool.get("size") for sent in bench.line.sent for tool in sent["tools"] if tool["type"] == "image_generation"
    ]


@pytest.mark.parametrize("transport", ["memory", "stdio", "http"])
async def test_a_picture_comes_in_exactly_the_size_that_was_named(bench: Bench, ask: Ask, transport: Transport) -> None:
    settings = bench.settings()
    async with bench.connect(settings, transport) as client:
        answer = await ask(client, "generate_image", **FOX)
        [row] = await bench.settled(settings)

    exact, original = answer.handles
    assert not answer.failed
    assert sizes(bench) == [ASKED]
    assert answer.text.splitlines()[1].startswith(f"{exact}  1000x750 px  image/png")
    assert f"size: asked for {ASKED}, cut to 1000x750 here for nothing" in answer.text
    assert f"as it came: {original}  {ASKED} px" in answer.text
    assert same_px(opened(settings, exact), middle(opened(settings, original), 1000, 750))
    pictures = known(settings)
    assert pictures[exact]["parent"] == original
    assert (pictures[exact]["response_id"], pictures[exact]["model"]) == (None, "gpt-image-2")
    assert pictures[original]["response_id"]
    assert row.state == "completed"
    assert bench.line.posts == 1


@pytest.mark.parametrize(
    ("model", "size", "asked", "came"),
    [
        ("gpt-image-2", "1920x1080", "1920x1088", (1920, 1080)),
        ("gpt-image-2", "16:9", "1536x864", (1536, 864)),
        ("gpt-image-1.5", "16:9", "1536x1024", (1536, 864)),
        ("gpt-image-1.5", "1920x1080", "1536x1024", (1920, 1080)),
        ("gpt-image-2.6-flare", "1000x1000", "1008x1008", (1000, 1000)),
        ("gpt-image-2", "64x64", "816x816", (64, 64)),
        ("gpt-image-2", "1024x1024", "1024x1024", (1024, 1024)),
    ],
)
async def test_every_size_and_shape_is_made_with_every_known_model(
    bench: Bench, ask: Ask, model: str, size: str, asked: str, came: tuple[int, int]
) -> None:
    settings = bench.settings()
    async with bench.connect(settings) as client:
        answer = await ask(client, "generate_image", **(FOX | {"model": model, "size": size, "quality": "low"}))

    assert sizes(bench) == [asked]
    assert opened(settings, answer.handles[0]).size == came
    assert ("enlarged 1.25 times and cut to 1920x1080" in answer.text) == (model == "gpt-image-1.5" and "x" in size)


@pytest.mark.parametrize("size", ["1920x1080", "16:9"])
async def test_a_model_that_nobody_knows_is_asked_for_what_was_named(bench: Bench, ask: Ask, size: str) -> None:
    settings = bench.settings()
    async with bench.connect(settings) as client:
        await ask(client, "generate_image", prompt="a fox", model="a-model-that-nobody-knows", size=size)

    assert sizes(bench) == [size]


async def test_the_estimate_prices_what_is_asked_of_the_service_and_says_so(bench: Bench, ask: Ask) -> None:
    async with bench.connect(bench.settings()) as client:
        told = [
            await ask(client, "estimate_cost", tool="generate_image", arguments=FOX | {"size": size})
            for size in ("1000x750", ASKED)
        ]
        answer = await ask(client, "generate_image", **FOX)

    first, second = (each.listed["calls"][0] for each in told)
    assert (first["low"], first["expected"], first["high"]) == (second["low"], second["expected"], second["high"])
    assert Decimal(first["expected"]) > 0
    assert first["size"] == f"1000x750 is asked for as {ASKED}, cut to 1000x750 here for nothing"
    assert first["size"] in told[0].text
    assert second["size"] is None
    assert f"estimate {first['expected']} USD" in answer.text


async def test_of_several_pictures_each_is_brought_to_its_size(bench: Bench, ask: Ask) -> None:
    settings = bench.settings(partial_images=2)
    async with bench.connect(settings) as client:
        answer = await ask(client, "generate_image", **FOX, count=3, format="jpeg", compression=80)
        [row] = await bench.settled(settings)

    assert row.outcome
    assert [made["number"] for made in row.outcome["pictures"]] == [0, 1, 2]
    for made in row.outcome["pictures"]:
        assert opened(settings, made["image"]).size == (1000, 750)
        assert known(settings)[made["image"]]["parent"] == made["original"]
        assert known(settings)[made["image"]]["mime_type"] == "image/jpeg"
    assert len(answer.pictures) == 3
    assert bench.line.posts == 3


async def test_equal_calls_join_and_a_later_process_answers_the_same(bench: Bench, ask: Ask) -> None:
    settings = bench.settings()
    bench.line.hold(DONE)
    async with bench.connect(settings) as client:
        first, second = (bench.call(client, "generate_image", FOX) for _ in range(2))
        await bench.line.until(lambda: bench.line.held == 1)
        await second.hears("joined")
        bench.line.release()
        contents = [bench.content(await calling.result()) for calling in (first, second)]
        [row] = await bench.settled(settings)
    async with bench.connect(settings, "stdio") as client:
        later = await ask(client, "get_job", job_id=row.id)

    assert contents[0] == contents[1] == bench.content(later.result)
    assert bench.line.posts == 1
    assert len(list(settings.image_dir.glob("*.png"))) == 2


async def _killed_after_the_cut(bench: Bench, settings: Settings) -> Row:
    """Let a server be killed when it has cut a picture, and before it has heard the end of the answer."""
    bench.line.hold(DONE)
    with suppress(MCPError):
        async with bench.connect(settings, "stdio") as client:
            calling = bench.call(client, "generate_image", FOX)
            await bench.line.until(lambda: bench.line.held == 1)
            [row] = await bench.when(settings, lambda rows: _brought(rows[0].outcome))
            os.kill(row.pid, signal.SIGKILL)
            await calling.done.wait()
    return bench.journal(settings)[0]


@pytest.mark.slow
@pytest.mark.parametrize("when", ["cut", "not yet cut"])
async def test_a_server_that_takes_over_brings_to_size_what_was_kept_and_pays_nothing_twice(
    bench: Bench, ask: Ask, when: str
) -> None:
    settings = bench.settings()
    row = await _killed_after_the_cut(bench, settings)
    assert row.outcome
    [made] = row.outcome["pictures"]
    if when == "not yet cut":  # as when it had been killed a moment earlier
        _as_before_the_cut(settings, row.id, made)
    bench.line.release()
    async with bench.connect(settings, "stdio") as client:
        later = await ask(client, "get_job", job_id=row.id)
        [row] = await bench.settled(settings)

    assert not later.failed, later.text
    assert later.handles[:2] == [made["image"], made["original"]]
    assert "1000x750 px" in later.text
    assert opened(settings, made["image"]).size == (1000, 750)
    assert bench.line.posts == 1
    assert (row.state, row.estimated) == ("completed", False)
    assert len(list(settings.image_dir.glob("*.png"))) == 2


@pytest.mark.slow
async def test_what_came_before_a_kill_is_answered_as_it_came_where_it_can_not_be_had_again(
    bench: Bench, ask: Ask
) -> None:
    settings = bench.settings()
    row = await _killed_after_the_cut(bench, settings)
    assert row.outcome
    [made] = row.outcome["pictures"]
    _as_before_the_cut(settings, row.id, made)
    change(settings, "UPDATE jobs SET resumable = false")
    async with bench.connect(settings) as client:
        later = await ask(client, "get_job", job_id=row.id)

    assert not later.failed
    assert later.handles == [made["original"]]
    assert f"{ASKED} px" in later.text
    assert "size: not brought to 1000x750: transform_image with size=1000x750 and fit=cover does it" in later.text


def _brought(outcome: dict[str, Any] | None) -> bool:
    return bool(outcome and outcome["pictures"] and outcome["pictures"][0]["original"])


def _as_before_the_cut(settings: Settings, job_id: str, made: dict[str, Any]) -> None:
    only_original = {"pictures": [made | {"image": made["original"], "original": None}]}
    change(settings, "UPDATE jobs SET outcome = :outcome WHERE id = :id", outcome=json.dumps(only_original), id=job_id)
    os.unlink(known(settings)[made["image"]]["path"])  # noqa: PTH108 - as text
    change(settings, "DELETE FROM pictures WHERE handle = :handle", handle=made["image"])


async def test_an_edit_of_a_cut_picture_sends_that_one_and_an_edit_of_the_whole_one_continues(
    bench: Bench, ask: Ask
) -> None:
    settings = bench.settings()
    async with bench.connect(settings) as client:
        exact, original = (await ask(client, "generate_image", **FOX)).handles
        edit: dict[str, Any] = {"prompt": "make it night", "model": "gpt-image-2", "quality": "low"}
        of_exact = await ask(client, "edit_image", images=[exact], **edit, size="1000x750")
        await ask(client, "edit_image", images=[original], **edit, size=ASKED)

    _, first, second = bench.line.sent
    assert first.get("previous_response_id") is None
    [sent] = re.findall(r"data:image/png;base64,([A-Za-z0-9+/=]+)", json.dumps(first))
    assert same_px(Image.open(BytesIO(base64.b64decode(sent))).convert("RGB"), opened(settings, exact))
    assert second["previous_response_id"]
    assert "data:image" not in json.dumps(second)
    pictures = known(settings)
    night, whole_night = of_exact.handles
    assert (pictures[night]["parent"], pictures[whole_night]["parent"]) == (whole_night, exact)
    assert opened(settings, night).size == (1000, 750)


def service(bench: Bench, made: Script) -> Settings:
    return bench.settings(openai_base_url=made.url)


async def test_a_picture_that_comes_in_the_size_that_was_named_is_left_alone(
    bench: Bench, script: Script, ask: Ask
) -> None:
    settings = service(bench, script)
    script.streams(painted(1, "red"))  # 64x48, whatever was asked for
    async with bench.connect(settings) as client:
        answer = await ask(client, "generate_image", **(FOX | {"size": "64x48"}))

    assert "size:" not in answer.text
    assert len(known(settings)) == 1


async def test_a_picture_that_comes_in_another_size_than_asked_is_brought_to_the_one_that_was_named(
    bench: Bench, script: Script, ask: Ask
) -> None:
    settings = service(bench, script)
    script.streams(painted(1, "red"))
    async with bench.connect(settings) as client:
        answer = await ask(client, "generate_image", **(FOX | {"size": "32x32"}))

    assert "size: asked for 816x816, came as 64x48, scaled down and cut to 32x32 here for nothing" in answer.text
    assert opened(settings, answer.handles[0]).size == (32, 32)


def _item(data: bytes) -> dict[str, Any]:
    return painted(1, "red", result=base64.b64encode(data).decode())


def _frames() -> bytes:
    data = BytesIO()
    Image.new("RGB", (64, 48), "red").save(data, "GIF", save_all=True, append_images=[Image.new("RGB", (64, 48))])
    return data.getvalue()


def _cut_off() -> bytes:
    data = BytesIO()
    Image.effect_noise((64, 48), 90).save(data, "PNG")
    return data.getvalue()[:1500]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (_frames(), "animation of 2 frames"),
        (_cut_off(), "broken PNG"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG drawing"),
        (b"nothing that anybody knows", "plain text"),
    ],
    ids=["moves", "cut off", "drawing", "unknown"],
)
async def test_what_can_not_be_cut_is_answered_as_it_came_billed_once_and_the_reason_is_said(
    bench: Bench, script: Script, ask: Ask, data: bytes, why: str
) -> None:
    settings = service(bench, script)
    script.streams(_item(data))
    async with bench.connect(settings) as client:
        answer = await ask(client, "generate_image", **FOX)
        [row] = await bench.settled(settings)

    assert not answer.failed
    assert answer.text.startswith("Made 1 picture")
    [handle] = answer.handles
    assert f"note: {handle} could not be brought to 1000x750: " in answer.text
    assert why in answer.text
    [path] = [picture["path"] for picture in known(settings).values()]
    assert await anyio.Path(path).read_bytes() == data
    assert row.state == "completed"
    assert row.billed
    assert script.posts == 1


async def test_a_drawing_has_no_px_and_is_left_as_it_is(bench: Bench, ask: Ask) -> None:
    async with bench.connect(bench.settings(provider="sandbox")) as client:
        answer = await ask(client, "generate_image", prompt="a fox", size="300x200", format="svg")

    assert not answer.failed
    assert "A drawing (svg) has no px: it was asked for in 304x208 and is not brought to 300x200." in answer.text


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp", "gif"])
async def test_the_cut_picture_has_the_format_that_was_asked_for(bench: Bench, ask: Ask, kind: str) -> None:
    settings = bench.settings(provider="sandbox")
    async with bench.connect(settings) as client:
        answer = await ask(client, "generate_image", prompt="a logo of a tree", size="200x150", format=kind)

    path = known(settings)[answer.handles[0]]["path"]
    with Image.open(path) as image:
        assert (image.format, image.size) == (kind.upper(), (200, 150))


async def test_transparency_survives_the_cut(bench: Bench, ask: Ask) -> None:
    settings = bench.settings(provider="sandbox")
    async with bench.connect(settings) as client:
        answer = await ask(
            client, "generate_image", prompt="a logo of a tree", size="200x150", background="transparent"
        )

    with Image.open(known(settings)[answer.handles[0]]["path"]) as image:
        assert image.mode == "RGBA"
        assert image.getchannel("A").getextrema() == (0, 255)


@pytest.mark.parametrize(
    ("size", "told"),
    [
        ("1000000x1000000", ("size 1000000x1000000 is too large", "8,192 px a side", "try 7071x7071")),
        ("9999x9999", ("size 9999x9999 is too large", "try 7071x7071")),
        ("large", ("size 'large' is not valid", "1920x1080", "16:9", "auto")),
        ("0x100", ("size '0x100' is not valid",)),
        ("16:0", ("size '16:0' is not valid",)),
    ],
)
async def test_a_size_that_can_not_be_had_is_refused_before_anything_is_sent(
    bench: Bench, ask: Ask, size: str, told: tuple[str, ...]
) -> None:
    settings = bench.settings()
    async with bench.connect(settings) as client:
        answer = await ask(client, "generate_image", **(FOX | {"size": size}))

    assert answer.failed
    assert all(part in answer.text for part in told), answer.text
    assert bench.line.posts == 0
    assert bench.journal(settings) == []
