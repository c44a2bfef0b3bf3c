"""An edit that says where: only there does the picture change, px by px, whatever is sent of it."""

from __future__ import annotations

import json
import re
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from mcp.types import TextResourceContents
from PIL import Image, ImageChops

from lightbox.images.area import LaidArea, read_area

if TYPE_CHECKING:
    from tests.conftest import Answer, Ask, Connect, MakeSettings, Transport, Upstream
    from tests.tools.conftest import DataURI, Paint

SIZE = (256, 192)
OWN: dict[str, Any] = {"model": "a-model-that-nobody-knows", "size": f"{SIZE[0]}x{SIZE[1]}"}
PROMPT = "invert the colours"


def saved(answer: Answer) -> Image.Image:
    """Give the picture that was made, from its file."""
    assert not answer.failed, answer.text
    path = re.search(r"^path: (.+)$", answer.text, re.MULTILINE)
    assert path, answer.text
    with Image.open(path[1]) as image:
        return image.convert("RGB")


def marked(laid: LaidArea) -> Image.Image:
    """Paint white where an area may change."""
    image = Image.new("L", (laid.width, laid.height), 255 if laid.outside else 0)
    for box in laid.boxes:
        image.paste(0 if laid.outside else 255, box)
    return image


def changed(before: Image.Image, after: Image.Image) -> Image.Image:
    """Paint white every px that is not what it was."""
    bands = ImageChops.difference(before, after).split()
    most = ImageChops.lighter(ImageChops.lighter(bands[0], bands[1]), bands[2])
    return ImageChops.invert(most.point([255] + [0] * 255))  # pyright: ignore[reportUnknownMemberType] - Pillow's types name numpy's


@pytest.mark.parametrize(
    "area",
    ["left third", "120,80,100,30", "10%,20%,50%,30%; bottom right quarter", "outside centre", "all but left half"],
)
async def test_every_px_of_the_area_changes_and_no_other(
    connect: Connect, ask: Ask, settings: MakeSettings, paint: Paint, data_uri: DataURI, area: str
) -> None:
    data = paint("red", "blue", SIZE)
    async with connect(settings()) as client:
        answer = await ask(client, "edit_image", images=[data_uri(data)], prompt=PROMPT, area=area, **OWN)

    laid = read_area(area).on(*SIZE)
    before = Image.open(BytesIO(data)).convert("RGB")
    assert changed(before, saved(answer)).tobytes() == marked(laid).tobytes()
    assert f"The area that could change: {laid} (x, y, width, height in px) of img_" in answer.text
    assert f"which is {SIZE[0]}x{SIZE[1]} px" in answer.text


async def test_a_feathered_area_fades_inwards_and_nothing_beyond_it_changes(
    connect: Connect, ask: Ask, settings: MakeSettings, paint: Paint, data_uri: DataURI
) -> None:
    data = paint("red", "red", SIZE)
    async with connect(settings()) as client:
        answer = await ask(
            client, "edit_image", images=[data_uri(data)], prompt=PROMPT, area="left half feather 16", **OWN
        )

    row = list(saved(answer).getchannel("R").crop((0, 90, SIZE[0], 91)).tobytes())
    assert row[:112] == [0] * 112
    assert row[112:128] == sorted(row[112:128])
    assert 90 < row[120] < 165
    assert row[128:] == [255] * 128
    assert "0,0,128,192 feather 16" in answer.text


@pytest.mark.parametrize("transport", ["stdio", "http"])
async def test_an_area_works_over_every_transport(
    connect: Connect, ask: Ask, settings: MakeSettings, paint: Paint, data_uri: DataURI, transport: Transport
) -> None:
    async with connect(settings(), transport) as client:
        answer = await ask(
            client, "edit_image", images=[data_uri(paint(size=SIZE))], prompt=PROMPT, area="top half", **OWN
        )

    assert not answer.failed, answer.text
    assert "0,0,256,96" in answer.text


async def test_a_mask_of_like_shape_is_scaled_and_the_answer_says_so(
    connect: Connect, ask: Ask, settings: MakeSettings, paint: Paint, data_uri: DataURI
) -> None:
    data, small = paint("red", "blue", SIZE), paint("white", "black", (64, 48))
    async with connect(settings()) as client:
        answer = await ask(client, "edit_image", images=[data_uri(data)], prompt=PROMPT, mask=data_uri(small), **OWN)

    differing = changed(Image.open(BytesIO(data)).convert("RGB"), saved(answer))
    box = differing.getbbox()
    assert box is not None
    assert box[:2] == (0, 0)
    assert box[3] == SIZE[1]
    assert abs(box[2] - SIZE[0] / 2) <= 4
    assert "The mask was scaled from 64x48 px to the image's 256x192 px." in answer.text


async def test_the_same_area_in_other_words_is_the_same_call_and_another_area_is_another(
    connect: Connect, ask: Ask, settings: MakeSettings, upstream: Upstream, paint: Paint, data_uri: DataURI
) -> None:
    given = {"images": [data_uri(paint(size=SIZE))], "prompt": PROMPT, **OWN}
    upstream.forget()
    keys: list[str] = []
    async with connect(settings()) as client:
        for area in ("top left quarter", "0,0,50%,50%", "0, 0, 128px, 96px", "top half"):
            answer = await ask(client, "edit_image", area=area, **given)
            [job_id] = re.findall(r"job_[a-z0-9]{12}", answer.text)
            [job] = (await client.read_resource(f"lightbox://jobs/{job_id}")).contents
            assert isinstance(job, TextResourceContents)
            keys.append(json.loads(job.text)["arguments"]["area"])

    assert keys == ["0,0,128,96", "0,0,128,96", "0,0,128,96", "0,0,256,96"]


async def test_an_estimate_prices_the_mask_of_an_area_as_it_does_a_given_one(
    connect: Connect, ask: Ask, settings: MakeSettings, upstream: Upstream, paint: Paint, data_uri: DataURI
) -> None:
    call = {"images": [data_uri(paint(size=SIZE))], "prompt": PROMPT, "model": "gpt-image-2", "size": "1024x1024"}
    mask = data_uri(paint("white", "black", SIZE))
    figures: list[Any] = []
    async with connect(settings()) as client:
        for more in ({}, {"area": "left half"}, {"mask": mask}):
            answer = await ask(client, "estimate_cost", tool="edit_image", arguments=call | more)
            assert not answer.failed, answer.text
            figures.append(answer.listed["calls"][0]["high"])

    assert figures[0] != figures[1] == figures[2]
    assert upstream.paid == 0
