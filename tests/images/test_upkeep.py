"""One round of pruning: what nobody needs goes, from the database and from the folders; what must stay stays."""

from __future__ import annotations

import os
import time
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from sqlalchemy import Connection, func, insert, select

from lightbox.images import records
from lightbox.images.content import content_key
from lightbox.images.content_folder import FolderContent
from lightbox.images.upkeep import Pruned, prune
from lightbox.state.database import Database
from lightbox.state.tables import approvals, jobs, pictures, saved_pictures
from lightbox.wire.response import FoundHit

if TYPE_CHECKING:
    from tests.images.conftest import Host, Painter, StoreMaker

DAY = 86_400.0
KEPT = 90
NOW = time.time()  # files tell the time of the machine


@pytest.fixture
def state_dir(tmp_path: Path) -> Path:
    return tmp_path / "state"


def age(path: Path, days: float) -> Path:
    os.utime(path, (NOW, NOW - days * DAY))
    return path


def content(state_dir: Path, name: str, days: float, byte_count: int = 1000) -> Path:
    """Keep a file as the store does, last used so many days ago."""
    digest = sha256(name.encode()).hexdigest()
    path = state_dir / "pictures" / digest[:2] / f"{digest}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(bytes(byte_count))
    return age(path, days)


def picture(number: int, **told: Any) -> dict[str, Any]:
    row = {"owner": "me", "handle": f"img_{number:010}", "origin": "found", "created_at": NOW - 100 * DAY}
    return row | {"url": None, "sha256": None, "used_at": None} | told


def job(job_id: str, days: float | None, **told: Any) -> dict[str, Any]:
    """Make the row of a job that ended so many days ago; None: it is open."""
    row = dict.fromkeys(("key", "owner", "tool", "provider", "model", "server", "order"), "x")
    ended = None if days is None else NOW - days * DAY
    times = {"beat": NOW, "created_at": NOW - 200 * DAY, "ended_at": ended}
    return row | times | {"id": job_id, "state": "sent" if days is None else "completed"} | told


async def round_of(database: Database, state_dir: Path, **options: Any) -> Pruned:
    settings: dict[str, Any] = {"keep_days": KEPT, "cache_bytes": 1_000_000_000, "now": NOW}
    return await prune(database, FolderContent(state_dir), **(settings | options))


async def test_a_new_server_has_nothing_to_prune(database: Database, state_dir: Path) -> None:
    assert not await round_of(database, state_dir)


async def test_thousands_of_rows_go_and_a_second_round_finds_nothing(database: Database, state_dir: Path) -> None:
    kinds: list[dict[str, Any]] = [{}, {"used_at": NOW}, {"created_at": NOW}, {"origin": "made"}]

    def fill(connection: Connection) -> None:
        connection.execute(insert(pictures), [picture(n, **kinds[n % 4]) for n in range(4000)])
        connection.execute(insert(jobs), [job(f"job_{n}", (100, 1, None)[n % 3], billed=2) for n in range(3000)])
        row = {"key": "k", "owner": "me", "amount": 1, "currency": "USD"}
        connection.execute(insert(approvals), [row | {"id": f"a{n}", "asked_at": NOW - n} for n in range(2000)])

    def counts(connection: Connection) -> tuple[int, ...]:
        tables = [
            connection.execute(select(func.count()).select_from(t)).scalar_one() for t in (pictures, jobs, approvals)
        ]
        whole = connection.execute(select(func.count()).where(jobs.c.order != "")).scalar_one()
        return *tables, whole, connection.execute(select(func.sum(jobs.c.billed))).scalar_one()

    await database.write(fill)
    assert await round_of(database, state_dir) == Pruned(found=1000, jobs=1000, approvals=1399)
    assert await database.read(counts) == (3000, 3000, 601, 2000, 6000)
    assert not await round_of(database, state_dir)


async def test_calls_go_on_while_a_round_is_made(database: Database, state_dir: Path) -> None:
    await database.write(
        lambda connection: connection.execute(insert(pictures), [picture(n) for n in range(3000)]) and None
    )
    found: list[int] = []

    async def search() -> None:
        for n in range(10):
            hits = [hit for hit in [records.as_hit("me", FoundHit(url=f"https://example.com/{n}.jpg"))] if hit]
            await database.write(partial(records.add_found, owner="me", hits=hits, provider="openai", now=NOW))
            left = await database.read(lambda c: c.execute(select(func.count()).select_from(pictures)).scalar_one())
            found.append(left)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(round_of, database, state_dir)
        tasks.start_soon(search)
    assert any(left > 10 for left in found)
    assert await database.read(lambda c: c.execute(select(func.count()).select_from(pictures)).scalar_one()) == 10


async def test_the_least_recently_used_bytes_go_until_the_rest_fits(database: Database, state_dir: Path) -> None:
    files = [content(state_dir, str(n), days=n + 1) for n in range(300)]
    pruned = await round_of(database, state_dir, cache_bytes=50_500)
    assert (pruned.files, pruned.byte_count) == (250, 250_000)
    assert [file.exists() for file in files] == [True] * 50 + [False] * 250
    assert not await round_of(database, state_dir, cache_bytes=50_500)


