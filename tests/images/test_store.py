"""Every picture that the server knows, under its handle."""

from __future__ import annotations

import base64
import os
import sqlite3
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
import pytest
from sqlalchemy import delete, select

from lightbox.errors import BadPicture, BadReference, FetchFailed, Forbidden, StorageFailed
from lightbox.images.picture import Picture
from lightbox.images.records import add_found, as_hit, by_handles
from lightbox.images.reference import FileId
from lightbox.images.store import PictureStore
from lightbox.state.database import Database
from lightbox.state.tables import pictures
from lightbox.wire.response import FoundHit

if TYPE_CHECKING:
    from tests.images.conftest import Host, Painter, StoreMaker

MOMENT = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)


async def resolved(store: PictureStore, reference: str | Path, owner: str = "me") -> Picture:
    picture = await store.resolve(owner, str(reference))
    assert isinstance(picture, Picture)
    return picture


async def test_a_handle_belongs_to_its_owner(store: PictureStore, painted: Painter) -> None:
    mine = await store.keep("me", painted(), prompt="fox", provider="openai")
    with pytest.raises(BadReference, match=mine.handle):
        await store.known("you", mine.handle)
    with pytest.raises(BadReference):
        await store.resolve("you", f"lightbox://images/{mine.handle}")


async def test_a_made_picture_is_saved_under_a_name_that_one_recognises(
    make_store: StoreMaker, painted: Painter, tmp_path: Path
) -> None:
    store = make_store(clock=lambda: MOMENT)
    data = painted("WEBP")
    picture = await store.keep(
        "me", data, prompt="A red fox, in the snow!", provider="openai", model="gpt-image-2", response_id="resp_1"
    )
    assert picture.path is not None
    assert picture.path == tmp_path / "images" / f"2026-11-21-a-red-fox-in-the-snow-{picture.handle}.webp"
    assert picture.path.read_bytes() == data
    assert (picture.origin, picture.mime_type, picture.width, picture.height, picture.byte_count, picture.note) == (
        ("made", "image/webp", 160, 120, len(data), None)
    )
    assert picture == await store.known("me", picture.handle)
    assert (picture.model, picture.response_id, picture.created_at) == ("gpt-image-2", "resp_1", MOMENT)


@pytest.mark.parametrize(
    ("prompt", "words"),
    [
        ("雪の中の赤い狐", "雪の中の赤い狐-"),
        ("Красная лиса", "красная-лиса-"),
        ("../../etc/passwd", "etc-passwd-"),
        ('a/b\\c:d*e?f"g<h>i|j\0k', "a-b-c-d-e-f-g-h-"),
        ("\n  …!  ", ""),
        ("word " * 50, "word-word-word-word-word-word-word-word-"),
        ("x" * 500, "x" * 48 + "-"),
        ("雪" * 500, "雪" * 48 + "-"),
    ],
)
async def test_a_file_name_is_safe_whatever_the_prompt(
    make_store: StoreMaker, painted: Painter, tmp_path: Path, prompt: str, words: str
) -> None:
    picture = await make_store(clock=lambda: MOMENT).keep("me", painted(), prompt=prompt, provider="openai")
    assert picture.path is not None
    assert picture.path.parent == tmp_path / "images"
    assert picture.path.name == f"2026-11-21-{words}{picture.handle}.png"


async def test_a_file_that_is_there_is_never_overwritten(make_store: StoreMaker, painted: Painter) -> None:
    store = make_store(clock=lambda: MOMENT)
    first = await store.keep("me", painted(), prompt="fox", provider="openai")
    assert first.path is not None
    first.path.write_bytes(b"painted over by the person")
    second = await store.keep("me", painted(), prompt="fox", provider="openai")
    assert second.path is not None
    assert (second.handle, second.path.name) == (first.handle, f"2026-11-21-fox-{first.handle}-2.png")
    assert first.path.read_bytes() == b"painted over by the person"
    assert second.path.read_bytes() == painted()


