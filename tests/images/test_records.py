"""The rows of known pictures: what a search found, what a check told, and what a call used."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from sqlalchemy import Connection, select

from lightbox.images import records
from lightbox.images.picture import Hit, Picture
from lightbox.images.records import derive_handle
from lightbox.state.database import Database
from lightbox.state.engines import open_database
from lightbox.state.tables import pictures
from lightbox.wire.response import FoundHit

if TYPE_CHECKING:
    from pathlib import Path

    from tests.images.conftest import Host, Painter, StoreMaker

pytestmark = pytest.mark.usefixtures("either_database")

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC).timestamp()
DAY = 86_400.0
FOX = "https://example.com/fox.jpg"

Add = Callable[..., Any]


def as_hits(found: Sequence[FoundHit], owner: str = "me") -> list[Hit]:
    return [hit for one in found if (hit := records.as_hit(owner, one)) is not None]


@pytest.fixture
def find(database: Database) -> Add:
    """Add what a search found, as the journal does."""

    async def add(
        hits: Sequence[FoundHit], *, owner: str = "me", provider: str = "openai", now: float = NOW
    ) -> list[Hit]:
        read = as_hits(hits, owner)
        return await database.write(partial(records.add_found, owner=owner, hits=read, provider=provider, now=now))

    return add


@pytest.fixture
def row(database: Database) -> Add:
    """Give the picture of a handle."""

    async def get(handle: str, owner: str = "me") -> Picture:
        picture = await database.read(partial(records.by_handle, owner=owner, handle=handle))
        assert picture is not None
        return picture

    return get


async def test_every_hit_gets_a_handle_in_the_order_of_the_hits(find: Add, row: Add) -> None:
    told = [
        FoundHit(url=f"https://example.com/{n}.jpg", title=f"Fox {n}", page_url=f"https://e.com/{n}")
        for n in range(300)
    ]
    hits = await find(told, provider="dashscope")
    assert [(hit.image_url, hit.title, hit.page_url, hit.state) for hit in hits] == [
        (hit.url, hit.title, hit.page_url, "unchecked") for hit in told
    ]
    assert all(re.fullmatch(r"img_[0-9a-z]{10}", hit.image) for hit in hits)
    assert len({hit.image for hit in hits}) == 300
    picture = await row(hits[7].image)
    assert (picture.origin, picture.provider, picture.url, picture.title) == (
        "found",
        "dashscope",
        told[7].url,
        "Fox 7",
    )
    assert (picture.created_at.timestamp(), picture.used_at) == (NOW, None)


async def test_the_same_url_has_the_same_handle_in_one_search_and_in_the_next(find: Add, row: Add) -> None:
    told = [FoundHit(url=FOX), FoundHit(url=f"{FOX}#top", title="Fox"), FoundHit(url=f"{FOX}?x=1")]
    first, again, other = await find(told)
    assert first.image == again.image != other.image
    assert (first.title, again.image_url) == ("Fox", f"{FOX}#top")
    [later] = await find(told[:1], provider="dashscope")
    assert later == first
    assert (await row(first.image)).provider == "openai"


async def test_no_hits_have_no_handles(find: Add) -> None:
    assert await find([]) == []


async def test_a_later_search_fills_in_what_an_earlier_one_left_out(find: Add, row: Add) -> None:
    await find([FoundHit(url=FOX, title="Fox")])
    [renamed] = await find([FoundHit(url=FOX, title="Renamed", thumbnail_url=f"{FOX}?small")])
    [bare] = await find([FoundHit(url=FOX)])
    assert (renamed.title, bare.title, bare.thumbnail_url) == ("Renamed", "Fox", f"{FOX}?small")
    assert (await row(bare.image)).title == "Fox"


@pytest.mark.parametrize(
    "url",
    [
        "http://[::1/fox.jpg",
        "http://[::1/fox.jpg#top",
        "https://example.com:port/",
        "https:///fox.jpg",
        "https://exa\ud83dmple.com/fox.jpg",
        "https://example.com/\0.jpg",
    ],
)
async def test_a_malformed_address_costs_that_hit_and_no_other(find: Add, url: str) -> None:
    hits = await find([FoundHit(url=url), FoundHit(url=FOX)])
    assert [hit.image_url for hit in hits] == [FOX]


async def test_what_a_check_told_is_known_to_the_next_search(find: Add, database: Database) -> None:
    [fox, owl] = await find([FoundHit(url=FOX, title="Fox"), FoundHit(url=f"{FOX}?owl")])
    checked = [
        fox.model_copy(update={"state": "ok", "width": 800, "height": 600, "mime_type": "image/jpeg"}),
        owl.model_copy(update={"state": "dead"}),
    ]
    await database.write(partial(records.add_found, owner="me", hits=checked, provider="openai", now=NOW))
    again, bare = await find([FoundHit(url=FOX), FoundHit(url=f"{FOX}?owl")])
    assert (again.title, again.width, again.height, again.mime_type) == ("Fox", 800, 600, "image/jpeg")
    assert (bare.width, bare.mime_type) == (None, None)


async def test_what_the_bytes_told_outweighs_what_a_check_tells(
    find: Add, database: Database, make_store: StoreMaker, host: Host, painted: Painter
) -> None:
    [hit] = await find([FoundHit(url=host.serve("/fox.png", painted(size=(300, 200))))])
    store = make_store()
    await store.load(await store.known("me", hit.image))
    wrong = hit.model_copy(update={"width": 9, "height": 9, "mime_type": "image/gif"})
    await database.write(partial(records.add_found, owner="me", hits=[wrong], provider="openai", now=NOW))
    [again] = await find([FoundHit(url=hit.image_url, title="Fox")])
    assert (again.title, again.width, again.height, again.mime_type) == ("Fox", 300, 200, "image/png")


async def test_a_handle_belongs_to_its_owner(find: Add, database: Database) -> None:
    [mine] = await find([FoundHit(url=FOX)], owner="me")
    [yours] = await find([FoundHit(url=FOX)], owner="you")
    assert mine.image != yours.image
    assert await database.read(partial(records.by_handle, owner="you", handle=mine.image)) is None


async def test_many_handles_are_looked_up_at_once(find: Add, database: Database) -> None:
    hits = await find([FoundHit(url=f"https://example.com/{n}.jpg") for n in range(450)])
    wanted = [*(hit.image for hit in hits), "img_0000000000"]
    found = await database.read(partial(records.by_handles, owner="me", handles=wanted))
    assert set(found) == set(wanted[:-1])


async def test_two_servers_that_share_the_state_share_handles(
    database: Database, tmp_path: Path, state_url: str | None
) -> None:
    other = open_database(tmp_path / "state", state_url)
    told = [FoundHit(url=f"https://example.com/{n}.jpg") for n in range(20)]
    handles: list[list[str]] = []

    async def find(server: Database) -> None:
        hits = await server.write(
            partial(records.add_found, owner="me", hits=as_hits(told), provider="openai", now=NOW)
        )
        handles.append([hit.image for hit in hits])

    async with anyio.create_task_group() as tasks:
        for server in (database, other, database, other):
            tasks.start_soon(find, server)
    assert handles == [handles[0]] * 4
    await other.close()


async def test_a_handle_that_another_picture_holds_is_not_given_twice(find: Add, row: Add, database: Database) -> None:
    held = derive_handle("me", f"url:{FOX}")

    def hold(connection: Connection) -> None:
        connection.execute(
            pictures.insert().values(owner="me", handle=held, origin="given", created_at=NOW, sha256="00")
        )

    await database.write(hold)
    [hit] = await find([FoundHit(url=FOX)])
    [again] = await find([FoundHit(url=FOX)])
    assert hit.image == again.image == derive_handle("me", f"url:{FOX}", 1)
    assert (await row(held)).sha256 == "00"

    candidate = Picture(handle="", owner="me", origin="made", created_at=datetime.fromtimestamp(NOW, UTC), sha256="11")
    taken = derive_handle("me", "bytes:11")
    await database.write(
        lambda c: c.execute(pictures.update().values(handle=taken).where(pictures.c.handle == held)) and None
    )
    made = await database.write(partial(records.add_bytes, candidate=candidate))
    assert made.handle == derive_handle("me", "bytes:11", 1)
    assert await database.write(partial(records.add_bytes, candidate=replace(candidate, origin="given"))) == made


async def test_a_picture_counts_as_used_from_the_first_call_that_names_it(
    find: Add, row: Add, database: Database
) -> None:
    fox, owl = await find([FoundHit(url=FOX), FoundHit(url=f"{FOX}?owl")])
    before = await row(fox.image)
    for later in (1, 2):
        await database.write(partial(records.mark_used, owner="me", handles=[fox.image], now=NOW + later))
    await database.write(partial(records.mark_used, owner="me", handles=[], now=NOW))
    await database.write(partial(records.update, picture=replace(before, width=9)))  # read before the picture was used
    after = await row(fox.image)
    assert (after.width, after.used_at) == (9, datetime.fromtimestamp(NOW + 1, UTC))
    assert (await row(owl.image)).used_at is None


async def test_a_found_picture_that_a_user_gives_by_its_address_counts_as_used(
    find: Add, row: Add, database: Database
) -> None:
    [fox] = await find([FoundHit(url=FOX, title="Fox")])
    given = await database.write(partial(records.add_given_address, owner="me", url=f"{FOX}#top", now=NOW + 1))
    assert (given.handle, given.origin, given.title) == (fox.image, "found", "Fox")
    assert given.used_at == (await row(fox.image)).used_at == datetime.fromtimestamp(NOW + 1, UTC)


async def test_an_unused_picture_is_as_old_as_the_latest_search_that_found_it(
    find: Add, row: Add, database: Database
) -> None:
    fox, owl = await find([FoundHit(url=FOX), FoundHit(url=f"{FOX}?owl")])
    await database.write(partial(records.mark_used, owner="me", handles=[owl.image], now=NOW))
    await find([FoundHit(url=FOX), FoundHit(url=f"{FOX}?owl")], now=NOW + DAY / 2)
    assert (await row(fox.image)).created_at.timestamp() == NOW  # a repeated search writes nothing on the same day
    await find([FoundHit(url=FOX), FoundHit(url=f"{FOX}?owl")], now=NOW + 2 * DAY)
    assert (await row(fox.image)).created_at.timestamp() == NOW + 2 * DAY
    assert (await row(owl.image)).created_at.timestamp() == NOW


async def test_hits_are_added_or_not_with_whatever_shares_their_transaction(database: Database) -> None:
    def fail(connection: Connection) -> None:
        records.add_found(connection, "me", as_hits([FoundHit(url=FOX)]), "openai", NOW)
        raise ArithmeticError

    with pytest.raises(ArithmeticError):
        await database.write(fail)
    assert await database.read(lambda c: c.execute(select(pictures)).all()) == []


@pytest.mark.parametrize("state", ["ok", "tiny"])
def test_a_stored_hit_is_read_as_it_was(state: str) -> None:
    hit = Hit.model_validate({"image": "img_4k2x9w1qza", "image_url": FOX, "state": state})
    assert Hit.model_validate_json(hit.model_dump_json()) == hit


def test_a_hit_that_a_newer_version_stored_is_read() -> None:
    stored = '{"image": "img_4k2x9w1qza", "image_url": "https://e.com/x.png", "state": "sold", "mood": {"bright": 1}}'
    assert Hit.model_validate_json(stored) == Hit(image="img_4k2x9w1qza", image_url="https://e.com/x.png")
    assert Hit.model_validate({"image": "img_4k2x9w1qza", "image_url": FOX, "state": ["ok"]}).state == "unchecked"
