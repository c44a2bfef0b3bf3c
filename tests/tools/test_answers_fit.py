"""Answers fit: into MAX_RESULT_BYTES, into the client's wire, into what a model may be shown."""

from __future__ import annotations

import json
import random
from base64 import b64decode
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from mcp.types import BlobResourceContents
from PIL import Image, ImageOps

if TYPE_CHECKING:
    from tests.conftest import Ask, Connect, MakeSettings, Mode, ServeHTTP, Transport, Upstream

LIMITS = (20_000, 60_000, 600_000)
PIXEL = "data:image/gif;base64,R0lGODlhAQABAIAAAP8AAAAAACwAAAAAAQABAAACAkQBADs="
LARGEST_INLINE_SIDE = 2_000
SSE_EVENT_BYTES = 1_048_576
"""Where the Python client's reading of one server-sent event ends."""
STDIO_MESSAGE_BYTES = 10 * 1024 * 1024
"""Where TypeScript clients close the connection."""
UNKNOWN = "a-model-that-nobody-knows"


def noise(width: int, height: int) -> Image.Image:
    """Give a picture that no encoder makes small."""
    grain = random.Random(width * height)  # noqa: S311 - the same for every run, and no secret
    return Image.frombytes("RGB", (width, height), grain.randbytes(width * height * 3))