@pytest.mark.usefixtures("either_database")
async def test_a_picture_that_a_killed_server_saved_and_did_not_write_down_is_not_saved_twice(
    make_store: StoreMaker, database: Database, painted: Painter, tmp_path: Path
) -> None:
    store = make_store(clock=lambda: MOMENT)
    first = await store.keep("me", painted(), prompt="fox", provider="openai")
    await database.write(
        lambda connection: connection.execute(delete(pictures)) and None
    )  # as it stood a moment before
    second = await store.keep("me", painted(), prompt="fox", provider="openai")

    assert (second.handle, second.path) == (first.handle, first.path)
    assert len(list((tmp_path / "images").iterdir())) == 1


@pytest.mark.usefixtures("either_database")
async def test_the_same_bytes_made_again_are_one_picture_that_continues_from_the_newest_response(
    store: PictureStore, painted: Painter, tmp_path: Path
) -> None:
    first = await store.keep("me", painted(), prompt="fox", provider="openai", response_id="resp_1")
    second = await store.keep("me", painted(), prompt="the fox", provider="openai", response_id="resp_2")
    assert (second.handle, second.path, second.response_id) == (first.handle, first.path, "resp_2")
    assert len(list((tmp_path / "images").iterdir())) == 1


@pytest.mark.usefixtures("either_database")
async def test_what_was_paid_for_is_kept_although_the_image_folder_can_not_be_written(
    make_store: StoreMaker, painted: Painter, tmp_path: Path
) -> None:
    (tmp_path / "images").write_text("a file where the folder should be")
    store = make_store()
    picture = await store.keep("me", painted(), prompt="fox", provider="openai")
    assert picture.path is not None
    assert picture.path.is_relative_to(tmp_path / "state" / "pictures")
    assert str(tmp_path / "images") in (picture.note or "")
    assert "LIGHTBOX_IMAGE_DIR" in (picture.note or "")
    assert await store.load(await store.known("me", picture.handle)) == painted()


async def test_where_nothing_can_be_written_both_folders_and_settings_are_named(
    make_store: StoreMaker, painted: Painter, tmp_path: Path
) -> None:
    (tmp_path / "images").touch()
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "pictures").touch()
    with pytest.raises(StorageFailed) as caught:
        await make_store().keep("me", painted(), prompt="fox", provider="openai")
    message = str(caught.value)
    assert "LIGHTBOX_IMAGE_DIR" in message
    assert "LIGHTBOX_STATE_DIR" in message


async def test_what_was_paid_for_is_saved_although_the_database_can_not_be_opened(
    make_store: StoreMaker, painted: Painter, tmp_path: Path
) -> None:
    (tmp_path / "state" / "lightbox.sqlite3").mkdir(parents=True)
    with pytest.raises(StorageFailed, match="The picture was saved as"):
        await make_store(record_again=()).keep("me", painted(), prompt="fox", provider="openai")
    (saved,) = (tmp_path / "images").iterdir()
    assert saved.read_bytes() == painted()


async def test_a_made_picture_is_kept_however_large_it_is(make_store: StoreMaker, painted: Painter) -> None:
    store = make_store(max_bytes=100, max_pixels=100)
    picture = await store.keep("me", painted(), prompt="fox", provider="openai")
    assert await store.load(picture) == painted()


async def test_a_given_file_has_the_handle_of_its_bytes_and_outlives_the_file(
    store: PictureStore, painted: Painter, tmp_path: Path
) -> None:
    file = tmp_path / "given" / "Holiday fox.jpg"
    file.write_bytes(painted("PNG"))
    picture = await resolved(store, file)
    assert (picture.origin, picture.path, picture.mime_type) == ("given", file.resolve(), "image/png")
    uri = "data:image/jpeg;base64," + base64.b64encode(painted("PNG")).decode()
    assert (await resolved(store, uri)).handle == picture.handle
    file.unlink()
    assert await store.load(await store.known("me", picture.handle)) == painted("PNG")


