"""Pictures found again by words: in any script, begun or whole, the owner's own, and by no syntax of an engine's."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from lightbox.images.picture import Picture
from lightbox.images.records import add_bytes, by_handles, update
from lightbox.images.searching import newest, newest_collections, note_saved
from lightbox.state.database import Database
from lightbox.state.engines import open_database
from lightbox.state.pruning import prune_found
from lightbox.state.words import words_in

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
async def database(tmp_path: Path, state_url: str | None) -> AsyncGenerator[Database]:
    opened = open_database(tmp_path, state_url)
    yield opened
    await opened.close()


async def add(database: Database, text: str, owner: str = "me", minutes: int = 0, **told: Any) -> Picture:
    facts: dict[str, Any] = {"origin": "made", "prompt": text, "sha256": f"{owner} {text}"[:64]} | told
    moment = NOON + timedelta(minutes=minutes)
    candidate = Picture(handle="", owner=owner, created_at=moment, **facts)
    return await database.write(partial(add_bytes, candidate=candidate))


async def found(database: Database, query: str | None, owner: str = "me", **told: Any) -> list[str | None]:
    def look(connection: Any) -> list[str | None]:
        options: dict[str, Any] = {"limit": 100, **told}
        page = newest(connection, owner, query=query, **options)
        known = by_handles(connection, owner, page.handles)
        return [known[handle].prompt or known[handle].title for handle in page.handles]

    return await database.read(look)


def test_a_text_is_taken_apart_alike_however_it_is_written() -> None:
    assert words_in("Élan, NAÏVE café_bar") == ["elan", "naive", "cafe", "bar"]
    assert words_in("ＦＯＸ ﬁn") == ["fox", "fin"]
    assert words_in("雪狐fox") == ["雪狐", "狐", "fox"]
    assert words_in("冬の朝") == ["冬の", "の朝", "朝"]
    assert words_in("ｶﾞﾗｽ") == words_in("ガラス")
    assert words_in("겨울 여우") == ["겨울", "여우"]
    assert words_in("!?… ---") == []
    assert words_in("🦊 x") == ["🦊", "x"]
    assert words_in(None) == []


CJK = ["赤い狐と雪", "黄昏雪地里的红狐狸", "겨울 여우"]


@pytest.mark.usefixtures("either_database")
@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("fox", ["A red FOX in snow", "foxglove"]),
        ("fo sno", ["A red FOX in snow"]),
        ("snow fox", ["A red FOX in snow"]),
        ("elan", ["Élan vital"]),
        ("ÉLAN", ["Élan vital"]),
        ("狐", CJK[:2]),
        ("狐狸", CJK[1:2]),
        ("红狐", CJK[1:2]),
        ("雪", CJK[:2]),
        ("赤い狐", CJK[:1]),
        ("여우", CJK[2:]),
        ("🦊", ["a 🦊"]),
        ("ox", []),
    ],
)
async def test_words_are_found_begun_or_whole_in_every_script(
    database: Database, query: str, wanted: list[str]
) -> None:
    for minutes, text in enumerate(["A red FOX in snow", "foxglove", "Élan vital", *CJK, "a 🦊"]):
        await add(database, text, minutes=-minutes)

    assert await found(database, query) == wanted


@pytest.mark.usefixtures("either_database")
@pytest.mark.parametrize(
    "query",
    [
        '"',
        "'",
        "fox' OR '1'='1",
        'fox" OR "owl',
        "fox OR owl",
        "fox NOT snow",
        "words:fox",
        "fox*",
        "^fox",
        "NEAR(fox owl)",
        "fox & !owl",
        "fox | owl",
        "fox:*",
        "\\",
        "(",
        "_made",
        "fox;DROP TABLE pictures",
        "%",
        "-fox",
        "fox:A",
        "fox <-> owl",
    ],
)
async def test_what_a_user_types_is_words_and_never_syntax(database: Database, query: str) -> None:
    await add(database, "owl")
    await add(database, "fox in snow")

    assert set(await found(database, query)) <= {"fox in snow"}
    assert "owl" not in await found(database, query)
    assert await found(database, "owl") == ["owl"]


@pytest.mark.usefixtures("either_database")
async def test_nobody_finds_what_is_anothers(database: Database) -> None:
    mine, hers = await add(database, "a fox", "me"), await add(database, "a fox", "her")
    await database.write(
        partial(note_saved, owner="her", collection="slides", files={hers.handle: "x.png"}, known=[hers], now=1.0)
    )

    for query in ("fox", None):
        page = await database.read(partial(newest, owner="me", query=query, limit=5))
        assert page.handles == [mine.handle]
        assert page.total == 1
    assert await found(database, "slides") == []
    assert await found(database, "slides", "her") == ["a fox"]
    assert await database.read(partial(newest_collections, owner="me", beginning="", limit=5)) == []
    assert await database.read(partial(newest_collections, owner="her", beginning="sl", limit=5)) == ["slides"]


@pytest.mark.usefixtures("either_database")
async def test_pages_origins_and_dates_are_kept_apart(database: Database) -> None:
    for number in range(5):
        await add(database, f"fox {number}", minutes=number)
    await add(database, "fox web", minutes=9, origin="found", title="fox web", prompt=None)
    await add(database, "fox sheet", minutes=10, origin="sheet", title="fox sheet", prompt=None)

    assert await found(database, None, origins=["made"], limit=2) == ["fox 4", "fox 3"]
    assert await found(database, "fox", origins=["made"], limit=2, offset=2) == ["fox 2", "fox 1"]
    assert await found(database, "fox", since=NOON + timedelta(minutes=4)) == ["fox sheet", "fox web", "fox 4"]
    assert await found(database, None, since=NOON + timedelta(minutes=4), origins=["found"]) == ["fox web"]
    assert await found(database, "", limit=5) == []
    page = await database.read(partial(newest, owner="me", query="fox", origins=["made", "found"], limit=1, offset=90))
    assert (page.handles, page.total) == ([], 6)


@pytest.mark.usefixtures("either_database")
async def test_new_words_replace_old_ones_and_a_pruned_picture_is_found_no_more(database: Database) -> None:
    picture = await add(database, "a fox", origin="found", title="a fox", prompt=None, url="https://example.com/1")
    changed = replace(picture, title="an owl")
    await database.write(partial(update, picture=changed))

    assert await found(database, "fox") == []
    assert await found(database, "owl") == ["an owl"]
    assert await database.write(partial(prune_found, before=NOON.timestamp() + 60, limit=10)) == 1
    assert (await database.read(partial(newest, owner="me", query="owl", limit=5))).total == 0


@pytest.mark.usefixtures("either_database")
async def test_a_given_file_is_found_by_its_name_and_a_saved_one_by_its_own(database: Database) -> None:
    given = await add(database, "x", origin="given", prompt=None, path=Path("/home/ada/Acme logo.png"))
    await database.write(
        partial(note_saved, owner="me", collection="brand", files={given.handle: "hero-1.png"}, known=[given], now=1.0)
    )

    for query in ("acme", "logo", "brand", "hero"):
        page = await database.read(partial(newest, owner="me", query=query, limit=5))
        assert page.handles == [given.handle], query