@pytest.fixture(scope="session")
def large(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A PNG of 4 MB, one of 18 MB, and a photograph of 12 megapixels."""
    folder = tmp_path_factory.mktemp("large")
    grain = ImageOps.scale(Image.effect_noise((1_000, 750), 90), 4)
    pictures = {
        "4 MB.png": noise(1_150, 1_160),
        "18 MB.png": noise(2_500, 2_400),
        "12 megapixels.jpg": Image.merge("RGB", (grain, ImageOps.flip(grain), grain)),
    }
    for name, picture in pictures.items():
        picture.save(folder / name, quality=90, compress_level=1)
    return {name: folder / name for name in pictures}


@pytest.fixture
def folder(large: dict[str, Path]) -> Path:
    return next(iter(large.values())).parent


@pytest.mark.slow
@pytest.mark.parametrize("limit", LIMITS)
async def test_pictures_of_any_weight_stay_below_the_limit_and_the_answer_says_that_they_were_shrunk(
    connect: Connect, ask: Ask, settings: MakeSettings, large: dict[str, Path], folder: Path, limit: int
) -> None:
    paths = [str(path) for path in large.values()]
    async with connect(settings(max_result_bytes=limit, read_dirs=(folder,))) as client:
        answers = [await ask(client, "view_images", images=[path], max_side=2_000) for path in paths]
        answers.append(await ask(client, "view_images", images=paths))
        answers.append(await ask(client, "view_images", images=paths, layout="each"))

    for answer in answers:
        assert not answer.failed, answer.text
        assert answer.byte_count < limit
        assert all(max(picture.size) <= LARGEST_INLINE_SIDE for picture in answer.pictures)
    assert "4,0" in answers[0].text
    for answer in answers[:2]:
        assert "shrunk to fit" in answer.text
        assert max(answer.pictures[0].size) >= 100, "more could be shown"


@pytest.mark.parametrize("limit", LIMITS)
async def test_a_hundred_hits_stay_below_the_limit_and_the_answer_says_how_many_are_shown(
    connect: Connect, ask: Ask, settings: MakeSettings, tmp_path: Path, limit: int
) -> None:
    library = tmp_path / "library"
    library.mkdir()
    for number in range(110):
        title = f"fox {number} " + "with a long title " * 8
        Image.new("RGB", (64 + number, 64), (number, 2 * number, 9)).save(library / f"{title}.png")
    made = settings(provider="sandbox", library=library, max_result_bytes=limit)
    async with connect(made) as client:
        answer = await ask(client, "search_images", query="fox", count=100, check=False)

    listed = answer.listed
    assert answer.byte_count < limit
    assert listed["found"] == 100
    assert all(hit["image"] in answer.text for hit in listed["hits"])
    if len(listed["hits"]) < 100:
        assert f"Only the first {len(listed['hits'])} hits fit" in answer.text
        assert listed["notes"]
    else:
        assert limit == LIMITS[-1]


@pytest.mark.parametrize("limit", LIMITS)
async def test_made_pictures_stay_below_the_limit(
    connect: Connect, ask: Ask, settings: MakeSettings, limit: int
) -> None:
    async with connect(settings(max_result_bytes=limit)) as client:
        answer = await ask(
            client, "generate_image", prompt="a fox", count=4, model=UNKNOWN, size="512x512", format="png"
        )

    assert not answer.failed, answer.text
    assert answer.byte_count < limit
    assert len(answer.blocks) == 4 or "left out" in answer.text


async def test_twenty_four_pictures_one_by_one_stay_below_the_smallest_limit(
    connect: Connect, ask: Ask, settings: MakeSettings, tmp_path: Path
) -> None:
    paths: list[str] = []
    for number in range(24):
        noise(100 + number, 100).save(tmp_path / f"{number}.png")
        paths.append(str(tmp_path / f"{number}.png"))
    async with connect(settings(max_result_bytes=LIMITS[0], read_dirs=(tmp_path,))) as client:
        answer = await ask(client, "view_images", images=paths, layout="each")

    assert answer.byte_count < LIMITS[0]
    assert len(answer.handles) == 24


async def test_a_bomb_is_refused_by_name_before_it_is_decoded(
    connect: Connect, ask: Ask, settings: MakeSettings, tmp_path: Path
) -> None:
    bomb = tmp_path / "bomb.png"
    Image.new("1", (10_000, 10_000)).save(bomb)
    async with connect(settings(read_dirs=(tmp_path,))) as client:
        answer = await ask(client, "view_images", images=[str(bomb)])

    assert answer.failed
    assert f"{bomb} is 10000x10000 px (100 megapixels)" in answer.text
    assert bomb.stat().st_size < 100_000


async def test_transparency_is_kept_in_previews(
    connect: Connect, ask: Ask, settings: MakeSettings, tmp_path: Path
) -> None:
    path = tmp_path / "half.png"
    half = Image.new("RGBA", (400, 300), (255, 0, 0, 255))
    half.paste((0, 0, 0, 0), (0, 0, 200, 300))
    half.save(path)
    async with connect(settings(read_dirs=(tmp_path,))) as client:
        [picture] = (await ask(client, "view_images", images=[str(path)], max_side=200)).pictures

    alpha = picture.convert("RGBA").getchannel("A")
    assert alpha.getpixel((20, 75)) == 0
    assert alpha.getpixel((180, 75)) == 255


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["auto", "legacy"])
@pytest.mark.parametrize("transport", ["stdio", "http"])
async def test_a_resource_gives_true_bytes_or_the_largest_rendition_that_the_wire_takes(
    connect: Connect,
    ask: Ask,
    settings: MakeSettings,
    large: dict[str, Path],
    folder: Path,
    transport: Transport,
    mode: Mode,
) -> None:
    async with connect(settings(read_dirs=(folder,)), transport, mode) as client:
        for path in large.values():
            [handle] = (await ask(client, "view_images", images=[str(path)])).handles
            [content] = (await client.read_resource(f"lightbox://images/{handle}")).contents
            [preview] = (await client.read_resource(f"lightbox://images/{handle}/preview")).contents

            assert isinstance(content, BlobResourceContents)
            assert isinstance(preview, BlobResourceContents)
            assert Image.open(BytesIO(_bytes(preview))).size[0] <= 768
            _assert_as_large_as_the_wire_takes(content, path, transport)


def _assert_as_large_as_the_wire_takes(content: BlobResourceContents, path: Path, transport: Transport) -> None:
    data = _bytes(content)
    most = SSE_EVENT_BYTES if transport == "http" else STDIO_MESSAGE_BYTES
    assert len(content.blob) < most, path
    assert content.mime_type == f"image/{(Image.open(BytesIO(data)).format or '').lower()}"
    if len(path.read_bytes()) * 4 / 3 < most - 10_000:
        assert data == path.read_bytes()
    else:
        note = (content.meta or {})["lightbox/note"]
        assert f"{path.stat().st_size:,} bytes" in note
        assert ("/images/" in note) if transport == "http" else (str(path) in note)
        assert len(content.blob) > most / 3, f"{path}: a larger rendition would fit"


async def test_a_link_gives_the_whole_picture_to_whoever_has_it(
    connect: Connect, ask: Ask, settings: MakeSettings, serve_http: ServeHTTP
) -> None:
    made = settings()
    async with serve_http(made) as url, connect(made, "http", token="alice", url=url) as client:  # noqa: S106 - a name
        answer = await ask(client, "generate_image", prompt="a fox", model=UNKNOWN, size="256x256")
        [link] = [line.removeprefix("link: ") for line in answer.text.splitlines() if line.startswith("link: ")]
        async with httpx2.AsyncClient(trust_env=False) as web:
            given = await web.get(link)
        [content] = (await client.read_resource(f"lightbox://images/{answer.handles[0]}")).contents

    assert isinstance(content, BlobResourceContents)
    assert link.startswith(url)
    assert "path:" not in answer.text
    assert given.status_code == 200
    assert given.headers["content-type"] == "image/png"
    assert given.headers["x-content-type-options"] == "nosniff"
    assert given.content == _bytes(content)


@pytest.mark.parametrize("transport", ["memory", "stdio"])
async def test_on_this_machine_the_answer_names_the_file_and_no_link(
    connect: Connect, ask: Ask, settings: MakeSettings, transport: Transport
) -> None:
    made = settings()
    async with connect(made, transport) as client:
        answer = await ask(client, "generate_image", prompt="A red fox, in snow!", model=UNKNOWN, size="256x256")

    [path] = [Path(line.removeprefix("path: ")) for line in answer.text.splitlines() if line.startswith("path: ")]
    assert path.parent == made.image_dir
    assert "a-red-fox-in-snow-img_" in path.name
    with Image.open(path) as saved:
        assert saved.size == (256, 256)
    assert "link:" not in answer.text


async def test_two_pictures_of_one_prompt_are_two_files(
    connect: Connect, ask: Ask, settings: MakeSettings, upstream: Upstream
) -> None:
    made = settings()
    async with connect(made) as client:
        for prompt in ("a fox", "a fox at night"):
            await ask(client, "generate_image", prompt=prompt, model=UNKNOWN, size="256x256")

    assert upstream.paid == 2
    assert len(list(made.image_dir.iterdir())) == 2


def _bytes(content: BlobResourceContents) -> bytes:

    return b64decode(content.blob, validate=True)


@pytest.mark.parametrize("limit", LIMITS)
async def test_the_prices_of_many_calls_stay_below_the_limit_and_the_totals_are_kept(
    connect: Connect, ask: Ask, settings: MakeSettings, limit: int
) -> None:
    one = {"tool": "generate_image", "arguments": {"prompt": "a fox " * 100, "quality": "high"}}
    async with connect(settings(max_result_bytes=limit)) as client:
        await client.list_tools()
        answer = await ask(client, "estimate_cost", **one, more=[one] * 20)

    assert answer.byte_count < limit
    assert len(answer.listed["calls"]) == 21
    assert answer.listed["totals"]
    assert all(call["expected"] for call in answer.listed["calls"])
    assert bool(answer.listed["notes"]) == (limit == LIMITS[0])
    assert f"total: {answer.listed['totals'][0]['expected']} USD" in answer.text


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("search_images", {"query": "a red fox", "provider": "dashscope"}),
        ("generate_image", {"prompt": "a red fox", "provider": "openai"}),
        ("describe_images", {"images": [PIXEL], "provider": "openai"}),
    ],
)
async def test_the_price_of_a_call_is_told_in_few_words_and_each_source_once(
    connect: Connect, ask: Ask, settings: MakeSettings, tool: str, arguments: dict[str, Any]
) -> None:
    region = "https://dashscope-intl.aliyuncs.com/compatible-mode/v1"
    async with connect(settings(dashscope_base_url=region)) as client:
        answer = await ask(client, "estimate_cost", tool=tool, arguments=arguments)

    assert len(answer.text.encode()) <= 500
    [priced] = answer.listed["calls"]
    sources = answer.listed["sources"]
    assert {part["source"] for part in priced["parts"]} == set(range(len(sources)))
    for source in sources:
        assert answer.text.count(source["name"]) == 1
        assert json.dumps(answer.listed).count(source["name"]) == 1
    assert priced["assumptions"]
