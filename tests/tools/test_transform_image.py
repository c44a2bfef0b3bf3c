"""Pictures transformed through a real client: new handles that remember their parents, and work everywhere."""

from __future__ import annotations

import socket
from io import BytesIO
from typing import TYPE_CHECKING, Any

import anyio
import httpx2
import pytest
from PIL import Image
from sqlalchemy import select

from lightbox.state.engines import open_database
from lightbox.state.tables import pictures

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Ask, Connect, MakeSettings, Transport, Upstream
    from tests.tools.conftest import DataURI, Paint

    from lightbox.settings import Settings

RED, BLUE, NAVY = (255, 0, 0), (0, 0, 255), (0, 0, 128)


async def rows(settings: Settings) -> dict[str, Any]:
    """Give what the state database holds of each picture."""
    database = open_database(settings.state_dir, settings.state_address)
    try:
        found = await database.read(lambda connection: connection.execute(select(pictures)).all())
    finally:
        await database.close()
    return {row.handle: row for row in found}


def made_in(settings: Settings) -> list[Path]:
    return sorted(settings.image_dir.glob("*.*")) if settings.image_dir.exists() else []


@pytest.mark.parametrize("transport", ["memory", "stdio", "http"])
async def test_a_picture_is_cut_and_padded_and_comes_with_a_handle_that_works_everywhere(
    connect: Connect,
    ask: Ask,
    settings: MakeSettings,
    data_uri: DataURI,
    paint: Paint,
    transport: Transport,
    upstream: Upstream,
) -> None:
    async with connect(settings(), transport) as client:
        cut = await ask(
            client,
            "transform_image",
            images=[data_uri(paint())],
            crop="160,0,160,240",
            size="240x240",
            fit="pad",
            background="navy",
        )
        seen = await ask(client, "view_images", images=[cut.handles[0]])
        [whole] = (await client.read_resource(f"lightbox://images/{cut.handles[0]}")).contents

    assert not cut.failed, cut.text
    assert cut.text.startswith("Transformed 1 picture; nothing was billed.")
    assert "240x240 px  image/png" in cut.text
    assert f"from: {cut.handles[1]}  320x240 px  image/png" in cut.text
    assert seen.handles[0] == cut.handles[0]
    [preview] = cut.pictures
    for x, colour in ((0, NAVY), (39, NAVY), (40, BLUE), (199, BLUE), (200, NAVY), (239, NAVY)):
        assert preview.convert("RGB").getpixel((x, 120)) == colour
    assert whole.model_dump()["mime_type"] == "image/png"
    assert upstream.count == 0


async def test_the_new_picture_lies_among_the_made_ones_and_remembers_its_parent(
    connect: Connect, ask: Ask, settings: MakeSettings, photo: Path
) -> None:
    wanted = settings(read_dirs=(photo.parent,))
    before = await anyio.Path(photo).read_bytes()
    async with connect(wanted) as client:
        answer = await ask(client, "transform_image", images=[str(photo)], rotate=90)

    new, old = answer.handles
    row = (await rows(wanted))[new]
    [path] = made_in(wanted)
    assert (row.origin, row.parent, row.provider, row.job_id, row.width, row.height) == (
        "made",
        old,
        None,
        None,
        240,
        320,
    )
    assert row.path == str(path)
    assert "a-photo" in path.name
    assert await anyio.Path(photo).read_bytes() == before
    with Image.open(path) as image:
        assert (image.convert("RGB").getpixel((5, 5)), image.convert("RGB").getpixel((5, 315))) == (
            (255,) * 3,
            (0,) * 3,
        )


async def test_several_are_transformed_at_once_and_what_fails_is_named(
    connect: Connect, ask: Ask, settings: MakeSettings, data_uri: DataURI, paint: Paint, upstream: Upstream
) -> None:
    dead = f"{upstream.origin}/v1/nowhere.png"
    small, large = data_uri(paint(size=(64, 48))), data_uri(paint())
    async with connect(settings()) as client:
        answer = await ask(
            client,
            "transform_image",
            images=[large, dead, "img_0000000000", small, "file-abc123", "nonsense"],
            crop="100,0,100,100",
        )

    failures = [line for line in answer.text.splitlines() if line.startswith("not transformed: ")]
    assert not answer.failed
    assert answer.text.startswith("Transformed 1 picture;")
    assert "100x100 px" in answer.text
    assert [
        word in line
        for word, line in zip(("404", "img_0000000000", "x", "file-abc123", "nonsense"), failures, strict=True)
    ] == [True] * 5
    assert "the picture 64x48 px" in failures[2]
    assert len(answer.pictures) == 1