async def test_bytes_of_made_pictures_and_of_pictures_given_lately_stay(database: Database, state_dir: Path) -> None:
    ages = {"made": 500, "given": 50, "old": 100, "web": 50, "found": 50, "nobody's": 50, "new": 0.01}
    files = {name: content(state_dir, name, days) for name, days in ages.items()}
    told: dict[str, dict[str, Any]] = {
        "made": {"origin": "made"},
        "given": {"origin": "given"},
        "old": {"origin": "given"},
        "web": {"origin": "given", "url": "https://example.com/web.png"},
        "found": {"url": "https://example.com/found.png", "used_at": NOW},
    }
    rows = [picture(n, sha256=files[name].stem, **row) for n, (name, row) in enumerate(told.items())]
    await database.write(lambda connection: connection.execute(insert(pictures), rows) and None)
    pruned = await round_of(database, state_dir, cache_bytes=0)
    assert {name for name, file in files.items() if file.exists()} == {"made", "given", "new"}
    assert pruned == Pruned(files=4, byte_count=4000)
    assert not await round_of(database, state_dir, cache_bytes=0)


async def test_while_there_is_room_no_bytes_go(database: Database, state_dir: Path) -> None:
    file = content(state_dir, "old", days=1000)
    assert not await round_of(database, state_dir, cache_bytes=1000)
    assert file.exists()


async def test_files_that_were_never_finished_go_after_a_day(database: Database, state_dir: Path) -> None:
    whole = content(state_dir, "fox", days=3)
    old, young = (whole.with_name(f".{whole.name}.{number}") for number in (1, 2))
    partial_old, partial_young = (state_dir / "partials" / f".job_a.{number}" for number in (1, 2))
    partial_old.parent.mkdir()
    for path, days in ((old, 2), (young, 0.5), (partial_old, 2), (partial_young, 0.5)):
        path.touch()
        age(path, days)
    assert await round_of(database, state_dir) == Pruned(files=1, partials=1)
    assert [path.exists() for path in (whole, old, young, partial_old, partial_young)] == [
        True,
        False,
        True,
        False,
        True,
    ]


async def test_partial_pictures_go_once_their_job_has_ended(
    database: Database, state_dir: Path, make_store: StoreMaker
) -> None:
    store = make_store()
    ended = [f"job_{n}" for n in range(250)]
    rows = [job("job_open", None), *(job(name, 0.1) for name in ended)]
    await database.write(lambda connection: connection.execute(insert(jobs), rows) and None)
    for name in ("job_open", "job_unknown", *ended):
        await store.save_partial(name, b"half a fox")
    assert await round_of(database, state_dir) == Pruned(partials=251)
    assert [await store.partial(name) for name in ("job_open", "job_0")] == [b"half a fox", None]
    assert not await round_of(database, state_dir)


async def test_a_picture_that_was_viewed_outlives_one_that_was_not(
    database: Database, state_dir: Path, make_store: StoreMaker, host: Host, painted: Painter
) -> None:
    store = make_store()
    told = [
        hit
        for path in ("/fox.png", "/owl.png")
        if (hit := records.as_hit("me", FoundHit(url=host.serve(path, painted()))))
    ]
    fox, owl = await database.write(
        partial(records.add_found, owner="me", hits=told, provider="openai", now=NOW - 100 * DAY)
    )
    await store.load(await store.known("me", fox.image))
    assert (await round_of(database, state_dir, cache_bytes=0)).found == 1
    assert await database.read(partial(records.by_handle, owner="me", handle=owl.image)) is None
    assert await store.load(await store.known("me", fox.image)) == painted()


async def test_what_is_read_or_given_again_counts_as_used_once_a_day(tmp_path: Path) -> None:
    folder = FolderContent(tmp_path)
    key = content_key("ab" * 32, "image/png")
    path = await folder.put(key, b"fox", "image/png")
    for use in (lambda: folder.get(key), lambda: folder.put(key, b"fox", "image/png")):
        half_a_day = age(path, 0.5).stat().st_mtime
        await use()
        assert path.stat().st_mtime == half_a_day
        age(path, 2)
        await use()
        assert path.stat().st_mtime > NOW - 1


async def test_an_unused_sheet_goes_as_a_found_picture_does_and_what_was_saved_stays(
    database: Database, state_dir: Path
) -> None:
    names = ("unused sheet", "used sheet", "fresh sheet", "saved sheet", "saved found", "used found")
    digests = {name: sha256(name.encode()).hexdigest() for name in names}
    files = {name: content(state_dir, name, 100 if name != "fresh sheet" else 1) for name in names}

    def fill(connection: Connection) -> None:
        connection.execute(
            insert(pictures),
            [
                picture(
                    number,
                    origin=name.split()[1],
                    sha256=digests[name],
                    used_at=None if name in {"unused sheet", "fresh sheet"} else NOW - 100 * DAY,
                    created_at=NOW - (1 if name == "fresh sheet" else 100) * DAY,
                )
                for number, name in enumerate(names)
                if name.split()[1] == "sheet"
            ]
            + [
                picture(number, sha256=digests[name], used_at=NOW - 100 * DAY, url=f"https://example.com/{number}")
                for number, name in enumerate(names)
                if name.split()[1] == "found"
            ],
        )
        saved = {"owner": "me", "collection": "slides", "file": "x.png", "saved_at": NOW}
        connection.execute(insert(saved_pictures), [saved | {"handle": f"img_{n:010}"} for n in (3, 4)])

    await database.write(fill)

    assert (await round_of(database, state_dir)).found == 1
    left = await database.read(lambda c: set(c.execute(select(pictures.c.handle)).scalars()))
    assert left == {f"img_{number:010}" for number in range(1, 6)}
    await round_of(database, state_dir, cache_bytes=0)
    assert {name for name, path in files.items() if path.exists()} == {"fresh sheet", "saved sheet", "saved found"}
