"""Looking at pictures: on one sheet or one by one, with whatever can't be fetched named."""

from __future__ import annotations

import base64
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
import httpx2
import pytest
from PIL import Image

from lightbox.images.lettering import undrawable

if TYPE_CHECKING:
    from tests.conftest import Ask, Connect, MakeSettings, Upstream
    from tests.tools.conftest import DataURI, Paint

SHEET_SIDE = 1_600
COLOURS = ["red", "green", "blue", "orange", "purple", "brown", "black", "teal"]


@pytest.fixture
def dead(upstream: Upstream) -> str:
    return f"{upstream.origin}/v1/nowhere.png"


@pytest.fixture
def slow_and_many(upstream: Upstream, paint: Paint) -> list[str]:
    """Twenty-four addresses of pictures, all different."""
    urls: list[str] = []
    with httpx2.Client(trust_env=False) as web:
        for number in range(24):
            data = paint(COLOURS[number % 8], "white", (200 + number, 150))
            files = {"file": (f"{number}.png", data, "image/png")}
            file_id = web.post(f"{upstream.openai_url}/files", data={"purpose": "vision"}, files=files).json()["id"]
            urls.append(f"{upstream.openai_url}/files/{file_id}/content")
    return urls


async def test_several_pictures_come_on_one_numbered_sheet(
    connect: Connect, ask: Ask, settings: MakeSettings, data_uri: DataURI, paint: Paint
) -> None:
    references = [data_uri(paint(colour, "white")) for colour in COLOURS]
    async with connect(settings()) as client:
        answer = await ask(client, "view_images", images=references)

    [sheet] = answer.pictures
    assert max(sheet.size) <= SHEET_SIDE
    assert answer.text.startswith("Contact sheet of 8 pictures.")
    for number, handle in enumerate(answer.handles[:-1], start=1):
        assert f"{number}. {handle} 320x240 image/png" in answer.text


async def test_every_colour_of_the_pictures_is_on_the_sheet_in_reading_order(
    connect: Connect, ask: Ask, settings: MakeSettings, data_uri: DataURI, paint: Paint
) -> None:
    wanted = {"red": (255, 0, 0), "blue": (0, 0, 255)}
    async with connect(settings()) as client:
        answer = await ask(client, "view_images", images=[data_uri(paint(name, name)) for name in wanted])

    sheet = answer.pictures[0].convert("RGB")
    places = {name: _first(sheet, colour) for name, colour in wanted.items()}
    assert places["red"] < places["blue"]


async def test_a_dead_reference_is_shown_as_such_and_named_and_the_rest_is_seen(
    connect: Connect, ask: Ask, settings: MakeSettings, data_uri: DataURI, paint: Paint, dead: str
) -> None:
    alive = data_uri(paint("red", "red"))
    async with connect(settings()) as client:
        answer = await ask(client, "view_images", images=[dead, alive, "img_0000000000", "file-abc123", "nonsense"])

    [sheet] = answer.pictures
    lines = answer.text.splitlines()
    assert not answer.failed
    assert lines[0] == "Contact sheet of 5 pictures, 4 of them not shown."
    assert "404" in _line(lines, "1.")
    assert "320x240" in _line(lines, "2.")
    assert "img_0000000000" in _line(lines, "3.")
    assert "not shown" in _line(lines, "3.")
    assert "file-abc123" in _line(lines, "4.")
    assert "nonsense" in _line(lines, "5.")
    assert _first(sheet.convert("RGB"), (255, 0, 0)) is not None


async def test_one_by_one_each_picture_has_its_own_block_and_dead_ones_a_line(
    connect: Connect, ask: Ask, settings: MakeSettings, data_uri: DataURI, paint: Paint, dead: str
) -> None:
    references = [data_uri(paint("red", "red")), dead, data_uri(paint("blue", "blue"))]
    async with connect(settings()) as client:
        answer = await ask(client, "view_images", images=references, layout="each", max_side=128)

    assert [picture.size for picture in answer.pictures] == [(128, 96), (128, 96)]
    assert len(answer.handles) == 3
    assert "404" in answer.text