async def test_a_given_file_is_read_again_by_a_later_server_whether_the_first_one_ended_or_was_killed(
    make_store: StoreMaker, painted: Painter, tmp_path: Path
) -> None:
    first, later = make_store(read_dirs=[tmp_path]), make_store()
    file = tmp_path / "fox.png"
    file.write_bytes(painted())
    picture = await resolved(first, file)
    assert not (tmp_path / "state" / "pictures").exists()  # its call is to be answered first
    assert await later.load(picture) == painted()  # from the file itself
    await first.close()
    file.unlink()
    assert await later.load(picture) == painted()


async def test_a_made_picture_given_back_by_its_path_is_the_made_picture(
    make_store: StoreMaker, painted: Painter, tmp_path: Path
) -> None:
    store = make_store(read_dirs=[tmp_path])
    made = await store.keep("me", painted(), prompt="fox", provider="openai", response_id="resp_1")
    assert await resolved(store, made.path or "") == made


async def test_a_file_id_of_a_provider_passes_through(store: PictureStore) -> None:
    assert await store.resolve("me", "file-abc123") == FileId("file-abc123")


async def test_a_web_address_is_fetched_once_and_told_by_its_bytes(
    store: PictureStore, host: Host, painted: Painter
) -> None:
    url = host.serve("/fox.jpg", painted("WEBP", (300, 200)))
    picture = await resolved(store, url)
    assert (picture.origin, picture.url, picture.sha256) == ("given", url, None)
    assert host.asked == []
    seen, data = await store.open(picture)
    assert data == painted("WEBP", (300, 200))
    assert (seen.mime_type, seen.width, seen.height, seen.byte_count) == ("image/webp", 300, 200, len(data))
    assert await store.known("me", picture.handle) == seen
    assert await store.load(seen) == data
    assert host.asked == ["/fox.jpg"]


async def test_a_dead_address_is_a_failed_fetch_and_stays_known(store: PictureStore, host: Host) -> None:
    picture = await resolved(store, f"http://{host.pair}/gone.png")
    with pytest.raises(FetchFailed, match=r"/gone\.png can't be fetched"):
        await store.load(picture)
    assert await store.known("me", picture.handle) == picture


async def test_an_address_that_gives_a_page_is_no_picture(store: PictureStore, host: Host) -> None:
    url = host.serve("/fox.jpg", b"<!doctype html><p>Log in")
    with pytest.raises(BadPicture, match="it is an HTML page"):
        await store.load(await resolved(store, url))


async def test_a_picture_that_can_not_be_kept_can_still_be_shown(
    store: PictureStore, host: Host, painted: Painter, tmp_path: Path
) -> None:
    url = host.serve("/fox.png", painted())
    picture = await resolved(store, url)
    (tmp_path / "state" / "pictures").touch()
    assert await store.load(picture) == painted()
    assert await store.load(await store.known("me", picture.handle)) == painted()


@pytest.mark.parametrize("later", [None, b"painted over"], ids=["gone", "changed"])
async def test_a_made_file_that_is_gone_or_changed_is_named(
    store: PictureStore, painted: Painter, later: bytes | None
) -> None:
    picture = await store.keep("me", painted(), prompt="fox", provider="openai")
    assert picture.path is not None
    picture.path.unlink()
    if later is not None:
        picture.path.write_bytes(later)
    with pytest.raises(BadReference, match="is gone or was changed") as caught:
        await store.load(picture)
    assert str(picture.path) in str(caught.value)


async def test_an_unknown_handle_is_named(store: PictureStore) -> None:
    with pytest.raises(BadReference, match="img_zzzzzzzzzz"):
        await store.resolve("me", "img_zzzzzzzzzz")


@pytest.mark.parametrize("url", ["http://127.0.0.1/fox.png", "http://localhost:1/", "http://169.254.169.254/"])
async def test_a_private_address_is_refused_before_it_is_known(store: PictureStore, url: str) -> None:
    with pytest.raises(Forbidden):
        await store.resolve("me", url)


