"""Pictures kept in a collection: true bytes under names that one recognises, or behind links for callers elsewhere."""

from __future__ import annotations

import base64
import json
import re
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from PIL import Image

from databases import change, rows

if TYPE_CHECKING:
    from tests.conftest import Ask, Connect, LetIn, MakeSettings, ServeHTTP, Transport, Upstream
    from tests.tools.conftest import DataURI, Paint

    from lightbox.settings import Settings

SMALL: dict[str, Any] = {"model": "gpt-image-2", "size": "1024x1024", "quality": "low"}
ADA, BEN = "ada", "ben"


def px(data: bytes) -> tuple[str, bytes]:
    with Image.open(BytesIO(data)) as image:
        return image.mode, image.tobytes()


def read(path: Path) -> bytes:
    return path.read_bytes()


def book_of(settings: Settings, name: str) -> list[dict[str, Any]]:
    return json.loads((settings.image_dir / name / "collection.json").read_text("utf-8"))["images"]


@pytest.mark.usefixtures("either_database")
@pytest.mark.parametrize("transport", ["memory", "stdio"])
async def test_made_found_and_given_pictures_are_kept_px_by_px_with_what_is_known_of_each(
    connect: Connect, ask: Ask, settings: MakeSettings, photo: Path, transport: Transport
) -> None:
    made = settings(read_dirs=(photo.parent,))
    async with connect(made, transport) as client:
        [fox] = (await ask(client, "generate_image", prompt="a red fox: in snow!", **SMALL)).handles
        hit = (await ask(client, "search_images", query="a lake", count=1)).listed["hits"][0]
        saved = await ask(client, "save_images", images=[fox, hit["image"], str(photo)], folder="client/slides")
        original = {
            uri: (await client.read_resource(f"lightbox://images/{uri}")).contents[0].model_dump()["blob"]
            for uri in (fox, hit["image"])
        }
        found = await ask(client, "list_images", query="slides", origin="all")

    assert not saved.failed, saved.text
    folder = made.image_dir / "client" / "slides"
    files = [Path(each["path"]) for each in saved.listed["saved"]]
    assert [path.parent for path in files] == [folder] * 3
    assert files[0].name == "a-red-fox-in-snow.png"
    assert files[2].name == "a-photo.png"
    originals = [*(base64.b64decode(blob) for blob in original.values()), read(photo)]
    assert [px(read(path)) for path in files] == [px(data) for data in originals]
    first, second, third = book_of(made, "client/slides")
    assert first["prompt"] == "a red fox: in snow!"
    assert first["cost"]["currency"] == "USD"
    assert float(first["cost"]["amount"]) > 0
    assert (second["title"], second["image_url"], second["cost"]) == (hit["title"], hit["image_url"], None)
    assert third["origin"] == "given"
    with Image.open(files[0]) as image:
        assert image.info["Description"] == "a red fox: in snow!"
        assert image.info["Comment"] == f"Price: {first['cost']['amount']} USD"
        assert b"AISystemUsed>openai gpt-image-2<" in image.info["xmp"]
    assert {each["image"] for each in found.listed["hits"]} == {first["image"], second["image"], third["image"]}
    assert all(each["collections"] == ["client/slides"] for each in found.listed["hits"])


async def test_several_are_numbered_by_the_name_that_is_given_and_saved_once(
    connect: Connect, ask: Ask, settings: MakeSettings, data_uri: DataURI, paint: Paint
) -> None:
    made = settings()
    pictures = [data_uri(paint(colour)) for colour in ("red", "teal", "red")]
    async with connect(made) as client:
        first = await ask(client, "save_images", images=pictures, folder="slides", name="hero.jpg")
        again = await ask(client, "save_images", images=pictures[1], folder="slides")
        other = await ask(client, "save_images", images=pictures[0], name="hero")

    assert [each["file"] for each in first.listed["saved"]] == ["hero-1.png", "hero-2.png"]
    assert [(each["file"], each["was_there"]) for each in again.listed["saved"]] == [("hero-2.png", True)]
    assert "(was there already)" in again.text
    assert [Path(each["path"]) for each in other.listed["saved"]] == [made.image_dir / "saved" / "hero.png"]
    assert len(book_of(made, "slides")) == 2