async def test_where_nothing_can_be_shown_it_is_an_error_that_names_everything(
    connect: Connect, ask: Ask, settings: MakeSettings, dead: str
) -> None:
    async with connect(settings()) as client:
        for layout in ("auto", "sheet", "each"):
            answer = await ask(client, "view_images", images=[dead, "img_0000000000"], layout=layout)
            assert answer.failed, layout
            assert dead in answer.text
            assert "img_0000000000" in answer.text


async def test_a_single_picture_is_shown_by_itself_unless_a_sheet_is_asked_for(
    connect: Connect, ask: Ask, settings: MakeSettings, data_uri: DataURI, paint: Paint
) -> None:
    reference = data_uri(paint())
    async with connect(settings()) as client:
        alone = await ask(client, "view_images", images=[reference])
        sheet = await ask(client, "view_images", images=[reference], layout="sheet")

    assert alone.pictures[0].size == (320, 240)
    assert sheet.text.startswith("Contact sheet of 1 picture")


async def test_the_same_picture_named_twice_is_seen_twice(
    connect: Connect, ask: Ask, settings: MakeSettings, data_uri: DataURI, paint: Paint
) -> None:
    async with connect(settings()) as client:
        answer = await ask(client, "view_images", images=[data_uri(paint())] * 2)

    assert len(answer.handles[:-1]) == 1
    assert "2. " in answer.text


async def test_twenty_four_are_fetched_side_by_side(
    connect: Connect, ask: Ask, settings: MakeSettings, slow_and_many: list[str]
) -> None:
    async with connect(settings()) as client:
        await ask(client, "get_spending")  # what the first call opens is not what is timed
        began = time.perf_counter()
        answer = await ask(client, "view_images", images=slow_and_many)
        seconds = time.perf_counter() - began

    assert len(answer.handles[:-1]) == 24
    assert "not shown" not in answer.text
    assert seconds < 10


async def test_what_does_not_come_in_time_is_named_and_the_rest_is_shown(
    connect: Connect, ask: Ask, settings: MakeSettings, upstream: Upstream, data_uri: DataURI, paint: Paint
) -> None:
    slow = f"{upstream.origin}/faulty/slow/any.jpg"
    async with connect(settings(wait_seconds=2)) as client:
        await ask(client, "get_spending")
        began = time.perf_counter()
        answer = await ask(client, "view_images", images=[slow, data_uri(paint())])
        seconds = time.perf_counter() - began

    assert "2. " in answer.text
    assert "WAIT_SECONDS" in _line(answer.text.splitlines(), "1.")
    assert len(answer.pictures) == 1
    assert seconds < 2 + 1


async def test_a_hit_is_shown_from_the_handle_that_its_search_gave(
    connect: Connect, ask: Ask, settings: MakeSettings, tmp_path: Path
) -> None:
    library = tmp_path / "library"
    library.mkdir()
    for name in ("red fox", "grey fox", "blue fox"):
        Image.new("RGB", (300, 200), name.split()[0]).save(library / f"{name}.png")
    async with connect(settings(provider="sandbox", library=library)) as client:
        found = await ask(client, "search_images", query="fox", count=3)
        seen = await ask(client, "view_images", images=[hit["image"] for hit in found.listed["hits"]])

    assert len(found.listed["hits"]) == 3
    assert seen.handles[:-1] == [hit["image"] for hit in found.listed["hits"]]
    assert all(hit["title"] in seen.text for hit in found.listed["hits"])


async def test_letters_that_no_font_here_has_are_told_of_once_and_the_list_has_them(
    connect: Connect, ask: Ask, settings: MakeSettings, tmp_path: Path
) -> None:
    library = tmp_path / "library"
    library.mkdir()
    titles = ("fox 눈 속의 붉은 여우", "fox 여우", "fox ⵣⴰⵎⴰⵣⵉⵖⵜ")
    for title, colour in zip(titles, COLOURS, strict=False):
        Image.new("RGB", (300, 200), colour).save(library / f"{title}.png")
    async with connect(settings(provider="sandbox", library=library)) as client:
        found = await ask(client, "search_images", query="fox", count=3)
        seen = await ask(client, "view_images", images=[hit["image"] for hit in found.listed["hits"]])

    assert all(title.removeprefix("fox ") in seen.text for title in titles)
    for script in ("Korean", "Tifinagh"):
        lacking = script in undrawable(titles)
        note = [line for line in seen.text.splitlines() if line.startswith("note: no font on this machine has ")]
        assert len(note) <= 1
        assert (script in "".join(note)) == lacking