async def test_a_file_outside_the_folders_is_refused(store: PictureStore, tmp_path: Path) -> None:
    (tmp_path / "secret.png").touch()
    with pytest.raises(Forbidden, match="LIGHTBOX_READ_DIRS"):
        await store.resolve("me", str(tmp_path / "secret.png"))


async def test_a_missing_file_is_named(store: PictureStore, tmp_path: Path) -> None:
    with pytest.raises(BadReference, match=r"nothing\.png does not exist"):
        await store.resolve("me", str(tmp_path / "given" / "nothing.png"))


@pytest.mark.parametrize("kind", ["folder", "pipe"])
async def test_what_is_no_ordinary_file_is_refused_at_once(store: PictureStore, tmp_path: Path, kind: str) -> None:
    place = tmp_path / "given" / "odd.png"
    if kind == "folder":
        place.mkdir()
    else:
        os.mkfifo(place)
    with anyio.fail_after(5), pytest.raises(BadReference):
        await store.resolve("me", str(place))


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"", "empty"),
        (b"<!doctype html>", "an HTML page"),
        (b"%PDF-1.7", "a PDF document"),
        (b"hello", "plain text"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "an SVG drawing"),
        (b"\x89PNG\r\n\x1a\n", "a broken PNG"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "a broken JPEG"),
    ],
)
async def test_a_file_that_is_no_picture_is_told_for_what_it_is(
    store: PictureStore, tmp_path: Path, data: bytes, name: str
) -> None:
    file = tmp_path / "given" / "fox.png"
    file.write_bytes(data)
    with pytest.raises(BadPicture, match=f"{name}") as caught:
        await store.resolve("me", str(file))
    assert str(file) in str(caught.value)


async def test_a_file_above_the_bound_is_refused(make_store: StoreMaker, painted: Painter, tmp_path: Path) -> None:
    file = tmp_path / "given" / "fox.bmp"
    (tmp_path / "given").mkdir()
    file.write_bytes(painted("BMP", (800, 800)))
    with pytest.raises(BadPicture, match="larger than 1 MB"):
        await make_store(max_bytes=1_000_000).resolve("me", str(file))


async def test_a_data_uri_above_the_bound_is_refused_unread(make_store: StoreMaker) -> None:
    with pytest.raises(BadReference, match="a data URI may hold 1 MB"):
        await make_store(max_bytes=1_000_000).resolve("me", "data:image/png;base64," + "?" * 2_000_000)


async def test_a_picture_of_100_megapixels_is_refused_by_name_undecoded(
    store: PictureStore, painted: Painter, tmp_path: Path
) -> None:
    file = tmp_path / "given" / "wall.png"
    bomb = bytearray(painted())
    bomb[16:24] = (10_000).to_bytes(4, "big") * 2
    file.write_bytes(bomb)
    with pytest.raises(BadPicture, match=r"wall\.png is 10000x10000 px \(100 megapixels\): at most 50"):
        await store.resolve("me", str(file))


async def test_nothing_of_what_users_give_can_be_read_by_others(
    store: PictureStore, painted: Painter, tmp_path: Path
) -> None:
    file = tmp_path / "given" / "fox.png"
    file.write_bytes(painted())
    await store.resolve("me", str(file))
    await store.close()
    assert (tmp_path / "state" / "pictures").stat().st_mode & 0o077 == 0


async def test_two_addresses_of_one_picture_both_keep_their_handles(
    store: PictureStore, host: Host, painted: Painter
) -> None:
    one, other = [await resolved(store, host.serve(path, painted())) for path in ("/a", "/b")]
    assert await store.load(one) == await store.load(other)
    assert one.handle != other.handle
    uri = "data:image/png;base64," + base64.b64encode(painted()).decode()
    assert (await resolved(store, uri)).handle == one.handle