async def test_a_reference_that_died_among_good_ones_is_named_and_the_others_are_kept(
    connect: Connect, ask: Ask, settings: MakeSettings, upstream: Upstream, data_uri: DataURI, paint: Paint
) -> None:
    made = settings()
    async with connect(made) as client:
        dead = [f"{upstream.origin}/v1/nowhere.png", "img_0000000000", "file-abc123"]
        some = await ask(client, "save_images", images=[*dead, data_uri(paint())], name="fox")
        none = await ask(client, "save_images", images=dead, folder="none")

    assert some.text.startswith("Saved 1 picture in saved")
    assert "3 could not be saved" in some.text
    assert [bool(each["problem"]) for each in some.listed["saved"]] == [False, True, True, True]
    assert (made.image_dir / "saved" / "fox-4.png").is_file()
    assert none.failed
    assert all(word in none.text for word in ("nowhere.png", "img_0000000000", "file-abc123"))
    assert not (made.image_dir / "none").exists()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"folder": "../elsewhere"}, "folder “../elsewhere” can't be used"),
        ({"folder": "/etc"}, "not below the image folder"),
        ({"folder": "nul"}, "device on Windows"),
        ({"name": "a/b"}, "a name has no '/'"),
        ({"images": []}, "images"),
        ({"images": ["x"] * 25}, "images"),
    ],
)
async def test_a_wrong_name_is_explained_and_nothing_is_written(
    connect: Connect, ask: Ask, settings: MakeSettings, data_uri: DataURI, paint: Paint, wrong: Any, said: str
) -> None:
    made = settings()
    async with connect(made) as client:
        answer = await ask(client, "save_images", **({"images": [data_uri(paint())]} | wrong))

    assert answer.failed
    assert said in answer.text
    assert not made.image_dir.exists() or list(made.image_dir.iterdir()) == []


async def test_a_folder_that_can_not_be_written_is_an_error_that_names_the_setting(
    connect: Connect, ask: Ask, settings: MakeSettings, tmp_path: Path, data_uri: DataURI, paint: Paint
) -> None:
    (tmp_path / "a file").write_text("mine")
    async with connect(settings(image_dir=tmp_path / "a file" / "pictures")) as client:
        answer = await ask(client, "save_images", images=[data_uri(paint())])

    assert answer.failed
    assert "a file" in answer.text


@pytest.mark.usefixtures("either_database")
async def test_over_http_links_are_answered_and_the_collection_is_the_callers_own(
    connect: Connect, ask: Ask, settings: MakeSettings, serve_http: ServeHTTP, let_in: LetIn
) -> None:
    made = settings(tokens=let_in(ADA, BEN))
    async with (
        serve_http(made) as origin,
        connect(made, "http", token=ADA, url=origin) as ada,
        connect(made, "http", token=BEN, url=origin) as ben,
    ):
        [fox] = (await ask(ada, "generate_image", prompt="a fox", **SMALL)).handles
        saved = await ask(ada, "save_images", images=[fox], folder="slides", name="hero")
        [one] = saved.listed["saved"]
        hers = await ask(ada, "list_images", query="slides")
        his = await ask(ben, "list_images", query="slides", origin="all")
        stolen = await ask(ben, "save_images", images=[fox], folder="slides")
        async with httpx2.AsyncClient(trust_env=False) as web:
            sent = await web.get(one["link"])

    assert str(made.image_dir) not in saved.text
    assert (one["path"], one["file"], saved.listed["folder"]) == (None, "hero.png", None)
    assert re.search(r"/images/img_\w{10}\?token=", one["link"])
    assert one["link"] in saved.text
    assert px(sent.content)[0] == "RGB"
    assert sent.headers["content-type"] == "image/png"
    assert [each["image"] for each in hers.listed["hits"]] == [fox]
    assert hers.listed["hits"][0]["path"] is None
    assert "token=" in hers.listed["hits"][0]["image_url"]
    assert his.listed["hits"] == []
    assert stolen.failed
    assert not (made.image_dir / "slides").exists()
    assert {row["collection"] for row in rows(made, "SELECT collection FROM saved_pictures")} == {"slides"}


@pytest.mark.usefixtures("either_database")
async def test_what_each_made_picture_cost_is_the_bill_divided_and_unknown_stays_unknown(
    connect: Connect, ask: Ask, settings: MakeSettings
) -> None:
    made = settings()
    async with connect(made) as client:
        answer = await ask(client, "generate_image", prompt="two foxes", count=2, **SMALL)
        two = await ask(client, "list_images", query="foxes")
        [job] = rows(made, "SELECT id, billed FROM jobs")
        change(made, "UPDATE jobs SET billed = NULL")
        unknown = await ask(client, "list_images", query="foxes")
        saved = await ask(client, "save_images", images=answer.handles[0])

    costs = [float(each["cost"]) for each in two.listed["hits"]]
    assert costs[0] > 0
    assert sum(costs) == pytest.approx(job["billed"] / 1e9)
    assert f"{two.listed['hits'][0]['cost']} USD" in two.text
    assert [each["cost"] for each in unknown.listed["hits"]] == [None, None]
    assert unknown.text.count("cost unknown") == 2
    assert not saved.failed
    assert book_of(made, "saved")[0]["cost"] is None
