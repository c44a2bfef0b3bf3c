"""The mask that travels with an edit: as large as the picture that is sent, transparent where it may change."""

from __future__ import annotations

import base64
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image, ImageChops

if TYPE_CHECKING:
    from .conftest import Bench

SIZE = (256, 192)
OWN: dict[str, Any] = {"model": "a-model-that-nobody-knows", "size": f"{SIZE[0]}x{SIZE[1]}"}
PROMPT = "invert the colours"


def opened(url: str) -> Image.Image:
    head, _, code = url.partition(",")
    assert head == "data:image/png;base64"
    return Image.open(BytesIO(base64.b64decode(code)))


def sent(bench: Bench) -> tuple[Image.Image, Image.Image]:
    """Give the picture and the mask of the latest edit that was sent."""
    body = bench.line.sent[-1]
    assert "previous_response_id" not in body
    [picture] = [part["image_url"] for part in body["input"][0]["content"] if part["type"] == "input_image"]
    return opened(picture), opened(body["tools"][0]["input_image_mask"]["image_url"])


def transparent(mask: Image.Image) -> tuple[int, int, int, int] | None:
    """Give the box of what may change."""
    return ImageChops.invert(mask.getchannel("A")).getbbox()


async def test_an_area_is_in_px_of_the_picture_as_it_is_shown_however_it_is_stored(
    bench: Bench, tmp_path: Path
) -> None:
    exif = Image.Exif()
    exif[274] = 6  # shown turned by a quarter
    path = tmp_path / "sideways.jpg"
    Image.new("RGB", (SIZE[1], SIZE[0]), "green").save(path, exif=exif)
    arguments = {"images": [str(path)], "prompt": PROMPT, "area": "200,0,56,192", **OWN}
    async with bench.connect(bench.settings(read_dirs=(tmp_path,))) as client:
        answer = await client.call_tool("edit_image", arguments)

    assert not answer.is_error, bench.text(answer)
    picture, mask = sent(bench)
    assert picture.size == mask.size == SIZE
    assert picture.format == mask.format == "PNG"
    assert transparent(mask) == (200, 0, 256, 192)


async def test_the_mask_follows_a_picture_that_is_sent_smaller_and_the_answer_tells_px_of_the_users_own(
    bench: Bench, tmp_path: Path
) -> None:
    path = tmp_path / "wide.jpg"
    Image.new("RGB", (9_000, 900), "green").save(path)
    arguments = {"images": [str(path)], "prompt": PROMPT, "area": "4500,0,2250,450", "model": OWN["model"]}
    async with bench.connect(bench.settings(read_dirs=(tmp_path,))) as client:
        answer = await client.call_tool("edit_image", arguments)

    picture, mask = sent(bench)
    assert picture.size == mask.size == (8_000, 800)
    assert transparent(mask) == (4_000, 0, 6_000, 400)
    assert "4500,0,2250,450 (x, y, width, height in px) of img_" in bench.text(answer)
    assert "9000x900 px" in bench.text(answer)


async def test_a_made_picture_is_sent_itself_with_its_area_instead_of_being_continued(bench: Bench) -> None:
    async with bench.connect(bench.settings()) as client:
        made = await client.call_tool("generate_image", {"prompt": "a fox", **OWN})
        handle = bench.text(made).partition("img_")[2][:10]
        arguments = {"images": [f"img_{handle}"], "prompt": PROMPT, "area": "right third", **OWN}
        edited = await client.call_tool("edit_image", arguments)

    assert not edited.is_error, bench.text(edited)
    picture, mask = sent(bench)
    assert picture.size == mask.size == SIZE
    assert transparent(mask) == (171, 0, 256, 192)