@pytest.mark.parametrize(
    ("data", "extension", "mime_type"),
    [
        (b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>', ".svg", "image/svg+xml"),
        (b"\x89PNG\r\n\x1a\n cut off", ".png", "image/png"),
        (b"\xff\x0a a JPEG XL", ".bin", "application/octet-stream"),
    ],
)
async def test_what_was_paid_for_is_kept_whatever_it_is(
    store: PictureStore, data: bytes, extension: str, mime_type: str
) -> None:
    picture = await store.keep("me", data, prompt="a fox", provider="openai")
    assert picture.path is not None
    assert (picture.path.suffix, picture.path.read_bytes()) == (extension, data)
    opened, bytes_ = await store.open(await store.known("me", picture.handle))
    assert (opened.mime_type, bytes_) == (mime_type, data)


async def found(database: Database, *urls: str) -> list[str]:
    """Let a search find pictures, and give their handles."""
    hits = [hit for url in urls if (hit := as_hit("me", FoundHit(url=url)))]
    added = await database.write(partial(add_found, owner="me", hits=hits, provider="openai", now=MOMENT.timestamp()))
    return [hit.image for hit in added]


@pytest.mark.parametrize("form", ["a handle", "a resource", "the address"])
async def test_a_found_picture_is_used_from_the_first_call_that_names_it(
    database: Database, make_store: StoreMaker, form: str
) -> None:
    url = "https://example.com/fox.jpg"
    fox, owl = await found(database, url, f"{url}?owl")
    reference = {"a handle": fox, "a resource": f"lightbox://images/{fox}", "the address": url}[form]
    await make_store(clock=lambda: MOMENT).resolve("me", reference)
    await make_store().resolve("me", reference)
    rows = await database.read(partial(by_handles, owner="me", handles=[fox, owl]))
    assert [rows[handle].used_at for handle in (fox, owl)] == [MOMENT, None]


async def test_a_use_that_can_not_be_written_down_is_not_in_the_way(
    database: Database, make_store: StoreMaker, tmp_path: Path
) -> None:
    [fox] = await found(database, "https://example.com/fox.jpg")
    store = make_store()
    await resolved(store, "https://example.com/owl.jpg")
    other = sqlite3.connect(tmp_path / "state" / "lightbox.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with anyio.fail_after(5):
        assert (await store.known("me", fox)).handle == fox
    other.close()


async def test_a_fetched_picture_is_shown_although_the_database_is_held_by_another(
    make_store: StoreMaker, host: Host, painted: Painter, tmp_path: Path
) -> None:
    store = make_store()
    picture = await resolved(store, host.serve("/fox.png", painted()))
    other = sqlite3.connect(tmp_path / "state" / "lightbox.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with anyio.fail_after(5):
        assert await store.load(picture) == painted()
    other.close()
    assert (await store.known("me", picture.handle)).url == picture.url


@pytest.mark.usefixtures("either_database")
async def test_a_picture_that_was_paid_for_is_kept_although_its_caller_goes(
    store: PictureStore, database: Database, painted: Painter
) -> None:
    with anyio.CancelScope() as scope:
        scope.cancel()
        await store.keep("me", painted(), prompt="fox", provider="openai")
    [row] = await database.read(lambda connection: connection.execute(select(pictures)).mappings().all())
    picture = await store.known("me", row["handle"])
    assert (picture.prompt, await store.load(picture)) == ("fox", painted())


async def test_the_latest_unfinished_picture_of_a_job_can_be_seen_until_it_is_forgotten(store: PictureStore) -> None:
    assert await store.partial("job_a") is None
    async with anyio.create_task_group() as tasks:
        for shade in range(20):
            tasks.start_soon(store.save_partial, "job_a", bytes([shade]) * 1000)
    seen = await store.partial("job_a")
    assert seen is not None
    assert len(set(seen)) == 1
    await store.save_partial("job_a", b"the latest")
    assert await store.partial("job_a") == b"the latest"
    await store.forget_partial("job_a")
    await store.forget_partial("job_a")
    assert await store.partial("job_a") is None


async def test_an_unfinished_picture_that_can_not_be_kept_does_not_end_the_call(
    store: PictureStore, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "partials").touch()
    await store.save_partial("job_a", b"half a fox")
    assert await store.partial("job_a") is None
    assert "job_a could not be kept" in caplog.text