async def test_where_nothing_can_be_transformed_all_of_it_is_said(
    connect: Connect, ask: Ask, settings: MakeSettings, data_uri: DataURI, paint: Paint
) -> None:
    wanted = settings()
    async with connect(wanted) as client:
        answer = await ask(client, "transform_image", images=[data_uri(paint()), "img_0000000000"], crop="0,0,400,10")

    assert answer.failed
    assert "crop 0,0,400,10 is 400x10 px from 0,0 and the picture 320x240 px" in answer.text
    assert "img_0000000000" in answer.text
    assert made_in(wanted) == []


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ({"size": "1000000x1000000"}, ("size 1000000x1000000 is too large", "try 7071x7071")),
        ({"size": "big"}, ("size big", "1920x1080")),
        ({"crop": "half"}, ("crop half", "16:9")),
        ({"rotate": 12}, ("rotate 12", "90, 180 or 270")),
        ({"background": "blurple"}, ("background blurple", "#rrggbb")),
        ({"format": "svg"}, ("format 'svg'", "'png'")),
        ({"fit": "fill", "size": "9x9"}, ("fit 'fill'", "'cover'")),
        (
            {"max_kilobytes": 0.01, "format": "jpeg"},
            ("can't be reached", "at least", "try max_kilobytes="),
        ),
        ({}, ("Nothing is to be done", "size, crop")),
    ],
)
async def test_bad_input_names_the_value_and_a_right_one(
    connect: Connect,
    ask: Ask,
    settings: MakeSettings,
    data_uri: DataURI,
    paint: Paint,
    wanted: dict[str, Any],
    told: tuple[str, ...],
) -> None:
    made = settings()
    async with connect(made) as client:
        answer = await ask(client, "transform_image", images=[data_uri(paint())], **wanted)

    assert answer.failed
    assert all(part in answer.text for part in told), answer.text
    assert made_in(made) == []


async def test_the_same_call_again_gives_the_same_handle_and_file(
    connect: Connect, ask: Ask, settings: MakeSettings, data_uri: DataURI, paint: Paint
) -> None:
    wanted = settings()
    async with connect(wanted) as client:
        answers = [await ask(client, "transform_image", images=[data_uri(paint())], size="100x") for _ in range(2)]

    assert answers[0].handles == answers[1].handles
    assert len(made_in(wanted)) == 1


async def test_a_made_picture_that_comes_out_as_it_went_in_keeps_what_is_known_of_it(
    connect: Connect, ask: Ask, settings: MakeSettings
) -> None:
    wanted = settings(provider="sandbox")
    async with connect(wanted) as client:
        made = await ask(client, "generate_image", prompt="a red fox", size="256x256")
        once = await ask(client, "transform_image", images=[made.handles[0]], crop="0,0,100%,100%")
        twice = await ask(client, "transform_image", images=[once.handles[0]], crop="0,0,100%,100%")

    known = await rows(wanted)
    assert known[made.handles[0]].provider == "sandbox"
    assert known[made.handles[0]].parent is None
    assert "nothing was changed" in twice.text
    assert twice.handles == [once.handles[0]]


async def test_pictures_of_the_web_are_transformed_and_their_source_stays(
    connect: Connect, ask: Ask, settings: MakeSettings
) -> None:
    wanted = settings(provider="sandbox")
    async with connect(wanted) as client:
        hits = (await ask(client, "search_images", query="a red fox", count=3)).listed["hits"]
        answer = await ask(
            client, "transform_image", images=[hit["image"] for hit in hits], size="200x200", fit="cover"
        )

    known = await rows(wanted)
    assert answer.text.startswith(f"Transformed {len(hits)} pictures;")
    assert answer.text.count("200x200 px") == len(hits)
    for hit in hits:
        assert known[hit["image"]].origin == "found"
        assert any(row.parent == hit["image"] and row.url is None for row in known.values())


async def test_what_does_not_come_in_time_is_named_and_the_rest_is_answered(
    connect: Connect, ask: Ask, settings: MakeSettings, data_uri: DataURI, paint: Paint
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes connections, and says nothing
        pair = f"127.0.0.1:{silent.getsockname()[1]}"
        references = [data_uri(paint()), f"http://{pair}/fox.png"]
        async with connect(settings(wait_seconds=6, fetch_allow=(pair,))) as client:
            answer = await ask(client, "transform_image", images=references, size="100x")

    [failure] = [line for line in answer.text.splitlines() if line.startswith("not transformed: ")]
    assert answer.text.startswith("Transformed 1 picture;")
    assert f"http://{pair}/fox.png" in failure
    assert "was not done within WAIT_SECONDS: pass it again" in failure


async def test_over_http_a_link_leads_to_the_new_picture(
    connect: Connect, ask: Ask, settings: MakeSettings, data_uri: DataURI, paint: Paint
) -> None:
    async with connect(settings(), "http") as client:
        answer = await ask(client, "transform_image", images=[data_uri(paint())], format="webp", size="64x")
        link = next(line.removeprefix("link: ") for line in answer.text.splitlines() if line.startswith("link: "))
        async with httpx2.AsyncClient(trust_env=False) as web:
            got = await web.get(link)

    assert "path: " not in answer.text
    with Image.open(BytesIO(got.content)) as image:
        assert (image.format, image.size) == ("WEBP", (64, 48))


async def test_a_client_that_cancels_leaves_no_half_written_picture(
    connect: Connect, ask: Ask, settings: MakeSettings, data_uri: DataURI, paint: Paint
) -> None:
    wanted = settings()
    async with connect(wanted) as client:
        with anyio.move_on_after(0.05):
            await ask(client, "transform_image", images=[data_uri(paint(size=(1500, 1500)))] * 4, size="3000x")
        answer = await ask(client, "transform_image", images=[data_uri(paint())], size="30x")

    assert not answer.failed
    known = await rows(wanted)
    assert {row.path for row in known.values() if row.origin == "made"} == {str(path) for path in made_in(wanted)}
