"""What is known, listed as searches list it: by origin, words and date, in pages, the newest first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from databases import change

if TYPE_CHECKING:
    from mcp import Client
    from tests.conftest import Ask, Connect, MakeSettings, Mode, Transport
    from tests.tools.conftest import DataURI, Paint

SMALL: dict[str, Any] = {"model": "a-model-that-nobody-knows", "size": "256x256"}


async def handles(ask: Ask, client: Client, **arguments: Any) -> list[str]:
    answer = await ask(client, "list_images", **arguments)
    assert not answer.failed, answer.text
    return [hit["image"] for hit in answer.listed["hits"]]


@pytest.mark.usefixtures("either_database")
async def test_each_origin_by_itself_and_sheets_only_among_all(
    connect: Connect, ask: Ask, settings: MakeSettings, data_uri: DataURI, paint: Paint
) -> None:
    async with connect(settings()) as client:
        assert (await ask(client, "list_images")).text.startswith("No made pictures.\nnext: search_images(")
        found = (await ask(client, "search_images", query="a lake", count=2)).handles
        made = (await ask(client, "generate_image", prompt="a fox", **SMALL)).handles
        sheet = (await ask(client, "view_images", images=[data_uri(paint()), *made])).handles
        given = [sheet[0]]
        everything = await ask(client, "list_images", origin="all")

        assert await handles(ask, client) == made
        assert sorted(await handles(ask, client, origin="found")) == sorted(found)
        assert await handles(ask, client, origin="given") == given
        assert {hit["image"] for hit in everything.listed["hits"]} == {*found, *made, *sheet}
        assert [hit["origin"] for hit in everything.listed["hits"] if hit["image"] == sheet[-1]] == ["sheet"]


@pytest.mark.parametrize("mode", ["auto", "legacy"])
@pytest.mark.parametrize("transport", ["stdio", "http"])
async def test_both_channels_say_the_same_as_a_search_does(
    connect: Connect, ask: Ask, settings: MakeSettings, transport: Transport, mode: Mode
) -> None:
    async with connect(settings(), transport, mode) as client:
        found = await ask(client, "search_images", query="a lake", count=3)
        listed = await ask(client, "list_images", origin="found", query="lake")

    hits = {hit["image"]: hit for hit in found.listed["hits"]}
    assert listed.listed["found"] == len(listed.listed["hits"]) > 0
    for hit in listed.listed["hits"]:
        shared = ("title", "image_url", "page_url", "thumbnail_url", "width", "height", "mime_type")
        assert {name: hit[name] for name in shared} == {name: hits[hit["image"]][name] for name in shared}
        assert all(str(hit[name]) in listed.text for name in ("image", "title", "image_url"))
        assert hit["created_at"][:16].replace("T", " ") in listed.text
    assert "untrusted" in listed.text


@pytest.mark.usefixtures("either_database")
async def test_pages_follow_each_other_and_the_last_is_named(
    connect: Connect, ask: Ask, settings: MakeSettings
) -> None:
    async with connect(settings()) as client:
        made = [(await ask(client, "generate_image", prompt=f"fox {n}", **SMALL)).handles[0] for n in range(3)]
        first = await ask(client, "list_images", count=2)
        second = await ask(client, "list_images", count=2, page=2)
        beyond = await ask(client, "list_images", count=2, page=9)

    assert [hit["image"] for hit in first.listed["hits"]] == made[:0:-1]
    assert first.text.splitlines()[0] == "2 of 3 made pictures, newest first."
    assert "page=2 lists the next." in first.text
    assert [hit["image"] for hit in second.listed["hits"]] == made[:1]
    assert "3. " in second.text
    assert "page=" not in second.text
    assert "There is no page 9: the last one is 2." in beyond.text


@pytest.mark.usefixtures("either_database")
async def test_dates_and_periods_bound_what_is_listed(connect: Connect, ask: Ask, settings: MakeSettings) -> None:
    made = settings()
    async with connect(made) as client:
        [old] = (await ask(client, "generate_image", prompt="an old fox", **SMALL)).handles
        [new] = (await ask(client, "generate_image", prompt="a new fox", **SMALL)).handles
        long_ago = datetime.now(UTC) - timedelta(days=400)
        for table in ("pictures", "picture_words"):
            change(made, f"UPDATE {table} SET created_at = :t WHERE handle = :h", t=long_ago.timestamp(), h=old)  # noqa: S608

        assert await handles(ask, client) == [new, old]
        for since in ("today", "YEAR", "hour", f"{datetime.now(UTC):%Y-%m-%d}", "2020-01-01"):
            wanted = [new, old] if since == "2020-01-01" else [new]
            assert await handles(ask, client, since=since) == wanted, since
            assert await handles(ask, client, since=since, query="fox") == wanted, since
        for wrong in ("tomorrow", "20261130", "2026-13-40", "2026-11-21Tx", "0000-00-00"):
            answer = await ask(client, "list_images", since=wrong)
            assert answer.failed
            assert f"since “{wrong}” is no date: write it as 2026-11-30" in answer.text


async def test_what_does_not_fit_into_an_answer_is_left_out_and_said_so(
    connect: Connect, ask: Ask, settings: MakeSettings
) -> None:
    made = settings(max_result_bytes=20_000)
    many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)"
    row = "SELECT 'local', 'img_' || (1000000000 + i), 'found', i / 7.0, 'A lake, wide and blue' FROM n"
    async with connect(made) as client:
        await ask(client, "list_images")
        change(made, f"INSERT INTO pictures (owner, handle, origin, created_at, title) {many} {row}")
        answer = await ask(client, "list_images", origin="found", count=100)

    shown = len(answer.listed["hits"])
    assert 0 < shown < answer.listed["found"]
    assert f"Only the first {shown} of this page fit" in answer.text
    assert answer.byte_count <= 20_000


async def test_a_search_that_fits_others_alone_says_where_they_are(
    connect: Connect, ask: Ask, settings: MakeSettings
) -> None:
    async with connect(settings()) as client:
        await ask(client, "search_images", query="a lake", count=3)
        answer = await ask(client, "list_images", query="lake")

    assert answer.text.startswith("No made pictures are known that fit.")
    assert "origin=all lists them" in answer.text


async def test_a_picture_that_was_given_is_called_by_its_file(
    connect: Connect, ask: Ask, settings: MakeSettings, photo: Path
) -> None:
    async with connect(settings(read_dirs=(photo.parent,))) as client:
        await ask(client, "view_images", images=[str(photo)])
        answer = await ask(client, "list_images", origin="given", query="photo")

    [hit] = answer.listed["hits"]
    assert (hit["title"], hit["path"]) == ("a photo", str(photo))