def _line(lines: list[str], start: str) -> str:
    return next(line for line in lines if line.startswith(start))


def _first(image: Image.Image, colour: tuple[int, int, int]) -> tuple[int, int]:
    """Give row and column of the first px of about this colour."""
    width = image.width
    data = image.tobytes()
    for index in range(0, len(data), 3):
        if all(abs(data[index + part] - colour[part]) < 40 for part in range(3)):
            return divmod(index // 3, width)
    raise AssertionError(f"no {colour} in the picture")


@pytest.mark.usefixtures("either_database")
async def test_a_sheet_has_a_handle_and_a_file_of_its_own_that_every_tool_takes(
    connect: Connect, ask: Ask, settings: MakeSettings, data_uri: DataURI, paint: Paint
) -> None:
    made = settings()
    references = [data_uri(paint(colour, "white")) for colour in COLOURS[:3]]
    async with connect(made, "stdio") as client:
        answer = await ask(client, "view_images", images=references, title="Winter morning")
        sheet = answer.handles[-1]
        again = await ask(client, "view_images", images=references, title="Winter morning")
        alone = await ask(client, "view_images", images=[sheet], max_side=2_000)
        [resource] = (await client.read_resource(f"lightbox://images/{sheet}")).contents
        described = await ask(client, "describe_images", images=[sheet])
        saved = await ask(client, "save_images", images=[sheet], folder="boards")

    path = Path(re.findall(r"^path: (.*)$", answer.text, re.MULTILINE)[-1])
    assert await anyio.Path(path).read_bytes() == answer.blocks[0][1] == base64.b64decode(resource.model_dump()["blob"])
    assert not path.is_relative_to(made.image_dir)
    assert again.handles[-1] == sheet
    assert alone.pictures[0].size == answer.pictures[0].size
    assert not described.failed, described.text
    assert saved.listed["saved"][0]["file"].startswith("winter-morning.")


async def test_the_title_of_a_sheet_is_drawn_above_it_and_keeps_it_within_its_bounds(
    connect: Connect, ask: Ask, settings: MakeSettings, data_uri: DataURI, paint: Paint
) -> None:
    references = [data_uri(paint(size=(100, 100 + number))) for number in range(24)]
    async with connect(settings()) as client:
        plain = (await ask(client, "view_images", images=references)).pictures[0]
        titled = await ask(client, "view_images", images=references, title="W" * 160)
        one = await ask(client, "view_images", images=references[0], title="One")
        each = await ask(client, "view_images", images=references[0], title="One", layout="each")

    sheet = titled.pictures[0]
    assert max(sheet.size) <= SHEET_SIDE
    assert max(plain.size) <= SHEET_SIDE
    dark = [
        min(image.convert("L").crop((0, 0, image.width, high)).tobytes()) for image, high in ((sheet, 30), (plain, 10))
    ]
    assert dark[0] < 100 < dark[1]
    assert one.text.startswith("Contact sheet of 1 picture.")
    assert each.failed
    assert "title stands on a contact sheet" in each.text


async def test_a_sheet_over_http_has_a_link_and_no_path(
    connect: Connect, ask: Ask, settings: MakeSettings, upstream: Upstream
) -> None:
    made = settings()
    async with connect(made, "http") as client:
        found = (await ask(client, "search_images", query="a lake", count=2)).handles
        answer = await ask(client, "view_images", images=found)
        link = re.findall(r"^link: (.*)$", answer.text, re.MULTILINE)[-1]
        async with httpx2.AsyncClient(trust_env=False) as web:
            sent = await web.get(link)

    assert sent.content == answer.blocks[0][1]
    assert "path:" not in answer.text
    assert str(made.state_dir) not in answer.text
    assert upstream.paid == 1
